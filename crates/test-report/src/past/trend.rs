//! One step over many runs.

use std::collections::BTreeMap;

use bench_model::{Analysis, Decimal, Quantity, RunRecord, SessionId, Timestamp, Unit, Verdict};
use metrology::Summary;
use metrology::comparison::{Scatter, Significance, one_more_value};

use super::changes::{Change, Circumstances};
use super::level::{Level, at_least_the_resolution, levels};
use super::trend_analyses;
use crate::html::trend_page;
use crate::look::Look;

/// What is another one in every run and explains no step of a curve.
const NOT_A_CAUSE: [&str; 3] = ["operator", "host", "partial"];

/// A step's values over runs, for each of its places.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Trend {
    /// The plan's name.
    pub plan: String,
    /// The step as it was asked for.
    pub step: String,
    /// How many runs have it.
    pub runs: usize,
    /// Its places, in the order in which the newest run has them.
    pub places: Vec<TrendPlace>,
    /// What else changed from one run to the next.
    pub changes: Vec<ChangedAt>,
}

/// Something that changed with a run.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ChangedAt {
    /// The first run with it.
    pub run: SessionId,
    /// When that began.
    pub at: Timestamp,
    /// What changed.
    pub change: Change,
}

/// One place over runs.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct TrendPlace {
    /// `rail/vout[vi=7 V]`.
    pub place: String,
    /// The unit in which people are shown it.
    pub unit: Unit,
    /// The values, the oldest first.
    pub spots: Vec<TrendSpot>,
    /// What they say together: capability, control chart, drift, change of level. Nothing of few runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub analyses: Vec<Analysis>,
}

/// The value of one run.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct TrendSpot {
    /// The run.
    pub run: SessionId,
    /// When it began.
    pub at: Timestamp,
    /// The DUT's serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dut: Option<String>,
    /// In base units.
    pub value: Quantity,
    /// How it came out.
    pub verdict: Verdict,
    /// The lower bound in force, in base units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Decimal>,
    /// The upper bound in force, in base units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Decimal>,
}

impl Trend {
    /// Takes the values of a step (`rail/vout`, or one of its places, `rail/vout[vi=7 V]`) out of runs of a plan.
    #[must_use]
    pub fn of(plan: &str, step: &str, runs: &[RunRecord]) -> Self {
        let mut runs: Vec<&RunRecord> = runs.iter().filter(|run| run.start.is_some()).collect();
        // Version 7 ids sort by time.
        runs.sort_by_key(|run| run.start.as_ref().map(|start| start.session));
        let mut places: Vec<TrendPlace> = Vec::new();
        let mut known = BTreeMap::new();
        let mut with_it = Vec::new();
        for run in runs {
            let of_step: Vec<_> = levels(run)
                .into_iter()
                .filter_map(|level| Some((spot(step, &level, run)?, level)))
                .collect();
            if !of_step.is_empty() {
                with_it.push(run);
            }
            for (spot, Level { place, shown_in, .. }) in of_step {
                let at = *known.entry(place.clone()).or_insert(places.len());
                match places.get_mut(at) {
                    Some(own) => own.spots.push(spot),
                    None => {
                        let (unit, spots) = (shown_in, vec![spot]);
                        places.push(TrendPlace { place, unit, spots, analyses: Vec::new() });
                    }
                }
            }
        }
        for place in &mut places {
            place.analyses = trend_analyses::analyses(place);
        }
        let changes = changes(&with_it);
        let (plan, step) = (plan.to_owned(), step.to_owned());
        Self { plan, step, runs: with_it.len(), places, changes }
    }

    /// For a screen: a plot of a single place, a line for each of several.
    #[must_use]
    pub fn text(&self, look: Look) -> String {
        super::trend_words::trend(self, look)
    }

    /// A page that opens offline, with a plot and a table for each place.
    #[must_use]
    pub fn html(&self) -> String {
        trend_page(self)
    }

    /// The plot of one place as an SVG file; none where the step has no place, or several.
    #[must_use]
    pub fn svg(&self) -> Option<String> {
        let [place] = self.places.as_slice() else { return None };
        crate::html::trend_picture(place)
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

fn spot(step: &str, level: &Level, run: &RunRecord) -> Option<TrendSpot> {
    let start = run.start.as_ref()?;
    if level.place != step && level.path != step {
        return None;
    }
    Some(TrendSpot {
        run: start.session,
        at: run.started_at?,
        dut: start.dut.serial.clone(),
        value: level.value.clone(),
        verdict: level.verdict,
        low: level.low.clone(),
        high: level.high.clone(),
    })
}

fn changes(runs: &[&RunRecord]) -> Vec<ChangedAt> {
    let circumstances: Vec<_> = runs.iter().map(|run| Circumstances::of(run)).collect();
    let pairs = circumstances.iter().zip(circumstances.iter().skip(1)).zip(runs.iter().skip(1));
    let changed = pairs.flat_map(|((before, after), run)| {
        let changes = before.changes(after).into_iter();
        let cause = changes.filter(|change| !NOT_A_CAUSE.contains(&change.what.as_str()));
        let first = run.start.as_ref().map(|start| start.session).zip(run.started_at);
        cause.filter_map(move |change| first.map(|(run, at)| ChangedAt { run, at, change }))
    });
    changed.collect()
}

impl TrendPlace {
    /// All values together.
    pub(crate) fn summary(&self) -> Option<Summary> {
        Summary::of(&self.numbers())
    }

    fn numbers(&self) -> Vec<Decimal> {
        self.spots.iter().map(|spot| spot.value.value.clone()).collect()
    }

    /// The last value against those before it: the shift in base units, how many standard deviations that is, and
    /// what it says.
    pub(crate) fn last_against_others(&self) -> Option<(Quantity, f64, Option<Significance>)> {
        let numbers = self.numbers();
        let (last, before) = numbers.split_last()?;
        let summary = Summary::of(before)?;
        let shift = last.checked_sub(&summary.mean).ok()?;
        let finest = before.iter().map(Decimal::exponent).min()?;
        let deviation = summary.standard_deviation()?.to_f64();
        let count = u32::try_from(summary.count).ok()?;
        let scatter = at_least_the_resolution(Scatter { count, deviation }, finest);
        let significance = one_more_value(shift.to_f64(), scatter);
        let deviations = shift.to_f64() / scatter.deviation;
        let unit = self.spots.last()?.value.unit.clone();
        Some((Quantity::new(shift, unit), deviations, significance))
    }

    /// A value in base units, as people are shown it.
    pub(crate) fn shown(&self, base: &Quantity, digits: u32) -> String {
        base.to_unit(&self.unit).as_ref().unwrap_or(base).for_display(digits)
    }
}
