//! A session's readings as CSV (RFC 4180), for spreadsheets and scripts.

use bench_model::{Decimal, Quantity, Reading, Record, RunEvent, SessionId};

use crate::axes::{Axis, axes};

/// The columns before the axes.
const BEFORE_AXES: [&str; 2] = ["session", "place"];
/// The columns behind the axes.
const AFTER_AXES: [&str; 10] = [
    "role",
    "instrument",
    "channel",
    "function",
    "value",
    "unit",
    "raw",
    "sample",
    "attempt",
    "taken_at",
];

/// Characters with which a spreadsheet begins a formula.
const FORMULA_STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A run that cannot be written as CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// The first event is missing.
    #[error("the run has no start, so that its session is not known")]
    NoStart,
}

/// One row for each reading, in the order in which they were taken, below a row of names; UTF-8 without a byte
/// order mark, lines end with CR LF.
///
/// - `value` has every digit that the instrument sent, `Infinity` and `-Infinity` for an overload, and `NaN`; it is in
///   `unit`, without a prefix of its own. `raw` is the answer as it came.
/// - Each axis is a column `axis NAME [UNIT]`: its setpoint, exact, in base units; empty where a step has no such axis.
/// - Text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-` or `@`, and is no number) has an
///   apostrophe before it. Numbers never have.
/// - Characters that are neither printable nor line ends are escaped (`\u{7}`).
///
/// What CSV cannot carry, and the journal, JSON Lines or the HTML report have: verdicts, limits and margins, computed
/// results, waveforms, answers that are words, statistics, settings, instruments' identities, warnings, the safe state
/// and the plan.
///
/// # Errors
///
/// When the records have no start.
pub fn csv(records: &[Record]) -> Result<String, CsvError> {
    let session = records.iter().find_map(session_of).ok_or(CsvError::NoStart)?;
    let readings = || records.iter().filter_map(reading_of);
    let axes = axes(readings());
    let mut out = String::new();
    let axis_names = axes.iter().map(Axis::to_string);
    let names = BEFORE_AXES.into_iter().map(str::to_owned).chain(axis_names);
    line(&mut out, names.chain(AFTER_AXES.map(str::to_owned)).map(|name| quoted(&harmless(&name))));
    for reading in readings() {
        line(&mut out, cells(reading, session, &axes).into_iter());
    }
    Ok(out)
}

fn session_of(record: &Record) -> Option<SessionId> {
    match &record.event {
        RunEvent::SessionStarted(start) => Some(start.session),
        _ => None,
    }
}

fn reading_of(record: &Record) -> Option<&Reading> {
    match &record.event {
        RunEvent::Reading(reading) => Some(reading),
        _ => None,
    }
}

fn cells(reading: &Reading, session: SessionId, axes: &[Axis]) -> Vec<String> {
    let text = |text: &str| quoted(&harmless(text));
    let mut cells = vec![session.to_string(), text(&reading.place.to_string())];
    cells.extend(axes.iter().map(|axis| setpoint(reading, axis)));
    cells.extend([
        text(&reading.role),
        text(&reading.instrument),
        reading.channel.to_string(),
        text(&reading.function),
        reading.value.to_string(),
        text(reading.unit.symbol()),
        text(&reading.raw),
        reading.sample.to_string(),
        reading.attempt.to_string(),
        reading.taken_at.to_string(),
    ]);
    cells
}

fn setpoint(reading: &Reading, axis: &Axis) -> String {
    let base = axis.of_reading(reading).and_then(Quantity::in_base);
    base.map(|base| base.to_string()).unwrap_or_default()
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push_str(&cell);
    }
    out.push_str("\r\n");
}

/// No formula, and nothing that moves a cursor or ends a file.
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(FORMULA_STARTS) && text.parse::<Decimal>().is_err();
    let mut harmless = if is_formula { "'".to_owned() } else { String::new() };
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' | '\n' | '\r' | '\t' => harmless.push(character),
            other => harmless.extend(other.escape_debug()),
        }
    }
    harmless
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_formula_and_numbers_stay_numbers() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("＝1", "'＝1"),
            ("-", "'-"),
            ("+3.30066300E+00", "+3.30066300E+00"),
            ("-0.5", "-0.5"),
            ("a=b", "a=b"),
            ("\u{7}\u{202e}x", "\\u{7}\\u{202e}x"),
            ("", ""),
        ] {
            assert_eq!(quoted(&harmless(text)), cell);
        }
    }

    #[test]
    fn quotes_are_those_of_rfc_4180() {
        for (text, cell) in [
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("plain µV", "plain µV"),
        ] {
            assert_eq!(quoted(&harmless(text)), cell);
        }
    }
}
