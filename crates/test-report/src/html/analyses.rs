//! What statistical methods say of several values together: capability, gauge studies, charts, outliers.

use std::fmt::{self, Formatter};

use bench_model::{Analysis, Figure, StepResult};

use super::markup::{Column, section, table, text, wide_row};
use super::numbers::{COMPUTED_DIGITS, quantity};
use super::session::Session;

/// Analyses that are shown, at most.
const MAX_ANALYSES: usize = 100;
/// Figures and remarks of one, at most.
const MAX_LINES: usize = 60;

/// Whether there is anything to say.
pub(super) fn has_analyses(session: &Session<'_>) -> bool {
    session.results.iter().any(|result| !result.analyses.is_empty())
}

/// The whole part; none where nothing was analysed.
pub(super) fn analyses(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let of = |result: &&'_ StepResult| result.analyses.len();
    let count: usize = session.results.iter().map(of).sum();
    if count == 0 {
        return Ok(());
    }
    section(f, "analyses", "Analyses", |f| {
        let all = session.results.iter().copied();
        let all = all.flat_map(|result| result.analyses.iter().map(move |own| (result, own)));
        // Several values of one analysis are shown with it once.
        let mut shown: Vec<&Analysis> = Vec::new();
        for (result, own) in all.take(MAX_ANALYSES) {
            if !shown.contains(&own) {
                analysis(result, own, f)?;
                shown.push(own);
            }
        }
        match count.saturating_sub(MAX_ANALYSES) {
            0 => Ok(()),
            more => writeln!(f, "<p class=\"note\">{more} more analyses are left out here.</p>"),
        }
    })
}

fn analysis(result: &StepResult, own: &Analysis, f: &mut Formatter<'_>) -> fmt::Result {
    analysis_table(&result.place.to_string(), own, f)
}

/// One analysis of what is at a place.
pub(super) fn analysis_table(place: &str, own: &Analysis, f: &mut Formatter<'_>) -> fmt::Result {
    let caption = format!("{} of {place}", own.title);
    let has_interval = own.figures.iter().any(|figure| figure.low.is_some());
    let interval = match &own.confidence {
        Some(sure) => {
            let percent = sure.scale_by_power_of_ten(2).unwrap_or_else(|| sure.clone());
            format!("{} % interval", percent.without_trailing_zeros().to_plain_string())
        }
        None => "Interval".to_owned(),
    };
    let mut columns = vec![Column::words("Figure"), Column::number("Value")];
    if has_interval {
        columns.push(Column::number(&interval));
    }
    columns.push(Column::words("Remark"));
    table(f, &caption, &columns, |f| {
        own.figures.iter().take(MAX_LINES).try_for_each(|own| line(own, has_interval, f))?;
        let remarks = own.remarks.iter().take(MAX_LINES);
        remarks.into_iter().try_for_each(|remark| wide_row(f, columns.len(), remark))
    })?;
    writeln!(f, "<p class=\"note\">{}</p>", text(&own.method))
}

fn line(own: &Figure, has_interval: bool, f: &mut Formatter<'_>) -> fmt::Result {
    let digits = Some(COMPUTED_DIGITS);
    let value = quantity(&own.value, digits);
    write!(
        f,
        "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td>",
        text(&own.name),
        text(&value)
    )?;
    if has_interval {
        write!(f, "<td class=\"n\">{}</td>", text(&interval(own)))?;
    }
    writeln!(f, "<td>{}</td></tr>", text(own.remark.as_deref().unwrap_or_default()))
}

/// `0.91 to 1.75`.
fn interval(own: &Figure) -> String {
    let end = |end: &Option<bench_model::Quantity>| {
        end.as_ref().map(|end| quantity(end, Some(COMPUTED_DIGITS)))
    };
    match (end(&own.low), end(&own.high)) {
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("from {low}"),
        (None, Some(high)) => format!("to {high}"),
        (None, None) => String::new(),
    }
}
