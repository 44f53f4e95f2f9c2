//! `scpi-run db import-legacy`: the old SQLite database into this one.

use result_store::{LegacyImport, LegacyWindow};

use crate::args::LegacyArguments;
use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Imports, and says what became of every row.
pub(super) fn import(arguments: &LegacyArguments) -> Result<Exit> {
    let file = &arguments.file;
    if !file.is_file() {
        return Err(Failure::usage(format!("{}: there is no such file", file.display())));
    }
    let window = LegacyWindow { since: arguments.since, is_dry: arguments.dry_run };
    let open = super::open(&arguments.database)?;
    let imported = block_on(async {
        let mut store = open.connect().await.map_err(Failure::store)?;
        store.import_legacy(file, &window).await.map_err(Failure::store)
    });
    open.close()?;
    print(&text(&imported?));
    if arguments.dry_run {
        print("dry run: nothing was changed\n");
    }
    Ok(Exit::Pass)
}

fn text(import: &LegacyImport) -> String {
    let mut text = String::new();
    for part in &import.parts {
        text.push_str(&format!("{part}\n"));
        for skipped in &part.skipped {
            let row = skipped.id.as_ref().map_or("all".to_owned(), |id| format!("row {id}"));
            text.push_str(&format!("  {row}: {}\n", skipped.why));
        }
        let told = u64::try_from(part.skipped.len()).unwrap_or(u64::MAX);
        if part.skipped.iter().all(|one| one.id.is_some()) && part.left_out > told {
            text.push_str(&format!("  and {} more\n", part.left_out - told));
        }
    }
    for (table, rows) in &import.unknown {
        text.push_str(&format!("{table}: {rows} rows; there is no place for them, all skipped\n"));
    }
    text
}
