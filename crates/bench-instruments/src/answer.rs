//! What can be read out of an answer: one number and its unit, a switch, a word.

use std::borrow::Cow;

use bench_catalog::{Part, SettingWords};
use bench_model::{Unit, Value};
use scpi_protocol::response::{NonNumber, NumericValue, Response};

/// Units as instruments write them (IEEE 488.2 clause 7.7.3) and people do not. `M` is mega before these alone.
const SPELLINGS: [(&str, &str); 7] = [
    ("HZ", "Hz"),
    ("KHZ", "kHz"),
    ("MHZ", "MHz"),
    ("GHZ", "GHz"),
    ("OHM", "Ω"),
    ("KOHM", "kΩ"),
    ("MOHM", "MΩ"),
];

/// The part of an answer that is meant for a channel; all of it where a dialect says nothing.
///
/// # Errors
/// What is wanted instead.
pub(crate) fn meant<'r>(
    answer: &'r Response,
    part: Option<&Part>,
    channel: u32,
) -> Result<Cow<'r, Response>, String> {
    let Some(part) = part else { return Ok(Cow::Borrowed(answer)) };
    let found = answer.text().ok().and_then(|text| part.of(text, channel));
    found.map(|text| Cow::Owned(Response::new(text.into_bytes()))).ok_or_else(|| part.to_string())
}

/// The one number of an answer and its unit: the one that stands behind it, else `usual`.
///
/// # Errors
/// What is wanted instead.
pub(crate) fn number(answer: &Response, usual: &Unit) -> Result<(Value, Unit), String> {
    let wanted = || match usual.symbol() {
        "" => "one number".to_owned(),
        symbol => format!("one number of {symbol}"),
    };
    let value = value(answer.numeric().map_err(|_| wanted())?);
    let suffix = answer.number().ok().and_then(|number| number.suffix.map(str::to_owned));
    match suffix {
        None => Ok((value, usual.clone())),
        Some(suffix) => {
            let unit = unit(&suffix).filter(|unit| unit.dimension() == usual.dimension());
            unit.map(|unit| (value, unit)).ok_or_else(wanted)
        }
    }
}

/// The number that an answer is, or what SCPI sends in its place. A number with a unit behind it is none: it is
/// for [`quantity_of`].
#[must_use]
pub fn value_of(answer: &str) -> Option<Value> {
    let (value, unit) = number(&Response::new(answer.into()), &Unit::none()).ok()?;
    (unit == Unit::none()).then_some(value)
}

/// The number that an answer is, and its unit: the one behind it where it fits, else `usual`.
#[must_use]
pub fn quantity_of(answer: &str, usual: &Unit) -> Option<(Value, Unit)> {
    number(&Response::new(answer.into()), usual).ok()
}

fn value(number: NumericValue) -> Value {
    match number {
        NumericValue::Finite(value) => Value::Finite(value),
        NumericValue::NonNumber(NonNumber::Infinity | NonNumber::Overload) => Value::Infinity,
        NumericValue::NonNumber(NonNumber::NegativeInfinity) => Value::NegativeInfinity,
        NumericValue::NonNumber(_) => Value::NotANumber,
    }
}

/// `MV` is milli by the standard and mega by the eye: it is no unit here.
fn unit(suffix: &str) -> Option<Unit> {
    if let Some((_, own)) = SPELLINGS.iter().find(|(other, _)| *other == suffix) {
        return own.parse().ok();
    }
    let unit: Unit = suffix.parse().ok()?;
    let is_mega = suffix.starts_with('M');
    let is_plain = [Unit::hertz(), Unit::ohm()].iter().any(|u| u.dimension() == unit.dimension());
    (!is_mega || is_plain).then_some(unit)
}

/// Whether a switch is on, by the dialect's words, else by SCPI's own.
pub(crate) fn switch(answer: &Response, words: &SettingWords) -> Option<bool> {
    is_on(answer, words.word("on"), words.word("off"))
}

/// The same by the instrument's own words for on and off, where it has some.
pub(crate) fn is_on(answer: &Response, on: Option<&str>, off: Option<&str>) -> Option<bool> {
    let text = word(answer)?;
    let says = |word: Option<&str>| word.is_some_and(|own| own.eq_ignore_ascii_case(&text));
    match (says(on), says(off)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => answer.boolean().ok(),
    }
}

/// Its text without the quotes, where it has them.
pub(crate) fn word(answer: &Response) -> Option<String> {
    answer.string().ok().or_else(|| answer.text().ok().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str, usual: &Unit) -> Result<String, String> {
        let answer = Response::new(answer.as_bytes().to_vec());
        number(&answer, usual).map(|(value, unit)| format!("{value} {unit}"))
    }

    #[test]
    fn numbers_keep_their_digits_and_their_unit() {
        for (answer, usual, found) in [
            ("+4.95000000E+00", Unit::volt(), "4.95000000 V"),
            ("5.0114", Unit::volt(), "5.0114 V"),
            (" 0.6A ", Unit::ampere(), "0.6 A"),
            ("600mA", Unit::ampere(), "600 mA"),
            ("1.000KHZ", Unit::hertz(), "1.000 kHz"),
            ("2.2 MOHM", Unit::ohm(), "2.2 MΩ"),
            ("+9.90000000E+37", Unit::volt(), "Infinity V"),
            ("-9.9E37", Unit::volt(), "-Infinity V"),
            ("9.91E37", Unit::volt(), "NaN V"),
            ("OVLD", Unit::ohm(), "Infinity Ω"),
            ("****", Unit::volt(), "NaN V"),
        ] {
            assert_eq!(read(answer, &usual).as_deref(), Ok(found), "{answer}");
        }
    }

    #[test]
    fn what_is_not_one_number_of_that_kind_is_refused() {
        for answer in ["", "1,2", "1;2", "volts", "5 A", "5 MV", "5 bananas", "\"5\"", "#15hello"] {
            assert_eq!(read(answer, &Unit::volt()), Err("one number of V".to_owned()), "{answer}");
        }
        assert_eq!(value_of(" +1.50E+00"), Some("1.50".parse().unwrap()));
        assert_eq!(value_of("9.9E37"), Some(Value::Infinity));
        for answer in ["5 V", "50 %", "ON", "1,2", ""] {
            assert_eq!(value_of(answer), None, "{answer}");
        }
        assert_eq!(quantity_of("5 A", &Unit::volt()), None);
        let found = quantity_of("500mA", &Unit::ampere());
        assert_eq!(found, Some(("500".parse().unwrap(), "mA".parse().unwrap())));
        assert_eq!(read("x", &Unit::none()), Err("one number".to_owned()));
    }
}
