//! Statistical tolerance intervals: mean ± k s holds a part of all values with a confidence.

use crate::distribution::{
    chi_squared_cdf, chi_squared_quantile, noncentral_t_quantile, normal_cdf, normal_density,
    normal_quantile,
};
use crate::error::{Result, StatisticsError, at_least, at_most, probability};
use crate::numeric::{quadrature::Rule, real, root};

/// The largest sample of an exact factor; beyond, Howe's says the same.
const LARGEST_EXACT: usize = 100_000;

/// The factor k of a one-sided interval: m + k s lies above the part `content` of normal values with `confidence`.
/// Exact: the quantile of non-central t with non-centrality z sqrt(n), over sqrt(n) (NIST/SEMATECH e-Handbook,
/// 7.2.6.3; ISO 16269-6:2014).
///
/// # Errors
/// For fewer than two values, or more than 100 000; when the content or the confidence is not between 0 and 1.
pub fn one_sided_tolerance_factor(count: usize, content: f64, confidence: f64) -> Result<f64> {
    checked(count, content, confidence)?;
    let n = real(count);
    let noncentrality = normal_quantile(content)? * n.sqrt();
    Ok(noncentral_t_quantile(n - 1.0, noncentrality, confidence)? / n.sqrt())
}

/// The factor k of a two-sided interval about the mean: m ± k s holds the part `content` of normal values with
/// `confidence`. Exact: the k with which the integral over the error z of the mean of
/// P(chi squared > ν R(z)^2 / k^2), R being half of the interval about z that holds the content, is the confidence
/// (ISO 16269-6:2014; Wald and Wolfowitz 1946; Odeh 1978).
///
/// # Errors
/// As [`one_sided_tolerance_factor`].
pub fn two_sided_tolerance_factor(count: usize, content: f64, confidence: f64) -> Result<f64> {
    checked(count, content, confidence)?;
    let (n, freedom) = (real(count), real(count) - 1.0);
    let nodes: Vec<(f64, f64)> = Rule::new()
        .laid_over(0.0, 9.0, 8)
        .into_iter()
        .map(|(error, weight)| {
            let radius = radius(error / n.sqrt(), content)?;
            Ok((radius * radius * freedom, 2.0 * weight * normal_density(error)))
        })
        .collect::<Result<_>>()?;
    let held = |logarithm: f64| {
        let square = (2.0 * logarithm).exp();
        let term = |(radius, weight): &(f64, f64)| {
            chi_squared_cdf(freedom, radius / square)
                .map_or(f64::NAN, |below| weight * (1.0 - below))
        };
        nodes.iter().map(term).sum::<f64>() - confidence
    };
    let start = normal_quantile(f64::midpoint(1.0, content))?.ln();
    let found = if held(start) < 0.0 {
        root::above(held, start, 0.1)
    } else {
        root::above(|down| held(-down), -start, 0.1).map(|down| -down)
    };
    found.map(f64::exp).ok_or(StatisticsError::Bounds { what: "a tolerance factor" })
}

/// Howe's approximation of the two-sided factor: z sqrt(ν (1 + 1 / n) / chi2(1 - confidence)) (Journal of the
/// American Statistical Association 64 (1969) 610; NIST/SEMATECH e-Handbook, 7.2.6.3).
///
/// # Errors
/// For fewer than two values; when the content or the confidence is not between 0 and 1.
pub fn howe_tolerance_factor(count: usize, content: f64, confidence: f64) -> Result<f64> {
    at_least("values of a tolerance interval", count, 2)?;
    let content = probability("the content", content)?;
    let confidence = probability("the confidence", confidence)?;
    let (n, freedom) = (real(count), real(count) - 1.0);
    let chi = chi_squared_quantile(freedom, 1.0 - confidence)?;
    let z = normal_quantile(f64::midpoint(1.0, content))?;
    Ok(z * (freedom * (1.0 + 1.0 / n) / chi).sqrt())
}

fn checked(count: usize, content: f64, confidence: f64) -> Result<()> {
    at_least("values of a tolerance interval", count, 2)?;
    at_most("values of an exact tolerance interval", count, LARGEST_EXACT)?;
    probability("the content", content)?;
    probability("the confidence", confidence)?;
    Ok(())
}

/// Half of the interval about `centre` that holds the content of a standard normal distribution.
fn radius(centre: f64, content: f64) -> Result<f64> {
    let outside =
        |radius: f64| normal_cdf(-radius - centre) + normal_cdf(-radius + centre) - (1.0 - content);
    let found = root::above(outside, 0.0, 1.0);
    found.ok_or(StatisticsError::Bounds { what: "a tolerance factor" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(found: Result<f64>, wanted: f64, within: f64) {
        let found = found.unwrap();
        assert!((found - wanted).abs() <= within, "{found} instead of {wanted}");
    }

    /// NIST/SEMATECH e-Handbook, 7.2.6.3: 43 wafers, 90 % with 99 %: k2 2.2173 by Howe, k1 1.8740.
    #[test]
    fn factors_are_those_of_the_nist_handbook() {
        is(howe_tolerance_factor(43, 0.90, 0.99), 2.2173, 5e-5);
        is(one_sided_tolerance_factor(43, 0.90, 0.99), 1.8740, 6e-5);
    }

    /// ISO 16269-6:2014 and Krishnamoorthy and Mathew (2009), tables: 95 % with 95 %.
    #[test]
    fn exact_factors_are_those_of_the_tables() {
        for (count, two_sided, one_sided) in [
            (2, 36.519, 26.260),
            (3, 9.789, 7.656),
            (4, 6.341, 5.144),
            (5, 5.077, 4.203),
            (10, 3.393, 2.911),
            (20, 2.760, 2.396),
            (30, 2.555, 2.220),
        ] {
            is(two_sided_tolerance_factor(count, 0.95, 0.95), two_sided, 0.0006);
            is(one_sided_tolerance_factor(count, 0.95, 0.95), one_sided, 0.0006);
        }
        is(two_sided_tolerance_factor(10, 0.99, 0.99), 5.610, 0.0006);
    }

    #[test]
    fn large_samples_need_the_quantile_alone() {
        is(two_sided_tolerance_factor(100_000, 0.95, 0.5), 1.95998, 1e-4);
        is(howe_tolerance_factor(100_000, 0.95, 0.95), 1.96719, 2e-4);
        is(two_sided_tolerance_factor(20, 0.5, 0.05), 0.5244, 0.05);
    }

    #[test]
    fn the_domain_is_kept() {
        for (count, content, confidence) in [
            (1, 0.9, 0.9),
            (10, 1.0, 0.9),
            (10, 0.9, 0.0),
            (10, f64::NAN, 0.9),
            (100_001, 0.9, 0.9),
        ] {
            assert!(one_sided_tolerance_factor(count, content, confidence).is_err());
            assert!(two_sided_tolerance_factor(count, content, confidence).is_err());
        }
        assert!(howe_tolerance_factor(1, 0.9, 0.9).is_err());
    }
}
