//! What several readings of one result say together.

use std::fmt::{self, Formatter};

use bench_model::StepResult;

use super::chart::Chart;
use super::distribution::{histograms, write};
use super::markup::{Column, section, table, text, wide_row};
use super::numbers::{COMPUTED_DIGITS, quantity};
use super::plot::coordinates;
use super::select::{Row, shown_rows};
use super::session::Session;

/// Rows, at most.
const MAX_ROWS: usize = 300;
/// Significant digits of a spread.
const SPREAD_DIGITS: u32 = 3;

/// A statistic: its name as a result has it, the heading of its column, and the digits that it is shown with.
type Statistic = (&'static str, &'static str, Option<u32>);

const SHOWN: [Statistic; 10] = [
    ("count", "n", None),
    ("mean", "Mean", Some(COMPUTED_DIGITS)),
    ("sd", "Std. deviation", Some(SPREAD_DIGITS)),
    ("min", "Lowest", None),
    ("max", "Highest", None),
    ("mean_interval_95", "95 % interval ±", Some(SPREAD_DIGITS)),
    ("median", "Median", Some(COMPUTED_DIGITS)),
    ("lag_1", "Lag-1 r", Some(SPREAD_DIGITS)),
    ("effective_count", "n eff", Some(SPREAD_DIGITS)),
    ("outliers", "Outliers", None),
];
const NOTE: &str = "<p class=\"note\">The interval holds the mean with 95 % (Student’s t with n − 1 degrees of \
    freedom), if the readings are independent of each other. It tells how they scatter, and is no \
    uncertainty of measurement: the instrument’s own is not in it. Lag-1 r is the correlation of each reading \
    with the one before it, n eff as how many independent readings they count. Outliers are flagged by \
    Grubbs’ or the generalised ESD test at 5 % and stay in all numbers.</p>\n";

/// The whole part; none where no result has statistics, and nothing is spread.
pub(super) fn statistics(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let results = session.results.iter().copied();
    let results: Vec<_> = results.filter(|result| !result.statistics.is_empty()).collect();
    let charts: Vec<Chart> = histograms(session);
    if results.is_empty() && charts.is_empty() {
        return Ok(());
    }
    section(f, "statistics", "Statistics", |f| {
        if !results.is_empty() {
            of_several_readings(&results, f)?;
        }
        write(charts, f)
    })
}

/// A statistic that no result has takes no room.
fn of_several_readings(results: &[&StepResult], f: &mut Formatter<'_>) -> fmt::Result {
    let has = |(name, ..): &Statistic| results.iter().any(|own| own.statistics.contains_key(*name));
    let statistics: Vec<Statistic> = SHOWN.into_iter().filter(has).collect();
    let mut columns = vec![Column::words("Measured")];
    columns.extend(statistics.iter().map(|(_, heading, _)| Column::number(heading)));
    table(f, "Results of several readings", &columns, |f| {
        shown_rows(results, MAX_ROWS).into_iter().try_for_each(|shown| match shown {
            Row::Result(result) | Row::Skipped { first: result, .. } => row(result, &statistics, f),
            Row::LeftOut { results, .. } => {
                wide_row(f, columns.len(), &format!("{results} more are left out here"))
            }
        })
    })?;
    f.write_str(NOTE)
}

fn row(result: &StepResult, shown: &[Statistic], f: &mut Formatter<'_>) -> fmt::Result {
    let statistic = |name: &str, digits| {
        result.statistics.get(name).map(|value| quantity(value, digits)).unwrap_or_default()
    };
    let point = coordinates(&result.place.point);
    write!(
        f,
        "<tr><th scope=\"row\">{}<small>{}</small></th>",
        text(&result.place.path),
        text(&point)
    )?;
    for (name, _, digits) in shown {
        write!(f, "<td class=\"n\">{}</td>", text(&statistic(name, *digits)))?;
    }
    f.write_str("</tr>\n")
}
