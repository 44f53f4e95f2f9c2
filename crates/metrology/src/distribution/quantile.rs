//! Distribution functions and quantiles with their domain checked.

use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor, StudentsT};
use statrs::function::erf::{erfc, erfc_inv};

use crate::error::{Result, finite, freedom, not_negative, number, positive, probability};
use crate::numeric::root;

/// From here on Student's t is the normal distribution to all digits that a float has.
const AS_GOOD_AS_NORMAL: f64 = 1e9;

/// The density of the standard normal distribution. Domain: every number.
#[must_use]
pub fn normal_density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The probability that a standard normal variable lies below `x`. Domain: every number.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    erfc(-x / std::f64::consts::SQRT_2) / 2.0
}

/// The point below which a standard normal variable lies with probability `p`.
///
/// # Errors
/// When `p` is not between 0 and 1.
pub fn normal_quantile(p: f64) -> Result<f64> {
    let p = probability("the probability of a normal quantile", p)?;
    finite("a normal quantile", -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p))
}

/// The probability that Student's t lies below `x`. `nu`: 1 or more, infinitely many for the normal.
///
/// # Errors
/// When `x` is not finite, or `nu` below 1.
pub fn student_cdf(nu: f64, x: f64) -> Result<f64> {
    let x = number("the argument of Student's t", x)?;
    match student(nu)? {
        Some(student) => finite("Student's t", student.cdf(x)),
        None => Ok(normal_cdf(x)),
    }
}

/// The point below which Student's t lies with probability `p` (GUM, table G.2, has it two-sided).
///
/// # Errors
/// When `p` is not between 0 and 1, or `nu` is below 1.
pub fn student_quantile(nu: f64, p: f64) -> Result<f64> {
    let p = probability("the probability of a quantile of Student's t", p)?;
    let Some(student) = student(nu)? else { return normal_quantile(p) };
    // The inverse that statrs has goes wrong by more than a digit far out in the tails.
    let tail = p.min(1.0 - p);
    let apart = |x: f64| student.cdf(-x).ln() - tail.ln();
    let distance = if tail == 0.5 { Some(0.0) } else { root::above(apart, 0.0, 1.0) };
    let distance = finite("a quantile of Student's t", distance.unwrap_or(f64::NAN))?;
    Ok(if p < 0.5 { -distance } else { distance })
}

fn student(nu: f64) -> Result<Option<StudentsT>> {
    let nu = freedom("the degrees of freedom", nu)?;
    if nu >= AS_GOOD_AS_NORMAL {
        return Ok(None);
    }
    Ok(StudentsT::new(0.0, 1.0, nu).ok())
}

/// The probability that chi squared lies below `x`. `nu` is above 0, whole or not.
///
/// # Errors
/// When `x` is negative or not finite, or `nu` is not above 0.
pub fn chi_squared_cdf(nu: f64, x: f64) -> Result<f64> {
    let nu = positive("the degrees of freedom", nu)?;
    let x = not_negative("the argument of chi squared", x)?;
    let chi_squared = ChiSquared::new(nu).map_or(f64::NAN, |own| own.cdf(x));
    finite("chi squared", chi_squared)
}

/// The point below which chi squared lies with probability `p`. `nu` is above 0, whole or not.
///
/// # Errors
/// When `p` is not between 0 and 1, or `nu` is not above 0.
pub fn chi_squared_quantile(nu: f64, p: f64) -> Result<f64> {
    let nu = positive("the degrees of freedom", nu)?;
    let p = probability("the probability of a quantile of chi squared", p)?;
    let own = ChiSquared::new(nu).ok();
    let quantile = own.and_then(|own| chi_squared_point(&own, nu, p)).unwrap_or(f64::NAN);
    finite("a quantile of chi squared", quantile)
}

/// Looked for on a logarithmic scale from the mean on, in the tail that is the smaller one there: the inverse
/// that statrs has keeps no more than absolute digits.
fn chi_squared_point(own: &ChiSquared, nu: f64, p: f64) -> Option<f64> {
    let (mean, step) = (nu.ln(), (2.0 / nu).sqrt().min(0.25));
    let lower = |logarithm: f64| own.cdf(logarithm.exp()).ln() - p.ln();
    let upper = |logarithm: f64| own.sf(logarithm.exp()).ln() - (1.0 - p).ln();
    let logarithm = if lower(mean) > 0.0 {
        mean - root::above(|down| lower(mean - down), 0.0, step)?
    } else {
        mean + root::above(|up| upper(mean + up), 0.0, step)?
    };
    Some(logarithm.exp())
}

/// The probability that Fisher's F lies above `x`.
///
/// # Errors
/// When `x` is negative or not finite, or a number of degrees of freedom is not above 0.
pub fn fisher_upper_tail(above: f64, below: f64, x: f64) -> Result<f64> {
    let above = positive("the degrees of freedom above the line", above)?;
    let below = positive("the degrees of freedom below the line", below)?;
    let x = not_negative("the argument of Fisher's F", x)?;
    let tail = FisherSnedecor::new(above, below).map_or(f64::NAN, |own| own.sf(x));
    finite("Fisher's F", tail)
}

/// The point above which Fisher's F lies with probability `tail`.
///
/// # Errors
/// When the tail is not between 0 and 1, or a number of degrees of freedom is not above 0.
pub fn fisher_upper_point(above: f64, below: f64, tail: f64) -> Result<f64> {
    let tail = probability("the tail of Fisher's F", tail)?;
    fisher_upper_tail(above, below, 1.0)?;
    let apart = |logarithm: f64| {
        let found = fisher_upper_tail(above, below, logarithm.exp());
        found.map_or(f64::NAN, |found| found.ln() - tail.ln())
    };
    let found = if apart(0.0) > 0.0 {
        root::above(apart, 0.0, 0.25)
    } else {
        root::above(|down| apart(-down), 0.0, 0.25).map(|down| -down)
    };
    finite("a point of Fisher's F", found.unwrap_or(f64::NAN).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StatisticsError;

    /// Joint Committee for Guides in Metrology, JCGM 100:2008 (GUM), table G.2.
    #[test]
    fn students_t_is_that_of_the_gum() {
        for (nu, fraction, k) in [
            (1.0, 0.95, 12.71),
            (2.0, 0.95, 4.30),
            (4.0, 0.95, 2.78),
            (5.0, 0.95, 2.57),
            (10.0, 0.95, 2.23),
            (20.0, 0.95, 2.09),
            (4.0, 0.9545, 2.87),
            (9.0, 0.9545, 2.32),
            (16.0, 0.9545, 2.17),
            (50.0, 0.9545, 2.05),
            (2.0, 0.9973, 19.21),
            (5.0, 0.9973, 5.51),
            (f64::INFINITY, 0.95, 1.960),
            (f64::INFINITY, 0.99, 2.576),
        ] {
            let found = student_quantile(nu, (1.0 + fraction) / 2.0).unwrap();
            assert!((found - k).abs() <= 0.005, "{nu} {fraction}: {found} instead of {k}");
        }
    }

    /// NIST/SEMATECH e-Handbook, 1.3.6.7: tables of the normal distribution, t, chi squared and F.
    #[test]
    fn quantiles_are_those_of_the_nist_handbook() {
        for (found, wanted) in [
            (chi_squared_quantile(19.0, 0.025), 8.907),
            (chi_squared_quantile(19.0, 0.975), 32.852),
            (chi_squared_quantile(100.0, 0.95), 124.342),
            (chi_squared_quantile(1.0, 0.99), 6.635),
            (student_quantile(30.0, 0.999), 3.385),
            (student_quantile(3.0, 0.995), 5.841),
            (normal_quantile(0.975), 1.960),
            (fisher_upper_point(5.0, 10.0, 0.05), 3.326),
            (fisher_upper_point(2.0, 18.0, 0.01), 6.013),
            (fisher_upper_point(9.0, 3.0, 0.10), 5.240),
        ] {
            let found = found.unwrap();
            assert!((found - wanted).abs() <= 0.0005, "{found} instead of {wanted}");
        }
    }

    /// Quantiles turned back by the distribution function.
    #[test]
    fn quantiles_and_probabilities_are_inverse() {
        for p in [1e-9, 1e-4, 0.02, 0.3, 0.5, 0.77, 0.999, 1.0 - 1e-7] {
            let normal = normal_cdf(normal_quantile(p).unwrap());
            assert!((normal / p - 1.0).abs() < 1e-10, "{normal} {p}");
            for nu in [1.0, 2.5, 7.0, 40.0, 1e5, 1e8] {
                let t = student_cdf(nu, student_quantile(nu, p).unwrap()).unwrap();
                assert!((t / p - 1.0).abs() < 1e-8, "t {nu}: {t} {p}");
                let chi = chi_squared_cdf(nu, chi_squared_quantile(nu, p).unwrap()).unwrap();
                assert!((chi / p - 1.0).abs() < 1e-7, "chi squared {nu}: {chi} {p}");
            }
        }
    }

    #[test]
    fn outside_the_domain_there_is_an_error() {
        for p in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(normal_quantile(p).is_err());
            assert!(student_quantile(5.0, p).is_err());
            assert!(chi_squared_quantile(5.0, p).is_err());
        }
        for nu in [0.0, -1.0, f64::NAN] {
            assert!(matches!(student_quantile(nu, 0.5), Err(StatisticsError::OutOfDomain { .. })));
            assert!(chi_squared_quantile(nu, 0.5).is_err());
            assert!(fisher_upper_tail(nu, 1.0, 1.0).is_err());
        }
    }
}
