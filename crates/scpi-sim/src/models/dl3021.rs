//! Rigol DL3021: an electronic load of 150 V, 40 A, 200 W.
//!
//! After the "DL3000 Series Programming Guide", chapter 2: `:MEASure` and `[:SOURce]` commands. The mode is
//! set by a word (`CURRent`) and answered by another (`CC`), as on the real one; measurements have six decimals
//! (`0.000067`, published). More than 200 W and a tenth of that switch the input off, as its data sheet says of the
//! over power protection ("OPP"); the exact level is not verified. A battery is discharged with a constant current until
//! its voltage, its charge or the time says that it is enough (`FUNCtion:MODE BATTery`, `BATTery` commands). Its
//! current goes between two levels (`CURRent:TRANsient`): continuously from when `TRANsient` is on, or by triggers.

mod settings;

use std::sync::LazyLock;
use std::time::Duration;

use scpi_protocol::program::CommandTree;

use crate::circuit::{Drain, Errors};
use crate::format::fixed;
use crate::instrument::{Call, Commands, Model, Outcome, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, digit, none, one};

pub(crate) use settings::initial;
use settings::{CONTINUOUS, HOUR, LEVELS, PULSE, RANGES, Settings, WIDTH};

/// Currents below which a resistance is not measured, in amperes.
const LEAST_AMPERES: f64 = 1e-4;

/// What is answered where nothing is measured.
const NOT_MEASURED: f64 = 9.9e37;

/// The words that set what is kept constant.
const FUNCTIONS: [&str; 4] = ["CURRent", "VOLTage", "RESistance", "POWer"];

/// The words that say it.
const MODES: [&str; 4] = ["CC", "CV", "CR", "CP"];

/// Whether its setting stays, or a battery is discharged.
const MODE_WORDS: [&str; 2] = ["FIXed", "BATTery"];

/// How a current goes between its levels: for ever, to the first and back by each trigger, to the other by each trigger.
const TRANSIENTS: [&str; 3] = ["CONTinuous", "PULSe", "TOGGle"];
/// What ends a discharge: volts, ampere hours, seconds.
const STOPS: [Bounds; 3] = [
    Bounds::new("V", 0.0, 150.0, 0.0),
    Bounds::new("", 0.0, 999.0, 0.0),
    Bounds::new("S", 0.0, 360_000.0, 0.0),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Function,
    FunctionMode,
    /// By its place in [`FUNCTIONS`].
    Level(usize),
    Range(usize),
    Transient,
    TransientMode,
    TransientLevel(usize),
    TransientWidth(usize),
    Trigger,
    BatteryLevel,
    /// By its place in [`STOPS`].
    Stop(usize),
    StopEnabled(usize),
    Input,
    Sense,
    Measure(Measured),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measured {
    Voltage,
    Current,
    Power,
    Resistance,
    Capacity,
    Energy,
    Time,
}

/// A part of a transient, by its place.
#[derive(Clone, Copy, Debug)]
enum Part {
    Level(usize),
    Width(usize),
}

const LIST: &[(&str, Command)] = &[
    ("[SOURce]:FUNCtion[?]", Command::Function),
    ("[SOURce]:FUNCtion:MODE[?]", Command::FunctionMode),
    ("[SOURce]:CURRent[:LEVel][:IMMediate][?]", Command::Level(0)),
    ("[SOURce]:VOLTage[:LEVel][:IMMediate][?]", Command::Level(1)),
    ("[SOURce]:RESistance[:LEVel][:IMMediate][?]", Command::Level(2)),
    ("[SOURce]:POWer[:LEVel][:IMMediate][?]", Command::Level(3)),
    ("[SOURce]:CURRent:RANGe[?]", Command::Range(0)),
    ("[SOURce]:VOLTage:RANGe[?]", Command::Range(1)),
    ("[SOURce]:RESistance:RANGe[?]", Command::Range(2)),
    ("[SOURce]:TRANsient[:STATe][?]", Command::Transient),
    ("[SOURce]:CURRent:TRANsient:MODE[?]", Command::TransientMode),
    ("[SOURce]:CURRent:TRANsient:ALEVel[?]", Command::TransientLevel(0)),
    ("[SOURce]:CURRent:TRANsient:BLEVel[?]", Command::TransientLevel(1)),
    ("[SOURce]:CURRent:TRANsient:AWIDth[?]", Command::TransientWidth(0)),
    ("[SOURce]:CURRent:TRANsient:BWIDth[?]", Command::TransientWidth(1)),
    ("TRIGger", Command::Trigger),
    ("[SOURce]:BATTery[:LEVel][:IMMediate][?]", Command::BatteryLevel),
    ("[SOURce]:BATTery:VSTop[?]", Command::Stop(0)),
    ("[SOURce]:BATTery:CSTop[?]", Command::Stop(1)),
    ("[SOURce]:BATTery:TIMer[?]", Command::Stop(2)),
    ("[SOURce]:BATTery:VENable[?]", Command::StopEnabled(0)),
    ("[SOURce]:BATTery:CENable[?]", Command::StopEnabled(1)),
    ("[SOURce]:BATTery:TENable[?]", Command::StopEnabled(2)),
    ("[SOURce]:INPut[:STATe][?]", Command::Input),
    ("[SOURce]:SENSe[?]", Command::Sense),
    ("MEASure:VOLTage[:DC]?", Command::Measure(Measured::Voltage)),
    ("MEASure:CURRent[:DC]?", Command::Measure(Measured::Current)),
    ("MEASure:POWer[:DC]?", Command::Measure(Measured::Power)),
    ("MEASure:RESistance[:DC]?", Command::Measure(Measured::Resistance)),
    ("MEASure:CAPability?", Command::Measure(Measured::Capacity)),
    ("MEASure:WATThours?", Command::Measure(Measured::Energy)),
    ("MEASure:DISChargingTime?", Command::Measure(Measured::Time)),
];

static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

/// A simulated DL3021.
pub(crate) struct Dl3021 {
    drain: Drain,
    settings: Settings,
    noise: Noise,
    errors: Errors,
    /// Of its readings, in volts and amperes.
    readback_noise: (f64, f64),
}

impl Dl3021 {
    pub(crate) fn new(
        drain: Drain,
        noise: Noise,
        errors: Errors,
        readback_noise: (f64, f64),
    ) -> Self {
        Self { drain, settings: Settings::default(), noise, errors, readback_noise }
    }

    fn function(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(MODES[self.settings.function]);
        }
        self.settings.function = one(call.parameters)?.choice(&FUNCTIONS)?;
        self.follow()
    }

    fn level(&mut self, which: usize, call: &Call<'_>) -> Outcome {
        match LEVELS[which].call(call, &mut self.settings.levels[which])? {
            Some(asked) => Reply::text(fixed(asked, 6)),
            None => self.follow(),
        }
    }

    fn mode(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(["FIX", "BATT"][self.settings.mode.min(1)]);
        }
        self.settings.mode = one(call.parameters)?.choice(&MODE_WORDS)?;
        self.follow()
    }

    fn battery_level(&mut self, call: &Call<'_>) -> Outcome {
        match LEVELS[0].call(call, &mut self.settings.battery_amperes)? {
            Some(asked) => Reply::text(fixed(asked, 6)),
            None => self.follow(),
        }
    }

    fn stop(&mut self, which: usize, call: &Call<'_>) -> Outcome {
        match STOPS[which].call(call, &mut self.settings.stops[which].1)? {
            Some(asked) => Reply::text(fixed(asked, 6)),
            None => self.follow(),
        }
    }

    fn stop_enabled(&mut self, which: usize, call: &Call<'_>) -> Outcome {
        let enabled = &mut self.settings.stops[which].0;
        if call.query {
            none(call.parameters)?;
            return Reply::text(digit(*enabled));
        }
        *enabled = one(call.parameters)?.boolean()?;
        self.follow()
    }

    fn transient(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(digit(self.settings.is_transient));
        }
        self.settings.is_transient = one(call.parameters)?.boolean()?;
        self.settings.is_at_first = false;
        self.follow()
    }

    fn transient_mode(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(["CONT", "PULS", "TOGG"][self.settings.transient_mode.min(2)]);
        }
        self.settings.transient_mode = one(call.parameters)?.choice(&TRANSIENTS)?;
        self.settings.is_at_first = false;
        self.follow()
    }

    fn transient_part(&mut self, bounds: &Bounds, which: Part, call: &Call<'_>) -> Outcome {
        let transient = &mut self.settings.transient;
        let part = match which {
            Part::Level(index) => &mut transient.amperes[index],
            Part::Width(index) => &mut transient.seconds[index],
        };
        match bounds.call(call, part)? {
            Some(asked) => Reply::text(fixed(asked, 6)),
            None => self.follow(),
        }
    }

    /// What a trigger does; a pulse ends by itself.
    fn triggered(&mut self) -> Outcome {
        let Settings { is_transient, transient_mode, .. } = self.settings;
        if !is_transient || transient_mode == CONTINUOUS {
            return Err((-211).into());
        }
        self.settings.is_at_first = transient_mode == PULSE || !self.settings.is_at_first;
        self.follow()?;
        if transient_mode != PULSE {
            return Ok(Reply::Done);
        }
        let width = Duration::try_from_secs_f64(self.settings.transient.seconds[0]);
        Ok(Reply::After(self.drain.wait(width.unwrap_or_default())))
    }

    /// A range is low or high; anything up to the low one is low.
    fn range(&mut self, which: usize, call: &Call<'_>) -> Outcome {
        let (bounds, range) = (&RANGES[which], &mut self.settings.ranges[which]);
        if call.query {
            return Reply::text(fixed(bounds.asked(call.parameters, *range)?, 6));
        }
        let wanted = Bounds { least: 0.0, ..*bounds }.take(one(call.parameters)?)?;
        *range = if wanted <= bounds.least { bounds.least } else { bounds.most };
        Ok(Reply::Done)
    }

    fn input(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(digit(self.settings.on));
        }
        self.settings.on = one(call.parameters)?.boolean()?;
        self.follow()
    }

    fn sense(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(digit(self.settings.sense));
        }
        self.settings.sense = one(call.parameters)?.boolean()?;
        Ok(Reply::Done)
    }

    fn measure(&mut self, what: Measured, call: &Call<'_>) -> Outcome {
        none(call.parameters)?;
        let (volts, amperes) = self.drain.measured();
        let volts = self.errors.of_volts(volts) + self.noise.deviate(self.readback_noise.0);
        let amperes = amperes + self.noise.deviate(self.readback_noise.1);
        // What leaks through an input that is off is below what it measures.
        let amperes = if self.settings.on { amperes.max(0.0) } else { 0.0 };
        Reply::text(match what {
            Measured::Voltage => fixed(volts, 6),
            Measured::Current => fixed(amperes, 6),
            Measured::Power => fixed(volts * amperes, 6),
            Measured::Resistance if amperes > LEAST_AMPERES => fixed(volts / amperes, 6),
            Measured::Capacity => fixed(self.drain.taken().coulombs / HOUR, 6),
            Measured::Energy => fixed(self.drain.taken().joules / HOUR, 6),
            Measured::Time => fixed(self.drain.taken().seconds, 0),
            Measured::Resistance => crate::format::exponent(NOT_MEASURED, 1),
        })
    }

    fn follow(&mut self) -> Outcome {
        self.drain.change(self.settings.of_circuit());
        Ok(Reply::Done)
    }
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Dl3021 {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        self.settings.on = self.drain.is_on();
        match COMMANDS.get(call.command).copied() {
            Some(Command::Function) => self.function(call),
            Some(Command::FunctionMode) => self.mode(call),
            Some(Command::Transient) => self.transient(call),
            Some(Command::TransientMode) => self.transient_mode(call),
            Some(Command::TransientLevel(which)) => {
                self.transient_part(&LEVELS[0], Part::Level(which), call)
            }
            Some(Command::TransientWidth(which)) => {
                self.transient_part(&WIDTH, Part::Width(which), call)
            }
            Some(Command::Trigger) => {
                none(call.parameters)?;
                self.triggered()
            }
            Some(Command::BatteryLevel) => self.battery_level(call),
            Some(Command::Stop(which)) => self.stop(which, call),
            Some(Command::StopEnabled(which)) => self.stop_enabled(which, call),
            Some(Command::Level(which)) => self.level(which, call),
            Some(Command::Range(which)) => self.range(which, call),
            Some(Command::Input) => self.input(call),
            Some(Command::Sense) => self.sense(call),
            Some(Command::Measure(what)) => self.measure(what, call),
            None => Err((-113).into()),
        }
    }

    fn trigger(&mut self) -> Outcome {
        self.triggered()
    }

    /// The end of a pulse.
    fn resume(&mut self) -> Outcome {
        self.settings.is_at_first = false;
        self.follow()
    }

    fn reset(&mut self) {
        self.settings = Settings::default();
        self.drain.change(self.settings.of_circuit());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMANDS.check().unwrap();
    }
}
