//! `scpi-run db archive`: months of the time series out into files, and back.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use private_postgres::SUPERUSER;
use result_store::{Archive, ArchiveStatus, Archived, Month, Store};

use crate::args::ArchiveArguments;
use crate::commands::print;
use crate::commands::table::{Column, table};
use crate::environment;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

const COLUMNS: [Column; 6] = [
    Column::text("month"),
    Column::text("table"),
    Column::number("rows"),
    Column::text("is"),
    Column::text("archived"),
    Column::text("file"),
];

/// Archives, restores, or lists what was archived.
pub(super) fn archive(arguments: &ArchiveArguments) -> Result<Exit> {
    let folder = folder(arguments)?;
    let open = super::open(&arguments.database)?;
    let config = open.config_as(SUPERUSER)?;
    let done = block_on(async {
        let mut store = Store::connect(&config).await.map_err(Failure::store)?;
        match (&arguments.before, &arguments.restore) {
            (Some(month), _) => take(&mut store, month, &folder).await,
            (None, Some(month)) => put_back(&mut store, month, &folder).await,
            (None, None) => list(&mut store).await,
        }
    });
    open.close()?;
    done.map(|()| Exit::Pass)
}

/// The folder of the files; made where one is to be written into it.
fn folder(arguments: &ArchiveArguments) -> Result<PathBuf> {
    let folder = match &arguments.folder {
        Some(folder) => folder.clone(),
        None => environment::data_folder()?.join("archive"),
    };
    if arguments.before.is_some() {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| Failure::usage(format!("{}: {error}", folder.display())))?;
    }
    Ok(folder)
}

/// Each month of each table is archived for itself: what is done stays done when a later one fails.
async fn take(store: &mut Store, before: &Month, folder: &Path) -> Result<()> {
    let (mut files, mut empty) = (0, 0);
    for month in store.months_before(before).await.map_err(Failure::store)? {
        match store.archive_month(&month, folder).await.map_err(Failure::store)? {
            Archived::File(archive) => {
                files += 1;
                print(&format!("{archive}, read back and compared\n"));
            }
            Archived::Empty(_) => empty += 1,
        }
    }
    print(&format!("{}: {files} files, {empty} months were empty\n", folder.display()));
    Ok(())
}

async fn put_back(store: &mut Store, month: &Month, folder: &Path) -> Result<()> {
    let mut archives = store.archives().await.map_err(Failure::store)?;
    archives.retain(|one| one.month == month.to_string() && one.status != ArchiveStatus::Restored);
    if archives.is_empty() {
        return Err(Failure::usage(format!("{month}: there is no archive that is to be restored")));
    }
    for archive in &archives {
        store.restore_archive(archive, folder).await.map_err(Failure::store)?;
        print(&format!("{archive}, restored\n"));
    }
    Ok(())
}

async fn list(store: &mut Store) -> Result<()> {
    let archives = store.archives().await.map_err(Failure::store)?;
    let row = |one: &Archive| {
        let (rows, status) = (one.rows.to_string(), one.status.to_string());
        let Archive { month, family, archived_at, file_name, .. } = one;
        vec![month.clone(), family.clone(), rows, status, archived_at.clone(), file_name.clone()]
    };
    print(&table(&COLUMNS, &archives.iter().map(row).collect::<Vec<_>>()));
    Ok(())
}
