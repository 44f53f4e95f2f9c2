//! Sums that carry what rounding took: a float and its remainder.
//!
//! Knuth's two-sum, The Art of Computer Programming, volume 2, 4.2.2, theorem B.

/// The unevaluated sum of two floats, the second of which is below the last digit of the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Twofold {
    high: f64,
    low: f64,
}

impl Twofold {
    pub(crate) fn new(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }

    /// Adds one float; nothing is lost but what lies beyond 106 bits.
    pub(crate) fn plus(self, value: f64) -> Self {
        let (high, rest) = two_sum(self.high, value);
        let (high, low) = two_sum(high, rest + self.low);
        Self { high, low }
    }

    /// Its difference to another, rounded once.
    pub(crate) fn minus(self, other: Self) -> f64 {
        self.plus(-other.high).plus(-other.low).value()
    }

    /// Rounded to one float.
    pub(crate) fn value(self) -> f64 {
        self.high + self.low
    }
}

/// The rounded sum and exactly what the rounding took.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// A sum of any length that rounds once, at its end.
pub(crate) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(Twofold::default(), Twofold::plus).value()
}

/// The mean, to the last digit.
pub(crate) fn mean(values: &[f64]) -> f64 {
    sum(values.iter().copied()) / super::real(values.len())
}

/// The sum of squared deviations from a centre.
pub(crate) fn squares_about(values: &[f64], centre: f64) -> f64 {
    sum(values.iter().map(|value| (value - centre) * (value - centre)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plain_sums_lose_is_kept() {
        assert_eq!(sum([1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(std::iter::repeat_n(0.1, 10)), 1.0);
        let third = Twofold::new(1e16).plus(1.0).plus(-1e16);
        assert_eq!(third.value(), 1.0);
    }
}
