//! Calendar expressions out of their text.

use std::str::FromStr;

use super::field::Field;
use super::{Calendar, CalendarError};

/// Bytes of an expression, at most.
const MAX_BYTES: usize = 256;

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Years that are taken, as systemd has them.
const YEARS: (i32, i32) = (1970, 2199);

impl FromStr for Calendar {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let fault = |why: String| CalendarError::Syntax { text: text.to_owned(), why };
        if text.len() > MAX_BYTES {
            return Err(fault(format!("{} bytes are too many; at most {MAX_BYTES}", text.len())));
        }
        read(text).map_err(fault)
    }
}

fn read(text: &str) -> Result<Calendar, String> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let mut calendar = midnight_of_every_day(text);
    calendar.zone = words.pop_if(|last| is_zone(last)).map(str::to_owned);
    let Some(first) = words.first().copied() else { return Err("it is empty".to_owned()) };
    if let [short] = words.as_slice()
        && shorthand(&mut calendar, short)
    {
        return Ok(calendar);
    }
    if first.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        calendar.weekdays = weekdays(first)?;
        words.remove(0);
    }
    match words.as_slice() {
        [] => {}
        [date] if date.contains('-') => read_date(&mut calendar, date)?,
        [time] => read_time(&mut calendar, time)?,
        [date, time] => {
            read_date(&mut calendar, date)?;
            read_time(&mut calendar, time)?;
        }
        _ => return Err("weekdays, a date, a time and a time zone are all there may be".to_owned()),
    }
    Ok(calendar)
}

fn midnight_of_every_day(text: &str) -> Calendar {
    Calendar {
        text: text.trim().to_owned(),
        weekdays: [true; 7],
        year: Field::any(),
        month: Field::any(),
        day: Field::any(),
        hour: Field::only(0),
        minute: Field::only(0),
        second: Field::only(0),
        zone: None,
    }
}

/// `UTC`, `Europe/Berlin`: a word with letters and no number, weekday or shorthand.
fn is_zone(word: &str) -> bool {
    let is_area =
        word.contains('/') && word.starts_with(|letter: char| letter.is_ascii_uppercase());
    word == "UTC" || is_area
}

fn shorthand(calendar: &mut Calendar, word: &str) -> bool {
    match word {
        "minutely" => (calendar.hour, calendar.minute) = (Field::any(), Field::any()),
        "hourly" => calendar.hour = Field::any(),
        "daily" => {}
        "weekly" => calendar.weekdays = [true, false, false, false, false, false, false],
        "monthly" => calendar.day = Field::only(1),
        "yearly" | "annually" => {
            (calendar.month, calendar.day) = (Field::only(1), Field::only(1));
        }
        "quarterly" => {
            (calendar.month, calendar.day) = (Field::each(&[1, 4, 7, 10]), Field::only(1));
        }
        "semiannually" | "semi-annually" => {
            (calendar.month, calendar.day) = (Field::each(&[1, 7]), Field::only(1));
        }
        _ => return false,
    }
    true
}

/// `Mon..Fri,Sun`; `Sat..Mon` goes over the week's end.
fn weekdays(text: &str) -> Result<[bool; 7], String> {
    let mut days = [false; 7];
    for part in text.trim_end_matches(',').split(',') {
        let (from, to) = part.split_once("..").unwrap_or((part, part));
        let (from, to) = (weekday(from)?, weekday(to)?);
        let length = (to + 7 - from) % 7;
        for day in (from..=from + length).map(|day| day % 7) {
            if let Some(day) = days.get_mut(day) {
                *day = true;
            }
        }
    }
    Ok(days)
}

fn weekday(text: &str) -> Result<usize, String> {
    let word = text.to_ascii_lowercase();
    let is_it = |name: &&str| word == **name || name.get(..3) == Some(word.as_str());
    WEEKDAYS.iter().position(is_it).ok_or_else(|| {
        format!("'{text}' is no weekday; Mon, Tue, Wed, Thu, Fri, Sat or Sun is wanted")
    })
}

/// `2026-*-1..7`, `*-01`.
fn read_date(calendar: &mut Calendar, text: &str) -> Result<(), String> {
    if text.contains('~') {
        return Err("days from a month's end (~) are not taken".to_owned());
    }
    let parts: Vec<&str> = text.split('-').collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] => (*year, *month, *day),
        [month, day] => ("*", *month, *day),
        _ => return Err(format!("'{text}' is no date; YEAR-MONTH-DAY is wanted, as *-*-1")),
    };
    calendar.year = Field::read(year, YEARS.0, YEARS.1)?;
    calendar.month = Field::read(month, 1, 12)?;
    calendar.day = Field::read(day, 1, 31)?;
    Ok(())
}

/// `22:00`, `*:0/15`, `03:15:30`.
fn read_time(calendar: &mut Calendar, text: &str) -> Result<(), String> {
    if text.contains('.') && text.rsplit(':').next().is_some_and(is_decimal) {
        return Err("parts of a second are not taken".to_owned());
    }
    let parts: Vec<&str> = text.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [hour, minute] => (*hour, *minute, "0"),
        [hour, minute, second] => (*hour, *minute, *second),
        _ => return Err(format!("'{text}' is no time; HOUR:MINUTE is wanted, as 22:00")),
    };
    calendar.hour = Field::read(hour, 0, 23)?;
    calendar.minute = Field::read(minute, 0, 59)?;
    calendar.second = Field::read(second, 0, 59)?;
    Ok(())
}

fn is_decimal(text: &str) -> bool {
    text.split_once('.').is_some_and(|(_, behind)| behind.starts_with(|c: char| c.is_ascii_digit()))
}
