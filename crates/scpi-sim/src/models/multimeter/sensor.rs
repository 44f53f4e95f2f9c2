//! From the circuit to a reading: input impedance, test currents, ranges, noise, digits.

use std::time::Duration;

use super::function::{Function, integration, shunt_ohms, test_current};
use crate::circuit::{Errors, MeterInput, Terminals, Wave};
use crate::noise::Noise;

/// What the instrument answers beyond its range.
pub(super) const OVERLOAD: f64 = 9.9e37;

/// The input with automatic impedance off, and of the high ranges, in ohms.
const INPUT_OHMS: f64 = 10e6;

/// The input of the low ranges with automatic impedance on, in ohms.
const HIGH_INPUT_OHMS: f64 = 10e9;

/// The highest range that has the high input.
const HIGH_INPUT_VOLTS: f64 = 10.0;

/// An input that is connected to nothing, in ohms.
const OPEN_OHMS: f64 = 1e15;

/// Noise at 10 power line cycles as a part of the range.
const NOISE_OF_RANGE: f64 = 0.1e-6;

/// Of the resolution, one step of the converter.
const STEP_OF_RESOLUTION: f64 = 0.01;

/// The voltage up to which a test current flows.
const COMPLIANCE_VOLTS: f64 = 12.0;

/// A platinum resistor beyond this is broken, in ohms.
const MOST_RTD_OHMS: f64 = 1e3;

/// Through a diode or a platinum resistor, in amperes.
const DIODE_AMPERES: f64 = 1e-3;

/// What alternates less has no frequency, in volts.
const LEAST_AC_VOLTS: f64 = 1e-4;

/// How one reading shall be taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sensing {
    pub(super) function: Function,
    /// In base units; the instrument finds one itself without it.
    pub(super) range: Option<f64>,
    pub(super) nplc: f64,
    pub(super) auto_impedance: bool,
}

/// A reading and the range that it was taken in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sensed {
    pub(super) value: f64,
    pub(super) range: f64,
}

/// The analogue part of the multimeter.
pub(super) struct Sensor {
    pub(super) terminals: Terminals,
    pub(super) noise: Noise,
    pub(super) errors: Errors,
    /// Of voltages at 10 power line cycles, where the bench says it.
    pub(super) volts_noise: Option<f64>,
    /// The same of currents.
    pub(super) amperes_noise: Option<f64>,
}

impl Sensor {
    /// Connects the terminals as a function needs them.
    pub(super) fn connect(&self, sensing: &Sensing) {
        let range = sensing.range.unwrap_or_else(|| first(sensing.function));
        match sensing.function {
            Function::DcCurrent | Function::AcCurrent => {
                let shunt = Some(shunt_ohms(range));
                self.terminals.connect(MeterInput::Resistance(HIGH_INPUT_OHMS), shunt);
            }
            Function::Resistance | Function::FourWireResistance => self.source(test_current(range)),
            Function::Diode | Function::Temperature => self.source(DIODE_AMPERES),
            Function::DcVoltage if sensing.auto_impedance && range <= HIGH_INPUT_VOLTS => {
                self.terminals.connect(MeterInput::Resistance(HIGH_INPUT_OHMS), None);
            }
            _ => self.terminals.connect(MeterInput::Resistance(INPUT_OHMS), None),
        }
    }

    /// Takes the input away from what it measures.
    pub(super) fn open(&self) {
        self.terminals.connect(MeterInput::Resistance(OPEN_OHMS), None);
    }

    fn source(&self, amperes: f64) {
        let most_volts = COMPLIANCE_VOLTS;
        self.terminals.connect(MeterInput::Source { amperes, most_volts }, None);
    }

    /// Takes a reading over the time that has just passed.
    pub(super) fn read(&mut self, sensing: &Sensing, window: Duration) -> Sensed {
        let fixed = sensing.range;
        let ranges = match &fixed {
            Some(range) => std::slice::from_ref(range),
            None => sensing.function.ranges(),
        };
        let mut last = Sensed { value: OVERLOAD, range: first(sensing.function) };
        for range in ranges.iter().copied() {
            let sensing = Sensing { range: Some(range), ..*sensing };
            let exact = match sensing.function {
                // Who looks for a range waits until each shunt has settled.
                Function::DcCurrent if fixed.is_none() => {
                    self.connect(&sensing);
                    self.errors.of_amperes(self.terminals.settled_amperes())
                }
                _ => self.exact(&sensing, window),
            };
            last = Sensed { value: OVERLOAD.copysign(exact), range };
            if exact.abs() <= sensing.function.greatest(range)
                || self.has_no_range(sensing.function)
            {
                return Sensed { value: self.digitised(exact, &sensing, range), range };
            }
        }
        last
    }

    /// The range of frequency and period is one of the input, not of the reading.
    fn has_no_range(&self, function: Function) -> bool {
        matches!(function, Function::Frequency | Function::Period | Function::Temperature)
    }

    /// What an instrument without noise or steps would read.
    fn exact(&self, sensing: &Sensing, over: Duration) -> f64 {
        self.connect(sensing);
        let range = sensing.range.unwrap_or_else(|| first(sensing.function));
        match sensing.function {
            Function::DcVoltage => self.errors.of_volts(self.terminals.volts(over)),
            Function::DcCurrent => self.errors.of_amperes(self.terminals.amperes(over)),
            Function::AcVoltage => rms(&self.terminals.waves()) * (1.0 + self.errors.gain),
            Function::AcCurrent => rms(&self.terminals.current_waves()) * (1.0 + self.errors.gain),
            Function::Resistance | Function::FourWireResistance => {
                let ohms = self.terminals.settled_volts() / test_current(range);
                ohms * (1.0 + self.errors.gain)
            }
            Function::Diode => self.errors.of_volts(self.terminals.settled_volts()),
            Function::Capacitance => self.terminals.farads() * (1.0 + self.errors.gain),
            Function::Temperature => {
                let ohms = self.terminals.settled_volts() / DIODE_AMPERES;
                celsius(ohms * (1.0 + self.errors.gain))
            }
            Function::Frequency => self.frequency(),
            Function::Period => match self.frequency() {
                hertz if hertz > 0.0 => 1.0 / hertz,
                _ => 0.0,
            },
        }
    }

    /// That of the largest wave, by its own clock.
    fn frequency(&self) -> f64 {
        let waves = self.terminals.waves();
        let largest = waves.iter().max_by(|one, two| one.rms().total_cmp(&two.rms()));
        let hertz =
            largest.filter(|wave| wave.rms() > LEAST_AC_VOLTS).map_or(0.0, |wave| wave.frequency);
        hertz / (1.0 + self.errors.clock)
    }

    fn digitised(&mut self, exact: f64, sensing: &Sensing, range: f64) -> f64 {
        if self.has_no_range(sensing.function) {
            return exact;
        }
        let (nplc, resolution) = integration(sensing.nplc);
        let at_ten = match sensing.function {
            Function::DcVoltage => self.volts_noise,
            Function::DcCurrent => self.amperes_noise,
            _ => None,
        };
        let sigma = at_ten.unwrap_or(NOISE_OF_RANGE * range) * (10.0 / nplc).sqrt();
        let step = STEP_OF_RESOLUTION * resolution * range;
        let noisy = exact + self.noise.deviate(sigma);
        (noisy / step).round() * step
    }
}

/// Of a platinum resistor of 100 Ω at 0 °C, 0.00385 a kelvin, from 0 °C up (IEC 60751); what is open has none.
fn celsius(ohms: f64) -> f64 {
    const A: f64 = 3.9083e-3;
    const B: f64 = -5.775e-7;
    let root = A * A - 4.0 * B * (1.0 - ohms / 100.0);
    let degrees = (-A + root.max(0.0).sqrt()) / (2.0 * B);
    if ohms > MOST_RTD_OHMS { OVERLOAD } else { degrees }
}

/// Of all waves together: they have nothing in common.
fn rms(waves: &[Wave]) -> f64 {
    waves.iter().map(|wave| wave.rms().powi(2)).sum::<f64>().sqrt()
}

/// The range in which an automatic search begins to look.
pub(super) fn first(function: Function) -> f64 {
    function.ranges().first().copied().unwrap_or(1.0)
}
