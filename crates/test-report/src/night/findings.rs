//! What a night shows besides what moved: failures, flaky places, slower jobs, calibrations that end.

use std::collections::BTreeSet;

use bench_model::{Decimal, RunRecord, SessionStatus, StepResult, Timestamp, Verdict};
use metrology::Summary;
use metrology::comparison::{Scatter, one_more_value};

use super::morning::{CalibrationSoon, FailedPlace, FlakyPlace, MorningOptions, SlowerJob, judged};
use super::record::{JobMaterial, NightJob};
use crate::phrase::is_bad;
use crate::text::between;

/// Runs that are looked at for places that pass only sometimes, the newest.
const FLAKY_RUNS: usize = 10;
/// How often a verdict turns in them before its place is called flaky.
const FLAKY_TURNS: usize = 2;
/// Runs before that say how long one takes, at least.
const MIN_RUNS: usize = 3;
/// What is called slower is so by this part, at least: less is no news, however sure.
const SLOWER_PART: f64 = 0.1;
/// The scatter of durations, at least, in seconds: processes do not begin to the millisecond.
const LEAST_SCATTER_S: f64 = 0.05;
/// Milliseconds of a second.
const MS: f64 = 1_000.0;

/// What did not pass.
pub(super) fn failed(job: &NightJob, material: &JobMaterial) -> Vec<FailedPlace> {
    let last = material.before.last();
    let passed_last = |result: &StepResult| {
        let before = last.and_then(|run| run.results.iter().find(|own| own.place == result.place));
        before.is_some_and(|own| !is_bad(own.verdict))
    };
    let bad = material.runs.iter().flat_map(|run| &run.results);
    let bad = bad.filter(|result| is_bad(result.verdict));
    bad.map(|result| {
        let (actual, limit) = judged(result);
        FailedPlace {
            job: job.label.clone(),
            place: result.place.to_string(),
            verdict: result.verdict,
            actual,
            limit,
            reason: result.reason.clone(),
            is_new: passed_last(result),
        }
    })
    .collect()
}

/// What needed more than one attempt, and what passed and failed by turns in the last runs.
pub(super) fn flaky(job: &NightJob, material: &JobMaterial) -> Vec<FlakyPlace> {
    let mut found = Vec::new();
    let of = |place: &str, why: String| FlakyPlace {
        job: job.label.clone(),
        place: place.to_owned(),
        why,
    };
    for result in material.runs.iter().flat_map(|run| &run.results) {
        if result.attempts > 1 {
            let word = result.verdict.word();
            let why = format!("{word} at attempt {}", result.attempts);
            found.push(of(&result.place.to_string(), why));
        }
    }
    let all: Vec<&RunRecord> = material.before.iter().chain(&material.runs).collect();
    let latest = all.get(all.len().saturating_sub(FLAKY_RUNS)..).unwrap_or_default();
    let places: BTreeSet<String> = material
        .runs
        .iter()
        .flat_map(|run| &run.results)
        .map(|result| result.place.to_string())
        .collect();
    for place in places {
        let passed: Vec<bool> = latest.iter().filter_map(|run| passed(run, &place)).collect();
        let turns = passed.windows(2).filter(|pair| pair.first() != pair.last()).count();
        if turns >= FLAKY_TURNS {
            let bad = passed.iter().filter(|passed| !**passed).count();
            let why = format!("did not pass in {bad} of the last {} runs, by turns", passed.len());
            found.push(of(&place, why));
        }
    }
    found
}

fn passed(run: &RunRecord, place: &str) -> Option<bool> {
    let mut of = run.results.iter().filter(|result| result.place.to_string() == place);
    let judged = of
        .next_back()
        .filter(|result| !matches!(result.verdict, Verdict::Skip | Verdict::Recorded))?;
    Some(!is_bad(judged.verdict))
}

/// Whether a job took longer than its runs before it.
pub(super) fn slower(job: &NightJob, material: &JobMaterial, alpha: f64) -> Option<SlowerJob> {
    let before: Vec<Decimal> = material.before.iter().filter_map(took_ms).collect();
    let now: Vec<Decimal> = material.runs.iter().filter_map(took_ms).collect();
    if before.len() < MIN_RUNS {
        return None;
    }
    let (before, now) = (Summary::of(&before)?, Summary::of(&now)?);
    let (before_s, took_s) = (before.mean.to_f64() / MS, now.mean.to_f64() / MS);
    let n = u32::try_from(before.count).ok()?;
    let deviation = before.standard_deviation().map_or(0.0, |own| own.to_f64() / MS);
    let scatter = Scatter { count: n, deviation: deviation.max(LEAST_SCATTER_S) };
    let p = one_more_value(took_s - before_s, scatter)?.p;
    let is_slower = took_s > before_s * (1.0 + SLOWER_PART) && p < alpha;
    is_slower.then(|| SlowerJob { job: job.label.clone(), took_s, before_s, n, p })
}

/// How long a whole run took, in milliseconds.
fn took_ms(run: &RunRecord) -> Option<Decimal> {
    let is_whole = run.end.as_ref()?.status == SessionStatus::Completed;
    let took = between(run.started_at?, run.ended_at?);
    is_whole.then(|| took.as_millis().to_string().parse().ok()).flatten()
}

/// Calibrations of all instruments that end soon, the first first.
pub(super) fn calibration(
    pairs: &[(&NightJob, &JobMaterial)],
    now: Timestamp,
    options: MorningOptions,
) -> Vec<CalibrationSoon> {
    let runs = pairs.iter().flat_map(|(_, material)| &material.runs);
    let instruments = runs.flat_map(|run| &run.instruments);
    let found: BTreeSet<CalibrationSoon> = instruments
        .filter_map(|instrument| {
            let due = instrument.calibration.as_ref()?.due.clone()?;
            let days = days_until(&due, now)?;
            (i64::from(days) <= i64::from(options.calibration_within_days)).then(|| {
                let model = format!("{} {}", instrument.maker, instrument.model);
                CalibrationSoon { due, days, instrument: model, serial: instrument.serial.clone() }
            })
        })
        .collect();
    found.into_iter().collect()
}

/// Days from a time until a date, in UTC.
fn days_until(date: &str, now: Timestamp) -> Option<i32> {
    let midnight: Timestamp = format!("{date}T00:00:00Z").parse().ok()?;
    let today: Timestamp = format!("{}T00:00:00Z", now.strftime("%Y-%m-%d")).parse().ok()?;
    let hours = midnight.duration_since(today).as_hours();
    i32::try_from(hours / 24).ok()
}
