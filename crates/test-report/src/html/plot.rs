//! A leaf's results over its sweep, or its readings one after the other, as a diagram.

use std::collections::HashMap;

use bench_model::{Coordinate, Point, Quantity, StepResult};

use super::axis_unit::AxisUnit;
use super::chart::{Chart, Line};
use super::numbers::quantity;
use super::session::Readings;
use super::spots::{Heights, Spot, was_tried, widest_axis};
use crate::leaf::Leaf;
use crate::phrase::is_bad;
use crate::text::{count, counted};

/// Lines of one diagram, at most.
const MAX_LINES: usize = 12;
/// From so many readings on, a leaf without a sweep has a diagram of them.
pub(super) const MIN_READINGS: usize = 10;

/// The results of one combination of the other axes.
struct Series {
    name: String,
    spots: Vec<Spot>,
}

/// The diagram of a leaf, where it has a sweep or many readings.
pub(super) fn plot(leaf: &Leaf<'_>, readings: &Readings<'_>, id: String) -> Option<Chart> {
    let heights = Heights::of(&leaf.results)?;
    let mut chart = match widest_axis(&leaf.results) {
        Some(axis) => sweep(leaf, axis, &heights, readings)?,
        None => one_after_the_other(leaf, &heights, readings)?,
    };
    chart.id = id;
    chart.description = description(leaf, chart.lines.len());
    let has_points = chart.lines.iter().any(|line| !line.pieces.is_empty());
    has_points.then_some(chart)
}

fn sweep(leaf: &Leaf<'_>, axis: &str, heights: &Heights, readings: &Readings<'_>) -> Option<Chart> {
    let x_unit = leaf.results.iter().find_map(|result| result.place.point.get(axis))?;
    let mut series = series(leaf, axis, heights, readings);
    let left_out = keep_the_closest(&mut series);
    let spots = || series.iter().flat_map(|series| &series.spots);
    let x_unit = AxisUnit::of(&x_unit.unit, spots().map(|spot| spot.x));
    let y_unit = AxisUnit::of(&heights.unit, spots().flat_map(Spot::heights));
    let mut chart = Chart {
        title: format!("{} over {axis}", leaf.path),
        x_label: x_unit.label(axis),
        y_label: y_unit.label(&y_name(leaf, heights)),
        limits: limit_lines(&series, &x_unit, &y_unit),
        has_dots: true,
        remark: (left_out > 0)
            .then(|| format!("{left_out} more lines, further inside, are not drawn")),
        ..Chart::default()
    };
    series.into_iter().for_each(|series| add(&mut chart, series, &x_unit, &y_unit));
    Some(chart)
}

fn y_name(leaf: &Leaf<'_>, heights: &Heights) -> String {
    let name = leaf.path.rsplit('/').next().unwrap_or(leaf.path);
    if heights.from_middle {
        format!("{name} less the middle of its limits")
    } else {
        name.to_owned()
    }
}

/// One for each combination of the other axes, in their order.
fn series(leaf: &Leaf<'_>, axis: &str, heights: &Heights, readings: &Readings<'_>) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    let mut places = HashMap::new();
    for result in leaf.results.iter().filter(|result| was_tried(result)) {
        let point = &result.place.point;
        let Some(x) = point.get(axis).and_then(Quantity::in_base) else { continue };
        let spot = heights.spot(result, x.to_f64(), readings);
        let name = coordinates(&point.without(axis));
        match places.get(&name).and_then(|at: &usize| all.get_mut(*at)) {
            Some(series) => series.spots.push(spot),
            None => {
                places.insert(name.clone(), all.len());
                all.push(Series { name, spots: vec![spot] });
            }
        }
    }
    all
}

/// `vset = 5 V, iload = 1 A`.
pub(super) fn coordinates(point: &Point) -> String {
    let one =
        |Coordinate { axis, value }: &Coordinate| format!("{axis} = {}", quantity(value, None));
    point.0.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// `accuracy/vout at vset = 5 V, iload = 1 A`.
pub(super) fn place_in_words(result: &StepResult) -> String {
    let point = coordinates(&result.place.point);
    let at = if point.is_empty() { String::new() } else { format!(" at {point}") };
    format!("{}{at}", result.place.path)
}

/// Drops the lines that stay furthest inside their limits, and says how many those are.
fn keep_the_closest(series: &mut Vec<Series>) -> usize {
    let left_out = series.len().saturating_sub(MAX_LINES);
    if left_out > 0 {
        let room = |series: &Series| {
            series.spots.iter().filter_map(Spot::room).reduce(f64::min).unwrap_or(f64::MAX)
        };
        series.sort_by(|one, two| room(one).total_cmp(&room(two)));
        series.truncate(MAX_LINES);
    }
    left_out
}

fn add(chart: &mut Chart, series: Series, x_unit: &AxisUnit, y_unit: &AxisUnit) {
    let mut pieces = vec![Vec::new()];
    for spot in &series.spots {
        let x = x_unit.value(spot.x);
        chart.readings.extend(spot.readings.iter().map(|y| (x, y_unit.value(*y))));
        let Some(y) = spot.y.map(|y| y_unit.value(y)) else {
            chart.gaps.push(x);
            pieces.push(Vec::new());
            continue;
        };
        pieces.last_mut().into_iter().for_each(|piece| piece.push((x, y)));
        if spot.is_bad {
            chart.failures.push((x, y));
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    chart.lines.push(Line { name: series.name, pieces });
}

/// The bounds along each line; those that are the same for all, once.
fn limit_lines(series: &[Series], x_unit: &AxisUnit, y_unit: &AxisUnit) -> Vec<Vec<(f64, f64)>> {
    let mut lines: Vec<Vec<(f64, f64)>> = Vec::new();
    for side in [|spot: &Spot| spot.low, |spot: &Spot| spot.high] {
        for series in series {
            let bounds = series.spots.iter().filter_map(|spot| {
                side(spot).map(|bound| (x_unit.value(spot.x), y_unit.value(bound)))
            });
            let line: Vec<_> = bounds.collect();
            if !line.is_empty() && !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// Readings without a sweep, in the order in which they were taken.
fn one_after_the_other(
    leaf: &Leaf<'_>,
    heights: &Heights,
    readings: &Readings<'_>,
) -> Option<Chart> {
    let spots = leaf.results.iter().map(|result| heights.spot(result, 0.0, readings));
    let spots: Vec<Spot> = spots.collect();
    let taken: Vec<f64> = spots.iter().flat_map(|spot| spot.readings.iter().copied()).collect();
    if taken.len() < MIN_READINGS {
        return None;
    }
    let unit = AxisUnit::of(&heights.unit, spots.iter().flat_map(Spot::heights));
    let numbered: Vec<_> =
        (1_u32..).map(f64::from).zip(taken.iter().map(|y| unit.value(*y))).collect();
    let (first, last) = (numbered.first()?.0, numbered.last()?.0);
    let bounds = spots.first().into_iter().flat_map(|spot| [spot.low, spot.high]);
    let bounds = bounds.flatten().map(|bound| unit.value(bound));
    Some(Chart {
        title: format!("{}, reading by reading", leaf.path),
        x_label: "reading".to_owned(),
        y_label: unit.label(&y_name(leaf, heights)),
        limits: bounds.map(|bound| vec![(first, bound), (last, bound)]).collect(),
        lines: vec![Line { name: leaf.path.to_owned(), pieces: vec![numbered] }],
        has_dots: true,
        counts_across: true,
        ..Chart::default()
    })
}

fn description(leaf: &Leaf<'_>, lines: usize) -> String {
    let results = counted(count(leaf.results.len()), "result", "results");
    let lines = counted(count(lines), "line", "lines");
    let bad = leaf.results.iter().filter(|result| is_bad(result.verdict)).count();
    let bad = if bad == 0 {
        "all of them passed or have no limit".to_owned()
    } else {
        format!("{bad} did not pass")
    };
    format!("{results} in {lines}; {bad}. The table below has the numbers.")
}
