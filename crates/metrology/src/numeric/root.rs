//! Where a function crosses zero.

/// Enough for every digit of a float, by halving alone.
const STEPS: usize = 200;

/// Times that a bracket is doubled before it is given up.
const DOUBLINGS: usize = 200;

/// The zero of a monotone function between two points at which its signs differ, by Ridders' method (IEEE
/// Transactions on Circuits and Systems 26 (1979) 979). `None` when there is no change of sign.
pub(crate) fn between(function: impl Fn(f64) -> f64, low: f64, high: f64) -> Option<f64> {
    let mut bracket = Bracket { low, high, at_low: function(low), at_high: function(high) };
    if bracket.at_low == 0.0 {
        return Some(low);
    }
    if bracket.at_high == 0.0 {
        return Some(high);
    }
    let opposite = bracket.at_low.is_sign_negative() != bracket.at_high.is_sign_negative();
    let usable = opposite && bracket.at_low.is_finite() && bracket.at_high.is_finite();
    for _ in 0..STEPS {
        let middle = f64::midpoint(bracket.low, bracket.high);
        if !usable || bracket.is_closed(middle) {
            break;
        }
        let at_middle = function(middle);
        let ridders = bracket.step(middle, at_middle);
        bracket.narrow(middle, at_middle);
        if bracket.contains(ridders) {
            bracket.narrow(ridders, function(ridders));
        }
    }
    usable.then(|| bracket.nearer())
}

/// The zero of a function that falls or rises from `start` on, looked for ever further up.
pub(crate) fn above(function: impl Fn(f64) -> f64, start: f64, first_step: f64) -> Option<f64> {
    let negative = function(start).is_sign_negative();
    let mut step = first_step;
    for _ in 0..DOUBLINGS {
        let value = function(start + step);
        if !value.is_finite() {
            return None;
        }
        if value == 0.0 || value.is_sign_negative() != negative {
            return between(function, start, start + step);
        }
        step *= 2.0;
    }
    None
}

struct Bracket {
    low: f64,
    high: f64,
    at_low: f64,
    at_high: f64,
}

impl Bracket {
    fn is_closed(&self, middle: f64) -> bool {
        let width = (self.high - self.low).abs();
        width <= 4.0 * f64::EPSILON * middle.abs() || middle == self.low || middle == self.high
    }

    fn contains(&self, point: f64) -> bool {
        point > self.low.min(self.high) && point < self.low.max(self.high)
    }

    /// Ridders' estimate: the exponential that straightens the three points.
    fn step(&self, middle: f64, at_middle: f64) -> f64 {
        let root = (at_middle * at_middle - self.at_low * self.at_high).sqrt();
        middle + (middle - self.low) * (self.at_low - self.at_high).signum() * at_middle / root
    }

    fn narrow(&mut self, point: f64, value: f64) {
        if value == 0.0 {
            (self.low, self.high, self.at_low, self.at_high) = (point, point, value, value);
        } else if value.is_sign_negative() == self.at_low.is_sign_negative() {
            (self.low, self.at_low) = (point, value);
        } else {
            (self.high, self.at_high) = (point, value);
        }
    }

    fn nearer(&self) -> f64 {
        if self.at_low.abs() <= self.at_high.abs() { self.low } else { self.high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_to_the_last_digits() {
        let root = between(|x| x * x - 2.0, 0.0, 2.0).unwrap();
        assert!((root - std::f64::consts::SQRT_2).abs() < 1e-15);
        let far = above(|x| x.ln() - 20.0, 1.0, 1.0).unwrap();
        assert!((far / 20_f64.exp() - 1.0).abs() < 1e-14);
        let steep = between(|x| x.powi(9) - 1e-9, 0.0, 100.0).unwrap();
        assert!((steep - 0.1).abs() < 1e-12, "{steep}");
    }

    #[test]
    fn where_there_is_none_none_is_found() {
        assert_eq!(between(|x| x * x + 1.0, -1.0, 1.0), None);
        assert_eq!(between(|_| f64::NAN, -1.0, 1.0), None);
    }
}
