//! Which results are shown where there are too many: the first, the last and the worst, in their order.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use bench_model::{Quantity, StepResult, Verdict};

use crate::leaf::Leaf;
use crate::phrase::is_bad;

/// Rows of all results tables together, about; each is some 800 bytes.
const MAX_ROWS: usize = 2_000;
/// Rows of one leaf, at most.
const MAX_ROWS_OF_LEAF: usize = 400;
/// Rows of one leaf, however many leaves there are.
const MIN_ROWS_OF_LEAF: usize = 4;
/// Leaves that are shown, at most.
const MAX_LEAVES: usize = 500;

/// A row of a table that may have gaps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Row<'r> {
    /// A result.
    Result(&'r StepResult),
    /// So many neighbours were skipped for the same reason.
    Skipped { first: &'r StepResult, last: &'r StepResult, results: usize },
    /// So many are left out here, of which so many did not pass.
    LeftOut { results: usize, bad: usize },
}

/// How many rows a leaf gets when there are so many leaves.
pub(super) fn rows_of_leaf(leaves: usize) -> usize {
    (MAX_ROWS / leaves.max(1)).clamp(MIN_ROWS_OF_LEAF, MAX_ROWS_OF_LEAF)
}

/// The leaves that are shown, in their order: those with something to look at before all others. And how many
/// are left out.
pub(super) fn shown_leaves<'l, 'r>(leaves: &'l [Leaf<'r>]) -> (Vec<&'l Leaf<'r>>, usize) {
    let mut order: Vec<usize> = (0..leaves.len()).collect();
    let is_calm = |at: &usize| leaves.get(*at).is_none_or(|leaf| leaf.bad().is_empty());
    order.sort_by_key(is_calm);
    order.truncate(MAX_LEAVES);
    order.sort_unstable();
    let shown = order.into_iter().filter_map(|at| leaves.get(at)).collect();
    (shown, leaves.len().saturating_sub(MAX_LEAVES))
}

/// At most so many results: a quarter from the start, a quarter from the end, the rest the worst.
pub(super) fn shown_rows<'r>(results: &[&'r StepResult], most: usize) -> Vec<Row<'r>> {
    if results.len() <= most {
        return results.iter().map(|result| Row::Result(result)).collect();
    }
    let chosen = chosen(results, most);
    let mut rows = Vec::new();
    let mut next = 0;
    for at in chosen {
        rows.extend(gap(results.get(next..at).unwrap_or_default()));
        rows.extend(results.get(at).map(|result| Row::Result(result)));
        next = at + 1;
    }
    rows.extend(gap(results.get(next..).unwrap_or_default()));
    rows
}

/// The same rows, neighbours that were skipped for the same reason in one.
pub(super) fn joined(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    let mut joined: Vec<Row<'_>> = Vec::new();
    for row in rows {
        match joined.last().and_then(|before| together(*before, row)) {
            Some(both) => {
                joined.pop();
                joined.push(both);
            }
            None => joined.push(row),
        }
    }
    joined
}

fn together<'r>(before: Row<'r>, next: Row<'r>) -> Option<Row<'r>> {
    let Row::Result(last) = next else { return None };
    let (first, results) = match before {
        Row::Result(first) => (first, 1),
        Row::Skipped { first, results, .. } => (first, results),
        Row::LeftOut { .. } => return None,
    };
    let is_same = [first, last].iter().all(|result| result.verdict == Verdict::Skip)
        && first.reason == last.reason;
    is_same.then_some(Row::Skipped { first, last, results: results + 1 })
}

fn chosen(results: &[&StepResult], most: usize) -> BTreeSet<usize> {
    let (all, quarter) = (results.len(), most / 4);
    let mut chosen: BTreeSet<usize> = (0..quarter).chain(all - quarter..all).collect();
    let mut by_badness: Vec<usize> = (0..all).collect();
    by_badness.sort_by_cached_key(|at| results.get(*at).map(|result| badness(result)));
    for at in by_badness {
        if chosen.len() >= most {
            break;
        }
        chosen.insert(at);
    }
    chosen
}

/// The worst first: by verdict, then by margin.
fn badness(result: &StepResult) -> impl Ord + use<> {
    let margin = result.margin.as_ref().and_then(Quantity::in_base);
    (Reverse(result.verdict), margin.is_none(), margin)
}

fn gap<'r>(results: &[&StepResult]) -> Option<Row<'r>> {
    let bad = results.iter().filter(|result| is_bad(result.verdict)).count();
    (!results.is_empty()).then_some(Row::LeftOut { results: results.len(), bad })
}
