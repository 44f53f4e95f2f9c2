//! Agilent 34972A: a scanner with a multimeter inside, and a multiplexer 34901A of 22 channels in slot 1.
//!
//! After the "34970A/34972A Command Reference" and user's guide: `CONFigure`, `MEASure`, `ROUTe`, `INITiate`, `READ?`,
//! `FETCh?`, `R?` (readings as text in a block, quirk Q8: `#231+2.87536000E-04,+3.18131400E-03`), `DATA`, `TRIGger`,
//! `FORMat:READing:CHANnel`, `SYSTem:CTYPe?`. Channels 101 to 120 take voltages and resistances, 121 and 122 currents.
//! Monitor, limits and scaling are not simulated.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;
use std::time::Duration;

use scpi_protocol::block;
use scpi_protocol::program::{CommandTree, Parameter};
use tokio::time::Instant;

use super::acquisition::{Acquisition, TriggerSource};
use super::function::Function;
use super::sensor::{OVERLOAD, Sensing, Sensor};
use super::setup::{COUNT, TRIGGER_SOURCES, wanted_range};
use super::switch;
use crate::circuit::{Errors, Terminals};
use crate::format::nine_digits;
use crate::instrument::{Answer, Call, Commands, Model, Outcome, Refusal, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, at_most_one, count, digit, none, one};

/// The channels of the multiplexer in slot 1.
pub(crate) const CHANNELS: std::ops::RangeInclusive<u32> = 101..=122;

/// Those that take currents.
pub(crate) const CURRENTS: std::ops::RangeInclusive<u32> = 121..=122;

/// Readings that its memory holds.
const MEMORY: usize = 50_000;

/// -213: an `INIT` while readings are taken.
const INIT_IGNORED: i32 = -213;
/// -221: nothing is to be scanned.
const SETTINGS_CONFLICT: i32 = -221;
/// -224: no such channel, or none that can do this.
const ILLEGAL_PARAMETER_VALUE: i32 = -224;
/// -230: there are no readings.
const DATA_STALE: i32 = -230;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Configure(Function),
    Measure(Function),
    Scan,
    Delay,
    Close,
    Open,
    Triggers,
    TriggerSource,
    Initiate,
    Abort,
    Read,
    Fetch,
    TakeOut,
    Points,
    WithChannel,
    Card,
}

use Command::{Configure, Measure};

const LIST: &[(&str, Command)] = &[
    ("CONFigure:VOLTage[:DC]", Configure(Function::DcVoltage)),
    ("CONFigure:VOLTage:AC", Configure(Function::AcVoltage)),
    ("CONFigure:CURRent[:DC]", Configure(Function::DcCurrent)),
    ("CONFigure:RESistance", Configure(Function::Resistance)),
    ("CONFigure:FREQuency", Configure(Function::Frequency)),
    ("CONFigure:PERiod", Configure(Function::Period)),
    ("MEASure:VOLTage[:DC]?", Measure(Function::DcVoltage)),
    ("MEASure:VOLTage:AC?", Measure(Function::AcVoltage)),
    ("MEASure:CURRent[:DC]?", Measure(Function::DcCurrent)),
    ("MEASure:RESistance?", Measure(Function::Resistance)),
    ("MEASure:FREQuency?", Measure(Function::Frequency)),
    ("MEASure:PERiod?", Measure(Function::Period)),
    ("ROUTe:SCAN[?]", Command::Scan),
    ("ROUTe:CHANnel:DELay[?]", Command::Delay),
    ("ROUTe:CLOSe[?]", Command::Close),
    ("ROUTe:OPEN[?]", Command::Open),
    ("TRIGger:COUNt[?]", Command::Triggers),
    ("TRIGger:SOURce[?]", Command::TriggerSource),
    ("INITiate[:IMMediate]", Command::Initiate),
    ("ABORt", Command::Abort),
    ("READ?", Command::Read),
    ("FETCh?", Command::Fetch),
    ("R?", Command::TakeOut),
    ("DATA:POINts?", Command::Points),
    ("FORMat:READing:CHANnel[?]", Command::WithChannel),
    ("SYSTem:CTYPe?", Command::Card),
];

static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

/// How one channel is measured.
#[derive(Clone, Copy, Debug)]
struct Setting {
    function: Function,
    /// `None` is automatic.
    range: Option<f64>,
    /// Before it is read, in seconds.
    delay: f64,
}

/// A simulated 34972A.
pub(crate) struct Scanner {
    sensors: BTreeMap<u32, Sensor>,
    settings: BTreeMap<u32, Setting>,
    list: Vec<u32>,
    closed: BTreeSet<u32>,
    triggers: u32,
    source: TriggerSource,
    with_channel: bool,
    acquisition: Acquisition,
    /// Which of the list is read next.
    next: usize,
    memory: VecDeque<(f64, u32)>,
}

impl Scanner {
    /// Over channels that are wired.
    pub(crate) fn new(wired: BTreeMap<u32, Terminals>, noise: &Noise, errors: Errors) -> Self {
        let sensors = wired.into_iter().map(|(channel, terminals)| {
            let noise = noise.of_part(channel);
            let sensor =
                Sensor { terminals, noise, errors, volts_noise: None, amperes_noise: None };
            sensor.open();
            (channel, sensor)
        });
        Self {
            sensors: sensors.collect(),
            settings: BTreeMap::new(),
            list: Vec::new(),
            closed: BTreeSet::new(),
            triggers: 1,
            source: TriggerSource::Immediate,
            with_channel: false,
            acquisition: Acquisition::default(),
            next: 0,
            memory: VecDeque::new(),
        }
    }

    /// `CONFigure:VOLTage:DC 10,DEF,(@101:103)`: sets the channels, and they become the list that is scanned.
    fn configure(&mut self, function: Function, parameters: &[Parameter]) -> Result<(), Refusal> {
        let (channels, rest) = parameters.split_last().ok_or(Refusal::from(-109))?;
        let channels = listed(channels)?;
        let takes = |channel: &u32| CURRENTS.contains(channel) == (function == Function::DcCurrent);
        if !channels.iter().all(takes) {
            return Err(ILLEGAL_PARAMETER_VALUE.into());
        }
        let range = match rest {
            [] => None,
            [range] | [range, _] => wanted_range(function, range)?,
            _ => return Err((-108).into()),
        };
        for channel in &channels {
            self.settings.insert(*channel, Setting { function, range, delay: 0.0 });
        }
        self.list = channels;
        (self.triggers, self.source) = (1, TriggerSource::Immediate);
        Ok(())
    }

    fn scan(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            let list = format!("(@{})", joined(self.list.iter()));
            return Ok(Reply::Answer(Answer::Bytes(block::definite(list.as_bytes()))));
        }
        let list = listed(one(call.parameters)?)?;
        for channel in &list {
            self.settings.entry(*channel).or_insert(Setting {
                function: if CURRENTS.contains(channel) {
                    Function::DcCurrent
                } else {
                    Function::DcVoltage
                },
                range: None,
                delay: 0.0,
            });
        }
        self.list = list;
        Ok(Reply::Done)
    }

    fn delay(&mut self, call: &Call<'_>) -> Outcome {
        let (last, rest) = call.parameters.split_last().ok_or(Refusal::from(-109))?;
        let channels = listed(last)?;
        if call.query {
            none(rest)?;
            let delay = |channel| self.settings.get(channel).map_or(0.0, |setting| setting.delay);
            return Reply::text(joined(channels.iter().map(|it| nine_digits(delay(it)))));
        }
        let seconds = Bounds::new("S", 0.0, 60.0, 0.0).take(one(rest)?)?;
        for channel in &channels {
            if let Some(setting) = self.settings.get_mut(channel) {
                setting.delay = seconds;
            }
        }
        Ok(Reply::Done)
    }

    /// A relay that is closed by hand connects its channel to the meter's input.
    fn relays(&mut self, close: bool, call: &Call<'_>) -> Outcome {
        let channels = listed(one(call.parameters)?)?;
        if call.query {
            let is = |channel| digit(self.closed.contains(channel) == close);
            return Reply::text(joined(channels.iter().map(is)));
        }
        for channel in channels {
            if close {
                self.closed.insert(channel);
            } else {
                self.closed.remove(&channel);
            }
        }
        Ok(Reply::Done)
    }

    fn initiate(&mut self) -> Result<(), Refusal> {
        if !self.acquisition.is_done() {
            return Err(INIT_IGNORED.into());
        }
        let channels = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        if channels == 0 {
            return Err(SETTINGS_CONFLICT.into());
        }
        self.memory.clear();
        self.next = 0;
        let each = self.cost();
        self.acquisition = Acquisition::start(self.source, self.triggers, channels, each);
        Ok(())
    }

    /// What one channel takes, here: the slowest of the list.
    fn cost(&self) -> Duration {
        let pace = self.sensors.values().next().map(|sensor| sensor.terminals.circuit.pace());
        let times = self.list.iter().filter_map(|channel| self.settings.get(channel));
        let times = times.map(|setting| {
            let delay = Duration::try_from_secs_f64(setting.delay).unwrap_or_default();
            setting.function.time(1.0, true) + delay
        });
        pace.map_or(Duration::ZERO, |pace| pace.cost(times.max().unwrap_or_default()))
    }

    fn take_due(&mut self) {
        while self.acquisition.is_due() {
            let channel = self.list.get(self.next).copied().unwrap_or_default();
            self.next = (self.next + 1) % self.list.len().max(1);
            let value = self.reading(channel);
            if self.memory.len() >= MEMORY {
                self.memory.pop_front();
            }
            self.memory.push_back((value, channel));
            self.acquisition.keep(value);
            self.acquisition.readings.clear();
        }
    }

    /// What is not wired reads as an input that nothing holds.
    fn reading(&mut self, channel: u32) -> f64 {
        let Some(setting) = self.settings.get(&channel).copied() else { return 0.0 };
        let Some(sensor) = self.sensors.get_mut(&channel) else {
            let is_open = setting.function == Function::Resistance;
            return if is_open { OVERLOAD } else { 0.0 };
        };
        let Setting { function, range, .. } = setting;
        let sensing = Sensing { function, range, nplc: 1.0, auto_impedance: false };
        let time = function.time(1.0, true);
        sensor.connect(&sensing);
        sensor.terminals.circuit.spend_where_fast(time);
        let value = sensor.read(&sensing, time).value;
        sensor.open();
        value
    }

    fn fetch(&mut self) -> Outcome {
        self.take_due();
        if let Some(due) = self.acquisition.due() {
            return Ok(Reply::After(due.saturating_duration_since(Instant::now())));
        }
        if self.memory.is_empty() {
            return Err(DATA_STALE.into());
        }
        Reply::text(self.shown(self.memory.len()))
    }

    /// The oldest readings as text; each with its channel where that is asked for.
    fn shown(&self, count: usize) -> String {
        joined(self.memory.iter().take(count).map(|(value, channel)| {
            let value = nine_digits(*value);
            if self.with_channel { format!("{value},{channel}") } else { value }
        }))
    }

    fn take_out(&mut self, parameters: &[Parameter]) -> Outcome {
        self.take_due();
        let most = match at_most_one(parameters)? {
            None => self.memory.len(),
            Some(most) => usize::try_from(count(most, &COUNT)?).unwrap_or(usize::MAX),
        };
        let taken = most.min(self.memory.len());
        let text = self.shown(taken);
        self.memory.drain(..taken);
        Ok(Reply::Answer(Answer::Bytes(block::definite(text.as_bytes()))))
    }
}

/// The channels of a list; each must be one of slot 1.
fn listed(parameter: &Parameter) -> Result<Vec<u32>, Refusal> {
    let channels = parameter.channels()?;
    let are_there = channels.iter().all(|channel| CHANNELS.contains(channel));
    are_there.then_some(channels).ok_or(ILLEGAL_PARAMETER_VALUE.into())
}

fn joined(parts: impl Iterator<Item = impl ToString>) -> String {
    parts.map(|part| part.to_string()).collect::<Vec<_>>().join(",")
}

/// `SYSTem:CTYPe? 100`
fn card(parameters: &[Parameter]) -> Outcome {
    let slot = count(one(parameters)?, &Bounds::new("", 100.0, 300.0, 100.0))?;
    Reply::text(match slot {
        100 => "Agilent Technologies,34901A,0,1.0",
        200 | 300 => "Agilent Technologies,0,0,0",
        _ => return Err(ILLEGAL_PARAMETER_VALUE.into()),
    })
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Scanner {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        let Some(command) = COMMANDS.get(call.command).copied() else { return Err((-113).into()) };
        match command {
            Command::Configure(function) => {
                self.configure(function, call.parameters).map(|()| Reply::Done)
            }
            Command::Measure(function) => {
                self.configure(function, call.parameters)?;
                self.initiate()?;
                self.fetch()
            }
            Command::Scan => self.scan(call),
            Command::Delay => self.delay(call),
            Command::Close => self.relays(true, call),
            Command::Open => self.relays(false, call),
            Command::Triggers => super::counted(&mut self.triggers, call),
            Command::TriggerSource => super::source_of(&mut self.source, &TRIGGER_SOURCES, call),
            Command::WithChannel => switch(&mut self.with_channel, call, None),
            Command::TakeOut => self.take_out(call.parameters),
            Command::Card => card(call.parameters),
            _ => {
                none(call.parameters)?;
                match command {
                    Command::Read => {
                        self.initiate()?;
                        self.fetch()
                    }
                    Command::Fetch => self.fetch(),
                    Command::Points => Reply::text(format!("+{}", self.memory.len())),
                    Command::Initiate => self.initiate().map(|()| Reply::Done),
                    _ => {
                        self.acquisition.abort();
                        Ok(Reply::Done)
                    }
                }
            }
        }
    }

    fn resume(&mut self) -> Outcome {
        self.fetch()
    }

    fn reset(&mut self) {
        self.settings.clear();
        self.list.clear();
        self.closed.clear();
        self.memory.clear();
        (self.triggers, self.source, self.with_channel) = (1, TriggerSource::Immediate, false);
        self.acquisition = Acquisition::default();
    }

    fn trigger(&mut self) -> Outcome {
        let is_taken = self.source == TriggerSource::Bus && self.acquisition.trigger();
        is_taken.then_some(Reply::Done).ok_or((-211).into())
    }

    fn work(&mut self) -> Option<Instant> {
        self.take_due();
        self.acquisition.due()
    }

    fn is_busy(&self) -> bool {
        self.acquisition.due().is_some()
    }

    /// Bit 4 while it scans, bit 5 while it waits for a trigger.
    fn conditions(&self) -> (u16, u16) {
        let scans = u16::from(self.acquisition.due().is_some()) << 4;
        (scans | u16::from(self.acquisition.is_waiting()) << 5, 0)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMANDS.check().unwrap();
    }
}
