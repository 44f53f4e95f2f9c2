//! What a run measured at one place, as one value with its scatter.

use bench_model::{Bound, Decimal, Limit, Quantity, RunRecord, StepResult, Unit, Verdict};
use metrology::Summary;
use metrology::comparison::Scatter;

/// The readings are averaged, so that their scatter is that of the value.
const MEAN: &str = "mean";

/// A value in base units, and how the readings behind it scatter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Level {
    pub(crate) place: String,
    /// The place without its point.
    pub(crate) path: String,
    pub(crate) value: Quantity,
    /// The unit in which it came: people are shown it in that.
    pub(crate) shown_in: Unit,
    /// Of the readings within this run; none of one reading.
    pub(crate) scatter: Option<Scatter>,
    pub(crate) verdict: Verdict,
    /// The limit's lower bound, in base units.
    pub(crate) low: Option<Decimal>,
    /// The limit's upper bound, in base units.
    pub(crate) high: Option<Decimal>,
}

/// The places of a run that have a number, in the order in which they were judged. What was skipped, or cut by an
/// error of the equipment, has none.
pub(crate) fn levels(run: &RunRecord) -> Vec<Level> {
    let mut groups: Vec<(String, Vec<&StepResult>)> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for result in run.results.iter().filter(|result| is_a_level(result)) {
        let place = result.place.to_string();
        let at = *known.entry(place.clone()).or_insert(groups.len());
        match groups.get_mut(at) {
            Some((_, group)) => group.push(result),
            None => groups.push((place, vec![result])),
        }
    }
    groups.into_iter().filter_map(|(place, group)| level(place, &group)).collect()
}

fn is_a_level(result: &StepResult) -> bool {
    !matches!(result.verdict, Verdict::Skip | Verdict::Error)
}

fn level(place: String, results: &[&StepResult]) -> Option<Level> {
    let number = |result: &&StepResult| result.actual.as_ref()?.quantity();
    let came: Vec<Quantity> = results.iter().filter_map(number).collect();
    let shown_in = came.first()?.unit.clone();
    let values: Vec<Quantity> = came.iter().filter_map(Quantity::to_base_unit).collect();
    let (first, last) = (results.first()?, results.last()?);
    let (value, scatter) = match values.as_slice() {
        [] => return None,
        [one] => (one.clone(), within(first)),
        several => of_several(several)?,
    };
    let (low, high) = last.limit.as_ref().map(bounds).unwrap_or_default();
    let path = last.place.path.clone();
    Some(Level { place, path, value, shown_in, scatter, verdict: last.verdict, low, high })
}

/// Each reading was judged by itself.
fn of_several(values: &[Quantity]) -> Option<(Quantity, Option<Scatter>)> {
    let unit = values.first()?.unit.clone();
    let numbers: Vec<Decimal> = values
        .iter()
        .filter(|value| value.unit.dimension() == unit.dimension())
        .map(|value| value.value.clone())
        .collect();
    let summary = Summary::of(&numbers)?;
    let scatter = Scatter {
        count: u32::try_from(summary.count).ok()?,
        deviation: summary.standard_deviation().map_or(0.0, |own| own.to_f64()),
    };
    let scatter = at_least_the_resolution(scatter, summary.minimum.exponent());
    Some((Quantity::new(summary.mean, unit), Some(scatter)))
}

/// As the result itself has it.
fn within(result: &StepResult) -> Option<Scatter> {
    if result.judged_on.as_deref().is_some_and(|of| of != MEAN) {
        return None;
    }
    let of = |name: &str| result.statistics.get(name);
    let count = of("count")?.value.to_plain_string().parse().ok()?;
    let deviation = of("sd")?.in_base()?.to_f64();
    let resolution = of("min").and_then(Quantity::in_base).map(|lowest| lowest.exponent());
    let scatter = Scatter { count, deviation };
    Some(resolution.map_or(scatter, |exponent| at_least_the_resolution(scatter, exponent)))
}

/// Readings that all show the same digits still scatter within the last of them: a rectangle of its width, whose
/// standard deviation is 1/√12 of it (GUM, 4.3.7).
pub(crate) fn at_least_the_resolution(scatter: Scatter, exponent: i32) -> Scatter {
    let last_digit = 10_f64.powi(exponent);
    Scatter { deviation: scatter.deviation.max(last_digit / 12_f64.sqrt()), ..scatter }
}

fn bounds(limit: &Limit) -> (Option<Decimal>, Option<Decimal>) {
    let Limit::Range { low, high, unit } = limit else { return (None, None) };
    let base = |bound: &Option<Bound>| unit.to_base(&bound.as_ref()?.value);
    (base(low), base(high))
}

impl Level {
    /// How far the limit's bounds are from each other, in base units.
    pub(crate) fn limit_width(&self) -> Option<Decimal> {
        self.high.as_ref()?.checked_sub(self.low.as_ref()?).ok()
    }
}
