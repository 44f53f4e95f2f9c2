//! `scpi-run schedule`: regression sweeps, now or by the clock.
//!
//! | file | holds |
//! | --- | --- |
//! | `sweep_file` | a sweep file read, each of its jobs as the command line of a run |
//! | `night` | a sweep that is run: which jobs, in which order, until when |
//! | `job` | one job: a run in a process of its own, with a budget |
//! | `nights` | what past nights were, on disk |
//! | `morning` | the morning report: made, shown, written, given to a command |
//! | `registry` | which schedules there are |
//! | `units` | a schedule as units of systemd |
//! | `clock` | all schedules by the clock, without systemd |

mod clock;
mod job;
mod morning;
mod night;
mod nights;
mod registry;
pub(crate) mod sweep_file;
mod units;

use crate::args::ScheduleAction;
use crate::exit::Exit;
use crate::failure::Result;

/// Does what was asked for.
pub(crate) fn schedule(action: &ScheduleAction) -> Result<Exit> {
    match action {
        ScheduleAction::Add(arguments) => units::add(arguments),
        ScheduleAction::List => registry::list(),
        ScheduleAction::Remove { name } => units::remove(name),
        ScheduleAction::Run(arguments) if arguments.r#loop => clock::run(arguments),
        ScheduleAction::Run(arguments) => night::run(arguments),
        ScheduleAction::Report(arguments) => morning::again(arguments),
    }
}
