//! The average and range method.

use super::{Study, Variation};
use crate::error::Result;
use crate::numeric::twofold;
use crate::process::ControlConstants;

impl Study {
    /// The variation by averages and ranges (AIAG, Measurement Systems Analysis, 4th edition, chapter III,
    /// section B): EV = R K1, AV = sqrt((Xdiff K2)^2 - EV^2 / n r), PV = Rp K3. The interaction of operators and
    /// parts is not seen. K1 is 1 / d2 of the trials, K2 and K3 are 1 / d2* of a single range of as many means.
    ///
    /// # Errors
    /// With more than [`MAX_SUBGROUP`](crate::process::MAX_SUBGROUP) parts, operators or trials.
    pub fn average_and_range(&self) -> Result<Variation> {
        let ranges: Vec<f64> = self.cells().map(range).collect();
        let [of_trials, of_operators, of_parts] =
            [self.trials, self.operators, self.parts].map(ControlConstants::of);
        let repeatability = twofold::mean(&ranges) * of_trials?.of_many_ranges();
        let between = range(&self.operator_means()) * of_operators?.of_one_range();
        let readings = crate::numeric::real(self.parts * self.trials);
        let operators = between * between - repeatability * repeatability / readings;
        let parts = range(&self.part_means()) * of_parts?.of_one_range();
        let operators = operators.max(0.0).sqrt();
        Ok(Variation { repeatability, operators, interaction: 0.0, parts })
    }
}

fn range(values: &[f64]) -> f64 {
    let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    highest - values.iter().copied().fold(f64::INFINITY, f64::min)
}
