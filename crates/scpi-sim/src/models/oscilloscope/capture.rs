//! One acquisition: what was on the channels, and the code of any of its samples.
//!
//! Every sample is a function of the capture and its index, noise included, so that a deep memory costs nothing until it
//! is read.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::setup::{CHANNELS, Coupling, MIDDLE_CODE, Setup, TIME_DIVISIONS, Trigger};
use crate::circuit::{Errors, Probe, Wave};
use crate::noise::{Noise, deviate_at};

/// Noise of the screen, in divisions.
const NOISE_DIVISIONS: f64 = 0.01;

/// Noise of the input with a probe of 1, in volts.
const NOISE_VOLTS: f64 = 120e-6;

/// What limits of 20 MHz, 100 MHz and none leave of the noise.
const NOISE_OF_BANDWIDTH: [f64; 3] = [0.4, 0.8, 1.0];

/// Samples that are made at a time.
const TILE: u32 = 1 << 16;

/// What a block has around its data, in bytes.
pub(super) const BLOCK_ROOM: usize = 16;

/// Places in a period of the fastest wave at which a crossing is looked for.
const STEPS_PER_PERIOD: f64 = 50.0;

/// Places at which it is looked for at least and at most.
const LEAST_STEPS: f64 = 1000.0;
const MOST_STEPS: f64 = 100_000.0;

/// Halvings that find it.
const CROSSING_HALVINGS: u32 = 40;

/// What is on one channel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Signal {
    /// The steady part in volts, after the coupling.
    steady: f64,
    waves: Vec<Wave>,
}

/// One channel of a capture.
#[derive(Clone, Debug)]
pub(super) struct Captured {
    signal: Signal,
    noise: f64,
    /// Of its noise.
    stream: u64,
    /// In volts a code.
    pub(super) increment: f64,
    /// In codes.
    pub(super) origin: f64,
    /// Samples of the memory that were made, by tiles.
    kept: Arc<Mutex<BTreeMap<u32, Arc<[u8]>>>>,
}

/// An acquisition.
#[derive(Clone, Debug)]
pub(super) struct Capture {
    pub(super) channels: [Option<Captured>; CHANNELS],
    pub(super) time_scale: f64,
    pub(super) time_offset: f64,
    pub(super) rate: f64,
    pub(super) points: f64,
    pub(super) averages: u32,
    /// The time of the signals at the trigger, in seconds.
    signal_time: f64,
    errors: Errors,
}

impl Signal {
    pub(super) fn of(probe: &Probe, coupling: Coupling) -> Self {
        match coupling {
            Coupling::Ground => Self { steady: 0.0, waves: Vec::new() },
            Coupling::Ac => Self { steady: 0.0, waves: probe.waves() },
            Coupling::Dc => Self { steady: probe.volts(), waves: probe.waves() },
        }
    }

    fn at(&self, time: f64) -> f64 {
        self.steady + self.waves.iter().map(|wave| wave.at(time)).sum::<f64>()
    }

    /// The first time at which it crosses the trigger's level in the trigger's direction.
    pub(super) fn crossing(&self, trigger: &Trigger) -> Option<f64> {
        let repeats = self.waves.iter().filter_map(Wave::repeats_after).reduce(f64::max)?;
        let fastest = self.waves.iter().map(|wave| wave.frequency).reduce(f64::max)?;
        let steps = (repeats * fastest * STEPS_PER_PERIOD).clamp(LEAST_STEPS, MOST_STEPS);
        let step = repeats / steps;
        let above = |time: f64| self.at(time) >= trigger.level;
        // One step more than a period, and none of them at the round times at which forms begin.
        let steps = crate::settings::whole(steps).unwrap_or(0) + 2;
        (0..steps).find_map(|index| {
            let begin = (f64::from(index) - 0.5) * step;
            let (before, after) = (above(begin), above(begin + step));
            let wanted = match trigger.slope {
                0 => !before && after,
                1 => before && !after,
                _ => before != after,
            };
            wanted.then(|| halved(begin, begin + step, |time| above(time) == after))
        })
    }
}

/// Where something begins to hold that does not at the begin and does at the end.
fn halved(begin: f64, end: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut begin, mut end) = (begin, end);
    for _ in 0..CROSSING_HALVINGS {
        let middle = f64::midpoint(begin, end);
        if holds(middle) { end = middle } else { begin = middle }
    }
    end
}

impl Capture {
    /// What is on the shown channels now; `signal_time` is the time of the signals at the trigger.
    pub(super) fn take(
        setup: &Setup,
        probes: &[Probe; CHANNELS],
        signal_time: f64,
        noise: &mut Noise,
        errors: Errors,
    ) -> Self {
        let channels = [0, 1, 2, 3].map(|index| {
            let channel = &setup.channels[index];
            channel.shown.then(|| {
                let increment = channel.scale / setup.codes_per_division;
                let sigma = NOISE_DIVISIONS * channel.scale + NOISE_VOLTS * channel.probe;
                Captured {
                    signal: Signal::of(&probes[index], channel.coupling),
                    noise: sigma * NOISE_OF_BANDWIDTH[channel.bandwidth] * setup.noise_factor(),
                    stream: noise.bits(),
                    increment,
                    origin: (channel.offset / increment).round(),
                    kept: Arc::default(),
                }
            })
        });
        Self {
            channels,
            time_scale: setup.time_scale,
            time_offset: setup.time_offset,
            rate: setup.rate(),
            points: setup.points(),
            averages: if setup.acquisition == 1 { setup.averages } else { 1 },
            signal_time,
            errors,
        }
    }

    /// The time between two samples of the screen, or of the memory.
    pub(super) fn time_increment(&self, of_memory: bool) -> f64 {
        if of_memory { 1.0 / self.rate } else { self.time_scale / 100.0 }
    }

    /// The time of the first sample, the trigger being at 0.
    pub(super) fn time_origin(&self, of_memory: bool) -> f64 {
        let half = if of_memory {
            self.points / self.rate / 2.0
        } else {
            self.time_scale * TIME_DIVISIONS / 2.0
        };
        self.time_offset - half
    }

    /// Seconds from the trigger to the middle of the screen.
    pub(super) fn time_offset(&self) -> f64 {
        self.time_offset
    }

    /// The codes of samples, counted from 0; clipped where the screen ends. Those of the memory are kept, so that
    /// they are made of the signals only once.
    pub(super) fn codes(&self, channel: usize, range: Range<u32>, of_memory: bool) -> Vec<u8> {
        let mut codes = Vec::new();
        self.add_codes(channel, range, of_memory, &mut codes);
        codes
    }

    /// The same, behind what is there already.
    pub(super) fn add_codes(
        &self,
        channel: usize,
        range: Range<u32>,
        of_memory: bool,
        codes: &mut Vec<u8>,
    ) {
        let Some(captured) = self.channels.get(channel).and_then(Option::as_ref) else { return };
        codes.reserve(range.len());
        if !of_memory {
            codes.extend(self.rendered(captured, range, of_memory));
            return;
        }
        let mut kept = captured.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut begin = range.start;
        while begin < range.end {
            let tile = begin / TILE;
            let (first, end) = (tile * TILE, range.end.min((tile + 1).saturating_mul(TILE)));
            let samples = kept.entry(tile).or_insert_with(|| {
                self.rendered(captured, first..first.saturating_add(TILE), of_memory).into()
            });
            let place = |index: u32| usize::try_from(index - first).unwrap_or(usize::MAX);
            codes.extend_from_slice(samples.get(place(begin)..place(end)).unwrap_or_default());
            begin = end;
        }
    }

    fn rendered(&self, captured: &Captured, range: Range<u32>, of_memory: bool) -> Vec<u8> {
        let (origin, increment) = (self.time_origin(of_memory), self.time_increment(of_memory));
        let (stream, middle) =
            (captured.stream ^ u64::from(of_memory), captured.origin + MIDDLE_CODE);
        let code = |index: u32| {
            // A clock that goes fast takes its samples too early.
            let time = (origin + f64::from(index) * increment) / (1.0 + self.errors.clock);
            let exact = captured.signal.at(self.signal_time + time);
            let noise = captured.noise * deviate_at(stream, index.into());
            clipped((self.errors.of_volts(exact) + noise) / captured.increment + middle)
        };
        range.map(code).collect()
    }

    /// Whether a channel was captured.
    pub(super) fn has(&self, channel: usize) -> bool {
        self.channels.get(channel).is_some_and(Option::is_some)
    }

    /// What one code of a channel is in volts, and the code of 0 V beside the middle.
    pub(super) fn vertical(&self, channel: usize) -> (f64, f64) {
        let captured = self.channels.get(channel).and_then(Option::as_ref);
        captured.map_or((1.0, 0.0), |captured| (captured.increment, captured.origin))
    }

    /// What a code stands for, in volts.
    pub(super) fn volts(&self, channel: usize, code: u8) -> f64 {
        self.channels.get(channel).and_then(Option::as_ref).map_or(0.0, |captured| {
            (f64::from(code) - captured.origin - MIDDLE_CODE) * captured.increment
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is a whole number from 0 to 255 by then"
)]
fn clipped(code: f64) -> u8 {
    code.clamp(0.0, 255.0).round() as u8
}
