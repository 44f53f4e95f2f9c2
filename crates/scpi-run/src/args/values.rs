//! Values of options, read from their text.

use bench_model::Timestamp;
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub(super) fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("'{text}' is no NAME=VALUE"))?;
    if name.is_empty() {
        return Err(format!("'{text}' has no name before the ="));
    }
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// The first moment of a day in UTC.
pub(super) fn day(text: &str) -> Result<Timestamp, String> {
    let day: Result<Date, _> = text.parse();
    midnight(day.map_err(|_| format!("'{text}' is no day: write it as 2026-01-31"))?)
}

fn midnight(day: Date) -> Result<Timestamp, String> {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|error| error.to_string())
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("'{text}' is neither yes nor no")),
    }
}

/// A moment, a day of UTC from its midnight on, or so many days back.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let back = text.strip_suffix('d').and_then(|days| days.parse::<i64>().ok());
    if let Some(days) = back.filter(|days| (0..=100_000).contains(days)) {
        let span = Span::new().hours(days * 24);
        return Timestamp::now().checked_sub(span).map_err(|error| error.to_string());
    }
    let day = text.parse::<Date>().ok().filter(|_| !text.contains(['T', ':']));
    if let Some(day) = day {
        return midnight(day);
    }
    text.parse().map_err(|_| {
        format!("'{text}' is no time: 2026-10-09, 2026-10-09T08:53:20Z, or 7d for seven days back")
    })
}

pub(super) fn probability(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    let is_level = |number: &f64| *number > 0.0 && *number < 1.0;
    number.filter(is_level).ok_or_else(|| format!("'{text}' is no number between 0 and 1: 0.01"))
}
