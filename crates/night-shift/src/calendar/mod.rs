//! Calendar expressions as systemd's timers have them (systemd.time(7)): `Mon..Fri 22:00`, `*-*-1..7 03:15
//! Europe/Berlin`, `hourly`. Parts of a second and days counted from a month's end are not taken.
//!
//! A time that a clock change leaves out does not come on that day, and one that it repeats comes once, at the first:
//! as systemd has it, against which a test holds it.

mod field;
mod parse;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

use field::Field;

/// Years that are looked at for the next time: the days of a leap year come again on the same weekdays after 28 of them,
/// or 40 over a year such as 2100.
const MAX_YEARS: i16 = 41;

/// When something is due, again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    text: String,
    /// By [`Weekday::to_monday_zero_offset`].
    weekdays: [bool; 7],
    year: Field,
    month: Field,
    day: Field,
    hour: Field,
    minute: Field,
    second: Field,
    zone: Option<String>,
}

/// A text that is no calendar expression, or one whose time never comes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// It cannot be read.
    #[error(
        "'{text}' is no calendar expression: {why}; as `Mon..Fri 22:00` or `*-*-1 03:00 UTC` is wanted"
    )]
    Syntax {
        /// The expression.
        text: String,
        /// What is wrong.
        why: String,
    },
    /// It can be read, and no such time is to come.
    #[error("'{0}' never comes (again)")]
    Never(String),
}

impl Calendar {
    /// The time zone that it names, if it does: `Europe/Berlin`.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// The first time after one, in a time zone: its own, or else that of the machine.
    ///
    /// # Errors
    ///
    /// When no such time is to come.
    pub fn next_after(
        &self,
        after: Timestamp,
        zone: &TimeZone,
    ) -> Result<Timestamp, CalendarError> {
        let never = || CalendarError::Never(self.text.clone());
        let start = zone.to_datetime(after);
        // The clock may have been put back since: the same hour comes again.
        let mut day = start.date().yesterday().map_err(|_| never())?;
        let last = day.year().saturating_add(MAX_YEARS);
        while day.year() <= last {
            if !self.year.has(day.year().into()) {
                day = Date::new(day.year().saturating_add(1), 1, 1).map_err(|_| never())?;
                continue;
            }
            if self.is_on(day)
                && let Some(found) = self.first_of(day, after, zone)
            {
                return Ok(found);
            }
            day = day.tomorrow().map_err(|_| never())?;
        }
        Err(never())
    }

    /// The last time at or before one, looking back so many days at most.
    #[must_use]
    pub fn last_until(&self, until: Timestamp, days: i32, zone: &TimeZone) -> Option<Timestamp> {
        let mut found = None;
        let mut at = until.checked_sub((24 * i64::from(days)).hours()).ok()?;
        // Every second of a day, at most.
        for _ in 0..86_400 {
            at = self.next_after(at, zone).ok()?;
            if at > until {
                return found;
            }
            found = Some(at);
        }
        found
    }

    fn is_on(&self, day: Date) -> bool {
        self.month.has(day.month().into())
            && self.day.has(day.day().into())
            && self.weekdays.get(slot(day.weekday())).copied().unwrap_or(false)
    }

    /// The first time of a day that lies after one.
    fn first_of(&self, day: Date, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        for hour in self.hour.within(0, 23) {
            for minute in self.minute.within(0, 59) {
                for second in self.second.within(0, 59) {
                    let part = |value: i32| i8::try_from(value).ok();
                    let time = Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
                    let found = instant(day.to_datetime(time), zone).filter(|at| *at > after);
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        None
    }
}

/// When a clock shows a time; none where a clock change leaves it out.
fn instant(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => None,
        _ => ambiguous.compatible().ok(),
    }
}

fn slot(weekday: Weekday) -> usize {
    usize::try_from(weekday.to_monday_zero_offset()).unwrap_or_default()
}

impl std::fmt::Display for Calendar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
