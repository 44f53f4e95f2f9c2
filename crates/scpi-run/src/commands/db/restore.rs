//! `scpi-run db restore`: a dump back into a database.

use std::path::Path;
use std::process::Command;

use result_store::{Month, Scratch, StoreConfig, prepare_month, prepare_restore};

use super::tool::{all_powerful, run, tool};
use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::database::{Database, OpenDatabase, choose_some};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Restores all of it into a database without anything of ours, or a month into a month without rows; on our own server
/// in the place of the database that is there, which is kept.
pub(super) fn restore(
    file: &Path,
    month: Option<&Month>,
    arguments: &DatabaseArguments,
) -> Result<Exit> {
    if !file.is_file() {
        return Err(Failure::usage(format!("{}: there is no such file", file.display())));
    }
    let is_own = matches!(choose_some(arguments)?, Database::Own(_));
    let open = super::open(arguments)?;
    let config = all_powerful(&open)?;
    let restored = match month {
        Some(month) => restore_month(&open, &config, file, month),
        None if is_own => replace(&open, &config, file),
        None => restore_all(&open, &config, file),
    };
    open.close()?;
    restored?;
    print(&format!("{}: restored from {}\n", config.place(), file.display()));
    Ok(Exit::Pass)
}

fn restore_all(open: &OpenDatabase, config: &StoreConfig, file: &Path) -> Result<()> {
    block_on(async { prepare_restore(config).await.map_err(Failure::store) })?;
    run_into(open, config, file)
}

fn run_into(open: &OpenDatabase, config: &StoreConfig, file: &Path) -> Result<()> {
    run(&mut pg_restore(open, config, file, None)?)?;
    // Rights and months; and from an older version up to this one.
    block_on(async { result_store::migrate(config).await.map_err(Failure::store) })?;
    let findings = block_on(async { result_store::verify(config).await.map_err(Failure::store) })?;
    for finding in findings {
        say!("scpi-run: {finding}");
    }
    Ok(())
}

/// Our own server's database is restored beside the one that is there, and takes its place when it is whole.
fn replace(open: &OpenDatabase, config: &StoreConfig, file: &Path) -> Result<()> {
    let scratch = block_on(async { Scratch::make(config).await.map_err(Failure::store) })?;
    let replaced = run_into(open, scratch.config(), file).and_then(|()| {
        block_on(async { scratch.take_place_of(config).await.map_err(Failure::store) })
    });
    match replaced {
        Ok(before) => print(&format!("the database that was there is {before} now\n")),
        Err(failure) => {
            block_on(async { scratch.remove().await.map_err(Failure::store) })?;
            return Err(failure);
        }
    }
    Ok(())
}

fn restore_month(
    open: &OpenDatabase,
    config: &StoreConfig,
    file: &Path,
    month: &Month,
) -> Result<()> {
    block_on(async { prepare_month(config, month).await.map_err(Failure::store) })?;
    run(&mut pg_restore(open, config, file, Some(month))?)
}

/// All or nothing.
pub(super) fn pg_restore(
    open: &OpenDatabase,
    config: &StoreConfig,
    file: &Path,
    month: Option<&Month>,
) -> Result<Command> {
    let mut command = tool(open, "pg_restore", config)?;
    command.args(["--exit-on-error", "--single-transaction", "--dbname", config.database()]);
    if month.is_some() {
        command.arg("--data-only");
    }
    command.arg(file);
    Ok(command)
}
