//! One channel of a generator: how it is set, and what that makes of its end of the circuit.
//!
//! Levels are set for a load; without that load the same setting gives other voltages, as on real ones.

use std::sync::Arc;

use crate::circuit::{Course, Errors, Form, GeneratorSetting, Wave};

/// Of the output, in ohms.
pub(crate) const OUTPUT_OHMS: f64 = 50.0;

/// The least part of a period that an edge of a pulse takes.
const LEAST_EDGE: f64 = 1e-9;

/// What a channel makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sine,
    Square,
    Ramp,
    Pulse,
    Noise,
    Arbitrary,
    Direct,
}

/// What is done with it over time; one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Steady,
    Modulated(Modulation),
    Swept,
    Burst,
}

/// How it is modulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modulation {
    Amplitude,
    Frequency,
    Phase,
    AmplitudeShift,
    FrequencyShift,
}

/// How a channel is set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Channel {
    pub(super) on: bool,
    /// The load that levels are for, in ohms; `None` is a high one.
    pub(super) load: Option<f64>,
    pub(super) inverted: bool,
    pub(super) kind: Kind,
    /// In hertz.
    pub(super) frequency: f64,
    /// Peak to peak, in volts.
    pub(super) amplitude: f64,
    /// In volts.
    pub(super) offset: f64,
    /// In degrees.
    pub(super) phase: f64,
    /// Of a square, in percent.
    pub(super) duty: f64,
    /// Of a ramp, in percent.
    pub(super) symmetry: f64,
    pub(super) pulse: Pulse,
    pub(super) noise: NoiseSetting,
    pub(super) samples: Arc<[f64]>,
    /// The number and the name of the samples.
    pub(super) stored: (u32, String),
    pub(super) mode: Mode,
    pub(super) modulation: Modulating,
    pub(super) sweep: Sweep,
    pub(super) burst: Burst,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pulse {
    /// In percent.
    pub(super) duty: f64,
    /// In seconds.
    pub(super) rise: f64,
    pub(super) fall: f64,
    pub(super) delay: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NoiseSetting {
    /// In volts.
    pub(super) deviation: f64,
    pub(super) mean: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Modulating {
    pub(super) kind: Modulation,
    /// Of the modulating sine or the shifts, in hertz.
    pub(super) frequency: f64,
    /// In percent.
    pub(super) depth: f64,
    /// In hertz.
    pub(super) deviation: f64,
    /// In degrees.
    pub(super) phase_deviation: f64,
    /// In hertz.
    pub(super) hop: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sweep {
    /// In seconds.
    pub(super) time: f64,
    /// In hertz.
    pub(super) start: f64,
    pub(super) stop: f64,
    pub(super) is_logarithmic: bool,
    /// From the stop to the start.
    pub(super) is_downwards: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Burst {
    /// In seconds.
    pub(super) period: f64,
    pub(super) cycles: f64,
    /// In degrees.
    pub(super) phase: f64,
    /// Whether it waits for somebody to trigger it, and so for ever here.
    pub(super) is_triggered: bool,
}

impl Channel {
    /// As after a reset: a sine of 1 kHz.
    pub(super) fn initial(amplitude: f64) -> Self {
        Self {
            on: false,
            load: None,
            inverted: false,
            kind: Kind::Sine,
            frequency: 1e3,
            amplitude,
            offset: 0.0,
            phase: 0.0,
            duty: 50.0,
            symmetry: 50.0,
            pulse: Pulse { duty: 20.0, rise: 8.4e-9, fall: 8.4e-9, delay: 0.0 },
            noise: NoiseSetting { deviation: 0.23, mean: 0.0 },
            samples: stairs(),
            stored: (2, "StairUp".to_owned()),
            mode: Mode::Steady,
            modulation: Modulating {
                kind: Modulation::Amplitude,
                frequency: 100.0,
                depth: 100.0,
                deviation: 100.0,
                phase_deviation: 100.0,
                hop: 1e6,
            },
            sweep: Sweep {
                time: 1.0,
                start: 500.0,
                stop: 1500.0,
                is_logarithmic: false,
                is_downwards: false,
            },
            burst: Burst { period: 0.01, cycles: 1.0, phase: 0.0, is_triggered: false },
        }
    }

    /// The part of the unloaded voltage that the load it is set for would have.
    pub(super) fn loaded_part(&self) -> f64 {
        self.load.map_or(1.0, |ohms| ohms / (ohms + OUTPUT_OHMS))
    }

    /// Another load: the output stays as it is, and is called otherwise.
    pub(super) fn load(&mut self, load: Option<f64>) {
        let before = self.loaded_part();
        self.load = load;
        let factor = self.loaded_part() / before;
        self.amplitude *= factor;
        self.offset *= factor;
        self.noise.deviation *= factor;
        self.noise.mean *= factor;
    }

    pub(super) fn high(&self) -> f64 {
        self.offset + self.amplitude / 2.0
    }

    pub(super) fn low(&self) -> f64 {
        self.offset - self.amplitude / 2.0
    }

    /// What it makes of its end of the circuit; `stream` is of its noise.
    pub(super) fn of_circuit(&self, errors: &Errors, stream: u64) -> GeneratorSetting {
        let part = self.loaded_part();
        let unloaded = |volts: f64| volts * (1.0 + errors.gain) / part;
        let sign = if self.inverted { -1.0 } else { 1.0 };
        let steady = if self.kind == Kind::Noise { self.noise.mean } else { self.offset };
        GeneratorSetting {
            on: self.on,
            ohms: OUTPUT_OHMS,
            volts: sign * (unloaded(steady) + errors.volts),
            wave: self.wave(sign * unloaded(1.0), errors, stream),
        }
    }

    fn wave(&self, volts: f64, errors: &Errors, stream: u64) -> Option<Wave> {
        let scale = volts * self.amplitude;
        let frequency = errors.of_hertz(self.frequency);
        let form = match self.kind {
            Kind::Direct => return None,
            Kind::Noise => {
                let scale = volts * self.noise.deviation;
                return Some(Wave::steady(Form::Noise { stream }, scale, frequency));
            }
            Kind::Sine => Form::Sine,
            Kind::Square => Form::Square { duty: self.duty / 100.0 },
            Kind::Ramp => Form::Ramp { symmetry: self.symmetry / 100.0 },
            Kind::Pulse => self.pulse_form(),
            Kind::Arbitrary => Form::Samples(Arc::clone(&self.samples)),
        };
        if self.mode == Mode::Burst && self.burst.is_triggered {
            return None;
        }
        let phase = if self.mode == Mode::Burst { self.burst.phase } else { self.phase };
        let first = if self.mode == Mode::Swept { self.sweep_ends().0 } else { frequency };
        Some(Wave::new(form, self.course(errors), scale, first, phase / 360.0))
    }

    fn pulse_form(&self) -> Form {
        let Pulse { duty, rise, fall, .. } = self.pulse;
        let part = |seconds: f64| (seconds * self.frequency).clamp(LEAST_EDGE, 0.5);
        Form::Pulse { width: duty / 100.0, rise: part(rise), fall: part(fall) }
    }

    fn sweep_ends(&self) -> (f64, f64) {
        let Sweep { start, stop, is_downwards, .. } = self.sweep;
        if is_downwards { (stop, start) } else { (start, stop) }
    }

    fn course(&self, errors: &Errors) -> Course {
        let Modulating { frequency, depth, deviation, phase_deviation, hop, .. } = self.modulation;
        match self.mode {
            Mode::Steady => Course::Steady,
            Mode::Burst => Course::Burst { cycles: self.burst.cycles, every: self.burst.period },
            Mode::Swept => {
                let Sweep { time, is_logarithmic, .. } = self.sweep;
                Course::Sweep { to: self.sweep_ends().1, time, is_logarithmic }
            }
            Mode::Modulated(Modulation::Amplitude) => {
                Course::Amplitude { frequency, depth: depth / 100.0 }
            }
            Mode::Modulated(Modulation::Frequency) => Course::Frequency { frequency, deviation },
            Mode::Modulated(Modulation::Phase) => {
                Course::Phase { frequency, deviation: phase_deviation / 360.0 }
            }
            Mode::Modulated(Modulation::AmplitudeShift) => Course::Keyed { rate: frequency },
            Mode::Modulated(Modulation::FrequencyShift) => {
                Course::Hop { rate: frequency, to: errors.of_hertz(hop) }
            }
        }
    }
}

/// Ten steps upwards.
pub(super) fn stairs() -> Arc<[f64]> {
    (0..10).map(|step| f64::from(step) / 9.0 - 0.5).collect()
}
