//! Results as points of a diagram, in base units: exact until they become floats.

use std::collections::HashSet;

use bench_model::{Bound, Decimal, Limit, Measured, Quantity, StepResult, Unit, Value, Verdict};

use super::scale::can_draw;
use super::session::Readings;
use crate::phrase::is_bad;

/// One result where it is drawn.
pub(super) struct Spot {
    pub(super) x: f64,
    /// What was judged; none where there is no number.
    pub(super) y: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    /// The readings behind it, where there are several.
    pub(super) readings: Vec<f64>,
    pub(super) is_bad: bool,
}

impl Spot {
    /// All that is drawn of it.
    pub(super) fn heights(&self) -> impl Iterator<Item = f64> {
        let one = [self.y, self.low, self.high].into_iter().flatten();
        one.chain(self.readings.iter().copied())
    }

    /// How near it comes to a bound: 0 on it, below 0 beyond it.
    pub(super) fn room(&self) -> Option<f64> {
        let below = self.high.zip(self.y).map(|(high, y)| high - y);
        let above = self.low.zip(self.y).map(|(low, y)| y - low);
        below.into_iter().chain(above).reduce(f64::min)
    }
}

/// How results of one leaf are drawn.
pub(super) struct Heights {
    /// Of all of them.
    pub(super) unit: Unit,
    /// Whether they are drawn by how far they lie from the middle of their limits, because those move.
    pub(super) from_middle: bool,
}

impl Heights {
    /// None where no result has a number.
    pub(super) fn of(results: &[&StepResult]) -> Option<Self> {
        let unit = results.iter().find_map(|result| unit_of(result))?;
        let from_middle = limits_move(results);
        Some(Self { unit, from_middle })
    }

    /// A result at its place on the other axis.
    pub(super) fn spot(&self, result: &StepResult, x: f64, readings: &Readings<'_>) -> Spot {
        let middle = if self.from_middle { middle(result) } else { None };
        let lacks_middle = self.from_middle && middle.is_none();
        let height = |value: Option<Decimal>| {
            let height = value.filter(|_| !lacks_middle)?;
            let height = match &middle {
                Some(middle) => height.checked_sub(middle).ok()?,
                None => height,
            };
            Some(height.to_f64()).filter(|height| can_draw(*height))
        };
        let (low, high) = bounds(result);
        let actual = result.actual.as_ref().and_then(Measured::quantity);
        let several = readings.of(result).iter().filter(|_| result.readings.len() > 1);
        Spot {
            x,
            y: height(actual.and_then(|actual| self.in_base(&actual))),
            low: height(low),
            high: height(high),
            readings: several
                .filter_map(|one| height(self.reading(&one.value, &one.unit)))
                .collect(),
            is_bad: is_bad(result.verdict),
        }
    }

    fn reading(&self, value: &Value, unit: &Unit) -> Option<Decimal> {
        self.in_base(&Quantity::new(value.finite()?.clone(), unit.clone()))
    }

    fn in_base(&self, quantity: &Quantity) -> Option<Decimal> {
        let is_same = quantity.unit.dimension() == self.unit.dimension();
        quantity.in_base().filter(|_| is_same)
    }
}

fn unit_of(result: &StepResult) -> Option<Unit> {
    match &result.limit {
        Some(Limit::Range { unit, .. } | Limit::OneOf { unit, .. }) => Some(unit.clone()),
        _ => result.actual.as_ref()?.quantity().map(|quantity| quantity.unit),
    }
}

/// In base units.
fn bounds(result: &StepResult) -> (Option<Decimal>, Option<Decimal>) {
    let Some(Limit::Range { low, high, unit }) = &result.limit else { return (None, None) };
    let in_base = |bound: &Bound| unit.to_base(&bound.value);
    (low.as_ref().and_then(in_base), high.as_ref().and_then(in_base))
}

fn middle(result: &StepResult) -> Option<Decimal> {
    let (low, high) = bounds(result);
    low?.checked_add(&high?).ok()?.checked_div(&Decimal::from(2)).ok()
}

/// Whether every limit has two bounds, but not all the same middle.
fn limits_move(results: &[&StepResult]) -> bool {
    let limited = results.iter().filter(|result| matches!(result.limit, Some(Limit::Range { .. })));
    let Some(middles) = limited.map(|result| middle(result)).collect::<Option<Vec<_>>>() else {
        return false;
    };
    middles.windows(2).any(|pair| pair.first() != pair.last())
}

/// The axis with the most values, the first of equals. None where nothing moves.
pub(super) fn widest_axis<'r>(results: &[&'r StepResult]) -> Option<&'r str> {
    let mut axes: Vec<(&str, HashSet<String>)> = Vec::new();
    for coordinate in results.iter().flat_map(|result| &result.place.point.0) {
        let value = coordinate.value.in_base().map(|v| v.without_trailing_zeros().to_string());
        let name = coordinate.axis.as_str();
        match axes.iter_mut().find(|(axis, _)| *axis == name) {
            Some((_, values)) => values.extend(value),
            None => axes.push((name, value.into_iter().collect())),
        }
    }
    let moving = axes.into_iter().filter(|(_, values)| values.len() > 1);
    // The last of equals would win.
    moving.rev().max_by_key(|(_, values)| values.len()).map(|(axis, _)| axis)
}

/// Whether there was something to measure.
pub(super) fn was_tried(result: &StepResult) -> bool {
    result.verdict != Verdict::Skip
}
