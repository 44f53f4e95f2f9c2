//! Comparisons in words.

use bench_model::{Decimal, Quantity, RunRecord, Verdict};
use metrology::comparison::seen_from;

use super::baseline::Check;
use super::changes::Change;
use super::compare::Comparison;
use super::moved::Moved;
use crate::look::Look;
use crate::phrase::{self, CALM_DIGITS};
use crate::table::{self, Row};
use crate::text::{self, clean, count, counted};

/// Rows of one kind that are shown, at most.
const MAX_ROWS: usize = 50;
/// Names of places in one line, at most.
const MAX_NAMES: usize = 6;
/// Spaces before a row.
const INDENT: usize = 2;
/// Significant digits of a shift.
const SHIFT_DIGITS: u32 = 3;
/// Standard deviations that are counted, at most.
const MAX_DEVIATIONS: f64 = 1_000.0;
/// The part of a shift from which on its interval is shown.
const MIN_INTERVAL: f64 = 1e-4;

/// `0199c0de-0000-7000-8000-000000000001 of 2026-10-09 08:53:20, quickstart 1.0`.
pub(super) fn run(run: &RunRecord) -> String {
    let at = run.started_at.map(text::utc).unwrap_or_default();
    let plan = run.start.as_ref().map(phrase::plan).unwrap_or_default();
    format!("{} of {at}, {plan}", id(run))
}

/// Its id; nothing of a run without a start.
pub(super) fn id(run: &RunRecord) -> String {
    run.start.as_ref().map(|start| start.session.to_string()).unwrap_or_default()
}

/// Two runs.
pub(super) fn comparison(own: &Comparison, alpha: f64, all: bool, look: Look) -> String {
    let mut lines = vec![
        look.heading(&format!("compared with {}", clean(&own.before))),
        format!("        this is {}", clean(&own.after)),
    ];
    lines.extend(changes(&own.changes, look));
    let wanted = |one: &&Moved| all || one.is_beyond(alpha) || one.changed_verdict();
    let shown: Vec<&Moved> = own.places.iter().filter(wanted).collect();
    lines.extend(rows(&shown, alpha, look));
    lines.extend(left_out("only before", &own.only_before));
    lines.extend(left_out("only now", &own.only_after));
    lines.push(totals(&own.places, alpha, "one reading each"));
    in_lines(&lines)
}

/// A run against a baseline.
pub(super) fn check(own: &Check, alpha: f64, look: Look) -> String {
    let moved = own.moved(alpha);
    let mut lines = vec![outcome(own, &moved, look), format!("  run {}", clean(&own.run))];
    lines.extend(changes(&own.changes, look));
    lines.extend(rows(&moved, alpha, look));
    lines.extend(left_out("without a baseline", &own.new));
    lines.extend(left_out("not measured any more", &own.gone));
    lines.push(totals(&own.places, alpha, "the baseline has one value"));
    lines.extend(power(own, alpha));
    in_lines(&lines)
}

/// `PASS, but rail/vout moved 2.9 s.d. since baseline 'golden'`.
fn outcome(own: &Check, moved: &[&Moved], look: Look) -> String {
    let verdict = own.verdict.map_or_else(|| "NOTHING JUDGED".to_owned(), |own| look.verdict(own));
    let since = format!("since baseline '{}'", clean(&own.baseline));
    let joined = if own.verdict == Some(Verdict::Pass) { ", but" } else { ", and" };
    match moved {
        [] => format!("{verdict}, and nothing moved {since}"),
        [one] => {
            let moved = format!("{} {} {since}", clean(&one.place), by_deviations(one));
            format!("{verdict}{joined} {}", look.notable(&moved))
        }
        [most, ..] => {
            let moved = format!("{} places moved {since}", moved.len());
            let most = format!("most surely {}, which {}", clean(&most.place), by_deviations(most));
            format!("{verdict}{joined} {}: {most}", look.notable(&moved))
        }
    }
}

/// `moved 2.9 s.d.`.
fn by_deviations(one: &Moved) -> String {
    match one.deviations() {
        Some(moved) => format!("moved {}", deviations(moved)),
        None => format!("moved {}", shift(one)),
    }
}

/// `2.9 s.d.`; values that did not scatter at all move by any number of them.
pub(crate) fn deviations(moved: f64) -> String {
    if moved > MAX_DEVIATIONS {
        return format!("more than {MAX_DEVIATIONS} s.d.");
    }
    format!("{moved:.1} s.d.")
}

fn changes(all: &[Change], look: Look) -> Vec<String> {
    let side = |text: &Option<String>| text.as_deref().map_or_else(|| "nothing".to_owned(), clean);
    let row = |change: &Change| Row {
        head: look.notable("changed"),
        cells: vec![
            clean(&change.what),
            format!("{} → {}", side(&change.before), side(&change.after)),
        ],
        notes: Vec::new(),
    };
    let rows: Vec<Row> = all.iter().take(MAX_ROWS).map(row).collect();
    let mut lines = table::lines(&rows, INDENT, look);
    if let more @ 1.. = all.len().saturating_sub(MAX_ROWS) {
        lines.push(format!("  and {more} more changes"));
    }
    lines
}

fn rows(all: &[&Moved], alpha: f64, look: Look) -> Vec<String> {
    let rows: Vec<Row> = all.iter().take(MAX_ROWS).map(|one| row(one, alpha, look)).collect();
    let mut lines = table::lines(&rows, INDENT, look);
    if let more @ 1.. = all.len().saturating_sub(MAX_ROWS) {
        lines.push(format!("  and {more} more"));
    }
    lines
}

fn row(one: &Moved, alpha: f64, look: Look) -> Row {
    let head = if one.is_beyond(alpha) { look.notable("moved") } else { String::new() };
    let values = format!(
        "{} → {}",
        shown(&one.before, one, CALM_DIGITS),
        shown(&one.after, one, CALM_DIGITS)
    );
    let deviations = one.deviations().map(deviations).unwrap_or_default();
    let of_limit = one.of_limit.map(|part| format!("{:.1} % of the limit's width", part * 100.0));
    let verdict = one
        .verdict_before
        .filter(|_| one.changed_verdict())
        .map(|before| format!("{} → {}", look.verdict(before), look.verdict(one.verdict_after)));
    Row {
        head,
        cells: vec![
            clean(&one.place),
            values,
            shift(one),
            deviations,
            one.p_of_all.map(probability).unwrap_or_default(),
            of_limit.unwrap_or_default(),
            verdict.unwrap_or_default(),
        ],
        notes: Vec::new(),
    }
}

/// `+2.18 mV ± 120 µV`. An interval that is nothing beside the shift is left out: the scatter was none.
pub(crate) fn shift(one: &Moved) -> String {
    let Quantity { value, unit } = &one.shift;
    if value.is_zero() && one.half_width_95.is_none() {
        return "the same".to_owned();
    }
    let sign = if value.is_negative() { "-" } else { "+" };
    let size = shown(&Quantity::new(value.abs(), unit.clone()), one, SHIFT_DIGITS);
    let least = value.to_f64().abs() * MIN_INTERVAL;
    let half = one.half_width_95.filter(|half| *half > least).and_then(Decimal::from_f64_shortest);
    let half = half.map(|half| shown(&Quantity::new(half, unit.clone()), one, SHIFT_DIGITS));
    match (value.is_zero(), half) {
        (true, Some(half)) => format!("0 ± {half}"),
        (_, Some(half)) => format!("{sign}{size} ± {half}"),
        (true, None) => "the same".to_owned(),
        (false, None) => format!("{sign}{size}"),
    }
}

/// In the unit in which it was measured.
pub(crate) fn shown(base: &Quantity, one: &Moved, digits: u32) -> String {
    let own = base.to_unit(&one.shown_in);
    own.as_ref().unwrap_or(base).for_display(digits)
}

pub(crate) fn probability(p: f64) -> String {
    if p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {p:.3}") }
}

/// `only now: a, b and 3 more`.
fn left_out(heading: &str, places: &[String]) -> Option<String> {
    let names: Vec<_> = places.iter().take(MAX_NAMES).map(|place| clean(place)).collect();
    let more = places.len().saturating_sub(MAX_NAMES);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("  {heading}: {}{more}", names.join(", ")))
}

/// `28 places: 1 moved, 20 did not, 7 without an interval (one reading each)`.
fn totals(places: &[Moved], alpha: f64, why_none: &str) -> String {
    let moved = places.iter().filter(|one| one.is_beyond(alpha)).count();
    let silent = places.iter().filter(|one| one.p_of_all.is_none()).count();
    let still = places.len() - moved - silent;
    let silent = match silent {
        0 => String::new(),
        silent => format!(", {silent} without an interval ({why_none})"),
    };
    let level = alpha * 100.0;
    let places = counted(count(places.len()), "place", "places");
    format!(
        "{places}: {moved} moved, {still} did not{silent}\n\
         ± holds a shift with 95 %; p, and the level of {level} %, are for all places together"
    )
}

/// What a shift must have to be seen at all, so that silence is not taken for proof.
fn power(own: &Check, alpha: f64) -> Option<String> {
    let tested = own.places.iter().filter(|one| one.p.is_some()).count();
    let tests = u32::try_from(tested).ok().filter(|tests| *tests > 0)?;
    let runs = u32::try_from(own.baseline_runs).ok().filter(|runs| *runs >= 2)?;
    let from = seen_from(runs, alpha / f64::from(tests))?;
    let runs = counted(u64::from(runs), "run", "runs");
    Some(format!("a baseline of {runs} shows a single shift from {from:.1} s.d. on"))
}

fn in_lines(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}
