//! What a unit measures, as powers of the base units of a test bench.

use std::fmt;

/// How many base units there are.
const BASES: usize = 9;

/// Symbols of the base units, in the order of the powers. Volt and ampere stand for kilogram and metre's
/// part in SI: every electrical unit is a product of these two and the second. The logarithmic ones and
/// the two temperatures are bases of their own, so that none turns silently into another.
const BASE_SYMBOLS: [&str; BASES] = ["V", "A", "s", "K", "°C", "°", "dB", "dBm", "m"];

/// Powers of the base units; all zero for a pure number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dimension {
    powers: [i8; BASES],
}

/// Dimensions that have a symbol of their own.
const NAMED: [(&str, Dimension); 17] = [
    ("V", Dimension::electrical(1, 0, 0)),
    ("A", Dimension::electrical(0, 1, 0)),
    ("s", Dimension::electrical(0, 0, 1)),
    ("W", Dimension::electrical(1, 1, 0)),
    ("Ω", Dimension::electrical(1, -1, 0)),
    ("S", Dimension::electrical(-1, 1, 0)),
    ("Hz", Dimension::electrical(0, 0, -1)),
    ("C", Dimension::electrical(0, 1, 1)),
    ("F", Dimension::electrical(-1, 1, 1)),
    ("H", Dimension::electrical(1, -1, 1)),
    ("J", Dimension::electrical(1, 1, 1)),
    ("K", Dimension::base(3)),
    ("°C", Dimension::base(4)),
    ("°", Dimension::base(5)),
    ("dB", Dimension::base(6)),
    ("dBm", Dimension::base(7)),
    ("m", Dimension::base(8)),
];

impl Dimension {
    /// Of a pure number.
    pub const NONE: Self = Self { powers: [0; BASES] };

    pub(crate) const fn electrical(volt: i8, ampere: i8, second: i8) -> Self {
        Self { powers: [volt, ampere, second, 0, 0, 0, 0, 0, 0] }
    }

    pub(crate) const fn base(index: usize) -> Self {
        let mut powers = [0; BASES];
        powers[index] = 1;
        Self { powers }
    }

    /// Of a product. `None` beyond the bounds of a power.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        self.combine(other, i8::checked_add)
    }

    /// Of a quotient. `None` beyond the bounds of a power.
    #[must_use]
    pub fn per(self, other: Self) -> Option<Self> {
        self.combine(other, i8::checked_sub)
    }

    /// Of a whole power. `None` beyond the bounds of a power.
    #[must_use]
    pub fn to_the(self, power: i8) -> Option<Self> {
        self.combine(self, |own, _| own.checked_mul(power))
    }

    /// Of the square root, where every power is even.
    #[must_use]
    pub fn root(self) -> Option<Self> {
        self.combine(self, |own, _| (own % 2 == 0).then_some(own / 2))
    }

    fn combine(self, other: Self, by: impl Fn(i8, i8) -> Option<i8>) -> Option<Self> {
        let mut powers = [0; BASES];
        for ((power, own), others) in powers.iter_mut().zip(self.powers).zip(other.powers) {
            *power = by(own, others)?;
        }
        Some(Self { powers })
    }

    /// Its own symbol, where it has one.
    pub(crate) fn name(self) -> Option<&'static str> {
        NAMED.iter().find(|(_, dimension)| *dimension == self).map(|(name, _)| *name)
    }

    fn terms(self, positive: bool) -> String {
        let wanted = |power: &i8| if positive { *power > 0 } else { *power < 0 };
        let terms = BASE_SYMBOLS.iter().zip(self.powers).filter(|(_, power)| wanted(power));
        let term = |(symbol, power): (&&str, i8)| match power.unsigned_abs() {
            1 => (*symbol).to_owned(),
            power => format!("{symbol}^{power}"),
        };
        terms.map(term).collect::<Vec<_>>().join("·")
    }
}

/// The symbol of the base unit: `Ω`, `V·s`, `V/s`; empty for a pure number.
impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            return f.write_str(name);
        }
        let (above, below) = (self.terms(true), self.terms(false));
        match (above.is_empty(), below.is_empty()) {
            (_, true) => f.write_str(&above),
            (true, false) => write!(f, "1/{}", below.replace('·', "/")),
            (false, false) => write!(f, "{above}/{}", below.replace('·', "/")),
        }
    }
}
