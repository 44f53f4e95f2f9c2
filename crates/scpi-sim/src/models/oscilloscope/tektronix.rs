//! Tektronix MDO3104 and MSO54: oscilloscopes of four channels.
//!
//! After the MDO3000 and MSO programmer manuals (077-1149 for the fields of `WFMOutpre?` and their forms): `CH<x>`,
//! `SELect`, `HORizontal`, `ACQuire`, `TRIGger:A`, `DATa`, `WFMOutpre?`, `CURVe?` and `HEADer`; of the 5 Series (077-1305)
//! `DISplay:GLObal` and `CH<x>:PROBEFunc:EXTAtten`. Samples are signed; V = (code - YOFf) * YMUlt + YZEro. Answers have their
//! header before them until it is switched off. Its probes have a gain of 1.

use std::sync::LazyLock;

use scpi_protocol::block;
use scpi_protocol::program::CommandTree;
use tokio::time::Instant;

use super::capture::Capture;
use super::measure::SCREEN_SAMPLES;
use super::setup::{CHANNELS, Coupling, SCALE, Setup, TIME_OFFSET, TIME_SCALE};
use super::state::Running;
use super::{Oscilloscope, index_of, switch, word};
use crate::circuit::{Errors, Probe};
use crate::format::engineering;
use crate::instrument::{Answer, Call, Commands, Model, Outcome, Refusal, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, channel, count, none, one};

/// What names a channel.
const CHANNEL_NAMES: [&str; 1] = ["CH"];

const ENCODINGS: [&str; 5] = ["ASCIi", "RIBinary", "RPBinary", "SRIbinary", "SRPbinary"];

const STATES: [&str; 4] = ["STOP", "RUN", "OFF", "ON"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Scale,
    Offset,
    Coupling,
    Select,
    Display,
    External,
    Gain,
    Bandwidth,
    Position,
    TimeScale,
    TimePoint,
    DelayMode,
    TimePosition,
    State,
    StopAfter,
    Mode,
    TriggerType,
    TriggerSource,
    TriggerSlope,
    TriggerLevel,
    TriggerMode,
    TriggerState,
    Force,
    Busy,
    Source,
    Start,
    Stop,
    Encoding,
    Width,
    Preamble,
    Curve,
    Header,
}

const LIST: &[(&str, Command)] = &[
    ("CH[1|2|3|4]:SCAle[?]", Command::Scale),
    ("CH[1|2|3|4]:OFFSet[?]", Command::Offset),
    ("CH[1|2|3|4]:COUPling[?]", Command::Coupling),
    ("SELect:CH[1|2|3|4][?]", Command::Select),
    ("DISplay:GLObal:CH[1|2|3|4]:STATE[?]", Command::Display),
    ("CH[1|2|3|4]:PROBEFunc:EXTAtten[?]", Command::External),
    ("CH[1|2|3|4]:PRObe:GAIN?", Command::Gain),
    ("CH[1|2|3|4]:BANdwidth[?]", Command::Bandwidth),
    ("CH[1|2|3|4]:POSition[?]", Command::Position),
    ("HORizontal:POSition[?]", Command::TimePoint),
    ("HORizontal:DELay:MODe[?]", Command::DelayMode),
    ("TRIGger:A:TYPe[?]", Command::TriggerType),
    ("HORizontal[:MAIn]:SCAle[?]", Command::TimeScale),
    ("HORizontal:DELay:TIMe[?]", Command::TimePosition),
    ("ACQuire:STATE[?]", Command::State),
    ("ACQuire:STOPAfter[?]", Command::StopAfter),
    ("ACQuire:MODe[?]", Command::Mode),
    ("TRIGger:A:EDGE:SOUrce[?]", Command::TriggerSource),
    ("TRIGger:A:EDGE:SLOpe[?]", Command::TriggerSlope),
    ("TRIGger:A:LEVel[?]", Command::TriggerLevel),
    ("TRIGger:A:LEVel:CH[1|2|3|4][?]", Command::TriggerLevel),
    ("TRIGger:A:MODe[?]", Command::TriggerMode),
    ("TRIGger:STATE?", Command::TriggerState),
    ("TRIGger", Command::Force),
    ("BUSY?", Command::Busy),
    ("DATa:SOUrce[?]", Command::Source),
    ("DATa:STARt[?]", Command::Start),
    ("DATa:STOP[?]", Command::Stop),
    ("DATa:ENCdg[?]", Command::Encoding),
    ("DATa:WIDth[?]", Command::Width),
    ("WFMOutpre?", Command::Preamble),
    ("CURVe?", Command::Curve),
    ("HEADer[?]", Command::Header),
];

static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Series {
    Mdo3000,
    Mso5,
}

impl Series {
    fn has(self, command: Command) -> bool {
        match command {
            Command::Select => self == Self::Mdo3000,
            Command::Display | Command::External => self == Self::Mso5,
            _ => true,
        }
    }
}

/// A simulated MDO3104 or MSO54.
pub(crate) struct Tektronix {
    scope: Oscilloscope,
    series: Series,
    is_delayed: bool,
    encoding: usize,
    /// Bytes of a sample.
    width: u32,
    is_single: bool,
    has_header: bool,
}

impl Tektronix {
    pub(crate) fn new(
        series: Series,
        probes: [Probe; CHANNELS],
        noise: Noise,
        errors: Errors,
    ) -> Self {
        let mut scope = Oscilloscope::new(probes, noise, errors);
        scope.setup = initial();
        Self {
            scope,
            series,
            is_delayed: true,
            encoding: 1,
            width: 1,
            is_single: false,
            has_header: true,
        }
    }

    fn vertical(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let channel = &mut self.scope.setup.channels[index_of(call.suffixes)];
        match command {
            Command::Scale => {
                let Bounds { unit, most, default, .. } = SCALE;
                let probe = channel.probe;
                let bounds = Bounds::new(unit, 1e-3 * probe, most * probe, default * probe);
                number(&mut channel.scale, &bounds, call)
            }
            Command::External => number(&mut channel.probe, &EXTERNAL, call),
            Command::Gain => number(&mut 1.0, &EXTERNAL, call),
            Command::Bandwidth => bandwidth(&mut channel.bandwidth, call),
            // Where zero volts lie on the screen, in divisions: the middle alone.
            Command::Position => number(&mut 0.0, &Bounds::new("", 0.0, 0.0, 0.0), call),
            Command::Offset => {
                // Here the offset is what lies in the middle.
                let mut middle = -channel.offset + 0.0;
                let reach = 100.0 * channel.probe;
                let outcome = number(&mut middle, &Bounds::new("V", -reach, reach, 0.0), call);
                channel.offset = -middle;
                outcome
            }
            Command::Coupling => {
                let mut place = usize::from(channel.coupling == Coupling::Dc);
                let outcome = word(&mut place, &["AC", "DC"], call);
                channel.coupling = [Coupling::Ac, Coupling::Dc][place.min(1)];
                outcome
            }
            _ => switch(&mut channel.shown, call),
        }
    }

    fn acquisition(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let Oscilloscope { setup, state } = &mut self.scope;
        match command {
            Command::Mode => {
                word(&mut setup.acquisition, &["SAMple", "AVErage", "PEAKdetect", "HIRes"], call)
            }
            Command::StopAfter => {
                let mut place = usize::from(self.is_single);
                let outcome = word(&mut place, &["RUNSTop", "SEQuence"], call);
                self.is_single = place == 1;
                outcome
            }
            _ if call.query => {
                none(call.parameters)?;
                state.refresh(setup);
                Reply::text(if state.is_stopped() { "0" } else { "1" })
            }
            _ => {
                let parameter = one(call.parameters)?;
                let word = parameter.choice(&STATES).map(|place| place % 2 == 1);
                match word.or_else(|_| parameter.boolean())? {
                    false => state.stop(setup),
                    true if self.is_single => state.arm(setup),
                    true => state.run(setup),
                }
                Ok(Reply::Done)
            }
        }
    }

    fn trigger(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let Oscilloscope { setup, state } = &mut self.scope;
        let trigger = &mut setup.trigger;
        match command {
            Command::TriggerType => word(&mut 0, &["EDGE"], call),
            Command::TriggerSource => source(&mut trigger.source, call),
            Command::TriggerSlope => word(&mut trigger.slope, &["RISe", "FALL", "EITher"], call),
            Command::TriggerLevel => {
                number(&mut trigger.level, &Bounds::new("V", -1e3, 1e3, 0.0), call)
            }
            Command::TriggerMode => {
                let mut place = trigger.sweep.min(1);
                let outcome = word(&mut place, &["AUTO", "NORMal"], call);
                if !call.query {
                    trigger.sweep = place;
                }
                outcome
            }
            Command::Force => {
                one(call.parameters)?.choice(&["FORCe"])?;
                state.force(setup);
                Ok(Reply::Done)
            }
            _ => {
                none(call.parameters)?;
                state.refresh(setup);
                Reply::text(match state.running() {
                    Running::Stopped => "SAVE",
                    Running::Armed => "READY",
                    Running::Free => "TRIGGER",
                })
            }
        }
    }

    fn transfer(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let transfer = &mut self.scope.setup.transfer;
        match command {
            Command::Source => source(&mut transfer.source, call),
            Command::Encoding => word(&mut self.encoding, &ENCODINGS, call),
            Command::Width => whole(&mut self.width, 2, call),
            Command::Start => whole(&mut transfer.start, SCREEN_SAMPLES, call),
            _ => {
                // Beyond the record, all of it is meant.
                if !call.query {
                    let bounds = Bounds::new("", 1.0, 1e9, 1.0);
                    transfer.stop = count(one(call.parameters)?, &bounds)?.min(SCREEN_SAMPLES);
                    return Ok(Reply::Done);
                }
                whole(&mut transfer.stop, SCREEN_SAMPLES, call)
            }
        }
    }

    fn captured(&mut self) -> Result<&Capture, Refusal> {
        let Oscilloscope { setup, state } = &mut self.scope;
        state.refresh(setup);
        let shown = setup.channels.get(setup.transfer.source).is_some_and(|channel| channel.shown);
        // 2244, "Source waveform is not active", is a device's own; the nearest of the standard is taken.
        state.capture().filter(|_| shown).ok_or((-221).into())
    }

    fn range(&self) -> std::ops::Range<u32> {
        let transfer = self.scope.setup.transfer;
        let first = transfer.start.saturating_sub(1).min(SCREEN_SAMPLES);
        first..transfer.stop.clamp(first, SCREEN_SAMPLES)
    }

    fn executed(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        use Command as C;
        match command {
            C::Scale
            | C::Offset
            | C::Coupling
            | C::Select
            | C::Display
            | C::External
            | C::Gain
            | C::Bandwidth
            | C::Position => self.vertical(command, call),
            C::TimeScale => number(&mut self.scope.setup.time_scale, &TIME_SCALE, call),
            C::TimePosition => number(&mut self.scope.setup.time_offset, &TIME_OFFSET, call),
            // Where the trigger lies on the screen, in per cent: the middle alone.
            C::TimePoint => number(&mut 50.0, &Bounds::new("", 50.0, 50.0, 50.0), call),
            C::DelayMode => switch(&mut self.is_delayed, call),
            C::State | C::StopAfter | C::Mode => self.acquisition(command, call),
            C::Busy => {
                none(call.parameters)?;
                Reply::text(if self.is_busy() { "1" } else { "0" })
            }
            C::Source | C::Start | C::Stop | C::Encoding | C::Width => self.transfer(command, call),
            C::Preamble => self.preamble(),
            C::Curve => self.curve(),
            C::Header => switch(&mut self.has_header, call),
            _ => self.trigger(command, call),
        }
    }

    /// `1;8;BIN;RI;MSB;"Ch1, DC coupling, ...";1000;Y;"s";...`
    fn preamble(&mut self) -> Outcome {
        let (encoding, width, has_header) = (self.encoding, self.width, self.has_header);
        let points = self.range().len();
        let Setup { channels, time_scale, transfer, .. } = self.scope.setup.clone();
        let source = transfer.source;
        let capture = self.captured()?;
        let (increment, origin) = capture.vertical(source);
        let word = if width == 2 { 256.0 } else { 1.0 };
        let coupling = channels.get(source).map_or("DC", |channel| match channel.coupling {
            Coupling::Ac => "AC",
            _ => "DC",
        });
        let scale = channels.get(source).map_or(1.0, |channel| channel.scale);
        let identity = format!(
            "\"Ch{}, {coupling} coupling, {}V/div, {}s/div, {points} points, Sample mode\"",
            source + 1,
            engineering(scale),
            engineering(time_scale),
        );
        let values = [
            width.to_string(),
            (width * 8).to_string(),
            if encoding == 0 { "ASCII" } else { "BINARY" }.to_owned(),
            if matches!(encoding, 2 | 4) { "RP" } else { "RI" }.to_owned(),
            if encoding >= 3 { "LSB" } else { "MSB" }.to_owned(),
            identity,
            points.to_string(),
            "Y".to_owned(),
            "\"s\"".to_owned(),
            engineering(capture.time_increment(false)),
            engineering(capture.time_origin(false)),
            "0".to_owned(),
            "\"V\"".to_owned(),
            engineering(increment / word),
            engineering(if matches!(encoding, 2 | 4) { 128.0 * word } else { 0.0 }),
            engineering(-origin * increment),
        ];
        const NAMES: [&str; 16] = [
            "BYT_NR", "BIT_NR", "ENCDG", "BN_FMT", "BYT_OR", "WFID", "NR_PT", "PT_FMT", "XUNIT",
            "XINCR", "XZERO", "PT_OFF", "YUNIT", "YMULT", "YOFF", "YZERO",
        ];
        if !has_header {
            return Reply::text(values.join(";"));
        }
        let named = NAMES.iter().zip(values).map(|(name, value)| format!("{name} {value}"));
        Reply::text(format!(":WFMOUTPRE:{}", named.collect::<Vec<_>>().join(";")))
    }

    fn curve(&mut self) -> Outcome {
        let (encoding, width, has_header) = (self.encoding, self.width, self.has_header);
        let (range, source) = (self.range(), self.scope.setup.transfer.source);
        let codes = self.captured()?.codes(source, range, false);
        // A signed code has its highest bit turned over.
        let sign = if matches!(encoding, 2 | 4) { 0 } else { 0x80 };
        let header = if has_header { b":CURVE ".as_slice() } else { b"" };
        if encoding == 0 {
            let factor = if width == 2 { 256 } else { 1 };
            let values = codes.iter().map(|code| ((i32::from(*code) - 128) * factor).to_string());
            let text = values.collect::<Vec<_>>().join(",");
            return Reply::text(format!("{}{text}", String::from_utf8_lossy(header)));
        }
        let data: Vec<u8> = match (width, encoding >= 3) {
            (1, _) => codes.iter().map(|code| code ^ sign).collect(),
            (_, true) => codes.iter().flat_map(|code| [0, code ^ sign]).collect(),
            (_, false) => codes.iter().flat_map(|code| [code ^ sign, 0]).collect(),
        };
        Ok(Reply::Answer(Answer::Bytes([header, &block::definite(&data)].concat())))
    }
}

/// By how much more a signal is weakened before its probe.
const EXTERNAL: Bounds = Bounds::new("", 1e-6, 1e6, 1.0);

/// As after a reset.
fn initial() -> Setup {
    let mut setup = Setup { time_scale: 4e-6, ..Setup::default() };
    for channel in &mut setup.channels {
        (channel.probe, channel.scale) = (1.0, 0.1);
    }
    setup.transfer.stop = SCREEN_SAMPLES;
    setup
}

/// `FULl`, or a frequency in hertz.
fn bandwidth(place: &mut usize, call: &Call<'_>) -> Outcome {
    let known = [20e6, 250e6, 1e9];
    if call.query {
        none(call.parameters)?;
        return Reply::text(engineering(known.get(*place).copied().unwrap_or(1e9)));
    }
    let parameter = one(call.parameters)?;
    if parameter.choice(&["FULl"]).is_ok() {
        *place = 2;
        return Ok(Reply::Done);
    }
    let hertz = Bounds::new("HZ", 20e6, 1e9, 1e9).take(parameter)?;
    *place = known.iter().rposition(|own| *own <= hertz).unwrap_or(2);
    Ok(Reply::Done)
}

/// The header of an answer, in its long form: `:CH1:SCALE`.
fn header_of(call: &Call<'_>) -> String {
    let pattern = LIST.get(call.command).map_or("", |(pattern, _)| pattern);
    let pattern = pattern.trim_end_matches("[?]").trim_end_matches('?');
    let pattern = pattern.replace("[:MAIn]", "");
    let suffix = call.suffixes.first().map(ToString::to_string).unwrap_or_default();
    format!(":{}", pattern.replace("[1|2|3|4]", &suffix)).to_ascii_uppercase()
}

fn source(setting: &mut usize, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(format!("CH{}", *setting + 1));
    }
    *setting = channel(one(call.parameters)?, &CHANNEL_NAMES, CHANNELS)?;
    Ok(Reply::Done)
}

fn number(setting: &mut f64, bounds: &Bounds, call: &Call<'_>) -> Outcome {
    match bounds.call(call, setting)? {
        Some(asked) => Reply::text(engineering(asked)),
        None => Ok(Reply::Done),
    }
}

fn whole(setting: &mut u32, most: u32, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(setting.to_string());
    }
    *setting = count(one(call.parameters)?, &Bounds::new("", 1.0, most.into(), 1.0))?;
    Ok(Reply::Done)
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Tektronix {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        let Some(command) = COMMANDS.get(call.command).copied() else { return Err((-113).into()) };
        if !self.series.has(command) {
            return Err((-113).into());
        }
        let outcome = self.executed(command, call)?;
        Ok(match outcome {
            // The names of a preamble and the header of a curve are parts of them.
            Reply::Answer(Answer::Text(text))
                if self.has_header && !matches!(command, Command::Preamble | Command::Curve) =>
            {
                Reply::Answer(Answer::Text(format!("{} {text}", header_of(call))))
            }
            other => other,
        })
    }

    fn reset(&mut self) {
        self.scope.reset();
        self.scope.setup = initial();
        (self.encoding, self.width, self.is_single, self.has_header) = (1, 1, false, true);
    }

    fn work(&mut self) -> Option<Instant> {
        self.scope.work()
    }

    fn is_busy(&self) -> bool {
        self.scope.state.running() == Running::Armed
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pattern_is_one() {
        super::COMMANDS.check().unwrap();
    }
}
