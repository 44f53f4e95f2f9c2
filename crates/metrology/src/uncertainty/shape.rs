//! The distributions that an input quantity may have, each with a standard deviation of one about zero.

use crate::distribution::{normal_cdf, normal_quantile, student_cdf, student_quantile};
use crate::error::{Result, domain, probability};

/// What is known of an input's distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Normal; with finite degrees of freedom Student's t (JCGM 101:2008, 6.4.7 and 6.4.9).
    Normal,
    /// Anything within bounds, each as likely (GUM 4.3.7): half width a, u = a / sqrt(3).
    Rectangular,
    /// The sum of two equal rectangles (GUM 4.3.9): u = a / sqrt(6).
    Triangular,
    /// A sine's values, for cycling temperatures (JCGM 101, 6.4.6): u = a / sqrt(2).
    Arcsine,
    /// The sum of two unequal rectangles (GUM 4.3.9): u = a sqrt((1 + top^2) / 6). `top` is the width of the top
    /// divided by that of the base, 0 for a triangle, 1 for a rectangle.
    Trapezoidal {
        /// Top width over base width, 0 to 1.
        top: f64,
    },
}

impl Shape {
    /// Its name in a budget.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Rectangular => "rectangular",
            Self::Triangular => "triangular",
            Self::Arcsine => "arcsine",
            Self::Trapezoidal { .. } => "trapezoidal",
        }
    }

    /// The half width over the standard uncertainty. A normal distribution has no bounds.
    ///
    /// # Errors
    /// For a normal distribution, and for a trapezoid whose top is not 0 to 1.
    pub fn half_width(self) -> Result<f64> {
        let square = match self {
            Self::Normal => f64::INFINITY,
            Self::Rectangular => 3.0,
            Self::Triangular => 6.0,
            Self::Arcsine => 2.0,
            Self::Trapezoidal { top } => 6.0 / (1.0 + top_width(top)?.powi(2)),
        };
        domain("the half width of a distribution", square, square.is_finite(), "one with bounds")
            .map(f64::sqrt)
    }

    /// The probability above `x` of zero or more, in standard uncertainties.
    pub(crate) fn above(self, freedom: f64, x: f64) -> Result<f64> {
        if let Self::Normal = self {
            return if freedom.is_finite() { student_cdf(freedom, -x) } else { Ok(normal_cdf(-x)) };
        }
        let part = (x / self.half_width()?).clamp(-1.0, 1.0);
        Ok(match self {
            Self::Arcsine => part.acos() / std::f64::consts::PI,
            Self::Triangular => trapezoid_above(0.0, part),
            Self::Trapezoidal { top } => trapezoid_above(top, part),
            _ => (1.0 - part) / 2.0,
        })
    }

    /// The point above which it lies with probability `tail` of a half or less, in standard uncertainties.
    pub(crate) fn point_above(self, freedom: f64, tail: f64) -> Result<f64> {
        let tail = probability("the tail of a distribution", tail)?;
        if let Self::Normal = self {
            let quantile = if freedom.is_finite() {
                student_quantile(freedom, tail)
            } else {
                normal_quantile(tail)
            };
            return quantile.map(|quantile| -quantile);
        }
        let part = match self {
            Self::Arcsine => (std::f64::consts::PI * tail).cos(),
            Self::Triangular => trapezoid_point(0.0, tail),
            Self::Trapezoidal { top } => trapezoid_point(top, tail),
            _ => 1.0 - 2.0 * tail,
        };
        Ok(part * self.half_width()?)
    }
}

fn top_width(top: f64) -> Result<f64> {
    domain("the top of a trapezoid", top, (0.0..=1.0).contains(&top), "0 to 1 of its base")
}

/// Above `part` of the half width: the slope is a parabola, the top a straight line.
fn trapezoid_above(top: f64, part: f64) -> f64 {
    if part >= top && top < 1.0 {
        (1.0 - part).powi(2) / (2.0 * (1.0 - top * top))
    } else {
        0.5 - part / (1.0 + top)
    }
}

fn trapezoid_point(top: f64, tail: f64) -> f64 {
    let at_edge = trapezoid_above(top, top);
    if tail <= at_edge {
        1.0 - (2.0 * (1.0 - top * top) * tail).sqrt()
    } else {
        (0.5 - tail) * (1.0 + top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPES: [Shape; 6] = [
        Shape::Normal,
        Shape::Rectangular,
        Shape::Triangular,
        Shape::Arcsine,
        Shape::Trapezoidal { top: 0.4 },
        Shape::Trapezoidal { top: 1.0 },
    ];

    #[test]
    fn points_and_probabilities_are_inverse() {
        for shape in SHAPES {
            for tail in [1e-6, 0.01, 0.2, 0.37, 0.5] {
                let point = shape.point_above(f64::INFINITY, tail).unwrap();
                let back = shape.above(f64::INFINITY, point).unwrap();
                assert!((back - tail).abs() < 1e-9, "{shape:?} {tail}: {back}");
            }
        }
    }

    #[test]
    fn every_shape_has_a_deviation_of_one() {
        for shape in SHAPES {
            let tails = (0..20_000).map(|index| (f64::from(index) + 0.5) / 40_000.0);
            let squares = tails.map(|tail| shape.point_above(f64::INFINITY, tail).unwrap().powi(2));
            let variance = squares.sum::<f64>() / 20_000.0;
            assert!((variance - 1.0).abs() < 1e-3, "{shape:?}: {variance}");
        }
    }

    #[test]
    fn limiting_trapezoids_are_triangle_and_rectangle() {
        for (top, same) in [(0.0, Shape::Triangular), (1.0, Shape::Rectangular)] {
            let trapezoid = Shape::Trapezoidal { top };
            assert_eq!(trapezoid.half_width(), same.half_width());
            assert_eq!(trapezoid.above(1.0, 0.7), same.above(1.0, 0.7));
        }
        assert!(Shape::Trapezoidal { top: 1.1 }.half_width().is_err());
        assert!(Shape::Normal.half_width().is_err());
    }
}
