//! How the readings of one result, or the results of one step, are distributed: histograms with their limits.

mod classes;
mod spread;

use std::cmp::Reverse;
use std::fmt::{self, Formatter};

use bench_model::{Decimal, Quantity, Unit};

use super::axis_unit::AxisUnit;
use super::chart::{Chart, Line};
use super::scale::{can_draw, ends};
use super::session::Session;
use crate::leaf::leaves;
use classes::Classes;
use spread::Spread;

/// Histograms of one report, at most.
const MAX_HISTOGRAMS: usize = 12;
/// A limit is in the picture where it lies no more than this many times the room of the values away from them.
const MAX_LIMIT_SPANS: f64 = 4.0;

/// One for each step of many results and for each result of many readings: those that did not pass first.
pub(super) fn histograms(session: &Session<'_>) -> Vec<Chart> {
    let leaves = leaves(session.results.iter().copied());
    let of_steps = leaves.iter().filter_map(Spread::of_results);
    let results = session.results.iter();
    let of_readings = results.filter_map(|own| Spread::of_readings(own, &session.readings));
    let mut spreads: Vec<_> = of_steps.chain(of_readings).collect();
    spreads.sort_by_key(|spread| Reverse(spread.worst));
    spreads.iter().filter_map(chart).collect()
}

/// As many of them as a report holds.
pub(super) fn write(charts: Vec<Chart>, f: &mut Formatter<'_>) -> fmt::Result {
    let left_out = charts.len().saturating_sub(MAX_HISTOGRAMS);
    if !charts.is_empty() {
        f.write_str("<h3>How they are distributed</h3>\n")?;
    }
    for (number, chart) in charts.into_iter().take(MAX_HISTOGRAMS).enumerate() {
        Chart { id: format!("distribution-{number}"), ..chart }.write(f)?;
    }
    match left_out {
        0 => Ok(()),
        more => writeln!(f, "<p class=\"note\">{more} more histograms are left out.</p>"),
    }
}

fn chart(spread: &Spread) -> Option<Chart> {
    let middle = if spread.is_share { Decimal::zero() } else { middle(&spread.values)? };
    let from_middle = |value: &Decimal| value.checked_sub(&middle).ok().map(|value| value.to_f64());
    let values = spread.values.iter().filter_map(from_middle);
    let values: Vec<f64> = values.filter(|value| can_draw(*value)).collect();
    let (low, high) = ends(values.iter().copied())?;
    let classes = Classes::of(&values, low, high)?;
    let room = MAX_LIMIT_SPANS * (high - low);
    let is_near = |bound: &f64| *bound >= low - room && *bound <= high + room;
    let (near, far): (Vec<f64>, Vec<f64>) =
        spread.bounds.iter().filter_map(from_middle).partition(is_near);
    let unit = AxisUnit::of(&spread.unit, [low, high].iter().chain(&near).copied());
    let top = classes.tallest();
    let upright = |bound: &f64| vec![(unit.value(*bound), 0.0), (unit.value(*bound), top)];
    let outline = outline(&classes, &near).map(|(x, y)| (unit.value(x), y)).collect();
    let (name, of) = (&spread.name, spread.of);
    Some(Chart {
        title: format!("Distribution of {name}"),
        description: format!("Histogram of {} {of} in {} classes.", values.len(), classes.len()),
        x_label: unit.label(&x_name(spread, &middle)),
        y_label: of.to_owned(),
        limits: near.iter().map(upright).collect(),
        lines: vec![Line { name: name.clone(), pieces: vec![outline] }],
        remark: (!far.is_empty()).then(|| "a limit lies further out than is drawn".to_owned()),
        counts_across: true,
        is_filled: true,
        ..Chart::default()
    })
}

/// Drawn along the ground to the limits, so that these have room.
fn outline(classes: &Classes, bounds: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    let mut ground: Vec<(f64, f64)> = bounds.iter().map(|bound| (*bound, 0.0)).collect();
    ground.sort_by(|one, two| one.0.total_cmp(&two.0));
    let first = classes.low();
    let (before, after): (Vec<_>, Vec<_>) = ground.into_iter().partition(|point| point.0 < first);
    let after = after.into_iter().filter(|point| point.0 > classes.high());
    before.into_iter().chain(classes.outline().collect::<Vec<_>>()).chain(after.collect::<Vec<_>>())
}

fn x_name(spread: &Spread, middle: &Decimal) -> String {
    if spread.is_share {
        return format!("{}: way from the middle of its limits to their end", spread.name);
    }
    format!("{}, less {}", spread.name, shown(middle, &spread.unit))
}

/// What is subtracted before anything becomes a float: numbers of one kind agree in many digits.
fn middle(values: &[Decimal]) -> Option<Decimal> {
    let mut sorted: Vec<&Decimal> = values.iter().collect();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().cloned()
}

fn shown(middle: &Decimal, unit: &Unit) -> String {
    let base = Quantity::new(middle.clone(), Unit::base(unit.dimension()));
    super::numbers::quantity(&base, None)
}
