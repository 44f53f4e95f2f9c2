//! Siglent SDG2042X: two channels of 40 MHz.
//!
//! After the "SDG Series Programming Guide" PG02-E05B, chapter 3: `OUTP`, `BSWV`, `MDWV`, `SWWV`, `BTWV`, `ARWV` and
//! `STL?`, with the answers that others measured on an SDG2042X: defaults, the effective value of a sine as 0.3535 of
//! its amplitude, levels that follow the load. What it does not understand it ignores without an error, and what is
//! out of range it brings into it, both as measured. There is no walk along a tree of commands.

use std::sync::LazyLock;

use scpi_protocol::program::{CommandTree, Parameter};

use super::channel::{Channel, Kind, Mode, Modulation};
use super::siglent_words::{self as words, Pairs, answers};
use super::{CHANNELS, Outputs, index_of};
use crate::circuit::{Errors, Outlet};
use crate::instrument::{Call, Commands, Model, Outcome, Reply};
use crate::noise::Noise;

/// Peak to peak after a reset, in volts.
const AMPLITUDE: f64 = 4.0;

/// In hertz.
pub(super) const GREATEST_FREQUENCY: f64 = 40e6;
const LEAST_FREQUENCY: f64 = 1e-6;

/// Peak to peak without load, in volts.
const AMPLITUDES: (f64, f64) = (0.002, 20.0);

/// Loads that can be set, in ohms.
const LOADS: (f64, f64) = (50.0, 100_000.0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Output,
    Basic,
    Modulation,
    Sweep,
    Burst,
    Arbitrary,
    Stored,
}

const LIST: &[(&str, Command)] = &[
    ("C[1|2]:OUTPut[?]", Command::Output),
    ("C[1|2]:BSWV[?]", Command::Basic),
    ("C[1|2]:BASIC_WAVE[?]", Command::Basic),
    ("C[1|2]:MDWV[?]", Command::Modulation),
    ("C[1|2]:MODULATEWAVE[?]", Command::Modulation),
    ("C[1|2]:SWWV[?]", Command::Sweep),
    ("C[1|2]:SWEEPWAVE[?]", Command::Sweep),
    ("C[1|2]:BTWV[?]", Command::Burst),
    ("C[1|2]:BURSTWAVE[?]", Command::Burst),
    ("C[1|2]:ARWV[?]", Command::Arbitrary),
    ("C[1|2]:ARBWAVE[?]", Command::Arbitrary),
    ("STL?", Command::Stored),
    ("STORELIST?", Command::Stored),
];

static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

/// A simulated SDG2042X.
pub(crate) struct Sdg2042x {
    outputs: Outputs,
}

impl Sdg2042x {
    pub(crate) fn new(outlets: [Outlet; CHANNELS], noise: Noise, errors: Errors) -> Self {
        Self { outputs: Outputs::new(Channel::initial(AMPLITUDE), outlets, noise, errors) }
    }

    fn set(&mut self, command: Command, index: usize, parameters: &[Parameter]) {
        let channel = self.outputs.channel(index);
        match command {
            Command::Output => set_output(channel, parameters),
            Command::Basic => set_basic(channel, Pairs::of(parameters)),
            Command::Modulation => set_modulation(channel, parameters),
            Command::Sweep => set_sweep(channel, parameters),
            Command::Burst => set_burst(channel, parameters),
            Command::Arbitrary => set_arbitrary(channel, Pairs::of(parameters)),
            Command::Stored => {}
        }
        self.outputs.follow(index);
    }
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Sdg2042x {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        let Some(command) = COMMANDS.get(call.command).copied() else { return Err((-113).into()) };
        let index = index_of(call.suffixes);
        if !call.query {
            self.set(command, index, call.parameters);
            return Ok(Reply::Done);
        }
        let channel = self.outputs.channel(index);
        Reply::text(match command {
            Command::Output => format!("C{}:OUTP {}", index + 1, answers::output(channel)),
            Command::Basic => format!("C{}:BSWV {}", index + 1, answers::basic(channel, true)),
            Command::Modulation => format!("C{}:MDWV {}", index + 1, answers::modulation(channel)),
            Command::Sweep => format!("C{}:SWWV {}", index + 1, answers::sweep(channel)),
            Command::Burst => format!("C{}:BTWV {}", index + 1, answers::burst(channel)),
            Command::Arbitrary => {
                let (number, name) = &channel.stored;
                format!("C{}:ARWV INDEX,{number},NAME,{name}", index + 1)
            }
            Command::Stored => answers::stored(),
        })
    }

    fn reset(&mut self) {
        self.outputs.reset(&Channel::initial(AMPLITUDE));
    }
}

/// `ON`, `OFF`, `LOAD,50`, `LOAD,HZ`, `PLRT,INVT`, in any order.
fn set_output(channel: &mut Channel, parameters: &[Parameter]) {
    for (key, value) in Pairs::with_lone(parameters, &["ON", "OFF"]) {
        match (key.as_str(), value.word()) {
            ("ON", _) => channel.on = true,
            ("OFF", _) => channel.on = false,
            ("LOAD", Some(word)) if word == "HZ" => channel.load(None),
            ("LOAD", _) => {
                if let Some(ohms) = value.number("OHM") {
                    channel.load(Some(ohms.clamp(LOADS.0, LOADS.1).trunc()));
                }
            }
            ("PLRT", Some(word)) if word == "NOR" || word == "INVT" => {
                channel.inverted = word == "INVT";
            }
            _ => {}
        }
    }
}

/// `WVTP,SINE,FRQ,1000,AMP,4`: name and value, in any order.
fn set_basic(channel: &mut Channel, pairs: Pairs<'_>) {
    for (key, value) in pairs {
        if key == "WVTP" {
            channel.kind = value.word().and_then(words::kind).unwrap_or(channel.kind);
        } else if words::has(channel.kind, &key)
            && let Some(number) = value.number(words::unit(&key))
        {
            set_value(channel, &key, number);
        }
    }
}

fn set_value(channel: &mut Channel, key: &str, number: f64) {
    match key {
        "FRQ" => channel.frequency = number.clamp(LEAST_FREQUENCY, GREATEST_FREQUENCY),
        "PERI" if number > 0.0 => {
            channel.frequency = (1.0 / number).clamp(LEAST_FREQUENCY, GREATEST_FREQUENCY);
        }
        "AMP" => channel.amplitude = within(channel, number),
        "AMPVRMS" => channel.amplitude = within(channel, number / words::effective(channel.kind)),
        "OFST" => channel.offset = number,
        "HLEV" => set_levels(channel, number.max(channel.low() + AMPLITUDES.0), channel.low()),
        "LLEV" => set_levels(channel, channel.high(), number.min(channel.high() - AMPLITUDES.0)),
        "PHSE" => channel.phase = number.rem_euclid(360.0),
        "DUTY" if channel.kind == Kind::Pulse => channel.pulse.duty = number.clamp(0.001, 99.999),
        "DUTY" => channel.duty = number.clamp(0.001, 99.999),
        "SYM" => channel.symmetry = number.clamp(0.0, 100.0),
        "WIDTH" => channel.pulse.duty = (number * channel.frequency * 100.0).clamp(0.001, 99.999),
        "RISE" => channel.pulse.rise = number.max(8.4e-9),
        "FALL" => channel.pulse.fall = number.max(8.4e-9),
        "DLY" => channel.pulse.delay = number.max(0.0),
        "STDEV" => channel.noise.deviation = number.max(0.0),
        "MEAN" => channel.noise.mean = number,
        _ => {}
    }
}

/// An amplitude that the load can have.
fn within(channel: &Channel, volts: f64) -> f64 {
    volts.clamp(AMPLITUDES.0, AMPLITUDES.1 * channel.loaded_part())
}

fn set_levels(channel: &mut Channel, high: f64, low: f64) {
    channel.amplitude = within(channel, high - low);
    channel.offset = f64::midpoint(high, low);
}

/// What a group of settings begins with: `STATE,ON`, and what is after `CARR` is of the basic wave.
fn set_group(
    channel: &mut Channel,
    parameters: &[Parameter],
    mode: Mode,
    lone: &[&str],
    mut set: impl FnMut(&mut Channel, &str, &words::Value<'_>),
) {
    let split = parameters.iter().position(|it| words::Value(it).is("CARR"));
    let (own, carrier) = parameters.split_at(split.unwrap_or(parameters.len()));
    for (key, value) in Pairs::with_lone(own, lone) {
        match (key.as_str(), value.word().as_deref()) {
            ("STATE", Some("ON")) => channel.mode = mode,
            ("STATE", Some("OFF")) if same_group(channel.mode, mode) => channel.mode = Mode::Steady,
            ("STATE", _) => {}
            (key, _) => set(channel, key, &value),
        }
    }
    set_basic(channel, Pairs::of(carrier.get(1..).unwrap_or_default()));
}

fn same_group(one: Mode, two: Mode) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&two)
}

fn set_modulation(channel: &mut Channel, parameters: &[Parameter]) {
    let mode = Mode::Modulated(channel.modulation.kind);
    set_group(channel, parameters, mode, &words::MODULATIONS, |channel, key, value| {
        if let Some(kind) = words::modulation(key) {
            channel.modulation.kind = kind;
            if same_group(channel.mode, mode) {
                channel.mode = Mode::Modulated(kind);
            }
        }
        let own = &mut channel.modulation;
        match (key, value.number(words::unit(key))) {
            ("FRQ" | "KFRQ", Some(hertz)) => own.frequency = hertz.clamp(1e-3, 1e6),
            ("DEPTH", Some(percent)) => own.depth = percent.clamp(0.0, 120.0),
            ("DEVI", Some(degrees)) if own.kind == Modulation::Phase => {
                own.phase_deviation = degrees.clamp(0.0, 360.0);
            }
            ("DEVI", Some(hertz)) => own.deviation = hertz.clamp(0.0, channel.frequency),
            ("HFRQ", Some(hertz)) => own.hop = hertz.clamp(LEAST_FREQUENCY, GREATEST_FREQUENCY),
            _ => {}
        }
    });
}

fn set_sweep(channel: &mut Channel, parameters: &[Parameter]) {
    set_group(channel, parameters, Mode::Swept, &["MTRIG"], |channel, key, value| {
        let own = &mut channel.sweep;
        match (key, value.number(words::unit(key)), value.word().as_deref()) {
            ("TIME", Some(seconds), _) => own.time = seconds.clamp(1e-3, 500.0),
            ("START", Some(hertz), _) => own.start = hertz.clamp(1e-6, GREATEST_FREQUENCY),
            ("STOP", Some(hertz), _) => own.stop = hertz.clamp(1e-6, GREATEST_FREQUENCY),
            ("SWMD", _, Some(word)) => own.is_logarithmic = word == "LOG",
            ("DIR", _, Some(word)) => own.is_downwards = word == "DOWN",
            _ => {}
        }
    });
}

fn set_burst(channel: &mut Channel, parameters: &[Parameter]) {
    set_group(channel, parameters, Mode::Burst, &["MTRIG"], |channel, key, value| {
        let own = &mut channel.burst;
        match (key, value.number(words::unit(key)), value.word().as_deref()) {
            ("PRD", Some(seconds), _) => own.period = seconds.clamp(1e-6, 1000.0),
            ("TIME", Some(cycles), _) => own.cycles = cycles.clamp(1.0, 1e6).round(),
            ("STPS", Some(degrees), _) => own.phase = degrees.rem_euclid(360.0),
            ("TRSR", _, Some(word)) => own.is_triggered = word != "INT",
            _ => {}
        }
    });
}

fn set_arbitrary(channel: &mut Channel, pairs: Pairs<'_>) {
    for (key, value) in pairs {
        let found = match (key.as_str(), value.number(""), value.word()) {
            ("INDEX", Some(number), _) => {
                words::STORED.iter().find(|(own, _)| f64::from(*own) == number)
            }
            ("NAME", _, Some(name)) => {
                words::STORED.iter().find(|(_, own)| own.eq_ignore_ascii_case(&name))
            }
            _ => None,
        };
        if let Some((number, name)) = found {
            channel.stored = (*number, (*name).to_owned());
            channel.samples = words::samples(*number);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMANDS.check().unwrap();
    }
}
