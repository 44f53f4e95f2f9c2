//! Readings being taken: how many, when the next one is due, and what was read.

use std::time::Duration;

use tokio::time::Instant;

/// The readings that the memory holds: 10,000 on the 34461A.
pub(super) const MAX_READINGS: u32 = 10_000;

/// Where the readings are triggered from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TriggerSource {
    Immediate,
    Bus,
    External,
}

/// One `INIT` and what came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Acquisition {
    /// In the order in which they were taken.
    pub(super) readings: Vec<f64>,
    /// Still to be taken at this trigger.
    left: u32,
    /// When the next one is due, unless a trigger is waited for.
    due: Option<Instant>,
    /// What one takes, here.
    each: Duration,
    /// Triggers still to come, after which each takes so many readings.
    triggers: u32,
    samples: u32,
}

impl Acquisition {
    /// Begins with an empty memory; waits for a trigger unless that is immediate.
    pub(super) fn start(
        source: TriggerSource,
        triggers: u32,
        samples: u32,
        each: Duration,
    ) -> Self {
        let mut new = Self { readings: Vec::new(), left: 0, due: None, each, triggers, samples };
        if source == TriggerSource::Immediate {
            new.left = triggers.saturating_mul(samples);
            new.triggers = 0;
            new.due = Some(Instant::now() + each);
        }
        new
    }

    /// Takes a trigger; `false` when none is waited for.
    pub(super) fn trigger(&mut self) -> bool {
        let waits = self.is_waiting();
        if waits {
            self.triggers -= 1;
            self.left = self.samples;
            self.due = Some(Instant::now() + self.each);
        }
        waits
    }

    /// Whether it waits for a trigger.
    pub(super) fn is_waiting(&self) -> bool {
        self.left == 0 && self.triggers > 0
    }

    /// When the next reading is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| self.left > 0)
    }

    /// Whether a reading is due now.
    pub(super) fn is_due(&self) -> bool {
        self.due().is_some_and(|due| due <= Instant::now())
    }

    /// Whether all is taken that shall be.
    pub(super) fn is_done(&self) -> bool {
        self.left == 0 && self.triggers == 0
    }

    /// Keeps a reading that was due.
    pub(super) fn keep(&mut self, reading: f64) {
        self.readings.push(reading);
        self.left = self.left.saturating_sub(1);
        self.due = self.due.map(|due| due + self.each);
    }

    /// Ends it; what was read stays.
    pub(super) fn abort(&mut self) {
        self.left = 0;
        self.triggers = 0;
        self.due = None;
    }
}
