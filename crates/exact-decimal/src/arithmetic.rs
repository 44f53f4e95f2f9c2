//! Comparing, adding, multiplying: exact. Dividing and rounding: half to even, to stated digits.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigUint;

use crate::{Decimal, MAX_DIGITS, MAX_EXPONENT, QUOTIENT_DIGITS};

/// Why an exact result cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArithmeticError {
    /// The exact result would need more than [`MAX_DIGITS`] digits or a power beyond [`MAX_EXPONENT`].
    TooWide,
    /// The divisor is zero.
    DivisionByZero,
}

impl fmt::Display for ArithmeticError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooWide => write!(f, "the exact result needs more than {MAX_DIGITS} digits"),
            Self::DivisionByZero => write!(f, "division by zero"),
        }
    }
}

impl std::error::Error for ArithmeticError {}

type Result<T> = std::result::Result<T, ArithmeticError>;

impl Decimal {
    /// The exact sum; its scale is the larger of both.
    ///
    /// # Errors
    /// [`ArithmeticError::TooWide`] when the digits of both lie too far apart.
    pub fn checked_add(&self, other: &Self) -> Result<Self> {
        let (left, right, exponent) = aligned(self, other)?;
        let (negative, coefficient) = match (self.negative == other.negative, left.cmp(&right)) {
            (true, _) => (self.negative, left + right),
            (false, Ordering::Less) => (other.negative, right - left),
            (false, Ordering::Equal) => (false, BigUint::ZERO),
            (false, Ordering::Greater) => (self.negative, left - right),
        };
        Self::new(negative, coefficient, exponent).ok_or(ArithmeticError::TooWide)
    }

    /// The exact difference.
    ///
    /// # Errors
    /// As [`checked_add`](Self::checked_add).
    pub fn checked_sub(&self, other: &Self) -> Result<Self> {
        self.checked_add(&-other.clone())
    }

    /// The exact product; its scale is the sum of both.
    ///
    /// # Errors
    /// [`ArithmeticError::TooWide`] when a bound is passed.
    pub fn checked_mul(&self, other: &Self) -> Result<Self> {
        let negative = self.negative != other.negative;
        let exponent = self.exponent.checked_add(other.exponent).ok_or(ArithmeticError::TooWide)?;
        Self::new(negative, &self.coefficient * &other.coefficient, exponent)
            .ok_or(ArithmeticError::TooWide)
    }

    /// The quotient: exact where it ends within [`QUOTIENT_DIGITS`], else rounded half to even to
    /// that many digits. Trailing zeros of an exact quotient are dropped.
    ///
    /// # Errors
    /// [`ArithmeticError::DivisionByZero`], or a bound is passed.
    pub fn checked_div(&self, other: &Self) -> Result<Self> {
        if other.is_zero() {
            return Err(ArithmeticError::DivisionByZero);
        }
        let wanted = i64::from(QUOTIENT_DIGITS) + 1;
        let shift = (wanted - length(self) + length(other)).max(0);
        let shift = u32::try_from(shift).map_err(|_| ArithmeticError::TooWide)?;
        let scaled = &self.coefficient * power_of_ten(shift);
        let (mut quotient, rest) = (&scaled / &other.coefficient, &scaled % &other.coefficient);
        let mut exponent = i64::from(self.exponent) - i64::from(other.exponent) - i64::from(shift);
        if rest.bits() != 0 {
            // A sticky digit below the last keeps "just above a half" apart from "exactly a half".
            quotient = quotient * 10_u8 + 1_u8;
            exponent -= 1;
        }
        let exponent = i32::try_from(exponent).map_err(|_| ArithmeticError::TooWide)?;
        let exact = Self::new(self.negative != other.negative, quotient, exponent);
        Ok(exact
            .ok_or(ArithmeticError::TooWide)?
            .round_to_digits(QUOTIENT_DIGITS)
            .without_trailing_zeros())
    }

    /// The value times `10^power`, digits unchanged; `None` beyond [`MAX_EXPONENT`].
    #[must_use]
    pub fn scale_by_power_of_ten(&self, power: i32) -> Option<Self> {
        let exponent = self.exponent.checked_add(power)?;
        Self::new(self.negative, self.coefficient.clone(), exponent)
    }

    /// At most this many significant digits, rounded half to even.
    #[must_use]
    pub fn round_to_digits(&self, digits: u32) -> Self {
        let excess = length(self) - i64::from(digits.max(1));
        match i32::try_from(excess) {
            Ok(excess) if excess > 0 => {
                let rounded = self.round_to_exponent(self.exponent.saturating_add(excess));
                // 9.99 rounds up to 10.0: one digit more, a zero.
                if length(&rounded) > i64::from(digits) {
                    rounded.round_to_digits(digits)
                } else {
                    rounded
                }
            }
            _ => self.clone(),
        }
    }

    /// A multiple of `10^exponent`, rounded half to even; unchanged when it already is one.
    #[must_use]
    pub fn round_to_exponent(&self, exponent: i32) -> Self {
        let dropped = i64::from(exponent) - i64::from(self.exponent);
        if dropped <= 0 {
            return self.clone();
        }
        if dropped > length(self) {
            return Self { coefficient: BigUint::ZERO, exponent, ..self.clone() };
        }
        let unit = power_of_ten(u32::try_from(dropped).unwrap_or(0));
        let (kept, rest) = (&self.coefficient / &unit, &self.coefficient % &unit);
        let up = match (rest * 2_u8).cmp(&unit) {
            Ordering::Less => false,
            Ordering::Equal => kept.bit(0),
            Ordering::Greater => true,
        };
        Self { negative: self.negative, coefficient: kept + u8::from(up), exponent }
    }

    /// The same value with the fewest digits (`5.100` is `5.1`, `1200` is `12E2`).
    #[must_use]
    pub fn without_trailing_zeros(&self) -> Self {
        if self.is_zero() {
            return Self { exponent: 0, ..self.clone() };
        }
        let digits = self.digits();
        let zeros = u32::try_from(digits.len() - digits.trim_end_matches('0').len()).unwrap_or(0);
        let exponent = self.exponent.saturating_add_unsigned(zeros).min(MAX_EXPONENT);
        let coefficient = &self.coefficient / power_of_ten(exponent.abs_diff(self.exponent));
        Self { negative: self.negative, coefficient, exponent }
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        Self { negative: false, ..self.clone() }
    }
}

impl std::ops::Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        Self { negative: !self.negative, ..self }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (signum(self), signum(other)) {
            (a, b) if a != b => a.cmp(&b),
            (0, _) => Ordering::Equal,
            (1, _) => magnitudes(self, other),
            _ => magnitudes(other, self),
        }
    }
}

fn signum(decimal: &Decimal) -> i8 {
    match (decimal.is_zero(), decimal.negative) {
        (true, _) => 0,
        (false, true) => -1,
        (false, false) => 1,
    }
}

/// First by the power of the first digit, so that `1E900000` against `1` costs nothing.
fn magnitudes(left: &Decimal, right: &Decimal) -> Ordering {
    if left.exponent == right.exponent {
        return left.coefficient.cmp(&right.coefficient);
    }
    let top = |d: &Decimal| i64::from(d.exponent) + length(d);
    top(left).cmp(&top(right)).then_with(|| {
        // With the first digits level, the exponents lie no further apart than the digits are many.
        let lowest = left.exponent.min(right.exponent);
        let raised = |d: &Decimal| &d.coefficient * power_of_ten(d.exponent.abs_diff(lowest));
        raised(left).cmp(&raised(right))
    })
}

/// Both coefficients on the smaller of the two exponents.
fn aligned(left: &Decimal, right: &Decimal) -> Result<(BigUint, BigUint, i32)> {
    let exponent = left.exponent.min(right.exponent);
    let raised = |d: &Decimal| {
        let shift = d.exponent.abs_diff(exponent);
        let fits = d.is_zero() || length(d) + i64::from(shift) <= MAX_DIGITS as i64;
        let factor =
            if d.is_zero() { BigUint::ZERO } else { power_of_ten(if fits { shift } else { 0 }) };
        fits.then(|| &d.coefficient * factor).ok_or(ArithmeticError::TooWide)
    };
    Ok((raised(left)?, raised(right)?, exponent))
}

fn length(decimal: &Decimal) -> i64 {
    let bits = decimal.coefficient.bits();
    if bits <= 64 {
        let word = decimal.coefficient.iter_u64_digits().next().unwrap_or(0);
        return i64::from(word.checked_ilog10().unwrap_or(0)) + 1;
    }
    i64::try_from(decimal.digits().len()).unwrap_or(i64::MAX)
}

fn power_of_ten(power: u32) -> BigUint {
    BigUint::from(10_u8).pow(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn sums_products_and_quotients_are_exact() {
        assert_eq!(d("0.1").checked_add(&d("0.2")).unwrap().to_string(), "0.3");
        assert_eq!(d("1.50").checked_sub(&d("2")).unwrap().to_string(), "-0.50");
        assert_eq!(d("1.5").checked_sub(&d("1.50")).unwrap().to_string(), "0.00");
        assert_eq!(d("5").checked_mul(&d("0.99")).unwrap().to_string(), "4.95");
        assert_eq!(d("1").checked_div(&d("8")).unwrap().to_string(), "0.125");
        assert_eq!(
            d("-2").checked_div(&d("3")).unwrap().to_string(),
            "-0.6666666666666666666666666666666667"
        );
        assert_eq!(d("6").checked_div(&d("3E-5")).unwrap(), d("200000"));
        assert_eq!(d("1").checked_div(&d("0.00")), Err(ArithmeticError::DivisionByZero));
        assert_eq!(d("1E900000").checked_add(&d("1")), Err(ArithmeticError::TooWide));
        assert_eq!(d("1E900000").checked_mul(&d("1E900000")), Err(ArithmeticError::TooWide));
    }

    #[test]
    fn rounds_half_to_even() {
        for (text, exponent, rounded) in [
            ("2.5", 0, "2"),
            ("3.5", 0, "4"),
            ("2.51", 0, "3"),
            ("-0.05", -1, "-0.0"),
            ("9.99", -1, "10.0"),
            ("0.004", 0, "0"),
            ("7", -2, "7"),
        ] {
            assert_eq!(d(text).round_to_exponent(exponent).to_string(), rounded, "{text}");
        }
        assert_eq!(d("9.996").round_to_digits(3).to_string(), "10.0");
        assert_eq!(d("0.00012345").round_to_digits(2).to_string(), "0.00012");
        assert_eq!(d("120.00").without_trailing_zeros().to_string(), "1.2E2");
    }

    #[test]
    fn order_is_by_value() {
        let ascending = [
            "-1E999999",
            "-2",
            "-1.5",
            "-0.0001",
            "0",
            "1E-999999",
            "0.99",
            "1.0",
            "1.01",
            "1E999999",
        ];
        for pair in ascending.windows(2) {
            assert!(d(pair[0]) < d(pair[1]), "{pair:?}");
        }
        assert_eq!(d("1.0"), d("1.000"));
        assert_eq!(d("-0"), d("0.000"));
        assert_eq!(d("12E2"), d("1200"));
    }

    #[test]
    fn floats_come_and_go_by_their_shortest_text() {
        for value in [0.1, -1.0, 1e300, 5e-324, f64::MAX] {
            let decimal = Decimal::from_f64_shortest(value).unwrap();
            assert_eq!(decimal.to_f64().to_bits(), value.to_bits());
        }
        assert!(Decimal::from_f64_shortest(f64::NAN).is_none());
    }
}
