//! How uncertain results are, what that did to their limits, and what the uncertainty is made of.

use std::collections::BTreeSet;
use std::fmt::{self, Formatter};

use bench_model::{
    Decimal, Decision, GlobalRisks, StatedUncertainty, StepResult, UncertaintyComponent,
};

use super::markup::{Column, section, table, text, wide_row};
use super::numbers::quantity;
use super::plot::coordinates;
use super::select::{Row, shown_rows};
use super::session::Session;
use crate::decided::{UNCERTAIN_DIGITS, note};

/// Rows, at most.
const MAX_ROWS: usize = 300;
/// Budgets that are shown in full, at most.
const MAX_BUDGETS: usize = 50;
/// Significant digits of an acceptance limit.
const LIMIT_DIGITS: u32 = 8;
/// Significant digits of a factor, a ratio and degrees of freedom.
const FACTOR_DIGITS: u32 = 3;
/// A probability below this is called so.
const LEAST_PROBABILITY: f64 = 1e-6;

/// Whether there is anything to say.
pub(super) fn has_uncertainty(session: &Session<'_>) -> bool {
    session.results.iter().any(|result| stated(result).is_some())
}

fn stated(result: &StepResult) -> Option<(&Decision, &StatedUncertainty)> {
    let decision = result.decision.as_deref()?;
    Some((decision, decision.uncertainty.as_deref()?))
}

/// The whole part; none where no result has its uncertainty stated.
pub(super) fn uncertainty(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let results = session.results.iter().copied();
    let results: Vec<_> = results.filter(|result| stated(result).is_some()).collect();
    if results.is_empty() {
        return Ok(());
    }
    section(f, "uncertainty", "Uncertainty", |f| {
        decisions(&results, f)?;
        budgets(&results, f)?;
        f.write_str(include_str!("uncertainty_notes.html"))
    })
}

fn decisions(results: &[&StepResult], f: &mut Formatter<'_>) -> fmt::Result {
    let mut columns = vec![Column::words("Result"), Column::words("Rule")];
    let numbers = ["u", "U (95 %)", "k", "ν eff", "TUR", "Guard band", "Accepted", "P(wrong)"];
    columns.extend(numbers.map(Column::number));
    table(f, "Uncertainty of results and how they were decided on", &columns, |f| {
        shown_rows(results, MAX_ROWS).into_iter().try_for_each(|shown| match shown {
            Row::Result(result) | Row::Skipped { first: result, .. } => row(result, f),
            Row::LeftOut { results, .. } => {
                wide_row(f, columns.len(), &format!("{results} more are left out here"))
            }
        })
    })
}

fn row(result: &StepResult, f: &mut Formatter<'_>) -> fmt::Result {
    let Some((decision, own)) = stated(result) else { return Ok(()) };
    let point = coordinates(&result.place.point);
    let said = decision.conformity.filter(|own| own.is_conditional()).map(|own| own.words());
    write!(
        f,
        "<tr><th scope=\"row\">{}<small>{}</small></th><td>{}<small>{}</small></td>",
        text(&result.place.path),
        text(&point),
        text(&decision.rule),
        text(said.unwrap_or_default()),
    )?;
    let uncertain = Some(UNCERTAIN_DIGITS);
    let accepted = decision.accepted.as_ref().map(|limit| limit.for_display(LIMIT_DIGITS));
    let wrong = decision.false_accept.as_ref().or(decision.false_reject.as_ref());
    for cell in [
        quantity(&own.standard, uncertain),
        quantity(&own.expanded, uncertain),
        number(&own.factor),
        own.freedom.as_ref().map_or_else(|| "∞".to_owned(), freedom),
        decision.test_uncertainty_ratio.as_ref().map(number).unwrap_or_default(),
        decision.guard_band.as_ref().map(|band| quantity(band, uncertain)).unwrap_or_default(),
        accepted.unwrap_or_default(),
        wrong.map(probability).unwrap_or_default(),
    ] {
        write!(f, "<td class=\"n\">{}</td>", text(&cell))?;
    }
    f.write_str("</tr>\n")?;
    [note(result), decision.global.as_deref().map(global)]
        .into_iter()
        .flatten()
        .try_for_each(|note| wide_row(f, 10, &note))
}

/// What goes wrong with items of the stated process, before any is measured.
fn global(own: &GlobalRisks) -> String {
    let (mean, deviation) = (quantity(&own.mean, None), quantity(&own.deviation, None));
    format!(
        "of items of a process of mean {mean} and deviation {deviation}: P(false accept) {}, P(false reject) {}",
        probability(&own.false_accept),
        probability(&own.false_reject)
    )
}

fn number(value: &Decimal) -> String {
    value.round_to_digits(FACTOR_DIGITS).to_plain_string()
}

/// Degrees of freedom beyond a million are as good as infinitely many.
fn freedom(value: &Decimal) -> String {
    if value.order() >= 6 { "∞".to_owned() } else { number(value) }
}

fn probability(value: &Decimal) -> String {
    let own = value.to_f64();
    if own < LEAST_PROBABILITY { "< 0.000001".to_owned() } else { number(value) }
}

/// The budget of the first result of each leaf, by whose uncertainty the others are of the same kind.
fn budgets(results: &[&StepResult], f: &mut Formatter<'_>) -> fmt::Result {
    let mut seen = BTreeSet::new();
    let firsts = results.iter().filter(|result| seen.insert(result.place.path.as_str()));
    let firsts: Vec<_> = firsts.copied().collect();
    firsts.iter().take(MAX_BUDGETS).try_for_each(|result| budget(result, f))?;
    match firsts.len().saturating_sub(MAX_BUDGETS) {
        0 => Ok(()),
        more => writeln!(f, "<p class=\"note\">{more} more budgets are left out here.</p>"),
    }
}

fn budget(result: &StepResult, f: &mut Formatter<'_>) -> fmt::Result {
    let Some((_, own)) = stated(result) else { return Ok(()) };
    if own.components.is_empty() {
        return Ok(());
    }
    let caption = format!("Uncertainty budget of {}", result.place);
    let mut columns = vec![Column::words("Component"), Column::words("Type")];
    columns.push(Column::words("Distribution"));
    columns.extend(["u", "c", "ν", "Part of u²"].map(Column::number));
    table(f, &caption, &columns, |f| {
        own.components.iter().try_for_each(|component| line(component, f))
    })
}

fn line(component: &UncertaintyComponent, f: &mut Formatter<'_>) -> fmt::Result {
    let UncertaintyComponent { name, kind, distribution, .. } = component;
    write!(
        f,
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>",
        text(name),
        text(kind),
        text(distribution)
    )?;
    let percent = component
        .share
        .scale_by_power_of_ten(2)
        .map(|share| format!("{} %", share.round_to_exponent(-1).to_plain_string()));
    for cell in [
        quantity(&component.standard, Some(FACTOR_DIGITS)),
        quantity(&component.sensitivity, Some(FACTOR_DIGITS)),
        component.freedom.as_ref().map_or_else(|| "∞".to_owned(), freedom),
        percent.unwrap_or_default(),
    ] {
        write!(f, "<td class=\"n\">{}</td>", text(&cell))?;
    }
    f.write_str("</tr>\n")
}
