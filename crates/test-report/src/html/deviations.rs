//! Everything that was not as the plan and the simplest case have it.

mod asked;
mod calibrated;
mod cut;

use std::fmt::{self, Formatter};

use bench_model::{Measured, StepResult, Verdict};

use super::HtmlOptions;
use super::amendment::amended;
use super::markup::{list, section};
use super::plot::place_in_words;
use super::session::{Outcome, Session};
use crate::leaf::{Leaf, leaves};
use crate::text::{count, counted};

/// Places that are named, at most.
const MAX_NAMED: usize = 8;
/// Characters of one of them.
const MAX_NAME_CHARS: usize = 60;

/// The whole part.
pub(super) fn deviations(
    session: &Session<'_>,
    options: &HtmlOptions,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    section(f, "deviations", "Deviations and remarks", |f| {
        let found = found(session, options);
        if found.is_empty() {
            f.write_str("<p>None: the whole plan was run on real instruments to its end, at the first attempt.</p>\n")?;
        } else {
            list(f, found.iter().map(String::as_str), found.len())?;
        }
        if options.changed_parameters.is_none() {
            f.write_str(
                "<p class=\"note\">It is not known which parameters differ from the plan’s own. ",
            )?;
        } else {
            f.write_str("<p class=\"note\">")?;
        }
        f.write_str(
            "All parameters in force stand under <a href=\"#conditions\">Conditions</a>.</p>\n",
        )
    })
}

fn found(session: &Session<'_>, options: &HtmlOptions) -> Vec<String> {
    let mut found: Vec<_> = amended(session, options).into_iter().collect();
    found.extend(of_the_session(session));
    found.extend(asked::on_demand(session, options));
    found.extend(cut::resumed(session));
    found.extend(calibrated::remarks(session, options));
    found.extend(named(session, "Passed or ended at a later attempt", |r| r.attempts > 1));
    found.extend(named(session, "Skipped", |r| r.verdict == Verdict::Skip));
    found.extend(named(session, "The equipment failed at", |r| r.verdict == Verdict::Error));
    found.extend(raw(session, options));
    found.extend(loose_readings(session));
    let warnings = count(session.log.iter().filter(|entry| entry.kind == "warning").count());
    if warnings > 0 {
        found.push(format!("{} in the log below.", counted(warnings, "warning", "warnings")));
    }
    found
}

fn of_the_session(session: &Session<'_>) -> Vec<String> {
    let (start, mut found) = (session.start, Vec::new());
    let reason = session.end.and_then(|end| end.reason.as_deref());
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    match session.outcome() {
        Outcome::Incomplete => found.push("The record is incomplete: it has no end.".to_owned()),
        Outcome::Aborted => found.push(format!("The session was stopped before its end{reason}")),
        Outcome::NotCompleted => found.push(format!("The session could not be completed{reason}")),
        Outcome::Judged(_) | Outcome::NothingJudged => {}
    }
    if start.simulated {
        found.push("At least one instrument was simulated.".to_owned());
    }
    let (planned, made) = (start.planned_results, session.made());
    if planned != made {
        found.push(format!("Verdicts planned: {planned}; made: {made}."));
    }
    if session.outputs_in_doubt() {
        found.push("Not every output was confirmed off at the end.".to_owned());
    }
    found
}

/// `Skipped: later (2 results), b.`
fn named(
    session: &Session<'_>,
    what: &str,
    is_meant: impl Fn(&StepResult) -> bool,
) -> Option<String> {
    let meant = leaves(session.results.iter().copied().filter(|result| is_meant(result)));
    let name = |leaf: &Leaf<'_>| match leaf.results.as_slice() {
        [one] => shortened(&place_in_words(one)),
        several => format!("{} ({} results)", shortened(leaf.path), several.len()),
    };
    let mut names: Vec<_> = meant.iter().take(MAX_NAMED).map(name).collect();
    if let more @ 1.. = meant.len().saturating_sub(MAX_NAMED) {
        names.push(format!("and {more} more"));
    }
    (!meant.is_empty()).then(|| format!("{what}: {}.", names.join(", ")))
}

/// So that one long name does not hide the others.
fn shortened(name: &str) -> String {
    let mut characters = name.chars();
    let kept: String = characters.by_ref().take(MAX_NAME_CHARS).collect();
    if characters.next().is_some() { format!("{kept}…") } else { kept }
}

/// By the plan's text, which knows of commands without a result too; else by what came of them.
fn raw(session: &Session<'_>, options: &HtmlOptions) -> Option<String> {
    let by_plan = "The plan sends raw SCPI, which no dialect checks, in";
    let by_results = "Raw SCPI, which no dialect checks, was used at";
    let told = asked::words(by_plan, &options.raw_steps);
    told.or_else(|| named(session, by_results, |result| is_raw(session, result)))
}

/// Words or nothing for an answer, or a reading of no known function.
fn is_raw(session: &Session<'_>, result: &StepResult) -> bool {
    let readings = session.readings.of(result);
    if let Some(reading) = readings.first() {
        return reading.function.contains(['?', '*', ':', ' ']);
    }
    let was_sent = !matches!(result.verdict, Verdict::Skip | Verdict::Error);
    let has_number = matches!(result.actual, Some(Measured::Number { .. }));
    was_sent && result.role.is_some() && !has_number && result.waveforms.is_empty()
}

/// Readings whose result never came: a cut, or an attempt that ended in an error.
fn loose_readings(session: &Session<'_>) -> Option<String> {
    let of_results: usize =
        session.results.iter().map(|result| session.readings.of(result).len()).sum();
    let loose =
        count(session.readings.count.saturating_sub(of_results + session.readings.corrected));
    let readings = counted(loose, "reading belongs", "readings belong");
    let until = if session.resumed.is_empty() { "the record ends" } else { "the session was cut" };
    (loose > 0)
        .then(|| format!("{readings} to no result that counts: they were taken before {until}."))
}
