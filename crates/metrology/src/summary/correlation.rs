//! Whether values know of each other, and how many independent ones they are worth.

use crate::error::{Result, StatisticsError, domain, enough, finite, paired};
use crate::numeric::{real, twofold};

/// The autocorrelation coefficient of neighbours: sum (y_i - m)(y_i+1 - m) / sum (y_i - m)^2 (NIST/SEMATECH
/// e-Handbook, 1.3.5.12), without unit, within ±1.
///
/// # Errors
/// With fewer than two values, when one is not finite, and when all are equal.
pub fn lag1_autocorrelation(values: &[f64]) -> Result<f64> {
    enough("values for an autocorrelation", values, 2)?;
    let centre = twofold::mean(values);
    let squares = twofold::squares_about(values, centre);
    if squares == 0.0 {
        return Err(StatisticsError::NoSpread { what: "values for an autocorrelation" });
    }
    let neighbours = values.iter().zip(values.iter().skip(1));
    let products = twofold::sum(neighbours.map(|(own, next)| (own - centre) * (next - centre)));
    finite("an autocorrelation", products / squares)
}

/// How many independent values `count` values are worth whose neighbours are correlated by `lag1`:
/// n (1 - r) / (1 + r), for a first-order autoregressive series (Zhang, Metrologia 43 (2006) S276). A negative
/// coefficient is taken as 0: alternation must not make a mean look better than its values.
///
/// # Errors
/// When `lag1` is not within -1 ... 1, or is 1.
pub fn effective_count(count: usize, lag1: f64) -> Result<f64> {
    let holds = (-1.0..1.0).contains(&lag1);
    let lag1 = domain("the autocorrelation", lag1, holds, "a number from -1 to below 1")?.max(0.0);
    Ok(real(count) * (1.0 - lag1) / (1.0 + lag1))
}

/// The correlation coefficient of pairs (GUM, JCGM 100:2008, 5.2.3 note 3 and C.3.6), within ±1.
///
/// # Errors
/// With fewer than two pairs, when a value is not finite, when there are more of one than of the other, and when
/// all of one are equal.
pub fn correlation(first: &[f64], second: &[f64]) -> Result<f64> {
    let (products, squares, others) = sums(first, second)?;
    if squares == 0.0 || others == 0.0 {
        return Err(StatisticsError::NoSpread { what: "pairs for a correlation" });
    }
    let coefficient = finite("a correlation", products / squares.sqrt() / others.sqrt())?;
    Ok(coefficient.clamp(-1.0, 1.0))
}

/// The covariance of the means of pairs: sum (a - ma)(b - mb) / (n (n - 1)) (GUM, 5.2.3, equation 17).
///
/// # Errors
/// With fewer than two pairs, when a value is not finite, and when there are more of one than of the other.
pub fn covariance_of_means(first: &[f64], second: &[f64]) -> Result<f64> {
    let (products, ..) = sums(first, second)?;
    let count = real(first.len());
    finite("a covariance", products / (count * (count - 1.0)))
}

fn sums(first: &[f64], second: &[f64]) -> Result<(f64, f64, f64)> {
    paired("pairs for a correlation", first.len(), second.len())?;
    enough("pairs for a correlation", first, 2)?;
    enough("pairs for a correlation", second, 2)?;
    let (own, other) = (twofold::mean(first), twofold::mean(second));
    let pairs = first.iter().zip(second);
    let products = twofold::sum(pairs.map(|(a, b)| (a - own) * (b - other)));
    let squares = twofold::squares_about(first, own);
    Ok((products, squares, twofold::squares_about(second, other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effective_counts_are_known_by_hand() {
        for (lag1, wanted) in [(0.0, 100.0), (0.5, 100.0 / 3.0), (-0.9, 100.0), (0.9, 100.0 / 19.0)]
        {
            let found = effective_count(100, lag1).unwrap();
            assert!((found - wanted).abs() < 1e-12, "{lag1}: {found}");
        }
        for lag1 in [1.0, -1.1, f64::NAN] {
            assert!(effective_count(100, lag1).is_err());
        }
    }

    #[test]
    fn the_domain_is_kept() {
        let equal = StatisticsError::NoSpread { what: "values for an autocorrelation" };
        assert_eq!(lag1_autocorrelation(&[2.0, 2.0, 2.0]), Err(equal));
        assert!(lag1_autocorrelation(&[2.0]).is_err());
        assert!(correlation(&[1.0, 2.0], &[1.0]).is_err());
        assert!(correlation(&[1.0, 2.0], &[3.0, 3.0]).is_err());
        let opposite = correlation(&[1.0, 2.0, 3.0], &[6.0, 4.0, 2.0]).unwrap();
        assert!((opposite + 1.0).abs() < 1e-15);
    }
}
