//! The ends of a circuit that instruments hold: what is set there, and what laws that makes.

use std::time::Duration;

use super::discharge::Discharge;
use super::law::{Law, Pair, between};
use super::wave::{Form, Wave};

/// The current that a supply takes where something else holds its output up, in amperes.
const SUPPLY_SINKS: f64 = 1e-3;

/// Across the output of a supply that is off, in siemens.
const SUPPLY_OFF: f64 = 1e-5;

/// Across the input of a load that is off, in siemens: 300 kΩ.
const LOAD_OFF: f64 = 1.0 / 300e3;

/// The least resistance that a load can be, in ohms: 1.3 V at 40 A, as the DL3021's data sheet says.
const LOAD_LEAST_OHMS: f64 = 0.0325;

/// What a generator's output stands without a law of its own, in amperes.
const GENERATOR_AMPERES: f64 = 1.0;

/// How far an instrument is off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Errors {
    /// Of the value.
    pub(crate) gain: f64,
    /// In volts.
    pub(crate) volts: f64,
    /// In amperes.
    pub(crate) amperes: f64,
    /// Of its clock: that of an oscilloscope's time base, of a generator's frequency, of a counter.
    pub(crate) clock: f64,
}

impl Errors {
    /// A frequency as this instrument makes it.
    pub(crate) fn of_hertz(&self, hertz: f64) -> f64 {
        hertz * (1.0 + self.clock)
    }

    /// A voltage as this instrument sets or reads it.
    pub(crate) fn of_volts(&self, volts: f64) -> f64 {
        volts * (1.0 + self.gain) + self.volts
    }

    /// A current as this instrument sets or reads it.
    pub(crate) fn of_amperes(&self, amperes: f64) -> f64 {
        amperes * (1.0 + self.gain) + self.amperes
    }
}

/// One end of a circuit.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    /// Where it is connected.
    pub(crate) nodes: Pair,
    /// Where it measures; its own nodes unless wired apart.
    pub(crate) sense: Pair,
    /// The time constant with which the circuit follows a change here; a meter has none.
    pub(crate) settling: Option<Duration>,
    /// How far its settings are off.
    pub(crate) errors: Errors,
    /// What holds it.
    pub(crate) kind: PortKind,
}

/// What holds an end of a circuit, and how it is set.
#[derive(Clone, Debug)]
pub(crate) enum PortKind {
    /// A channel of a supply.
    Supply(SupplySetting),
    /// A load.
    Load(LoadSetting),
    /// The terminals of a multimeter for everything but current.
    Meter(MeterInput),
    /// The terminals of a multimeter for current: its shunt in ohms while it measures.
    Shunt(Option<f64>),
    /// A channel of a generator.
    Generator(GeneratorSetting),
    /// A switch of the circuit itself.
    Switch {
        /// Whether it conducts.
        closed: bool,
        /// When it does.
        ohms: f64,
    },
}

/// What a channel of a generator does, behind its output resistance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GeneratorSetting {
    /// Whether its output is on; off, it is open.
    pub(crate) on: bool,
    /// Of its output.
    pub(crate) ohms: f64,
    /// The steady part of what it would be without load, in volts.
    pub(crate) volts: f64,
    /// What alternates, in volts without load.
    pub(crate) wave: Option<Wave>,
}

/// How a channel of a supply is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SupplySetting {
    /// Whether its output is on.
    pub(crate) on: bool,
    /// In volts.
    pub(crate) volts: f64,
    /// Its limit in amperes.
    pub(crate) amperes: f64,
    /// By how much its voltage falls, in ohms.
    pub(crate) ohms: f64,
    /// In volts.
    pub(crate) over_voltage: Protection,
    /// In amperes.
    pub(crate) over_current: Protection,
}

/// What switches an output off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Protection {
    /// Whether it does.
    pub(crate) enabled: bool,
    /// Above this.
    pub(crate) level: f64,
    /// Whether it has.
    pub(crate) tripped: bool,
}

/// How a load is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LoadSetting {
    /// Whether its input is on.
    pub(crate) on: bool,
    /// What it keeps.
    pub(crate) keeps: Keeps,
    /// The greatest current in amperes.
    pub(crate) most: f64,
    /// Beyond this its input goes off, in watts.
    pub(crate) most_watts: f64,
    /// The discharge that it makes, where it makes one.
    pub(crate) discharge: Option<Discharge>,
    /// What its current alternates by about what it keeps.
    pub(crate) transient: Option<Transient>,
}

/// A current that goes between two levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Transient {
    /// Both, in amperes.
    pub(crate) amperes: [f64; 2],
    /// For how long each, in seconds.
    pub(crate) seconds: [f64; 2],
}

impl Transient {
    fn period(&self) -> f64 {
        self.seconds.iter().sum()
    }

    /// The steady current with the same charge.
    pub(crate) fn mean(&self) -> f64 {
        let charge = self.amperes.iter().zip(self.seconds).map(|(amperes, time)| amperes * time);
        charge.sum::<f64>() / self.period()
    }

    /// What alternates, in amperes.
    pub(super) fn wave(&self) -> Wave {
        let [first, second] = self.amperes;
        let duty = self.seconds[0] / self.period();
        Wave::steady(Form::Square { duty }, first - second, 1.0 / self.period())
    }
}

/// What a load keeps constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Keeps {
    /// In amperes.
    Current(f64),
    /// In volts.
    Voltage(f64),
    /// In ohms.
    Resistance(f64),
    /// In watts.
    Power(f64),
}

/// What the terminals of a multimeter are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum MeterInput {
    /// A resistance in ohms.
    Resistance(f64),
    /// A source of this current in amperes, up to this voltage.
    Source {
        /// In amperes.
        amperes: f64,
        /// In volts.
        most_volts: f64,
    },
}

impl PortKind {
    /// This setting on its way from another: so much of the way is left.
    pub(super) fn on_the_way(&self, before: &Self, left: f64) -> Self {
        let between = |from: f64, to: f64| to + (from - to) * left;
        match (self, before) {
            (Self::Supply(to), Self::Supply(from)) => {
                // What was off begins at nothing.
                let from_volts = if from.on { from.volts } else { 0.0 };
                Self::Supply(SupplySetting { volts: between(from_volts, to.volts), ..*to })
            }
            (Self::Load(to), Self::Load(from)) => {
                let keeps = match (to.keeps, from.keeps) {
                    (Keeps::Current(to), Keeps::Current(amperes)) => {
                        let begin = if from.on { amperes } else { 0.0 };
                        Keeps::Current(between(begin, to))
                    }
                    (keeps, _) => keeps,
                };
                Self::Load(LoadSetting { keeps, ..*to })
            }
            _ => self.clone(),
        }
    }
}

impl Port {
    /// Its law, for a circuit that has about these voltages; a load of constant power takes nothing where
    /// none are known.
    pub(super) fn law(&self, voltages: Option<&[f64]>) -> Law {
        let nodes = self.nodes;
        match &self.kind {
            PortKind::Supply(setting) => self.supply(setting),
            PortKind::Load(setting) if setting.on => self.load(setting, voltages),
            PortKind::Generator(setting) if setting.on => Law::Source {
                out: nodes,
                sense: nodes,
                volts: setting.volts + setting.wave.as_ref().map_or(0.0, Wave::mean),
                ohms: setting.ohms,
                least: -GENERATOR_AMPERES,
                most: GENERATOR_AMPERES,
            },
            PortKind::Generator(_) => Law::Conductance { nodes, siemens: 0.0 },
            PortKind::Switch { closed, ohms } => {
                Law::Conductance { nodes, siemens: if *closed { 1.0 / ohms } else { 0.0 } }
            }
            PortKind::Load(_) => Law::Conductance { nodes, siemens: LOAD_OFF },
            PortKind::Meter(MeterInput::Resistance(ohms)) => {
                Law::Conductance { nodes, siemens: 1.0 / ohms }
            }
            PortKind::Meter(MeterInput::Source { amperes, most_volts }) => Law::Source {
                out: nodes,
                sense: nodes,
                volts: *most_volts,
                ohms: 1.0,
                least: 0.0,
                most: *amperes,
            },
            PortKind::Shunt(ohms) => {
                Law::Conductance { nodes, siemens: ohms.map_or(0.0, |ohms| 1.0 / ohms) }
            }
        }
    }

    fn supply(&self, setting: &SupplySetting) -> Law {
        if !setting.on {
            return Law::Conductance { nodes: self.nodes, siemens: SUPPLY_OFF };
        }
        Law::Source {
            out: self.nodes,
            sense: self.sense,
            volts: self.errors.of_volts(setting.volts),
            ohms: setting.ohms,
            least: -SUPPLY_SINKS,
            most: self.errors.of_amperes(setting.amperes).max(0.0),
        }
    }

    fn load(&self, setting: &LoadSetting, voltages: Option<&[f64]>) -> Law {
        let most = setting.most;
        let (volts, ohms, most) = match setting.keeps {
            Keeps::Current(amperes) => (0.0, LOAD_LEAST_OHMS, self.sinks(amperes, most)),
            Keeps::Voltage(volts) => (self.errors.of_volts(volts), LOAD_LEAST_OHMS, most),
            Keeps::Resistance(ohms) => (0.0, ohms * (1.0 + self.errors.gain), most),
            Keeps::Power(watts) => {
                let amperes = match voltages.map(|voltages| between(voltages, self.nodes)) {
                    None => 0.0,
                    Some(volts) if volts > 0.0 => watts / volts,
                    Some(_) => most,
                };
                (0.0, LOAD_LEAST_OHMS, self.sinks(amperes, most))
            }
        };
        Law::Sink { nodes: self.nodes, volts, ohms, most }
    }

    fn sinks(&self, amperes: f64, most: f64) -> f64 {
        self.errors.of_amperes(amperes).clamp(0.0, most)
    }

    /// Whether a discharge goes on here.
    pub(super) fn discharges(&self) -> bool {
        matches!(&self.kind, PortKind::Load(setting) if setting.on && setting.discharge.is_some())
    }

    /// Switches off what is protected and past its level after so many seconds, and what is discharged; whether anything
    /// was.
    pub(super) fn trip(&mut self, volts: f64, amperes: f64, seconds: f64) -> bool {
        let setting = match &mut self.kind {
            PortKind::Supply(setting) if setting.on => setting,
            PortKind::Load(setting) if setting.on => {
                let discharge = setting.discharge.as_mut();
                let is_over = discharge.is_some_and(|it| it.go_on(volts, amperes, seconds));
                setting.on = !is_over && volts * amperes <= setting.most_watts;
                return !setting.on;
            }
            _ => return false,
        };
        let over_voltage = setting.over_voltage.trip(volts);
        let over_current = setting.over_current.trip(amperes);
        setting.on = !(over_voltage || over_current);
        !setting.on
    }
}

impl Protection {
    fn trip(&mut self, value: f64) -> bool {
        let now = self.enabled && value > self.level;
        self.tripped |= now;
        now
    }
}
