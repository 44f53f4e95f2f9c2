//! `scpi-run history`: past runs, from PostgreSQL, else from the journals.

use bench_model::RunRecord;
use private_postgres::Status;
use result_store::HistoryFilter;
use run_journal::read_run;

use crate::args::{DatabaseArguments, HistoryArguments};
use crate::commands::print;
use crate::database::{self, Database, OpenDatabase};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
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

/// Asks the database. None, with a line that says so, where there is none to be had.
pub(crate) fn from_database<T>(
    arguments: &DatabaseArguments,
    ask: impl FnOnce(&OpenDatabase) -> Result<T>,
) -> Result<Option<T>> {
    let database = database::choose(arguments)?;
    if let Database::Own(cluster) = &database
        && matches!(private_postgres::status(cluster), Ok(Status::Absent { .. }))
    {
        return Ok(None);
    }
    let answer = match database.open() {
        Ok(None) => return Ok(None),
        Ok(Some(open)) => {
            let answer = ask(&open);
            open.close()?;
            answer
        }
        Err(failure) => Err(failure),
    };
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) => {
            failure.tell();
            eprintln!("scpi-run: what follows is from the journals of this machine");
            Ok(None)
        }
    }
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
