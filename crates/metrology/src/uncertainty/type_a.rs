//! Uncertainty from repeated readings.

use crate::error::{Result, at_least, domain, freedom, not_negative};
use crate::numeric::real;
use crate::summary::{Moments, effective_count, lag1_autocorrelation};

/// A mean and how uncertain it is by the scatter of its readings (GUM, JCGM 100:2008, 4.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TypeA {
    deviation: f64,
    worth: f64,
    freedom: f64,
}

impl TypeA {
    /// Of readings that are independent of each other: s / sqrt(n), n - 1 degrees of freedom (GUM 4.2.3, 4.2.6).
    ///
    /// # Errors
    /// With fewer than two readings, and when one is not finite.
    pub fn independent(readings: &[f64]) -> Result<Self> {
        let moments = Moments::of(readings)?;
        let deviation = moments.standard_deviation()?;
        let worth = real(readings.len());
        Ok(Self { deviation, worth, freedom: worth - 1.0 })
    }

    /// Of readings in the order of their time, whose neighbours may know of each other: n is replaced by the
    /// number of independent readings they are worth (GUM 4.2.7; [`effective_count`]). With a handful of readings
    /// the correlation itself is hardly known; from some thirty on it is.
    ///
    /// # Errors
    /// With fewer than two readings, when one is not finite, when all are equal, and when they are worth fewer
    /// than two.
    pub fn correlated(readings: &[f64]) -> Result<Self> {
        let independent = Self::independent(readings)?;
        let worth = effective_count(readings.len(), lag1_autocorrelation(readings)?)?;
        domain("the effective number of readings", worth, worth >= 2.0, "2 or more")?;
        Ok(Self { worth, freedom: worth - 1.0, ..independent })
    }

    /// Of few readings by a method whose scatter is known from before, with its degrees of freedom (GUM 4.2.4,
    /// note).
    ///
    /// # Errors
    /// Without readings, when the deviation is negative or not finite, and below one degree of freedom.
    pub fn pooled(count: usize, deviation: f64, degrees: f64) -> Result<Self> {
        at_least("readings", count, 1)?;
        let deviation = not_negative("a pooled standard deviation", deviation)?;
        let freedom = freedom("the degrees of freedom of a pooled deviation", degrees)?;
        Ok(Self { deviation, worth: real(count), freedom })
    }

    /// The standard uncertainty of the mean, in the unit of the readings.
    #[must_use]
    pub fn standard(&self) -> f64 {
        self.deviation / self.worth.sqrt()
    }

    /// The experimental standard deviation of one reading, in its unit.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        self.deviation
    }

    /// How many independent readings they are worth.
    #[must_use]
    pub fn effective_count(&self) -> f64 {
        self.worth
    }

    /// Degrees of freedom.
    #[must_use]
    pub fn freedom(&self) -> f64 {
        self.freedom
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlated_readings_make_a_mean_less_certain() {
        let drifting: Vec<f64> = (0..100).map(|index| (f64::from(index) / 2.0).sin()).collect();
        let [independent, correlated] =
            [TypeA::independent(&drifting), TypeA::correlated(&drifting)].map(Result::unwrap);
        assert_eq!(independent.deviation(), correlated.deviation());
        assert!(correlated.standard() > 3.0 * independent.standard());
    }

    #[test]
    fn the_domain_is_kept() {
        assert!(TypeA::independent(&[1.0]).is_err());
        assert!(TypeA::correlated(&[1.0, 1.0, 1.0]).is_err());
        let slope: Vec<f64> = (0..10).map(f64::from).collect();
        assert!(TypeA::correlated(&slope).is_err(), "worth less than two");
        assert!(TypeA::pooled(0, 1.0, 5.0).is_err());
        assert_eq!(TypeA::pooled(4, 1.0, 9.0).map(|own| own.standard()), Ok(0.5));
    }
}
