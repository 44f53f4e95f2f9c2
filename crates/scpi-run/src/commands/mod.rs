//! One file a command.

mod baseline;
mod check;
mod compare;
mod completions;
mod console;
pub(crate) mod credentials;
mod db;
mod discover;
mod explain;
mod history;
mod man;
mod query;
mod report;
mod resume;
mod run;
mod safe;
mod scan;
mod schedule;
mod schema;
mod secret_input;
mod show;
mod sim;
mod sync;
mod table;
mod trend;
mod verify;

use crate::args::{Arguments, Command};
use crate::exit::Exit;
use crate::failure::Result;
use crate::guardian;

/// Does what was asked for.
pub(crate) fn dispatch(arguments: Arguments) -> Result<Exit> {
    match arguments.command {
        None => run::run(&arguments.run),
        Some(Command::Check(plans)) => check::check(&plans),
        Some(Command::Explain(plans)) => explain::explain(&plans),
        Some(Command::Sim { bench }) => sim::sim(&bench),
        Some(Command::Safe { bench }) => safe::safe(&bench),
        Some(Command::Scan(arguments)) => scan::scan(&arguments),
        Some(Command::Query { address, message, timeout_ms }) => {
            query::query(&address, &message, timeout_ms)
        }
        Some(Command::Console { address, timeout_ms, trace }) => {
            console::console(&address, timeout_ms, trace.as_deref())
        }
        Some(Command::Discover { interface, save, timeout_ms }) => {
            discover::discover(interface, save.as_deref(), timeout_ms)
        }
        Some(Command::History(arguments)) => history::history(&arguments),
        Some(Command::Show { run, database }) => show::show(&run, &database),
        Some(Command::Compare(arguments)) => compare::compare(&arguments),
        Some(Command::Trend(arguments)) => trend::trend(&arguments),
        Some(Command::Baseline { action }) => baseline::baseline(&action),
        Some(Command::Verify { run, database }) => verify::verify(&run, &database),
        Some(Command::Resume(arguments)) => resume::resume(&arguments),
        Some(Command::Report(arguments)) => report::report(&arguments),
        Some(Command::Schedule { action }) => schedule::schedule(&action),
        Some(Command::Sync { show_rejected, database }) => sync::sync(&database, show_rejected),
        Some(Command::Db { action }) => db::db(action),
        Some(Command::Credentials { action }) => credentials::credentials(action),
        Some(Command::Schema { of }) => Ok(schema::schema(of)),
        Some(Command::Completions { shell }) => Ok(completions::completions(shell)),
        Some(Command::Man { folder }) => man::man(folder.as_deref()),
        Some(Command::Guardian) => guardian::watch(),
    }
}

/// Prints text as it is. A reader that went away (`| head`) ends nothing.
pub(crate) fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}
