//! What a person, or a program, sees while a run goes on.

use std::io::{Write, stderr, stdout};
use std::time::Duration;

use bench_model::RunRecord;
use run_journal::Observer;
use test_report::{Console, JsonLines, OutputFault, Progress, ProgressDrawTarget};

use crate::args::{ProgressMode, RunArguments};
use crate::environment;

/// Who is told of the events, and what went wrong with standard output, if that is for a program.
pub(crate) fn observers(
    arguments: &RunArguments,
    asks: bool,
    before: Option<RunRecord>,
    expected: impl FnOnce() -> Option<Duration>,
) -> (Vec<Box<dyn Observer>>, Option<OutputFault>) {
    let progress = match arguments.conduct.progress {
        ProgressMode::None => Progress::Silent,
        // What is drawn again and again would draw over a question.
        ProgressMode::Auto if environment::is_live() && !asks => {
            Progress::Live(ProgressDrawTarget::stderr())
        }
        ProgressMode::Auto | ProgressMode::Plain => Progress::Plain,
    };
    // Earlier journals are read for somebody who looks on alone.
    let expected = if matches!(progress, Progress::Live(_)) { expected() } else { None };
    let look = environment::look();
    // Standard output is for one reader alone.
    let out: Box<dyn Write + Send> =
        if arguments.conduct.json { Box::new(stderr()) } else { Box::new(stdout()) };
    let console = Console::new(look, progress, out).after(before.unwrap_or_default());
    let console = console.expecting(expected);
    if !arguments.conduct.json {
        return (vec![Box::new(console)], None);
    }
    let lines = JsonLines::new(stdout());
    let fault = lines.fault();
    (vec![Box::new(lines), Box::new(console)], Some(fault))
}
