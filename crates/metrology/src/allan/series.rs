//! Equally spaced values.

use crate::error::{Result, at_most, enough, finite, positive};
use crate::numeric::twofold::Twofold;

/// The most phases of one series.
pub const MAX_PHASES: usize = 100_000_000;

/// Phases (time errors) at equal distances.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseSeries {
    phases: Vec<f64>,
    interval: f64,
}

impl PhaseSeries {
    /// Phases, one each `interval` seconds: seconds for a clock; then deviations have no unit.
    ///
    /// # Errors
    /// With fewer than three phases or more than [`MAX_PHASES`], when one is not finite, and when the interval is
    /// not above 0.
    pub fn from_phases(phases: Vec<f64>, interval: f64) -> Result<Self> {
        at_most("phases", phases.len(), MAX_PHASES)?;
        enough("phases", &phases, 3)?;
        let interval = positive("the interval of the phases", interval)?;
        Ok(Self { phases, interval })
    }

    /// Frequencies, or readings of any kind, each the mean over `interval` seconds up to the next: the phases are
    /// their running sum, less that of the first, times the interval. Deviations are in the unit of the readings.
    ///
    /// # Errors
    /// With fewer than two values or as many as [`MAX_PHASES`], when one is not finite, when the interval is not
    /// above 0, and beyond the bounds of floats.
    pub fn from_frequencies(values: &[f64], interval: f64) -> Result<Self> {
        at_most("frequencies", values.len(), MAX_PHASES - 1)?;
        enough("frequencies", values, 2)?;
        let interval = positive("the interval of the frequencies", interval)?;
        let first = values.first().copied().unwrap_or_default();
        let mut sum = Twofold::default();
        let mut phases = Vec::with_capacity(values.len() + 1);
        phases.push(0.0);
        for value in values {
            // A constant offset changes no deviation, but costs digits.
            sum = sum.plus(value - first);
            phases.push(finite("a phase", sum.value() * interval)?);
        }
        Self::from_phases(phases, interval)
    }

    /// The phases.
    #[must_use]
    pub fn phases(&self) -> &[f64] {
        &self.phases
    }

    /// Seconds from one phase to the next.
    #[must_use]
    pub fn interval(&self) -> f64 {
        self.interval
    }
}
