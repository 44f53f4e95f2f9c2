//! Text to decimal: the NRf form of IEEE 488.2 clause 7.7.2 (NR1, NR2 and NR3 alike).

use std::fmt;

use num_bigint::BigUint;

use crate::{Decimal, MAX_DIGITS, MAX_EXPONENT};

/// Why a text is no decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseError {
    /// No digit where one must stand.
    NoDigits,
    /// A byte that no decimal has, with its place in the text (from 0).
    UnexpectedByte {
        /// The byte.
        byte: u8,
        /// Its place.
        at: usize,
    },
    /// More than [`MAX_DIGITS`] digits.
    TooManyDigits,
    /// A power of ten beyond [`MAX_EXPONENT`].
    ExponentTooLarge,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDigits => write!(f, "no digits: a number such as 5, -0.25 or 1.2E-3 is wanted"),
            Self::UnexpectedByte { byte, at } => {
                write!(f, "'{}' at position {at} is no part of a number", byte.escape_ascii())
            }
            Self::TooManyDigits => write!(f, "more than {MAX_DIGITS} digits"),
            Self::ExponentTooLarge => write!(f, "a power of ten beyond ±{MAX_EXPONENT}"),
        }
    }
}

impl std::error::Error for ParseError {}

impl std::str::FromStr for Decimal {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse_bytes(text.as_bytes())
    }
}

impl Decimal {
    /// Reads `[+|-] digits [. digits] [E [+|-] digits]`; no spaces, the whole text.
    ///
    /// # Errors
    /// Says which byte does not belong, or which bound is passed.
    pub fn parse_bytes(text: &[u8]) -> Result<Self, ParseError> {
        let (negative, at) = sign(text, 0);
        let mut mantissa = Mantissa::default();
        let at = mantissa.read(text, at)?;
        let (written, at) = exponent(text, at)?;
        if let Some(&byte) = text.get(at) {
            return Err(ParseError::UnexpectedByte { byte, at });
        }
        let exponent = written - i64::from(mantissa.decimals);
        let exponent = i32::try_from(exponent).map_err(|_| ParseError::ExponentTooLarge)?;
        if exponent.abs() > MAX_EXPONENT {
            return Err(ParseError::ExponentTooLarge);
        }
        Ok(Self { negative, coefficient: mantissa.coefficient(), exponent })
    }
}

fn sign(text: &[u8], at: usize) -> (bool, usize) {
    match text.get(at) {
        Some(b'-') => (true, at + 1),
        Some(b'+') => (false, at + 1),
        _ => (false, at),
    }
}

/// Digits on both sides of the point. Nearly all fit one machine word; the rest are kept as text.
#[derive(Default)]
struct Mantissa {
    word: u64,
    long: Vec<u8>,
    digits: usize,
    decimals: u32,
}

/// Ten to this power, less one, still fits 64 bits.
const WORD_DIGITS: usize = 19;

impl Mantissa {
    fn read(&mut self, text: &[u8], mut at: usize) -> Result<usize, ParseError> {
        let (mut seen, mut point) = (false, false);
        while let Some(&byte) = text.get(at) {
            match byte {
                b'0'..=b'9' => {
                    self.push(byte - b'0')?;
                    self.decimals += u32::from(point);
                    seen = true;
                }
                b'.' if !point => point = true,
                _ => break,
            }
            at += 1;
        }
        if seen { Ok(at) } else { Err(self.no_digits(text, at)) }
    }

    fn no_digits(&self, text: &[u8], at: usize) -> ParseError {
        match text.get(at) {
            Some(&byte) => ParseError::UnexpectedByte { byte, at },
            None => ParseError::NoDigits,
        }
    }

    fn push(&mut self, digit: u8) -> Result<(), ParseError> {
        if self.digits == MAX_DIGITS {
            return Err(ParseError::TooManyDigits);
        }
        self.digits += 1;
        if self.digits <= WORD_DIGITS {
            self.word = self.word * 10 + u64::from(digit);
        } else {
            self.long.push(digit);
        }
        Ok(())
    }

    fn coefficient(&self) -> BigUint {
        let head = BigUint::from(self.word);
        if self.long.is_empty() {
            return head;
        }
        let tail = BigUint::from_radix_be(&self.long, 10).unwrap_or_default();
        head * BigUint::from(10_u8).pow(u32::try_from(self.long.len()).unwrap_or(u32::MAX)) + tail
    }
}

/// The exponent part, which may be missing; its value is bounded while it is read.
fn exponent(text: &[u8], at: usize) -> Result<(i64, usize), ParseError> {
    if !matches!(text.get(at), Some(b'e' | b'E')) {
        return Ok((0, at));
    }
    let (negative, mut at) = sign(text, at + 1);
    let (mut value, start) = (0_i64, at);
    while let Some(&byte @ b'0'..=b'9') = text.get(at) {
        value = value * 10 + i64::from(byte - b'0');
        if value > 4 * i64::from(MAX_EXPONENT) {
            return Err(ParseError::ExponentTooLarge);
        }
        at += 1;
    }
    match text.get(at) {
        _ if at > start => Ok((if negative { -value } else { value }, at)),
        Some(&byte) => Err(ParseError::UnexpectedByte { byte, at }),
        None => Err(ParseError::NoDigits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_digit_of_instruments_answers() {
        for (text, printed, scale) in [
            ("1.00000000", "1.00000000", 8),
            ("-3.2150E-07", "-0.00000032150", 11),
            ("+1.2300E+05", "1.2300E5", 0),
            ("9.9E37", "9.9E37", 0),
            ("-0.000", "-0.000", 3),
            (".5", "0.5", 1),
            ("7.", "7", 0),
            ("0007", "7", 0),
            ("123456789012345678901234567890", "123456789012345678901234567890", 0),
        ] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(decimal.to_string(), printed, "{text}");
            assert_eq!(decimal.scale(), scale, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_decimal() {
        for (text, error) in [
            ("", ParseError::NoDigits),
            ("+", ParseError::NoDigits),
            (".", ParseError::NoDigits),
            ("1E", ParseError::NoDigits),
            (" 1", ParseError::UnexpectedByte { byte: b' ', at: 0 }),
            ("1.2.3", ParseError::UnexpectedByte { byte: b'.', at: 3 }),
            ("1V", ParseError::UnexpectedByte { byte: b'V', at: 1 }),
            ("1E+x", ParseError::UnexpectedByte { byte: b'x', at: 3 }),
            ("NaN", ParseError::UnexpectedByte { byte: b'N', at: 0 }),
            ("1E9999999999999999999", ParseError::ExponentTooLarge),
        ] {
            assert_eq!(text.parse::<Decimal>().unwrap_err(), error, "{text}");
        }
        assert_eq!(
            "1".repeat(MAX_DIGITS + 1).parse::<Decimal>().unwrap_err(),
            ParseError::TooManyDigits
        );
    }
}
