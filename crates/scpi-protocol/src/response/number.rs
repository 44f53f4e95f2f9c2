//! One number of an answer: its text kept, its value exact, and what is no number told apart.
//!
//! Numbers are most of what instruments say, so that they have a leaf of their own: one pass over the
//! bytes and no allocation until the exact value is asked for.

use exact_decimal::Decimal;

/// Which of the three forms a number was written in, IEEE 488.2 clauses 8.7.2 to 8.7.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberForm {
    /// `<NR1 NUMERIC RESPONSE DATA>`: an integer.
    Nr1,
    /// `<NR2 NUMERIC RESPONSE DATA>`: with a decimal point.
    Nr2,
    /// `<NR3 NUMERIC RESPONSE DATA>`: with an exponent.
    Nr3,
}

/// A number as it was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberReply<'r> {
    /// Its digits as they came, without the suffix.
    pub text: &'r str,
    /// How they were written.
    pub form: NumberForm,
    /// A unit behind it (quirk Q27), as it came.
    pub suffix: Option<&'r str>,
}

/// What a numeric answer means.
#[derive(Clone, Debug, PartialEq)]
pub enum NumericValue {
    /// A number, exact.
    Finite(Decimal),
    /// None.
    NonNumber(NonNumber),
}

/// An answer in the place of a number that is none. What it means depends on the instrument: most meters
/// say overload with infinity, some oscilloscopes "cannot be measured".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonNumber {
    /// 9.9E37, SCPI-99 volume 1 clause 7.2.1.4.
    Infinity,
    /// -9.9E37.
    NegativeInfinity,
    /// 9.91E37, clause 7.2.1.5.
    NotANumber,
    /// A word for overload (quirk Q30).
    Overload,
    /// A word or stars for "nothing measured" (quirk Q30).
    NotMeasured,
}

/// Words and signs that stand for no number (quirk Q30), compared without regard to case.
const TOKENS: [(&str, NonNumber); 14] = [
    ("****", NonNumber::NotMeasured),
    ("*****", NonNumber::NotMeasured),
    ("----", NonNumber::NotMeasured),
    ("NAN", NonNumber::NotANumber),
    ("INF", NonNumber::Infinity),
    ("+INF", NonNumber::Infinity),
    ("INFINITY", NonNumber::Infinity),
    ("-INF", NonNumber::NegativeInfinity),
    ("NINF", NonNumber::NegativeInfinity),
    ("OVERLOAD", NonNumber::Overload),
    ("OVLD", NonNumber::Overload),
    ("OVER", NonNumber::Overload),
    ("OL", NonNumber::Overload),
    ("SUPPORT_OFF", NonNumber::NotMeasured),
];

impl NonNumber {
    /// The meaning of a word, if it is such a word.
    #[must_use]
    pub fn of_token(token: &str) -> Option<Self> {
        TOKENS.iter().find(|(name, _)| name.eq_ignore_ascii_case(token)).map(|(_, what)| *what)
    }

    /// SCPI's own numbers for no number, whatever their digits (`9.9E37`, `+9.90000000E+37`).
    fn of_number(value: &Decimal) -> Option<Self> {
        if value.order() != 37 {
            return None;
        }
        let plain = value.without_trailing_zeros();
        match (plain.digits().as_str(), plain.is_negative()) {
            ("99", false) => Some(Self::Infinity),
            ("99", true) => Some(Self::NegativeInfinity),
            ("991", false) => Some(Self::NotANumber),
            _ => None,
        }
    }
}

impl<'r> NumberReply<'r> {
    /// Reads a number and the suffix that may follow at once or after a blank; all of `text`.
    #[must_use]
    pub fn parse(text: &'r [u8]) -> Option<Self> {
        let (form, length) = scan(text)?;
        let (digits, after) = text.split_at_checked(length)?;
        if after.is_empty() {
            let text = std::str::from_utf8(digits).ok()?;
            return Some(Self { text, form, suffix: None });
        }
        let suffix = after.trim_ascii();
        if !is_suffix(suffix) {
            return None;
        }
        let suffix = std::str::from_utf8(suffix).ok()?;
        let text = std::str::from_utf8(digits).ok()?;
        Some(Self { text, form, suffix: Some(suffix).filter(|suffix| !suffix.is_empty()) })
    }

    /// Its value, exact, or what it stands for. `None` when it passes the bounds of a decimal.
    #[must_use]
    pub fn value(&self) -> Option<NumericValue> {
        let value: Decimal = self.text.parse().ok()?;
        Some(match NonNumber::of_number(&value) {
            Some(what) => NumericValue::NonNumber(what),
            None => NumericValue::Finite(value),
        })
    }
}

/// A unit or nothing: letters, `%`, degree and micro signs, joined by `/` and `.`; digits only as powers
/// (`S-2`, `m^2`). `0x0224` is therefore not 0 of some unit, and a number that was cut behind its `E` is none.
fn is_suffix(text: &[u8]) -> bool {
    let is_unit = |byte: u8| byte.is_ascii_alphabetic() || b"%/".contains(&byte) || byte >= 0x80;
    let mut before = b' ';
    text.first().is_none_or(|&byte| is_unit(byte))
        && !text.eq_ignore_ascii_case(b"E")
        && text.iter().all(|&byte| {
            let is_power = byte.is_ascii_digit() && b"^-".contains(&before);
            before = byte;
            is_unit(byte) || is_power || b"^.-".contains(&byte)
        })
}

/// The number at the front of `input`: its form and its length. The fast leaf.
#[must_use]
pub fn scan(input: &[u8]) -> Option<(NumberForm, usize)> {
    let start = usize::from(matches!(input.first(), Some(b'+' | b'-')));
    let whole = digits(input, start);
    let (mut end, mut form) = (start + whole, NumberForm::Nr1);
    if input.get(end) == Some(&b'.') {
        let decimals = digits(input, end + 1);
        if whole + decimals == 0 {
            return None;
        }
        (end, form) = (end + 1 + decimals, NumberForm::Nr2);
    } else if whole == 0 {
        return None;
    }
    if matches!(input.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(input.get(end + 1), Some(b'+' | b'-')));
        let power = digits(input, end + 1 + signed);
        if power > 0 {
            return Some((NumberForm::Nr3, end + 1 + signed + power));
        }
    }
    Some((form, end))
}

fn digits(input: &[u8], from: usize) -> usize {
    let mut at = from;
    while input.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at.saturating_sub(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_suffixes() {
        for (answer, digits, form, suffix) in [
            ("8193", "8193", NumberForm::Nr1, None),
            ("-0.05", "-0.05", NumberForm::Nr2, None),
            ("+1.23456789E+00", "+1.23456789E+00", NumberForm::Nr3, None),
            ("0.6A", "0.6", NumberForm::Nr2, Some("A")),
            ("1000HZ", "1000", NumberForm::Nr1, Some("HZ")),
            ("1.00GSa/s", "1.00", NumberForm::Nr2, Some("GSa/s")),
            ("5.0 V", "5.0", NumberForm::Nr2, Some("V")),
            ("9.81M.S-2", "9.81", NumberForm::Nr2, Some("M.S-2")),
            ("25.0\u{b0}C", "25.0", NumberForm::Nr2, Some("\u{b0}C")),
        ] {
            let number = NumberReply::parse(answer.as_bytes()).unwrap();
            assert_eq!(
                (number.text, number.form, number.suffix),
                (digits, form, suffix),
                "{answer}"
            );
        }
        for answer in
            ["", "+", ".", "V", "1 2", "1-2", "0x0224", "1E", "1E+", "1,2", "--1", "12:30"]
        {
            assert_eq!(NumberReply::parse(answer.as_bytes()), None, "{answer}");
        }
    }

    #[test]
    fn scpis_own_numbers_for_no_number() {
        for (answer, what) in [
            ("9.9E37", NonNumber::Infinity),
            ("+9.90000000E+37", NonNumber::Infinity),
            ("9.900000E+37", NonNumber::Infinity),
            ("-9.9E+37", NonNumber::NegativeInfinity),
            ("9.91E37", NonNumber::NotANumber),
            ("+9.91000000E+37", NonNumber::NotANumber),
        ] {
            let number = NumberReply::parse(answer.as_bytes()).unwrap();
            assert_eq!(number.value(), Some(NumericValue::NonNumber(what)), "{answer}");
        }
        for answer in ["9.9E36", "9.90001E37", "1.20000E8", "-9.91E37"] {
            let number = NumberReply::parse(answer.as_bytes()).unwrap();
            assert!(matches!(number.value(), Some(NumericValue::Finite(_))), "{answer}");
        }
        assert_eq!(NonNumber::of_token("overload"), Some(NonNumber::Overload));
        assert_eq!(NonNumber::of_token("ON"), None);
    }
}
