//! The constants of control charts.

use statrs::function::gamma::ln_gamma;

use crate::distribution::normal_cdf;
use crate::error::{Result, at_least, at_most};
use crate::numeric::{quadrature::Rule, real};

/// The largest subgroup of a chart.
pub const MAX_SUBGROUP: usize = 100;

/// Where the normal distribution ends for a range.
const FAR: f64 = 9.0;

/// The constants of a subgroup size (ISO 7870-2:2013; Montgomery, Introduction to Statistical Quality
/// Control, appendix VI). They are computed and then rounded as these tables print them, c4 to four decimals, the
/// others to three, so that limits agree with published ones to their digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ControlConstants {
    size: f64,
    range_mean: f64,
    range_deviation: f64,
    deviation_mean: f64,
}

impl ControlConstants {
    /// Of subgroups of a size.
    ///
    /// # Errors
    /// Below two and above [`MAX_SUBGROUP`] values.
    pub fn of(size: usize) -> Result<Self> {
        at_least("values of a subgroup", size, 2)?;
        at_most("values of a subgroup", size, MAX_SUBGROUP)?;
        let n = real(size);
        let (range_mean, range_deviation) = range(n);
        let logarithm = ln_gamma(n / 2.0) - ln_gamma((n - 1.0) / 2.0);
        let deviation_mean = (2.0 / (n - 1.0)).sqrt() * logarithm.exp();
        Ok(Self { size: n, range_mean, range_deviation, deviation_mean })
    }

    /// d2: the mean range of normal values over their deviation.
    #[must_use]
    pub fn d2(&self) -> f64 {
        rounded(self.range_mean, 1e3)
    }

    /// d3: the deviation of the range over that of the values.
    #[must_use]
    pub fn d3(&self) -> f64 {
        rounded(self.range_deviation, 1e3)
    }

    /// c4: the mean of the experimental standard deviation over the true one.
    #[must_use]
    pub fn c4(&self) -> f64 {
        rounded(self.deviation_mean, 1e4)
    }

    /// 1 / d2, every digit kept: from a mean of many ranges to a deviation.
    pub(crate) fn of_many_ranges(&self) -> f64 {
        1.0 / self.range_mean
    }

    /// 1 / sqrt(d2^2 + d3^2): from a single range to a deviation (Duncan's 1 / d2* with one subgroup).
    pub(crate) fn of_one_range(&self) -> f64 {
        1.0 / self.range_mean.hypot(self.range_deviation)
    }

    /// A2 = 3 / (d2 sqrt(n)): limits of means from the mean range.
    #[must_use]
    pub fn a2(&self) -> f64 {
        rounded(3.0 / (self.range_mean * self.size.sqrt()), 1e3)
    }

    /// A3 = 3 / (c4 sqrt(n)): limits of means from the mean deviation.
    #[must_use]
    pub fn a3(&self) -> f64 {
        rounded(3.0 / (self.deviation_mean * self.size.sqrt()), 1e3)
    }

    /// D3 = 1 - 3 d3 / d2, not below 0: the lower limit of ranges.
    #[must_use]
    pub fn lowest_range(&self) -> f64 {
        rounded((1.0 - self.range_width()).max(0.0), 1e3)
    }

    /// D4 = 1 + 3 d3 / d2: the upper limit of ranges.
    #[must_use]
    pub fn highest_range(&self) -> f64 {
        rounded(1.0 + self.range_width(), 1e3)
    }

    /// B3 = 1 - 3 sqrt(1 - c4^2) / c4, not below 0: the lower limit of deviations.
    #[must_use]
    pub fn b3(&self) -> f64 {
        rounded((1.0 - self.deviation_width()).max(0.0), 1e3)
    }

    /// B4 = 1 + 3 sqrt(1 - c4^2) / c4: the upper limit of deviations.
    #[must_use]
    pub fn b4(&self) -> f64 {
        rounded(1.0 + self.deviation_width(), 1e3)
    }

    fn range_width(&self) -> f64 {
        3.0 * self.range_deviation / self.range_mean
    }

    fn deviation_width(&self) -> f64 {
        3.0 * (1.0 - self.deviation_mean * self.deviation_mean).sqrt() / self.deviation_mean
    }
}

fn rounded(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

/// Mean and deviation of the range of n normal values (Tippett, Biometrika 17 (1925) 364): the integral of
/// 1 - F^n - (1 - F)^n, and for the square twice the double integral over x < y of
/// 1 - F(y)^n - (1 - F(x))^n + (F(y) - F(x))^n.
fn range(n: f64) -> (f64, f64) {
    let rule = Rule::new();
    let spread = |at: f64| 1.0 - normal_cdf(at).powf(n) - normal_cdf(-at).powf(n);
    let mean = rule.integrate(spread, -FAR, FAR, 8);
    let above = |x: f64| {
        let below_x = normal_cdf(x);
        let inside = |y: f64| {
            let below_y = normal_cdf(y);
            1.0 - below_y.powf(n) - (1.0 - below_x).powf(n) + (below_y - below_x).powf(n)
        };
        rule.integrate(inside, x, FAR, 6)
    };
    let square = 2.0 * rule.integrate(above, -FAR, FAR, 8);
    (mean, (square - mean * mean).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Montgomery, Introduction to Statistical Quality Control, appendix VI.
    #[test]
    fn constants_are_those_of_the_tables() {
        for (size, d2, d3, c4, a2, a3) in [
            (2, 1.128, 0.853, 0.7979, 1.880, 2.659),
            (3, 1.693, 0.888, 0.8862, 1.023, 1.954),
            (4, 2.059, 0.880, 0.9213, 0.729, 1.628),
            (5, 2.326, 0.864, 0.9400, 0.577, 1.427),
            (7, 2.704, 0.833, 0.9594, 0.419, 1.182),
            (10, 3.078, 0.797, 0.9727, 0.308, 0.975),
            (15, 3.472, 0.756, 0.9823, 0.223, 0.789),
            (25, 3.931, 0.708, 0.9896, 0.153, 0.606),
        ] {
            let own = ControlConstants::of(size).unwrap();
            let found = [own.d2(), own.d3(), own.c4(), own.a2(), own.a3()];
            assert_eq!(found, [d2, d3, c4, a2, a3], "{size}");
        }
        for (size, lowest, highest, b3, b4) in [
            (2, 0.0, 3.267, 0.0, 3.267),
            (5, 0.0, 2.114, 0.0, 2.089),
            (6, 0.0, 2.004, 0.030, 1.970),
            (7, 0.076, 1.924, 0.118, 1.882),
            (10, 0.223, 1.777, 0.284, 1.716),
            (25, 0.459, 1.541, 0.565, 1.435),
        ] {
            let own = ControlConstants::of(size).unwrap();
            let found = [own.lowest_range(), own.highest_range(), own.b3(), own.b4()];
            assert_eq!(found, [lowest, highest, b3, b4], "{size}");
        }
    }

    #[test]
    fn the_domain_is_kept() {
        assert!(ControlConstants::of(1).is_err());
        assert!(ControlConstants::of(MAX_SUBGROUP).is_ok());
        assert!(ControlConstants::of(MAX_SUBGROUP + 1).is_err());
    }
}
