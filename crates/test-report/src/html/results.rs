//! Every result: an overview, then leaf by leaf with diagram and table.

use std::collections::HashSet;
use std::fmt::{self, Formatter};
use std::slice;

use bench_model::{Quantity, StepResult, Verdict};

use super::markup::{Column, section, table, text, wide_row};
use super::numbers::{how_judged, margin, quantity};
use super::plot::{MIN_READINGS, coordinates, place_in_words, plot};
use super::rows::{Cells, badge, columns, left_out, row, skipped, source};
use super::select::{Row, joined, rows_of_leaf, shown_leaves, shown_rows};
use super::session::{Session, has_limit};
use crate::leaf::{Leaf, closest, leaves};
use crate::phrase::is_bad;
use crate::text::{count, counted};

/// Diagrams, at most: each takes up to 40 kB.
const MAX_PLOTS: usize = 40;

/// Rows of what did not pass at the head of the report, at most.
const MAX_FAILURES: usize = 24;

/// Leaves that stand in one table: one with a sweep or many readings, or neighbours of one result each.
enum Group<'l, 'r> {
    Alone(&'l Leaf<'r>),
    Single(Vec<&'l Leaf<'r>>),
}

/// The whole part.
pub(super) fn results(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let leaves = leaves(session.results.iter().copied());
    section(f, "results", "Results", |f| {
        if leaves.is_empty() {
            return f.write_str("<p>Nothing was judged.</p>\n");
        }
        f.write_str(include_str!("filter.html"))?;
        let (shown, left_out) = shown_leaves(&leaves);
        if leaves.iter().any(|leaf| leaf.results.len() > 1) {
            overview(&shown, left_out, f)?;
        }
        let (groups, rows) = (groups(&shown), rows_of_leaf(shown.len()));
        let with_plots = with_plots(&groups);
        for (number, group) in groups.iter().enumerate() {
            match group {
                Group::Single(leaves) => single(leaves, f)?,
                Group::Alone(leaf) => {
                    let plot = with_plots.contains(&number).then_some(number);
                    alone(leaf, session, rows, plot, f)?;
                }
            }
        }
        f.write_str(include_str!("results_notes.html"))
    })
}

fn groups<'l, 'r>(leaves: &[&'l Leaf<'r>]) -> Vec<Group<'l, 'r>> {
    let mut groups = Vec::new();
    for leaf in leaves {
        let is_single = is_single(leaf);
        match groups.last_mut() {
            Some(Group::Single(leaves)) if is_single => leaves.push(*leaf),
            _ if is_single => groups.push(Group::Single(vec![leaf])),
            _ => groups.push(Group::Alone(leaf)),
        }
    }
    groups
}

/// One result with no point and few readings needs no diagram.
fn is_single(leaf: &Leaf<'_>) -> bool {
    let [one] = leaf.results.as_slice() else { return false };
    one.place.point.is_empty() && one.readings.len() < MIN_READINGS
}

/// The numbers of the groups that get a diagram: those with something to look at before all others.
fn with_plots(groups: &[Group<'_, '_>]) -> HashSet<usize> {
    let alone = groups.iter().enumerate().filter_map(|(number, group)| match group {
        Group::Alone(leaf) => Some((leaf.bad().is_empty(), number)),
        Group::Single(_) => None,
    });
    let mut order: Vec<_> = alone.collect();
    order.sort_unstable();
    order.into_iter().map(|(_, number)| number).take(MAX_PLOTS).collect()
}

fn overview(leaves: &[&Leaf<'_>], left_out: usize, f: &mut Formatter<'_>) -> fmt::Result {
    let columns = [
        Column::words("Verdict"),
        Column::words("Measured"),
        Column::number("Results"),
        Column::number("Not passed"),
        Column::words("Nearest to its limit"),
        Column::number("Margin"),
    ];
    table(f, "Overview", &columns, |f| {
        leaves.iter().try_for_each(|leaf| overview_row(leaf, f))?;
        match left_out {
            0 => Ok(()),
            more => wide_row(
                f,
                columns.len(),
                &format!("{more} more, all passed or recorded, are left out"),
            ),
        }
    })
}

fn overview_row(leaf: &Leaf<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let worst = leaf.results.iter().map(|result| result.verdict).max();
    write!(f, "<tr><td>{}</td>", badge(worst.map_or("", Verdict::word)))?;
    write!(f, "<th scope=\"row\">{}</th>", text(leaf.path))?;
    write!(
        f,
        "<td class=\"n\">{}</td><td class=\"n\">{}</td>",
        leaf.results.len(),
        leaf.bad().len()
    )?;
    let nearest = closest(&leaf.results);
    let place = nearest.map(|result| coordinates(&result.place.point)).unwrap_or_default();
    let margin = nearest.and_then(margin).unwrap_or_default();
    writeln!(f, "<td>{}</td><td class=\"n\">{}</td></tr>", text(&place), text(&margin))
}

/// What did not pass, before everything else; none where all passed.
pub(super) fn failures(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let bad = session.results.iter().copied().filter(|result| is_bad(result.verdict));
    let bad: Vec<&StepResult> = bad.collect();
    if bad.is_empty() {
        return Ok(());
    }
    section(f, "failures", "What did not pass", |f| {
        let columns = columns(&["Measured"], true);
        table(f, "In the order in which they were judged", &columns, |f| {
            shown_rows(&bad, MAX_FAILURES).into_iter().try_for_each(|shown| match shown {
                Row::Result(result) | Row::Skipped { first: result, .. } => {
                    row(result, &Cells::named(&[place_in_words(result)], result), columns.len(), f)
                }
                Row::LeftOut { results, .. } => {
                    wide_row(f, columns.len(), &format!("{results} more are left out here"))
                }
            })
        })
    })
}

fn single(leaves: &[&Leaf<'_>], f: &mut Formatter<'_>) -> fmt::Result {
    let results: Vec<&StepResult> =
        leaves.iter().flat_map(|leaf| leaf.results.iter().copied()).collect();
    f.write_str("<section class=\"leaf\">\n")?;
    let columns = columns(&["Measured"], true);
    table(f, "Single results", &columns, |f| {
        results.iter().try_for_each(|result| {
            row(
                result,
                &Cells::named(slice::from_ref(&result.place.path), result),
                columns.len(),
                f,
            )
        })
    })?;
    f.write_str("</section>\n")
}

fn alone(
    leaf: &Leaf<'_>,
    session: &Session<'_>,
    rows: usize,
    number: Option<usize>,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let how = common_judging(leaf);
    let about = about(leaf, how.as_deref());
    writeln!(f, "<section class=\"leaf\"><h3>{}</h3>", text(leaf.path))?;
    writeln!(f, "<p class=\"by\">{}</p>", text(&about))?;
    match number.map(|number| plot(leaf, &session.readings, format!("plot-{number}"))) {
        Some(Some(chart)) => chart.write(f)?,
        Some(None) => {}
        None => writeln!(
            f,
            "<p class=\"note\">Not drawn: the report has {MAX_PLOTS} diagrams already.</p>"
        )?,
    }
    let axes = axes(leaf);
    let has_limits = leaf.results.iter().any(|result| has_limit(result));
    let columns = columns(&axes, has_limits);
    table(f, &format!("Results of {}", leaf.path), &columns, |f| {
        joined(shown_rows(&leaf.results, rows)).into_iter().try_for_each(|shown| match shown {
            Row::Result(result) => {
                let place = &place(result, &axes);
                let cells = Cells { place, source: None, says_how: how.is_none(), has_limits };
                row(result, &cells, columns.len(), f)
            }
            Row::Skipped { first, last, results } => {
                wide_row(f, columns.len(), &skipped(first, last, results))
            }
            Row::LeftOut { results, bad } => wide_row(f, columns.len(), &left_out(results, bad)),
        })
    })?;
    f.write_str("</section>\n")
}

/// `mean of 3`, where that holds for all.
fn common_judging(leaf: &Leaf<'_>) -> Option<String> {
    let first = leaf.results.first().and_then(|result| how_judged(result))?;
    let all = leaf.results.iter().all(|result| how_judged(result).as_ref() == Some(&first));
    all.then_some(first)
}

/// `dmm; 12 results from 36 readings, judged: mean of 3`.
fn about(leaf: &Leaf<'_>, how: Option<&str>) -> String {
    let source = leaf.results.iter().find_map(|result| source(result));
    let source = source.map(|source| format!("{source}; ")).unwrap_or_default();
    let readings: usize = leaf.results.iter().map(|result| result.readings.len()).sum();
    let readings = match readings {
        0 => String::new(),
        some => format!(" from {}", counted(count(some), "reading", "readings")),
    };
    let how = how.map(|how| format!(", judged: {how}")).unwrap_or_default();
    format!("{source}{}{readings}{how}", counted(count(leaf.results.len()), "result", "results"))
}

/// The axes of the sweep, the outermost first.
fn axes<'l>(leaf: &Leaf<'l>) -> Vec<&'l str> {
    let mut axes: Vec<&str> = Vec::new();
    for coordinate in leaf.results.iter().flat_map(|result| &result.place.point.0) {
        if !axes.contains(&coordinate.axis.as_str()) {
            axes.push(&coordinate.axis);
        }
    }
    axes
}

fn place(result: &StepResult, axes: &[&str]) -> Vec<String> {
    let value = |axis: &&str| result.place.point.get(axis);
    axes.iter()
        .map(|axis| value(axis).map(|value: &Quantity| quantity(value, None)).unwrap_or_default())
        .collect()
}
