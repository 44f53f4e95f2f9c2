//! Lengths of time and times of day, as people write them: `8 h`, `1 h 30 min`, `06:30..08:00`.

use std::str::FromStr;
use std::time::Duration;

use jiff::civil::Time;

/// The longest that is taken.
const MAX: Duration = Duration::from_secs(366 * 86_400);

/// Seconds of each unit.
const UNITS: [(&[&str], u64); 4] =
    [(&["s", "sec"], 1), (&["min", "m"], 60), (&["h"], 3_600), (&["d"], 86_400)];

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// No length of time.
    #[error(
        "'{0}' is no length of time: a number and s, min, h or d is wanted, as 90 min or 1 h 30 min"
    )]
    Length(String),
    /// Longer than a year.
    #[error("'{0}' is longer than a year")]
    TooLong(String),
    /// No part of a day.
    #[error("'{0}' is no part of a day: HH:MM..HH:MM is wanted, as 22:00..06:30")]
    DayTimes(String),
}

/// Reads a length of time.
///
/// # Errors
///
/// When it is none, or longer than a year.
pub fn duration(text: &str) -> Result<Duration, SpanError> {
    let fault = || SpanError::Length(text.to_owned());
    let (mut total, mut rest) = (Duration::ZERO, text.trim());
    if rest.is_empty() {
        return Err(fault());
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(fault)?;
        let (number, behind) = rest.split_at(digits);
        let behind = behind.trim_start();
        let letters = behind.find(|letter: char| !letter.is_alphabetic()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        let seconds = UNITS.iter().find(|(names, _)| names.contains(&unit)).ok_or_else(fault)?.1;
        let number: u64 = number.parse().map_err(|_| fault())?;
        let part = number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(fault)?;
        total = total.checked_add(part).ok_or_else(fault)?;
        rest = behind.trim_start();
    }
    if total > MAX { Err(SpanError::TooLong(text.to_owned())) } else { Ok(total) }
}

/// A part of each day; it may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayTimes {
    from: Time,
    until: Time,
}

impl FromStr for DayTimes {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let fault = || SpanError::DayTimes(text.to_owned());
        let (from, until) = text.split_once("..").ok_or_else(fault)?;
        let (from, until) = (time(from).ok_or_else(fault)?, time(until).ok_or_else(fault)?);
        if from == until { Err(fault()) } else { Ok(Self { from, until }) }
    }
}

impl std::fmt::Display for DayTimes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.from.strftime("%H:%M"), self.until.strftime("%H:%M"))
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

impl DayTimes {
    /// Whether a time of day lies in it: its beginning does, its end does not.
    #[must_use]
    pub fn contains(&self, at: Time) -> bool {
        if self.from < self.until {
            self.from <= at && at < self.until
        } else {
            self.from <= at || at < self.until
        }
    }

    /// When it begins.
    #[must_use]
    pub fn from(&self) -> Time {
        self.from
    }

    /// When it ends.
    #[must_use]
    pub fn until(&self) -> Time {
        self.until
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in [
            ("90 s", 90),
            ("5min", 300),
            ("1 h 30 min", 5_400),
            ("8 h", 28_800),
            ("2 d", 172_800),
            ("0 s", 0),
        ] {
            assert_eq!(duration(text).unwrap(), Duration::from_secs(seconds), "{text}");
        }
        for wrong in
            ["", " ", "5", "min", "5 weeks", "-1 h", "1.5 h", "99999999999999999999 s", "1 h x"]
        {
            assert!(matches!(duration(wrong), Err(SpanError::Length(_))), "{wrong}");
        }
        assert!(matches!(duration("367 d"), Err(SpanError::TooLong(_))));
    }

    #[test]
    fn parts_of_a_day() {
        let at = |text: &str| text.parse::<Time>().unwrap();
        let morning: DayTimes = "06:30..08:00".parse().unwrap();
        let night: DayTimes = "22:00..06:30".parse().unwrap();
        for (time, in_morning, in_night) in [
            ("06:29:59", false, true),
            ("06:30:00", true, false),
            ("08:00:00", false, false),
            ("22:00:00", false, true),
            ("00:00:00", false, true),
        ] {
            assert_eq!(morning.contains(at(time)), in_morning, "{time}");
            assert_eq!(night.contains(at(time)), in_night, "{time}");
        }
        assert_eq!(night.to_string(), "22:00..06:30");
        for wrong in ["", "06:30", "06:30..06:30", "25:00..26:00", "6..8", "06:30-08:00"] {
            assert!(wrong.parse::<DayTimes>().is_err(), "{wrong}");
        }
    }
}
