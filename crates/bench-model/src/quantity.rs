//! A number with its unit.

use std::cmp::Ordering;
use std::fmt;

use exact_decimal::{Decimal, ParseError};

use crate::unit::{Unit, UnitError};

/// An exact number of some unit, as it was written.
///
/// ```
/// use bench_model::Quantity;
///
/// let load: Quantity = "500 mA".parse()?;
/// assert_eq!(load.in_base().map(|amperes| amperes.to_plain_string()).as_deref(), Some("0.500"));
/// assert_eq!(load.to_string(), "500 mA");
/// # Ok::<(), bench_model::QuantityError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// How many.
    pub value: Decimal,
    /// Of what.
    pub unit: Unit,
}

/// Text that is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// It does not begin with a number.
    #[error(
        "'{text}' does not begin with a number; a quantity is written as 5 V, 1.2e-3 A or 500 mA"
    )]
    NoNumber {
        /// All of it.
        text: String,
        /// Why not.
        source: ParseError,
    },
    /// What follows the number is no unit.
    #[error(transparent)]
    Unit(#[from] UnitError),
}

impl Quantity {
    /// A number of a unit.
    #[must_use]
    pub fn new(value: Decimal, unit: Unit) -> Self {
        Self { value, unit }
    }

    /// The number of base units, exact. `None` beyond the bounds of a decimal.
    #[must_use]
    pub fn in_base(&self) -> Option<Decimal> {
        self.unit.to_base(&self.value)
    }

    /// The same, in another unit of its dimension. `None` when the dimensions differ.
    #[must_use]
    pub fn to_unit(&self, unit: &Unit) -> Option<Self> {
        if unit.dimension() != self.unit.dimension() {
            return None;
        }
        Some(Self { value: unit.from_base(&self.in_base()?)?, unit: unit.clone() })
    }

    /// The same in base units: 0.5 A for 500 mA.
    #[must_use]
    pub fn to_base_unit(&self) -> Option<Self> {
        Some(Self { value: self.in_base()?, unit: Unit::base(self.unit.dimension()) })
    }

    /// In the engineer's prefix, all digits kept: `1.2345 mV` for `1.2345E-03 V`.
    #[must_use]
    pub fn in_engineering_prefix(&self) -> Self {
        self.engineering().unwrap_or_else(|| self.clone())
    }

    fn engineering(&self) -> Option<Self> {
        let base = self.in_base()?;
        if base.is_zero() || !self.unit.takes_prefixes() {
            return Some(Self { value: base, unit: Unit::base(self.unit.dimension()) })
                .filter(|_| self.unit.takes_prefixes());
        }
        let power = (base.order().div_euclid(3) * 3).clamp(-15, 12);
        let unit = self.unit.with_prefix(power)?;
        Some(Self { value: unit.from_base(&base)?, unit })
    }

    /// For a screen: engineer's prefix, and not more than `digits` significant digits. Never for what is
    /// judged or stored.
    #[must_use]
    pub fn for_display(&self, digits: u32) -> String {
        let whole = self.in_engineering_prefix();
        let fewer = Self { value: whole.value.round_to_digits(digits), unit: whole.unit };
        // Rounding up to 1000 changes the prefix.
        fewer.in_engineering_prefix().to_string()
    }
}

/// By size, for the same dimension.
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self.unit.dimension() != other.unit.dimension() {
            return None;
        }
        Some(self.in_base()?.cmp(&other.in_base()?))
    }
}

/// `1.20 mV`, `5 %`, `3`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value.to_plain_string())?;
        match self.unit.symbol() {
            "" => Ok(()),
            symbol => write!(f, " {symbol}"),
        }
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let text = text.trim();
        let (number, unit) = text.split_at(number_length(text));
        let value = number.parse().map_err(|source| QuantityError::NoNumber {
            text: text.chars().take(40).collect(),
            source,
        })?;
        Ok(Self { value, unit: unit.parse()? })
    }
}

/// Bytes of the number at the start; an `e` belongs to it only with digits behind.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut length = sign + digits(sign);
    if bytes.get(length) == Some(&b'.') {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        length += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    length
}

impl serde::Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let symbol = self.unit.symbol();
        let space = if symbol.is_empty() { "" } else { " " };
        serializer.collect_str(&format_args!("{}{space}{symbol}", self.value))
    }
}

impl<'de> serde::Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_shown_as_written() {
        for (text, shown) in [
            ("5 V", "5 V"),
            ("4.750V", "4.750 V"),
            ("-3.2150E-07 A", "-0.00000032150 A"),
            ("10 MOhm", "10 MΩ"),
            ("1 %", "1 %"),
            ("7", "7"),
            ("2e3 Hz", "2000 Hz"),
            ("23 °C", "23 °C"),
        ] {
            assert_eq!(text.parse::<Quantity>().unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        for text in ["V", "", "five V", "5 volts", "5 V 3", "--5 V", "1e V x"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_engineers_prefix_keeps_every_digit() {
        for (text, shown) in [
            ("1.2345E-03 V", "1.2345 mV"),
            ("0.00000032150 A", "321.50 nA"),
            ("12000 Ω", "12.000 kΩ"),
            ("999.9 V", "999.9 V"),
            ("0.000 V", "0.000 V"),
            ("23.5 °C", "23.5 °C"),
            ("0.4 %", "0.4 %"),
            ("1500 ms", "1.500 s"),
            ("0.0124 m", "12.4 mm"),
        ] {
            let quantity: Quantity = text.parse().unwrap();
            assert_eq!(quantity.in_engineering_prefix().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn a_screen_gets_few_digits() {
        let quantity: Quantity = "0.99999999 V".parse().unwrap();
        assert_eq!(quantity.for_display(4), "1.000 V");
    }

    #[test]
    fn only_like_is_compared_with_like() {
        let quantity = |text: &str| text.parse::<Quantity>().unwrap();
        assert!(quantity("999 mV") < quantity("1 V"));
        assert_eq!(quantity("1 V").partial_cmp(&quantity("1 A")), None);
        assert_eq!(quantity("1 V").to_unit(&quantity("1 A").unit), None);
        assert_eq!(quantity("0.25 V").to_unit(&"mV".parse().unwrap()), Some(quantity("250 mV")));
    }

    #[test]
    fn json_keeps_the_digits() {
        let quantity: Quantity = "+1.00000000 V".parse().unwrap();
        let json = serde_json::to_string(&quantity).unwrap();
        let back: Quantity = serde_json::from_str(&json).unwrap();
        assert_eq!(back.to_string(), "1.00000000 V");
    }
}
