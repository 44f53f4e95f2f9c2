//! `scpi-run man`: manual pages.

use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args::Arguments;
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// Prints the page of the program, or writes the pages of all commands into a folder.
pub(crate) fn man(folder: Option<&Path>) -> Result<Exit> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = folder else {
        print(&page(&command)?);
        return Ok(Exit::Pass);
    };
    std::fs::create_dir_all(folder).map_err(|error| fault(folder, &error))?;
    write_all(&command, "scpi-run", folder)?;
    Ok(Exit::Pass)
}

/// `scpi-run.1`, `scpi-run-db.1`, `scpi-run-db-url.1`.
fn write_all(command: &Command, name: &str, folder: &Path) -> Result<()> {
    let file = folder.join(format!("{name}.1"));
    let named = command.clone().name(name.to_owned()).display_name(name.to_owned());
    std::fs::write(&file, page(&named)?).map_err(|error| fault(&file, &error))?;
    let below = command.get_subcommands().filter(|own| !own.is_hide_set());
    below
        .filter(|own| own.get_name() != "help")
        .try_for_each(|own| write_all(own, &format!("{name}-{}", own.get_name()), folder))
}

fn page(command: &Command) -> Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).map_err(Failure::internal)?;
    String::from_utf8(page).map_err(Failure::internal)
}

fn fault(file: &Path, error: &std::io::Error) -> Failure {
    Failure::store(format!("{}: {error}", file.display()))
}
