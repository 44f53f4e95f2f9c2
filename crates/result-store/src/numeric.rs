//! Decimals as NUMERIC, digit for digit.
//!
//! On the wire a NUMERIC is its groups of four digits, the weight of the first group (a power of 10 000),
//! the sign, and how many decimals are shown (`numeric_send` in PostgreSQL's `numeric.c`). All of it follows
//! from the decimal's text; nothing passes through a float, and the zeros at the end stay.

use std::fmt;

use bench_model::{Decimal, Value};
use bytes::{Buf, BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

/// Decimal digits of a group.
const GROUP: usize = 4;
/// The most digits before the decimal point.
const MAX_WHOLE_DIGITS: i64 = 131_072;
/// The most digits after it. The server cuts what lies beyond without a word.
const MAX_SCALE: u32 = 16_383;

const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;
const NOT_A_NUMBER: u16 = 0xC000;
const INFINITY: u16 = 0xD000;
const NEGATIVE_INFINITY: u16 = 0xF000;

/// A number as NUMERIC holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numeric {
    groups: Vec<u16>,
    weight: i16,
    sign: u16,
    scale: u16,
}

impl Numeric {
    /// What stands where a number has no place in NUMERIC.
    pub(crate) const NAN: Self = Self::special(NOT_A_NUMBER);

    const fn special(sign: u16) -> Self {
        Self { groups: Vec::new(), weight: 0, sign, scale: 0 }
    }

    /// `None` beyond the bounds of NUMERIC.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Finite(decimal) => Self::of_decimal(decimal),
            Value::Infinity => Some(Self::special(INFINITY)),
            Value::NegativeInfinity => Some(Self::special(NEGATIVE_INFINITY)),
            Value::NotANumber => Some(Self::NAN),
        }
    }

    /// `None` beyond the bounds of NUMERIC.
    pub(crate) fn of_decimal(decimal: &Decimal) -> Option<Self> {
        let scale = Some(decimal.scale()).filter(|scale| *scale <= MAX_SCALE)?;
        let scale = u16::try_from(scale).ok()?;
        if decimal.is_zero() {
            return Some(Self { groups: Vec::new(), weight: 0, sign: POSITIVE, scale });
        }
        let sign = if decimal.is_negative() { NEGATIVE } else { POSITIVE };
        if let Some(digits) = decimal.small_digits() {
            let (groups, weight) = small_groups(digits, decimal.exponent())?;
            return Some(Self { groups, weight, sign, scale });
        }
        let digits = decimal.digits();
        let whole_digits = i64::try_from(digits.len()).ok()? + i64::from(decimal.exponent());
        if whole_digits > MAX_WHOLE_DIGITS {
            return None;
        }
        // The group in which the first digit lies, and how many zeros stand before it there.
        let weight = (whole_digits - 1).div_euclid(4);
        let zeros = usize::try_from((weight + 1) * 4 - whole_digits).ok()?;
        let weight = i16::try_from(weight).ok()?;
        Some(Self { groups: groups(&digits, zeros), weight, sign, scale })
    }
}

/// A number as the server writes it; the text where it is none.
pub(crate) fn number(text: &str) -> Result<Value, &str> {
    text.parse().map_err(|_| text)
}

/// The groups of a number that 64 bits hold, times a power of ten, and the weight of the first; none beyond the bounds.
fn small_groups(digits: u64, exponent: i32) -> Option<(Vec<u16>, i16)> {
    let whole_digits = i64::from(digits.checked_ilog10()? + 1) + i64::from(exponent);
    if whole_digits > MAX_WHOLE_DIGITS {
        return None;
    }
    // Moved to the border of a group, which takes 77 bits at most.
    let moved = exponent.rem_euclid(4);
    let mut rest = u128::from(digits) * [1, 10, 100, 1000].get(usize::try_from(moved).ok()?)?;
    let mut reversed = [0_u16; 6];
    let mut count = 0;
    for group in &mut reversed {
        if rest == 0 {
            break;
        }
        // Division of 64 bits is many times as fast.
        (rest, *group) = match u64::try_from(rest) {
            Ok(small) => (u128::from(small / 10_000), u16::try_from(small % 10_000).ok()?),
            Err(_) => (rest / 10_000, u16::try_from(rest % 10_000).ok()?),
        };
        count += 1;
    }
    let weight = i32::from(i16::try_from(count).ok()?) - 1 + exponent.div_euclid(4);
    let used = reversed.get(..count)?;
    let zeros = used.iter().take_while(|group| **group == 0).count();
    let groups = used.get(zeros..)?.iter().rev().copied().collect();
    Some((groups, i16::try_from(weight).ok()?))
}

/// Digits after `zeros` zeros in groups of four, without empty groups at the end.
fn groups(digits: &str, zeros: usize) -> Vec<u16> {
    let mut groups = vec![0; (zeros + digits.len()).div_ceil(GROUP)];
    for (place, digit) in digits.bytes().enumerate().map(|(at, digit)| (at + zeros, digit)) {
        let power = [1000, 100, 10, 1].into_iter().nth(place % GROUP).unwrap_or_default();
        if let Some(group) = groups.get_mut(place / GROUP) {
            *group += u16::from(digit.wrapping_sub(b'0')) * power;
        }
    }
    while groups.last() == Some(&0) {
        groups.pop();
    }
    groups
}

impl ToSql for Numeric {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.put_u16(self.groups.len().try_into()?);
        out.put_i16(self.weight);
        out.put_u16(self.sign);
        out.put_u16(self.scale);
        self.groups.iter().for_each(|group| out.put_u16(*group));
        Ok(IsNull::No)
    }

    accepts!(NUMERIC);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Numeric {
    fn from_sql(
        _: &Type,
        mut raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let count = usize::from(raw.try_get_u16()?);
        let (weight, sign, scale) = (raw.try_get_i16()?, raw.try_get_u16()?, raw.try_get_u16()?);
        let groups = (0..count).map(|_| raw.try_get_u16()).collect::<Result<_, _>>()?;
        Ok(Self { groups, weight, sign, scale })
    }

    accepts!(NUMERIC);
}

/// As the server writes it.
impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sign {
            NOT_A_NUMBER => return f.write_str("NaN"),
            INFINITY => return f.write_str("Infinity"),
            NEGATIVE_INFINITY => return f.write_str("-Infinity"),
            NEGATIVE => f.write_str("-")?,
            _ => {}
        }
        let group = |power: i32| {
            let at = usize::try_from(i32::from(self.weight) - power).ok();
            at.and_then(|at| self.groups.get(at)).copied().unwrap_or_default()
        };
        let whole: String = (0..=i32::from(self.weight))
            .rev()
            .map(|power| format!("{:04}", group(power)))
            .collect();
        let whole = whole.trim_start_matches('0');
        f.write_str(if whole.is_empty() { "0" } else { whole })?;
        let scale = usize::from(self.scale);
        let after = i32::from(self.scale.div_ceil(4));
        let mut decimals: String =
            (1..=after).map(|power| format!("{:04}", group(-power))).collect();
        decimals.truncate(scale);
        if scale > 0 { write!(f, ".{decimals}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a PostgreSQL 15 shows for the same texts.
    #[test]
    fn a_number_comes_back_and_is_shown_as_the_server_does() {
        for (text, shown) in [
            ("+1.00000000E+00", "1.00000000"),
            ("-3.2150E-07", "-0.00000032150"),
            ("1.2300E+05", "123000"),
            ("12345678.9", "12345678.9"),
            ("0.000", "0.000"),
            ("1E5", "100000"),
            ("NaN", "NaN"),
            ("-Infinity", "-Infinity"),
        ] {
            let mut out = BytesMut::new();
            let number = Numeric::of(&text.parse().unwrap()).unwrap();
            let _ = number.to_sql(&Type::NUMERIC, &mut out).unwrap();
            assert_eq!(Numeric::from_sql(&Type::NUMERIC, &out).unwrap(), number);
            assert_eq!(number.to_string(), shown);
            assert!(Numeric::from_sql(&Type::NUMERIC, &out[..out.len() - 1]).is_err());
        }
    }

    fn wire(text: &str) -> Vec<u16> {
        let mut out = BytesMut::new();
        let value: Value = text.parse().unwrap();
        let _ = Numeric::of(&value).unwrap().to_sql(&Type::NUMERIC, &mut out).unwrap();
        out.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect()
    }

    /// What a PostgreSQL 15 sends for the same texts.
    #[test]
    fn the_wire_is_as_the_server_writes_it() {
        for (text, expected) in [
            ("+1.00000000E+00", vec![1, 0, 0, 8, 1]),
            ("9.9E+37", vec![1, 9, 0, 0, 0x63]),
            ("-3.2150E-07", vec![2, 0xfffe, 0x4000, 0xb, 0x20, 0x5dc]),
            ("1.2300E+05", vec![2, 1, 0, 0, 12, 3000]),
            ("0.000", vec![0, 0, 0, 3]),
            ("-0", vec![0, 0, 0, 0]),
            ("NaN", vec![0, 0, 0xc000, 0]),
            ("Infinity", vec![0, 0, 0xd000, 0]),
            ("-Infinity", vec![0, 0, 0xf000, 0]),
        ] {
            assert_eq!(wire(text), expected, "{text}");
        }
    }

    #[test]
    fn what_numeric_cannot_hold_is_said() {
        for (text, fits) in [
            ("1E131071", true),
            ("1E131072", false),
            ("1E-16383", true),
            ("1E-16384", false),
            ("0E-16384", false),
            ("0E+900000", true),
            ("12345.6E-999000", false),
        ] {
            let decimal: Decimal = text.parse().unwrap();
            assert_eq!(Numeric::of_decimal(&decimal).is_some(), fits, "{text}");
        }
    }
}
