//! `scpi-run history`: past runs, from PostgreSQL, else from the journals.

use bench_model::RunRecord;
use result_store::HistoryFilter;

use crate::args::{DatabaseArguments, HistoryArguments, OutcomeWord};
use crate::commands::print;
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::past::{from_database, from_journals};
use crate::runtime::block_on;

/// Lists runs, the newest first.
pub(crate) fn history(arguments: &HistoryArguments) -> Result<Exit> {
    let filter = HistoryFilter {
        plan: arguments.plan.clone(),
        dut: arguments.dut.clone(),
        simulated: arguments.simulated,
        partial: arguments.partial,
        outcome: arguments.verdict.map(OutcomeWord::outcome),
        since: arguments.since,
        until: arguments.until,
    };
    let records = runs(arguments.limit, &filter, &arguments.database)?;
    match (records.is_empty(), filter == HistoryFilter::default()) {
        (true, true) => print("no run yet\n"),
        (true, false) => print("no such run\n"),
        (false, _) => print(&test_report::history_table(&records, environment::look())),
    }
    Ok(Exit::Pass)
}

/// The newest runs that are asked for.
pub(crate) fn runs(
    limit: u32,
    filter: &HistoryFilter,
    database: &DatabaseArguments,
) -> Result<Vec<RunRecord>> {
    let found = from_database(database, |open| {
        block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            store.history(limit, filter).await.map_err(Failure::store)
        })
    })?;
    match found {
        Some(records) => Ok(records),
        None => from_journals(limit, filter),
    }
}
