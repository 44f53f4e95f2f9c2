//! Values by their order: median and quantiles.

use exact_decimal::Decimal;

use crate::error::{Result, domain, enough};
use crate::numeric::{real, whole};

/// How a quantile lies between two of n values in order. All interpolate; they differ in where the p-th lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuantileDefinition {
    /// At 1 + p (n - 1), counted from 1: number 7 of Hyndman and Fan (The American Statistician 50 (1996) 361),
    /// the default of R and NumPy.
    #[default]
    Linear,
    /// At p (n + 1), counted from 1, held within the values: number 6, the one of the NIST/SEMATECH e-Handbook,
    /// 7.2.6.2.
    NistHandbook,
}

/// The value below which the part `p` of the values lies, in their unit.
///
/// # Errors
/// Without values, when one is not finite, and when `p` is not in 0 ... 1.
pub fn quantile(values: &[f64], p: f64, definition: QuantileDefinition) -> Result<f64> {
    enough("values for a quantile", values, 1)?;
    let p = domain("the part for a quantile", p, (0.0..=1.0).contains(&p), "0 to 1")?;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(of_sorted(&sorted, p, definition))
}

/// The quantile of finite values in order; of no values it is zero.
pub(crate) fn of_sorted(sorted: &[f64], p: f64, definition: QuantileDefinition) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let position = match definition {
        QuantileDefinition::Linear => p * real(last),
        QuantileDefinition::NistHandbook => p * real(sorted.len() + 1) - 1.0,
    };
    let position = position.clamp(0.0, real(last));
    let at = |index: usize| sorted.get(index.min(last)).copied().unwrap_or_default();
    let below = whole(position);
    let part = position - real(below);
    if part == 0.0 { at(below) } else { at(below) * (1.0 - part) + at(below + 1) * part }
}

/// The middle value, or the mean of the two in the middle.
///
/// # Errors
/// Without values, and when one is not finite.
pub fn median(values: &[f64]) -> Result<f64> {
    quantile(values, 0.5, QuantileDefinition::Linear)
}

/// The middle reading, or the exact mean of the two in the middle. `None` without readings, and beyond the
/// bounds of a decimal.
#[must_use]
pub fn exact_median(readings: &[Decimal]) -> Option<Decimal> {
    let mut sorted: Vec<&Decimal> = readings.iter().collect();
    sorted.sort_unstable();
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper.clone());
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)?;
    lower.checked_add(upper).ok()?.checked_div(&Decimal::from(2)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST/SEMATECH e-Handbook, 7.2.6.2: twelve gauge readings; the 90th percentile is 95.1981, by the other
    /// definition 95.1957.
    #[test]
    fn percentiles_are_those_of_the_nist_handbook() {
        let readings = [
            95.1772, 95.1567, 95.1937, 95.1959, 95.1442, 95.0610, 95.1591, 95.1195, 95.1065,
            95.0925, 95.1990, 95.1682,
        ];
        let own = quantile(&readings, 0.9, QuantileDefinition::NistHandbook).unwrap();
        assert!((own - 95.1981).abs() < 0.00005, "{own}");
        let linear = quantile(&readings, 0.9, QuantileDefinition::Linear).unwrap();
        assert!((linear - 95.1957).abs() < 0.00005, "{linear}");
    }

    #[test]
    fn the_median_of_few_is_known_by_hand() {
        for (values, wanted) in [
            (vec![3.0], 3.0),
            (vec![3.0, 1.0], 2.0),
            (vec![9.0, 1.0, 2.0], 2.0),
            (vec![4.0, 1.0, 2.0, 8.0], 3.0),
        ] {
            assert_eq!(median(&values), Ok(wanted));
            let texts = values.iter().map(|value| value.to_string().parse().unwrap());
            let exact = exact_median(&texts.collect::<Vec<_>>()).unwrap();
            assert_eq!(exact.to_f64(), wanted);
        }
        assert_eq!(exact_median(&[]), None);
        let two = ["0.1", "0.2"].map(|text| text.parse().unwrap());
        assert_eq!(exact_median(&two), "0.15".parse().ok());
    }

    #[test]
    fn ends_are_the_extremes_and_the_domain_is_kept() {
        for definition in [QuantileDefinition::Linear, QuantileDefinition::NistHandbook] {
            assert_eq!(quantile(&[2.0, 7.0, 5.0], 0.0, definition), Ok(2.0));
            assert_eq!(quantile(&[2.0, 7.0, 5.0], 1.0, definition), Ok(7.0));
            assert!(quantile(&[], 0.5, definition).is_err());
            assert!(quantile(&[1.0, f64::NAN], 0.5, definition).is_err());
            assert!(quantile(&[1.0], 1.01, definition).is_err());
            assert!(quantile(&[1.0], f64::NAN, definition).is_err());
        }
    }
}
