//! Past runs, by what people call them: an id, its first characters, `latest`.

use bench_model::RunRecord;
use private_postgres::Status;
use result_store::HistoryFilter;
use run_journal::{JournalError, JournalFile, JournalFolder, read_run};

use crate::args::DatabaseArguments;
use crate::database::{self, Database, OpenDatabase};
use crate::environment;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// The newest run.
const LATEST: &str = "latest";

/// Reads runs whole: from this machine's journals, which have every result and reading, else from the database.
pub(crate) fn runs(names: &[String], database: &DatabaseArguments) -> Result<Vec<RunRecord>> {
    let journals = environment::journal_folder()?;
    let own: Vec<Option<RunRecord>> =
        names.iter().map(|name| from_journal(&journals, name)).collect::<Result<_>>()?;
    if own.iter().all(Option::is_some) {
        return Ok(own.into_iter().flatten().collect());
    }
    let missing: Vec<&String> =
        names.iter().zip(&own).filter(|(_, own)| own.is_none()).map(|(name, _)| name).collect();
    let mut found = in_database(&missing, database)?.into_iter();
    let run = |(name, own): (&String, Option<RunRecord>)| {
        let run = own.or_else(|| found.next().flatten());
        run.ok_or_else(|| {
            Failure::usage(format!("no run begins with '{name}'; `scpi-run history` lists them"))
        })
    };
    names.iter().zip(own).map(run).collect()
}

fn from_journal(journals: &JournalFolder, name: &str) -> Result<Option<RunRecord>> {
    let Some(file) = journal_of(journals, name)? else { return Ok(None) };
    read_run(&file.path).map(Some).map_err(Failure::store)
}

/// The journal of a run; none where this machine has none.
pub(crate) fn journal_of(journals: &JournalFolder, name: &str) -> Result<Option<JournalFile>> {
    if name == LATEST {
        return Ok(journals.list().map_err(Failure::store)?.into_iter().next());
    }
    match journals.find(name) {
        Ok(file) => Ok(Some(file)),
        Err(JournalError::NoSuchRun { .. }) => Ok(None),
        Err(error @ JournalError::SeveralRuns { .. }) => Err(Failure::usage(error)),
        Err(error) => Err(Failure::store(error)),
    }
}

/// The journal of a run that must be on this machine.
pub(crate) fn own_journal(name: &str) -> Result<JournalFile> {
    let journals = environment::journal_folder()?;
    journal_of(&journals, name)?.ok_or_else(|| {
        Failure::usage(format!(
            "no journal of this machine is of a run that begins with '{name}'; `scpi-run history` lists runs"
        ))
    })
}

fn in_database(names: &[&String], database: &DatabaseArguments) -> Result<Vec<Option<RunRecord>>> {
    let found = from_database(database, |open| {
        block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            let mut runs = Vec::new();
            for name in names {
                runs.push(of_store(&mut store, name).await?);
            }
            Ok(runs)
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// One run of the database.
pub(crate) async fn of_store(
    store: &mut result_store::Store,
    name: &str,
) -> Result<Option<RunRecord>> {
    if name != LATEST {
        if !begins_an_id(name) {
            return Ok(None);
        }
        return store.run(name).await.map_err(Failure::store);
    }
    let newest = store.history(1, &HistoryFilter::default()).await.map_err(Failure::store)?;
    match newest.first().and_then(|run| run.start.as_ref()) {
        Some(start) => store.run(&start.session.to_string()).await.map_err(Failure::store),
        None => Ok(None),
    }
}

/// Whether a run's id may begin so.
pub(crate) fn begins_an_id(name: &str) -> bool {
    let digits = name.chars().filter(|letter| *letter != '-');
    let count = digits.clone().count();
    (1..=32).contains(&count) && digits.into_iter().all(|digit| digit.is_ascii_hexdigit())
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
            say!("scpi-run: what follows is from the journals of this machine");
            Ok(None)
        }
    }
}

/// The newest runs of this machine's journals that are asked for; a journal that cannot be read is told.
pub(crate) fn from_journals(limit: u32, filter: &HistoryFilter) -> Result<Vec<RunRecord>> {
    let files = environment::journal_folder()?.list().map_err(Failure::store)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut records = Vec::new();
    for file in files {
        if records.len() >= limit {
            break;
        }
        match read_run(&file.path) {
            Ok(record) if filter.wants(&record) => records.push(record),
            Ok(_) => {}
            Err(error) => say!("scpi-run: {error}"),
        }
    }
    Ok(records)
}
