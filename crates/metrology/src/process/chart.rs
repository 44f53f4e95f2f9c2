//! Shewhart's control charts.

use super::ControlConstants;
use crate::error::{Result, StatisticsError, all_finite, at_least, enough};
use crate::numeric::{real, twofold};
use crate::summary::Moments;

/// Where points of a chart lie when only chance is at work: three standard deviations to each side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ControlLimits {
    /// The lower limit.
    pub lower: f64,
    /// The centre line.
    pub centre: f64,
    /// The upper limit.
    pub upper: f64,
}

impl ControlLimits {
    /// The indices of the points that lie outside, counted from 0.
    #[must_use]
    pub fn outside(&self, points: &[f64]) -> Vec<usize> {
        let is_outside = |value: f64| value < self.lower || value > self.upper;
        let found = points.iter().enumerate().filter(|(_, value)| is_outside(**value));
        found.map(|(index, _)| index).collect()
    }

    fn about(centre: f64, half: f64) -> Self {
        Self { lower: centre - half, centre, upper: centre + half }
    }
}

/// A pair of charts of subgroups.
#[derive(Clone, Debug, PartialEq)]
pub struct SubgroupChart {
    /// The mean of each subgroup.
    pub means: Vec<f64>,
    /// The range, or the deviation, of each.
    pub spreads: Vec<f64>,
    /// The limits of the means.
    pub of_means: ControlLimits,
    /// The limits of the ranges or deviations.
    pub of_spreads: ControlLimits,
    /// The standard deviation within subgroups that follows from the mean spread.
    pub within: f64,
}

/// A pair of charts of single values.
#[derive(Clone, Debug, PartialEq)]
pub struct IndividualsChart {
    /// The range of each value and the one before it.
    pub moving_ranges: Vec<f64>,
    /// The limits of the values.
    pub of_values: ControlLimits,
    /// The limits of the moving ranges.
    pub of_ranges: ControlLimits,
    /// The standard deviation that follows from the mean moving range.
    pub within: f64,
}

/// X-bar and R: m ± A2 R, D3 R to D4 R (ISO 7870-2:2013; NIST/SEMATECH e-Handbook, 6.3.2.1).
///
/// # Errors
/// With fewer than two subgroups, when they are not of one size from 2 to 100, and when a value is not finite.
pub fn mean_and_range(subgroups: &[Vec<f64>]) -> Result<SubgroupChart> {
    let (constants, parts) = parts(subgroups)?;
    let range = |part: &Moments| Ok(part.maximum()? - part.minimum()?);
    let spreads: Vec<f64> = parts.iter().map(range).collect::<Result<_>>()?;
    let mean = twofold::mean(&spreads);
    let [lower, upper] =
        [constants.lowest_range(), constants.highest_range()].map(|factor| factor * mean);
    let of_spreads = ControlLimits { lower, centre: mean, upper };
    subgroup_chart(&parts, spreads, of_spreads, constants.a2() * mean, mean / constants.d2())
}

/// X-bar and S: m ± A3 s, B3 s to B4 s (ISO 7870-2:2013; NIST/SEMATECH e-Handbook, 6.3.2.1).
///
/// # Errors
/// As [`mean_and_range`].
pub fn mean_and_deviation(subgroups: &[Vec<f64>]) -> Result<SubgroupChart> {
    let (constants, parts) = parts(subgroups)?;
    let spreads: Vec<f64> = parts.iter().map(Moments::standard_deviation).collect::<Result<_>>()?;
    let mean = twofold::mean(&spreads);
    let [lower, upper] = [constants.b3(), constants.b4()].map(|factor| factor * mean);
    let of_spreads = ControlLimits { lower, centre: mean, upper };
    subgroup_chart(&parts, spreads, of_spreads, constants.a3() * mean, mean / constants.c4())
}

fn parts(subgroups: &[Vec<f64>]) -> Result<(ControlConstants, Vec<Moments>)> {
    at_least("subgroups of a chart", subgroups.len(), 2)?;
    let size = subgroups.first().map_or(0, Vec::len);
    if let Some(other) = subgroups.iter().find(|own| own.len() != size) {
        let (what, second) = ("values of the subgroups", other.len());
        return Err(StatisticsError::UnequalLengths { what, first: size, second });
    }
    let parts = subgroups.iter().map(|own| Moments::of(own)).collect::<Result<_>>()?;
    Ok((ControlConstants::of(size)?, parts))
}

fn subgroup_chart(
    parts: &[Moments],
    spreads: Vec<f64>,
    of_spreads: ControlLimits,
    half: f64,
    within: f64,
) -> Result<SubgroupChart> {
    let means: Vec<f64> = parts.iter().map(Moments::mean).collect::<Result<_>>()?;
    let of_means = ControlLimits::about(twofold::mean(&means), half);
    Ok(SubgroupChart { means, spreads, of_means, of_spreads, within })
}

/// Individuals and moving ranges: m ± 3 MR / d2, 0 to D4 MR, with d2 1.128 (ISO 7870-2:2013; NIST/SEMATECH
/// e-Handbook, 6.3.2.2).
///
/// # Errors
/// With fewer than two values, and when one is not finite.
pub fn individuals(values: &[f64]) -> Result<IndividualsChart> {
    enough("values of a chart", values, 2)?;
    let pairs = values.iter().zip(values.iter().skip(1));
    let moving_ranges: Vec<f64> = pairs.map(|(before, after)| (after - before).abs()).collect();
    all_finite("moving ranges", &moving_ranges)?;
    let constants = ControlConstants::of(2)?;
    let mean = twofold::mean(&moving_ranges);
    let within = mean / constants.d2();
    let of_values = ControlLimits::about(twofold::mean(values), 3.0 * within);
    let upper = constants.highest_range() * mean;
    let of_ranges = ControlLimits { lower: 0.0, centre: mean, upper };
    Ok(IndividualsChart { moving_ranges, of_values, of_ranges, within })
}

/// The degrees of freedom of a standard deviation from the mean moving range of `count` values: those of a deviation
/// of the same relative variance, 2 ν = (n - 1)^2 / (0.82646 n - 1.08213) (the variance of a mean moving range of
/// normal values, of neighbouring differences correlated by -1/2; so Cryer and Ryan, Journal of Quality Technology
/// 22 (1990) 187); 0.61 n of many values.
///
/// # Errors
/// With fewer than two values.
pub fn moving_range_freedom(count: usize) -> Result<f64> {
    at_least("values of a moving range", count, 2)?;
    let n = real(count);
    Ok(((n - 1.0).powi(2) / (2.0 * (0.82646 * n - 1.08213))).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are(limits: ControlLimits, wanted: [f64; 3], within: f64) {
        let found = [limits.lower, limits.centre, limits.upper];
        for (found, wanted) in found.into_iter().zip(wanted) {
            assert!((found - wanted).abs() <= within, "{limits:?} instead of {wanted}");
        }
    }

    /// NIST/SEMATECH e-Handbook, 6.3.2.2: ten batches, mean 50.81, mean moving range 1.8778.
    #[test]
    fn individuals_are_those_of_the_nist_handbook() {
        let values = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1];
        let chart = individuals(&values).unwrap();
        are(chart.of_values, [45.8159, 50.81, 55.8041], 5e-5);
        are(chart.of_ranges, [0.0, 1.8778, 3.267 * 1.8778], 2e-4);
        assert!(chart.of_values.outside(&values).is_empty());
        assert_eq!(chart.of_values.outside(&[50.0, 60.0, 40.0]), [1, 2]);
    }

    /// Montgomery, Introduction to Statistical Quality Control, flow width: mean 1.5056, mean range
    /// 0.32521, subgroups of 5: 1.31795 to 1.69325, and 0 to 0.68749.
    #[test]
    fn means_and_ranges_are_montgomerys() {
        // Two subgroups with just that mean and that range.
        let half = 0.32521 / 2.0;
        let subgroup = [-half, -half, 0.0, half, half];
        let subgroups: Vec<Vec<f64>> =
            [1.5, 1.5112].map(|mean| subgroup.iter().map(|value| mean + value).collect()).to_vec();
        let chart = mean_and_range(&subgroups).unwrap();
        are(chart.of_means, [1.31795, 1.5056, 1.69325], 6e-6);
        are(chart.of_spreads, [0.0, 0.32521, 0.68749], 6e-6);
        assert!((chart.within - 0.1398).abs() < 5e-5, "{}", chart.within);
    }

    /// Montgomery, piston rings: mean 74.001, mean deviation 0.0094, subgroups of 5: 73.988 to
    /// 74.014, and 0 to 0.0196.
    #[test]
    fn means_and_deviations_are_montgomerys() {
        // Deviations of -1 -1 0 1 1: a standard deviation of one.
        let subgroup = [-1.0, -1.0, 0.0, 1.0, 1.0];
        let subgroups: Vec<Vec<f64>> = [74.0, 74.002]
            .map(|mean| subgroup.iter().map(|value| mean + 0.0094 * value).collect())
            .to_vec();
        let chart = mean_and_deviation(&subgroups).unwrap();
        are(chart.of_means, [73.988, 74.001, 74.014], 5e-4);
        are(chart.of_spreads, [0.0, 0.0094, 0.0196], 5e-5);
    }

    #[test]
    fn the_domain_is_kept() {
        assert!(individuals(&[1.0]).is_err());
        assert!(individuals(&[1.0, f64::NAN]).is_err());
        assert!(individuals(&[f64::MAX, f64::MIN]).is_err());
        let uneven = [vec![1.0, 2.0], vec![1.0]];
        assert!(matches!(mean_and_range(&uneven), Err(StatisticsError::UnequalLengths { .. })));
        assert!(mean_and_range(&[vec![1.0, 2.0]]).is_err());
        assert!(mean_and_deviation(&[vec![1.0], vec![2.0]]).is_err());
        assert!(mean_and_deviation(&[vec![], vec![]]).is_err());
    }
}
