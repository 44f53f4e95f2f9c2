//! What moves on a node beside its steady voltage: seen by oscilloscopes and by alternating functions.

use super::law::Pair;

/// The form of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A sine.
    Sine,
    /// Up slowly, down at once.
    Sawtooth,
    /// Up and down alike.
    Triangle,
    /// Above and below.
    Square,
}

/// An alternating voltage between two nodes, there while something feeds them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ripple {
    /// Where it is.
    pub(crate) nodes: Pair,
    /// In volts, peak to peak.
    pub(crate) peak_to_peak: f64,
    /// In hertz.
    pub(crate) frequency: f64,
    /// Its form.
    pub(crate) shape: Shape,
}

impl Ripple {
    /// The voltage at a time in seconds.
    pub(crate) fn at(&self, time: f64) -> f64 {
        let phase = (time * self.frequency).rem_euclid(1.0);
        let unit = match self.shape {
            Shape::Sine => (phase * std::f64::consts::TAU).sin() / 2.0,
            Shape::Sawtooth => phase - 0.5,
            Shape::Triangle => (2.0 * phase - 1.0).abs() - 0.5,
            Shape::Square if phase < 0.5 => 0.5,
            Shape::Square => -0.5,
        };
        self.peak_to_peak * unit
    }

    /// Its root mean square in volts.
    pub(crate) fn rms(&self) -> f64 {
        let crest_twice = match self.shape {
            Shape::Sine => 8.0_f64.sqrt(),
            Shape::Sawtooth | Shape::Triangle => 12.0_f64.sqrt(),
            Shape::Square => 2.0,
        };
        self.peak_to_peak / crest_twice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_value_is_that_of_the_form() {
        for shape in [Shape::Sine, Shape::Sawtooth, Shape::Triangle, Shape::Square] {
            let ripple = Ripple { nodes: [1, 0], peak_to_peak: 2.0, frequency: 50.0, shape };
            let samples: Vec<f64> = (0..20_000).map(|i| ripple.at(f64::from(i) / 1e6)).collect();
            let mean_square = samples.iter().map(|v| v * v).sum::<f64>() / 20_000.0;
            assert!((mean_square.sqrt() - ripple.rms()).abs() < 1e-3, "{shape:?}");
            let highest = samples.iter().copied().fold(f64::MIN, f64::max);
            assert!((highest - 1.0).abs() < 1e-3, "{shape:?}");
        }
    }
}
