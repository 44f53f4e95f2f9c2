//! A straight line through points: regulation, linearity, drift.

use crate::distribution::student_quantile;
use crate::error::{Result, StatisticsError, domain, enough, finite, number, paired, probability};
use crate::numeric::{real, twofold};
use crate::summary::{effective_count, lag1_autocorrelation};

/// A straight line y = intercept + slope x by least squares, all scatter taken as in y, equal everywhere.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearFit {
    count: f64,
    mean_x: f64,
    mean_y: f64,
    squares_x: f64,
    squares_y: f64,
    slope: f64,
    residuals: Vec<f64>,
}

/// How certain a slope is whose residuals know of each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorrelatedTrend {
    /// The standard error of the slope.
    pub slope_error: f64,
    /// Its degrees of freedom.
    pub freedom: f64,
    /// How many independent residuals there are.
    pub effective_count: f64,
}

impl LinearFit {
    /// Fits (GUM, JCGM 100:2008, H.3; NIST/SEMATECH e-Handbook, 4.4.3.1).
    ///
    /// # Errors
    /// With fewer than three points, when there are more of one coordinate, when one is not finite, and when all x
    /// are equal.
    pub fn of(x: &[f64], y: &[f64]) -> Result<Self> {
        let what = "points of a line";
        paired(what, x.len(), y.len())?;
        enough(what, x, 3)?;
        enough(what, y, 3)?;
        let (mean_x, mean_y) = (twofold::mean(x), twofold::mean(y));
        let squares_x = twofold::squares_about(x, mean_x);
        if squares_x == 0.0 {
            return Err(StatisticsError::NoSpread { what });
        }
        let products = x.iter().zip(y).map(|(x, y)| (x - mean_x) * (y - mean_y));
        let slope = finite("a slope", twofold::sum(products) / squares_x)?;
        let residual = |(x, y): (&f64, &f64)| (y - mean_y) - slope * (x - mean_x);
        let residuals = x.iter().zip(y).map(residual).collect();
        let (count, squares_y) = (real(x.len()), twofold::squares_about(y, mean_y));
        finite("the sum of squares", squares_y)?;
        Ok(Self { count, mean_x, mean_y, squares_x, squares_y, slope, residuals })
    }

    /// Unit of y per unit of x.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// y where x is 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.mean_y - self.slope * self.mean_x
    }

    /// y of the line.
    #[must_use]
    pub fn at(&self, x: f64) -> f64 {
        self.mean_y + self.slope * (x - self.mean_x)
    }

    /// What is left of each y: measured less line.
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// Degrees of freedom, n - 2.
    #[must_use]
    pub fn freedom(&self) -> f64 {
        self.count - 2.0
    }

    /// The standard deviation of the residuals, over n - 2.
    #[must_use]
    pub fn residual_deviation(&self) -> f64 {
        (self.residual_squares() / self.freedom()).sqrt()
    }

    fn residual_squares(&self) -> f64 {
        twofold::sum(self.residuals.iter().map(|residual| residual * residual))
    }

    /// The standard error of the slope: s / sqrt(sum (x - m)^2).
    #[must_use]
    pub fn slope_error(&self) -> f64 {
        self.residual_deviation() / self.squares_x.sqrt()
    }

    /// The standard error of the intercept.
    #[must_use]
    pub fn intercept_error(&self) -> f64 {
        self.error_at(0.0)
    }

    /// The standard error of the line at x: s sqrt(1 / n + (x - m)^2 / sum (x - m)^2).
    #[must_use]
    pub fn error_at(&self, x: f64) -> f64 {
        let apart = x - self.mean_x;
        self.residual_deviation() * (1.0 / self.count + apart * apart / self.squares_x).sqrt()
    }

    /// The correlation of intercept and slope (GUM H.3.2, equation H.13f).
    #[must_use]
    pub fn correlation(&self) -> f64 {
        -self.mean_x / (self.squares_x / self.count + self.mean_x * self.mean_x).sqrt()
    }

    /// R^2: the part of y's squares that the line explains.
    ///
    /// # Errors
    /// When all y are equal.
    pub fn determination(&self) -> Result<f64> {
        if self.squares_y == 0.0 {
            return Err(StatisticsError::NoSpread { what: "y of a line" });
        }
        Ok((1.0 - self.residual_squares() / self.squares_y).clamp(0.0, 1.0))
    }

    /// Half of the interval that holds the true slope with `confidence`.
    ///
    /// # Errors
    /// When the confidence is not between 0 and 1.
    pub fn slope_half_width(&self, confidence: f64) -> Result<f64> {
        Ok(self.student(confidence)? * self.slope_error())
    }

    /// Half of the interval that holds the true line at x with `confidence`.
    ///
    /// # Errors
    /// When x is not finite, and when the confidence is not between 0 and 1.
    pub fn half_width_at(&self, x: f64, confidence: f64) -> Result<f64> {
        Ok(self.student(confidence)? * self.error_at(number("x", x)?))
    }

    /// Half of the interval that holds one further y at x with `confidence`.
    ///
    /// # Errors
    /// When x is not finite, and when the confidence is not between 0 and 1.
    pub fn prediction_half_width(&self, x: f64, confidence: f64) -> Result<f64> {
        let of_line = self.error_at(number("x", x)?);
        Ok(self.student(confidence)? * self.residual_deviation().hypot(of_line))
    }

    fn student(&self, confidence: f64) -> Result<f64> {
        let tail = (1.0 - probability("the confidence", confidence)?) / 2.0;
        Ok(-student_quantile(self.freedom(), tail)?)
    }

    /// The standard error of the slope when the points, in the order given, come one after the other and their
    /// residuals know of their neighbours: n is replaced by n (1 - r) / (1 + r) (Santer and others, Journal of
    /// Geophysical Research 105 (2000) 7337, equations 4 to 6).
    ///
    /// # Errors
    /// When all residuals are equal, and when they are worth no more than three independent ones.
    pub fn correlated_trend(&self) -> Result<CorrelatedTrend> {
        let lag1 = lag1_autocorrelation(&self.residuals)?;
        let effective_count = effective_count(self.residuals.len(), lag1)?;
        let freedom = effective_count - 2.0;
        let wanted = "more than 3";
        domain("the effective number of residuals", effective_count, freedom > 1.0, wanted)?;
        let slope_error = (self.residual_squares() / freedom / self.squares_x).sqrt();
        Ok(CorrelatedTrend { slope_error, freedom, effective_count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_scatter_is_found_exactly() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let fit = LinearFit::of(&x, &x.map(|x| 2.0 - 0.5 * x)).unwrap();
        assert_eq!((fit.slope(), fit.intercept(), fit.residual_deviation()), (-0.5, 2.0, 0.0));
        assert_eq!((fit.at(10.0), fit.determination()), (-3.0, Ok(1.0)));
        assert_eq!(fit.slope_half_width(0.95), Ok(0.0));
        assert!(fit.correlated_trend().is_err(), "residuals that are all 0");
    }

    #[test]
    fn correlated_residuals_make_a_slope_less_certain() {
        let x: Vec<f64> = (0..200).map(f64::from).collect();
        let wave = |x: &f64| 0.01 * x + (x / 4.0).sin();
        let fit = LinearFit::of(&x, &x.iter().map(wave).collect::<Vec<_>>()).unwrap();
        let trend = fit.correlated_trend().unwrap();
        assert!(trend.slope_error > 3.0 * fit.slope_error(), "{trend:?}");
        assert!(trend.effective_count < 20.0);
    }

    #[test]
    fn the_domain_is_kept() {
        assert!(LinearFit::of(&[1.0, 2.0], &[1.0, 2.0]).is_err());
        assert!(LinearFit::of(&[1.0, 2.0, 3.0], &[1.0, 2.0]).is_err());
        assert!(LinearFit::of(&[1.0, 2.0, f64::NAN], &[1.0, 2.0, 3.0]).is_err());
        let equal = StatisticsError::NoSpread { what: "points of a line" };
        assert_eq!(LinearFit::of(&[1.0; 3], &[1.0, 2.0, 3.0]), Err(equal));
        let flat = LinearFit::of(&[1.0, 2.0, 3.0], &[5.0; 3]).unwrap();
        assert!(flat.determination().is_err());
        assert!(flat.half_width_at(f64::NAN, 0.95).is_err());
        assert!(flat.prediction_half_width(1.0, 1.0).is_err());
    }
}
