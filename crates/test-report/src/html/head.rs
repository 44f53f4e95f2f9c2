//! The first page: verdict, what was tested, by whom, where and when.

use std::fmt::{self, Formatter};

use bench_model::{Trigger, Verdict};

use super::HtmlOptions;
use super::amendment::{notice, replaces, report_number};
use super::markup::{facts, text};
use super::rows::badge;
use super::session::{Outcome, Session};
use crate::text::{between, count, counted, duration, utc};

/// Title, verdict, counts, facts.
pub(super) fn head(
    session: &Session<'_>,
    options: &HtmlOptions,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    f.write_str("<header class=\"head\">\n")?;
    if let Some(laboratory) = &options.laboratory {
        writeln!(f, "<p class=\"laboratory\">{}</p>", text(laboratory))?;
    }
    writeln!(f, "<p class=\"kind\">Test report</p>\n<h1>{}</h1>", text(&plan_name(session)))?;
    writeln!(f, "<p class=\"dut\">{}</p>", text(&dut_line(session)))?;
    verdict(session, f)?;
    notice(session, options, f)?;
    let dut = &session.start.dut;
    facts(
        f,
        "facts",
        &[
            ("Report number", Some(report_number(session, options))),
            ("Replaces report", replaces(session, options)),
            ("Issued", options.issued_at.map(|at| format!("{} UTC", utc(at)))),
            ("Item tested", dut.model.clone()),
            ("Serial number", dut.serial.clone()),
            ("Customer", options.customer.clone()),
            ("Test plan", Some(plan_name(session))),
            ("Tested", Some(when(session))),
            ("Operator", session.start.operator.clone()),
            ("Bench", Some(bench(session))),
            ("Host", session.start.host.clone()),
            ("Begun", Some(begun_by(session))),
            ("Authorised by", options.authorised_by.clone()),
        ],
    )?;
    f.write_str("<p class=\"note\">This report relates only to the item tested.</p>\n</header>\n")
}

/// `quickstart 1.0`.
pub(super) fn plan_name(session: &Session<'_>) -> String {
    let plan = &session.start.plan;
    match &plan.version {
        Some(version) => format!("{} {version}", plan.name),
        None => plan.name.clone(),
    }
}

fn dut_line(session: &Session<'_>) -> String {
    match (&session.start.dut.model, &session.start.dut.serial) {
        (Some(model), Some(serial)) => format!("{model}, serial number {serial}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => "The plan names no item under test".to_owned(),
    }
}

fn begun_by(session: &Session<'_>) -> String {
    match session.start.trigger {
        Trigger::Manual => "by a person",
        Trigger::Automated => "by a program",
        Trigger::Scheduled => "by a timer",
        Trigger::CiCd => "by a CI job",
    }
    .to_owned()
}

fn bench(session: &Session<'_>) -> String {
    let simulated = if session.start.simulated { " (simulated)" } else { "" };
    format!("{}{simulated}", session.start.bench)
}

fn when(session: &Session<'_>) -> String {
    let start = utc(session.started_at);
    let took = duration(between(session.started_at, session.last_at));
    match session.end {
        Some(_) => format!("{start} UTC, {took}"),
        None => format!("{start} UTC; last record after {took}"),
    }
}

fn verdict(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let outcome = session.outcome();
    writeln!(
        f,
        "<div class=\"verdict {}\">\n<p class=\"word\">{}</p>",
        outcome.colour(),
        outcome.word()
    )?;
    write!(f, "<div><p>{}</p>\n<p class=\"counts\">", text(&in_words(session, outcome)))?;
    for verdict in Verdict::WORST_FIRST {
        if session.counts.of(verdict) > 0 {
            write!(f, "<span>{} {}</span> ", session.counts.of(verdict), badge(verdict.word()))?;
        }
    }
    writeln!(f, "</p>\n<p>{}</p></div>\n</div>", text(&extent(session)))?;
    if session.start.simulated {
        f.write_str("<p class=\"alert\"><b>SIMULATED</b> At least one instrument of this session was simulated. ")?;
        f.write_str("These numbers say nothing about a real item.</p>\n")?;
    }
    if session.outputs_in_doubt() {
        f.write_str("<p class=\"alert\"><b>OUTPUTS NOT CONFIRMED OFF</b> See ")?;
        f.write_str(
            "<a href=\"#safe-state\">Safe state</a>: something may still be energised.</p>\n",
        )?;
    }
    Ok(())
}

fn in_words(session: &Session<'_>, outcome: Outcome) -> String {
    let (counts, reason) = (&session.counts, session.end.and_then(|end| end.reason.as_deref()));
    let because = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let judged = counts.judged().saturating_sub(counts.skip);
    let of = counted(judged, "judged result", "judged results");
    match outcome {
        Outcome::Judged(Verdict::Pass) => "Every judged result lies within its limit.".to_owned(),
        Outcome::Judged(Verdict::Fail) => format!("{} of {of} outside the limit.", counts.fail),
        Outcome::Judged(Verdict::Error) => {
            format!("{} of {of} could not be obtained, because the equipment failed.", counts.error)
        }
        Outcome::Judged(Verdict::Inconclusive) => {
            format!("Nothing can be said about {} of {of}.", counts.inconclusive)
        }
        Outcome::Judged(Verdict::Skip) => "Everything was skipped.".to_owned(),
        Outcome::Judged(Verdict::Recorded) => "Recorded without limits: nothing was judged.".to_owned(),
        Outcome::NothingJudged => "The session ran to its end, and judged nothing.".to_owned(),
        Outcome::Aborted => format!("The session was stopped before its end{because}"),
        Outcome::NotCompleted => format!("The session could not be completed{because}"),
        Outcome::Incomplete => {
            "The record has no end: the session was cut off, or was still running. What follows is what it \
             recorded until then, and no verdict on the whole."
                .to_owned()
        }
    }
}

/// `28 of 28 planned verdicts, 48 readings, 2 waveforms`.
fn extent(session: &Session<'_>) -> String {
    let planned = session.start.planned_results;
    let mut parts = vec![
        format!(
            "{} of {}",
            session.made(),
            counted(planned, "planned verdict", "planned verdicts")
        ),
        counted(count(session.readings.count), "reading", "readings"),
    ];
    if !session.waveforms.is_empty() {
        parts.push(counted(count(session.waveforms.len()), "waveform", "waveforms"));
    }
    if !session.outputs_in_doubt()
        && session.last_safe_state().is_some_and(|state| !state.outputs.is_empty())
    {
        parts.push("all outputs confirmed off at the end".to_owned());
    }
    parts.join(", ")
}
