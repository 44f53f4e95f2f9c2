//! The unit of an axis: with the prefix that suits the largest value on it.

use bench_model::{Decimal, Unit};

use super::scale::can_draw;

/// How base units become those of an axis.
pub(super) struct AxisUnit {
    symbol: String,
    bases_per_unit: f64,
}

impl AxisUnit {
    /// For these values, which are in base units.
    pub(super) fn of(unit: &Unit, values: impl Iterator<Item = f64>) -> Self {
        let most = values.map(f64::abs).filter(|value| can_draw(*value)).fold(0.0, f64::max);
        let prefixed = unit.takes_prefixes().then(|| prefixed(unit, most)).flatten();
        let unit = prefixed.unwrap_or_else(|| unit.clone());
        let bases_per_unit = unit.to_base(&Decimal::from(1)).map_or(1.0, |base| base.to_f64());
        Self { symbol: unit.symbol().to_owned(), bases_per_unit }
    }

    /// A value in base units as one of this unit.
    pub(super) fn value(&self, base: f64) -> f64 {
        base / self.bases_per_unit
    }

    /// `iload (mA)`.
    pub(super) fn label(&self, name: &str) -> String {
        if self.symbol.is_empty() { name.to_owned() } else { format!("{name} ({})", self.symbol) }
    }
}

fn prefixed(unit: &Unit, most: f64) -> Option<Unit> {
    let powers = (-5..=4).rev().map(|thousands| thousands * 3);
    let power = powers.into_iter().find(|power| most >= 10_f64.powi(*power) * 0.999_999);
    unit.with_prefix(power.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_has_one_to_three_digits() {
        for (unit, most, label) in [
            ("V", 12.0, "x (V)"),
            ("mV", 0.0011, "x (mV)"),
            ("A", 0.5, "x (mA)"),
            ("Hz", 1e6, "x (MHz)"),
            ("%", 0.001, "x (%)"),
            ("°C", 40.0, "x (°C)"),
            ("", 1.0, "x"),
            ("V", 0.0, "x (V)"),
        ] {
            let unit = AxisUnit::of(&unit.parse().unwrap(), [most, f64::NAN, -most].into_iter());
            assert_eq!(unit.label("x"), label);
        }
        let percent = AxisUnit::of(&"%".parse().unwrap(), std::iter::empty());
        assert!((percent.value(0.05) - 5.0).abs() < 1e-12);
    }
}
