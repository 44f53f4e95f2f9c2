//! Whether values may be taken as normal. Indices, tolerance intervals and yields in parts per million stand on it.

use crate::distribution::normal_cdf;
use crate::error::{Result, StatisticsError, enough, finite};
use crate::numeric::{real, twofold};

/// What the Anderson-Darling test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AndersonDarling {
    /// A^2.
    pub statistic: f64,
    /// A^2 (1 + 0.75 / n + 2.25 / n^2).
    pub adjusted: f64,
    /// The probability of an A^2 as large from normal values, to some 1 %. Below 0.05 they are hardly normal.
    pub p_value: f64,
}

/// The Anderson-Darling test for normality with mean and deviation from the values (D'Agostino and Stephens,
/// Goodness-of-Fit Techniques (1986), case 3, tables 4.7 and 4.9; NIST/SEMATECH e-Handbook, 1.3.5.14).
///
/// # Errors
/// With fewer than eight values, when one is not finite, and when all are equal.
pub fn anderson_darling(values: &[f64]) -> Result<AndersonDarling> {
    let what = "values for the Anderson-Darling test";
    enough(what, values, 8)?;
    let (count, centre) = (real(values.len()), twofold::mean(values));
    let deviation = (twofold::squares_about(values, centre) / (count - 1.0)).sqrt();
    if deviation == 0.0 {
        return Err(StatisticsError::NoSpread { what });
    }
    let mut sorted: Vec<f64> = values.iter().map(|value| (value - centre) / deviation).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let pairs = sorted.iter().zip(sorted.iter().rev()).enumerate();
    let term = |(index, (own, mirrored)): (usize, (&f64, &f64))| {
        (2.0 * real(index) + 1.0) * (logarithm(*own) + logarithm(-mirrored))
    };
    let statistic = finite("A^2", -count - pairs.map(term).sum::<f64>() / count)?;
    let adjusted = statistic * (1.0 + 0.75 / count + 2.25 / (count * count));
    Ok(AndersonDarling { statistic, adjusted, p_value: p_value(adjusted) })
}

/// Of the probability below; so far out that a float has none for it, of the smallest there is.
fn logarithm(value: f64) -> f64 {
    normal_cdf(value).max(f64::MIN_POSITIVE).ln()
}

/// Table 4.9 of D'Agostino and Stephens.
fn p_value(adjusted: f64) -> f64 {
    let curve = |a: f64, b: f64, c: f64| (a + b * adjusted + c * adjusted * adjusted).exp();
    match adjusted {
        a if a < 0.2 => 1.0 - curve(-13.436, 101.14, -223.73),
        a if a < 0.34 => 1.0 - curve(-8.318, 42.796, -59.938),
        a if a < 0.6 => curve(0.9177, -4.279, -1.38),
        // The last curve turns up again beyond the values it was fitted to.
        a if a < 13.0 => curve(1.2937, -5.709, 0.0186),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D'Agostino and Stephens, table 4.7, case 3: percentage points of the adjusted statistic.
    #[test]
    fn percentage_points_are_the_published_ones() {
        for (adjusted, p, within) in [
            (0.470, 0.25, 0.005),
            (0.561, 0.15, 0.005),
            (0.631, 0.10, 0.002),
            (0.752, 0.05, 0.001),
            (0.873, 0.025, 0.001),
            (1.035, 0.01, 0.0005),
            (1.159, 0.005, 0.0005),
        ] {
            assert!((p_value(adjusted) - p).abs() <= within, "{adjusted}: {}", p_value(adjusted));
        }
    }

    /// D'Agostino and Stephens, weights of 20 chicks, A^2 0.214.
    #[test]
    fn twenty_chicks_are_normal() {
        let grams = [
            156.0, 162.0, 168.0, 182.0, 186.0, 190.0, 190.0, 196.0, 202.0, 210.0, 214.0, 220.0,
            226.0, 230.0, 230.0, 236.0, 236.0, 242.0, 246.0, 270.0,
        ];
        let found = anderson_darling(&grams).unwrap();
        assert!((found.statistic - 0.214).abs() < 5e-4, "{found:?}");
        assert!(found.p_value > 0.8);
    }

    #[test]
    fn what_is_not_normal_is_found_out() {
        let doubling: Vec<f64> = (0..20).map(|power| 2_f64.powi(power)).collect();
        let found = anderson_darling(&doubling).unwrap();
        assert!(found.p_value < 0.001 && found.p_value >= 0.0, "{found:?}");
        assert!(anderson_darling(&[1.0; 9]).is_err());
        assert!(anderson_darling(&[1.0, 2.0, 3.0]).is_err());
        let mut far = vec![0.0; 10_000];
        far[0] = 1.0;
        assert_eq!(anderson_darling(&far).unwrap().p_value, 0.0);
    }
}
