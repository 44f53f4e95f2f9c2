//! Results and runs in words.

use bench_model::{
    Dut, Measured, OutputSafety, Quantity, RunRecord, SessionEnd, SessionStart, SessionStatus,
    StepResult, Verdict,
};

use crate::analysed;
use crate::decided::note;
use crate::look::Look;
use crate::table::Row;
use crate::text::{self, clean, count, counted};

/// Significant digits of what is in order.
pub(crate) const CALM_DIGITS: u32 = 6;
/// Significant digits of a margin that is kept.
pub(crate) const MARGIN_DIGITS: u32 = 3;
/// Significant digits of what is not in order: more than any instrument sends.
pub(crate) const FULL_DIGITS: u32 = 15;

/// Whether people must look at it.
pub(crate) fn is_bad(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::Error | Verdict::Inconclusive)
}

/// The digits that a result deserves.
fn digits(result: &StepResult) -> u32 {
    if is_bad(result.verdict) { FULL_DIGITS } else { CALM_DIGITS }
}

/// A result as a row: place, reading, limit, margin; below, whose it is and why.
pub(crate) fn row(result: &StepResult, look: Look) -> Row {
    row_with(result, digits(result), look)
}

/// The same with every digit.
pub(crate) fn full_row(result: &StepResult, look: Look) -> Row {
    row_with(result, FULL_DIGITS, look)
}

fn row_with(result: &StepResult, digits: u32, look: Look) -> Row {
    let margin_digits = if digits == FULL_DIGITS { FULL_DIGITS } else { MARGIN_DIGITS };
    let cells = vec![
        clean(&result.place.to_string()),
        reading(result, digits),
        limit(result),
        margin(result, margin_digits),
    ];
    Row { head: look.verdict(result.verdict), cells, notes: notes(result) }
}

/// What was judged: `5.0012 V`, in full `5.0012 V (mean of 5)`; why nothing was, where that is all there is to say.
pub(crate) fn reading(result: &StepResult, digits: u32) -> String {
    let Some(actual) = &result.actual else { return reason_of_skip(result) };
    let shown = measured(actual, digits);
    match (&result.judged_on, result.readings.len()) {
        (Some(of), samples @ 2..) if digits == FULL_DIGITS => {
            format!("{shown} ({} of {samples})", clean(of))
        }
        _ => shown,
    }
}

fn reason_of_skip(result: &StepResult) -> String {
    let reason = result.reason.as_deref().filter(|_| result.verdict == Verdict::Skip);
    reason.map(clean).unwrap_or_default()
}

fn measured(actual: &Measured, digits: u32) -> String {
    clean(&actual.for_display(digits))
}

/// `limit 4.95 V .. 5.05 V`.
pub(crate) fn limit(result: &StepResult) -> String {
    let resolved = result.limit.as_ref().map(ToString::to_string);
    let text = resolved.or_else(|| result.limit_text.clone());
    text.map(|limit| format!("limit {}", clean(&limit))).unwrap_or_default()
}

/// `margin 22.7 mV`, `beyond it by 2 mV`.
pub(crate) fn margin(result: &StepResult, digits: u32) -> String {
    let Some(Quantity { value, unit }) = &result.margin else { return String::new() };
    let size = Quantity::new(value.abs(), unit.clone()).for_display(digits);
    match result.verdict {
        Verdict::Fail if value.is_zero() => "exactly on it, which is outside".to_owned(),
        _ if value.is_negative() => format!("beyond it by {size}"),
        _ => format!("margin {size}"),
    }
}

fn notes(result: &StepResult) -> Vec<String> {
    let mut notes = Vec::new();
    if result.verdict != Verdict::Skip && (is_bad(result.verdict) || result.reason.is_some()) {
        let reason = result.reason.as_deref().map(clean);
        let source = source(result).filter(|_| !names_its_source(result));
        notes.extend(joined([source, reason].into_iter().flatten().collect(), ": "));
    }
    notes.extend(note(result));
    notes.extend(analysed::notes(result));
    if result.attempts > 1 {
        let how = if result.verdict == Verdict::Pass { "passed at" } else { "this is" };
        notes.push(format!("{how} attempt {}", result.attempts));
    }
    notes
}

/// Whether the reason begins with role or instrument, as errors of instruments do.
fn names_its_source(result: &StepResult) -> bool {
    let Some(reason) = &result.reason else { return false };
    let begins =
        |name: &String| reason.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', ' ']));
    result.role.as_ref().is_some_and(begins) || result.instrument.as_ref().is_some_and(begins)
}

/// `dmm`, or `vout on dmm` where role and instrument have different names.
fn source(result: &StepResult) -> Option<String> {
    match (&result.role, &result.instrument) {
        (Some(role), Some(instrument)) if role != instrument => {
            Some(format!("{} on {}", clean(role), clean(instrument)))
        }
        (Some(name), _) | (None, Some(name)) => Some(clean(name)),
        (None, None) => None,
    }
}

fn joined(parts: Vec<String>, between: &str) -> Option<String> {
    (!parts.is_empty()).then(|| parts.join(between))
}

/// `quickstart 1.0 · DUT CHG05-000001 · bench quickstart (SIMULATED)`.
pub(crate) fn head(start: &SessionStart, look: Look) -> String {
    let mut parts = vec![look.heading(&plan(start))];
    parts.extend(dut(&start.dut).map(|dut| format!("DUT {dut}")));
    let simulated = if start.simulated { look.notable(" (SIMULATED)") } else { String::new() };
    parts.push(format!("bench {}{simulated}", clean(&start.bench)));
    if start.partial {
        parts.push(look.notable("PARTIAL"));
    }
    parts.join(" · ")
}

/// `quickstart 1.0`.
pub(crate) fn plan(start: &SessionStart) -> String {
    let version = start.plan.version.as_deref().map(|version| format!(" {}", clean(version)));
    format!("{}{}", clean(&start.plan.name), version.unwrap_or_default())
}

/// Its serial number, else its model.
pub(crate) fn dut(dut: &Dut) -> Option<String> {
    dut.serial.as_deref().or(dut.model.as_deref()).map(clean)
}

/// `18 passed, 1 failed · 21 results, 90 readings in 4.2 s · outputs off`.
pub(crate) fn totals(run: &RunRecord, look: Look) -> String {
    let mut made = vec![counted(count(run.results.len()), "result", "results")];
    made.push(counted(run.readings, "reading", "readings"));
    if run.waveforms > 0 {
        made.push(counted(run.waveforms, "waveform", "waveforms"));
    }
    let time = took(run).map(|took| format!(" in {took}")).unwrap_or_default();
    let mut parts = vec![verdicts(run, look), format!("{}{time}", made.join(", "))];
    parts.extend(outputs(run, look));
    parts.join(" · ")
}

/// `18 passed, 1 failed`.
fn verdicts(run: &RunRecord, look: Look) -> String {
    let all = [
        (Verdict::Pass, "passed", "passed"),
        (Verdict::Fail, "failed", "failed"),
        (Verdict::Error, "error", "errors"),
        (Verdict::Inconclusive, "inconclusive", "inconclusive"),
        (Verdict::Skip, "skipped", "skipped"),
        (Verdict::Recorded, "recorded", "recorded"),
    ];
    let parts =
        all.into_iter().filter_map(|(verdict, one, several)| match run.counts.of(verdict) {
            0 => None,
            count => Some(look.as_verdict(verdict, &counted(count, one, several))),
        });
    joined(parts.collect(), ", ").unwrap_or_else(|| "nothing judged".to_owned())
}

/// How long the session took, as far as it is known.
pub(crate) fn took(run: &RunRecord) -> Option<String> {
    let (start, end) = run.started_at.zip(run.ended_at)?;
    Some(text::duration(text::between(start, end)))
}

fn outputs(run: &RunRecord, look: Look) -> Option<String> {
    if outputs_in_doubt(run) {
        return Some(look.loud("outputs NOT confirmed off"));
    }
    let any = run.safe_state.as_ref().is_some_and(|state| !state.outputs.is_empty());
    any.then(|| "outputs off".to_owned())
}

/// Whether something may still be energised.
pub(crate) fn outputs_in_doubt(run: &RunRecord) -> bool {
    let said_so = run.end.as_ref().is_some_and(|end| !end.outputs_off);
    let named = run.safe_state.as_ref().is_some_and(|state| state.unconfirmed().next().is_some());
    said_so || named
}

/// `vio (psu channel 2): no answer within 1s`.
pub(crate) fn output(output: &OutputSafety) -> String {
    let detail = output.detail.as_deref().map(|detail| format!(": {}", clean(detail)));
    let (role, instrument) = (clean(&output.role), clean(&output.instrument));
    format!("{role} ({instrument} channel {}){}", output.channel, detail.unwrap_or_default())
}

/// One loud line for each output that is not confirmed off.
pub(crate) fn doubtful_outputs<'a>(
    outputs: impl IntoIterator<Item = &'a OutputSafety>,
    look: Look,
) -> Vec<String> {
    let line = |safety| look.loud(&format!("OUTPUT NOT CONFIRMED OFF: {}", output(safety)));
    outputs.into_iter().filter(|output| !output.confirmed_off).map(line).collect()
}

/// The last word: the verdict, or why there is none.
pub(crate) fn outcome(run: &RunRecord, look: Look) -> String {
    match &run.end {
        Some(SessionEnd { status: SessionStatus::Completed, .. }) => match run.verdict() {
            Some(verdict) => look.verdict(verdict),
            None => look.notable("NOTHING JUDGED"),
        },
        Some(SessionEnd { status, reason, .. }) => {
            let why = reason.as_deref().map(|reason| format!(": {}", clean(reason)));
            look.loud(&format!("{}{}", broken_off(*status), why.unwrap_or_default()))
        }
        None => look.notable(UNFINISHED),
    }
}

/// What a session is called whose journal has no end: it runs, or was cut.
pub(crate) const UNFINISHED: &str = "UNFINISHED";

/// What a session is called that did not run to its end.
pub(crate) fn broken_off(status: SessionStatus) -> &'static str {
    if status == SessionStatus::Aborted { "ABORTED" } else { "NOT COMPLETED" }
}
