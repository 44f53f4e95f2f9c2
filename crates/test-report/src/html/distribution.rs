//! How the readings of one result are distributed, as a histogram beside its limits.

use std::fmt::{self, Formatter};

use bench_model::{Bound, Decimal, Limit, Quantity, Reading, StepResult, Unit};

use super::axis_unit::AxisUnit;
use super::chart::{Chart, Line};
use super::plot::place_in_words;
use super::scale::{can_draw, ends};
use super::session::Session;

/// Readings of one result from which on a histogram says something.
const MIN_READINGS: usize = 10;
/// Histograms of one report, at most.
const MAX_HISTOGRAMS: usize = 12;
/// Classes of a histogram, at least and at most.
const CLASSES: (u32, u32) = (5, 30);

/// One for each result of many readings: those that did not pass first, as many as a report holds.
pub(super) fn distributions(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let mut meant: Vec<&StepResult> = session.results.clone();
    meant.retain(|result| session.readings.of(result).len() >= MIN_READINGS);
    meant.sort_by_key(|result| std::cmp::Reverse(result.verdict));
    let charts = meant.iter().filter_map(|result| chart(result, session.readings.of(result)));
    for (number, chart) in charts.take(MAX_HISTOGRAMS).enumerate() {
        Chart { id: format!("distribution-{number}"), ..chart }.write(f)?;
    }
    match meant.len().saturating_sub(MAX_HISTOGRAMS) {
        0 => Ok(()),
        more => {
            writeln!(f, "<p class=\"note\">Histograms of {more} more results are left out.</p>")
        }
    }
}

fn chart(result: &StepResult, readings: &[&Reading]) -> Option<Chart> {
    let exact: Vec<_> = readings.iter().filter_map(|reading| in_base(reading)).collect();
    let middle = middle(&exact)?;
    let from_middle = |value: &Decimal| value.checked_sub(&middle).ok().map(|value| value.to_f64());
    let values: Vec<f64> =
        exact.iter().filter_map(from_middle).filter(|it| can_draw(*it)).collect();
    let (low, high) = ends(values.iter().copied())?;
    let unit = AxisUnit::of(&readings.first()?.unit, [low, high].into_iter());
    let classes = Classes::of(&values, low, high)?;
    let bounds = bounds(result).into_iter().filter_map(|bound| from_middle(&bound));
    let bounds = bounds.filter(|bound| (low..=high).contains(bound));
    let top = classes.tallest();
    let upright = |bound: f64| vec![(unit.value(bound), 0.0), (unit.value(bound), top)];
    let outline = classes.outline().map(|(x, y)| (unit.value(x), y)).collect();
    let name = place_in_words(result);
    Some(Chart {
        title: format!("Distribution of {name}"),
        description: format!(
            "Histogram of {} readings in {} classes.",
            values.len(),
            classes.len()
        ),
        x_label: unit.label(&format!("{name}, less {}", shown(&middle, &readings.first()?.unit))),
        y_label: "readings".to_owned(),
        limits: bounds.map(upright).collect(),
        lines: vec![Line { name, pieces: vec![outline] }],
        ..Chart::default()
    })
}

fn in_base(reading: &Reading) -> Option<Decimal> {
    Quantity::new(reading.value.finite()?.clone(), reading.unit.clone()).in_base()
}

/// What is subtracted before anything becomes a float: readings agree in many digits.
fn middle(values: &[Decimal]) -> Option<Decimal> {
    let mut sorted: Vec<&Decimal> = values.iter().collect();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().cloned()
}

fn shown(middle: &Decimal, unit: &Unit) -> String {
    let base = Quantity::new(middle.clone(), Unit::base(unit.dimension()));
    super::numbers::quantity(&base, None)
}

/// The bounds of its limit, in base units.
fn bounds(result: &StepResult) -> Vec<Decimal> {
    let Some(Limit::Range { low, high, unit }) = &result.limit else { return Vec::new() };
    let in_base = |bound: &Bound| unit.to_base(&bound.value);
    [low, high].into_iter().flatten().filter_map(in_base).collect()
}

/// Classes of the same width, and how many values lie in each.
struct Classes {
    low: f64,
    width: f64,
    counts: Vec<u32>,
}

impl Classes {
    /// As many as the square root of how many values there are. None where all are the same.
    fn of(values: &[f64], low: f64, high: f64) -> Option<Self> {
        let classes = (CLASSES.0..CLASSES.1)
            .find(|classes| u64::from(*classes).pow(2) >= crate::text::count(values.len()))
            .unwrap_or(CLASSES.1);
        let width = (high - low) / f64::from(classes);
        if width.is_nan() || width <= 0.0 {
            return None;
        }
        let mut counts = vec![0_u32; usize::try_from(classes).ok()?];
        for value in values {
            // The highest value lies on the end of the last class, and belongs to it.
            let upper = (1..classes).take_while(|class| low + f64::from(*class) * width <= *value);
            counts.get_mut(upper.count()).into_iter().for_each(|count| *count += 1);
        }
        Some(Self { low, width, counts })
    }

    fn len(&self) -> usize {
        self.counts.len()
    }

    fn tallest(&self) -> f64 {
        self.counts.iter().copied().max().map_or(0.0, f64::from)
    }

    /// Up, across and down again for each class.
    fn outline(&self) -> impl Iterator<Item = (f64, f64)> {
        let steps = (0_u32..).map(f64::from).zip(&self.counts);
        steps.flat_map(|(class, count)| {
            let (from, to) = (self.low + class * self.width, self.low + (class + 1.0) * self.width);
            let height = f64::from(*count);
            [(from, 0.0), (from, height), (to, height), (to, 0.0)]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_one_class() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let classes = Classes::of(&values, 0.0, 99.0).unwrap();
        assert_eq!(classes.counts, [10; 10]);
        let outline: Vec<_> = classes.outline().collect();
        assert_eq!((outline.len(), outline[0], outline[39]), (40, (0.0, 0.0), (99.0, 0.0)));
        assert!(Classes::of(&[1.0; 20], 1.0, 1.0).is_none(), "nothing is spread");
        let many = Classes::of(&values.repeat(100), 0.0, 99.0).unwrap();
        assert_eq!((many.len(), many.counts.iter().sum::<u32>()), (30, 10_000));
    }
}
