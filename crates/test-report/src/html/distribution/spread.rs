//! Numbers that belong together: the readings of one result, or the results of one step.

use bench_model::{Bound, Decimal, Limit, Measured, Quantity, Reading, StepResult, Unit, Verdict};

use crate::html::plot::place_in_words;
use crate::html::session::Readings;
use crate::html::spots::widest_axis;
use crate::leaf::Leaf;

/// Numbers from which on a histogram says something.
const MIN_VALUES: usize = 10;

/// What is shown in one histogram.
pub(super) struct Spread {
    pub(super) name: String,
    /// What one number is.
    pub(super) of: &'static str,
    /// In base units.
    pub(super) values: Vec<Decimal>,
    /// The bounds of its limit, in base units.
    pub(super) bounds: Vec<Decimal>,
    pub(super) unit: Unit,
    /// Whether a value is the share of the way from the middle of its limits to their end.
    pub(super) is_share: bool,
    pub(super) worst: Option<Verdict>,
}

impl Spread {
    /// The readings of one result. None where they are few.
    pub(super) fn of_readings(result: &StepResult, readings: &Readings<'_>) -> Option<Self> {
        let readings = readings.of(result);
        let values = readings.iter().filter_map(|reading| in_base(reading)).collect();
        let spread = Self {
            name: place_in_words(result),
            of: "readings",
            values,
            bounds: ends(result).into_iter().flatten().collect(),
            unit: readings.first()?.unit.clone(),
            is_share: false,
            worst: Some(result.verdict),
        };
        spread.if_many()
    }

    /// The results of one step: as they are where all have the same limits, as shares of their way to the limits where
    /// those move. None where they are few, or where only their setpoints would be seen.
    pub(super) fn of_results(leaf: &Leaf<'_>) -> Option<Self> {
        let measured: Vec<_> = leaf.results.iter().filter_map(|own| measured(own)).collect();
        let (first, actual, _) = measured.first()?;
        let limits = ends(first);
        let are_same = measured.iter().all(|(own, ..)| ends(own) == limits);
        let has_limits = limits.iter().any(Option::is_some);
        let is_share = !are_same;
        if are_same && !has_limits && !only_repeats(leaf) {
            return None;
        }
        let own = |(result, _, value): &(&StepResult, Quantity, Decimal)| {
            if is_share { share(result, value) } else { Some(value.clone()) }
        };
        let bounds = if is_share {
            vec![Decimal::from(-1), Decimal::from(1)]
        } else {
            limits.into_iter().flatten().collect()
        };
        let spread = Self {
            name: leaf.path.to_owned(),
            of: "results",
            values: measured.iter().filter_map(own).collect(),
            bounds,
            unit: if is_share { "%".parse().ok()? } else { actual.unit.clone() },
            is_share,
            worst: leaf.results.iter().map(|result| result.verdict).max(),
        };
        spread.if_many()
    }

    fn if_many(self) -> Option<Self> {
        (self.values.len() >= MIN_VALUES).then_some(self)
    }
}

fn in_base(reading: &Reading) -> Option<Decimal> {
    Quantity::new(reading.value.finite()?.clone(), reading.unit.clone()).in_base()
}

fn measured(result: &StepResult) -> Option<(&StepResult, Quantity, Decimal)> {
    let actual = result.actual.as_ref().and_then(Measured::quantity)?;
    let value = actual.in_base()?;
    Some((result, actual, value))
}

/// The lower and the upper bound, in base units.
fn ends(result: &StepResult) -> [Option<Decimal>; 2] {
    let Some(Limit::Range { low, high, unit }) = &result.limit else { return [None, None] };
    let in_base = |bound: &Bound| unit.to_base(&bound.value);
    [low, high].map(|bound| bound.as_ref().and_then(in_base))
}

/// From -1 at the lower bound to 1 at the upper.
fn share(result: &StepResult, value: &Decimal) -> Option<Decimal> {
    let [low, high] = ends(result);
    let (low, high) = (low?, high?);
    let twice = value.checked_mul(&Decimal::from(2)).ok()?;
    let from_middle = twice.checked_sub(&low).ok()?.checked_sub(&high).ok()?;
    from_middle.checked_div(&high.checked_sub(&low).ok()?).ok()
}

/// Whether nothing but a count or the time moved from result to result.
fn only_repeats(leaf: &Leaf<'_>) -> bool {
    let Some(axis) = widest_axis(&leaf.results) else { return true };
    let mut points = leaf.results.iter().map(|result| &result.place.point);
    let Some(first) = points.next() else { return true };
    let sets_nothing = |unit: &Unit| {
        let base = Unit::base(unit.dimension());
        matches!(base.symbol(), "" | "s")
    };
    let repeats = first.get(axis).is_some_and(|value| sets_nothing(&value.unit));
    repeats && points.all(|point| point.without(axis) == first.without(axis))
}
