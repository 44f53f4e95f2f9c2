//! Taking a month out into a file.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tokio_postgres::{Row, Transaction};

use super::BATCH_ROWS;
use super::cells::Cells;
use super::column::{Column, columns_of};
use super::entry::{Archive, LIST, archive};
use super::file::{self, Reader, Writer};
use super::rows::{SETTINGS, Sum, insert, joined, sum};
use crate::backup::Month;
use crate::error::{Cause, Doing, StoreError};
use crate::partitions::Partition;
use crate::store::Store;

/// Two at once would each wait for the other's locks.
const ALONE: &str = "SELECT pg_try_advisory_xact_lock(hashtext('scpi_run.archive'))";
/// Whether all months before one are over.
const IS_OVER: &str = "SELECT $1::text::date <= (now() AT TIME ZONE 'UTC')::date";
/// What is restored to see whether the file is whole; it is never seen by others.
const SCRATCH: &str = "scpi_run.archive_check";
/// The most files of one month of one table.
const MAX_FILES: u32 = 1000;
const KEEP: &str = "INSERT INTO scpi_run.archives
    (family, month, file_name, rows, row_hash, file_bytes, file_sha256)
    VALUES ($1, $2::text::date, $3, $4, $5::text::numeric, $6, $7) RETURNING archive_id";

/// What came of a month of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Archived {
    /// It is in a file, and no longer in the database.
    File(Archive),
    /// There was nothing in it, and it is no longer there.
    Empty(Partition),
}

impl Store {
    /// The months before this one that are in the database, the earliest first.
    ///
    /// # Errors
    ///
    /// When this month is not over yet, or the database cannot be asked.
    pub async fn months_before(&mut self, before: &Month) -> Result<Vec<Partition>, StoreError> {
        let found = async {
            let day = before.first_day();
            let is_over: bool =
                self.connection_mut().query_one(IS_OVER, &[&day]).await?.try_get(0)?;
            if !is_over {
                let why =
                    format!("what is before {before} is not over: give this month or earlier");
                return Err(Cause::Unfit(why));
            }
            let mut found = self.list_months().await?;
            found.retain(|one| one.month().is_some_and(|month| month < before.to_string()));
            found.sort_by_key(|one| (one.month(), one.family.clone()));
            Ok(found)
        };
        found.await.doing(self.place(), "find what is to be archived")
    }

    /// Takes a month of a table out into a file of this folder. The file is read back into the database and compared
    /// before anything is removed, all in one transaction; who writes rows of that month meanwhile waits.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, does not give the same rows, somebody uses the month for longer than 5 s, or
    /// this role may not. The month is as it was then.
    pub async fn archive_month(
        &mut self,
        partition: &Partition,
        folder: &Path,
    ) -> Result<Archived, StoreError> {
        let place = self.place().to_owned();
        let archived = async {
            let transaction = self.connection_mut().transaction().await?;
            let (archived, file) = take(&transaction, partition, folder).await?;
            let committed = transaction.commit().await;
            // Without an answer its row may be there.
            let is_unknown = committed.as_ref().is_err_and(|error| error.code().is_none());
            if let Some(file) = file
                && (committed.is_ok() || is_unknown)
            {
                file.keep();
            }
            committed?;
            Ok::<_, Cause>(archived)
        };
        archived.await.doing(&place, "archive a month")
    }
}

async fn take(
    transaction: &Transaction<'_>,
    partition: &Partition,
    folder: &Path,
) -> Result<(Archived, Option<NewFile>), Cause> {
    transaction.batch_execute(SETTINGS).await?;
    if !transaction.query_one(ALONE, &[]).await?.try_get::<_, bool>(0)? {
        return Err(Cause::Unfit("another archive is being made: wait for it".into()));
    }
    let name = &partition.name;
    transaction.batch_execute(&format!("LOCK TABLE {name} IN SHARE MODE")).await?;
    let columns = columns_of(transaction, name).await?;
    let before = sum(transaction, name, &columns).await?;
    let taken = match before.rows {
        0 => None,
        _ => {
            let file = export(transaction, partition, &columns, folder).await?;
            check(transaction, partition, &columns, file.path(), &before).await?;
            Some(file)
        }
    };
    let drop =
        format!("ALTER TABLE {} DETACH PARTITION {name}; DROP TABLE {name}", partition.family);
    transaction.batch_execute(&drop).await?;
    let Some(file) = taken else { return Ok((Archived::Empty(partition.clone()), None)) };
    let file = file.finish()?;
    let archive = keep(transaction, partition, &before, file.path()).await?;
    Ok((Archived::File(archive), Some(file)))
}

/// Writes all rows into a new file.
async fn export(
    transaction: &Transaction<'_>,
    partition: &Partition,
    columns: &[Column],
    folder: &Path,
) -> Result<NewFile, Cause> {
    let file = NewFile::make(partition, folder)?;
    let failed = |error: parquet::errors::ParquetError| file_fault(file.path(), &error);
    let open = OpenOptions::new().write(true).open(file.path());
    let open = open.map_err(|error| file_fault(file.path(), &error))?;
    let about = [("table", partition.family.as_str()), ("bounds", partition.bounds.as_str())];
    let mut writer = Writer::begin(open, columns, &about).map_err(failed)?;
    let query = format!(
        "SELECT {} FROM {} ORDER BY \"timestamp\", 1",
        joined(columns.iter().map(Column::selected)),
        partition.name
    );
    let portal = transaction.bind(&query, &[]).await?;
    loop {
        let most = i32::try_from(BATCH_ROWS).unwrap_or(i32::MAX);
        let rows: Vec<Row> = transaction.query_portal(&portal, most).await?;
        if rows.is_empty() {
            break;
        }
        let batch = columns.iter().enumerate();
        let batch: Vec<Cells> = batch
            .map(|(at, column)| Cells::of_rows(column.kind, &rows, at))
            .collect::<Result<_, _>>()?;
        writer.write(&batch).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    Ok(file)
}

/// Reads the file into a table of its own, and compares that.
async fn check(
    transaction: &Transaction<'_>,
    partition: &Partition,
    columns: &[Column],
    path: &Path,
    wanted: &Sum,
) -> Result<(), Cause> {
    let failed = |error: parquet::errors::ParquetError| file_fault(path, &error);
    let make = format!("CREATE TABLE {SCRATCH} (LIKE {})", partition.name);
    transaction.batch_execute(&make).await?;
    let mut reader = Reader::open(path, columns).map_err(failed)?;
    while let Some(batch) = reader.next().map_err(failed)? {
        insert(transaction, SCRATCH, columns, batch).await?;
    }
    let found = sum(transaction, SCRATCH, columns).await?;
    transaction.batch_execute(&format!("DROP TABLE {SCRATCH}")).await?;
    if found == *wanted {
        return Ok(());
    }
    let why = format!("it gives {} other rows than the {} of the table", found.rows, wanted.rows);
    Err(Cause::File { file: path.to_owned(), why })
}

async fn keep(
    transaction: &Transaction<'_>,
    partition: &Partition,
    content: &Sum,
    path: &Path,
) -> Result<Archive, Cause> {
    let (bytes, sha256) = file::sum(path).map_err(|error| file_fault(path, &error))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let month = partition.month().map(|month| format!("{month}-01"));
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (rows, bytes) = (count(content.rows), count(bytes));
    let (family, hash, sha256) = (&partition.family, &content.hash, &sha256[..]);
    let kept =
        transaction.query_one(KEEP, &[family, &month, &name, &rows, hash, &bytes, &sha256]).await?;
    let id: uuid::Uuid = kept.try_get(0)?;
    let query = format!("{LIST} WHERE archive_id = $1");
    archive(&transaction.query_one(&query, &[&id]).await?)
}

/// A file that is removed again, unless it is kept.
struct NewFile {
    /// While it is written it has another name.
    path: PathBuf,
    wanted: PathBuf,
    is_kept: bool,
}

impl NewFile {
    /// Makes one under a name that nothing has.
    fn make(partition: &Partition, folder: &Path) -> Result<Self, Cause> {
        for number in 1..=MAX_FILES {
            let again = if number > 1 { format!("-{number}") } else { String::new() };
            let wanted = folder.join(format!("{}{again}.parquet", partition.name));
            let path = wanted.with_extension("parquet.partial");
            if wanted.exists() {
                continue;
            }
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            made.map_err(|error| file_fault(&path, &error))?;
            return Ok(Self { path, wanted, is_kept: false });
        }
        let why = format!("it has {MAX_FILES} archives of {partition}");
        Err(Cause::File { file: folder.to_owned(), why })
    }

    fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, on the disk too.
    fn finish(mut self) -> Result<Self, Cause> {
        let folder = self.wanted.parent().unwrap_or(Path::new("."));
        let named = std::fs::rename(&self.path, &self.wanted)
            .and_then(|()| std::fs::File::open(folder)?.sync_all());
        named.map_err(|error| file_fault(&self.wanted, &error))?;
        self.path.clone_from(&self.wanted);
        Ok(self)
    }

    fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed is in nobody's way: the next file has another name.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

pub(super) fn file_fault(file: &Path, error: &dyn std::error::Error) -> Cause {
    Cause::File { file: file.to_owned(), why: error.to_string() }
}
