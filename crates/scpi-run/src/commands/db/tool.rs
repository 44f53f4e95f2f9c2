//! PostgreSQL's own programs, beside our server or on the search path.

use std::path::Path;
use std::process::{Command, Stdio};

use private_postgres::SUPERUSER;
use result_store::StoreConfig;

use crate::database::OpenDatabase;
use crate::failure::{Failure, Result};

/// The most letters of what a program said that are shown.
const MAX_LETTERS: usize = 2000;

/// A program that works on a database. Nothing of who it connects as is in its arguments.
pub(super) fn tool(open: &OpenDatabase, name: &str, config: &StoreConfig) -> Result<Command> {
    let psql = open.psql()?;
    let program = Path::new(psql.get_program()).with_file_name(name);
    let mut command = Command::new(program);
    for (variable, value) in psql.get_envs() {
        if let Some(value) = value {
            command.env(variable, value);
        }
    }
    command.envs(config.libpq_variables()).arg("--no-password").stdin(Stdio::null());
    Ok(command)
}

/// Runs it to its end. What it says is told only where it fails.
pub(super) fn run(command: &mut Command) -> Result<()> {
    let name = Path::new(command.get_program()).display().to_string();
    let output = command.output().map_err(|error| {
        Failure::usage(format!("{name} cannot be started: {error}; PostgreSQL's client is wanted"))
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.trim().chars().take(MAX_LETTERS).collect();
    Err(Failure::store(format!("{name} ended with {}: {said}", output.status)))
}

/// The role that may read and make everything, on our own server.
pub(super) fn all_powerful(open: &OpenDatabase) -> Result<StoreConfig> {
    open.config_as(SUPERUSER)
}
