//! How long a schedule takes at least: what it waits for and integrates, and a little for each exchange.

use std::time::Duration;

use crate::operation::{Operation, ReadingSpec, Schedule};

/// What one exchange with an instrument on a network takes: a rough figure.
const EXCHANGE: Duration = Duration::from_millis(3);

/// Exchanges of one setting: what is sent, whether it is complete, the read-back, the error queue.
const EXCHANGES_OF_A_SETTING: u32 = 3;

/// Exchanges of one capture.
const EXCHANGES_OF_A_CAPTURE: u32 = 8;

/// Divisions of the screen that an acquisition fills.
const DIVISIONS: f64 = 10.0;

/// How long a schedule takes, without what nobody knows before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// What is waited for: settle, wait, the windows of stability.
    pub waiting: Duration,
    /// What instruments need: integration, acquisition, exchanges.
    pub measuring: Duration,
    /// Questions, whose answers take as long as they take.
    pub questions: u32,
    /// Whether it may take longer: readings must come to rest, triggers and axes that end early.
    pub is_open: bool,
    /// How far the axis of time has come that was seen last.
    paced: Duration,
}

impl Estimate {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.waiting.saturating_add(self.measuring)
    }

    fn add(&mut self, operation: &Operation, line_frequency_hz: u32) {
        match operation {
            Operation::Settle { time, .. } => self.waiting += *time,
            // The times of an axis are since its first point, and not one after the other.
            Operation::Pace { at, .. } => {
                self.waiting += at.saturating_sub(self.paced);
                self.paced = *at;
            }
            Operation::SettleUntilStable { until, .. } => {
                self.waiting += until.window;
                self.is_open = true;
            }
            Operation::Set(_) => self.measuring += EXCHANGE * EXCHANGES_OF_A_SETTING,
            Operation::ExpectMode { .. } | Operation::Raw(_) | Operation::Inspection(_) => {
                self.measuring += EXCHANGE;
            }
            Operation::Measure(measure) if measure.reading.entry.is_some() => {
                self.questions = self.questions.saturating_add(measure.reading.samples);
            }
            Operation::Measure(measure) => {
                self.measuring += reading_time(&measure.reading, line_frequency_hz)
                    .saturating_mul(measure.reading.samples);
            }
            Operation::Capture(capture) => {
                let division = capture.capture.settings.time_base.in_base();
                let screen = division.map_or(0.0, |division| division.to_f64() * DIVISIONS);
                self.measuring += Duration::try_from_secs_f64(screen).unwrap_or_default()
                    + EXCHANGE * EXCHANGES_OF_A_CAPTURE;
                self.is_open = true;
            }
            Operation::Prompt(_) => self.questions += 1,
            Operation::StopWhen(_) | Operation::OnlyIf(_) => self.is_open = true,
            Operation::StepStarted { .. }
            | Operation::StepFinished { .. }
            | Operation::Timeout { .. }
            | Operation::Compute(_) => {}
        }
    }
}

/// Integration, twice where the zero is taken each time, and the exchange.
fn reading_time(reading: &ReadingSpec, line_frequency_hz: u32) -> Duration {
    let cycles = reading.settings.nplc.as_ref().map_or(0.0, |nplc| nplc.to_f64());
    let zeroes = if reading.settings.auto_zero == Some(true) { 2.0 } else { 1.0 };
    let seconds = cycles * zeroes / f64::from(line_frequency_hz.max(1));
    Duration::try_from_secs_f64(seconds).unwrap_or_default() + EXCHANGE
}

impl Schedule {
    /// How long it takes, as far as its plan says.
    #[must_use]
    pub fn estimate(&self, line_frequency_hz: u32) -> Estimate {
        let mut estimate = Estimate::default();
        self.operations().for_each(|operation| estimate.add(operation, line_frequency_hz));
        estimate
    }
}
