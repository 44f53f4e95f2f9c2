//! Siglent SDS824X HD: an oscilloscope of four channels and 12 bits.
//!
//! After the "SDS Series Programming Guide" EN11G: `:CHANnel<n>`, `:TIMebase`, `:TRIGger`, `:WAVeform`. Its preamble is a
//! block `#9000000346` with the WAVEDESC record, and says 7680 codes a division for BYTE too; its data has a short header
//! and two line feeds behind it (quirks Q1 and Q34, measured on one). V = (code * gain / codes a
//! division - offset) * probe.

use std::sync::LazyLock;

use scpi_protocol::block;
use scpi_protocol::program::{CommandTree, Parameter};
use tokio::time::Instant;

use super::capture::Capture;
use super::measure::SCREEN_SAMPLES;
use super::setup::{CHANNELS, Coupling, SCALE, Setup, TIME_OFFSET, TIME_SCALE};
use super::state::Running;
use super::{Oscilloscope, index_of, word};
use crate::circuit::{Errors, Probe};
use crate::format::exponent;
use crate::instrument::{Answer, Call, Commands, Model, Outcome, Refusal, Reply};
use crate::noise::Noise;
use crate::settings::{Bounds, channel, count, none, one};

/// Codes of a division: of BYTE, and what the record says of WORD and BYTE alike.
const CODES_PER_DIVISION: f64 = 30.0;
const SAID_CODES: f32 = 7680.0;

const WAVEDESC_BYTES: usize = 346;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Switch,
    Scale,
    Offset,
    Coupling,
    Bandwidth,
    Probe,
    TimeScale,
    TimeDelay,
    Mode,
    Status,
    Run,
    Stop,
    TriggerType,
    TriggerSource,
    TriggerSlope,
    TriggerLevel,
    WaveSource,
    WaveStart,
    WavePoints,
    WaveInterval,
    WaveWidth,
    Preamble,
    Data,
    AcquirePoints,
    AcquireType,
}

const LIST: &[(&str, Command)] = &[
    ("CHANnel[1|2|3|4]:SWITch[?]", Command::Switch),
    ("CHANnel[1|2|3|4]:SCALe[?]", Command::Scale),
    ("CHANnel[1|2|3|4]:OFFSet[?]", Command::Offset),
    ("CHANnel[1|2|3|4]:COUPling[?]", Command::Coupling),
    ("CHANnel[1|2|3|4]:BWLimit[?]", Command::Bandwidth),
    ("CHANnel[1|2|3|4]:PROBe[?]", Command::Probe),
    ("TIMebase:SCALe[?]", Command::TimeScale),
    ("TIMebase:DELay[?]", Command::TimeDelay),
    ("ACQuire:POINts?", Command::AcquirePoints),
    ("ACQuire:TYPE[?]", Command::AcquireType),
    ("TRIGger:MODE[?]", Command::Mode),
    ("TRIGger:STATus?", Command::Status),
    ("TRIGger:RUN", Command::Run),
    ("TRIGger:STOP", Command::Stop),
    ("TRIGger:TYPE[?]", Command::TriggerType),
    ("TRIGger:EDGE:SOURce[?]", Command::TriggerSource),
    ("TRIGger:EDGE:SLOPe[?]", Command::TriggerSlope),
    ("TRIGger:EDGE:LEVel[?]", Command::TriggerLevel),
    ("WAVeform:SOURce[?]", Command::WaveSource),
    ("WAVeform:STARt[?]", Command::WaveStart),
    ("WAVeform:POINt[?]", Command::WavePoints),
    ("WAVeform:INTerval[?]", Command::WaveInterval),
    ("WAVeform:WIDTh[?]", Command::WaveWidth),
    ("WAVeform:PREamble?", Command::Preamble),
    ("WAVeform:DATA?", Command::Data),
];

static COMMANDS: LazyLock<Commands<Command>> = LazyLock::new(|| Commands::new(LIST));

/// A simulated SDS824X HD.
pub(crate) struct Sds824x {
    scope: Oscilloscope,
    /// BYTE or WORD.
    width: usize,
}

impl Sds824x {
    pub(crate) fn new(probes: [Probe; CHANNELS], noise: Noise, errors: Errors) -> Self {
        let mut scope = Oscilloscope::new(probes, noise, errors);
        scope.setup = initial();
        Self { scope, width: 0 }
    }

    fn channel(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let channel = &mut self.scope.setup.channels[index_of(call.suffixes)];
        let probe = channel.probe;
        match command {
            Command::Switch => on_off(&mut channel.shown, call),
            Command::Scale => {
                let Bounds { unit, least, most, default } = SCALE;
                let bounds = Bounds::new(unit, least * probe, most * probe, default * probe);
                number(&mut channel.scale, &bounds, call)
            }
            Command::Offset => {
                let reach = 100.0 * probe;
                number(&mut channel.offset, &Bounds::new("V", -reach, reach, 0.0), call)
            }
            Command::Coupling => {
                let places = [Coupling::Dc, Coupling::Ac, Coupling::Ground];
                let own = places.iter().position(|own| *own == channel.coupling);
                let mut place = own.unwrap_or(0);
                let outcome = word(&mut place, &["DC", "AC", "GND"], call);
                channel.coupling = places[place.min(2)];
                outcome
            }
            Command::Bandwidth => word(&mut channel.bandwidth, &["20M", "200M", "FULL"], call),
            // `PROBe VALue,1.00E+01`
            _ => match call.parameters {
                [] if call.query => Reply::text(exponent(probe, 2)),
                [Parameter::Word(_), factor] => {
                    channel.probe = Bounds::new("", 1e-6, 1e6, 1.0).take(factor)?;
                    Ok(Reply::Done)
                }
                _ => Err((-109).into()),
            },
        }
    }

    fn trigger(&mut self, command: Command, call: &Call<'_>) -> Outcome {
        let Oscilloscope { setup, state } = &mut self.scope;
        match command {
            Command::TriggerType => word(&mut 0, &["EDGE"], call),
            Command::TriggerSource => source(&mut setup.trigger.source, call),
            Command::TriggerSlope => {
                word(&mut setup.trigger.slope, &["RISing", "FALLing", "ALTernate"], call)
            }
            Command::TriggerLevel => {
                number(&mut setup.trigger.level, &Bounds::new("V", -1e3, 1e3, 0.0), call)
            }
            Command::Mode if call.query => {
                none(call.parameters)?;
                Reply::text(["AUTO", "NORMal", "SINGle"][setup.trigger.sweep.min(2)])
            }
            Command::Mode => {
                match one(call.parameters)?.choice(&["AUTO", "NORMal", "SINGle", "FTRIG"])? {
                    2 => state.arm(setup),
                    3 => state.force(setup),
                    sweep => {
                        setup.trigger.sweep = sweep;
                        state.run(setup);
                    }
                }
                Ok(Reply::Done)
            }
            Command::Run => {
                state.run(setup);
                Ok(Reply::Done)
            }
            Command::Stop => {
                state.stop(setup);
                Ok(Reply::Done)
            }
            _ => {
                none(call.parameters)?;
                state.refresh(setup);
                Reply::text(match state.status(setup) {
                    "STOP" => "Stop",
                    "WAIT" => "Ready",
                    "TD" => "Trig'd",
                    _ => "Auto",
                })
            }
        }
    }

    fn acquire_type(&mut self, call: &Call<'_>) -> Outcome {
        let acquisition = &mut self.scope.setup.acquisition;
        let mut place = usize::from(*acquisition == 2);
        let outcome = word(&mut place, &["NORMal", "PEAK"], call);
        if !call.query {
            *acquisition = 2 * place;
        }
        outcome
    }

    fn captured(&mut self) -> Result<&Capture, Refusal> {
        let Oscilloscope { setup, state } = &mut self.scope;
        state.refresh(setup);
        state.capture().ok_or((-221).into())
    }

    fn range(&self) -> std::ops::Range<u32> {
        // Counted from 0 here; no points are all of them.
        let transfer = self.scope.setup.transfer;
        let first = transfer.start.min(SCREEN_SAMPLES);
        let points = if transfer.stop == 0 { SCREEN_SAMPLES } else { transfer.stop };
        first..first.saturating_add(points).min(SCREEN_SAMPLES)
    }

    fn preamble(&mut self) -> Outcome {
        let (width, source) = (self.width, self.scope.setup.transfer.source);
        let scale = self
            .scope
            .setup
            .channels
            .get(source)
            .map_or(1.0, |channel| channel.scale / channel.probe);
        let (offset, probe) = self
            .scope
            .setup
            .channels
            .get(source)
            .map_or((0.0, 1.0), |channel| (channel.offset / channel.probe, channel.probe));
        let bytes = SCREEN_SAMPLES * if width == 1 { 2 } else { 1 };
        let capture = self.captured()?;
        let (interval, delay) = (capture.time_increment(false), capture.time_offset());
        let mut record = vec![0; WAVEDESC_BYTES];
        let mut put = |at: usize, bytes: &[u8]| {
            if let Some(place) = record.get_mut(at..at + bytes.len()) {
                place.copy_from_slice(bytes);
            }
        };
        put(0, b"WAVEDESC");
        put(16, b"WAVEACE");
        put(32, &u16::from(width == 1).to_le_bytes());
        put(60, &bytes.to_le_bytes());
        put(116, &SCREEN_SAMPLES.to_le_bytes());
        put(136, &1_u32.to_le_bytes());
        // Gain and offset are those of the input; the probe has a field of its own.
        put(156, &single(scale).to_le_bytes());
        put(160, &single(offset).to_le_bytes());
        put(164, &SAID_CODES.to_le_bytes());
        put(172, &12_u16.to_le_bytes());
        put(176, &single(interval).to_le_bytes());
        // Where the first sample lies is not said: at the screen's left edge.
        put(180, &delay.to_le_bytes());
        put(328, &single(probe).to_le_bytes());
        let header = format!("#9{WAVEDESC_BYTES:09}");
        Ok(Reply::Answer(Answer::Bytes([header.as_bytes(), &record].concat())))
    }

    fn data(&mut self) -> Outcome {
        let (width, range) = (self.width, self.range());
        let source = self.scope.setup.transfer.source;
        let codes = self.captured()?.codes(source, range, false);
        // Two's complement; a word has the low byte first, which is always 0.
        let signed = codes.iter().map(|code| code ^ 0x80);
        let data: Vec<u8> = match width {
            0 => signed.collect(),
            _ => signed.flat_map(|code| [0, code]).collect(),
        };
        Ok(Reply::Answer(Answer::Bytes([block::definite(&data), b"\n".to_vec()].concat())))
    }
}

/// As after a reset.
fn initial() -> Setup {
    let mut setup = Setup { codes_per_division: CODES_PER_DIVISION, ..Setup::default() };
    for channel in &mut setup.channels {
        (channel.probe, channel.scale) = (1.0, 1.0);
    }
    (setup.transfer.start, setup.transfer.stop) = (0, 0);
    setup
}

#[expect(clippy::cast_possible_truncation, reason = "the record has numbers of this kind")]
fn single(value: f64) -> f32 {
    value as f32
}

fn on_off(setting: &mut bool, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(if *setting { "ON" } else { "OFF" });
    }
    *setting = one(call.parameters)?.boolean()?;
    Ok(Reply::Done)
}

fn source(setting: &mut usize, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(format!("C{}", *setting + 1));
    }
    *setting = channel(one(call.parameters)?, &["C"], CHANNELS)?;
    Ok(Reply::Done)
}

fn number(setting: &mut f64, bounds: &Bounds, call: &Call<'_>) -> Outcome {
    match bounds.call(call, setting)? {
        Some(asked) => Reply::text(exponent(asked, 2)),
        None => Ok(Reply::Done),
    }
}

/// Counts are answered as floats (quirk Q29).
fn whole(setting: &mut u32, call: &Call<'_>) -> Outcome {
    if call.query {
        none(call.parameters)?;
        return Reply::text(exponent(f64::from(*setting), 2));
    }
    *setting = count(one(call.parameters)?, &Bounds::new("", 0.0, 1e9, 0.0))?;
    Ok(Reply::Done)
}

/// Its commands, each by its place.
pub(crate) fn tree() -> &'static CommandTree<usize> {
    COMMANDS.tree()
}

impl Model for Sds824x {
    fn tree(&self) -> &'static CommandTree<usize> {
        tree()
    }

    fn execute(&mut self, call: &Call<'_>) -> Outcome {
        use Command as C;
        let Some(command) = COMMANDS.get(call.command).copied() else { return Err((-113).into()) };
        let setup = &mut self.scope.setup;
        match command {
            C::Switch | C::Scale | C::Offset | C::Coupling | C::Bandwidth | C::Probe => {
                self.channel(command, call)
            }
            C::TimeScale => number(&mut setup.time_scale, &TIME_SCALE, call),
            C::TimeDelay => number(&mut setup.time_offset, &TIME_OFFSET, call),
            C::WaveSource => source(&mut setup.transfer.source, call),
            C::WaveStart => whole(&mut setup.transfer.start, call),
            C::WavePoints => whole(&mut setup.transfer.stop, call),
            // Every sample: a stride is not simulated.
            C::WaveInterval => number(&mut 1.0, &Bounds::new("", 1.0, 1.0, 1.0), call),
            C::AcquireType => self.acquire_type(call),
            C::WaveWidth => word(&mut self.width, &["BYTE", "WORD"], call),
            C::AcquirePoints => Reply::text(exponent(f64::from(SCREEN_SAMPLES), 2)),
            C::Preamble => self.preamble(),
            C::Data => self.data(),
            _ => self.trigger(command, call),
        }
    }

    fn reset(&mut self) {
        self.scope.reset();
        self.scope.setup = initial();
        self.width = 0;
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
