//! How many pass.

use super::{Sample, SpecificationLimits};
use crate::distribution::{normal_cdf, normal_quantile};
use crate::error::{Result, at_least, domain, probability};
use crate::numeric::real;

/// The interval that holds the true part of passing items with `confidence`, by Wilson: the p for which
/// |p' - p| = z sqrt(p (1 - p) / n) (Journal of the American Statistical Association 22 (1927) 209; NIST/SEMATECH
/// e-Handbook, 7.2.4.1). It keeps within 0 ... 1, also when all or none pass.
///
/// # Errors
/// Without items, when more passed than there are, and when the confidence is not between 0 and 1.
pub fn wilson_interval(passed: usize, count: usize, confidence: f64) -> Result<(f64, f64)> {
    at_least("items of a yield", count, 1)?;
    domain("the number that passed", real(passed), passed <= count, "at most the number of items")?;
    let tail = (1.0 - probability("the confidence", confidence)?) / 2.0;
    let z = normal_quantile(tail)?;
    let (n, part, square) = (real(count), real(passed) / real(count), z * z);
    let centre = part + square / (2.0 * n);
    let half = -z * ((part * (1.0 - part) + square / (4.0 * n)) / n).sqrt();
    let end = |sum: f64| (sum / (1.0 + square / n)).clamp(0.0, 1.0);
    // Rounding must not leave a crumb where the end is known.
    let low = if passed == 0 { 0.0 } else { end(centre - half) };
    let high = if passed == count { 1.0 } else { end(centre + half) };
    Ok((low, high))
}

/// The part of normal values that lies outside the limits: 1 - yield. Times 10^6 it is in parts per million.
#[must_use]
pub fn expected_outside(sample: &Sample, limits: &SpecificationLimits) -> f64 {
    let (lower, upper) = limits.both();
    let scaled = |limit: f64| (limit - sample.mean()) / sample.deviation();
    let below = lower.map_or(0.0, |limit| normal_cdf(scaled(limit)));
    below + upper.map_or(0.0, |limit| normal_cdf(-scaled(limit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3.
    #[test]
    fn wilson_is_newcombes_third_method() {
        for (passed, count, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = wilson_interval(passed, count, 0.95).unwrap();
            assert!((found.0 - low).abs() <= 5e-5 && (found.1 - high).abs() <= 5e-5, "{found:?}");
            let (failed_low, failed_high) = wilson_interval(count - passed, count, 0.95).unwrap();
            assert!((failed_low + found.1 - 1.0).abs() < 1e-12);
            assert!((failed_high + found.0 - 1.0).abs() < 1e-12);
        }
        assert!(wilson_interval(0, 0, 0.95).is_err());
        assert!(wilson_interval(3, 2, 0.95).is_err());
        assert!(wilson_interval(1, 2, f64::NAN).is_err());
    }

    /// N(10, 0.4) within 9 to 11: 1.242 %; and six sigma with its customary shift of 1.5: 3.4 in a million.
    #[test]
    fn expected_yields_are_the_known_ones() {
        let limits = |lower, upper| SpecificationLimits::new(lower, upper, None).unwrap();
        let sample = Sample::new(30, 10.0, 0.4, 29.0).unwrap();
        let outside = expected_outside(&sample, &limits(Some(9.0), Some(11.0)));
        assert!((outside - 0.01242).abs() < 5e-6, "{outside}");
        let shifted = Sample::new(30, 1.5, 1.0, 29.0).unwrap();
        let million = expected_outside(&shifted, &limits(None, Some(6.0))) * 1e6;
        assert!((million - 3.4).abs() < 0.05, "{million}");
    }
}
