//! What an instrument answered in the place of a number.

use std::fmt;

use exact_decimal::Decimal;

use crate::quantity::Quantity;
use crate::unit::Unit;

/// A number, or one of the three things that SCPI-99 (volume 1, clause 7.2.1) sends when there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, exactly as sent.
    Finite(Decimal),
    /// 9.9E37 or a word for overload: more than the range can hold.
    Infinity,
    /// -9.9E37.
    NegativeInfinity,
    /// 9.91E37 or a word for "nothing measured".
    NotANumber,
}

const INFINITY: &str = "Infinity";
const NEGATIVE_INFINITY: &str = "-Infinity";
const NOT_A_NUMBER: &str = "NaN";

impl Value {
    /// The number, where there is one.
    #[must_use]
    pub fn finite(&self) -> Option<&Decimal> {
        match self {
            Self::Finite(value) => Some(value),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finite(value) => value.fmt(f),
            Self::Infinity => f.write_str(INFINITY),
            Self::NegativeInfinity => f.write_str(NEGATIVE_INFINITY),
            Self::NotANumber => f.write_str(NOT_A_NUMBER),
        }
    }
}

impl std::str::FromStr for Value {
    type Err = exact_decimal::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            INFINITY => Ok(Self::Infinity),
            NEGATIVE_INFINITY => Ok(Self::NegativeInfinity),
            NOT_A_NUMBER => Ok(Self::NotANumber),
            number => number.parse().map(Self::Finite),
        }
    }
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a limit judges: a number with its unit, or words.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// A number of a unit.
    Number {
        /// The number.
        value: Value,
        /// Its unit.
        unit: Unit,
    },
    /// Words, as they came.
    Text(String),
}

impl Measured {
    /// A number of a unit.
    #[must_use]
    pub fn number(value: Value, unit: Unit) -> Self {
        Self::Number { value, unit }
    }

    /// The finite quantity, where it is one.
    #[must_use]
    pub fn quantity(&self) -> Option<Quantity> {
        match self {
            Self::Number { value: Value::Finite(value), unit } => {
                Some(Quantity::new(value.clone(), unit.clone()))
            }
            _ => None,
        }
    }

    /// For a screen, with not more than `digits` significant digits.
    #[must_use]
    pub fn for_display(&self, digits: u32) -> String {
        match (self, self.quantity()) {
            (_, Some(quantity)) => quantity.for_display(digits),
            (Self::Number { value, .. }, None) => value.to_string(),
            (Self::Text(text), None) => format!("{text:?}"),
        }
    }
}

/// All digits, in the unit in which it came.
impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { value: Value::Finite(value), unit } => {
                Quantity::new(value.clone(), unit.clone()).fmt(f)
            }
            Self::Number { value, .. } => value.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}
