//! Units as engineers write them, with their dimension, so that millivolts are never taken for amperes.

mod dimension;
mod symbols;

use std::fmt;

use exact_decimal::Decimal;
use symbols::{PREFIXES, Symbol, symbol};

pub use dimension::Dimension;

/// The longest unit text that is read, in bytes.
pub const MAX_UNIT_TEXT_BYTES: usize = 64;

/// A unit: its symbol, what it measures, and how many base units it is.
///
/// ```
/// use bench_model::Unit;
///
/// let millivolt: Unit = "mV".parse()?;
/// let volt_per_ampere: Unit = "V/A".parse()?;
/// assert_eq!(volt_per_ampere.dimension(), "kΩ".parse::<Unit>()?.dimension());
/// assert_ne!(millivolt.dimension(), volt_per_ampere.dimension());
/// # Ok::<(), bench_model::UnitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unit {
    symbol: String,
    dimension: Dimension,
    multiplier: u32,
    power: i32,
}

/// Text that is no unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// No such symbol.
    #[error("'{0}' is no unit; units are such as V, mA, kΩ, µs, Hz, °C, %, ppm, dB, mV/V")]
    Unknown(String),
    /// Longer than [`MAX_UNIT_TEXT_BYTES`], or powers beyond what a unit can have.
    #[error("the unit '{0}' is too long or has powers beyond the bounds")]
    TooLarge(String),
}

impl Unit {
    /// A pure number.
    #[must_use]
    pub fn none() -> Self {
        Self::base(Dimension::NONE)
    }

    /// The base unit of a dimension: V, A, Ω, s, Hz, V/s.
    #[must_use]
    pub fn base(dimension: Dimension) -> Self {
        Self { symbol: dimension.to_string(), dimension, multiplier: 1, power: 0 }
    }

    /// The volt.
    #[must_use]
    pub fn volt() -> Self {
        Self::base(Dimension::electrical(1, 0, 0))
    }

    /// The ampere.
    #[must_use]
    pub fn ampere() -> Self {
        Self::base(Dimension::electrical(0, 1, 0))
    }

    /// The ohm.
    #[must_use]
    pub fn ohm() -> Self {
        Self::base(Dimension::electrical(1, -1, 0))
    }

    /// The watt.
    #[must_use]
    pub fn watt() -> Self {
        Self::base(Dimension::electrical(1, 1, 0))
    }

    /// The second.
    #[must_use]
    pub fn second() -> Self {
        Self::base(Dimension::electrical(0, 0, 1))
    }

    /// The hertz.
    #[must_use]
    pub fn hertz() -> Self {
        Self::base(Dimension::electrical(0, 0, -1))
    }

    /// The farad.
    #[must_use]
    pub fn farad() -> Self {
        Self::base(Dimension::electrical(-1, 1, 1))
    }

    /// The degree Celsius.
    #[must_use]
    pub fn degree_celsius() -> Self {
        Self::base(Dimension::base(4))
    }

    /// As it is written.
    #[must_use]
    pub fn symbol(&self) -> &str {
        &self.symbol
    }

    /// What it measures.
    #[must_use]
    pub fn dimension(&self) -> Dimension {
        self.dimension
    }

    /// Whether it is a part of something: a pure number, %, ppm.
    #[must_use]
    pub fn is_dimensionless(&self) -> bool {
        self.dimension == Dimension::NONE
    }

    /// A number of this unit as a number of base units, exact. `None` beyond the bounds of a decimal.
    #[must_use]
    pub fn to_base(&self, value: &Decimal) -> Option<Decimal> {
        let scaled = value.scale_by_power_of_ten(self.power)?;
        match self.multiplier {
            1 => Some(scaled),
            multiplier => scaled.checked_mul(&Decimal::from(multiplier)).ok(),
        }
    }

    /// A number of base units as a number of this one; exact for powers of ten, else to 34 digits.
    #[must_use]
    pub fn from_base(&self, value: &Decimal) -> Option<Decimal> {
        let scaled = value.scale_by_power_of_ten(self.power.checked_neg()?)?;
        match self.multiplier {
            1 => Some(scaled),
            multiplier => scaled.checked_div(&Decimal::from(multiplier)).ok(),
        }
    }

    /// Whether prefixes make sense before the base unit: not before °C, dB or a pure number.
    #[must_use]
    pub fn takes_prefixes(&self) -> bool {
        let base = self.dimension.name().and_then(symbol);
        base.is_some_and(|symbol| symbol.prefixes)
    }

    /// The same base unit with a power of ten before it, where such a prefix is written.
    #[must_use]
    pub fn with_prefix(&self, power: i32) -> Option<Self> {
        let base = self.dimension.to_string();
        let prefix = match power {
            0 => "",
            _ => PREFIXES.iter().find(|(_, own)| *own == power).map(|(prefix, _)| *prefix)?,
        };
        let symbol = format!("{prefix}{base}");
        Some(Self { symbol, dimension: self.dimension, multiplier: 1, power })
    }
}

/// Its symbol.
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.symbol)
    }
}

impl std::str::FromStr for Unit {
    type Err = UnitError;

    /// Reads `mV`, `V/A`, `A·s`, `V^2/Hz`, `ppm/°C`; the empty text is a pure number.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::none());
        }
        if text.len() > MAX_UNIT_TEXT_BYTES {
            return Err(UnitError::TooLarge(text.chars().take(16).collect()));
        }
        product(text)
    }
}

fn product(text: &str) -> Result<Unit, UnitError> {
    let too_large = || UnitError::TooLarge(text.to_owned());
    let mut whole: Option<Unit> = None;
    for (sign, term) in terms(text) {
        let next = read_term(term).ok_or_else(|| UnitError::Unknown(text.to_owned()))?;
        whole = Some(match whole {
            None if sign == Sign::Per => return Err(UnitError::Unknown(text.to_owned())),
            None => next,
            Some(before) => join(&before, sign, &next).ok_or_else(too_large)?,
        });
    }
    whole.ok_or_else(|| UnitError::Unknown(text.to_owned()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Times,
    Per,
}

/// The terms of a product with the sign before each.
fn terms(text: &str) -> Vec<(Sign, &str)> {
    let mut found = Vec::new();
    let mut sign = Sign::Times;
    let mut rest = text;
    while let Some(at) = rest.find(['·', '*', '/']) {
        let (term, after) = rest.split_at(at);
        found.push((sign, term.trim()));
        sign = if after.starts_with('/') { Sign::Per } else { Sign::Times };
        rest = after.trim_start_matches(|c| ['·', '*', '/'].contains(&c));
    }
    found.push((sign, rest.trim()));
    found
}

fn join(one: &Unit, sign: Sign, two: &Unit) -> Option<Unit> {
    let (between, dimension, power) = match sign {
        Sign::Times => {
            ("·", one.dimension.times(two.dimension)?, one.power.checked_add(two.power)?)
        }
        // A quotient by hours has no exact factor; nobody writes one on a bench but "per year".
        Sign::Per if two.multiplier != 1 => return None,
        Sign::Per => ("/", one.dimension.per(two.dimension)?, one.power.checked_sub(two.power)?),
    };
    let multiplier = one.multiplier.checked_mul(two.multiplier)?;
    let symbol = format!("{}{between}{}", one.symbol, two.symbol);
    Some(Unit { symbol, dimension, multiplier, power })
}

/// One term: prefix, symbol, and a whole power behind it (`V^2`, `V²`).
fn read_term(text: &str) -> Option<Unit> {
    let (symbol, power) = match text.strip_suffix('²') {
        Some(symbol) => (symbol, 2),
        None => match text.split_once('^') {
            Some((symbol, power)) => (symbol, power.parse::<i8>().ok()?),
            None => (text, 1),
        },
    };
    let one = single(symbol)?;
    if power == 1 {
        return Some(one);
    }
    let multiplier = one.multiplier.checked_pow(u32::try_from(power).ok()?)?;
    let dimension = one.dimension.to_the(power)?;
    let shown = format!("{}^{power}", one.symbol);
    Some(Unit { symbol: shown, dimension, multiplier, power: one.power.checked_mul(power.into())? })
}

fn single(text: &str) -> Option<Unit> {
    if let Some(symbol) = symbol(text) {
        return Some(unit_of("", 0, symbol));
    }
    PREFIXES.iter().find_map(|(prefix, power)| {
        let symbol = symbol(text.strip_prefix(prefix)?)?;
        symbol.prefixes.then(|| unit_of(prefix, *power, symbol))
    })
}

fn unit_of(prefix: &str, power: i32, symbol: &Symbol) -> Unit {
    let shown = if power == -6 { "µ" } else { prefix };
    Unit {
        symbol: if symbol.text == "1" { String::new() } else { format!("{shown}{}", symbol.text) },
        dimension: symbol.dimension,
        multiplier: symbol.multiplier,
        power: symbol.power + power,
    }
}

impl serde::Serialize for Unit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.symbol)
    }
}

impl<'de> serde::Deserialize<'de> for Unit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str, number: &str) -> String {
        let unit: Unit = text.parse().unwrap();
        unit.to_base(&number.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn units_are_read_in_every_spelling() {
        for (text, symbol, dimension) in [
            ("V", "V", "V"),
            ("mV", "mV", "V"),
            ("uV", "µV", "V"),
            ("\u{3bc}A", "µA", "A"),
            ("µs", "µs", "s"),
            ("kOhm", "kΩ", "Ω"),
            ("M\u{2126}", "MΩ", "Ω"),
            ("m", "m", "m"),
            ("mm", "mm", "m"),
            ("min", "min", "s"),
            ("mAh", "mAh", "C"),
            ("%", "%", ""),
            ("ppm/°C", "ppm/°C", "1/°C"),
            ("mV/V", "mV/V", ""),
            ("V·A", "V·A", "W"),
            ("V*s", "V·s", "V·s"),
            ("V/A", "V/A", "Ω"),
            ("V/s", "V/s", "V/s"),
            ("V^2", "V^2", "V^2"),
            ("dBm", "dBm", "dBm"),
            ("Vrms", "Vrms", "V"),
            ("mVpp", "mVpp", "V"),
            ("", "", ""),
        ] {
            let unit: Unit = text.parse().unwrap();
            assert_eq!(unit.symbol(), symbol, "{text}");
            assert_eq!(unit.dimension().to_string(), dimension, "{text}");
        }
    }

    #[test]
    fn what_is_no_unit_is_refused() {
        for text in
            ["volts", "mm V", "kmV", "m°C", "k%", "/V", "V/", "V//A/", "V^x", "V^999", "µµV"]
        {
            assert!(text.parse::<Unit>().is_err(), "{text}");
        }
        assert!("V·".repeat(40).parse::<Unit>().is_err());
    }

    #[test]
    fn base_units_are_exact() {
        for (text, number, expected) in [
            ("mV", "4.95", "0.00495"),
            ("kΩ", "10.0", "10.0E+3"),
            ("%", "0.4", "0.004"),
            ("ppm", "35", "0.000035"),
            ("h", "1.5", "5400"),
            ("mAh", "2", "7.2"),
        ] {
            let value: Decimal = base(text, number).parse().unwrap();
            assert_eq!(value, expected.parse().unwrap(), "{number} {text}");
        }
    }

    #[test]
    fn a_unit_survives_its_own_symbol() {
        for text in ["mV", "µA", "kΩ", "V/s", "V^2/Hz", "ppm", "", "dBm", "mVpp", "A·s"] {
            let unit: Unit = text.parse().unwrap();
            assert_eq!(unit.symbol().parse::<Unit>().unwrap(), unit);
        }
    }
}
