//! The summary of a night: what a person reads in the morning, and a program is told.

use bench_model::{RunRecord, SessionStatus, Timestamp, VerdictCounts};

use super::findings;
use super::moves;
use super::record::{JobMaterial, JobState, Night, NightJob};
use super::words;
use crate::html::night_page;
use crate::look::Look;
use crate::phrase;
use crate::text::{between, clean};

/// The format of a summary that this version writes.
pub const MORNING_FORMAT: u32 = 1;

/// How a night is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MorningOptions {
    /// How often a night in which nothing moved may be flagged, all jobs and places together.
    pub alpha: f64,
    /// Calibrations that end within so many days are named.
    pub calibration_within_days: u32,
    /// The exit code that all of it comes to.
    pub exit: u8,
}

/// A night, summed up.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Morning {
    /// [`MORNING_FORMAT`] of the writer.
    pub format: u32,
    /// The sweep's name.
    pub sweep: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The parts that it is made of, where it is made of parts: `2/5`.
    pub shards: Vec<String>,
    /// The exit code that all of it comes to.
    pub exit: u8,
    /// How often a night in which nothing moved may be flagged.
    pub alpha: f64,
    /// What is to be said before all else: a night that was late, a database that was away.
    pub notes: Vec<String>,
    /// Every job, in order.
    pub jobs: Vec<MorningJob>,
    /// What did not pass.
    pub failed: Vec<FailedPlace>,
    /// What moved against its baseline, whether it passed or not.
    pub moved: Vec<MorningMove>,
    /// What took longer than it did.
    pub slower: Vec<SlowerJob>,
    /// Places that were not there before.
    pub new: Vec<OtherThan>,
    /// Places that are not there any more.
    pub gone: Vec<OtherThan>,
    /// What passes only sometimes.
    pub flaky: Vec<FlakyPlace>,
    /// Instruments that came, went, or are not what they were; other versions of plans and programs.
    pub changed: Vec<OtherThan>,
    /// Calibrations that end soon, or have ended.
    pub calibration: Vec<CalibrationSoon>,
    /// The nights before, the newest first.
    pub nights: Vec<NightLine>,
}

/// A job, summed up.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MorningJob {
    /// What it is.
    pub job: String,
    /// `PASS`, `FAIL`, `ERROR`, `INCONCLUSIVE`, `ABORTED`, `STOPPED`, `NOT BEGUN`, `NOTHING JUDGED`.
    pub outcome: String,
    /// Why, where the outcome alone does not say.
    pub why: Vec<String>,
    /// Its sessions.
    pub sessions: Vec<bench_model::SessionId>,
    /// How its results came out.
    pub counts: VerdictCounts,
    /// Whether every output was confirmed off at its end; none where nothing was switched on.
    pub outputs_off: Option<bool>,
    /// How long it took, in seconds.
    pub took_s: Option<f64>,
}

/// A result that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FailedPlace {
    /// Of which job.
    pub job: String,
    /// `rail/vout[vi=7 V]`.
    pub place: String,
    /// How it came out.
    pub verdict: bench_model::Verdict,
    /// What was judged.
    pub actual: String,
    /// By which limit.
    pub limit: String,
    /// Why.
    pub reason: Option<String>,
    /// Whether it passed when the job ran last.
    pub is_new: bool,
}

/// A place that moved.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MorningMove {
    /// Of which job.
    pub job: String,
    /// Against what: `baseline 'good'`.
    pub against: String,
    /// How many runs that is made of.
    pub runs: u64,
    /// Where.
    pub place: String,
    /// The value that it is held against.
    pub before: String,
    /// The value.
    pub after: String,
    /// The one less the other, with the interval that holds it with 95 %.
    pub shift: String,
    /// How many standard deviations that is.
    pub deviations: Option<f64>,
    /// How many values gave the standard deviation.
    pub n: Option<u32>,
    /// How often chance alone would show as much, of all places of its run together.
    pub p: f64,
    /// The shift as a part of the limit's width.
    pub of_limit: Option<f64>,
    /// How it came out by its limit.
    pub verdict: bench_model::Verdict,
}

/// A job that took longer.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SlowerJob {
    /// Which.
    pub job: String,
    /// How long it took, in seconds.
    pub took_s: f64,
    /// The mean of before, in seconds.
    pub before_s: f64,
    /// Of so many runs.
    pub n: u32,
    /// How often chance alone would show as much.
    pub p: f64,
}

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct OtherThan {
    /// Of which job.
    pub job: String,
    /// What.
    pub what: String,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// A place that passes only sometimes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FlakyPlace {
    /// Of which job.
    pub job: String,
    /// Where.
    pub place: String,
    /// How that is seen.
    pub why: String,
}

/// A calibration that ends soon.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct CalibrationSoon {
    /// `2026-11-30`.
    pub due: String,
    /// Days until then; below zero when it is over.
    pub days: i32,
    /// The instrument's model.
    pub instrument: String,
    /// Its serial number.
    pub serial: Option<String>,
}

/// A night before this one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NightLine {
    /// When it began.
    pub started_at: Timestamp,
    /// Its exit code; none of a night that was cut.
    pub exit: Option<u8>,
    /// Jobs.
    pub jobs: u64,
    /// Jobs that passed.
    pub passed: u64,
    /// Results that did not pass.
    pub failed: u64,
    /// Places that moved.
    pub moved: u64,
}

impl Morning {
    /// Sums a night up: `material` holds what is known of each of its jobs, `nights` those before, the newest first.
    #[must_use]
    pub fn of(
        night: &Night,
        material: &[JobMaterial],
        nights: Vec<NightLine>,
        options: MorningOptions,
    ) -> Self {
        let pairs: Vec<(&NightJob, &JobMaterial)> = night.jobs.iter().zip(material).collect();
        let mut own = Self {
            format: MORNING_FORMAT,
            sweep: night.sweep.clone(),
            started_at: night.started_at,
            ended_at: night.ended_at,
            shards: night.shard.iter().cloned().collect(),
            exit: options.exit,
            alpha: options.alpha,
            notes: night.notes.clone(),
            jobs: pairs.iter().map(|(job, material)| summed_up(job, material)).collect(),
            failed: Vec::new(),
            moved: Vec::new(),
            slower: Vec::new(),
            new: Vec::new(),
            gone: Vec::new(),
            flaky: Vec::new(),
            changed: Vec::new(),
            calibration: findings::calibration(&pairs, night.started_at, options),
            nights,
        };
        // Each run is one trial: together they are flagged as seldom as was asked for.
        let trials: usize = pairs.iter().map(|(_, material)| material.runs.len()).sum();
        let share = u32::try_from(trials.max(1))
            .map_or(options.alpha, |trials| options.alpha / f64::from(trials));
        for (job, material) in &pairs {
            own.failed.extend(findings::failed(job, material));
            own.flaky.extend(findings::flaky(job, material));
            own.slower.extend(findings::slower(job, material, share));
            moves::add(job, material, share, &mut own);
        }
        own
    }

    /// This night as a line of later ones.
    #[must_use]
    pub fn line(&self) -> NightLine {
        let count = crate::text::count;
        NightLine {
            started_at: self.started_at,
            exit: Some(self.exit),
            jobs: count(self.jobs.len()),
            passed: count(self.jobs.iter().filter(|job| job.outcome == "PASS").count()),
            failed: count(self.failed.len()),
            moved: count(self.moved.len()),
        }
    }

    /// For a screen.
    #[must_use]
    pub fn text(&self, look: Look) -> String {
        words::text(self, look)
    }

    /// A page of its own.
    #[must_use]
    pub fn html(&self) -> String {
        night_page(self)
    }

    /// For programs, as one JSON object.
    ///
    /// # Errors
    ///
    /// When a number has no JSON.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }
}

fn summed_up(job: &NightJob, material: &JobMaterial) -> MorningJob {
    let mut counts = VerdictCounts::default();
    for result in material.runs.iter().flat_map(|run| &run.results) {
        counts.add(result.verdict);
    }
    let mut why: Vec<String> = match &job.state {
        JobState::Stopped { why } | JobState::NotBegun { why } => vec![why.clone()],
        JobState::Waiting => vec!["its turn did not come: the night was cut".to_owned()],
        JobState::Running => vec!["the night was cut while it ran".to_owned()],
        JobState::Ended => Vec::new(),
    };
    why.extend(material.runs.iter().filter_map(end_reason));
    let is_open = why.is_empty() && !matches!(job.exit, Some(0 | 10 | 11));
    if is_open || material.runs.is_empty() {
        why.extend(job.said.iter().map(|line| clean(line)));
    }
    why.extend(material.notes.iter().cloned());
    MorningJob {
        job: job.label.clone(),
        outcome: outcome(job, &counts, &material.runs).to_owned(),
        why,
        sessions: job.sessions.clone(),
        counts,
        outputs_off: outputs_off(&material.runs),
        took_s: job.started_at.zip(job.ended_at).map(|(from, to)| between(from, to).as_secs_f64()),
    }
}

fn end_reason(run: &RunRecord) -> Option<String> {
    run.end.as_ref()?.reason.as_deref().map(clean)
}

fn outcome(job: &NightJob, counts: &VerdictCounts, runs: &[RunRecord]) -> &'static str {
    match (&job.state, job.exit) {
        (JobState::NotBegun { .. } | JobState::Waiting, _) => "NOT BEGUN",
        (JobState::Stopped { .. } | JobState::Running, _) => "STOPPED",
        (JobState::Ended, _) if runs.is_empty() => "NOT BEGUN",
        (JobState::Ended, Some(50)) => "ABORTED",
        (JobState::Ended, Some(0) | None) => {
            let completed = |run: &RunRecord| {
                run.end.as_ref().is_some_and(|end| end.status == SessionStatus::Completed)
            };
            match counts.worst() {
                Some(bench_model::Verdict::Pass) if runs.iter().all(completed) => "PASS",
                Some(worst) => worst.word(),
                None => "NOTHING JUDGED",
            }
        }
        (JobState::Ended, Some(10)) => "FAIL",
        (JobState::Ended, Some(11)) => "INCONCLUSIVE",
        (JobState::Ended, Some(_)) => "ERROR",
    }
}

/// None where no output can energise, or nothing says.
fn outputs_off(runs: &[RunRecord]) -> Option<bool> {
    let states: Vec<_> = runs.iter().filter_map(|run| run.safe_state.as_ref()).collect();
    let has_outputs = states.iter().any(|state| !state.outputs.is_empty());
    has_outputs.then(|| states.iter().all(|state| state.unconfirmed().next().is_none()))
}

/// What was judged, and by what.
pub(super) fn judged(result: &bench_model::StepResult) -> (String, String) {
    (phrase::reading(result, phrase::FULL_DIGITS), phrase::limit(result))
}
