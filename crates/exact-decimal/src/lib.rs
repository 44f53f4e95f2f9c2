//! Decimals exactly as text gave them.
//!
//! An instrument that answers `1.00000000` says more than `1`: it says nine digits. A
//! [`Decimal`] keeps them. It is a sign, a whole coefficient and a power of ten; nothing is
//! ever turned into binary floating point on the way, so a reading that lies exactly on a
//! limit is found exactly on it.
//!
//! ```
//! use exact_decimal::Decimal;
//!
//! let reading: Decimal = "+4.95000000E+00".parse()?;
//! assert_eq!(reading.to_string(), "4.95000000"); // every digit survives
//! assert_eq!(reading.scale(), 8);
//!
//! let nominal: Decimal = "5".parse()?;
//! let lower = nominal.checked_mul(&"0.99".parse()?)?; // 5 V less 1 %
//! assert_eq!(reading, lower); // on the bound, not beside it
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `parse` | text to [`Decimal`] |
//! | `print` | [`Decimal`] to text, as written, plain and in engineering form |
//! | `arithmetic` | compare, add, multiply, divide to a number of digits, round |

mod arithmetic;
mod parse;
mod print;

use num_bigint::{BigInt, BigUint, Sign};

pub use arithmetic::ArithmeticError;
pub use parse::ParseError;

/// The most digits that a decimal may be written with.
pub const MAX_DIGITS: usize = 4_096;

/// The largest power of ten, up or down, that a decimal may carry.
pub const MAX_EXPONENT: i32 = 999_999;

/// Digits to which a quotient or a mean is carried, rounded half to even.
pub const QUOTIENT_DIGITS: u32 = 34;

/// A decimal number: `(-1)^negative * coefficient * 10^exponent`, with the digits it was written with.
///
/// Equality and order are by value (`1.0 == 1.00`); the digits show in [`scale`](Self::scale),
/// in the text and in what serde writes.
#[derive(Clone, Debug)]
pub struct Decimal {
    negative: bool,
    coefficient: BigUint,
    exponent: i32,
}

impl Decimal {
    /// Zero without decimals.
    #[must_use]
    pub fn zero() -> Self {
        Self::from(0)
    }

    /// `±coefficient * 10^exponent`; `None` beyond [`MAX_EXPONENT`] or [`MAX_DIGITS`].
    #[must_use]
    pub fn new(negative: bool, coefficient: BigUint, exponent: i32) -> Option<Self> {
        let few_bits = coefficient.bits() <= (MAX_DIGITS as u64) * 10 / 3;
        (few_bits && exponent.abs() <= MAX_EXPONENT).then_some(Self {
            negative,
            coefficient,
            exponent,
        })
    }

    /// The shortest decimal that reads back as this float; `None` for infinities and not-a-number.
    #[must_use]
    pub fn from_f64_shortest(value: f64) -> Option<Self> {
        value.is_finite().then(|| format!("{value:e}").parse().ok()).flatten()
    }

    /// The nearest float; for drawing and for statistics, never for judging.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        let text = format!("{}e{}", self.coefficient, self.exponent);
        let magnitude = text.parse().unwrap_or(f64::NAN);
        if self.negative { -magnitude } else { magnitude }
    }

    /// Whether a minus sign stands before it (also before a zero).
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Whether its value is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.coefficient.bits() == 0
    }

    /// Digits after the decimal point when written without an exponent: what SQL calls scale.
    #[must_use]
    pub fn scale(&self) -> u32 {
        self.exponent.min(0).unsigned_abs()
    }

    /// The power of ten of the last digit.
    #[must_use]
    pub fn exponent(&self) -> i32 {
        self.exponent
    }

    /// What the DECIMAL of other formats holds: the value times `10^scale` as a whole number, big-endian, in the
    /// shortest two's complement. None where it has more decimals than that, or more than `precision` digits.
    #[must_use]
    pub fn to_unscaled_bytes(&self, scale: u32, precision: u32) -> Option<Vec<u8>> {
        let short = self.without_trailing_zeros();
        let shift = i64::from(short.exponent) + i64::from(scale);
        let shift =
            u32::try_from(shift).ok().filter(|shift| *shift <= precision || short.is_zero())?;
        let ten = BigUint::from(10_u8);
        let unscaled =
            if short.is_zero() { BigUint::ZERO } else { short.coefficient * ten.pow(shift) };
        let sign = if self.negative { Sign::Minus } else { Sign::Plus };
        let fits = unscaled < ten.pow(precision);
        fits.then(|| BigInt::from_biguint(sign, unscaled).to_signed_bytes_be())
    }

    /// The digits without leading zeros; `"0"` for zero.
    #[must_use]
    pub fn digits(&self) -> String {
        self.coefficient.to_string()
    }

    /// The digits as one whole number, where 64 bits hold it: those of nearly every reading.
    ///
    /// ```
    /// use exact_decimal::Decimal;
    ///
    /// assert_eq!("-1.2300E+05".parse::<Decimal>()?.small_digits(), Some(12_300));
    /// # Ok::<(), exact_decimal::ParseError>(())
    /// ```
    #[must_use]
    pub fn small_digits(&self) -> Option<u64> {
        u64::try_from(&self.coefficient).ok()
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self { negative: value < 0, coefficient: value.unsigned_abs().into(), exponent: 0 }
    }
}

impl From<u64> for Decimal {
    fn from(value: u64) -> Self {
        Self { negative: false, coefficient: value.into(), exponent: 0 }
    }
}

impl From<i32> for Decimal {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u32> for Decimal {
    fn from(value: u32) -> Self {
        Self::from(u64::from(value))
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_of_other_formats_is_its_unscaled_digits() {
        for (text, scale, bytes) in [
            ("1.50", 3, Some(&[0x05, 0xdc][..])),
            ("-1.00", 2, Some(&[0x9c])),
            ("12E2", 0, Some(&[0x04, 0xb0])),
            ("-0.00", 5, Some(&[0])),
            ("0E999", 0, Some(&[0])),
            ("1.2300", 2, Some(&[0x7b])),
            ("1.234", 2, None),
            ("9.9E37", 0, Some(&9_9_u128.checked_mul(10_u128.pow(36)).unwrap().to_be_bytes())),
            ("9.9E37", 1, None),
            ("1E999999", 0, None),
            ("1E-999999", 38, None),
        ] {
            let number: Decimal = text.parse().unwrap();
            let made = number.to_unscaled_bytes(scale, 38);
            assert_eq!(made.as_deref(), bytes, "{text} with {scale} decimals");
        }
    }
}
