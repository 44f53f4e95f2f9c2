//! What moved against a baseline, or where none was named against the runs before.

use bench_model::{RunRecord, SessionStatus, Timestamp};

use super::morning::{Morning, MorningMove, OtherThan};
use super::record::{JobMaterial, NightJob};
use crate::past::{Baseline, Check, Moved, words};
use crate::phrase::CALM_DIGITS;
use crate::text::count;

/// Runs before that a run is held against where no baseline is named, at least: fewer say nothing of their scatter.
const MIN_BEFORE: usize = 3;
/// At most: older ones belong to other times.
const MAX_BEFORE: usize = 30;

/// Holds the runs of a job against what there is, and adds what it finds.
pub(super) fn add(job: &NightJob, material: &JobMaterial, alpha: f64, morning: &mut Morning) {
    let Some((baseline, against)) = reference(material) else { return };
    for run in &material.runs {
        match baseline.check(run) {
            Ok(check) => add_check(job, &against, &check, alpha, morning),
            // A run that was cut says so elsewhere; what is wrong with a named baseline is said here.
            Err(error) if material.baseline.is_some() && is_whole(run) => {
                morning.notes.push(format!("{}: {error}", job.label));
            }
            Err(_) => {}
        }
    }
}

fn reference(material: &JobMaterial) -> Option<(Baseline, String)> {
    if let Some(named) = &material.baseline {
        return Some((named.clone(), format!("baseline '{}'", named.name)));
    }
    let whole: Vec<RunRecord> =
        material.before.iter().filter(|run| is_whole(run)).cloned().collect();
    let latest = whole.get(whole.len().saturating_sub(MAX_BEFORE)..)?;
    if latest.len() < MIN_BEFORE {
        return None;
    }
    let against = format!("the {} runs before", latest.len());
    let baseline = Baseline::of(&against, latest, Timestamp::UNIX_EPOCH, None).ok()?;
    Some((baseline, against))
}

fn is_whole(run: &RunRecord) -> bool {
    run.end.as_ref().is_some_and(|end| end.status == SessionStatus::Completed)
}

fn add_check(job: &NightJob, against: &str, check: &Check, alpha: f64, morning: &mut Morning) {
    let runs = count(check.baseline_runs);
    let moved = check.moved(alpha).into_iter();
    morning.moved.extend(moved.filter_map(|one| moved_place(job, against, runs, one)));
    let place = |what: &String, is_new: bool| OtherThan {
        job: job.label.clone(),
        what: what.clone(),
        before: (!is_new).then(|| against.to_owned()),
        after: None,
    };
    morning.new.extend(check.new.iter().map(|what| place(what, true)));
    morning.gone.extend(check.gone.iter().map(|what| place(what, false)));
    morning.changed.extend(check.changes.iter().filter(|change| tells(&change.what)).map(
        |change| OtherThan {
            job: job.label.clone(),
            what: change.what.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
        },
    ));
}

/// Who sat where is no news of a night.
fn tells(what: &str) -> bool {
    !matches!(what, "operator" | "host")
}

fn moved_place(job: &NightJob, against: &str, runs: u64, one: &Moved) -> Option<MorningMove> {
    Some(MorningMove {
        job: job.label.clone(),
        against: against.to_owned(),
        runs,
        place: one.place.clone(),
        before: words::shown(&one.before, one, CALM_DIGITS),
        after: words::shown(&one.after, one, CALM_DIGITS),
        shift: words::shift(one),
        deviations: one.deviations(),
        n: one.count,
        p: one.p_of_all?,
        of_limit: one.of_limit,
        verdict: one.verdict_after,
    })
}
