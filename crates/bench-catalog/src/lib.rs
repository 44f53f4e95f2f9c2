//! What is known of instruments, as data: no I/O, no clock, nothing asynchronous.
//!
//! - [`Class`], [`Function`], [`WaveformMeasure`], [`Setting`]: what kinds of instruments there are, what they
//!   measure and what can be set on them, by the words of the plan language.
//! - [`Dialect`], [`Dialects`]: the words that one model of instrument speaks, read from TOML.
//! - [`SettingValue`], [`ReadingSettings`], [`CaptureSettings`]: what a plan asks and an instrument's handle does.
//! - [`Bench`]: the instruments of one place and the roles that their channels play.
//!
//! ```
//! use bench_catalog::{Dialects, Setting, Values};
//!
//! let dialects = Dialects::built_in()?;
//! let supply = dialects.for_identity(&"RIGOL TECHNOLOGIES,DP832,DP8C194205678,00.01.14".parse()?);
//! let voltage = supply.and_then(|dialect| dialect.setting(Setting::Voltage)).ok_or("no such setting")?;
//! let values = Values::of_channel(2).with("value", "5.000");
//! assert_eq!(voltage.set_messages(&values), [":SOUR2:VOLT 5.000"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `class`, `function`, `setting`, `word` | the enumerations and their words |
//! | `dialect`, `front_panel`, `template`, `part` | how a model is spoken to: messages, and what is read out of answers |
//! | `capture_words` | how waveforms are captured |
//! | `wire` | how a model frames its messages, and its quirks |
//! | `registry`, `built_in` | which dialects there are, and who speaks them |
//! | `accuracy`, `maxima` | what an instrument is accurate to, and what it may be set to at most |
//! | `request` | what is asked of an instrument |
//! | `bench`, `site`, `bench_schema` | bench files, their places for several DUTs, and their JSON Schema |

mod accuracy;
mod bench;
mod bench_schema;
mod built_in;
mod capture_words;
mod class;
mod dialect;
mod front_panel;
mod function;
mod maxima;
mod part;
mod registry;
mod request;
mod setting;
pub mod site;
mod template;
mod wire;
mod word;

pub use accuracy::{AccuracyRow, AccuracyTable, AccuracyTerms};
pub use bench::{
    Bench, BenchError, BenchInstrument, BenchLogin, Calibration, DEFAULT_LINE_FREQUENCY_HZ,
    ManualInstrument, RoleTarget,
};
pub use bench_schema::json_schema;
pub use capture_words::{CaptureWords, PreambleForm};
pub use class::Class;
pub use dialect::{
    ChannelLimits, Dialect, FunctionWords, ModelLimits, RegulationWords, SettingWords,
};
pub use front_panel::FrontPanel;
pub use function::{Function, WaveformMeasure};
pub use maxima::Maxima;
pub use part::{BitField, BitFieldError, Part};
pub use registry::{DialectError, Dialects, identity_fits};
pub use request::{CaptureSettings, Range, ReadingSettings, SettingValue, TriggerSettings};
pub use setting::{Setting, SettingKind};
pub use site::Site;
pub use template::{Template, TemplateError, Values};
pub use wire::{
    BlockTail, ChunkForm, Indefinite, LAST_QUIRK, LengthUnit, ReadTerminator, WireWords,
    WriteTerminator,
};
pub use word::UnknownWord;
