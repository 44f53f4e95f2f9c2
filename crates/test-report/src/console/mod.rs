//! A run on a screen, while it happens and at its end.

mod limit_bar;
mod live;
mod slow;

use std::io::Write;
use std::time::Duration;

use bench_model::{
    InstrumentStatus, Presence, Record, RunEvent, RunRecord, SafeState, SessionStart, StepResult,
};
use indicatif::ProgressDrawTarget;
use run_journal::Observer;

use crate::fault::OutputFault;
use crate::look::{Look, wrapped};
use crate::phrase::{self, is_bad};
use crate::summary;
use crate::table;
use crate::text::clean;
use live::Live;

/// What is seen of a run before its end.
pub enum Progress {
    /// One line that changes in place, and above it what is not in order. For a terminal.
    Live(ProgressDrawTarget),
    /// A line for each result. For logs.
    Plain,
    /// Nothing.
    Silent,
}

/// Shows a run to people: progress while it lasts, the summary at its end.
pub struct Console {
    look: Look,
    screen: Screen,
    out: Box<dyn Write + Send>,
    run: RunRecord,
    fault: OutputFault,
}

enum Screen {
    Live(Box<Live>),
    Plain,
    Silent,
}

impl Console {
    /// Writes the summary and plain lines to `out`; a live line goes to its own target.
    #[must_use]
    pub fn new(look: Look, progress: Progress, out: Box<dyn Write + Send>) -> Self {
        let screen = match progress {
            Progress::Live(target) => Screen::Live(Box::new(Live::new(target, look.width))),
            Progress::Plain => Screen::Plain,
            Progress::Silent => Screen::Silent,
        };
        Self { look, screen, out, run: RunRecord::default(), fault: OutputFault::default() }
    }

    /// Goes on with a run of which this is known: the summary has all of it.
    #[must_use]
    pub fn after(mut self, before: RunRecord) -> Self {
        self.run = before;
        self
    }

    /// How long the run will take, where it is known from earlier ones or reckoned from its plan.
    #[must_use]
    pub fn expecting(mut self, expected: Option<Duration>) -> Self {
        if let Screen::Live(live) = &mut self.screen {
            live.will_take(expected);
        }
        self
    }

    /// The first error of `out`; after it nothing more is written to it.
    #[must_use]
    pub fn fault(&self) -> OutputFault {
        self.fault.clone()
    }

    fn take(&mut self, record: &Record) {
        if let Screen::Live(live) = &mut self.screen {
            live.take(record);
        }
        let lines = self.lines(&record.event);
        self.show(&lines);
        self.fold(record);
        if let RunEvent::SessionFinished(_) = record.event {
            self.finish();
        }
    }

    /// What an event says at once.
    fn lines(&self, event: &RunEvent) -> Vec<String> {
        match event {
            RunEvent::SessionStarted(start) => self.on_start(start),
            RunEvent::Judged(result) => self.on_result(result),
            RunEvent::Warning { message } => vec![summary::warning(message, self.look)],
            RunEvent::InstrumentStatus(status) => self.on_status(status),
            RunEvent::SafeState(SafeState { outputs, .. }) => {
                phrase::doubtful_outputs(outputs, self.look)
            }
            _ => Vec::new(),
        }
    }

    fn on_start(&self, start: &SessionStart) -> Vec<String> {
        match self.screen {
            Screen::Plain => vec![phrase::head(start, self.look)],
            // The summary's head, and the live line's own, say it.
            _ => Vec::new(),
        }
    }

    fn on_result(&self, result: &StepResult) -> Vec<String> {
        let is_shown = matches!(self.screen, Screen::Plain) || is_bad(result.verdict);
        if is_shown {
            table::lines(&[phrase::row(result, self.look)], 0, self.look)
        } else {
            vec![]
        }
    }

    fn on_status(&self, status: &InstrumentStatus) -> Vec<String> {
        if status.presence != Presence::Error {
            return Vec::new();
        }
        let message = status.message.as_deref().unwrap_or("it refuses or fails");
        let line = format!("{}: {}", clean(&status.instrument), clean(message));
        vec![format!("{} {line}", self.look.loud("instrument error:"))]
    }

    fn show(&mut self, lines: &[String]) {
        match &self.screen {
            Screen::Live(live) => {
                wrapped(lines, self.look).iter().for_each(|line| live.print(line))
            }
            Screen::Plain => self.write(lines),
            Screen::Silent => {}
        }
    }

    /// Keeps what the summary needs, without a copy of every reading and waveform.
    fn fold(&mut self, record: &Record) {
        match record.event {
            RunEvent::Reading(_) => self.run.readings += 1,
            RunEvent::Waveform(_) => self.run.waveforms += 1,
            _ => self.run.apply(record.clone()),
        }
    }

    fn finish(&mut self) {
        if let Screen::Live(live) = &self.screen {
            live.clear();
        }
        let lines = summary::summary(&self.run, self.look);
        self.write(&lines);
    }

    fn write(&mut self, lines: &[String]) {
        let lines = wrapped(lines, self.look);
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        let out = &mut self.out;
        self.fault.attempt(|| {
            out.write_all(text.as_bytes())?;
            out.flush()
        });
    }
}

impl Observer for Console {
    fn synced(&mut self, records: &[Record]) {
        records.iter().for_each(|record| self.take(record));
        if let Screen::Live(live) = &self.screen {
            live.refresh();
        }
    }
}

/// A run that is cut short leaves no line behind.
impl Drop for Console {
    fn drop(&mut self) {
        if let Screen::Live(live) = &self.screen {
            live.clear();
        }
    }
}
