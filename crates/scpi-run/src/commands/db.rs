//! `scpi-run db`: the database itself.

mod archive;
mod backup;
mod inventory;
mod legacy;
mod maintain;
mod moving;
mod partitions;
mod renew;
mod report;
mod restore;
mod retention;
mod roles;
mod tool;
mod verify;

use std::ffi::OsString;

use private_postgres::{SUPERUSER, Status, StopOutcome};
use run_journal::JournalReader;

use crate::args::{DatabaseArguments, DbAction};
use crate::commands::print;
use crate::database::{self, Database, OpenDatabase};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Does one of its actions.
pub(crate) fn db(action: DbAction) -> Result<Exit> {
    match action {
        DbAction::Url(arguments) => url(&arguments),
        DbAction::Status(arguments) => status(&arguments),
        DbAction::Start(arguments) => start(&arguments),
        DbAction::Stop { force } => stop(force),
        DbAction::Psql { database, arguments } => psql(&database, &arguments),
        DbAction::Migrate { new_cluster: true, database } => renew::renew(&database),
        DbAction::Migrate { database, .. } => migrate(&database),
        DbAction::Verify(arguments) => verify::verify(&arguments),
        DbAction::Partitions { ahead, database } => partitions::partitions(&database, ahead),
        DbAction::Maintain { drop_waveforms_before, journals, database } => {
            maintain::maintain(&database, drop_waveforms_before, &journals)
        }
        DbAction::Inventory { action } => inventory::inventory(&action),
        DbAction::Backup { file, month, no_verify, database } => {
            backup::backup(&file, month.as_ref(), !no_verify, &database)
        }
        DbAction::Restore { file, month, database } => {
            restore::restore(&file, month.as_ref(), &database)
        }
        DbAction::Archive(arguments) => archive::archive(&arguments),
        DbAction::ImportLegacy(arguments) => legacy::import(&arguments),
        DbAction::Report(arguments) => report::report(&arguments),
        DbAction::Move { url, no_fetch } => moving::move_to(&url, no_fetch),
        DbAction::Roles { action } => roles::roles(&action),
    }
}

fn open(arguments: &DatabaseArguments) -> Result<OpenDatabase> {
    let open = database::choose_some(arguments)?.open()?;
    let open = open.ok_or_else(|| Failure::usage("there is no database"))?;
    open.tell_notices();
    Ok(open)
}

fn url(arguments: &DatabaseArguments) -> Result<Exit> {
    let open = open(arguments)?;
    print(&format!("{}\n", open.url));
    open.leave_running()?;
    Ok(Exit::Pass)
}

fn start(arguments: &DatabaseArguments) -> Result<Exit> {
    let open = open(arguments)?;
    print(&format!("running: {}\n", open.config.place()));
    open.leave_running()?;
    Ok(Exit::Pass)
}

fn stop(force: bool) -> Result<Exit> {
    let cluster = environment::cluster_config(true)?;
    let outcome = match force {
        true => private_postgres::stop_with_sessions(&cluster),
        false => private_postgres::stop(&cluster),
    };
    match outcome.map_err(Failure::store)? {
        StopOutcome::Stopped => print("stopped\n"),
        StopOutcome::NotRunning => print("it did not run\n"),
        StopOutcome::Connected { sessions } => {
            return Err(Failure::store(format!(
                "{sessions} sessions are connected, and it runs on; --force ends them"
            )));
        }
        StopOutcome::InUse { by } => {
            let users = by.iter().map(|user| format!("; {user}")).collect::<String>();
            return Err(Failure::store(format!("somebody uses it, and it runs on{users}")));
        }
        other => return Err(Failure::store(format!("it was not stopped: {other:?}"))),
    }
    Ok(Exit::Pass)
}

fn psql(arguments: &DatabaseArguments, more: &[OsString]) -> Result<Exit> {
    let open = open(arguments)?;
    let mut command = open.psql()?;
    // The shell stays in this process, which goes on using the server until psql ends.
    let status = command.args(more).status();
    open.close()?;
    match status {
        Ok(status) if status.success() => Ok(Exit::Pass),
        Ok(status) => Err(Failure::store(format!("psql ended with {status}"))),
        Err(error) => Err(Failure::usage(format!(
            "psql cannot be started: {error}; PostgreSQL's client is wanted"
        ))),
    }
}

fn migrate(arguments: &DatabaseArguments) -> Result<Exit> {
    match database::choose_some(arguments)? {
        Database::Given { config, .. } => {
            let config = config.create_database(true);
            let migrated =
                block_on(async { result_store::migrate(&config).await.map_err(Failure::store) })?;
            let applied = match migrated.applied.len() {
                0 => "nothing was to be done".to_owned(),
                count => format!("{count} migrations were applied"),
            };
            print(&format!("{}: {applied}, schema version {}\n", config.place(), migrated.version));
        }
        database => {
            // Our own server's schema is brought up whenever it is opened; rights and months that somebody changed
            // are mended here.
            if let Some(open) = database.open()? {
                open.tell_notices();
                let config = open.config_as(SUPERUSER)?;
                let migrated = block_on(async {
                    result_store::migrate(&config).await.map_err(Failure::store)
                });
                open.close()?;
                migrated?;
                print(&format!("{}: the schema is up to date\n", config.place()));
            }
        }
    }
    Ok(Exit::Pass)
}

/// Says how things are; starts nothing.
fn status(arguments: &DatabaseArguments) -> Result<Exit> {
    let database = database::choose(arguments)?;
    match &database {
        Database::None => print("no database: --db none\n"),
        Database::Own(cluster) => {
            let status = private_postgres::status(cluster).map_err(Failure::store)?;
            print(&format!("{}\n", shown(&status)));
            if !matches!(status, Status::Running { is_ready: true, .. }) {
                return backlog(None);
            }
        }
        Database::Given { config, .. } => print(&format!("{}\n", config.place())),
    }
    let open = database.open()?;
    if let Some(open) = &open {
        let status = block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            store.status().await.map_err(Failure::store)
        })?;
        print(&format!("{status}\n"));
    }
    backlog(open.as_ref())?;
    open.map_or(Ok(()), OpenDatabase::close)?;
    Ok(Exit::Pass)
}

/// What there is of our own server.
fn shown(status: &Status) -> String {
    match status {
        Status::Absent { folder } => {
            format!("our own server: not made yet; the first run makes it in {}", folder.display())
        }
        Status::Stopped { folder, major } => {
            format!("our own server: PostgreSQL {major} in {}, stopped", folder.display())
        }
        Status::Running { folder, major, pid, .. } => {
            format!("our own server: PostgreSQL {major} in {}, running as {pid}", folder.display())
        }
        _ => "our own server".to_owned(),
    }
}

/// Which journals are not in the database, or not whole.
fn backlog(open: Option<&OpenDatabase>) -> Result<Exit> {
    let files = environment::journal_folder()?.list().map_err(Failure::store)?;
    let behind = match open {
        None => files.len(),
        Some(open) => block_on(async {
            let mut store = open.connect().await.map_err(Failure::store)?;
            let mut behind = 0;
            for file in &files {
                let known = store.position(file.session).await.map_err(Failure::store)?;
                let at = known.map_or(run_journal::Position::START, |(position, _)| position);
                let more = JournalReader::open(&file.path, at).and_then(|mut rest| rest.next());
                behind += usize::from(!matches!(more, Ok(None)));
            }
            Ok(behind)
        })?,
    };
    let total = files.len();
    let sync = if behind > 0 { "; `scpi-run sync` sends them" } else { "" };
    let where_to = if open.is_some() { "to be sent" } else { "on this machine" };
    print(&format!("journals: {total}, {behind} {where_to}{sync}\n"));
    Ok(Exit::Pass)
}
