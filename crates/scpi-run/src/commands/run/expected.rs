//! How long a run will take: as long as the last one like it, else as long as its plan says.

use std::time::Duration;

use bench_model::{RunEvent, SessionStart, SessionStatus};
use run_journal::{JournalFile, JournalReader, Position, read_run};
use test_plan::Schedule;

use crate::environment;

/// Journals that are looked at, at most: the newest.
const MAX_JOURNALS: usize = 20;
/// Bytes of a journal that is read whole, at most.
const MAX_BYTES: u64 = 4 << 20;
/// Cycles of the power line in a second, where the bench is not asked: the slower of the two.
const LINE_FREQUENCY_HZ: u32 = 50;

/// Nothing for a run that goes on where another ended, and for one that needs no time by its plan.
pub(super) fn time(start: &SessionStart, goes_on: bool, schedule: &Schedule) -> Option<Duration> {
    if goes_on {
        return None;
    }
    let estimate = || Some(schedule.estimate(LINE_FREQUENCY_HZ).total());
    as_before(start).or_else(estimate).filter(|time| !time.is_zero())
}

/// A journal that cannot be read says nothing of this run; `history` tells of it.
fn as_before(start: &SessionStart) -> Option<Duration> {
    let journals = environment::journal_folder().ok()?.list().ok()?;
    let newest = journals.into_iter().take(MAX_JOURNALS);
    newest.filter(|file| is_like(file, start)).find_map(|file| took(&file))
}

/// The same plan, the same part of it, on as real a bench.
fn is_like(file: &JournalFile, start: &SessionStart) -> bool {
    let begun = || {
        let entry = JournalReader::open(&file.path, Position::START).ok()?.next().ok()??;
        match entry.record.event {
            RunEvent::SessionStarted(begun) => Some(begun),
            _ => None,
        }
    };
    begun().is_some_and(|begun| {
        begun.plan.sha256 == start.plan.sha256
            && begun.planned_results == start.planned_results
            && begun.simulated == start.simulated
    })
}

/// From its start to its end; nothing where it has none.
fn took(file: &JournalFile) -> Option<Duration> {
    if std::fs::metadata(&file.path).ok()?.len() > MAX_BYTES {
        return None;
    }
    let run = read_run(&file.path).ok()?;
    let is_whole = run.end.as_ref().is_some_and(|end| end.status == SessionStatus::Completed);
    let (begun, ended) = run.started_at.zip(run.ended_at).filter(|_| is_whole)?;
    Duration::try_from(ended.duration_since(begun)).ok()
}
