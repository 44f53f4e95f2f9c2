//! How the oscilloscope is set: channels, time base, acquisition, trigger, waveform transfer.

use crate::settings::Bounds;

/// How many channels it has.
pub(crate) const CHANNELS: usize = 4;

/// Divisions across the screen.
pub(super) const TIME_DIVISIONS: f64 = 10.0;

/// Codes of a division of the screen.
pub(super) const CODES_PER_DIVISION: f64 = 25.0;

/// The code of the middle of the screen.
pub(super) const MIDDLE_CODE: f64 = 128.0;

/// Of one channel alone, in samples a second.
const GREATEST_RATE: f64 = 8e9;

pub(super) const PROBE: Bounds = Bounds::new("", 0.0001, 50_000.0, 10.0);
/// With a probe of 1.
pub(super) const SCALE: Bounds = Bounds::new("V", 500e-6, 10.0, 0.1);
pub(super) const TIME_SCALE: Bounds = Bounds::new("S", 2e-9, 1000.0, 1e-6);
pub(super) const TIME_OFFSET: Bounds = Bounds::new("S", -1e6, 1e6, 0.0);
pub(super) const AVERAGES: Bounds = Bounds::new("", 2.0, 65_536.0, 2.0);

pub(super) const COUPLINGS: [&str; 3] = ["AC", "DC", "GND"];
pub(super) const BANDWIDTHS: [&str; 3] = ["20M", "100M", "OFF"];
pub(super) const TYPES: [&str; 4] = ["NORMal", "AVERages", "PEAK", "HRESolution"];
pub(super) const SLOPES: [&str; 3] = ["POSitive", "NEGative", "RFALl"];
pub(super) const SWEEPS: [&str; 3] = ["AUTO", "NORMal", "SINGle"];
pub(super) const MODES: [&str; 3] = ["NORMal", "MAXimum", "RAW"];
pub(super) const FORMATS: [&str; 3] = ["WORD", "BYTE", "ASCii"];

/// Memory depths by their words; AUTO is the one that the rate needs.
pub(super) const DEPTHS: [(&str, u32); 9] = [
    ("1K", 1_000),
    ("10K", 10_000),
    ("100K", 100_000),
    ("1M", 1_000_000),
    ("10M", 10_000_000),
    ("25M", 25_000_000),
    ("50M", 50_000_000),
    ("100M", 100_000_000),
    ("200M", 200_000_000),
];

/// The depth that AUTO takes at most.
const AUTO_DEPTH: f64 = 1e6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coupling {
    Ac,
    Dc,
    Ground,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Channel {
    pub(super) shown: bool,
    pub(super) probe: f64,
    pub(super) coupling: Coupling,
    /// By its place in [`BANDWIDTHS`].
    pub(super) bandwidth: usize,
    /// In volts a division, probe included.
    pub(super) scale: f64,
    /// In volts.
    pub(super) offset: f64,
}

impl Channel {
    /// The first channel is shown after a reset.
    fn initial(index: usize) -> Self {
        Self {
            shown: index == 0,
            probe: PROBE.default,
            coupling: Coupling::Dc,
            bandwidth: 2,
            scale: SCALE.default * PROBE.default,
            offset: 0.0,
        }
    }

    /// The greatest offset in volts (table of the guide's `:CHANnel<n>:OFFSet`).
    pub(super) fn greatest_offset(&self) -> f64 {
        let at_input = self.scale / self.probe;
        let volts = match at_input {
            _ if at_input <= 0.05 => 1.0,
            _ if at_input <= 0.26 => 30.0,
            _ => 100.0,
        };
        volts * self.probe
    }
}

/// An edge trigger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trigger {
    pub(super) source: usize,
    /// By its place in [`SLOPES`].
    pub(super) slope: usize,
    pub(super) level: f64,
    /// By its place in [`SWEEPS`].
    pub(super) sweep: usize,
}

/// What is read over the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Transfer {
    pub(super) source: usize,
    /// By its place in [`MODES`].
    pub(super) mode: usize,
    /// By its place in [`FORMATS`].
    pub(super) format: usize,
    /// From 1.
    pub(super) start: u32,
    /// The last one.
    pub(super) stop: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) channels: [Channel; CHANNELS],
    pub(super) time_scale: f64,
    pub(super) time_offset: f64,
    /// By its place in [`TYPES`].
    pub(super) acquisition: usize,
    pub(super) averages: u32,
    /// `None` is AUTO.
    pub(super) depth: Option<u32>,
    pub(super) trigger: Trigger,
    pub(super) transfer: Transfer,
    pub(super) measured: usize,
    /// Codes of a division of the screen.
    pub(super) codes_per_division: f64,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            channels: [0, 1, 2, 3].map(Channel::initial),
            time_scale: TIME_SCALE.default,
            time_offset: 0.0,
            acquisition: 0,
            averages: 2,
            depth: None,
            trigger: Trigger { source: 0, slope: 0, level: 0.0, sweep: 0 },
            transfer: Transfer { source: 0, mode: 0, format: 1, start: 1, stop: 1000 },
            measured: 0,
            codes_per_division: CODES_PER_DIVISION,
        }
    }
}

impl Setup {
    /// The samples a second: what fills the memory over the screen, at most what the converters do.
    pub(super) fn rate(&self) -> f64 {
        let shown = self.channels.iter().filter(|channel| channel.shown).count();
        let greatest = match shown {
            0 | 1 => GREATEST_RATE,
            2 => GREATEST_RATE / 2.0,
            _ => GREATEST_RATE / 4.0,
        };
        let depth = self.depth.map_or(AUTO_DEPTH, f64::from);
        greatest.min(depth / (TIME_DIVISIONS * self.time_scale))
    }

    /// The samples in memory.
    pub(super) fn points(&self) -> f64 {
        (self.rate() * TIME_DIVISIONS * self.time_scale).round().max(1.0)
    }

    /// By how much the kind of acquisition lowers the noise.
    pub(super) fn noise_factor(&self) -> f64 {
        match self.acquisition {
            1 => 1.0 / f64::from(self.averages).sqrt(),
            3 => 0.25,
            _ => 1.0,
        }
    }
}
