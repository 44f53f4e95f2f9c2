//! What variation a study found, and where it comes from.

use crate::error::{Result, StatisticsError, positive};
use crate::numeric::whole;

/// Standard deviations, in the unit of the readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variation {
    /// Of one operator on one part: equipment variation, EV.
    pub repeatability: f64,
    /// Between operators: appraiser variation, AV.
    pub operators: f64,
    /// Of operators that differ on some parts; 0 when it was pooled or is not known.
    pub interaction: f64,
    /// Between parts: PV.
    pub parts: f64,
}

impl Variation {
    /// Reproducibility: operators and their interaction with parts.
    #[must_use]
    pub fn reproducibility(&self) -> f64 {
        self.operators.hypot(self.interaction)
    }

    /// Repeatability and reproducibility together: GRR.
    #[must_use]
    pub fn gauge(&self) -> f64 {
        self.repeatability.hypot(self.reproducibility())
    }

    /// Gauge and parts together: TV.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.gauge().hypot(self.parts)
    }

    /// The gauge's part of the total variation, 0 to 1: below 0.1 a gauge is good, above 0.3 it is not acceptable
    /// (AIAG, Measurement Systems Analysis, 4th edition, chapter II, section D).
    ///
    /// # Errors
    /// When nothing varies.
    pub fn gauge_share(&self) -> Result<f64> {
        Ok(self.gauge() / positive("the total variation", self.total())?)
    }

    /// Six deviations of the gauge over the span of a tolerance.
    ///
    /// # Errors
    /// When the span is not above 0.
    pub fn precision_to_tolerance(&self, span: f64) -> Result<f64> {
        Ok(6.0 * self.gauge() / positive("the span of the tolerance", span)?)
    }

    /// The number of distinct categories, 1.41 PV / GRR cut to a whole number; five are wanted (AIAG, 4th edition,
    /// chapter III, section B).
    ///
    /// # Errors
    /// When the gauge does not vary.
    pub fn distinct_categories(&self) -> Result<usize> {
        if self.gauge() == 0.0 {
            return Err(StatisticsError::NoSpread { what: "readings of a gauge" });
        }
        Ok(whole(1.41 * self.parts / self.gauge()))
    }
}
