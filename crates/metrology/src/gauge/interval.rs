//! Intervals of sums and differences of mean squares, by modified large samples (Graybill and Wang, Journal of the
//! American Statistical Association 75 (1980) 869; Burdick, Borror and Montgomery, Journal of Quality Technology 35
//! (2003) 342).

use super::AnovaRow;
use crate::distribution::{chi_squared_quantile, fisher_upper_point};
use crate::error::{Result, finite, probability};

/// A variance and the interval that holds it with the confidence asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceInterval {
    /// The estimate.
    pub estimate: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A mean square, with its weight in a sum.
pub(crate) struct MeanSquare {
    weighted: f64,
    freedom: f64,
}

impl MeanSquare {
    pub(crate) fn of(row: &AnovaRow, weight: f64) -> Self {
        Self { weighted: weight * row.mean_square(), freedom: row.freedom }
    }

    /// 1 - ν / chi2(1 - tail): how far down it may be wrong.
    fn down(&self, tail: f64) -> Result<f64> {
        Ok(1.0 - self.freedom / chi_squared_quantile(self.freedom, 1.0 - tail)?)
    }

    /// ν / chi2(tail) - 1: how far up.
    fn up(&self, tail: f64) -> Result<f64> {
        Ok(self.freedom / chi_squared_quantile(self.freedom, tail)? - 1.0)
    }
}

/// Of a sum of mean squares, all weights above 0.
pub(crate) fn of_sum(terms: &[MeanSquare], confidence: f64) -> Result<VarianceInterval> {
    let tail = (1.0 - probability("the confidence", confidence)?) / 2.0;
    let estimate = terms.iter().map(|term| term.weighted).sum::<f64>();
    let (mut down, mut up) = (0.0_f64, 0.0_f64);
    for term in terms {
        down = down.hypot(term.down(tail)? * term.weighted);
        up = up.hypot(term.up(tail)? * term.weighted);
    }
    let high = finite("the end of an interval", estimate + up)?;
    Ok(VarianceInterval { estimate, low: (estimate - down).max(0.0), high })
}

/// Of one mean square less another, with one weight.
pub(crate) fn of_difference(
    first: &MeanSquare,
    second: &MeanSquare,
    confidence: f64,
) -> Result<VarianceInterval> {
    let tail = (1.0 - probability("the confidence", confidence)?) / 2.0;
    let (g, h) = (first.down(tail)?, first.up(tail)?);
    let (second_g, second_h) = (second.down(tail)?, second.up(tail)?);
    let upper_f = fisher_upper_point(first.freedom, second.freedom, tail)?;
    let lower_f = fisher_upper_point(first.freedom, second.freedom, 1.0 - tail)?;
    let g_both = mixed(upper_f, upper_f - 1.0, g, second_h);
    let h_both = mixed(lower_f, 1.0 - lower_f, h, second_g);
    let (a, b) = (first.weighted, second.weighted);
    let spread = |own: f64, other: f64, both: f64| {
        ((own * a).powi(2) + (other * b).powi(2) + both * a * b).max(0.0).sqrt()
    };
    let estimate = a - b;
    let high = finite("the end of an interval", estimate + spread(h, second_g, h_both))?;
    let low = estimate - spread(g, second_h, g_both);
    Ok(VarianceInterval { estimate, low: low.max(0.0), high: high.max(0.0) })
}

/// The mixed term that makes the interval exact where the second variance is 0.
fn mixed(f: f64, apart: f64, own: f64, other: f64) -> f64 {
    (apart * apart - (own * f).powi(2) - other * other) / f
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(mean_square: f64, freedom: f64, weight: f64) -> MeanSquare {
        MeanSquare::of(&AnovaRow { squares: mean_square * freedom, freedom }, weight)
    }

    /// Burdick, Borror and Montgomery 2003, of Houf and Berman's ten parts, three operators and
    /// three trials: mean squares 437.33, 19.63, 2.70 and 0.51; parts 22.69 to 161.64, gauge 1.20 to 27.02.
    #[test]
    fn intervals_are_burdicks() {
        let parts =
            of_difference(&square(437.33, 9.0, 1.0 / 9.0), &square(2.70, 18.0, 1.0 / 9.0), 0.95)
                .unwrap();
        assert!((parts.low - 22.69).abs() < 0.02, "{parts:?}");
        assert!((parts.high - 161.64).abs() < 0.2, "{parts:?}");
        let gauge = of_sum(
            &[
                square(19.63, 2.0, 1.0 / 30.0),
                square(2.70, 18.0, 9.0 / 30.0),
                square(0.51, 60.0, 20.0 / 30.0),
            ],
            0.95,
        )
        .unwrap();
        assert!((gauge.low - 1.20).abs() < 0.01, "{gauge:?}");
        assert!((gauge.high - 27.02).abs() < 0.02, "{gauge:?}");
    }

    /// A single mean square has the interval of chi squared.
    #[test]
    fn one_term_is_chi_squared() {
        let found = of_sum(&[square(4.0, 19.0, 1.0)], 0.95).unwrap();
        assert!((found.low - 76.0 / 32.852).abs() < 1e-3, "{found:?}");
        assert!((found.high - 76.0 / 8.907).abs() < 1e-3, "{found:?}");
        assert!(of_sum(&[square(4.0, 19.0, 1.0)], 1.0).is_err());
    }
}
