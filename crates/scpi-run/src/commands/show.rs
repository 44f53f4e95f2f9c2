//! `scpi-run show`: one past run.

use run_journal::read_run;

use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::guardian;
use crate::past::from_database;
use crate::runtime::block_on;

/// Shows a run by its id or the first characters of it.
pub(crate) fn show(run: &str, database: &DatabaseArguments) -> Result<Exit> {
    let found = from_database(database, |open| {
        block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            store.run(run).await.map_err(Failure::store)
        })
    });
    let journals = environment::journal_folder()?;
    let record = match found?.flatten() {
        Some(record) => record,
        None => {
            let file = journals.find(run).map_err(Failure::usage)?;
            read_run(&file.path).map_err(Failure::store)?
        }
    };
    print(&test_report::show_run(&record, environment::look()));
    if let (Some(start), None) = (&record.start, &record.end) {
        print(&guardian::told(&journals.path_of(start.session)).unwrap_or_default());
    }
    Ok(Exit::Pass)
}
