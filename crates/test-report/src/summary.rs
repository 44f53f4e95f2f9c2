//! The end of a run on a screen: every verdict, what is not in order in full.

use bench_model::{RunRecord, StepResult, Verdict};

use crate::leaf::{Leaf, closest, leaves};
use crate::look::Look;
use crate::phrase::{self, CALM_DIGITS, MARGIN_DIGITS};
use crate::table::{self, Row};
use crate::text::{clean, count, counted};

/// Results of one leaf that are shown in full, at most.
const MAX_FULL_ROWS: usize = 50;

/// Spaces before a row.
const INDENT: usize = 2;

/// Head, verdict table, warnings, totals, outputs, verdict; a line each.
pub(crate) fn summary(run: &RunRecord, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(run.start.as_ref().map(|start| phrase::head(start, look)));
    let rows: Vec<Row> = leaves(&run.results).iter().flat_map(|leaf| leaf.rows(look)).collect();
    lines.extend(table::lines(&rows, INDENT, look));
    lines.extend(run.warnings.iter().map(|warning| self::warning(warning, look)));
    lines.extend(ending(run, look));
    lines
}

/// Totals, outputs that may still be on, and the last word.
pub(crate) fn ending(run: &RunRecord, look: Look) -> Vec<String> {
    let mut lines = vec![phrase::totals(run, look)];
    let outputs = run.safe_state.iter().flat_map(|state| &state.outputs);
    lines.extend(phrase::doubtful_outputs(outputs, look));
    lines.push(phrase::outcome(run, look));
    lines
}

/// What people should know.
pub(crate) fn warning(message: &str, look: Look) -> String {
    format!("{} {}", look.notable("warning:"), clean(message))
}

impl Leaf<'_> {
    /// All that is said of it.
    fn rows(&self, look: Look) -> Vec<Row> {
        let mut rows = Vec::new();
        rows.extend(self.grouped(Verdict::Pass, look));
        rows.extend(self.bad_rows(look));
        rows.extend(self.grouped(Verdict::Skip, look));
        rows.extend(self.grouped(Verdict::Recorded, look));
        rows
    }

    /// All that came out the same, in one row.
    fn grouped(&self, verdict: Verdict, look: Look) -> Option<Row> {
        match self.of(verdict).as_slice() {
            [] => None,
            [one] => Some(without_count(phrase::row(one, look))),
            several => Some(self.group(verdict, several, look)),
        }
    }

    fn group(&self, verdict: Verdict, results: &[&StepResult], look: Look) -> Row {
        let points = counted(count(results.len()), "point", "points");
        let (points, shown) = match (closest(results), results.first()) {
            (Some(worst), _) => {
                (format!("{points}, worst {}", clean(&worst.place.point.to_string())), Some(worst))
            }
            (None, first) => (points, first.copied().filter(|_| verdict == Verdict::Skip)),
        };
        let mut cells = vec![clean(self.path), points];
        if let Some(result) = shown {
            cells.push(phrase::reading(result, CALM_DIGITS));
            cells.push(phrase::limit(result));
            cells.push(phrase::margin(result, MARGIN_DIGITS));
        }
        Row { head: look.verdict(verdict), cells, notes: retried(results) }
    }

    /// What is not in order, each in full.
    fn bad_rows(&self, look: Look) -> Vec<Row> {
        let bad = self.bad();
        let shown = bad.iter().take(MAX_FULL_ROWS).map(|result| phrase::row(result, look));
        let mut rows: Vec<Row> = shown.map(without_count).collect();
        if let (Some(last), more @ 1..) = (rows.last_mut(), bad.len().saturating_sub(MAX_FULL_ROWS))
        {
            last.notes.push(format!("and {more} more of {} that did not pass", clean(self.path)));
        }
        rows
    }
}

/// A row of one result between rows of groups.
fn without_count(mut row: Row) -> Row {
    row.cells.insert(row.cells.len().min(1), String::new());
    row
}

fn retried(results: &[&StepResult]) -> Vec<String> {
    let retried = results.iter().filter(|result| result.attempts > 1).count();
    (retried > 0).then(|| format!("{retried} of them at a later attempt")).into_iter().collect()
}
