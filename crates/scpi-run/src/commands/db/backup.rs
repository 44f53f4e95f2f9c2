//! `scpi-run db backup`: a dump in PostgreSQL's own format that was seen to restore.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use result_store::{Contents, Finding, Month, Scratch, Snapshot, StoreConfig};

use super::tool::{all_powerful, run, tool};
use crate::args::DatabaseArguments;
use crate::commands::print;
use crate::database::OpenDatabase;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Dumps into a file, which has its name only when it is whole and, unless told otherwise, was restored.
pub(super) fn backup(
    file: &Path,
    month: Option<&Month>,
    verify: bool,
    arguments: &DatabaseArguments,
) -> Result<Exit> {
    if file.exists() {
        return Err(Failure::usage(format!("{} is there already", file.display())));
    }
    let partial = Partial::make(file)?;
    let open = super::open(arguments)?;
    let done = dump_and_try(&open, &partial.path, month, verify);
    open.close()?;
    let contents = done?;
    partial.finish(file)?;
    let rows: u64 = contents.values().map(|content| content.rows).sum();
    let tried = if verify { ", restored and compared" } else { "" };
    print(&format!("{}: {rows} rows of {} tables{tried}\n", file.display(), contents.len()));
    Ok(Exit::Pass)
}

/// A file that is not whole yet; removed when it never is.
pub(super) struct Partial {
    pub(super) path: PathBuf,
}

impl Partial {
    /// Readable by its owner alone: a dump holds all there is.
    fn make(file: &Path) -> Result<Self> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let path = file.with_file_name(name);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        Ok(Self { path })
    }

    /// The same where one that was cut off may have left its own.
    pub(super) fn replace(file: &Path) -> Result<Self> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let _ = std::fs::remove_file(file.with_file_name(name));
        Self::make(file)
    }

    fn finish(self, file: &Path) -> Result<()> {
        let synced = std::fs::File::open(&self.path).and_then(|written| written.sync_all());
        let named = synced.and_then(|()| std::fs::rename(&self.path, file));
        named.map_err(|error| Failure::store(format!("{}: {error}", file.display())))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After a rename it is not there.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn dump_and_try(
    open: &OpenDatabase,
    path: &Path,
    month: Option<&Month>,
    verify: bool,
) -> Result<Contents> {
    let config = all_powerful(open)?;
    let contents = block_on(async {
        let snapshot = Snapshot::take(&config).await.map_err(Failure::store)?;
        let contents = snapshot.contents(month).await.map_err(Failure::store)?;
        dump(open, &config, path, month, snapshot.id())?;
        Ok(contents)
    })?;
    if verify {
        try_it(open, &config, path, month, &contents)?;
    }
    Ok(contents)
}

pub(super) fn dump(
    open: &OpenDatabase,
    config: &StoreConfig,
    path: &Path,
    month: Option<&Month>,
    snapshot: &str,
) -> Result<()> {
    let mut command = tool(open, "pg_dump", config)?;
    command.args(["--format=custom", "--snapshot", snapshot]).arg("--file").arg(path);
    if let Some(month) = month {
        command.arg("--data-only");
        for partition in month.partitions() {
            command.arg("--table").arg(partition);
        }
    }
    run(&mut command)
}

fn try_it(
    open: &OpenDatabase,
    config: &StoreConfig,
    path: &Path,
    month: Option<&Month>,
    contents: &Contents,
) -> Result<()> {
    let scratch = block_on(async { Scratch::make(config).await.map_err(Failure::store) })?;
    let tried = restored(open, &scratch, path, month);
    block_on(async { scratch.remove().await.map_err(Failure::store) })?;
    let (found, findings) = tried?;
    for (table, content) in contents {
        if found.get(table) != Some(content) {
            return Err(Failure::store(format!("the dump restores {table} with other rows")));
        }
    }
    match findings.first() {
        None => Ok(()),
        Some(finding) => Err(Failure::store(format!("the dump restores with a fault: {finding}"))),
    }
}

fn restored(
    open: &OpenDatabase,
    scratch: &Scratch,
    path: &Path,
    month: Option<&Month>,
) -> Result<(Contents, Vec<Finding>)> {
    let mut command = super::restore::pg_restore(open, scratch.config(), path, month)?;
    if let Some(month) = month {
        block_on(async { scratch.prepare_month(month).await.map_err(Failure::store) })?;
        // The inventory that the rows refer to is not in it.
        command.arg("--disable-triggers");
    }
    run(&mut command)?;
    block_on(async { scratch.examine(month).await.map_err(Failure::store) })
}
