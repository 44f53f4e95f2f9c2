//! Rigol DG1032Z: two channels of 30 MHz.
//!
//! After the "DG1000Z Programming Guide" PGB09103-1110, chapter 2: `:OUTPut[<n>]` and `[:SOURce[<n>]]` commands for
//! the basic waves, `:APPLy`, bursts, sweeps and modulation, and `:TRACe:DATA` for samples. A load is answered as a
//! number, 9.900000E+37 where it is high; numbers have seven digits.

use std::sync::LazyLock;

use scpi_protocol::program::{CommandTree, Parameter};

use super::channel::{Channel, Kind, Mode, Modulation};
use super::{CHANNELS, Outputs, index_of};
use crate::circuit::{Errors, Outlet};
use crate::format::exponent;
use crate::instrument::{Call, Commands, Model, Outcome, Refusal, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, none, one};

/// Peak to peak after a reset, in volts.
const AMPLITUDE: f64 = 5.0;

/// What stands for a high load.
const HIGH: f64 = 9.9e37;

/// Samples that one wave may have.
const MOST_SAMPLES: usize = 8192;

const FREQUENCY: Bounds = Bounds::new("HZ", 1e-6, 30e6, 1e3);
const PHASE: Bounds = Bounds::new("", 0.0, 360.0, 0.0);
const PERCENT: Bounds = Bounds::new("", 0.0, 100.0, 50.0);
const SECONDS: Bounds = Bounds::new("S", 1e-9, 1e6, 1e-3);
const RATE: Bounds = Bounds::new("HZ", 2e-3, 1e6, 100.0);
const CYCLES: Bounds = Bounds::new("", 1.0, 1e6, 1.0);

const KINDS: [(&str, Kind); 7] = [
    ("SINusoid", Kind::Sine),
    ("SQUare", Kind::Square),
    ("RAMP", Kind::Ramp),
    ("PULSe", Kind::Pulse),
    ("NOISe", Kind::Noise),
    ("USER", Kind::Arbitrary),
    ("DC", Kind::Direct),
];

const MODULATIONS: [(&str, Modulation); 5] = [
    ("AM", Modulation::Amplitude),
    ("FM", Modulation::Frequency),
    ("PM", Modulation::Phase),
    ("ASK", Modulation::AmplitudeShift),
    ("FSK", Modulation::FrequencyShift),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Output,
    Load,
    Polarity,
    Function,
    Number(Item),
    Unit,
    Apply(Kind),
    Applied,
    Mode(Mode),
    ModulationType,
    Spacing,
    BurstSource,
    Data,
}

/// A number that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Frequency,
    Period,
    Amplitude,
    Offset,
    High,
    Low,
    Phase,
    Duty,
    Symmetry,
    PulseDuty,
    BurstCycles,
    BurstPeriod,
    BurstPhase,
    SweepStart,
    SweepStop,
    SweepTime,
    ModulationRate,
    Depth,
    Deviation,
    PhaseDeviation,
    Hop,
}

use Command::{Apply, Number};

const LIST: &[(&str, Command)] = &[
    ("OUTPut[1|2][:STATe][?]", Command::Output),
    ("OUTPut[1|2]:LOAD[?]", Command::Load),
    ("OUTPut[1|2]:IMPedance[?]", Command::Load),
    ("OUTPut[1|2]:POLarity[?]", Command::Polarity),
    ("[SOURce[1|2]]:FUNCtion[:SHAPe][?]", Command::Function),
    ("[SOURce[1|2]]:FREQuency[:FIXed][?]", Number(Item::Frequency)),
    ("[SOURce[1|2]]:PERiod[:FIXed][?]", Number(Item::Period)),
    ("[SOURce[1|2]]:VOLTage[:LEVel][:IMMediate][:AMPLitude][?]", Number(Item::Amplitude)),
    ("[SOURce[1|2]]:VOLTage[:LEVel][:IMMediate]:OFFSet[?]", Number(Item::Offset)),
    ("[SOURce[1|2]]:VOLTage[:LEVel][:IMMediate]:HIGH[?]", Number(Item::High)),
    ("[SOURce[1|2]]:VOLTage[:LEVel][:IMMediate]:LOW[?]", Number(Item::Low)),
    ("[SOURce[1|2]]:VOLTage:UNIT[?]", Command::Unit),
    ("[SOURce[1|2]]:PHASe[:ADJust][?]", Number(Item::Phase)),
    ("[SOURce[1|2]]:FUNCtion:SQUare:DCYCle[?]", Number(Item::Duty)),
    ("[SOURce[1|2]]:FUNCtion:RAMP:SYMMetry[?]", Number(Item::Symmetry)),
    ("[SOURce[1|2]]:FUNCtion:PULSe:DCYCle[?]", Number(Item::PulseDuty)),
    ("[SOURce[1|2]]:PULSe:DCYCle[?]", Number(Item::PulseDuty)),
    ("[SOURce[1|2]]:APPLy?", Command::Applied),
    ("[SOURce[1|2]]:APPLy:SINusoid", Apply(Kind::Sine)),
    ("[SOURce[1|2]]:APPLy:SQUare", Apply(Kind::Square)),
    ("[SOURce[1|2]]:APPLy:RAMP", Apply(Kind::Ramp)),
    ("[SOURce[1|2]]:APPLy:PULSe", Apply(Kind::Pulse)),
    ("[SOURce[1|2]]:APPLy:USER", Apply(Kind::Arbitrary)),
    ("[SOURce[1|2]]:BURSt[:STATe][?]", Command::Mode(Mode::Burst)),
    ("[SOURce[1|2]]:BURSt:NCYCles[?]", Number(Item::BurstCycles)),
    ("[SOURce[1|2]]:BURSt:INTernal:PERiod[?]", Number(Item::BurstPeriod)),
    ("[SOURce[1|2]]:BURSt:PHASe[?]", Number(Item::BurstPhase)),
    ("[SOURce[1|2]]:BURSt:TRIGger:SOURce[?]", Command::BurstSource),
    ("[SOURce[1|2]]:SWEep:STATe[?]", Command::Mode(Mode::Swept)),
    ("[SOURce[1|2]]:SWEep:TIME[?]", Number(Item::SweepTime)),
    ("[SOURce[1|2]]:SWEep:SPACing[?]", Command::Spacing),
    ("[SOURce[1|2]]:FREQuency:STARt[?]", Number(Item::SweepStart)),
    ("[SOURce[1|2]]:FREQuency:STOP[?]", Number(Item::SweepStop)),
    ("[SOURce[1|2]]:MOD[:STATe][?]", Command::Mode(Mode::Modulated(Modulation::Amplitude))),
    ("[SOURce[1|2]]:MOD:TYPe[?]", Command::ModulationType),
    ("[SOURce[1|2]]:MOD:AM[:DEPTh][?]", Number(Item::Depth)),
    ("[SOURce[1|2]]:MOD:AM:INTernal:FREQuency[?]", Number(Item::ModulationRate)),
    ("[SOURce[1|2]]:MOD:FM[:DEViation][?]", Number(Item::Deviation)),
    ("[SOURce[1|2]]:MOD:FM:INTernal:FREQuency[?]", Number(Item::ModulationRate)),
    ("[SOURce[1|2]]:MOD:PM[:DEViation][?]", Number(Item::PhaseDeviation)),
    ("[SOURce[1|2]]:MOD:PM:INTernal:FREQuency[?]", Number(Item::ModulationRate)),
    ("[SOURce[1|2]]:MOD:ASKey:INTernal[:RATE][?]", Number(Item::ModulationRate)),
    ("[SOURce[1|2]]:MOD:FSKey:INTernal:RATE[?]", Number(Item::ModulationRate)),
    ("[SOURce[1|2]]:MOD:FSKey[:FREQuency][?]", Number(Item::Hop)),
    ("[SOURce[1|2]]:TRACe:DATA[:DATA]", Command::Data),
    ("[SOURce[1|2]]:DATA[:DATA]", Command::Data),
];

static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

/// A simulated DG1032Z.
pub(crate) struct Dg1032z {
    outputs: Outputs,
}

impl Item {
    /// What can be set, with this channel set as it is.
    fn bounds(self, channel: &Channel) -> Bounds {
        let most = 20.0 * channel.loaded_part();
        let reach = most / 2.0;
        match self {
            Self::Frequency | Self::SweepStart | Self::SweepStop | Self::Hop => FREQUENCY,
            Self::Deviation => Bounds { least: 0.0, most: channel.frequency, ..FREQUENCY },
            Self::Period => Bounds { least: 1.0 / FREQUENCY.most, ..SECONDS },
            Self::BurstPeriod | Self::SweepTime => Bounds { least: 1e-6, ..SECONDS },
            Self::Amplitude => Bounds::new("V", 1e-3, most, AMPLITUDE.min(most)),
            Self::Offset => {
                let room = (reach - channel.amplitude / 2.0).max(0.0);
                Bounds::new("V", -room, room, 0.0)
            }
            Self::High => Bounds::new("V", channel.low() + 1e-3, reach, reach),
            Self::Low => Bounds::new("V", -reach, channel.high() - 1e-3, -reach),
            Self::Phase | Self::BurstPhase | Self::PhaseDeviation => PHASE,
            Self::Duty | Self::PulseDuty => Bounds { least: 0.01, most: 99.99, ..PERCENT },
            Self::Symmetry => PERCENT,
            Self::Depth => Bounds { most: 120.0, default: 100.0, ..PERCENT },
            Self::BurstCycles => CYCLES,
            Self::ModulationRate => RATE,
        }
    }

    fn get(self, channel: &Channel) -> f64 {
        match self {
            Self::Frequency => channel.frequency,
            Self::Period => 1.0 / channel.frequency,
            Self::Amplitude => channel.amplitude,
            Self::Offset => channel.offset,
            Self::High => channel.high(),
            Self::Low => channel.low(),
            Self::Phase => channel.phase,
            Self::Duty => channel.duty,
            Self::Symmetry => channel.symmetry,
            Self::PulseDuty => channel.pulse.duty,
            Self::BurstCycles => channel.burst.cycles,
            Self::BurstPeriod => channel.burst.period,
            Self::BurstPhase => channel.burst.phase,
            Self::SweepStart => channel.sweep.start,
            Self::SweepStop => channel.sweep.stop,
            Self::SweepTime => channel.sweep.time,
            Self::ModulationRate => channel.modulation.frequency,
            Self::Depth => channel.modulation.depth,
            Self::Deviation => channel.modulation.deviation,
            Self::PhaseDeviation => channel.modulation.phase_deviation,
            Self::Hop => channel.modulation.hop,
        }
    }

    fn set(self, channel: &mut Channel, value: f64) {
        match self {
            Self::Frequency => channel.frequency = value,
            Self::Period => channel.frequency = 1.0 / value,
            Self::Amplitude => {
                channel.amplitude = value;
                channel.noise.deviation = value / 6.0;
            }
            Self::Offset => (channel.offset, channel.noise.mean) = (value, value),
            Self::High => levels(channel, value, channel.low()),
            Self::Low => levels(channel, channel.high(), value),
            Self::Phase => channel.phase = value,
            Self::Duty => channel.duty = value,
            Self::Symmetry => channel.symmetry = value,
            Self::PulseDuty => channel.pulse.duty = value,
            Self::BurstCycles => channel.burst.cycles = value.round(),
            Self::BurstPeriod => channel.burst.period = value,
            Self::BurstPhase => channel.burst.phase = value,
            Self::SweepStart => channel.sweep.start = value,
            Self::SweepStop => channel.sweep.stop = value,
            Self::SweepTime => channel.sweep.time = value,
            Self::ModulationRate => channel.modulation.frequency = value,
            Self::Depth => channel.modulation.depth = value,
            Self::Deviation => channel.modulation.deviation = value,
            Self::PhaseDeviation => channel.modulation.phase_deviation = value,
            Self::Hop => channel.modulation.hop = value,
        }
    }
}

fn levels(channel: &mut Channel, high: f64, low: f64) {
    channel.amplitude = high - low;
    channel.offset = f64::midpoint(high, low);
}

impl Dg1032z {
    pub(crate) fn new(outlets: [Outlet; CHANNELS], noise: Noise, errors: Errors) -> Self {
        Self { outputs: Outputs::new(Channel::initial(AMPLITUDE), outlets, noise, errors) }
    }
}

fn number(channel: &mut Channel, item: Item, call: &Call<'_>) -> Outcome {
    let mut value = item.get(channel);
    match item.bounds(channel).call(call, &mut value)? {
        Some(asked) => Reply::text(exponent(asked, 6)),
        None => {
            item.set(channel, value);
            Ok(Reply::Done)
        }
    }
}

fn load(channel: &mut Channel, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(exponent(channel.load.unwrap_or(HIGH), 6));
    }
    let bounds = Bounds::new("OHM", 1.0, 10_000.0, 50.0);
    let parameter = one(call.parameters)?;
    let is_high = parameter.choice(&["INFinity"]).is_ok();
    channel.load(if is_high { None } else { Some(bounds.take(parameter)?) });
    Ok(Reply::Done)
}

/// A word out of a list, answered in its short form.
fn word<T: Copy + PartialEq>(setting: &mut T, words: &[(&str, T)], call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        let found = words.iter().find(|(_, value)| value == setting);
        let name = found.map_or("", |(name, _)| *name);
        return Reply::text(name.trim_end_matches(|c: char| c.is_ascii_lowercase()));
    }
    let names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
    let place = one(call.parameters)?.choice(&names)?;
    *setting = words.get(place).map_or(*setting, |(_, value)| *value);
    Ok(Reply::Done)
}

/// `:APPLy:SINusoid 1000,5,0,0`: frequency, amplitude, offset, phase, of which any may be left out at the end.
fn apply(channel: &mut Channel, kind: Kind, parameters: &[Parameter]) -> Result<(), Refusal> {
    let items = [Item::Frequency, Item::Amplitude, Item::Offset, Item::Phase];
    if parameters.len() > items.len() {
        return Err((-108).into());
    }
    let mut applied = Channel { kind, mode: Mode::Steady, ..channel.clone() };
    for (item, parameter) in items.into_iter().zip(parameters) {
        let value = item.bounds(&applied).take(parameter)?;
        item.set(&mut applied, value);
    }
    *channel = applied;
    Ok(())
}

/// `"SIN,1.000000E+03,5.000000E+00,0.000000E+00,0.000000E+00"`
fn applied(channel: &Channel) -> String {
    let kind = KINDS.iter().find(|(_, kind)| *kind == channel.kind);
    let name = kind.map_or("", |(name, _)| *name);
    let name = name.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let values = [channel.frequency, channel.amplitude, channel.offset, channel.phase];
    let values = values.map(|value| exponent(value, 6)).join(",");
    format!("\"{name},{values}\"")
}

/// `VOLATILE,-1,0.5,...`: from -1 to 1.
fn data(channel: &mut Channel, parameters: &[Parameter]) -> Result<(), Refusal> {
    let (place, values) = parameters.split_first().ok_or(Refusal::from(-109))?;
    place.choice(&["VOLATILE"])?;
    if !(2..=MOST_SAMPLES).contains(&values.len()) {
        return Err((-223).into());
    }
    let bounds = Bounds::new("", -1.0, 1.0, 0.0);
    let samples: Result<Vec<f64>, _> =
        values.iter().map(|value| bounds.take(value).map(|value| value / 2.0)).collect();
    channel.samples = samples?.into();
    Ok(())
}

fn mode(channel: &mut Channel, group: Mode, call: &Call<'_>) -> Outcome {
    let own = match group {
        Mode::Modulated(_) => Mode::Modulated(channel.modulation.kind),
        other => other,
    };
    let is_on = channel.mode == own;
    if call.query {
        none(call.parameters)?;
        return Reply::text(if is_on { "ON" } else { "OFF" });
    }
    match one(call.parameters)?.boolean()? {
        true => channel.mode = own,
        false if is_on => channel.mode = Mode::Steady,
        false => {}
    }
    Ok(Reply::Done)
}

fn modulation_type(channel: &mut Channel, call: &Call<'_>) -> Outcome {
    let outcome = word(&mut channel.modulation.kind, &MODULATIONS, call);
    if matches!(channel.mode, Mode::Modulated(_)) {
        channel.mode = Mode::Modulated(channel.modulation.kind);
    }
    outcome
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Dg1032z {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        let Some(command) = COMMANDS.get(call.command).copied() else { return Err((-113).into()) };
        let index = index_of(call.suffixes);
        let channel = self.outputs.channel(index);
        let switch = [("ON", true), ("OFF", false)];
        let outcome = match command {
            Command::Output if !call.query => {
                channel.on = one(call.parameters)?.boolean()?;
                Ok(Reply::Done)
            }
            Command::Output => word(&mut channel.on, &switch, call),
            Command::Load => load(channel, call),
            Command::Polarity => {
                word(&mut channel.inverted, &[("NORMal", false), ("INVerted", true)], call)
            }
            Command::Function => word(&mut channel.kind, &KINDS, call),
            Command::Number(item) => number(channel, item, call),
            // Other units of amplitudes are not simulated.
            Command::Unit => word(&mut 0, &[("VPP", 0)], call),
            Command::Apply(kind) => apply(channel, kind, call.parameters).map(|()| Reply::Done),
            Command::Applied => Reply::text(applied(channel)),
            Command::Mode(group) => mode(channel, group, call),
            Command::ModulationType => modulation_type(channel, call),
            Command::Spacing => {
                let words = [("LINear", false), ("LOGarithmic", true)];
                word(&mut channel.sweep.is_logarithmic, &words, call)
            }
            Command::BurstSource => {
                let words = [("INTernal", false), ("EXTernal", true), ("MANual", true)];
                word(&mut channel.burst.is_triggered, &words, call)
            }
            Command::Data => data(channel, call.parameters).map(|()| Reply::Done),
        };
        if !call.query {
            self.outputs.follow(index);
        }
        outcome
    }

    fn reset(&mut self) {
        self.outputs.reset(&Channel::initial(AMPLITUDE));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMANDS.check().unwrap();
    }
}
