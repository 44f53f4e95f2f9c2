//! Where a series changed its level.

use crate::error::{Result, at_most, enough, finite};
use crate::numeric::real;
use crate::summary::median;

/// The most values of a series.
pub const MAX_SERIES: usize = 1_000_000;

/// Where a series most likely changed its level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// How many values come before the change.
    pub before: usize,
    /// Pettitt's K.
    pub statistic: f64,
    /// The probability of a K as large without a change; good below 0.5.
    pub p_value: f64,
    /// The median after the change less the one before it, in the unit of the values.
    pub shift: f64,
}

/// Pettitt's test for one change of level at an unknown place (Applied Statistics 28 (1979) 126): K is the largest
/// |U_t| = |2 (sum of the ranks up to t) - t (n + 1)|, p = 2 exp(-6 K^2 / (n^3 + n^2)), at most 1. It asks for no
/// distribution; the values must be independent of each other, and a slow drift looks like a change in the middle.
///
/// # Errors
/// With fewer than four values or more than [`MAX_SERIES`], and when one is not finite.
pub fn pettitt(values: &[f64]) -> Result<ChangePoint> {
    enough("values of a series", values, 4)?;
    at_most("values of a series", values.len(), MAX_SERIES)?;
    let n = real(values.len());
    let (mut sum, mut before, mut statistic) = (0.0_f64, 1, -1.0);
    let ranks = ranks(values);
    for (count, rank) in (1..values.len()).zip(&ranks) {
        sum += 2.0 * rank - (n + 1.0);
        if sum.abs() > statistic {
            (statistic, before) = (sum.abs(), count);
        }
    }
    let p_value = (2.0 * (-6.0 * statistic * statistic / (n * n * n + n * n)).exp()).min(1.0);
    let (first, second) = values.split_at(before.min(values.len()));
    let shift = finite("a shift", median(second)? - median(first)?)?;
    Ok(ChangePoint { before, statistic, p_value, shift })
}

/// The rank of each value, counted from 1; equal values have the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    order.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|a, b| a.1 == b.1) {
        let rank = real(first) + (real(equal.len()) + 1.0) / 2.0;
        for (index, _) in equal {
            if let Some(own) = ranks.get_mut(*index) {
                *own = rank;
            }
        }
        first += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pettitt 1979, table 1: K 232, p 0.0146, change after the 17th of 40.
    #[test]
    fn the_change_is_pettitts() {
        let values = [
            -1.05, 0.96, 1.22, 0.58, -0.98, -0.03, -1.54, -0.71, -0.35, 0.66, 0.44, 0.91, -0.02,
            -1.42, 1.26, -1.02, -0.81, 1.66, 1.05, 0.97, 2.14, 1.22, -0.24, 1.60, 0.72, -0.12,
            0.44, 0.03, 0.66, 0.56, 1.37, 1.66, 0.10, 0.80, 1.29, 0.49, -0.07, 1.18, 3.29, 1.84,
        ];
        let found = pettitt(&values).unwrap();
        assert_eq!((found.before, found.statistic), (17, 232.0));
        assert!((found.p_value - 0.0146).abs() < 5e-5, "{found:?}");
        let upside_down = pettitt(&values.map(|value| 3.0 - 2.0 * value)).unwrap();
        assert_eq!((upside_down.before, upside_down.statistic), (17, 232.0));
    }

    #[test]
    fn a_clear_step_is_found_with_its_height() {
        let values: Vec<f64> = (0..60)
            .map(|index| f64::from(index % 5) + if index < 30 { 0.0 } else { 40.0 })
            .collect();
        let found = pettitt(&values).unwrap();
        assert_eq!((found.before, found.shift), (30, 40.0));
        assert!(found.p_value < 1e-6);
    }

    #[test]
    fn no_change_has_no_small_probability() {
        assert_eq!(pettitt(&[7.0; 30]).unwrap().p_value, 1.0);
        assert!(pettitt(&[1.0, 2.0, 3.0]).is_err());
        assert!(pettitt(&[1.0, 2.0, 3.0, f64::NAN]).is_err());
    }
}
