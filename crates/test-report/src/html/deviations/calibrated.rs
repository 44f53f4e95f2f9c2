//! Instruments whose readings cannot be traced, or only in part.

use bench_model::InstrumentIdentity;

use super::{HtmlOptions, MAX_NAMED, Session, shortened};

/// What was overdue, what is not stated, and what the plan itself waives.
pub(super) fn remarks(session: &Session<'_>, options: &HtmlOptions) -> Vec<String> {
    let is_overdue = |own: &InstrumentIdentity| {
        own.calibration.as_ref().is_some_and(|it| it.overdue == Some(true))
    };
    let is_unknown =
        |own: &InstrumentIdentity| own.calibration.as_ref().is_none_or(|it| it.overdue.is_none());
    let waived = options.waived_calibration.iter().map(|role| shortened(role)).collect();
    let all = [
        named("Used although calibration was overdue", real(session, is_overdue)),
        named(
            "Used without a stated date until which calibration holds",
            real(session, is_unknown),
        ),
        named("The plan waives calibration of the roles", waived),
    ];
    all.into_iter().flatten().collect()
}

/// The real instruments of which that is so.
fn real(session: &Session<'_>, is_meant: impl Fn(&InstrumentIdentity) -> bool) -> Vec<String> {
    let own = session.instruments.iter().filter(|own| !own.simulated && is_meant(own));
    own.map(|own| shortened(&own.instrument)).collect()
}

fn named(what: &str, mut names: Vec<String>) -> Option<String> {
    let more = names.len().saturating_sub(MAX_NAMED);
    names.truncate(MAX_NAMED);
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    (!names.is_empty()).then(|| format!("{what}: {}.", names.join(", ")))
}
