//! What readings were corrected by: formula, numbers, certificates.

use std::collections::BTreeSet;
use std::fmt::{self, Formatter};

use bench_model::{Correction, CorrectionInput, Reading, StepResult};

use super::markup::{Column, section, table, text, wide_row};
use super::session::Session;
use crate::decided::UNCERTAIN_DIGITS;

/// Rows, at most.
const MAX_ROWS: usize = 200;

/// Whether any reading was corrected.
pub(super) fn has_corrections(session: &Session<'_>) -> bool {
    session.results.iter().any(|result| first(session, result).is_some())
}

/// The correction of a result's first reading: those of its others have the same numbers.
fn first<'s>(session: &'s Session<'_>, result: &StepResult) -> Option<&'s Correction> {
    session.readings.of(result).iter().find_map(|reading: &&Reading| reading.correction.as_deref())
}

/// The whole part; none where nothing was corrected. One entry for each leaf.
pub(super) fn corrections(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    if !has_corrections(session) {
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    let results = session.results.iter().filter_map(|result| {
        let correction = first(session, result)?;
        seen.insert(result.place.path.as_str()).then_some((result.place.path.as_str(), correction))
    });
    let rows: Vec<_> = results
        .flat_map(|(path, own)| own.inputs.iter().map(move |input| (path, own, input)))
        .collect();
    let columns = ["Result", "Formula", "Input", "Value", "U (95 %)", "From"].map(Column::words);
    section(f, "corrections", "Corrections", |f| {
        table(f, "What readings were corrected by; raw: as the instrument gave it", &columns, |f| {
            rows.iter()
                .take(MAX_ROWS)
                .try_for_each(|(path, own, input)| row(path, own, input, f))?;
            match rows.len().saturating_sub(MAX_ROWS) {
                0 => Ok(()),
                more => wide_row(f, columns.len(), &format!("{more} more are left out here")),
            }
        })
    })
}

fn row(
    path: &str,
    correction: &Correction,
    input: &CorrectionInput,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let uncertainty = input.uncertainty.as_ref().map(|own| own.for_display(UNCERTAIN_DIGITS));
    writeln!(
        f,
        "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        text(path),
        text(&correction.formula),
        text(&input.name),
        text(&input.value.to_string()),
        text(uncertainty.as_deref().unwrap_or_default()),
        text(&source(input)),
    )
}

/// `certificate SHUNT-2026-03, due 2027-03-31`, `the result no_current`.
fn source(input: &CorrectionInput) -> String {
    let result = input.result.as_ref().map(|path| format!("the result {path}"));
    let certificate = input.certificate.as_ref().map(|own| format!("certificate {own}"));
    let due = input.due.as_ref().map(|due| format!("due {due}"));
    result.into_iter().chain(certificate).chain(due).collect::<Vec<_>>().join(", ")
}
