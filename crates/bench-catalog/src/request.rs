//! What is asked of an instrument: the words that a plan and an instrument's handle share.

use std::fmt;
use std::time::Duration;

use bench_model::{Decimal, Quantity};

use crate::function::Function;

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// A quantity.
    Quantity(Quantity),
    /// On or off.
    Switch(bool),
    /// A word of the plan language: `cc`.
    Word(String),
}

/// `5.000 V`, `on`, `cc`.
impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantity(quantity) => quantity.fmt(f),
            Self::Switch(on) => f.write_str(if *on { "on" } else { "off" }),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// The range of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// The instrument chooses.
    Auto,
    /// This one.
    Fixed(Quantity),
}

/// `auto`, `10 V`.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Fixed(range) => range.fmt(f),
        }
    }
}

/// How a quantity is read. What is none is not sent, and the dialect's reset value holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingSettings {
    /// What is measured.
    pub function: Function,
    /// In which range.
    pub range: Option<Range>,
    /// For how many power line cycles.
    pub nplc: Option<Decimal>,
    /// Whether the zero is taken anew with each reading.
    pub auto_zero: Option<bool>,
    /// The input's impedance, in the plan's words: `10 MΩ`, `high`.
    pub input_impedance: Option<String>,
}

/// What starts an acquisition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerSettings {
    /// The level; none where the acquisition is forced when the time is over.
    pub level: Option<Quantity>,
    /// `rising` or `falling`.
    pub slope: String,
    /// How long an acquisition is waited for.
    pub timeout: Duration,
    /// Whether the acquisition is forced when the time is over; else it has failed.
    pub forced_after_timeout: bool,
}

/// How a waveform is captured; all of it is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureSettings {
    /// The probe's attenuation.
    pub probe: Decimal,
    /// `ac` or `dc`.
    pub coupling: String,
    /// `full`, `20 MHz`.
    pub bandwidth: String,
    /// Volts a division.
    pub scale: Quantity,
    /// The voltage at the middle of the screen, with its sign turned.
    pub offset: Quantity,
    /// Seconds a division.
    pub time_base: Quantity,
    /// `normal`, `average`, `peak`, `high_resolution`.
    pub acquisition: String,
    /// What starts it.
    pub trigger: TriggerSettings,
}
