//! `scpi-run history`: past runs, from PostgreSQL, else from the journals.

use bench_model::RunRecord;
use result_store::HistoryFilter;
use run_journal::read_run;

use crate::args::HistoryArguments;
use crate::commands::print;
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::past::from_database;
use crate::runtime::block_on;

/// Lists runs, the newest first.
pub(crate) fn history(arguments: &HistoryArguments) -> Result<Exit> {
    let found = from_database(&arguments.database, |open| {
        block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            store.history(arguments.limit, &HistoryFilter::default()).await.map_err(Failure::store)
        })
    });
    let records = match found? {
        Some(records) => records,
        None => from_journals(arguments.limit)?,
    };
    if records.is_empty() {
        print("no run yet\n");
    } else {
        print(&test_report::history_table(&records, environment::look()));
    }
    Ok(Exit::Pass)
}

fn from_journals(limit: u32) -> Result<Vec<RunRecord>> {
    let files = environment::journal_folder()?.list().map_err(Failure::store)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut records = Vec::new();
    for file in files.into_iter().take(limit) {
        match read_run(&file.path) {
            Ok(record) => records.push(record),
            Err(error) => eprintln!("scpi-run: {error}"),
        }
    }
    Ok(records)
}
