//! Cumulative sums: small lasting shifts.

use crate::error::{Result, enough, not_negative, number, positive};

/// How a chart is drawn, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cusum {
    /// What the process aims at.
    pub target: f64,
    /// The reference value K: half of the shift that is to be found, customarily half a standard deviation.
    pub reference: f64,
    /// The decision interval H, customarily four or five standard deviations.
    pub decision: f64,
    /// What both sums begin with: 0, or half of H for a fast response at the start.
    pub head_start: f64,
}

/// One point of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CusumPoint {
    /// What has gathered above target + K.
    pub high: f64,
    /// What has gathered below target - K.
    pub low: f64,
    /// For how many values the upper sum has been above 0: a shift began that many values ago.
    pub high_run: usize,
    /// For how many values the lower sum has been above 0.
    pub low_run: usize,
    /// Whether a sum passes H.
    pub is_signal: bool,
}

/// The tabular chart: C+ = max(0, x - (target + K) + C+), C- = max(0, (target - K) - x + C-) (Montgomery,
/// Introduction to Statistical Quality Control; NIST/SEMATECH e-Handbook, 6.3.2.3).
///
/// # Errors
/// Without values, when one is not finite, when K or the head start is negative, and when H is not above 0.
pub fn cusum(values: &[f64], chart: &Cusum) -> Result<Vec<CusumPoint>> {
    enough("values of a chart", values, 1)?;
    number("the target", chart.target)?;
    not_negative("the reference value", chart.reference)?;
    positive("the decision interval", chart.decision)?;
    let start = not_negative("the head start", chart.head_start)?;
    let (mut high, mut low, mut high_run, mut low_run) = (start, start, 0, 0);
    let point = |value: &f64| {
        let apart = value - chart.target;
        high = (high + apart - chart.reference).max(0.0);
        low = (low - apart - chart.reference).max(0.0);
        high_run = if high > 0.0 { high_run + 1 } else { 0 };
        low_run = if low > 0.0 { low_run + 1 } else { 0 };
        let is_signal = high > chart.decision || low > chart.decision;
        CusumPoint { high, low, high_run, low_run, is_signal }
    };
    Ok(values.iter().map(point).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST/SEMATECH e-Handbook, 6.3.2.3: twenty means, target 325, k 0.3175, h 4.1959; signals from the 14th on.
    #[test]
    fn sums_are_those_of_the_nist_handbook() {
        let values = [
            324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225,
            324.600, 324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775,
            326.875, 328.350,
        ];
        let chart = Cusum { target: 325.0, reference: 0.3175, decision: 4.1959, head_start: 0.0 };
        let points = cusum(&values, &chart).unwrap();
        let published = [3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.00, 19.04];
        for (point, wanted) in points[12..].iter().zip(published) {
            assert!((point.high - wanted).abs() <= 0.0076, "{point:?} instead of {wanted}");
        }
        let signals: Vec<usize> = (0..20).filter(|index| points[*index].is_signal).collect();
        assert_eq!(signals, (13..20).collect::<Vec<_>>());
    }

    /// Montgomery, Introduction to Statistical Quality Control, the example of the tabular sum: thirty values, the
    /// last ten shifted by one: C+ 5.28 at the 29th, which is above 0 for seven values.
    #[test]
    fn sums_are_montgomerys() {
        let values = [
            9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51,
            9.40, 10.08, 9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08,
            10.38, 11.62, 11.31, 10.52,
        ];
        let chart = Cusum { target: 10.0, reference: 0.5, decision: 5.0, head_start: 0.0 };
        let points = cusum(&values, &chart).unwrap();
        let first = points.iter().position(|point| point.is_signal).unwrap();
        assert_eq!((first, points[28].high_run), (28, 7));
        assert!((points[28].high - 5.28).abs() < 0.005, "{:?}", points[28]);
        assert!((points[1].low - 1.56).abs() < 0.005, "{:?}", points[1]);
    }

    #[test]
    fn the_domain_is_kept() {
        let chart = Cusum { target: 0.0, reference: 0.5, decision: 5.0, head_start: 2.5 };
        assert_eq!(cusum(&[0.0], &chart).unwrap()[0].high, 2.0);
        assert!(cusum(&[], &chart).is_err());
        assert!(cusum(&[f64::INFINITY], &chart).is_err());
        assert!(cusum(&[1.0], &Cusum { decision: 0.0, ..chart }).is_err());
        assert!(cusum(&[1.0], &Cusum { reference: -1.0, ..chart }).is_err());
    }
}
