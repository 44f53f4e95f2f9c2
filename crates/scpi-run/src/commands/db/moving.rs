//! `scpi-run db move URL`: from our own server to one of the lab's. All of it, seen to be the same, and from then on the
//! default. It may be repeated at any point: what is there is there once.

use private_postgres::{ClusterConfig, RUN_ROLE, Status};
use result_store::{
    Contents, SchemaState, Settings, Snapshot, Store, StoreConfig, migrate, prepare_restore,
    schema_state,
};

use super::backup::{Partial, dump};
use super::tool::{all_powerful, run};
use crate::args::DatabaseArguments;
use crate::commands::{print, sync};
use crate::connection;
use crate::database::{Database, OpenDatabase};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;
use crate::settings;

/// The dump on its way, beside the journals' folder.
const DUMP: &str = "move.dump";
/// Sessions that are named where they are missing, at most.
const MAX_NAMED: usize = 5;

/// Moves.
pub(super) fn move_to(url: &str, no_fetch: bool) -> Result<Exit> {
    let target = connection::resolve(url)?;
    let cluster = environment::cluster_config(no_fetch)?;
    see_that_there_is_one(&cluster)?;
    let Some(open) = Database::Own(cluster).open()? else { return Ok(Exit::Usage) };
    open.tell_notices();
    let moved = bring_over(&open, &target, url);
    open.close()?;
    moved?;
    make_default(url, &target)
}

fn see_that_there_is_one(cluster: &ClusterConfig) -> Result<()> {
    match private_postgres::status(cluster).map_err(Failure::store)? {
        Status::Absent { .. } => Err(Failure::usage(
            "there is no server of our own to move from: name the other one with --db or in the settings file",
        )),
        _ => Ok(()),
    }
}

/// A database without anything of ours gets all there is; one that others use gets what the journals have.
fn bring_over(open: &OpenDatabase, target: &StoreConfig, url: &str) -> Result<()> {
    let state = block_on(async { schema_state(target).await.map_err(Failure::store) })?;
    match state {
        SchemaState::Absent => copy_all(open, target)?,
        SchemaState::Current { .. } => print(
            "its schema is there already: sessions come from this machine's journals, and inventory, credentials and \
             baselines stay as they are there\n",
        ),
        other => return Err(Failure::store(format!("{}: {other}", target.place()))),
    }
    // What was recorded here meanwhile, and what never came here.
    let arguments =
        DatabaseArguments { db: Some(url.to_owned()), no_fetch: true, allow_superuser: true };
    match sync::sync(&arguments, false)? {
        Exit::Pass => see_sessions(open, target),
        _ => Err(Failure::store("not every journal could be sent: nothing else was changed")),
    }
}

pub(super) fn copy_all(open: &OpenDatabase, target: &StoreConfig) -> Result<()> {
    let config = all_powerful(open)?;
    let journals = environment::journal_folder()?;
    let file = journals.path().with_file_name(DUMP);
    // One that was cut off left its file.
    let partial = Partial::replace(&file)?;
    block_on(async { prepare_restore(target).await.map_err(Failure::store) })?;
    let contents = block_on(async {
        let snapshot = Snapshot::take(&config).await.map_err(Failure::store)?;
        let contents = snapshot.contents(None).await.map_err(Failure::store)?;
        dump(open, &config, &partial.path, None, snapshot.id())?;
        Ok(contents)
    })?;
    run(&mut super::restore::pg_restore(open, target, &partial.path, None)?)?;
    see_rows(target, &contents)?;
    // Rights of the database itself are in no dump.
    block_on(async { migrate(target).await.map_err(Failure::store) })?;
    let rows: u64 = contents.values().map(|content| content.rows).sum();
    print(&format!("{rows} rows of {} tables are there, and the same\n", contents.len()));
    Ok(())
}

/// Every table has the rows that it had.
fn see_rows(target: &StoreConfig, expected: &Contents) -> Result<()> {
    let found = block_on(async {
        let snapshot = Snapshot::take(target).await.map_err(Failure::store)?;
        snapshot.contents(None).await.map_err(Failure::store)
    })?;
    match expected.iter().find(|(table, content)| found.get(*table) != Some(*content)) {
        None => Ok(()),
        Some((table, _)) => Err(Failure::store(format!(
            "{}: {table} has other rows there; the default is as it was",
            target.place()
        ))),
    }
}

/// Every session that is here is there, up to the same event.
fn see_sessions(open: &OpenDatabase, target: &StoreConfig) -> Result<()> {
    let (here, there) = block_on(async {
        let mut here = open.connect().await.map_err(Failure::store)?;
        let mut there = Store::connect(target).await.map_err(Failure::store)?;
        let here = here.sessions_recorded().await.map_err(Failure::store)?;
        Ok((here, there.sessions_recorded().await.map_err(Failure::store)?))
    })?;
    let missing: Vec<String> = here
        .iter()
        .filter(|(session, events)| there.get(session).is_none_or(|known| known < *events))
        .map(|(session, _)| session.to_string())
        .collect();
    if missing.is_empty() {
        print(&format!("{} sessions are there, each up to its last event\n", here.len()));
        return Ok(());
    }
    let named = missing.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    Err(Failure::store(format!(
        "{} sessions have no journal on this machine and are not there: {named}; move to a database that is empty or missing",
        missing.len()
    )))
}

/// Runs go there from now on, as somebody who may record and no more.
fn make_default(url: &str, target: &StoreConfig) -> Result<Exit> {
    let mut wanted = Settings::parse(url).map_err(Failure::usage)?;
    if is_superuser(target)? {
        wanted = wanted.with("user", RUN_ROLE);
    }
    let words = wanted.without_password();
    let config = connection::resolve(&words)?;
    let tried = block_on(async {
        Ok(Store::connect(&config).await.map(drop).map_err(|error| error.to_string()))
    })?;
    if let Err(why) = tried {
        return Err(Failure::store(format!(
            "everything is there, but it is not the default yet: {why}; put its password into ~/.pgpass, and say `db move` again"
        )));
    }
    let file = settings::set_database(&words)?;
    print(&format!("default from now on: {}, by {}\n", config.place(), file.display()));
    if environment::variable("DATABASE_URL").is_some_and(|url| !url.trim().is_empty()) {
        print("DATABASE_URL is set, and comes before it\n");
    }
    print("what was here stays as it is; nobody writes it any more\n");
    Ok(Exit::Pass)
}

fn is_superuser(target: &StoreConfig) -> Result<bool> {
    block_on(async {
        let mut store = Store::connect(target).await.map_err(Failure::store)?;
        Ok(store.refuse_superuser().await.is_err())
    })
}
