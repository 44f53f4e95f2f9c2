//! Rows of tables of results.

use std::fmt::{self, Formatter};

use bench_model::{Limit, Measured, StepResult};

use super::bars::bar;
use super::markup::{Column, text};
use super::numbers::{how_judged, limit, margin, measured, remark};
use super::plot::coordinates;
use crate::phrase::is_bad;
use crate::text::{count, counted};

/// The word of a verdict, in its colour.
pub(super) fn badge(word: &str) -> String {
    format!("<b class=\"v {word}\">{word}</b>")
}

/// Verdict, places, and what was judged how.
pub(super) fn columns(places: &[&str], has_limits: bool) -> Vec<Column> {
    let mut columns = vec![Column::words("Verdict")];
    columns.extend(places.iter().map(|place| Column::words(place)));
    columns.push(Column::number("Reading"));
    if has_limits {
        columns.push(Column::number("Limit"));
        columns.push(Column::words("Between its bounds"));
        columns.push(Column::number("Margin"));
    }
    columns
}

/// `vout on dmm`, or one name where both are the same.
pub(super) fn source(result: &StepResult) -> Option<String> {
    match (&result.role, &result.instrument) {
        (Some(role), Some(instrument)) if role != instrument => {
            Some(format!("{role} on {instrument}"))
        }
        (one, other) => one.clone().or_else(|| other.clone()),
    }
}

/// What a row says beside its result.
pub(super) struct Cells<'c> {
    pub(super) place: &'c [String],
    /// Below the place.
    pub(super) source: Option<String>,
    /// Whether it says how several readings were judged.
    pub(super) says_how: bool,
    /// Whether the table has columns for the limit.
    pub(super) has_limits: bool,
}

impl<'c> Cells<'c> {
    /// A place by its whole name, with whose it is.
    pub(super) fn named(place: &'c [String], result: &StepResult) -> Self {
        Self { place, source: source(result), says_how: true, has_limits: true }
    }
}

/// One result; below it, why and at which attempt.
pub(super) fn row(
    result: &StepResult,
    cells: &Cells<'_>,
    columns: usize,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let class = if is_bad(result.verdict) { "r bad" } else { "r" };
    write!(f, "<tr class=\"{class}\"><td>{}</td>", badge(result.verdict.word()))?;
    for name in cells.place {
        match &cells.source {
            Some(source) => {
                write!(f, "<th scope=\"row\">{}<small>{}</small></th>", text(name), text(source))?;
            }
            None => write!(f, "<th scope=\"row\" class=\"axis\">{}</th>", text(name))?,
        }
    }
    reading_cell(result, cells.says_how, f)?;
    if cells.has_limits {
        limit_cells(result, f)?;
    }
    f.write_str("</tr>\n")?;
    let Some(remark) = remark(result) else { return Ok(()) };
    let rest = columns.saturating_sub(1);
    let class = if is_bad(result.verdict) { "why bad" } else { "why" };
    write!(f, "<tr class=\"{class}\"><td></td>")?;
    writeln!(f, "<td colspan=\"{rest}\">{}</td></tr>", text(&remark))
}

fn reading_cell(result: &StepResult, says_how: bool, f: &mut Formatter<'_>) -> fmt::Result {
    let class = if matches!(result.actual, Some(Measured::Text(_))) { "w" } else { "n" };
    let shown = measured(result).unwrap_or_else(|| "–".to_owned());
    write!(f, "<td class=\"{class}\">{}", text(&shown))?;
    if let Some(how) = how_judged(result).filter(|_| says_how) {
        write!(f, "<small class=\"how\">{}</small>", text(&how))?;
    }
    f.write_str("</td>")
}

fn limit_cells(result: &StepResult, f: &mut Formatter<'_>) -> fmt::Result {
    let class = if matches!(result.limit, Some(Limit::Range { .. })) { "n" } else { "w" };
    write!(f, "<td class=\"{class}\">{}</td><td>", text(&limit(result).unwrap_or_default()))?;
    bar(result, f)?;
    write!(f, "</td><td class=\"n\">{}</td>", text(&margin(result).unwrap_or_default()))
}

/// In the place of several results that were skipped for the same reason.
pub(super) fn skipped(first: &StepResult, last: &StepResult, results: usize) -> String {
    let [from, to] = [first, last].map(|result| coordinates(&result.place.point));
    let reason = first.reason.as_deref().unwrap_or("no reason was given");
    format!("{} {results} results, from {from} to {to}: {reason}", first.verdict)
}

/// In the place of rows.
pub(super) fn left_out(results: usize, bad: usize) -> String {
    let results = counted(count(results), "result is", "results are");
    match bad {
        0 => format!(
            "{results} left out here, none of which is in doubt; the CSV export has all readings"
        ),
        bad => format!(
            "{results} left out here, of which {bad} did not pass; the CSV export has all readings"
        ),
    }
}
