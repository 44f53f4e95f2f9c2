//! Whether a calibration holds, and how long ago it was.

use bench_catalog::Calibration;
use bench_model::{CalibrationState, Decimal, Timestamp};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::Offset;

/// The date in UTC.
pub(crate) fn today() -> Date {
    Offset::UTC.to_datetime(Timestamp::now()).date()
}

/// What is recorded of a calibration.
pub(crate) fn state_of(calibration: &Calibration, today: Date) -> CalibrationState {
    let Calibration { last, due, certificate } = calibration.clone();
    let date = due.as_deref().and_then(|due| due.parse::<Date>().ok());
    CalibrationState { last, due, certificate, overdue: date.map(|date| date < today) }
}

/// The same with dates in the place of `in 300 days` and `30 days ago`, by which a simulated bench may be as old as it
/// likes on any day.
#[must_use]
pub fn dated(calibration: Calibration) -> Calibration {
    dated_on(calibration, today())
}

fn dated_on(calibration: Calibration, today: Date) -> Calibration {
    let date = |text: String| relative(&text, today).map_or(text, |date| date.to_string());
    let Calibration { last, due, certificate } = calibration;
    Calibration { last: last.map(date), due: due.map(date), certificate }
}

/// `in 300 days`, `30 days ago`.
fn relative(text: &str, today: Date) -> Option<Date> {
    let days = |count: &str| Span::new().try_days(count.parse::<u16>().ok()?).ok();
    match text.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["in", count, "day" | "days"] => today.checked_add(days(count)?).ok(),
        [count, "day" | "days", "ago"] => today.checked_sub(days(count)?).ok(),
        _ => None,
    }
}

/// Days since a calibration, where its date is known.
#[must_use]
pub fn days_since(calibration: Option<&Calibration>) -> Option<u32> {
    let last = calibration?.last.as_deref()?.parse().ok()?;
    Some(days_between(last, today()))
}

/// Years of 365.25 days since a calibration, where its date is known.
#[must_use]
pub fn years_since(calibration: Option<&Calibration>) -> Option<Decimal> {
    let days = Decimal::from(days_since(calibration)?);
    days.scale_by_power_of_ten(2)?.checked_div(&Decimal::from(36_525_u32)).ok()
}

/// A clock that is behind makes nobody younger than new.
fn days_between(from: Date, to: Date) -> u32 {
    let days = from.until(to).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or_default()
}

/// The date of a certificate that holds no longer.
pub(crate) fn overdue_since(due: &str) -> Option<Date> {
    due.parse().ok().filter(|due: &Date| *due < today())
}

/// Why a calibration does not hold today, where it does not.
#[must_use]
pub fn calibration_fault(calibration: Option<&Calibration>) -> Option<String> {
    check_calibration(calibration, today()).err()
}

fn check_calibration(calibration: Option<&Calibration>, today: Date) -> Result<(), String> {
    let due = calibration.and_then(|calibration| calibration.due.as_deref());
    let Some(due) = due else {
        return Err("must be calibrated, and the bench file gives no due date for it".to_owned());
    };
    let date: Date = due.parse().map_err(|_| {
        format!("has the calibration due date '{due}'; one such as 2027-05-31 is wanted")
    })?;
    if date < today { Err(format!("was due for calibration on {due}")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_relative_to_today() {
        let today = "2026-11-24".parse().unwrap();
        for (text, wanted) in [
            ("in 300 days", "2027-09-20"),
            ("1 day ago", "2026-11-23"),
            ("in 0 days", "2026-11-24"),
            ("2027-05-31", "2027-05-31"),
            ("in -1 days", "in -1 days"),
            ("soon", "soon"),
        ] {
            let due = Some(text.to_owned());
            let found = dated_on(Calibration { due, ..Calibration::default() }, today);
            assert_eq!(found.due.as_deref(), Some(wanted));
        }
    }

    #[test]
    fn a_calibration_holds_until_its_day_is_over() {
        let today = "2026-11-24".parse().unwrap();
        let due = |due: &str| Calibration { due: Some(due.into()), ..Calibration::default() };
        for (calibration, wanted) in [
            (Some(due("2026-11-24")), Ok(())),
            (Some(due("2026-11-23")), Err("was due")),
            (Some(due("soon")), Err("'soon'")),
            (Some(Calibration::default()), Err("no due date")),
            (None, Err("no due date")),
        ] {
            let found = check_calibration(calibration.as_ref(), today);
            match wanted {
                Ok(()) => assert_eq!(found, Ok(())),
                Err(part) => assert!(found.unwrap_err().contains(part)),
            }
        }
    }

    #[test]
    fn a_calibration_ages_by_days() {
        for (from, to, days) in [
            ("2026-03-11", "2026-03-11", 0),
            ("2026-03-11", "2026-11-24", 258),
            ("2024-02-28", "2025-02-28", 366),
            ("2027-01-01", "2026-11-24", 0),
        ] {
            assert_eq!(days_between(from.parse().unwrap(), to.parse().unwrap()), days, "{from}");
        }
    }
}
