//! Rigol MSO5074: an oscilloscope of four channels.
//!
//! After the "MSO5000 Series Programming Guide", chapter 2: `:ACQuire`, `:CHANnel`, `:MEASure`, `:TIMebase`,
//! `:TRIGger`, `:WAVeform` and root commands. In NORMal mode `XINCrement` is the time scale / 100 and `YINCrement`
//! the vertical scale / 25; V = (code - YORigin - YREFerence) * YINCrement. Numbers are written as the published
//! preamble and depth are (`2.000000E-4`, `1.9963E-02`, quirk Q29: `1.0000E+06`). Only edge triggers are
//! simulated, and only what repeats can trigger.
//!
//! | file | holds |
//! | --- | --- |
//! | `commands` | the command tree |
//! | `setup` | what is set |
//! | `state` | running, armed, stopped |
//! | `capture`, `measure` | samples and what is measured of them |
//! | `transfer` | preamble and data |
//! | `keysight`, `siglent`, `tektronix` | other makers' words over the same |

mod capture;
mod commands;
pub(crate) mod keysight;
mod measure;
mod setup;
pub(crate) mod siglent;
mod state;
pub(crate) mod tektronix;
mod transfer;

use scpi_protocol::program::{CommandTree, Parameter};
use tokio::time::Instant;

use crate::circuit::{Errors, Probe};
use crate::format::{exponent, fixed, short_exponent};
use crate::instrument::{Answer, Call, Model, Outcome, Refusal, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, channel, count, digit, none, one};
use commands::{COMMANDS, ChannelItem, Command};
pub(crate) use setup::CHANNELS;
use setup::{
    AVERAGES, BANDWIDTHS, COUPLINGS, Coupling, DEPTHS, FORMATS, MODES, PROBE, SCALE, SLOPES,
    SWEEPS, Setup, TIME_OFFSET, TIME_SCALE, TYPES,
};
use state::{Running, State};

/// What names a channel.
const CHANNEL_NAMES: [&str; 2] = ["CHAN", "CHANNEL"];

/// -224.
const ILLEGAL_PARAMETER_VALUE: i32 = -224;

/// The divisions from the middle of the screen in which a trigger level can lie.
const LEVEL_DIVISIONS: f64 = 5.0;

/// A simulated MSO5074.
pub(crate) struct Oscilloscope {
    setup: Setup,
    state: State,
}

impl Oscilloscope {
    pub(crate) fn new(probes: [Probe; CHANNELS], noise: Noise, errors: Errors) -> Self {
        Self { setup: Setup::default(), state: State::new(probes, noise, errors) }
    }

    fn channel(&mut self, item: ChannelItem, call: &Call<'_>) -> Outcome {
        let channel = &mut self.setup.channels[index_of(call.suffixes)];
        match item {
            ChannelItem::Display => return switch(&mut channel.shown, call),
            ChannelItem::Coupling => {
                let mut place = match channel.coupling {
                    Coupling::Ac => 0,
                    Coupling::Dc => 1,
                    Coupling::Ground => 2,
                };
                let outcome = word(&mut place, &COUPLINGS, call);
                channel.coupling = [Coupling::Ac, Coupling::Dc, Coupling::Ground][place];
                return outcome;
            }
            ChannelItem::Bandwidth => return bandwidth(&mut channel.bandwidth, call),
            ChannelItem::Probe => {
                let before = channel.probe;
                let outcome = number_of(&mut channel.probe, &PROBE, call);
                // The screen stays as it is: what a division means changes.
                channel.scale *= channel.probe / before;
                channel.offset *= channel.probe / before;
                return outcome;
            }
            ChannelItem::Scale => {
                let probe = channel.probe;
                let bounds = Bounds::new(
                    "V",
                    SCALE.least * probe,
                    SCALE.most * probe,
                    SCALE.default * probe,
                );
                return number_of(&mut channel.scale, &bounds, call);
            }
            ChannelItem::Offset => {}
        }
        let greatest = channel.greatest_offset();
        number_of(&mut channel.offset, &Bounds::new("V", -greatest, greatest, 0.0), call)
    }

    fn depth(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(match self.setup.depth {
                None => "AUTO".to_owned(),
                Some(depth) => exponent(depth.into(), 4),
            });
        }
        self.setup.depth = wanted_depth(one(call.parameters)?)?;
        Ok(Reply::Done)
    }

    fn averages(&mut self, call: &Call<'_>) -> Outcome {
        if call.query {
            none(call.parameters)?;
            return Reply::text(self.setup.averages.to_string());
        }
        // Coerced without an error to a power of two (quirk Q26).
        let wanted = count(one(call.parameters)?, &AVERAGES)?;
        let above = wanted.next_power_of_two();
        self.setup.averages = if above == wanted { wanted } else { above / 2 };
        Ok(Reply::Done)
    }

    fn trigger_level(&mut self, call: &Call<'_>) -> Outcome {
        let source = self.setup.channels[self.setup.trigger.source];
        let reach = LEVEL_DIVISIONS * source.scale;
        let bounds = Bounds::new("V", -reach - source.offset, reach - source.offset, 0.0);
        number_of(&mut self.setup.trigger.level, &bounds, call)
    }

    fn trigger_mode(&mut self, call: &Call<'_>) -> Outcome {
        word(&mut 0, &["EDGE"], call)
    }

    fn transfer(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let of_memory = transfer::is_of_memory(&self.setup.transfer, self.state.is_stopped());
        let last = transfer::available(self.state.capture(), of_memory);
        let transfer = &mut self.setup.transfer;
        match command {
            Command::WaveSource => source(&mut transfer.source, call),
            Command::WaveMode => {
                let outcome = word(&mut transfer.mode, &MODES, call);
                if !call.query {
                    (transfer.start, transfer.stop) = (1, measure::SCREEN_SAMPLES);
                }
                outcome
            }
            Command::WaveFormat => word(&mut transfer.format, &FORMATS, call),
            Command::WaveStart => whole_of(&mut transfer.start, last, call),
            Command::WaveStop => whole_of(&mut transfer.stop, last, call),
            _ => {
                let mut points = (transfer.stop + 1).saturating_sub(transfer.start);
                let outcome = whole_of(&mut points, last, call);
                transfer.stop = transfer.start.saturating_add(points).saturating_sub(1);
                outcome
            }
        }
    }

    fn read_out(&mut self, wants_data: bool) -> Outcome {
        self.state.refresh(&self.setup);
        let transfer = &self.setup.transfer;
        let of_memory = transfer::is_of_memory(transfer, self.state.is_stopped());
        // The memory is only there while nothing is written into it.
        let is_readable = !of_memory || self.state.is_stopped();
        let capture = self.state.capture().filter(|_| is_readable);
        Ok(Reply::Answer(if wants_data {
            transfer::data(capture, transfer, of_memory)
        } else {
            Answer::Text(transfer::preamble(capture, transfer, of_memory))
        }))
    }

    fn measure(&mut self, call: &Call<'_>) -> Outcome {
        let (item, sources) = call.parameters.split_first().ok_or(Refusal::from(-109))?;
        let item = item.choice(&measure::ITEMS)?;
        let measured = match sources {
            [] => self.setup.measured,
            [source] => channel(source, &CHANNEL_NAMES, CHANNELS)?,
            _ => return Err((-108).into()),
        };
        if !call.query {
            self.setup.measured = measured;
            return Ok(Reply::Done);
        }
        self.state.refresh(&self.setup);
        let value = self
            .state
            .capture()
            .map_or(9.9e37, |capture| measure::measure(capture, measured, item));
        Reply::text(if value >= 9.9e37 { "9.9E37".to_owned() } else { short_exponent(value) })
    }

    fn control(&mut self, command: Command) -> Outcome {
        match command {
            Command::Run => self.state.run(&mut self.setup),
            Command::Stop => self.state.stop(&self.setup),
            Command::Single => self.state.arm(&mut self.setup),
            Command::Force => self.state.force(&self.setup),
            _ => self.state.clear(),
        }
        Ok(Reply::Done)
    }
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Oscilloscope {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        let Some(command) = COMMANDS.get(call.command).copied() else { return Err((-113).into()) };
        let setup = &mut self.setup;
        match command {
            Command::Channel(item) => return self.channel(item, call),
            Command::TimeScale => return number_of(&mut setup.time_scale, &TIME_SCALE, call),
            Command::TimeOffset => return number_of(&mut setup.time_offset, &TIME_OFFSET, call),
            Command::Type => return word(&mut setup.acquisition, &TYPES, call),
            Command::Averages => return self.averages(call),
            Command::Depth => return self.depth(call),
            Command::TriggerMode => return self.trigger_mode(call),
            Command::TriggerSource => return source(&mut setup.trigger.source, call),
            Command::TriggerSlope => return word(&mut setup.trigger.slope, &SLOPES, call),
            Command::TriggerLevel => return self.trigger_level(call),
            Command::TriggerSweep => return self.sweep(call),
            Command::WaveSource
            | Command::WaveMode
            | Command::WaveFormat
            | Command::WavePoints
            | Command::WaveStart
            | Command::WaveStop => return self.transfer(command, call),
            Command::Measure => return self.measure(call),
            Command::MeasureSource => return source(&mut setup.measured, call),
            _ => none(call.parameters)?,
        }
        match command {
            Command::Rate => Reply::text(short_exponent(self.setup.rate())),
            Command::TriggerStatus => {
                self.state.refresh(&self.setup);
                Reply::text(self.state.status(&self.setup))
            }
            Command::Preamble => self.read_out(false),
            Command::Data => self.read_out(true),
            _ => self.control(command),
        }
    }

    fn reset(&mut self) {
        self.setup = Setup::default();
        self.state.clear();
        self.state.run(&mut self.setup);
    }

    fn work(&mut self) -> Option<Instant> {
        self.state.refresh_if_due(&self.setup);
        self.state.due()
    }
}

impl Oscilloscope {
    fn sweep(&mut self, call: &Call<'_>) -> Outcome {
        let outcome = word(&mut self.setup.trigger.sweep, &SWEEPS, call);
        if !call.query && self.setup.trigger.sweep == 2 && self.state.running() == Running::Free {
            self.state.arm(&mut self.setup);
        }
        outcome
    }
}

fn wanted_depth(parameter: &Parameter) -> Result<Option<u32>, Refusal> {
    let by_word = |word: &str| {
        let depth = DEPTHS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        depth.map(|(_, depth)| Some(*depth)).ok_or(Refusal::from(ILLEGAL_PARAMETER_VALUE))
    };
    match parameter {
        Parameter::Word(word) if word.eq_ignore_ascii_case("AUTO") => Ok(None),
        // `1k` reads as a number with a suffix that is no unit.
        Parameter::Number(number) => match &number.suffix {
            Some(letter) => by_word(&format!("{}{letter}", number.value)),
            None => {
                let wanted = number.value.to_f64();
                let depth = DEPTHS.iter().find(|(_, depth)| f64::from(*depth) == wanted);
                depth.map(|(_, depth)| Some(*depth)).ok_or(ILLEGAL_PARAMETER_VALUE.into())
            }
        },
        Parameter::Word(word) => by_word(word),
        _ => Err((-104).into()),
    }
}

/// `20M`, `100M` or `OFF`; the first two read as numbers with a suffix.
fn bandwidth(setting: &mut usize, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(BANDWIDTHS[*setting]);
    }
    let text = match one(call.parameters)? {
        Parameter::Word(word) => word.clone(),
        Parameter::Number(number) => {
            format!("{}{}", number.value, number.suffix.as_deref().unwrap_or_default())
        }
        _ => return Err((-104).into()),
    };
    let place = BANDWIDTHS.iter().position(|own| own.eq_ignore_ascii_case(&text));
    *setting = place.ok_or(Refusal::from(ILLEGAL_PARAMETER_VALUE))?;
    Ok(Reply::Done)
}

fn switch(setting: &mut bool, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(digit(*setting));
    }
    *setting = one(call.parameters)?.boolean()?;
    Ok(Reply::Done)
}

/// The channel of a numeric suffix, from 0.
fn index_of(suffixes: &[u32]) -> usize {
    let number = suffixes.first().copied().unwrap_or(1);
    usize::try_from(number).unwrap_or(1).clamp(1, CHANNELS) - 1
}

/// One of some words, answered in its short form.
fn word(setting: &mut usize, words: &[&str], call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        let word = words.get(*setting).copied().unwrap_or_default();
        return Reply::text(word.trim_end_matches(|c: char| c.is_ascii_lowercase()));
    }
    *setting = one(call.parameters)?.choice(words)?;
    Ok(Reply::Done)
}

fn source(setting: &mut usize, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(format!("CHAN{}", *setting + 1));
    }
    *setting = channel(one(call.parameters)?, &CHANNEL_NAMES, CHANNELS)?;
    Ok(Reply::Done)
}

fn number_of(setting: &mut f64, bounds: &Bounds, call: &Call<'_>) -> Outcome {
    match bounds.call(call, setting)? {
        Some(asked) => Reply::text(short_exponent(asked)),
        None => Ok(Reply::Done),
    }
}

fn whole_of(setting: &mut u32, last: u32, call: &Call<'_>) -> Outcome {
    let bounds = Bounds::new("", 1.0, last.into(), 1.0);
    if call.query {
        return Reply::text(fixed(bounds.asked(call.parameters, f64::from(*setting))?, 0));
    }
    *setting = count(one(call.parameters)?, &bounds)?;
    Ok(Reply::Done)
}
