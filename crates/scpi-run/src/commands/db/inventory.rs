//! `scpi-run db inventory`: what there is in the lab, from a file and into one.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use result_store::Inventory;

use crate::args::{DatabaseArguments, InventoryAction};
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

pub(super) fn inventory(action: &InventoryAction) -> Result<Exit> {
    match action {
        InventoryAction::Import { file, database } => import(file, database),
        InventoryAction::Export { file, database } => export(file, database),
    }
}

fn import(file: &Path, arguments: &DatabaseArguments) -> Result<Exit> {
    let failed =
        |what: &dyn std::fmt::Display| Failure::usage(format!("{}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
    let inventory = Inventory::from_toml(&text).map_err(|error| failed(&error))?;
    let open = super::open(arguments)?;
    let imported = block_on(async {
        let mut store = open.connect().await.map_err(Failure::store)?;
        store.import_inventory(&inventory).await.map_err(Failure::store)
    });
    open.close()?;
    for part in imported?.parts {
        print(&format!("{part}\n"));
    }
    Ok(Exit::Pass)
}

fn export(file: &Path, arguments: &DatabaseArguments) -> Result<Exit> {
    let open = super::open(arguments)?;
    let exported = block_on(async {
        let mut store = open.connect().await.map_err(Failure::store)?;
        store.export_inventory().await.map_err(Failure::store)
    });
    open.close()?;
    let text = exported?.to_toml().map_err(Failure::internal)?;
    if file == Path::new("-") {
        print(&text);
        return Ok(Exit::Pass);
    }
    // Comments of a file that is there would be lost.
    let made = OpenOptions::new().write(true).create_new(true).open(file);
    let written = made.and_then(|mut made| made.write_all(text.as_bytes()));
    written.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    print(&format!("{}: written\n", file.display()));
    Ok(Exit::Pass)
}
