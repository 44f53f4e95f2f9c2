//! A session that was cut and goes on: where, after which gap, and what of it is judged anew.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::event::{Record, RunEvent, SessionStatus};
use crate::ids::ResultId;
use crate::verdict::VerdictCounts;

/// A session that was cut goes on in the same record. What follows counts on its own: steps that always run are begun
/// again, and so is the one that was cut.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Resumed {
    /// The version that goes on.
    pub software: String,
    /// Who goes on.
    pub operator: Option<String>,
    /// On which host.
    pub host: Option<String>,
    /// The last event before the gap.
    pub cut_at: Timestamp,
    /// How the session had ended; none where it had not come to say so: a crash, a kill, a power cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<SessionStatus>,
    /// Why, in words.
    pub reason: String,
    /// The step at which it goes on; none where all of them were done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Whether it goes on within that step, at the point that was not judged yet.
    pub at_point: bool,
    /// Results that are judged anew and count no more: those of the setup, and of the step that was cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<ResultId>,
    /// How those that are kept came out.
    pub counts: VerdictCounts,
}

/// The records of a session as of one that was never cut: without the ends before a gap, and without the results that
/// were judged anew. Their readings stay.
#[must_use]
pub fn without_cuts(records: Vec<Record>) -> Vec<Record> {
    let resumed = records.iter().filter_map(|record| match &record.event {
        RunEvent::Resumed(resumed) => Some((record.seq, resumed.as_ref().clone())),
        _ => None,
    });
    let resumed: Vec<_> = resumed.collect();
    let Some(last) = resumed.last().map(|(seq, _)| *seq) else { return records };
    let superseded: BTreeSet<_> =
        resumed.iter().flat_map(|(_, resumed)| resumed.superseded.iter().copied()).collect();
    let is_kept = |record: &Record| match &record.event {
        RunEvent::Judged(result) => !superseded.contains(&result.id),
        RunEvent::SessionFinished(_) => record.seq > last,
        _ => true,
    };
    records.into_iter().filter(is_kept).collect()
}
