//! What is due: the next time, times that were missed, and jitter.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::calendar::{Calendar, CalendarError};

/// Missed times that are counted, at most.
const MAX_MISSED: u32 = 1_000;

/// How late something may begin before it is said, beyond its jitter.
const PUNCTUAL: Duration = Duration::from_secs(15 * 60);

/// A time that has come, and those that were missed before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last time that was due.
    pub at: Timestamp,
    /// How many times passed unused before it.
    pub missed: u32,
}

impl Due {
    /// What has become due from after `since` until `now`, all of it as one: what was missed is caught up once.
    ///
    /// # Errors
    ///
    /// When no time is to come.
    pub fn of(
        calendar: &Calendar,
        since: Timestamp,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<Self>, CalendarError> {
        let mut found: Option<Self> = None;
        let mut at = since;
        loop {
            let next = match calendar.next_after(at, zone) {
                Err(error) if found.is_none() => return Err(error),
                Err(_) => return Ok(found),
                Ok(next) => next,
            };
            if next > now {
                return Ok(found);
            }
            let missed = found.map_or(0, |before| before.missed + 1);
            found = Some(Self { at: next, missed });
            if missed >= MAX_MISSED {
                // Of more it does not matter how many.
                return Ok(Some(Self { at: now, missed }));
            }
            at = next;
        }
    }

    /// What is to be said of a beginning at `now`: nothing when it is punctual.
    #[must_use]
    pub fn lateness(&self, now: Timestamp, jitter: Duration) -> Option<Lateness> {
        let late = Duration::try_from(now.duration_since(self.at)).unwrap_or_default();
        (self.missed > 0 || late > PUNCTUAL + jitter)
            .then_some(Lateness { late, missed: self.missed })
    }
}

/// How late it was, and what passed unused before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lateness {
    /// After the last time that was due.
    pub late: Duration,
    /// How many times passed before that.
    pub missed: u32,
}

impl std::fmt::Display for Lateness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let minutes = self.late.as_secs() / 60;
        match (minutes / 60, minutes % 60) {
            (0, minutes) => write!(f, "begun {minutes} min late")?,
            (hours, minutes) => write!(f, "begun {hours} h {minutes} min late")?,
        }
        f.write_str(": the machine slept or was busy when it was due")?;
        match self.missed {
            0 => Ok(()),
            1 => f.write_str("; 1 time more was missed, and is caught up by this one"),
            more => write!(f, "; {more} times more were missed, and are caught up by this one"),
        }
    }
}

/// How long a beginning is held back, up to `most`: the same for the same name and time, another for another name, so that
/// not all begin at once.
#[must_use]
pub fn jitter(name: &str, at: Timestamp, most: Duration) -> Duration {
    // FNV-1a, and a last mixing, for names differ in their last letters.
    let bytes = name.bytes().chain(at.as_second().to_le_bytes());
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    let seconds = (mixed >> 32) % (most.as_secs() + 1);
    Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_was_missed_is_caught_up_once() {
        let calendar: Calendar = "22:00".parse().unwrap();
        let since = at("2026-10-09T22:00:10Z");
        for (now, wanted) in [
            ("2026-10-10T21:59:59Z", None),
            ("2026-10-10T22:00:00Z", Some(("2026-10-10T22:00:00Z", 0))),
            ("2026-10-13T06:12:00Z", Some(("2026-10-12T22:00:00Z", 2))),
        ] {
            let due = Due::of(&calendar, since, at(now), &TimeZone::UTC).unwrap();
            assert_eq!(due, wanted.map(|(due, missed)| Due { at: at(due), missed }), "{now}");
        }
        let year = Due::of(
            &"minutely".parse().unwrap(),
            since,
            at("2027-10-09T22:00:10Z"),
            &TimeZone::UTC,
        );
        assert_eq!(year.unwrap().unwrap().missed, MAX_MISSED);
        let never = Due::of(
            &"2020-01-01".parse().unwrap(),
            since,
            at("2027-10-09T22:00:10Z"),
            &TimeZone::UTC,
        );
        assert!(never.is_err());
    }

    #[test]
    fn who_comes_late_is_said_to() {
        let due = Due { at: at("2026-10-12T22:00:00Z"), missed: 0 };
        let jitter = Duration::from_secs(300);
        assert_eq!(due.lateness(at("2026-10-12T22:19:00Z"), jitter), None);
        let slept = due.lateness(at("2026-10-13T06:12:00Z"), jitter).unwrap();
        assert_eq!(
            slept.to_string(),
            "begun 8 h 12 min late: the machine slept or was busy when it was due"
        );
        let more = Due { missed: 2, ..due }.lateness(at("2026-10-12T22:00:30Z"), jitter).unwrap();
        assert!(
            more.to_string().ends_with("2 times more were missed, and are caught up by this one")
        );
    }

    #[test]
    fn jitter_is_the_same_again_and_spreads() {
        let due = at("2026-10-12T22:00:00Z");
        let most = Duration::from_secs(300);
        let all: Vec<Duration> =
            (0..200).map(|n| jitter(&format!("sweep-{n}"), due, most)).collect();
        assert!(all.iter().all(|one| *one <= most));
        assert_eq!(all.first(), Some(&jitter("sweep-0", due, most)));
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert!(different.len() > 100, "{}", different.len());
        assert_eq!(jitter("any", due, Duration::ZERO), Duration::ZERO);
    }
}
