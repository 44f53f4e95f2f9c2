//! Keysight 34461A, a Truevolt multimeter of 6½ digits.
//!
//! After Keysight's "Truevolt Series Digital Multimeters Operating and Service Guide", chapter "SCPI
//! Programming Reference": `CONFigure`, `MEASure`, `READ?`, `INITiate`, `FETCh?`, `R?`, `[SENSe]`, `SAMPle`,
//! `TRIGger` and `DATA` commands, *RST values included. Readings have nine digits and both signs, an overload is
//! `+9.90000000E+37`, `CONF?` is `"VOLT +1.00000000E+01,+1.00000000E-05"`. A temperature is that of a platinum resistor
//! whatever sensor is named, a capacitance what lies directly between the terminals. Limits are not simulated.
//!
//! | file | holds |
//! | --- | --- |
//! | `commands` | the command tree |
//! | `function` | ranges, times, resolutions |
//! | `setup` | what is set |
//! | `sensor` | from the circuit to a reading |
//! | `acquisition`, `statistics` | readings under way, and all of them together |
//! | `scanner` | the 34972A, which has such a meter behind its relays |

mod acquisition;
mod commands;
mod function;
pub(crate) mod scanner;
mod sensor;
mod setup;
mod statistics;

use std::time::Duration;

use scpi_protocol::block;
use scpi_protocol::program::{CommandTree, Parameter};
use tokio::time::Instant;

use crate::circuit::{Errors, Terminals};
use crate::format::nine_digits;
use crate::instrument::{Answer, Call, Model, Outcome, Refusal, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, at_most_one, count, digit, none, one};
use acquisition::{Acquisition, MAX_READINGS, TriggerSource};
use commands::{COMMANDS, Command, Item, Statistic};
use function::{Function, integration};
use sensor::{Sensed, Sensing, Sensor};
use setup::{
    COUNT, FunctionSetting, POWER_LINE_CYCLES, Settings, TRIGGER_SOURCES, cycles_for, preset,
    wanted_range,
};
use statistics::Statistics;

/// -213: an `INIT` while readings are taken.
const INIT_IGNORED: i32 = -213;
/// -211: a trigger that nobody waits for.
const TRIGGER_IGNORED: i32 = -211;
/// -214: `READ?` would wait for a trigger that cannot come.
const TRIGGER_DEADLOCK: i32 = -214;
/// -221: more readings than the memory holds.
const SETTINGS_CONFLICT: i32 = -221;
/// -230: there are no readings.
const DATA_STALE: i32 = -230;

/// A simulated 34461A.
pub(crate) struct Multimeter {
    settings: Settings,
    sensor: Sensor,
    acquisition: Acquisition,
    statistics: Statistics,
}

impl Multimeter {
    pub(crate) fn new(
        terminals: Terminals,
        noise: Noise,
        errors: Errors,
        (volts_noise, amperes_noise): (Option<f64>, Option<f64>),
    ) -> Self {
        let sensor = Sensor { terminals, noise, errors, volts_noise, amperes_noise };
        let mut new = Self {
            settings: Settings::default(),
            sensor,
            acquisition: Acquisition::default(),
            statistics: Statistics::default(),
        };
        new.connect();
        new
    }

    fn sensing(&mut self) -> Sensing {
        let function = self.settings.function;
        let FunctionSetting { range, nplc, .. } = *self.settings.of(function);
        Sensing { function, range, nplc, auto_impedance: self.settings.auto_impedance }
    }

    fn connect(&mut self) {
        let sensing = self.sensing();
        self.sensor.connect(&sensing);
    }

    /// What one reading takes, on the bench.
    fn reading_time(&mut self) -> Duration {
        let function = self.settings.function;
        let FunctionSetting { nplc, auto_zero, .. } = *self.settings.of(function);
        function.time(nplc, auto_zero)
    }

    fn cost(&self, time: Duration) -> Duration {
        self.sensor.terminals.circuit.pace().cost(time)
    }

    /// `CONFigure`: everything of the function and of the trigger anew.
    fn configure(&mut self, function: Function, parameters: &[Parameter]) -> Result<(), Refusal> {
        let (range, resolution) = match parameters {
            // The sensor: it has no range.
            _ if function == Function::Temperature => (None, None),
            [] => (None, None),
            [range] => (Some(range), None),
            [range, resolution] => (Some(range), Some(resolution)),
            _ => return Err((-108).into()),
        };
        let mut setting = preset(function);
        if let Some(range) = range {
            setting.range = wanted_range(function, range)?;
            setting.used = setting.range.unwrap_or(setting.used);
        }
        if let Some(resolution) = resolution.filter(|_| function.integrates()) {
            setting.nplc = cycles_for(function, resolution, setting.used)?;
        }
        let settings = Settings { function, ..Settings::default() };
        let of_functions = self.settings.of_functions;
        self.settings = Settings { of_functions, ..settings };
        *self.settings.of(function) = setting;
        self.acquisition = Acquisition::default();
        self.connect();
        Ok(())
    }

    /// `"VOLT +1.00000000E+01,+1.00000000E-05"`
    fn configuration(&mut self) -> String {
        let function = self.settings.function;
        let FunctionSetting { used, nplc, .. } = *self.settings.of(function);
        let (_, resolution) = integration(nplc);
        let name = function.name();
        format!("\"{name} {},{}\"", nine_digits(used), nine_digits(resolution * used))
    }

    fn sense(&mut self, function: Function, item: Item, call: &Call<'_>) -> Outcome {
        match item {
            Item::Nplc => self.power_line_cycles(function, call),
            Item::Range => self.range(function, call),
            Item::AutoRange => self.auto_range(function, call),
            Item::AutoZero => {
                let auto_zero = &mut self.settings.of(function).auto_zero;
                switch(auto_zero, call, Some("ONCE"))
            }
            Item::AutoImpedance => {
                let outcome = switch(&mut self.settings.auto_impedance, call, None);
                self.connect();
                outcome
            }
        }
    }

    fn power_line_cycles(&mut self, function: Function, call: &Call<'_>) -> Outcome {
        let nplc = &mut self.settings.of(function).nplc;
        match POWER_LINE_CYCLES.call(call, nplc)? {
            Some(asked) => Reply::text(nine_digits(asked)),
            None => {
                *nplc = integration(*nplc).0;
                Ok(Reply::Done)
            }
        }
    }

    fn range(&mut self, function: Function, call: &Call<'_>) -> Outcome {
        let setting = self.settings.of(function);
        if call.query {
            let ranges = function.ranges();
            let (least, most) = (sensor::first(function), ranges.last().copied().unwrap_or(1.0));
            let bounds = Bounds::new(function.unit(), least, most, preset(function).used);
            return Reply::text(nine_digits(bounds.asked(call.parameters, setting.used)?));
        }
        let range = wanted_range(function, one(call.parameters)?)?;
        setting.range = range;
        setting.used = range.unwrap_or(setting.used);
        self.connect();
        Ok(Reply::Done)
    }

    fn auto_range(&mut self, function: Function, call: &Call<'_>) -> Outcome {
        let setting = self.settings.of(function);
        let mut automatic = setting.range.is_none();
        let outcome = switch(&mut automatic, call, Some("ONCE"));
        setting.range = (!automatic).then_some(setting.used);
        self.connect();
        outcome
    }

    fn function(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(format!("\"{}\"", self.settings.function.name()));
        }
        let Parameter::Text(name) = one(call.parameters)? else { return Err((-104).into()) };
        self.settings.function = Function::by_name(name).ok_or(Refusal::from(-224))?;
        self.connect();
        Ok(Reply::Done)
    }

    fn initiate(&mut self) -> Result<(), Refusal> {
        if !self.acquisition.is_done() {
            return Err(INIT_IGNORED.into());
        }
        let Settings { source, triggers, samples, .. } = self.settings;
        if triggers.saturating_mul(samples) > MAX_READINGS {
            return Err(SETTINGS_CONFLICT.into());
        }
        self.connect();
        let reading_time = self.reading_time();
        let each = self.cost(reading_time);
        self.acquisition = Acquisition::start(source, triggers, samples, each);
        Ok(())
    }

    /// `READ?`: `INIT` and `FETC?`.
    fn read(&mut self) -> Outcome {
        if self.settings.source == TriggerSource::Bus {
            return Err(TRIGGER_DEADLOCK.into());
        }
        self.initiate()?;
        self.fetch()
    }

    /// Gives all readings once they are taken.
    fn fetch(&mut self) -> Outcome {
        self.take_due();
        if let Some(due) = self.acquisition.due() {
            return Ok(Reply::After(due.saturating_duration_since(Instant::now())));
        }
        if self.acquisition.readings.is_empty() {
            return Err(DATA_STALE.into());
        }
        Reply::text(listed(&self.acquisition.readings))
    }

    /// `R?`: takes readings out of the memory, as a block of text (quirk Q8).
    fn take_out(&mut self, parameters: &[Parameter]) -> Outcome {
        let most = match at_most_one(parameters)? {
            None => MAX_READINGS,
            Some(parameter) => count(parameter, &COUNT)?,
        };
        let readings = &mut self.acquisition.readings;
        let taken = readings.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        let text = listed(&readings.drain(..taken).collect::<Vec<_>>());
        Ok(Reply::Answer(Answer::Bytes(block::definite(text.as_bytes()))))
    }

    fn take_due(&mut self) {
        let window = self.reading_time();
        while self.acquisition.is_due() {
            self.sensor.terminals.circuit.spend_where_fast(window);
            let sensing = self.sensing();
            let Sensed { value, range } = self.sensor.read(&sensing, window);
            self.settings.of(sensing.function).used = range;
            self.statistics.note(value);
            self.acquisition.keep(value);
        }
    }

    fn statistic(&mut self, which: Statistic, call: &Call<'_>) -> Outcome {
        if which == Statistic::State {
            let outcome = switch(&mut self.statistics.on, call, None);
            if !call.query {
                self.statistics.clear();
            }
            return outcome;
        }
        none(call.parameters)?;
        let all = self.statistics.all();
        let [_, _, least, most] = all;
        Reply::text(match which {
            Statistic::All => listed(&all),
            Statistic::Count => nine_digits(self.statistics.count()),
            Statistic::PeakToPeak => nine_digits(most - least),
            Statistic::One(place) => nine_digits(all.get(place).copied().unwrap_or(0.0)),
            _ => {
                self.statistics.clear();
                return Ok(Reply::Done);
            }
        })
    }
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Multimeter {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        let Some(command) = COMMANDS.get(call.command).copied() else { return Err((-113).into()) };
        match command {
            Command::Configure(function) => {
                self.configure(function, call.parameters)?;
                return Ok(Reply::Done);
            }
            Command::Measure(function) => {
                self.configure(function, call.parameters)?;
                return self.read();
            }
            Command::Sense(function, item) => return self.sense(function, item, call),
            Command::Function => return self.function(call),
            Command::Samples => return counted(&mut self.settings.samples, call),
            Command::Triggers => return counted(&mut self.settings.triggers, call),
            Command::TriggerSource => {
                return source_of(&mut self.settings.source, &TRIGGER_SOURCES, call);
            }
            Command::TakeOut => return self.take_out(call.parameters),
            Command::Statistics(which) => return self.statistic(which, call),
            _ => none(call.parameters)?,
        }
        match command {
            Command::Configuration => Reply::text(self.configuration()),
            Command::Read => self.read(),
            Command::Fetch => self.fetch(),
            Command::Points => Reply::text(format!("+{}", self.acquisition.readings.len())),
            Command::Initiate => self.initiate().map(|()| Reply::Done),
            _ => {
                self.acquisition.abort();
                Ok(Reply::Done)
            }
        }
    }

    fn resume(&mut self) -> Outcome {
        self.fetch()
    }

    fn reset(&mut self) {
        self.settings = Settings::default();
        self.acquisition = Acquisition::default();
        self.statistics = Statistics::default();
        self.connect();
    }

    fn trigger(&mut self) -> Outcome {
        let is_taken = self.settings.source == TriggerSource::Bus && self.acquisition.trigger();
        is_taken.then_some(Reply::Done).ok_or(TRIGGER_IGNORED.into())
    }

    fn work(&mut self) -> Option<Instant> {
        self.take_due();
        self.acquisition.due()
    }

    fn is_busy(&self) -> bool {
        self.acquisition.due().is_some()
    }

    /// Bit 4 while it measures, bit 5 while it waits for a trigger.
    fn conditions(&self) -> (u16, u16) {
        let measures = u16::from(self.acquisition.due().is_some()) << 4;
        (measures | u16::from(self.acquisition.is_waiting()) << 5, 0)
    }
}

/// A switch; `once` is a word that means off from now on.
fn switch(setting: &mut bool, call: &Call<'_>, once: Option<&str>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(digit(*setting));
    }
    let parameter = one(call.parameters)?;
    *setting = match (parameter, once) {
        (Parameter::Word(word), Some(once)) if word.eq_ignore_ascii_case(once) => false,
        _ => parameter.boolean()?,
    };
    Ok(Reply::Done)
}

fn source_of(setting: &mut TriggerSource, words: &[&str], call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(match setting {
            TriggerSource::Immediate => "IMM",
            TriggerSource::Bus => "BUS",
            TriggerSource::External => "EXT",
        });
    }
    *setting = match one(call.parameters)?.choice(words)? {
        0 => TriggerSource::Immediate,
        1 => TriggerSource::Bus,
        _ => TriggerSource::External,
    };
    Ok(Reply::Done)
}

fn counted(setting: &mut u32, call: &Call<'_>) -> Outcome {
    if call.query {
        let asked = COUNT.asked(call.parameters, f64::from(*setting))?;
        return Reply::text(format!("+{asked:.0}"));
    }
    *setting = count(one(call.parameters)?, &COUNT)?;
    Ok(Reply::Done)
}

fn listed(readings: &[f64]) -> String {
    readings.iter().copied().map(nine_digits).collect::<Vec<_>>().join(",")
}
