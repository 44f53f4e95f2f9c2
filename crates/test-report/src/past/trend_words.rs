//! A trend on a screen.

use bench_model::{Decimal, Quantity, Timestamp, Verdict};

use super::changes::Change;
use super::trend::{ChangedAt, Trend, TrendPlace, TrendSpot};
use super::words::deviations;
use crate::analysed;
use crate::look::{Look, columns, wrapped};
use crate::phrase::{self, CALM_DIGITS};
use crate::table::{self, Row};
use crate::text::{clean, count, counted};

/// Rows of a plot.
const PLOT_ROWS: usize = 13;
/// Columns of a plot, at most and at least.
const MAX_PLOT_COLUMNS: usize = 100;
const MIN_PLOT_COLUMNS: usize = 10;
/// Letters of a line of bars, at most.
const MAX_BARS: usize = 30;
/// Places of a step that are listed, at most.
const MAX_PLACES: usize = 60;
/// Changes that are listed, at most.
const MAX_CHANGES: usize = 12;
/// Limits are in the picture where they take no more than this many times the room of the values.
const MAX_LIMIT_SPANS: f64 = 8.0;
/// Significant digits of a spread.
const SPREAD_DIGITS: u32 = 3;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The whole.
pub(super) fn trend(own: &Trend, look: Look) -> String {
    let runs = counted(count(own.runs), "run", "runs");
    let head = format!("{} · {} · {runs}{}", clean(&own.plan), clean(&own.step), period(own));
    let mut lines = vec![look.heading(&head)];
    match own.places.as_slice() {
        [] => lines.push("  no run has a number there".to_owned()),
        [place] => lines.extend(plot(place, look).into_iter().chain(facts(place, look))),
        places => lines.extend(list(places, look)),
    }
    lines.extend(own.changes.iter().take(MAX_CHANGES).map(|change| changed(change, look)));
    if let more @ 1.. = own.changes.len().saturating_sub(MAX_CHANGES) {
        lines.push(format!("  and {more} more changes"));
    }
    wrapped(&lines, look).iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// ` from 2026-01-02 to 2026-02-01`.
fn period(own: &Trend) -> String {
    let all = || own.places.iter().flat_map(|place| place.spots.iter().map(|spot| spot.at));
    match all().min().zip(all().max()) {
        Some((first, last)) if own.runs > 1 => format!(" from {} to {}", day(first), day(last)),
        _ => String::new(),
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn changed(own: &ChangedAt, look: Look) -> String {
    let side = |text: &Option<String>| text.as_deref().map_or_else(|| "nothing".to_owned(), clean);
    let Change { what, before, after } = &own.change;
    format!(
        "  {} {}: {} {} → {}",
        look.notable("changed"),
        day(own.at),
        clean(what),
        side(before),
        side(after)
    )
}

/// A line for each place.
fn list(places: &[TrendPlace], look: Look) -> Vec<String> {
    let rows: Vec<Row> = places.iter().take(MAX_PLACES).map(|place| row(place, look)).collect();
    let mut lines = table::lines(&rows, 2, look);
    if let more @ 1.. = places.len().saturating_sub(MAX_PLACES) {
        lines.push(format!("  and {more} more places"));
    }
    lines.push(
        "  the bars go from each place's lowest to its highest; one place alone has a plot".into(),
    );
    lines
}

fn row(place: &TrendPlace, look: Look) -> Row {
    let worst = place.spots.iter().map(|spot| spot.verdict).max();
    let head = worst.map(|worst| look.verdict(worst)).unwrap_or_default();
    let mut cells = vec![clean(&place.place), bars(&place.spots)];
    cells.extend(mean_and_deviation(place));
    cells.extend(last(place));
    Row { head, cells, notes: Vec::new() }
}

/// The last values, each as high as it is between the lowest and the highest.
fn bars(spots: &[TrendSpot]) -> String {
    let values: Vec<f64> = heights(spots.iter().skip(spots.len().saturating_sub(MAX_BARS)));
    let Some((low, high)) = ends(values.iter().copied()) else { return String::new() };
    let bar = |value: &f64| BARS.get(part(*value, low, high, BARS.len())).copied().unwrap_or(' ');
    values.iter().map(bar).collect()
}

fn heights<'s>(spots: impl Iterator<Item = &'s TrendSpot>) -> Vec<f64> {
    spots.map(|spot| spot.value.value.to_f64()).collect()
}

fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let finite = values.filter(|value| value.is_finite());
    finite.fold(None, |ends, value| match ends {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

/// Which of so many equal parts from low to high a value lies in; the middle one where there is no room.
fn part(value: f64, low: f64, high: f64, parts: usize) -> usize {
    let last = parts.saturating_sub(1);
    let span = high - low;
    if span <= 0.0 || !span.is_finite() || !value.is_finite() {
        return parts / 2;
    }
    let share = ((value - low) / span).clamp(0.0, 1.0);
    (0..last).filter(|step| share * as_f64(last) >= as_f64(*step) + 0.5).count()
}

fn as_f64(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

/// `mean 5.0008 V`, `s.d. 12 µV`.
fn mean_and_deviation(place: &TrendPlace) -> Vec<String> {
    let Some(summary) = place.summary() else { return Vec::new() };
    let base = |value: Decimal| {
        place.spots.first().map(|spot| Quantity::new(value, spot.value.unit.clone()))
    };
    let mean = base(summary.mean.clone()).map(|mean| place.shown(&mean, CALM_DIGITS));
    let deviation = summary.standard_deviation().and_then(base);
    let deviation = deviation.map(|own| format!("s.d. {}", place.shown(&own, SPREAD_DIGITS)));
    vec![mean.map(|mean| format!("mean {mean}")).unwrap_or_default(), deviation.unwrap_or_default()]
}

/// `last 5.0009 V, 2.1 s.d. above those before, p = 0.04`.
fn last(place: &TrendPlace) -> Option<String> {
    let spot = place.spots.last()?;
    let value = place.shown(&spot.value, CALM_DIGITS);
    let Some((shift, by, significance)) = place.last_against_others() else {
        return Some(format!("last {value}"));
    };
    let side = if shift.value.is_negative() { "below" } else { "above" };
    let p = significance.map(|own| format!(", {}", super::words::probability(own.p)));
    let p = p.unwrap_or_default();
    if shift.value.is_zero() {
        return Some(format!("last {value}, as those before"));
    }
    Some(format!("last {value}, {} {side} those before{p}", deviations(by.abs())))
}

fn facts(place: &TrendPlace, look: Look) -> Vec<String> {
    let mut facts = mean_and_deviation(place);
    facts.extend(last(place));
    facts.retain(|fact| !fact.is_empty());
    let mut lines = vec![format!("  {}", facts.join(" · "))];
    let bad = place.spots.iter().filter(|spot| phrase::is_bad(spot.verdict)).count();
    if bad > 0 {
        let all = place.spots.len();
        lines.push(format!(
            "  {}",
            look.as_verdict(Verdict::Fail, &format!("{bad} of {all} did not pass"))
        ));
    }
    lines.extend(place.analyses.iter().filter_map(analysed::note).map(|note| format!("  {note}")));
    lines
}

/// What a plot shows, from its lower to its upper end.
struct Window {
    low: f64,
    high: f64,
    /// Bounds that are in it, in base units.
    limits: Vec<f64>,
    /// Bounds that would leave no room for the values.
    outside: bool,
}

impl Window {
    fn of(place: &TrendPlace) -> Option<Self> {
        let (low, high) = ends(heights(place.spots.iter()).into_iter())?;
        let span = if high > low { high - low } else { low.abs().max(1e-9) * 1e-3 };
        let bounds = |spot: &TrendSpot| [spot.low.clone(), spot.high.clone()];
        let all = place.spots.iter().rev().flat_map(bounds).flatten();
        let mut all: Vec<f64> = all.map(|bound| bound.to_f64()).collect();
        all.sort_by(f64::total_cmp);
        all.dedup();
        let near = |bound: &f64| {
            *bound > low - MAX_LIMIT_SPANS * span && *bound < high + MAX_LIMIT_SPANS * span
        };
        let limits: Vec<f64> = all.iter().copied().filter(near).collect();
        let (low, high) = ends([low, high].into_iter().chain(limits.iter().copied()))?;
        let margin = 0.05 * span.max(high - low);
        let outside = limits.len() < all.len();
        Some(Self { low: low - margin, high: high + margin, limits, outside })
    }

    /// Counted from the top.
    fn row(&self, value: f64) -> usize {
        PLOT_ROWS - 1 - part(value, self.low, self.high, PLOT_ROWS)
    }

    /// The value at the middle of a row.
    fn value(&self, row: usize) -> f64 {
        let share = as_f64(PLOT_ROWS - 1 - row) / as_f64(PLOT_ROWS - 1);
        self.low + share * (self.high - self.low)
    }
}

/// Values over runs, one column a run; of more runs than columns, the last ones.
fn plot(place: &TrendPlace, look: Look) -> Vec<String> {
    let Some(window) = Window::of(place) else { return Vec::new() };
    let labels = labels(place, &window);
    let left = labels.iter().map(|label| columns(label)).max().unwrap_or(0);
    let room = look.width.saturating_sub(left + 4).clamp(MIN_PLOT_COLUMNS, MAX_PLOT_COLUMNS);
    let spots = place.spots.get(place.spots.len().saturating_sub(room)..).unwrap_or_default();
    let rows = labels.iter().enumerate().map(|(row, label)| {
        let is_limit = window.limits.iter().any(|limit| window.row(*limit) == row);
        let cell = |spot: &TrendSpot| cell(spot, row, is_limit, &window, look);
        let line: String = spots.iter().map(cell).collect();
        let gap = " ".repeat(left - columns(label));
        format!("  {gap}{label} {}{line}", if is_limit { '┼' } else { '│' })
    });
    let mut lines: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
    lines.push(format!("  {} └{}", " ".repeat(left), "─".repeat(spots.len().max(1))));
    if spots.len() < place.spots.len() {
        lines.push(format!("  the last {} of {} runs", spots.len(), place.spots.len()));
    }
    if window.outside {
        lines.push("  the limits lie further out than this plot shows".to_owned());
    }
    lines
}

fn cell(spot: &TrendSpot, row: usize, is_limit: bool, window: &Window, look: Look) -> String {
    if window.row(spot.value.value.to_f64()) == row {
        let mark = if phrase::is_bad(spot.verdict) { "✗" } else { "•" };
        return look.as_verdict(spot.verdict, mark);
    }
    let limit = if is_limit { "╌" } else { " " };
    limit.to_owned()
}

/// The value at every third row, and the limits.
fn labels(place: &TrendPlace, window: &Window) -> Vec<String> {
    let unit = place.spots.first().map(|spot| spot.value.unit.clone());
    let shown = |value: f64| {
        let quantity = Decimal::from_f64_shortest(value).zip(unit.clone());
        let quantity = quantity.map(|(value, unit)| Quantity::new(value, unit));
        quantity.map(|own| place.shown(&own, CALM_DIGITS)).unwrap_or_default()
    };
    let label = |row: usize| {
        let limit = window.limits.iter().find(|limit| window.row(**limit) == row);
        match limit {
            Some(limit) => format!("limit {}", shown(*limit)),
            None if row.is_multiple_of(3) => shown(window.value(row)),
            None => String::new(),
        }
    };
    (0..PLOT_ROWS).map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_lies_in_one_of_equal_parts() {
        for (value, wanted) in
            [(0.0, 0), (1.0, 7), (0.5, 4), (-1.0, 0), (2.0, 7), (f64::NAN, 4), (0.06, 0), (0.08, 1)]
        {
            assert_eq!(part(value, 0.0, 1.0, 8), wanted, "{value}");
        }
        assert_eq!(part(5.0, 5.0, 5.0, 8), 4, "no room");
        assert_eq!(part(5.0, 0.0, 1.0, 0), 0);
    }
}
