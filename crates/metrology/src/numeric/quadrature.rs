//! Definite integrals of smooth functions.

use super::real;

/// Points of one panel.
const POINTS: usize = 20;

/// A Gauss-Legendre rule of 20 points (Abramowitz and Stegun, 25.4.30), laid over panels.
pub(crate) struct Rule {
    /// Points in -1 ... 1 and their weights.
    points: Vec<(f64, f64)>,
}

impl Rule {
    pub(crate) fn new() -> Self {
        Self { points: (0..POINTS).map(point).collect() }
    }

    /// The integral from `low` to `high`, cut into panels of equal width.
    pub(crate) fn integrate(
        &self,
        function: impl Fn(f64) -> f64,
        low: f64,
        high: f64,
        panels: usize,
    ) -> f64 {
        let terms = self.laid_over(low, high, panels).into_iter();
        terms.map(|(at, weight)| weight * function(at)).sum()
    }

    /// The points between `low` and `high`, and their weights.
    pub(crate) fn laid_over(&self, low: f64, high: f64, panels: usize) -> Vec<(f64, f64)> {
        let half = (high - low) / real(panels) / 2.0;
        let middles = (0..panels).map(|index| low + (2.0 * real(index) + 1.0) * half);
        let panel = |middle: f64| {
            self.points.iter().map(move |(at, weight)| (middle + half * at, weight * half))
        };
        middles.flat_map(panel).collect()
    }
}

/// A zero of Legendre's polynomial by Newton's method, and its weight 2 / ((1 - x^2) P'(x)^2).
fn point(index: usize) -> (f64, f64) {
    let mut at = (std::f64::consts::PI * (real(index) + 0.75) / (real(POINTS) + 0.5)).cos();
    for _ in 0..100 {
        let (value, slope) = legendre(at);
        let step = value / slope;
        at -= step;
        if step.abs() < 1e-16 {
            break;
        }
    }
    let (_, slope) = legendre(at);
    (at, 2.0 / ((1.0 - at * at) * slope * slope))
}

/// Legendre's polynomial and its slope, by the recurrence of Abramowitz and Stegun, 22.7.10.
fn legendre(at: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, at);
    for degree in 2..=POINTS {
        let degree = real(degree);
        let next = ((2.0 * degree - 1.0) * at * value - (degree - 1.0) * before) / degree;
        (before, value) = (value, next);
    }
    (value, real(POINTS) * (at * value - before) / (at * at - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_are_good_to_the_last_digits() {
        let rule = Rule::new();
        assert!((rule.integrate(f64::exp, 0.0, 1.0, 1) - 1_f64.exp_m1()).abs() < 1e-14);
        let bell = rule.integrate(|x| (-x * x / 2.0).exp(), -9.0, 9.0, 6);
        assert!((bell - (2.0 * std::f64::consts::PI).sqrt()).abs() < 1e-14);
        assert!((rule.integrate(|x| x.powi(39), 0.0, 1.0, 1) - 1.0 / 40.0).abs() < 1e-15);
    }
}
