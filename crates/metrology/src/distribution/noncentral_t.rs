//! The non-central t distribution: (Z + delta) / sqrt(chi squared / nu).

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::ln_gamma;

use super::{normal_cdf, normal_quantile};
use crate::error::{Result, StatisticsError, domain, finite, number, probability};
use crate::numeric::{real, root, whole};

/// Beyond this the distribution is not asked for: samples would have to be of millions.
const MAX_NONCENTRALITY: f64 = 2_000.0;

/// Terms of the series in one direction; at the largest non-centrality 40 standard deviations of the weights.
const MAX_TERMS: usize = 100_000;

/// The probability that non-central t with `nu` degrees of freedom and non-centrality `delta` lies below `t`.
///
/// The series of Lenth (Algorithm AS 243, Applied Statistics 38 (1989) 185), summed outwards from its largest
/// Poisson weight, so that nothing underflows (Benton and Krishnamoorthy, Computational Statistics and Data
/// Analysis 43 (2003) 249). Absolute error below 1e-11.
///
/// # Errors
/// When `t` or `delta` is not finite, `delta` beyond ±2000, or `nu` below 1 or infinite.
pub fn noncentral_t_cdf(nu: f64, delta: f64, t: f64) -> Result<f64> {
    let nu = domain("the degrees of freedom", nu, nu.is_finite() && nu >= 1.0, "1 or above")?;
    let far = delta.abs() <= MAX_NONCENTRALITY;
    let delta = domain("the non-centrality", delta, far, "a number within ±2000")?;
    let t = number("the argument of non-central t", t)?;
    let probability = if t < 0.0 { 1.0 - upper(nu, -delta, -t)? } else { upper(nu, delta, t)? };
    Ok(probability.clamp(0.0, 1.0))
}

/// The point below which non-central t lies with probability `p`.
///
/// # Errors
/// As [`noncentral_t_cdf`], and when `p` is not between 0 and 1.
pub fn noncentral_t_quantile(nu: f64, delta: f64, p: f64) -> Result<f64> {
    let p = probability("the probability of a quantile of non-central t", p)?;
    noncentral_t_cdf(nu, delta, 0.0)?;
    let apart = |t: f64| noncentral_t_cdf(nu, delta, t).map_or(f64::NAN, |found| found - p);
    let spread = normal_quantile(p)?.abs() + 1.0;
    let found = if apart(delta) < 0.0 {
        root::above(apart, delta, spread)
    } else {
        root::above(|step| apart(-step), -delta, spread).map(|step| -step)
    };
    finite("a quantile of non-central t", found.unwrap_or(f64::NAN))
}

/// The probability below a `t` of zero or more.
fn upper(nu: f64, delta: f64, t: f64) -> Result<f64> {
    let below_zero = normal_cdf(-delta);
    if t == 0.0 {
        return Ok(below_zero);
    }
    let series = Series { half: delta * delta / 2.0, delta, nu, share: share(nu, t) };
    let largest = whole(series.half);
    let up = (largest..largest + MAX_TERMS).map(|index| series.term(index));
    let down = (0..largest).rev().take(MAX_TERMS).map(|index| series.term(index));
    let sum = until_negligible(up)? + until_negligible(down)?;
    finite("non-central t", below_zero + sum / 2.0)
}

/// t^2 / (nu + t^2), also where the square would overflow.
fn share(nu: f64, t: f64) -> f64 {
    let ratio = nu.sqrt() / t;
    1.0 / (1.0 + ratio * ratio)
}

struct Series {
    half: f64,
    delta: f64,
    nu: f64,
    share: f64,
}

impl Series {
    /// Both weights of one index, and the term they make.
    fn term(&self, index: usize) -> Option<(f64, f64)> {
        let index = real(index);
        let even = self.weight(index, 1.0);
        let odd = self.weight(index, 1.5) * self.delta / std::f64::consts::SQRT_2;
        let of_even = checked_beta_reg(index + 0.5, self.nu / 2.0, self.share).ok()?;
        let of_odd = checked_beta_reg(index + 1.0, self.nu / 2.0, self.share).ok()?;
        Some((even + odd.abs(), even * of_even + odd * of_odd))
    }

    /// e^-h h^index / Gamma(index + shift), h = delta^2 / 2.
    fn weight(&self, index: f64, shift: f64) -> f64 {
        if self.half == 0.0 {
            let only = if index == 0.0 { -ln_gamma(shift) } else { f64::NEG_INFINITY };
            return only.exp();
        }
        (index * self.half.ln() - self.half - ln_gamma(index + shift)).exp()
    }
}

/// The weights fall from the largest on: what is left out is below the last digit.
fn until_negligible(terms: impl Iterator<Item = Option<(f64, f64)>>) -> Result<f64> {
    let mut sum = 0.0;
    for term in terms {
        let (weight, value) = term.ok_or(StatisticsError::Bounds { what: "non-central t" })?;
        sum += value;
        if weight < 1e-18 {
            break;
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::student_cdf;

    #[test]
    fn without_non_centrality_it_is_students_t() {
        for (nu, t) in [(1.0, 0.3), (4.0, -2.1), (30.0, 5.0), (7.5, 1e-3)] {
            let (central, found) =
                (student_cdf(nu, t).unwrap(), noncentral_t_cdf(nu, 0.0, t).unwrap());
            assert!((central - found).abs() < 1e-13, "{nu} {t}: {found} {central}");
        }
    }

    /// One-sided tolerance factors k, where k sqrt(n) is the quantile: Krishnamoorthy and Mathew, Statistical
    /// Tolerance Regions (2009).
    #[test]
    fn one_sided_factors_are_the_published_ones() {
        for (n, proportion, confidence, k) in [
            (3_u32, 0.90, 0.95, 6.155),
            (3, 0.95, 0.95, 7.656),
            (5, 0.95, 0.95, 4.203),
            (10, 0.90, 0.90, 2.066),
            (10, 0.95, 0.95, 2.911),
            (10, 0.99, 0.99, 5.074),
            (20, 0.95, 0.95, 2.396),
            (50, 0.99, 0.95, 2.862),
        ] {
            let n = f64::from(n);
            let delta = normal_quantile(proportion).unwrap() * n.sqrt();
            let found = noncentral_t_quantile(n - 1.0, delta, confidence).unwrap() / n.sqrt();
            assert!((found - k).abs() <= 0.0005, "{n} {proportion}: {found} instead of {k}");
        }
    }

    #[test]
    fn it_mirrors_and_rises() {
        for (nu, delta) in [(1.0, 0.7), (5.0, -3.0), (200.0, 60.0), (999.0, 500.0)] {
            let points = [-700.0, -4.0, -1.0, 0.0, 0.5, 3.0, 58.0, 61.0, 505.0];
            let found = points.map(|t| noncentral_t_cdf(nu, delta, t).unwrap());
            let rises = found.windows(2).all(|pair| pair[1] >= pair[0] - 1e-13);
            assert!(rises, "{nu} {delta}: {found:?}");
            for (t, below) in points.iter().zip(found) {
                let mirrored = noncentral_t_cdf(nu, -delta, -t).unwrap();
                assert!((below + mirrored - 1.0).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn quantiles_are_inverse_and_bounded() {
        for (nu, delta, p) in
            [(2.0, 3.0, 0.001), (9.0, 5.2, 0.95), (500.0, -45.0, 0.3), (1.0, 0.0, 0.5)]
        {
            let quantile = noncentral_t_quantile(nu, delta, p).unwrap();
            let back = noncentral_t_cdf(nu, delta, quantile).unwrap();
            assert!((back - p).abs() < 1e-12, "{nu} {delta} {p}: {back}");
        }
        assert!(noncentral_t_cdf(f64::NAN, 1.0, 1.0).is_err());
        assert!(noncentral_t_cdf(0.5, 1.0, 1.0).is_err());
        assert!(noncentral_t_cdf(5.0, 3_000.0, 1.0).is_err());
        assert!(noncentral_t_quantile(5.0, 1.0, 1.0).is_err());
    }
}
