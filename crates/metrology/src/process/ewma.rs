//! The exponentially weighted moving average.

use crate::error::{Result, domain, enough, number, positive};

/// How a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ewma {
    /// What the process aims at; the average begins there.
    pub target: f64,
    /// The standard deviation of a value.
    pub deviation: f64,
    /// The weight of the newest value, above 0, at most 1; 0.2 to 0.3 is customary.
    pub weight: f64,
    /// The width of the limits in standard deviations; 3 is customary.
    pub width: f64,
}

/// One point of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EwmaPoint {
    /// The average up to here.
    pub average: f64,
    /// The lower limit here.
    pub lower: f64,
    /// The upper limit here.
    pub upper: f64,
}

impl EwmaPoint {
    /// Whether it lies outside its limits.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.average < self.lower || self.average > self.upper
    }
}

impl Ewma {
    /// The half width that the limits come to: L s sqrt(w / (2 - w)).
    #[must_use]
    pub fn final_half_width(&self) -> f64 {
        self.width * self.deviation * (self.weight / (2.0 - self.weight)).sqrt()
    }
}

/// The chart: z_i = w x_i + (1 - w) z_i-1 with limits target ± L s sqrt(w / (2 - w) (1 - (1 - w)^2i)), which widen
/// to their final width (Montgomery, Introduction to Statistical Quality Control; NIST/SEMATECH e-Handbook,
/// 6.3.2.4, draws the final ones).
///
/// # Errors
/// Without values, when one is not finite, when the weight is not in 0 to 1, and when deviation or width is not
/// above 0.
pub fn ewma(values: &[f64], chart: &Ewma) -> Result<Vec<EwmaPoint>> {
    enough("values of a chart", values, 1)?;
    number("the target", chart.target)?;
    positive("the deviation of the process", chart.deviation)?;
    positive("the width of the limits", chart.width)?;
    let holds = chart.weight > 0.0 && chart.weight <= 1.0;
    domain("the weight", chart.weight, holds, "a number above 0, at most 1")?;
    let (mut average, mut left) = (chart.target, 1.0);
    let point = |value: &f64| {
        average += chart.weight * (value - average);
        left *= (1.0 - chart.weight) * (1.0 - chart.weight);
        let half = chart.final_half_width() * (1.0 - left).sqrt();
        EwmaPoint { average, lower: chart.target - half, upper: chart.target + half }
    };
    Ok(values.iter().map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHART: Ewma = Ewma { target: 50.0, deviation: 2.0539, weight: 0.3, width: 3.0 };

    /// NIST/SEMATECH e-Handbook, 6.3.2.4: twenty values, all averages, limits 47.4115 and 52.5884.
    #[test]
    fn averages_are_those_of_the_nist_handbook() {
        let values = [
            52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3,
            47.8, 51.2, 52.6, 52.4, 53.6, 52.1,
        ];
        let published = [
            50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33, 50.11, 49.36,
            49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99,
        ];
        let points = ewma(&values, &CHART).unwrap();
        for (point, wanted) in points.iter().zip(published) {
            assert!((point.average - wanted).abs() <= 0.0051, "{point:?} instead of {wanted}");
            assert!(!point.is_outside());
        }
        let half = CHART.final_half_width();
        assert!((50.0 + half - 52.5884).abs() < 1e-4, "{half}");
        assert!((50.0 - half - 47.4115).abs() < 1e-4, "{half}");
        assert!((points[19].upper - (50.0 + half)).abs() < 1e-5);
        assert!((points[0].upper - (50.0 + 3.0 * 2.0539 * 0.3)).abs() < 1e-12);
    }

    #[test]
    fn the_domain_is_kept() {
        assert!(ewma(&[], &CHART).is_err());
        assert!(ewma(&[f64::NAN], &CHART).is_err());
        for weight in [0.0, 1.1, f64::NAN] {
            assert!(ewma(&[1.0], &Ewma { weight, ..CHART }).is_err());
        }
        assert!(ewma(&[1.0], &Ewma { deviation: 0.0, ..CHART }).is_err());
        let all = ewma(&[51.0, 70.0], &Ewma { weight: 1.0, ..CHART }).unwrap();
        assert_eq!((all[1].average, all[1].is_outside()), (70.0, true));
    }
}
