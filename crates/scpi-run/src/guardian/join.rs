//! What the guardian did becomes a part of the run's record: its journal gets the end that the run could not write.

use std::path::Path;

use bench_model::{Record, RunEvent, RunRecord, SafeState, SessionEnd, SessionStatus, Verdict};
use run_journal::{JournalWriter, read_run};

use crate::failure::{Failure, Result};
use crate::guardian::report::{Deed, DeedEvent, read};

/// Joins the guardian's report to a journal that nobody writes any more and that has no end, after what was torn of
/// its last line. Whether there was something to join.
pub(crate) fn join(journal: &Path) -> Result<bool> {
    let deeds = read(journal);
    if deeds.is_empty() || read_run(journal).map_err(Failure::store)?.end.is_some() {
        return Ok(false);
    }
    let mut writer = JournalWriter::reopen(journal).map_err(Failure::store)?;
    // Nobody else can have joined it since: the journal is ours now.
    let run = read_run(journal).map_err(Failure::store)?;
    if run.end.is_some() {
        return Ok(false);
    }
    let events = events(&deeds, &run);
    for ((at, event), seq) in events.into_iter().zip(writer.last_seq() + 1..) {
        writer.append(&Record { seq, at, event }).map_err(Failure::store)?;
    }
    writer.sync().map_err(Failure::store)?;
    Ok(true)
}

type Dated = (bench_model::Timestamp, RunEvent);

/// Its deeds as the run's own events, and the end.
fn events(deeds: &[Deed], run: &RunRecord) -> Vec<Dated> {
    let mut events = Vec::new();
    let mut reason = String::new();
    let mut outputs_off = false;
    for Deed { at, event } in deeds {
        let event = match event {
            DeedEvent::Noticed { reason: noticed } => {
                reason.clone_from(noticed);
                RunEvent::Warning { message: format!("guardian: {noticed}") }
            }
            DeedEvent::Fenced { run } => RunEvent::Warning { message: format!("guardian: {run}") },
            DeedEvent::OffSent => {
                RunEvent::Warning { message: "guardian: every off command sent".to_owned() }
            }
            DeedEvent::SafeState(state) => {
                outputs_off = state.unconfirmed().next().is_none();
                let reason = format!("guardian: {}", state.reason);
                RunEvent::SafeState(SafeState { reason, ..state.clone() })
            }
        };
        events.push((*at, event));
    }
    let end = SessionEnd {
        status: SessionStatus::Aborted,
        verdict: run.verdict().filter(|verdict| *verdict != Verdict::Recorded),
        counts: run.counts,
        outputs_off,
        reason: Some(reason),
    };
    let last = events.last().map(|(at, _)| *at);
    events.extend(last.map(|at| (at, RunEvent::SessionFinished(end))));
    events
}
