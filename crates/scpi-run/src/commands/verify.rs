//! `scpi-run verify RUN`: the record of a run proved anew, and the database held against it.

use std::fmt::Write as _;

use result_store::Comparison;
use run_journal::{JournalFile, Verification};

use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::database::{self, OpenDatabase};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::past::own_journal;
use crate::runtime::block_on;

/// Says what was proved. With a damaged journal or a database that differs the exit code is that of the store.
pub(crate) fn verify(run: &str, arguments: &DatabaseArguments) -> Result<Exit> {
    let file = own_journal(run)?;
    let database = database::choose(arguments)?;
    let found = run_journal::verify(&file.path).map_err(Failure::store)?;
    print(&journal_told(&file, &found)?);
    let Some(open) = database.open()? else { return Ok(Exit::Pass) };
    open.tell_notices();
    let compared = compare(&open, &file);
    let place = open.config.place().to_owned();
    open.close()?;
    let compared = compared?;
    print(&database_told(compared.as_ref(), &found, &place));
    match compared {
        Some(compared) if !compared.is_equal() => Err(Failure::store(format!(
            "{place}: it differs from the journal {}",
            file.path.display()
        ))),
        _ => Ok(Exit::Pass),
    }
}

fn compare(open: &OpenDatabase, file: &JournalFile) -> Result<Option<Comparison>> {
    block_on(async {
        let mut store = open.connect().await.map_err(Failure::store)?;
        store.compare(&file.path).await.map_err(Failure::store)
    })
}

fn journal_told(file: &JournalFile, found: &Verification) -> Result<String> {
    let end = match (found.finished, file.is_live().map_err(Failure::store)?) {
        (true, _) => "it has its end",
        (false, true) => "it is being written",
        (false, false) => "the run was cut off",
    };
    let torn = match found.torn_bytes {
        0 => String::new(),
        bytes => format!("; {bytes} bytes behind it were never told to anybody"),
    };
    Ok(format!(
        "journal {}: {} records, each whole and in its place; {end}{torn}\nhash chain {}\n",
        file.path.display(),
        found.records,
        found.chain_head
    ))
}

fn database_told(compared: Option<&Comparison>, found: &Verification, place: &str) -> String {
    let Some(compared) = compared else {
        return format!("{place}: nothing of it is there; `scpi-run sync` sends it\n");
    };
    let Comparison { events, readings, results, waveforms, .. } = compared;
    let mut text = String::new();
    for difference in &compared.differences {
        // Writing into a string does not fail.
        let _ = writeln!(text, "{difference}");
    }
    if compared.unlisted > 0 {
        let _ = writeln!(text, "and {} more", compared.unlisted);
    }
    let rows = format!("{readings} readings, {results} results, {waveforms} waveforms");
    if compared.is_equal() {
        let _ = writeln!(text, "{place}: the same, id by id: {events} events, {rows}");
    }
    if compared.rejected > 0 {
        let advice = "`scpi-run sync --show-rejected` says why";
        let _ = writeln!(text, "{} events could not be stored; {advice}", compared.rejected);
    }
    let behind = found.records.saturating_sub(*events);
    if behind > 0 {
        let _ = writeln!(text, "{behind} events are not sent yet; `scpi-run sync` sends them");
    }
    text
}
