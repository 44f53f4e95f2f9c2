//! How the load is set, and what that makes of its end of the circuit.

use crate::circuit::{Discharge, Keeps, LoadSetting, Transient};
use crate::settings::Bounds;

/// The greatest current in amperes.
pub(super) const MOST_AMPERES: f64 = 40.0;

/// Beyond this its input goes off.
pub(super) const MOST_WATTS: f64 = 220.0;

/// Coulombs of an ampere hour, and joules of a watt hour.
pub(super) const HOUR: f64 = 3600.0;

pub(super) const CONTINUOUS: usize = 0;
pub(super) const PULSE: usize = 1;

/// For how long a level is kept.
pub(super) const WIDTH: Bounds = Bounds::new("S", 20e-6, 3600.0, 500e-6);

pub(super) const LEVELS: [Bounds; 4] = [
    Bounds::new("A", 0.0, MOST_AMPERES, 0.0),
    Bounds::new("V", 0.0, 150.0, 150.0),
    Bounds::new("OHM", 0.08, 15_000.0, 15_000.0),
    Bounds::new("W", 0.0, 200.0, 0.0),
];

/// The low and the high range of each level, of which the high one is set after a reset.
pub(super) const RANGES: [Bounds; 3] = [
    Bounds::new("A", 4.0, MOST_AMPERES, MOST_AMPERES),
    Bounds::new("V", 15.0, 150.0, 150.0),
    Bounds::new("OHM", 15.0, 15_000.0, 15_000.0),
];

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) function: usize,
    pub(super) levels: [f64; 4],
    pub(super) ranges: [f64; 3],
    pub(super) on: bool,
    pub(super) sense: bool,
    /// By its place in [`MODE_WORDS`].
    pub(super) mode: usize,
    pub(super) battery_amperes: f64,
    pub(super) stops: [(bool, f64); 3],
    pub(super) is_transient: bool,
    /// By its place in [`TRANSIENTS`].
    pub(super) transient_mode: usize,
    pub(super) transient: Transient,
    /// Whether it is at the first of its levels.
    pub(super) is_at_first: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            function: 0,
            levels: LEVELS.map(|bounds| bounds.default),
            ranges: RANGES.map(|bounds| bounds.default),
            on: false,
            sense: false,
            mode: 0,
            battery_amperes: 0.0,
            stops: [(false, 0.0); 3],
            is_transient: false,
            transient_mode: CONTINUOUS,
            transient: Transient { amperes: [0.0; 2], seconds: [WIDTH.default; 2] },
            is_at_first: false,
        }
    }
}

impl Settings {
    pub(super) fn of_circuit(&self) -> LoadSetting {
        let [amperes, volts, ohms, watts] = self.levels;
        let keeps = match self.function {
            _ if self.mode == 1 => Keeps::Current(self.battery_amperes),
            0 if self.is_transient => Keeps::Current(self.transient_amperes()),
            0 => Keeps::Current(amperes),
            1 => Keeps::Voltage(volts),
            2 => Keeps::Resistance(ohms),
            _ => Keeps::Power(watts),
        };
        let is_battery = self.mode == 1;
        let alternates = self.is_transient && self.transient_mode == CONTINUOUS;
        LoadSetting {
            on: self.on,
            keeps,
            most: MOST_AMPERES,
            most_watts: MOST_WATTS,
            discharge: is_battery.then(|| self.discharge()),
            transient: (alternates && self.function == 0 && !is_battery).then_some(self.transient),
        }
    }

    fn transient_amperes(&self) -> f64 {
        let [first, second] = self.transient.amperes;
        match (self.transient_mode, self.is_at_first) {
            (CONTINUOUS, _) => self.transient.mean(),
            (_, true) => first,
            (_, false) => second,
        }
    }

    fn discharge(&self) -> Discharge {
        let [volts, charge, time] = self.stops.map(|(on, stop)| on.then_some(stop));
        Discharge {
            stop_volts: volts,
            stop_coulombs: charge.map(|hours| hours * HOUR),
            stop_seconds: time,
            ..Discharge::default()
        }
    }
}

/// How it holds its end of the circuit after a reset.
pub(crate) fn initial() -> LoadSetting {
    Settings::default().of_circuit()
}
