//! Count, mean, deviation and extremes of floats: as fast as memory gives them, and in parts that can be merged.

use crate::error::{Result, StatisticsError, all_finite, at_least, finite};
use crate::numeric::{real, twofold::Twofold};

/// Values that are summed up before they are merged: 8 KiB, so that a block stays in the fastest cache while it
/// is gone through twice.
const BLOCK: usize = 1_024;

/// Sums side by side, for the registers of the processor.
const LANES: usize = 8;

/// Count, mean, sum of squared deviations and extremes of floats.
///
/// Blocks are gone through twice (deviations from the mean of the block, its own rounding corrected) and merged
/// by Chan, Golub and LeVeque (The American Statistician 37 (1983) 242); the mean is kept in two floats. So many
/// equal leading digits cost nothing beyond what the floats themselves have lost. Merged in any order and in any
/// parts the result is the same to some 15 digits; for sums that are exact there is
/// [`RunningSums`](super::RunningSums).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: usize,
    mean: Twofold,
    squares: f64,
    minimum: f64,
    maximum: f64,
}

impl Moments {
    /// Sums up. Of no values it is the empty one.
    ///
    /// # Errors
    /// When a value is not finite, and when squares pass the bounds of floats.
    pub fn of(values: &[f64]) -> Result<Self> {
        let merged =
            values.chunks(BLOCK).map(of_block).fold(Self::default(), |sum, part| sum.with(&part));
        if merged.squares.is_finite() && merged.mean.value().is_finite() {
            return Ok(merged);
        }
        all_finite("values to sum up", values)?;
        Err(StatisticsError::Bounds { what: "the sum of squares" })
    }

    /// Takes one more value.
    ///
    /// # Errors
    /// When it is not finite, and when squares pass the bounds of floats; then nothing is changed.
    pub fn push(&mut self, value: f64) -> Result<()> {
        if !value.is_finite() {
            let position = self.count + 1;
            return Err(StatisticsError::NotFinite { what: "values to sum up", position });
        }
        let mean = Twofold::new(value);
        let one = Self { count: 1, mean, squares: 0.0, minimum: value, maximum: value };
        *self = self.merged(&one)?;
        Ok(())
    }

    /// Both together, as if all values had come in one.
    ///
    /// # Errors
    /// When squares pass the bounds of floats.
    pub fn merged(&self, other: &Self) -> Result<Self> {
        let both = self.with(other);
        finite("the sum of squares", both.squares)?;
        Ok(both)
    }

    fn with(&self, other: &Self) -> Self {
        if self.count == 0 {
            return *other;
        }
        if other.count == 0 {
            return *self;
        }
        let count = self.count + other.count;
        let share = real(other.count) / real(count);
        let apart = other.mean.minus(self.mean);
        Self {
            count,
            mean: self.mean.plus(apart * share),
            squares: self.squares + other.squares + apart * apart * real(self.count) * share,
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
        }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The mean, in the unit of the values.
    ///
    /// # Errors
    /// Without values.
    pub fn mean(&self) -> Result<f64> {
        at_least("values for a mean", self.count, 1)?;
        Ok(self.mean.value())
    }

    /// The lowest.
    ///
    /// # Errors
    /// Without values.
    pub fn minimum(&self) -> Result<f64> {
        at_least("values for a minimum", self.count, 1)?;
        Ok(self.minimum)
    }

    /// The highest.
    ///
    /// # Errors
    /// Without values.
    pub fn maximum(&self) -> Result<f64> {
        at_least("values for a maximum", self.count, 1)?;
        Ok(self.maximum)
    }

    /// The experimental variance over n - 1 (GUM, JCGM 100:2008, 4.2.2), in the squared unit of the values.
    ///
    /// # Errors
    /// With fewer than two values.
    pub fn variance(&self) -> Result<f64> {
        at_least("values for a variance", self.count, 2)?;
        Ok(self.squares / real(self.count - 1))
    }

    /// The experimental standard deviation over n - 1 (GUM, 4.2.2), in the unit of the values.
    ///
    /// # Errors
    /// With fewer than two values.
    pub fn standard_deviation(&self) -> Result<f64> {
        Ok(self.variance()?.sqrt())
    }

    /// The experimental standard deviation of the mean, s / sqrt(n) (GUM, 4.2.3); for values independent of each
    /// other.
    ///
    /// # Errors
    /// With fewer than two values.
    pub fn standard_error(&self) -> Result<f64> {
        Ok(self.standard_deviation()? / real(self.count).sqrt())
    }
}

/// Two passes over values that are in the cache.
fn of_block(values: &[f64]) -> Moments {
    let rough =
        lanes(values, 0.0, |sum, value| sum + value).iter().sum::<f64>() / real(values.len());
    let rest: f64 = lanes(values, 0.0, |sum, value| sum + (value - rough)).iter().sum();
    let square = |sum: f64, value: f64| sum + (value - rough) * (value - rough);
    let squares: f64 = lanes(values, 0.0, square).iter().sum();
    let lower = |low: f64, value: f64| if value < low { value } else { low };
    let higher = |high: f64, value: f64| if value > high { value } else { high };
    let fold = |lanes: [f64; LANES], pick: &dyn Fn(f64, f64) -> f64| {
        lanes.iter().fold(lanes[0], |found, value| pick(found, *value))
    };
    Moments {
        count: values.len(),
        mean: Twofold::new(rough).plus(rest / real(values.len())),
        squares: squares - rest * rest / real(values.len()),
        minimum: fold(lanes(values, f64::INFINITY, lower), &lower),
        maximum: fold(lanes(values, f64::NEG_INFINITY, higher), &higher),
    }
}

/// The values gone through in [`LANES`] series, each of which the processor works on at once with its neighbours.
#[inline]
fn lanes(values: &[f64], start: f64, step: impl Fn(f64, f64) -> f64) -> [f64; LANES] {
    let mut lanes = [start; LANES];
    let (whole, rest) = values.as_chunks::<LANES>();
    for chunk in whole {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = step(*lane, *value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane = step(*lane, *value);
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_the_domain_there_is_an_error() {
        let empty = Moments::of(&[]).unwrap();
        assert!(empty.mean().is_err() && empty.minimum().is_err() && empty.variance().is_err());
        let one = Moments::of(&[1.5]).unwrap();
        assert_eq!(one.mean(), Ok(1.5));
        let wanted = StatisticsError::TooFew { what: "values for a variance", found: 1, wanted: 2 };
        assert_eq!(one.standard_deviation(), Err(wanted));
    }

    #[test]
    fn what_is_not_finite_is_named() {
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let wanted = StatisticsError::NotFinite { what: "values to sum up", position: 3 };
            assert_eq!(Moments::of(&[1.0, 2.0, wrong, 4.0]), Err(wanted));
            let mut moments = Moments::of(&[1.0, 2.0]).unwrap();
            assert_eq!(moments.push(wrong), Err(wanted));
            assert_eq!(moments.count(), 2);
        }
        let beyond = Moments::of(&[1e300, -1e300]);
        assert_eq!(beyond, Err(StatisticsError::Bounds { what: "the sum of squares" }));
    }
}
