//! What makes an instrument's limits wider: the time since its calibration, and the ambient temperature.

use bench_model::{Decimal, Quantity, Unit};

/// How much of both there is; or why that is not known.
#[derive(Clone, Debug)]
pub(crate) struct Drift {
    /// Years since the calibration.
    pub(crate) years: Result<Decimal, String>,
    /// Degrees outside of [`COMFORT_C`].
    pub(crate) degrees: Result<Decimal, String>,
}

/// Data sheets give their accuracy within 23 °C ± 5 °C, and a temperature coefficient outside of it (such as Keysight
/// 5991-1983EN, 34460A and 34461A: "Accuracy specifications ... T_CAL ± 5 °C").
const COMFORT_C: (u32, u32) = (18, 28);

/// While nothing is known of the bench.
impl Default for Drift {
    fn default() -> Self {
        Self { years: Ok(Decimal::from(1_u32)), degrees: Ok(Decimal::zero()) }
    }
}

/// How far an ambient temperature lies outside of where data sheets hold.
pub(crate) fn degrees_outside(ambient: &Quantity) -> Option<Decimal> {
    let celsius = ambient.to_unit(&Unit::degree_celsius())?.value;
    let (low, high) = (Decimal::from(COMFORT_C.0), Decimal::from(COMFORT_C.1));
    let below = low.checked_sub(&celsius).ok()?;
    let above = celsius.checked_sub(&high).ok()?;
    Some(below.max(above).max(Decimal::zero()))
}

/// Whether a unit is so much for each degree.
pub(crate) fn is_per_degree(unit: &Unit) -> bool {
    let one: Option<Unit> = "ppm/°C".parse().ok();
    one.is_some_and(|one| one.dimension() == unit.dimension())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_outside_of_the_band_counts() {
        for (ambient, outside) in
            [("23 °C", "0"), ("28 °C", "0"), ("30.5 °C", "2.5"), ("15 °C", "3"), ("18 °C", "0")]
        {
            let found = degrees_outside(&ambient.parse().unwrap()).unwrap();
            assert_eq!(found, outside.parse().unwrap(), "{ambient}");
        }
    }
}
