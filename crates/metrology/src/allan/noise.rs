//! Kinds of noise, and how to tell them apart.

use super::{AllanKind, PhaseSeries};
use crate::error::{Result, at_least};
use crate::numeric::whole;
use crate::summary::lag1_autocorrelation;

/// The fewest phases, an averaging time apart, from which a noise is told.
pub const LEAST_FOR_NOISE: usize = 30;

/// Below this a series needs no further differencing.
const STATIONARY: f64 = 0.25;

/// Power-law noise: its spectrum goes with frequency to the exponent (NIST SP 1065).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Noise {
    /// Exponent -4, seen by the Hadamard deviation alone.
    RandomRunFrequency,
    /// Exponent -3, seen by the Hadamard deviation alone.
    FlickerWalkFrequency,
    /// Exponent -2: the value wanders.
    RandomWalkFrequency,
    /// Exponent -1: averaging no longer helps.
    FlickerFrequency,
    /// Exponent 0: readings independent of each other.
    WhiteFrequency,
    /// Exponent 1.
    FlickerPhase,
    /// Exponent 2.
    WhitePhase,
}

impl Noise {
    const ALL: [Self; 7] = [
        Self::RandomRunFrequency,
        Self::FlickerWalkFrequency,
        Self::RandomWalkFrequency,
        Self::FlickerFrequency,
        Self::WhiteFrequency,
        Self::FlickerPhase,
        Self::WhitePhase,
    ];

    /// Alpha, the exponent of its spectrum.
    #[must_use]
    pub fn exponent(self) -> i32 {
        match self {
            Self::RandomRunFrequency => -4,
            Self::FlickerWalkFrequency => -3,
            Self::RandomWalkFrequency => -2,
            Self::FlickerFrequency => -1,
            Self::WhiteFrequency => 0,
            Self::FlickerPhase => 1,
            Self::WhitePhase => 2,
        }
    }

    /// The slope of a deviation against its averaging time, in a plot of both logarithms (NIST SP 1065).
    #[must_use]
    pub fn slope(self, kind: AllanKind) -> f64 {
        let alpha = f64::from(self.exponent());
        let of_frequency = (-1.0 - alpha) / 2.0;
        match kind {
            AllanKind::Modified => of_frequency,
            AllanKind::Time => of_frequency + 1.0,
            _ => of_frequency.max(-1.0),
        }
    }

    /// The noise whose slope is nearest; of white and flicker phase noise, which only [`AllanKind::Modified`] and
    /// [`AllanKind::Time`] tell apart, the other ones say flicker. None of a slope that is not a number.
    #[must_use]
    pub fn of_slope(kind: AllanKind, slope: f64) -> Option<Self> {
        let converging = |noise: &Self| noise.exponent() >= noise.lowest_of(kind);
        let apart = |noise: &Self| (noise.slope(kind) - slope).abs();
        let nearest = Self::ALL.into_iter().filter(converging);
        nearest.min_by(|a, b| apart(a).total_cmp(&apart(b))).filter(|_| !slope.is_nan())
    }

    /// The lowest exponent with which a deviation converges.
    pub(crate) fn lowest_of(self, kind: AllanKind) -> i32 {
        if kind.order() == 3 { -4 } else { -2 }
    }

    /// The noise of an estimated exponent.
    fn of_exponent(alpha: f64, kind: AllanKind) -> Self {
        let lowest = if kind.order() == 3 { 0 } else { 2 };
        let index = whole((alpha + 4.0).round().max(0.0)).clamp(lowest, Self::ALL.len() - 1);
        Self::ALL.get(index).copied().unwrap_or(Self::WhitePhase)
    }
}

impl PhaseSeries {
    /// The noise that dominates at an averaging factor, from the autocorrelation of neighbours in the phases an
    /// averaging time apart, differenced until they are stationary (Riley and Greenhall, 18th EFTF (2004); NIST
    /// SP 1065, 5.5). A strong drift should be taken off before.
    ///
    /// # Errors
    /// When the factor is 0 or leaves fewer than [`LEAST_FOR_NOISE`] phases, and when the differences are all
    /// equal.
    pub fn noise(&self, kind: AllanKind, factor: usize) -> Result<Noise> {
        at_least("the averaging factor", factor, 1)?;
        let mut values: Vec<f64> = self.phases().iter().step_by(factor).copied().collect();
        at_least("phases an averaging time apart", values.len(), LEAST_FOR_NOISE)?;
        let mut differenced = 0.0;
        for order in 0..=kind.order() {
            let lag1 = lag1_autocorrelation(&values)?;
            let half_exponent = lag1 / (1.0 + lag1);
            if half_exponent < STATIONARY || order == kind.order() {
                let alpha = 2.0 - 2.0 * (half_exponent + differenced);
                return Ok(Noise::of_exponent(alpha, kind));
            }
            let pairs = values.iter().zip(values.iter().skip(1));
            values = pairs.map(|(before, after)| after - before).collect();
            differenced += 1.0;
        }
        Ok(Noise::of_exponent(f64::NEG_INFINITY, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::random::Random;

    /// NIST SP 1065, its slopes of power-law noise.
    #[test]
    fn slopes_are_the_published_ones() {
        use AllanKind::{Allan, Hadamard, Modified, Time};
        for (noise, of_allan, of_modified, of_time) in [
            (Noise::WhitePhase, -1.0, -1.5, -0.5),
            (Noise::FlickerPhase, -1.0, -1.0, 0.0),
            (Noise::WhiteFrequency, -0.5, -0.5, 0.5),
            (Noise::FlickerFrequency, 0.0, 0.0, 1.0),
            (Noise::RandomWalkFrequency, 0.5, 0.5, 1.5),
        ] {
            let found = [Allan, Modified, Time].map(|kind| noise.slope(kind));
            assert_eq!(found, [of_allan, of_modified, of_time], "{noise:?}");
            assert_eq!(Noise::of_slope(Modified, of_modified + 0.1), Some(noise));
        }
        assert_eq!(Noise::of_slope(Allan, 1.4), Some(Noise::RandomWalkFrequency));
        assert_eq!(Noise::of_slope(Hadamard, 1.4), Some(Noise::RandomRunFrequency));
        assert_eq!(Noise::of_slope(Allan, f64::NAN), None);
    }

    fn summed(values: &[f64]) -> Vec<f64> {
        values
            .iter()
            .scan(0.0, |sum, value| {
                *sum += value;
                Some(*sum)
            })
            .collect()
    }

    #[test]
    fn simulated_noises_are_told_apart() {
        let mut random = Random::seeded(3);
        let white: Vec<f64> = (0..4_000).map(|_| random.normal()).collect();
        let walk = summed(&white);
        let runs = summed(&walk);
        for (phases, noise) in [
            (white, Noise::WhitePhase),
            (walk, Noise::WhiteFrequency),
            (runs, Noise::RandomWalkFrequency),
        ] {
            let series = PhaseSeries::from_phases(phases, 1.0).unwrap();
            assert_eq!(series.noise(AllanKind::Overlapping, 1), Ok(noise));
            let octaves = series.octaves(AllanKind::Modified).unwrap();
            let slope = octaves[1].slope_to(&octaves[5]).unwrap();
            assert!((slope - noise.slope(AllanKind::Modified)).abs() < 0.2, "{noise:?}: {slope}");
        }
    }

    #[test]
    fn the_domain_is_kept() {
        let series = PhaseSeries::from_phases((0..60).map(f64::from).collect(), 1.0).unwrap();
        assert!(series.noise(AllanKind::Allan, 0).is_err());
        assert!(series.noise(AllanKind::Allan, 3).is_err());
        assert!(series.noise(AllanKind::Allan, 1).is_err(), "a straight line has no noise");
    }
}
