//! A crossed study: every operator measures every part several times.

use crate::error::{Result, StatisticsError, all_finite, at_least, at_most};
use crate::numeric::{real, twofold};

/// The most readings of one study.
pub const MAX_READINGS_OF_STUDY: usize = 1_000_000;

/// The readings of a crossed study, all cells of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// By part, then by operator, then by trial.
    readings: Vec<Vec<Vec<f64>>>,
    pub(crate) parts: usize,
    pub(crate) operators: usize,
    pub(crate) trials: usize,
}

impl Study {
    /// From readings by part, then by operator (or instrument, or bench), then by trial.
    ///
    /// # Errors
    /// With fewer than two parts, operators or trials, when a cell is of another size, when a reading is not finite,
    /// and with more than [`MAX_READINGS_OF_STUDY`].
    pub fn new(readings: Vec<Vec<Vec<f64>>>) -> Result<Self> {
        let parts = readings.len();
        let operators = readings.first().map_or(0, Vec::len);
        let trials = readings.first().and_then(|part| part.first()).map_or(0, Vec::len);
        at_least("parts of a study", parts, 2)?;
        at_least("operators of a study", operators, 2)?;
        at_least("trials of a study", trials, 2)?;
        let size = parts.saturating_mul(operators).saturating_mul(trials);
        at_most("readings of a study", size, MAX_READINGS_OF_STUDY)?;
        for part in &readings {
            equal("operators of a part", operators, part.len())?;
            for cell in part {
                equal("trials of an operator", trials, cell.len())?;
                all_finite("readings of a study", cell)?;
            }
        }
        Ok(Self { readings, parts, operators, trials })
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &[f64]> {
        self.readings.iter().flatten().map(Vec::as_slice)
    }

    /// The mean of each cell, by part, then by operator.
    pub(crate) fn cell_means(&self) -> Vec<Vec<f64>> {
        let of_part = |part: &Vec<Vec<f64>>| part.iter().map(|cell| twofold::mean(cell)).collect();
        self.readings.iter().map(of_part).collect()
    }

    pub(crate) fn part_means(&self) -> Vec<f64> {
        self.cell_means().iter().map(|part| twofold::mean(part)).collect()
    }

    pub(crate) fn operator_means(&self) -> Vec<f64> {
        let cells = self.cell_means();
        let of = |operator: usize| {
            twofold::sum(cells.iter().filter_map(|part| part.get(operator)).copied())
        };
        (0..self.operators).map(|operator| of(operator) / real(self.parts)).collect()
    }
}

fn equal(what: &'static str, first: usize, second: usize) -> Result<()> {
    if first == second {
        return Ok(());
    }
    Err(StatisticsError::UnequalLengths { what, first, second })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_study_is_complete_or_an_error() {
        let cell = || vec![1.0, 2.0];
        let part = || vec![cell(), cell()];
        assert!(Study::new(vec![part(), part()]).is_ok());
        assert!(Study::new(vec![]).is_err());
        assert!(Study::new(vec![part()]).is_err());
        assert!(Study::new(vec![vec![cell()], vec![cell()]]).is_err());
        assert!(Study::new(vec![vec![vec![1.0]; 2], vec![vec![1.0]; 2]]).is_err());
        assert!(Study::new(vec![part(), vec![cell(), vec![1.0]]]).is_err());
        assert!(Study::new(vec![part(), vec![cell()]]).is_err());
        assert!(Study::new(vec![part(), vec![cell(), vec![1.0, f64::NAN]]]).is_err());
    }
}
