//! What alternates: its form over a period, and what is done with that over time.
//!
//! A wave has no mean of its own: what a form has of one goes into the steady part of the circuit.

use std::f64::consts::TAU;
use std::sync::Arc;

use crate::noise::deviate_at;

/// Places in a period at which a form is summed up.
const SUMMED: u32 = 4096;

/// New values of noise a second.
const NOISE_RATE: f64 = 1e9;

/// The form of a period.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    /// A sine.
    Sine,
    /// Up slowly, down at once.
    Sawtooth,
    /// Down and up alike.
    Triangle,
    /// Above for a part of the period, below for the rest.
    Square {
        /// That part.
        duty: f64,
    },
    /// Up for a part of the period, down for the rest, beginning in the middle of the rise.
    Ramp {
        /// That part.
        symmetry: f64,
    },
    /// A pulse with edges, all as parts of the period; its width is between the middles of the edges.
    Pulse {
        /// Of the whole pulse.
        width: f64,
        /// Of its rise.
        rise: f64,
        /// Of its fall.
        fall: f64,
    },
    /// Values from -0.5 to 0.5, one after the other.
    Samples(Arc<[f64]>),
    /// Another value at every moment; its scale is the standard deviation.
    Noise {
        /// Which noise.
        stream: u64,
    },
}

/// What is done with a form over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Course {
    /// One period after the other.
    Steady,
    /// Some periods, and then the level at which they began.
    Burst {
        /// Periods.
        cycles: f64,
        /// From one burst to the next, in seconds.
        every: f64,
    },
    /// The frequency goes from its own to another, and begins again.
    Sweep {
        /// In hertz.
        to: f64,
        /// In seconds.
        time: f64,
        /// By equal ratios in equal times, otherwise by equal differences.
        is_logarithmic: bool,
    },
    /// The amplitude follows a sine: at a depth of 1 from nothing to all of it.
    Amplitude {
        /// Of the sine, in hertz.
        frequency: f64,
        /// From 0.
        depth: f64,
    },
    /// The frequency follows a sine.
    Frequency {
        /// Of the sine, in hertz.
        frequency: f64,
        /// To either side, in hertz.
        deviation: f64,
    },
    /// The phase follows a sine.
    Phase {
        /// Of the sine, in hertz.
        frequency: f64,
        /// To either side, in turns.
        deviation: f64,
    },
    /// The frequency jumps to and fro.
    Hop {
        /// Half periods of either a second, in hertz.
        rate: f64,
        /// The other frequency, in hertz.
        to: f64,
    },
    /// It is there and away.
    Keyed {
        /// In hertz.
        rate: f64,
    },
}

/// An alternating voltage or current.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wave {
    form: Form,
    course: Course,
    /// Peak to peak; of noise, the standard deviation. Negative turns it over.
    pub(crate) scale: f64,
    /// In hertz.
    pub(crate) frequency: f64,
    /// In turns, at time 0.
    phase: f64,
    /// Of the form with a scale of 1.
    mean: f64,
    rms: f64,
}

impl Wave {
    pub(crate) fn new(form: Form, course: Course, scale: f64, frequency: f64, turns: f64) -> Self {
        let (mean, rms) = summed(&form);
        Self { form, course, scale, frequency, phase: turns, mean, rms }
    }

    /// One period after the other.
    pub(crate) fn steady(form: Form, scale: f64, frequency: f64) -> Self {
        Self::new(form, Course::Steady, scale, frequency, 0.0)
    }

    /// So many times as large.
    pub(crate) fn times(&self, factor: f64) -> Self {
        Self { scale: self.scale * factor, ..self.clone() }
    }

    /// So many turns earlier; all of its form, as its fundamental is.
    pub(crate) fn ahead(self, turns: f64) -> Self {
        Self { phase: self.phase + turns, ..self }
    }

    /// What its form has of a steady part, which it is without.
    pub(crate) fn mean(&self) -> f64 {
        self.scale * self.mean
    }

    /// The value at a time in seconds.
    pub(crate) fn at(&self, time: f64) -> f64 {
        let unit = match (&self.form, self.course) {
            (Form::Noise { stream }, _) => deviate_at(*stream, tick(time)),
            (form, Course::Burst { cycles, every }) => {
                let turns = time.rem_euclid(every) * self.frequency;
                form.at(self.phase + if turns < cycles { turns } else { 0.0 })
            }
            (form, Course::Amplitude { frequency, depth }) => {
                let factor = (1.0 + depth * (time * frequency * TAU).sin()) / 2.0;
                return self.scale * factor * (form.at(self.turns(time)) - self.mean);
            }
            (_, Course::Keyed { rate }) if (time * rate).rem_euclid(1.0) >= 0.5 => {
                return 0.0;
            }
            (form, _) => form.at(self.turns(time)),
        };
        self.scale * (unit - self.mean)
    }

    /// Its root mean square.
    pub(crate) fn rms(&self) -> f64 {
        let of_course = match self.course {
            Course::Burst { cycles, every } => (cycles / (every * self.frequency)).min(1.0).sqrt(),
            Course::Amplitude { depth, .. } => (1.0 + depth * depth / 2.0).sqrt() / 2.0,
            Course::Keyed { .. } => 0.5_f64.sqrt(),
            _ => 1.0,
        };
        self.scale.abs() * self.rms * of_course
    }

    /// After how many seconds it begins again; never, for noise.
    pub(crate) fn repeats_after(&self) -> Option<f64> {
        if matches!(self.form, Form::Noise { .. }) {
            return None;
        }
        Some(match self.course {
            Course::Steady => 1.0 / self.frequency,
            Course::Burst { every, .. } => every,
            Course::Sweep { time, .. } => time,
            Course::Amplitude { frequency, .. }
            | Course::Frequency { frequency, .. }
            | Course::Phase { frequency, .. } => 1.0 / frequency,
            Course::Hop { rate, .. } | Course::Keyed { rate } => 1.0 / rate,
        })
    }

    /// The turns of the form since time 0, its phase included.
    fn turns(&self, time: f64) -> f64 {
        let own = self.frequency;
        let turns = match self.course {
            Course::Sweep { to, time: all, is_logarithmic } => {
                let time = time.rem_euclid(all);
                let ratio = (to / own).ln();
                if is_logarithmic && ratio != 0.0 {
                    own * all / ratio * ((ratio * time / all).exp() - 1.0)
                } else {
                    own * time + (to - own) * time * time / (2.0 * all)
                }
            }
            Course::Frequency { frequency, deviation } => {
                let swing = (1.0 - (time * frequency * TAU).cos()) / (TAU * frequency);
                own * time + deviation * swing
            }
            Course::Phase { frequency, deviation } => {
                own * time + deviation * (time * frequency * TAU).sin()
            }
            Course::Hop { rate, to } => {
                let (whole, part) = ((time * rate).floor(), (time * rate).rem_euclid(1.0));
                let at_own = whole * 0.5 + part.min(0.5);
                let at_other = whole * 0.5 + (part - 0.5).max(0.0);
                (at_own * own + at_other * to) / rate
            }
            _ => own * time,
        };
        turns + self.phase
    }
}

impl Form {
    /// The value after so many turns, peak to peak 1.
    fn at(&self, turns: f64) -> f64 {
        let phase = turns.rem_euclid(1.0);
        match self {
            Self::Sine => (phase * TAU).sin() / 2.0,
            Self::Sawtooth => phase - 0.5,
            Self::Triangle => (2.0 * phase - 1.0).abs() - 0.5,
            Self::Square { duty } if phase < *duty => 0.5,
            Self::Square { .. } => -0.5,
            Self::Ramp { symmetry } => ramp(phase, *symmetry),
            Self::Pulse { width, rise, fall } => pulse(phase, *width, *rise, *fall),
            Self::Samples(samples) => sample(samples, phase),
            Self::Noise { .. } => 0.0,
        }
    }
}

/// From its middle up, down and up to its middle again; at 0.5 a triangle that begins as a sine does.
fn ramp(phase: f64, symmetry: f64) -> f64 {
    let place = (phase + symmetry / 2.0).rem_euclid(1.0);
    if place < symmetry {
        place / symmetry - 0.5
    } else {
        0.5 - (place - symmetry) / (1.0 - symmetry)
    }
}

/// It begins with its rise.
fn pulse(phase: f64, width: f64, rise: f64, fall: f64) -> f64 {
    let falls_at = width + (rise - fall) / 2.0;
    if phase < rise {
        phase / rise - 0.5
    } else if phase < falls_at {
        0.5
    } else if phase < falls_at + fall {
        0.5 - (phase - falls_at) / fall
    } else {
        -0.5
    }
}

/// Each is held until the next.
fn sample(samples: &[f64], phase: f64) -> f64 {
    let count = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let place = crate::settings::whole((phase * f64::from(count)).floor()).unwrap_or(0);
    let place = usize::try_from(place).unwrap_or(0);
    samples.get(place).or(samples.last()).copied().unwrap_or(0.0)
}

/// The mean of a form and the root mean square of what is left without it.
fn summed(form: &Form) -> (f64, f64) {
    if matches!(form, Form::Noise { .. }) {
        return (0.0, 1.0);
    }
    let count = f64::from(SUMMED);
    let values = || (0..SUMMED).map(|place| form.at((f64::from(place) + 0.5) / count));
    let mean = values().sum::<f64>() / count;
    // What the places themselves make of a form that has no mean is none.
    let mean = if mean.abs() < 1e-12 { 0.0 } else { mean };
    let square = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, square.sqrt())
}

/// Which value of noise it is at a time.
fn tick(time: f64) -> u64 {
    (time * NOISE_RATE).floor().to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(wave: &Wave, seconds: f64) -> (f64, f64) {
        let values = (0..200_000).map(|i| wave.at(f64::from(i) / 200_000.0 * seconds));
        let squares = values.clone().map(|value| value * value).sum::<f64>() / 200_000.0;
        (values.sum::<f64>() / 200_000.0, squares.sqrt())
    }

    #[test]
    fn the_effective_value_is_that_of_the_form() {
        let steps: Arc<[f64]> = Arc::from([0.5, -0.5, -0.5, -0.5]);
        for (form, rms) in [
            (Form::Sine, 2.0 / 8.0_f64.sqrt()),
            (Form::Sawtooth, 2.0 / 12.0_f64.sqrt()),
            (Form::Triangle, 2.0 / 12.0_f64.sqrt()),
            (Form::Square { duty: 0.5 }, 1.0),
            // A square of duty d has sqrt(d (1 - d)) of its peak to peak value.
            (Form::Square { duty: 0.2 }, 2.0 * 0.16_f64.sqrt()),
            (Form::Samples(steps), 2.0 * 0.1875_f64.sqrt()),
            (Form::Ramp { symmetry: 0.8 }, 2.0 / 12.0_f64.sqrt()),
            (Form::Pulse { width: 0.2, rise: 1e-6, fall: 1e-6 }, 2.0 * 0.16_f64.sqrt()),
            (Form::Noise { stream: 7 }, 2.0),
        ] {
            let wave = Wave::steady(form.clone(), 2.0, 50.0);
            assert!((wave.rms() / rms - 1.0).abs() < 1e-3, "{form:?}: {}", wave.rms());
            let (mean, found) = measured(&wave, 0.1);
            assert!(mean.abs() < 0.02, "{form:?}: {mean}");
            assert!((found / rms - 1.0).abs() < 0.01, "{form:?}: {found}");
        }
    }

    #[test]
    fn what_a_form_has_of_a_mean() {
        let mean = |form| Wave::steady(form, 4.0, 1e3).mean();
        assert!((mean(Form::Square { duty: 0.25 }) + 1.0).abs() < 1e-9);
        assert!(mean(Form::Sine).abs() < 1e-9);
    }

    #[test]
    fn courses_have_their_effective_value_too() {
        for (course, seconds, factor) in [
            (Course::Burst { cycles: 3.0, every: 0.01 }, 0.01, 0.3_f64.sqrt()),
            // A sine modulated by m: half of it, times the root of 1 + m²/2.
            (Course::Amplitude { frequency: 100.0, depth: 1.0 }, 0.01, 0.5 * 1.5_f64.sqrt()),
            (Course::Keyed { rate: 100.0 }, 0.01, 0.5_f64.sqrt()),
            (Course::Hop { rate: 100.0, to: 2e3 }, 0.01, 1.0),
            (Course::Frequency { frequency: 100.0, deviation: 300.0 }, 0.01, 1.0),
            (Course::Phase { frequency: 100.0, deviation: 0.1 }, 0.01, 1.0),
            (Course::Sweep { to: 2e3, time: 0.01, is_logarithmic: false }, 0.01, 1.0),
            (Course::Sweep { to: 2e3, time: 0.01, is_logarithmic: true }, 0.01, 1.0),
        ] {
            let wave = Wave::new(Form::Sine, course, 2.0, 1e3, 0.0);
            let wanted = factor * 0.5_f64.sqrt();
            assert!((wave.rms() / wanted - 1.0).abs() < 1e-3, "{course:?}: {}", wave.rms());
            let (_, found) = measured(&wave, seconds);
            assert!((found / wanted - 1.0).abs() < 0.05, "{course:?}: {found}");
        }
    }

    /// From 1 to 3 kHz in 10 ms: 20 turns by differences, 2/ln 3 times 10 by ratios.
    #[test]
    fn a_sweep_has_the_turns_of_its_mean_frequency() {
        let turns = |is_logarithmic| {
            let course = Course::Sweep { to: 3e3, time: 0.01, is_logarithmic };
            Wave::new(Form::Sine, course, 1.0, 1e3, 0.0).turns(0.01 - 1e-12)
        };
        assert!((turns(false) - 20.0).abs() < 1e-6);
        assert!((turns(true) - 20.0 / 3.0_f64.ln()).abs() < 1e-6);
    }
}
