//! A run as JUnit XML, for CI servers.

use std::collections::HashMap;

use bench_model::{
    Reading, Record, ResultId, RunEvent, RunRecord, SafeState, SessionStart, SessionStatus,
    StepResult, Verdict,
};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::phrase::{self, FULL_DIGITS};
use crate::text::{self, clean};

/// The name of the case that fails where the session did not run to its end.
const SESSION_CASE: &str = "(session)";
/// The name of the case that fails where an output is not confirmed off.
const OUTPUTS_CASE: &str = "(outputs off)";

/// Readings of one case, at most: more of them are in the CSV.
const MAX_READINGS: usize = 100;

/// A run that cannot be written as JUnit XML.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JunitError {
    /// Its first event is missing.
    #[error("the run has no start, so that plan and session are not known")]
    NoStart,
    /// The XML cannot be written.
    #[error("the JUnit report cannot be written: {0}")]
    Xml(quick_junit::SerializeError),
}

/// One test suite: a test case for each judged leaf at each point. FAIL is a failure; ERROR and INCONCLUSIVE are
/// errors, and so is a session that did not run to its end. What is recorded without a limit is a property, and so is
/// the number of attempts where it took several. Each case has its readings, with every digit, as its output.
///
/// It has no element and no attribute that the schema of Jenkins' xUnit plugin (`junit-10.xsd`) does not know; so the
/// time of a single case is in its output.
///
/// What JUnit cannot carry: units and limits as numbers, waveforms, statistics, instruments' identities, warnings.
///
/// # Errors
///
/// When the run has no start.
pub fn junit(records: &[Record]) -> Result<String, JunitError> {
    let run = &RunRecord::of(records.iter().cloned());
    let start = run.start.as_ref().ok_or(JunitError::NoStart)?;
    let mut report = Report::new(clean(&start.plan.name));
    let suite = suite(run, start, &Readings::of(records));
    report.time = suite.time;
    report.add_test_suite(suite);
    report.to_string().map(without_skipped).map_err(JunitError::Xml)
}

/// The schema knows `skipped` of a suite, and not of all suites together.
fn without_skipped(xml: String) -> String {
    let Some((before, rest)) = xml.split_once("<testsuites ") else { return xml };
    let Some((all, rest)) = rest.split_once('>') else { return xml };
    let kept = all.split_once(" skipped=\"").and_then(|(before, rest)| {
        rest.split_once('"').map(|(_, after)| format!("{before}{after}"))
    });
    format!("{before}<testsuites {}>{rest}", kept.as_deref().unwrap_or(all))
}

/// The readings behind each result.
struct Readings<'r>(HashMap<ResultId, Vec<&'r Reading>>);

impl<'r> Readings<'r> {
    fn of(records: &'r [Record]) -> Self {
        let mut all: HashMap<ResultId, Vec<&Reading>> = HashMap::new();
        for record in records {
            if let RunEvent::Reading(reading) = &record.event {
                all.entry(reading.result).or_default().push(reading);
            }
        }
        Self(all)
    }

    /// A line each: `2025-10-09T08:53:20Z dmm channel 1 dc_voltage: +5.00000000E+00 V`.
    fn lines(&self, result: &StepResult) -> Vec<String> {
        let own = self.0.get(&result.id).map(Vec::as_slice).unwrap_or_default();
        let mut lines: Vec<_> = own.iter().take(MAX_READINGS).map(|own| line(own)).collect();
        if let more @ 1.. = own.len().saturating_sub(MAX_READINGS) {
            lines.push(format!("and {more} more readings"));
        }
        lines
    }
}

fn line(reading: &Reading) -> String {
    let Reading { instrument, channel, function, raw, unit, taken_at, .. } = reading;
    let (instrument, function) = (clean(instrument), clean(function));
    let (raw, unit) = (clean(raw.trim()), clean(unit.symbol()));
    format!("{taken_at} {instrument} channel {channel} {function}: {raw} {unit}").trim_end().into()
}

fn suite(run: &RunRecord, start: &SessionStart, readings: &Readings<'_>) -> TestSuite {
    let mut suite = TestSuite::new(clean(&start.plan.name));
    suite.timestamp = run.started_at.and_then(|at| at.to_string().parse().ok());
    if let Some((start, end)) = run.started_at.zip(run.ended_at) {
        suite.set_time(text::between(start, end));
    }
    suite.add_properties(properties(run, start));
    let judged = run.results.iter().filter(|result| result.verdict != Verdict::Recorded);
    let judged = judged.map(|result| case(result, readings));
    suite.add_test_cases(judged.map(|case| in_plan(case, start)));
    suite.add_test_cases(session_cases(run).into_iter().map(|case| in_plan(case, start)));
    suite
}

fn in_plan(mut case: TestCase, start: &SessionStart) -> TestCase {
    case.set_classname(clean(&start.plan.name));
    case
}

fn properties(run: &RunRecord, start: &SessionStart) -> Vec<Property> {
    let plan_version = start.plan.version.clone().unwrap_or_default();
    let known = [
        ("session", start.session.to_string()),
        ("plan", start.plan.name.clone()),
        ("plan_version", plan_version),
        ("plan_file", start.plan.file.clone()),
        ("plan_sha256", start.plan.sha256.clone()),
        ("dut_model", start.dut.model.clone().unwrap_or_default()),
        ("dut_serial", start.dut.serial.clone().unwrap_or_default()),
        ("bench", start.bench.clone()),
        ("simulated", start.simulated.to_string()),
        ("partial", start.partial.to_string()),
        ("software", start.software.clone()),
    ];
    let known = known.into_iter().filter(|(_, value)| !value.is_empty());
    let recorded = run.results.iter().filter(|result| result.verdict == Verdict::Recorded);
    let recorded = recorded.map(|result| {
        let name = format!("recorded {}", clean(&result.place.to_string()));
        Property::new(name, phrase::reading(result, FULL_DIGITS))
    });
    let again = run.results.iter().filter(|result| result.attempts > 1).map(|result| {
        let name = format!("attempts {}", clean(&result.place.to_string()));
        Property::new(name, result.attempts.to_string())
    });
    let known = known.map(|(name, value)| Property::new(name, clean(&value)));
    known.chain(recorded).chain(again).collect()
}

fn case(result: &StepResult, readings: &Readings<'_>) -> TestCase {
    let mut case = TestCase::new(clean(&result.place.to_string()), status(result));
    case.set_time(text::between(result.started_at, result.finished_at));
    if result.verdict != Verdict::Skip {
        let own = [facts(result), format!("began: {}", result.started_at)];
        let lines = own.into_iter().filter(|line| !line.is_empty()).chain(readings.lines(result));
        case.set_system_out(lines.collect::<Vec<_>>().join("\n"));
    }
    case
}

fn status(result: &StepResult) -> TestCaseStatus {
    let mut status = match result.verdict {
        Verdict::Pass | Verdict::Recorded => return TestCaseStatus::success(),
        Verdict::Skip => TestCaseStatus::skipped(),
        Verdict::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Error | Verdict::Inconclusive => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
    };
    let reason = result.reason.as_deref().map(clean);
    if result.verdict == Verdict::Skip {
        reason.map(|reason| status.set_message(reason));
        return status;
    }
    status.set_type(result.verdict.word()).set_description(facts(result));
    status.set_message(reason.unwrap_or_else(|| short(result)));
    status
}

/// `5.012 V, limit 4.95 V .. 5.05 V, beyond it by 2 mV`.
fn short(result: &StepResult) -> String {
    let parts = [
        phrase::reading(result, FULL_DIGITS),
        phrase::limit(result),
        phrase::margin(result, FULL_DIGITS),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// All that is known, a line each.
fn facts(result: &StepResult) -> String {
    let named = |name: &str, text: Option<&str>| {
        text.map(|text| format!("{name}: {}", clean(text))).unwrap_or_default()
    };
    let lines = [
        short(result),
        named("role", result.role.as_deref()),
        named("instrument", result.instrument.as_deref()),
        named("reason", result.reason.as_deref()),
        if result.attempts > 1 { format!("attempt: {}", result.attempts) } else { String::new() },
    ];
    lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What CI must see though no leaf says it: a run with no results is not green.
fn session_cases(run: &RunRecord) -> Vec<TestCase> {
    let mut cases = Vec::new();
    match &run.end {
        Some(end) if end.status == SessionStatus::Completed => {}
        Some(end) => {
            let reason = end.reason.as_deref().unwrap_or("no reason was given");
            cases.push(error(SESSION_CASE, phrase::broken_off(end.status), reason));
        }
        None => cases.push(error(SESSION_CASE, phrase::UNFINISHED, "the run has no end")),
    }
    if phrase::outputs_in_doubt(run) {
        let outputs = run.safe_state.iter().flat_map(SafeState::unconfirmed);
        let named: Vec<_> = outputs.map(phrase::output).collect();
        let message = if named.is_empty() { "not confirmed off".into() } else { named.join("; ") };
        cases.push(error(OUTPUTS_CASE, "NOT CONFIRMED OFF", &message));
    }
    cases
}

fn error(name: &str, kind: &str, message: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(kind).set_message(clean(message));
    TestCase::new(name, status)
}
