//! Keysight DSO-X 3024T, an InfiniiVision oscilloscope of four channels.
//!
//! After the "InfiniiVision 3000T X-Series Programmer's Guide": `:ACQuire`, `:CHANnel<n>`, `:MEASure`, `:TIMebase`,
//! `:TRIGger`, `:WAVeform` and root commands, `:OPERegister:CONDition?` with bit 3 while it runs. V = (code - YREFerence) *
//! YINCrement + YORigin, where the origin is the voltage in the middle of the screen; 32 codes of BYTE are a division.
//! How many digits numbers have is not verified.

use std::sync::LazyLock;

use scpi_protocol::block;
use scpi_protocol::program::CommandTree;
use tokio::time::Instant;

use super::capture::Capture;
use super::measure::{self, SCREEN_SAMPLES};
use super::setup::{CHANNELS, Coupling, SCALE, SLOPES, Setup, TIME_OFFSET, TIME_SCALE};
use super::state::Running;
use super::{CHANNEL_NAMES, Oscilloscope, source, switch, word};
use crate::circuit::{Errors, Probe};
use crate::format::nine_digits;
use crate::instrument::{Answer, Call, Commands, Model, Outcome, Refusal, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, channel, digit, none};

/// Codes of a division of the screen in BYTE; in WORD 256 times as many.
const CODES_PER_DIVISION: f64 = 32.0;

/// The code of the middle of the screen.
const MIDDLE: f64 = 128.0;

/// Bit 3 of the operation status condition register: it runs.
const RUNS: u16 = 8;

const FORMATS: [&str; 3] = ["BYTE", "WORD", "ASCii"];
const TYPES: [&str; 4] = ["NORMal", "AVERage", "PEAK", "HRESolution"];
const SWEEPS: [&str; 2] = ["AUTO", "NORMal"];
const COUPLINGS: [&str; 2] = ["AC", "DC"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Display,
    Probe,
    Coupling,
    Bandwidth,
    Scale,
    Range,
    Offset,
    TimeMode,
    TimeScale,
    TimePosition,
    Type,
    TriggerMode,
    Sweep,
    Source,
    Slope,
    Level,
    Condition,
    Triggered,
    Root(Root),
    WaveSource,
    WaveFormat,
    WaveUnsigned,
    WaveOrder,
    WavePointsMode,
    WavePoints,
    Preamble,
    Data,
    /// By its place in the list of what can be measured.
    Measure(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Run,
    Stop,
    Single,
    Force,
}

const LIST: &[(&str, Command)] = &[
    ("CHANnel[1|2|3|4]:DISPlay[?]", Command::Display),
    ("CHANnel[1|2|3|4]:PROBe[?]", Command::Probe),
    ("CHANnel[1|2|3|4]:COUPling[?]", Command::Coupling),
    ("CHANnel[1|2|3|4]:BWLimit[?]", Command::Bandwidth),
    ("CHANnel[1|2|3|4]:SCALe[?]", Command::Scale),
    ("CHANnel[1|2|3|4]:RANGe[?]", Command::Range),
    ("CHANnel[1|2|3|4]:OFFSet[?]", Command::Offset),
    ("TIMebase:MODE[?]", Command::TimeMode),
    ("TIMebase:SCALe[?]", Command::TimeScale),
    ("TIMebase:POSition[?]", Command::TimePosition),
    ("ACQuire:TYPE[?]", Command::Type),
    ("TRIGger:MODE[?]", Command::TriggerMode),
    ("TRIGger:SWEep[?]", Command::Sweep),
    ("TRIGger[:EDGE]:SOURce[?]", Command::Source),
    ("TRIGger[:EDGE]:SLOPe[?]", Command::Slope),
    ("TRIGger[:EDGE]:LEVel[?]", Command::Level),
    ("TRIGger:FORCe", Command::Root(Root::Force)),
    ("OPERegister:CONDition?", Command::Condition),
    ("TER?", Command::Triggered),
    ("RUN", Command::Root(Root::Run)),
    ("STOP", Command::Root(Root::Stop)),
    ("SINGle", Command::Root(Root::Single)),
    ("WAVeform:SOURce[?]", Command::WaveSource),
    ("WAVeform:FORMat[?]", Command::WaveFormat),
    ("WAVeform:UNSigned[?]", Command::WaveUnsigned),
    ("WAVeform:BYTeorder[?]", Command::WaveOrder),
    ("WAVeform:POINts:MODE[?]", Command::WavePointsMode),
    ("WAVeform:POINts[?]", Command::WavePoints),
    ("WAVeform:PREamble?", Command::Preamble),
    ("WAVeform:DATA?", Command::Data),
    ("MEASure:VMAX?", Command::Measure(0)),
    ("MEASure:VMIN?", Command::Measure(1)),
    ("MEASure:VPP?", Command::Measure(2)),
    ("MEASure:VAVerage?", Command::Measure(3)),
    ("MEASure:VRMS?", Command::Measure(4)),
    ("MEASure:FREQuency?", Command::Measure(5)),
    ("MEASure:PERiod?", Command::Measure(6)),
];

static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

/// A simulated DSO-X 3024T.
pub(crate) struct Dsox3024t {
    scope: Oscilloscope,
    format: usize,
    is_unsigned: bool,
    /// Words with the low byte first.
    is_little: bool,
    points_mode: usize,
    points: u32,
    has_triggered: bool,
}

impl Dsox3024t {
    pub(crate) fn new(probes: [Probe; CHANNELS], noise: Noise, errors: Errors) -> Self {
        let mut new = Self {
            scope: Oscilloscope::new(probes, noise, errors),
            format: 0,
            is_unsigned: true,
            is_little: false,
            points_mode: 0,
            points: SCREEN_SAMPLES,
            has_triggered: false,
        };
        new.scope.setup = initial();
        new
    }

    fn channel(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let index = super::index_of(call.suffixes);
        let channel = &mut self.scope.setup.channels[index];
        match command {
            Command::Display => switch(&mut channel.shown, call),
            Command::Probe => {
                number(&mut channel.probe, &Bounds::new("", 0.001, 10_000.0, 1.0), call)
            }
            Command::Coupling => {
                let mut place = usize::from(channel.coupling == Coupling::Dc);
                let outcome = word(&mut place, &COUPLINGS, call);
                channel.coupling = [Coupling::Ac, Coupling::Dc][place.min(1)];
                outcome
            }
            Command::Bandwidth => {
                let mut limited = channel.bandwidth == 0;
                let outcome = switch(&mut limited, call);
                channel.bandwidth = if limited { 0 } else { 2 };
                outcome
            }
            Command::Scale => number(&mut channel.scale, &scales(channel.probe), call),
            Command::Range => {
                let mut range = channel.scale * 8.0;
                let Bounds { least, most, default, unit } = scales(channel.probe);
                let outcome = number(
                    &mut range,
                    &Bounds::new(unit, least * 8.0, most * 8.0, default * 8.0),
                    call,
                );
                channel.scale = range / 8.0;
                outcome
            }
            _ => {
                // Here the offset is what lies in the middle.
                let mut middle = -channel.offset + 0.0;
                let reach = 100.0 * channel.probe;
                let outcome = number(&mut middle, &Bounds::new("V", -reach, reach, 0.0), call);
                channel.offset = -middle;
                outcome
            }
        }
    }

    fn trigger(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let trigger = &mut self.scope.setup.trigger;
        match command {
            Command::Sweep => {
                let mut place = trigger.sweep.min(1);
                let outcome = word(&mut place, &SWEEPS, call);
                if !call.query {
                    trigger.sweep = place;
                }
                outcome
            }
            Command::Source => source(&mut trigger.source, call),
            Command::Slope => word(&mut trigger.slope, &SLOPES, call),
            _ => number(&mut trigger.level, &Bounds::new("V", -1e4, 1e4, 0.0), call),
        }
    }

    fn control(&mut self, root: Root) -> Outcome {
        let Oscilloscope { setup, state } = &mut self.scope;
        self.has_triggered = false;
        match root {
            Root::Run => state.run(setup),
            Root::Stop => state.stop(setup),
            Root::Single => state.arm(setup),
            Root::Force => state.force(setup),
        }
        Ok(Reply::Done)
    }

    fn waveform(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        match command {
            Command::WaveSource => source(&mut self.scope.setup.transfer.source, call),
            Command::WaveFormat => word(&mut self.format, &FORMATS, call),
            Command::WaveUnsigned => switch(&mut self.is_unsigned, call),
            Command::WaveOrder => {
                let mut place = usize::from(self.is_little);
                let outcome = word(&mut place, &["MSBFirst", "LSBFirst"], call);
                self.is_little = place == 1;
                outcome
            }
            Command::WavePointsMode => {
                word(&mut self.points_mode, &["NORMal", "MAXimum", "RAW"], call)
            }
            _ => {
                let mut points = f64::from(self.points);
                let bounds =
                    Bounds::new("", 100.0, f64::from(SCREEN_SAMPLES), f64::from(SCREEN_SAMPLES));
                if let Some(asked) = bounds.call(call, &mut points)? {
                    return Reply::text(format!("+{asked:.0}"));
                }
                // 100, 250, 500 and 1000 are there; the next one above is taken.
                let wanted = [100, 250, 500].into_iter().find(|own| f64::from(*own) >= points);
                self.points = wanted.unwrap_or(SCREEN_SAMPLES);
                Ok(Reply::Done)
            }
        }
    }

    /// The capture and its source, where there is one.
    fn captured(&mut self) -> Result<(&Capture, usize), Refusal> {
        let Oscilloscope { setup, state } = &mut self.scope;
        state.refresh(setup);
        let source = setup.transfer.source;
        let shown = setup.channels.get(source).is_some_and(|channel| channel.shown);
        // -230, "Data corrupt or stale"
        state.capture().filter(|_| shown).map(|capture| (capture, source)).ok_or((-230).into())
    }

    fn preamble(&mut self) -> Outcome {
        let (format, points) = ([0, 1, 4][self.format.min(2)], self.points);
        let word = if self.format == 0 { 1.0 } else { 256.0 };
        let (capture, source) = self.captured()?;
        let (increment, origin) = capture.vertical(source);
        let stride = f64::from(SCREEN_SAMPLES) / f64::from(points);
        let reals = [
            nine_digits(capture.time_increment(false) * stride),
            nine_digits(capture.time_origin(false)),
        ];
        let kind = if capture.averages > 1 { 2 } else { 0 };
        Reply::text(format!(
            "+{format},+{kind},+{points},+{},{},+0,{},{},+{:.0}",
            capture.averages,
            reals.join(","),
            nine_digits(increment / word),
            nine_digits(-origin * increment + 0.0),
            MIDDLE * word,
        ))
    }

    fn data(&mut self) -> Outcome {
        let (format, is_unsigned, is_little) = (self.format, self.is_unsigned, self.is_little);
        let stride = usize::try_from(SCREEN_SAMPLES / self.points.max(1)).unwrap_or(1).max(1);
        let (capture, source) = self.captured()?;
        let codes = capture.codes(source, 0..SCREEN_SAMPLES, false);
        let codes = codes.into_iter().step_by(stride);
        // A signed code has its highest bit turned over.
        let sign = if is_unsigned { 0 } else { 0x80 };
        let data: Vec<u8> = match format {
            0 => codes.map(|code| code ^ sign).collect(),
            1 => {
                let order = |code: u8| if is_little { [0, code ^ sign] } else { [code ^ sign, 0] };
                codes.flat_map(order).collect()
            }
            _ => {
                let volts = codes.map(|code| nine_digits(capture.volts(source, code)));
                volts.collect::<Vec<_>>().join(",").into_bytes()
            }
        };
        let length = format!("#8{:08}", data.len());
        Ok(Reply::Answer(Answer::Bytes(if data.len() < 100_000_000 {
            [length.as_bytes(), &data].concat()
        } else {
            block::definite(&data)
        })))
    }

    fn measure(&mut self, item: usize, call: &Call<'_>) -> Outcome {
        // The interval and the kind come before the source: DISPlay, DC.
        let mut named =
            call.parameters.iter().filter(|it| it.text().is_some_and(|text| names(&text)));
        let measured = match named.next_back() {
            Some(source) => channel(source, &CHANNEL_NAMES, CHANNELS)?,
            None => self.scope.setup.transfer.source,
        };
        let Oscilloscope { setup, state } = &mut self.scope;
        state.refresh(setup);
        let value =
            state.capture().map_or(9.9e37, |capture| measure::measure(capture, measured, item));
        Reply::text(nine_digits(value))
    }
}

/// As after a reset: a probe of 1, 5 V a division.
fn initial() -> Setup {
    let mut setup = Setup { codes_per_division: CODES_PER_DIVISION, ..Setup::default() };
    for channel in &mut setup.channels {
        (channel.probe, channel.scale) = (1.0, 5.0);
    }
    setup.time_scale = 1e-4;
    setup
}

fn scales(probe: f64) -> Bounds {
    Bounds::new("V", SCALE.least * 2.0 * probe, SCALE.most * probe, 5.0 * probe)
}

fn names(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CHAN"))
}

fn number(setting: &mut f64, bounds: &Bounds, call: &Call<'_>) -> Outcome {
    match bounds.call(call, setting)? {
        Some(asked) => Reply::text(nine_digits(asked)),
        None => Ok(Reply::Done),
    }
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Dsox3024t {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        use Command as C;
        let Some(command) = COMMANDS.get(call.command).copied() else { return Err((-113).into()) };
        match command {
            C::Display
            | C::Probe
            | C::Coupling
            | C::Bandwidth
            | C::Scale
            | C::Range
            | C::Offset => self.channel(command, call),
            C::TimeMode => word(&mut 0, &["MAIN"], call),
            C::TimeScale => number(&mut self.scope.setup.time_scale, &TIME_SCALE, call),
            C::TimePosition => number(&mut self.scope.setup.time_offset, &TIME_OFFSET, call),
            C::Type => word(&mut self.scope.setup.acquisition, &TYPES, call),
            C::TriggerMode => word(&mut 0, &["EDGE"], call),
            C::Sweep | C::Source | C::Slope | C::Level => self.trigger(command, call),
            C::WaveSource
            | C::WaveFormat
            | C::WaveUnsigned
            | C::WaveOrder
            | C::WavePointsMode
            | C::WavePoints => self.waveform(command, call),
            C::Measure(item) => self.measure(item, call),
            C::Condition => {
                none(call.parameters)?;
                self.work();
                Reply::text(if self.scope.state.is_stopped() {
                    "+0".into()
                } else {
                    format!("+{RUNS}")
                })
            }
            C::Triggered => {
                none(call.parameters)?;
                self.work();
                let triggered = self.scope.state.capture().is_some() && !self.has_triggered;
                self.has_triggered |= triggered;
                Reply::text(format!("+{}", digit(triggered)))
            }
            C::Preamble => self.preamble(),
            C::Data => self.data(),
            C::Root(root) => {
                none(call.parameters)?;
                self.control(root)
            }
        }
    }

    fn reset(&mut self) {
        self.scope.reset();
        self.scope.setup = initial();
        (self.format, self.is_unsigned, self.points) = (0, true, SCREEN_SAMPLES);
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
