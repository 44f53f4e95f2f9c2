//! A session folded from its events: what reports, history and comparisons are made of.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::event::{
    InstrumentIdentity, Record, RunEvent, SafeState, SessionEnd, SessionStart, StepResult,
};
use crate::resumed::Resumed;
use crate::verdict::{Verdict, VerdictCounts};

/// A session as far as its events tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunRecord {
    /// How it began.
    pub start: Option<SessionStart>,
    /// When.
    pub started_at: Option<Timestamp>,
    /// The instruments that answered.
    pub instruments: Vec<InstrumentIdentity>,
    /// The results, in the order in which they were judged.
    pub results: Vec<StepResult>,
    /// How many came out how.
    pub counts: VerdictCounts,
    /// How many readings were taken.
    pub readings: u64,
    /// How many waveforms were captured.
    pub waveforms: u64,
    /// What people should know.
    pub warnings: Vec<String>,
    /// What the last safe state found.
    pub safe_state: Option<SafeState>,
    /// How it ended; none while it runs, or after a crash.
    pub end: Option<SessionEnd>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl RunRecord {
    /// Folds all events of a session.
    #[must_use]
    pub fn of(records: impl IntoIterator<Item = Record>) -> Self {
        let mut whole = Self::default();
        records.into_iter().for_each(|record| whole.apply(record));
        whole
    }

    /// Takes one more event.
    pub fn apply(&mut self, record: Record) {
        match record.event {
            RunEvent::SessionStarted(start) => {
                self.start = Some(*start);
                self.started_at = Some(record.at);
            }
            RunEvent::InstrumentIdentified(identity) => self.instruments.push(*identity),
            RunEvent::Reading(_) => self.readings += 1,
            RunEvent::Waveform(_) => self.waveforms += 1,
            RunEvent::Judged(result) => {
                self.counts.add(result.verdict);
                self.results.push(*result);
            }
            RunEvent::Warning { message } => self.warnings.push(message),
            RunEvent::SafeState(state) => self.safe_state = Some(state),
            RunEvent::SessionFinished(end) => {
                self.end = Some(end);
                self.ended_at = Some(record.at);
            }
            RunEvent::Resumed(resumed) => self.resume(&resumed),
            RunEvent::InstrumentStatus(_)
            | RunEvent::Prepared(_)
            | RunEvent::StepStarted { .. }
            | RunEvent::StepFinished { .. }
            | RunEvent::SettingApplied(_) => {}
        }
    }

    /// What is judged anew counts no more, and neither does the end.
    fn resume(&mut self, resumed: &Resumed) {
        let superseded: BTreeSet<_> = resumed.superseded.iter().collect();
        self.results.retain(|result| !superseded.contains(&result.id));
        self.counts = resumed.counts;
        (self.end, self.ended_at, self.safe_state) = (None, None, None);
    }

    /// The worst verdict so far.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.counts.worst()
    }
}
