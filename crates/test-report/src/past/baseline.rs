//! Named runs to compare with: kept with their values, so that a baseline outlives journals and databases.

use std::collections::BTreeMap;

use bench_model::{Decimal, Quantity, RunRecord, SessionId, SessionStatus, Timestamp, Verdict};
use metrology::Summary;
use metrology::comparison::{Scatter, difference_of_means, one_more_value};

use super::changes::{Change, Circumstances};
use super::level::{Level, at_least_the_resolution, levels};
use super::moved::{Moved, weigh_all};
use super::words;
use crate::look::Look;

/// The format of a baseline that this version writes. Readers refuse a newer one.
pub const BASELINE_FORMAT: u32 = 1;

/// Runs of a baseline, at most.
const MAX_RUNS: usize = 1_000;

/// Runs that make no baseline, or a baseline that a run cannot be held against.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// No run.
    #[error("a baseline is made of one run or more")]
    NoRun,
    /// More runs than it can hold.
    #[error("{0} runs are too many for a baseline; at most {MAX_RUNS}")]
    TooManyRuns(usize),
    /// A run that says too little.
    #[error("run {run} {why}, so that it is no baseline")]
    NotWhole {
        /// Its id.
        run: String,
        /// What is missing.
        why: &'static str,
    },
    /// Runs of several plans, or simulated beside real ones.
    #[error("run {run} is of {found}, the ones before it are of {wanted}: a baseline is of one")]
    Mixed {
        /// The run that differs.
        run: String,
        /// Of what it is.
        found: String,
        /// Of what the others are.
        wanted: String,
    },
    /// A run of something else.
    #[error("the run is of {found}, the baseline of {wanted}: they cannot be compared")]
    OfAnother {
        /// Of what the run is.
        found: String,
        /// Of what the baseline is.
        wanted: String,
    },
    /// Written by a later version.
    #[error("the baseline has format {0}; this version reads formats up to {BASELINE_FORMAT}")]
    Newer(u32),
}

/// Named runs with what they measured.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Baseline {
    /// [`BASELINE_FORMAT`] of the writer.
    pub format: u32,
    /// Its name, unique among those of its plan.
    pub name: String,
    /// The plan's name.
    pub plan: String,
    /// Whether the runs were simulated.
    pub simulated: bool,
    /// The runs.
    pub runs: Vec<SessionId>,
    /// When it was set.
    pub set_at: Timestamp,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
    /// Under what the last of the runs was made.
    circumstances: Circumstances,
    places: BTreeMap<String, Kept>,
}

/// What the runs measured at one place.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Kept {
    /// One a run, in base units.
    values: Vec<Quantity>,
    /// How the readings within the last run scatter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<Within>,
}

#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Within {
    count: u32,
    deviation: f64,
}

impl Baseline {
    /// Takes the values of the runs. They are whole runs of one plan, which ran to their end, all simulated or none.
    ///
    /// # Errors
    ///
    /// When they are not.
    pub fn of(
        name: &str,
        runs: &[RunRecord],
        set_at: Timestamp,
        set_by: Option<String>,
    ) -> Result<Self, BaselineError> {
        if runs.len() > MAX_RUNS {
            return Err(BaselineError::TooManyRuns(runs.len()));
        }
        let first = runs.first().ok_or(BaselineError::NoRun)?;
        let (plan, simulated) = kind(first)?;
        let mut own = Self {
            format: BASELINE_FORMAT,
            name: name.to_owned(),
            plan,
            simulated,
            runs: Vec::new(),
            set_at,
            set_by,
            circumstances: Circumstances::default(),
            places: BTreeMap::new(),
        };
        runs.iter().try_for_each(|run| own.take(run))?;
        Ok(own)
    }

    fn take(&mut self, run: &RunRecord) -> Result<(), BaselineError> {
        let found = kind(run)?;
        let wanted = (self.plan.clone(), self.simulated);
        if found != wanted {
            let (run, found, wanted) = (words::id(run), of_kind(&found), of_kind(&wanted));
            return Err(BaselineError::Mixed { run, found, wanted });
        }
        self.runs.extend(run.start.as_ref().map(|start| start.session));
        self.circumstances = Circumstances::of(run);
        for Level { place, value, scatter, .. } in levels(run) {
            let kept = self.places.entry(place);
            let kept = kept.or_insert_with(|| Kept { values: Vec::new(), within: None });
            kept.values.push(value);
            kept.within = scatter.map(|Scatter { count, deviation }| Within { count, deviation });
        }
        Ok(())
    }

    /// Holds a run against it.
    ///
    /// With several runs, a value is held against their scatter from run to run, by the interval that predicts one
    /// more; with a single run, against the scatter of the readings within the two (Welch), which knows nothing of
    /// what changes from run to run.
    ///
    /// # Errors
    ///
    /// When the run is of another plan, or simulated where the baseline is not.
    pub fn check(&self, run: &RunRecord) -> Result<Check, BaselineError> {
        if self.format > BASELINE_FORMAT {
            return Err(BaselineError::Newer(self.format));
        }
        let found = kind(run)?;
        let wanted = (self.plan.clone(), self.simulated);
        if found != wanted {
            let (found, wanted) = (of_kind(&found), of_kind(&wanted));
            return Err(BaselineError::OfAnother { found, wanted });
        }
        let levels = levels(run);
        let held = |level: &Level| self.places.get(&level.place)?.hold(level);
        let mut places: Vec<Moved> = levels.iter().filter_map(held).collect();
        weigh_all(&mut places);
        let is_known = |level: &&Level| self.places.contains_key(&level.place);
        let seen: std::collections::BTreeSet<_> =
            levels.iter().map(|level| level.place.as_str()).collect();
        Ok(Check {
            baseline: self.name.clone(),
            baseline_runs: self.runs.len(),
            run: words::run(run),
            verdict: run.verdict(),
            changes: self.circumstances.changes(&Circumstances::of(run)),
            places,
            new: levels
                .iter()
                .filter(|level| !is_known(level))
                .map(|own| own.place.clone())
                .collect(),
            gone: self.places.keys().filter(|own| !seen.contains(own.as_str())).cloned().collect(),
        })
    }

    /// How many places it has values of.
    #[must_use]
    pub fn places(&self) -> usize {
        self.places.len()
    }
}

impl Kept {
    fn hold(&self, level: &Level) -> Option<Moved> {
        let numbers: Vec<Decimal> = self.values.iter().filter_map(Quantity::in_base).collect();
        let summary = Summary::of(&numbers)?;
        let unit = self.values.first()?.unit.clone();
        let moved = Moved::of(Quantity::new(summary.mean.clone(), unit), level)?;
        let difference = moved.shift.value.to_f64();
        if let Some(deviation) = summary.standard_deviation() {
            let count = u32::try_from(summary.count).ok()?;
            let scatter = Scatter { count, deviation: deviation.to_f64() };
            let finest = numbers.iter().map(Decimal::exponent).min()?;
            let scatter = at_least_the_resolution(scatter, finest);
            let significance = one_more_value(difference, scatter);
            return Some(moved.held_against(scatter.deviation, count, significance));
        }
        let within = self.within.map(|Within { count, deviation }| Scatter { count, deviation });
        let Some((one, other)) = within.zip(level.scatter) else { return Some(moved) };
        let significance = difference_of_means(difference, one, other);
        Some(moved.held_against(one.deviation, one.count, significance))
    }
}

/// The plan, and whether it was simulated.
fn kind(run: &RunRecord) -> Result<(String, bool), BaselineError> {
    let not_whole = |why| BaselineError::NotWhole { run: words::id(run), why };
    let start = run.start.as_ref().ok_or_else(|| not_whole("has no start"))?;
    let end = run.end.as_ref().ok_or_else(|| not_whole("has no end"))?;
    if end.status != SessionStatus::Completed {
        return Err(not_whole("did not run to its end"));
    }
    Ok((start.plan.name.clone(), start.simulated))
}

fn of_kind((plan, simulated): &(String, bool)) -> String {
    format!("plan '{plan}'{}", if *simulated { ", simulated" } else { "" })
}

/// A run held against a baseline.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Check {
    /// The baseline's name.
    pub baseline: String,
    /// Of how many runs it is.
    pub baseline_runs: usize,
    /// The run, in words.
    pub run: String,
    /// How the run came out by its limits.
    pub verdict: Option<Verdict>,
    /// What else is different from the baseline's last run.
    pub changes: Vec<Change>,
    /// Every place that both have a number of.
    pub places: Vec<Moved>,
    /// Places that the baseline has not.
    pub new: Vec<String>,
    /// Places that the run has not.
    pub gone: Vec<String>,
}

impl Check {
    /// The places that moved, the surest first; `alpha` as in [`Moved::is_beyond`].
    #[must_use]
    pub fn moved(&self, alpha: f64) -> Vec<&Moved> {
        let mut moved: Vec<_> = self.places.iter().filter(|one| one.is_beyond(alpha)).collect();
        moved.sort_by(|one, other| {
            let of = |own: &Moved| own.p.unwrap_or(1.0);
            of(one).total_cmp(&of(other))
        });
        moved
    }

    /// For a screen: the outcome first.
    #[must_use]
    pub fn text(&self, alpha: f64, look: Look) -> String {
        words::check(self, alpha, look)
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
