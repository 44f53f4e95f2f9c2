//! Measuring until it is precise enough.

use crate::distribution::student_quantile;
use crate::error::{Result, at_least, positive, probability};
use crate::numeric::real;
use crate::summary::Moments;

/// When to stop taking readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoppingRule {
    half_width: f64,
    confidence: f64,
    least: usize,
    most: usize,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// Take another reading. So far the half width is this, if two readings were taken.
    Continue(Option<f64>),
    /// Precise enough, with this half width.
    Precise(f64),
    /// All readings were taken, and the half width is still this.
    Exhausted(f64),
}

impl StoppingRule {
    /// Stops when the half width t s / sqrt(n) of the interval that holds the mean with `confidence` is no more
    /// than `half_width`, but not before `least` readings, and after `most` in any case.
    ///
    /// Looking after every reading stops too early when the first few agree by chance; with ten readings at least
    /// the confidence stays within a few per cent of what was asked (Chow and Robbins, Annals of Mathematical
    /// Statistics 36 (1965) 457, prove it for many).
    ///
    /// # Errors
    /// When the half width is not above 0, the confidence not between 0 and 1, `least` below 2 or above `most`.
    pub fn new(half_width: f64, confidence: f64, least: usize, most: usize) -> Result<Self> {
        let half_width = positive("the half width asked for", half_width)?;
        let confidence = probability("the confidence", confidence)?;
        at_least("the least number of readings", least, 2)?;
        at_least("the largest number of readings", most, least)?;
        Ok(Self { half_width, confidence, least, most })
    }

    /// Whether the readings so far are enough.
    ///
    /// # Errors
    /// None but those of the readings' moments.
    pub fn after(&self, readings: &Moments) -> Result<Sampling> {
        let count = readings.count();
        if count < 2 {
            return Ok(Sampling::Continue(None));
        }
        let tail = (1.0 - self.confidence) / 2.0;
        let student = -student_quantile(real(count) - 1.0, tail)?;
        let half = student * readings.standard_error()?;
        Ok(match half <= self.half_width {
            true if count >= self.least => Sampling::Precise(half),
            _ if count >= self.most => Sampling::Exhausted(half),
            _ => Sampling::Continue(Some(half)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(rule: &StoppingRule, values: &[f64]) -> Sampling {
        rule.after(&Moments::of(values).unwrap()).unwrap()
    }

    /// Student's t of GUM table G.2 for five readings: 2.78.
    #[test]
    fn it_stops_when_the_interval_is_narrow_enough() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        let half = 2.776 * 2.5_f64.sqrt() / 5_f64.sqrt();
        let rule = |wanted: f64, least, most| StoppingRule::new(wanted, 0.95, least, most).unwrap();
        let Sampling::Precise(found) = after(&rule(half + 0.01, 2, 100), &values) else { panic!() };
        assert!((found - half).abs() < 1e-3);
        assert!(matches!(after(&rule(half - 0.01, 2, 100), &values), Sampling::Continue(Some(_))));
        assert!(matches!(after(&rule(half + 0.01, 6, 100), &values), Sampling::Continue(Some(_))));
        assert!(matches!(after(&rule(half - 0.01, 2, 5), &values), Sampling::Exhausted(_)));
        assert_eq!(after(&rule(1.0, 2, 5), &[1.0]), Sampling::Continue(None));
        assert_eq!(after(&rule(1.0, 2, 5), &[1.0, 1.0]), Sampling::Precise(0.0));
    }

    #[test]
    fn the_domain_is_kept() {
        for (half, confidence, least, most) in
            [(0.0, 0.95, 2, 9), (1.0, 1.0, 2, 9), (1.0, 0.95, 1, 9), (1.0, 0.95, 5, 4)]
        {
            assert!(StoppingRule::new(half, confidence, least, most).is_err());
        }
    }
}
