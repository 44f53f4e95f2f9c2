//! The person at the terminal, who answers a plan's questions.

use std::io::{BufRead, Write};

use bench_model::Place;
use test_plan::{Operation, Prompt, Schedule};
use test_runner::{Answering, Operator, Question};
use tokio::sync::{Mutex, mpsc};

use crate::args::TriggerWord;
use crate::environment;
use crate::failure::{Failure, Result};

/// Lines that are typed ahead.
const LINES_AHEAD: usize = 1;

/// Who may be asked in a run.
pub(crate) struct TerminalOperator {
    is_there: bool,
    /// Begun by the first question: before it, standard input is left alone.
    lines: Mutex<Option<mpsc::Receiver<String>>>,
}

impl TerminalOperator {
    /// The person who began the run; nobody, where there is no terminal, in CI, and behind a timer.
    pub(crate) fn of_run(trigger: TriggerWord) -> Self {
        Self { is_there: is_attended(trigger), lines: Mutex::default() }
    }

    async fn answer(&self, question: &Question) -> std::result::Result<String, String> {
        let mut lines = self.lines.lock().await;
        let lines = match &mut *lines {
            Some(lines) => lines,
            none => none.insert(read_lines()?),
        };
        // What was typed before the question answers nothing.
        while lines.try_recv().is_ok() {}
        show(question);
        lines.recv().await.ok_or_else(|| "standard input ended".to_owned())
    }
}

impl Operator for TerminalOperator {
    fn is_there(&self) -> bool {
        self.is_there
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        Box::pin(self.answer(question))
    }
}

/// Somebody who is asked from one of several sites.
pub(crate) struct SiteOperator<'o> {
    pub(crate) operator: &'o TerminalOperator,
    pub(crate) site: Option<&'o str>,
}

impl Operator for SiteOperator<'_> {
    fn is_there(&self) -> bool {
        self.operator.is_there
    }

    fn ask<'a>(&'a self, question: &'a Question) -> Answering<'a> {
        let Some(site) = self.site else { return self.operator.ask(question) };
        let place = format!("{site}: {}", question.place);
        let question = Question { place, ..question.clone() };
        Box::pin(async move { self.operator.answer(&question).await })
    }
}

/// Whether somebody is at a terminal to be asked, or to press keys.
pub(crate) fn is_attended(trigger: TriggerWord) -> bool {
    trigger == TriggerWord::Manual && environment::can_ask() && !environment::is_ci()
}

/// A thread of its own: whoever waits for a line cannot be called back, and ends with the process.
fn read_lines() -> std::result::Result<mpsc::Receiver<String>, String> {
    let (sender, receiver) = mpsc::channel(LINES_AHEAD);
    let reading = move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    };
    let thread = std::thread::Builder::new().name("operator".to_owned()).spawn(reading);
    thread.map(|_| receiver).map_err(|error| format!("standard input cannot be read: {error}"))
}

fn show(question: &Question) {
    let plain = |text: &str| text.replace(char::is_control, " ");
    if let Some(complaint) = &question.complaint {
        say!("  {}", plain(complaint));
    }
    say!("\n? {}: {}", plain(&question.place), plain(&question.text));
    if let Some(picture) = &question.picture {
        say!("  picture: {}", plain(picture));
    }
    eprint!("  {} > ", plain(&question.wanted));
    // A question that cannot be shown is still answered.
    let _ = std::io::stderr().flush();
}

/// Whether somebody will be asked.
pub(crate) fn asks(schedule: &Schedule, simulated: bool) -> bool {
    questions(schedule).any(|prompt| !(simulated && prompt.sim.is_some()))
        || entries(schedule, simulated).next().is_some()
}

/// That every question will be answered: by the person, by the plan, or by the simulation.
pub(crate) fn check(schedule: &Schedule, simulated: bool, trigger: TriggerWord) -> Result<()> {
    if is_attended(trigger) {
        return Ok(());
    }
    if let Some((place, question)) = entries(schedule, simulated).next() {
        return Err(Failure::usage(format!(
            "a person reads at {place} ({question}), and nobody can be asked here: a terminal is wanted, no CI and \
             --trigger manual; or on a simulated bench a 'sim' in the plan"
        )));
    }
    let answered = |prompt: &Prompt| prompt.default.is_some() || simulated && prompt.sim.is_some();
    let open: Vec<_> = questions(schedule).filter(|prompt| !answered(prompt)).collect();
    let Some(first) = open.first() else { return Ok(()) };
    let more = match open.len() {
        1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    Err(Failure::usage(format!(
        "the plan asks at {} ({}{more}), and nobody can be asked here: a terminal is wanted, no CI and \
         --trigger manual; or a 'default' in the plan, or on a simulated bench a 'sim'",
        first.place, first.question
    )))
}

/// Readings that a person takes, as far as no simulation does.
fn entries(schedule: &Schedule, simulated: bool) -> impl Iterator<Item = (&Place, &str)> {
    schedule.operations().filter_map(move |operation| match operation {
        Operation::Measure(measure) => {
            let entry = measure.reading.entry.as_ref()?;
            let is_open = !(simulated && entry.sim.is_some());
            is_open.then_some((&measure.place, entry.question.as_str()))
        }
        _ => None,
    })
}

fn questions(schedule: &Schedule) -> impl Iterator<Item = &Prompt> {
    schedule.operations().filter_map(|operation| match operation {
        Operation::Prompt(prompt) => Some(&**prompt),
        _ => None,
    })
}
