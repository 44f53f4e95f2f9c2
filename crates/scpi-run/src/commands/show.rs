//! `scpi-run show`: one past run, or all of a DUT.

use bench_model::RunRecord;
use result_store::HistoryFilter;
use run_journal::read_run;

use crate::args::DatabaseArguments;
use crate::commands::{history, print};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::guardian;
use crate::past::{self, from_database};
use crate::runtime::block_on;

/// Runs of a DUT that are listed, at most.
const MAX_RUNS: u32 = 1_000;

/// Shows a run by its id, the first characters of it, or `latest`; of a serial number, all of its runs.
pub(crate) fn show(name: &str, database: &DatabaseArguments) -> Result<Exit> {
    let Some(record) = run(name, database)? else { return of_dut(name, database) };
    print(&test_report::show_run(&record, environment::look()));
    if let (Some(start), None) = (&record.start, &record.end) {
        let journal = environment::journal_folder()?.path_of(start.session);
        print(&guardian::told(&journal).unwrap_or_default());
    }
    Ok(Exit::Pass)
}

fn run(name: &str, database: &DatabaseArguments) -> Result<Option<RunRecord>> {
    let found = from_database(database, |open| {
        block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            past::of_store(&mut store, name).await
        })
    })?;
    if let Some(record) = found.flatten() {
        return Ok(Some(record));
    }
    let file = past::journal_of(&environment::journal_folder()?, name)?;
    file.map(|file| read_run(&file.path).map_err(Failure::store)).transpose()
}

fn of_dut(serial: &str, database: &DatabaseArguments) -> Result<Exit> {
    let filter = HistoryFilter { dut: Some(serial.to_owned()), ..HistoryFilter::default() };
    let records = history::runs(MAX_RUNS, &filter, database)?;
    if records.is_empty() {
        return Err(Failure::usage(format!(
            "no run begins with '{serial}', and no DUT has that serial number; `scpi-run history` lists runs"
        )));
    }
    print(&test_report::history_table(&records, environment::look()));
    Ok(Exit::Pass)
}
