//! Times as old databases write them.

use bench_model::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rusqlite::types::Value;

/// Seconds beyond this are none: the year 9999.
const MAX_SECONDS: f64 = 253_402_300_799.0;

/// A text with or without a zone, or seconds since 1970.
pub(super) fn moment(cell: &Value) -> Result<Timestamp, String> {
    let read = match cell {
        Value::Text(text) => of_text(text.trim()),
        Value::Integer(seconds) => Timestamp::from_second(*seconds).ok(),
        Value::Real(seconds) => of_seconds(*seconds),
        Value::Null | Value::Blob(_) => None,
    };
    read.ok_or_else(|| match cell {
        Value::Text(text) => format!("'{text}' is no time"),
        Value::Integer(number) => format!("{number} is no time"),
        Value::Real(number) => format!("{number} is no time"),
        Value::Null | Value::Blob(_) => "it has no time".to_owned(),
    })
}

fn of_text(text: &str) -> Option<Timestamp> {
    let zoned = text.parse::<Timestamp>().ok();
    zoned.or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })
}

/// To the microsecond, which is what the database keeps.
fn of_seconds(seconds: f64) -> Option<Timestamp> {
    if !(seconds.is_finite() && seconds.abs() <= MAX_SECONDS) {
        return None;
    }
    let microseconds = format!("{:.0}", seconds * 1e6).parse().ok()?;
    Timestamp::from_microsecond(microseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_time_is_read() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (cell, expected) in [
            (text("2026-01-05 12:00:00"), Some("2026-01-05T12:00:00Z")),
            (text(" 2026-01-05T12:00 "), Some("2026-01-05T12:00:00Z")),
            (text("2026-01-05T13:00:00.5+01:00"), Some("2026-01-05T12:00:00.5Z")),
            (text("2026-01-05"), Some("2026-01-05T00:00:00Z")),
            (Value::Integer(1_767_614_400), Some("2026-01-05T12:00:00Z")),
            (Value::Real(1_767_614_400.25), Some("2026-01-05T12:00:00.25Z")),
            (text("yesterday"), None),
            (text(""), None),
            (Value::Integer(i64::MAX), None),
            (Value::Real(f64::NAN), None),
            (Value::Blob(vec![1]), None),
        ] {
            let read = moment(&cell).ok().map(|at| at.to_string());
            assert_eq!(read.as_deref(), expected, "{cell:?}");
        }
    }
}
