//! Whether the oscilloscope runs, waits for a trigger or has stopped, and what it captured last.

use std::time::Duration;

use tokio::time::Instant;

use super::capture::{Capture, Signal};
use super::setup::{CHANNELS, Setup, TIME_DIVISIONS};
use crate::circuit::{Errors, Probe};
use crate::noise::Noise;

/// The place of AUTO, NORMal and SINGle in the list of sweeps.
const AUTO: usize = 0;
const SINGLE: usize = 2;

/// The longest time that an acquisition is waited for, in seconds.
const MAX_SECONDS: f64 = 1e5;

/// What the acquisition does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Running {
    /// One acquisition after the other.
    Free,
    /// Until the next trigger.
    Armed,
    /// Nothing.
    Stopped,
}

#[derive(Debug)]
pub(super) struct State {
    probes: [Probe; CHANNELS],
    noise: Noise,
    errors: Errors,
    running: Running,
    /// The sweep that `:RUN` goes back to after a `:SINGle`.
    sweep: usize,
    /// When the memory is full that is being written.
    full: Instant,
    capture: Option<Capture>,
}

impl State {
    /// It runs when it is switched on.
    pub(super) fn new(probes: [Probe; CHANNELS], noise: Noise, errors: Errors) -> Self {
        let full = Instant::now();
        Self { probes, noise, errors, running: Running::Free, sweep: AUTO, full, capture: None }
    }

    pub(super) fn running(&self) -> Running {
        self.running
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.running == Running::Stopped
    }

    pub(super) fn capture(&self) -> Option<&Capture> {
        self.capture.as_ref()
    }

    pub(super) fn run(&mut self, setup: &mut Setup) {
        if setup.trigger.sweep == SINGLE {
            setup.trigger.sweep = self.sweep;
        }
        self.running = Running::Free;
    }

    /// Stops; what was on the screen stays.
    pub(super) fn stop(&mut self, setup: &Setup) {
        self.refresh(setup);
        self.running = Running::Stopped;
    }

    /// Waits for one trigger.
    pub(super) fn arm(&mut self, setup: &mut Setup) {
        if setup.trigger.sweep != SINGLE {
            self.sweep = setup.trigger.sweep;
        }
        setup.trigger.sweep = SINGLE;
        self.running = Running::Armed;
        let seconds = (setup.time_scale * TIME_DIVISIONS).min(MAX_SECONDS);
        let circuit = self.probes.first().map(|probe| probe.circuit.pace());
        let pace = circuit.unwrap_or(crate::pace::Pace::REAL);
        self.full = Instant::now() + pace.cost(Duration::from_secs_f64(seconds));
        self.capture = None;
    }

    /// Captures without a trigger.
    pub(super) fn force(&mut self, setup: &Setup) {
        if self.running != Running::Stopped {
            self.capture_at(setup, None);
        }
        if self.running == Running::Armed {
            self.running = Running::Stopped;
        }
    }

    pub(super) fn clear(&mut self) {
        self.capture = None;
    }

    /// Brings the capture up to now.
    pub(super) fn refresh(&mut self, setup: &Setup) {
        match self.running {
            Running::Stopped => {}
            Running::Armed => self.refresh_if_due(setup),
            Running::Free => match self.crossing(setup) {
                None if setup.trigger.sweep != AUTO => {}
                crossing => self.capture_at(setup, crossing),
            },
        }
    }

    /// Takes the capture that was armed for, once its time has come and it triggers.
    pub(super) fn refresh_if_due(&mut self, setup: &Setup) {
        if self.running != Running::Armed || Instant::now() < self.full {
            return;
        }
        if let Some(crossing) = self.crossing(setup) {
            self.capture_at(setup, Some(crossing));
            self.running = Running::Stopped;
        }
    }

    /// When a capture that was armed for will have been written.
    pub(super) fn due(&self) -> Option<Instant> {
        let is_coming = self.running == Running::Armed && Instant::now() < self.full;
        is_coming.then_some(self.full)
    }

    /// `:TRIGger:STATus?`
    pub(super) fn status(&self, setup: &Setup) -> &'static str {
        match self.running {
            Running::Stopped => "STOP",
            Running::Armed => "WAIT",
            Running::Free if self.crossing(setup).is_some() => "TD",
            Running::Free if setup.trigger.sweep == AUTO => "AUTO",
            Running::Free => "WAIT",
        }
    }

    /// The time of the signals at which the trigger's source crosses its level.
    fn crossing(&self, setup: &Setup) -> Option<f64> {
        let source = setup.trigger.source;
        let channel = setup.channels.get(source)?;
        Signal::of(self.probes.get(source)?, channel.coupling).crossing(&setup.trigger)
    }

    /// Without a crossing, at any time of the signals.
    fn capture_at(&mut self, setup: &Setup, crossing: Option<f64>) {
        let any = self.noise.deviate(1.0);
        let time = crossing.unwrap_or(any);
        let capture = Capture::take(setup, &self.probes, time, &mut self.noise, self.errors);
        self.capture = Some(capture);
    }
}
