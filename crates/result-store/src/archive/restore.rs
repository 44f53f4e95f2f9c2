//! Putting a month back.

use std::path::{Path, PathBuf};

use tokio_postgres::Transaction;

use super::column::{Column, columns_of};
use super::entry::Archive;
use super::file::{self, Reader};
use super::rows::{SETTINGS, Sum, insert, is_sum_of, sum};
use super::take::file_fault;
use crate::error::{Cause, Doing, StoreError};
use crate::store::Store;

const RESTORED: &str =
    "UPDATE scpi_run.archives SET status = 'restored', changed_at = clock_timestamp()
    WHERE archive_id = $1 AND status <> 'restored'";
const MAKE_MONTH: &str = "SELECT scpi_run.ensure_partitions($1::text::date, $1::text::date)";
const REASON: &str = "SELECT set_config('scpi_run.change_reason', $1, true)";

impl Store {
    /// Puts the rows of an archive back, beside those that came late; the file stays.
    ///
    /// # Errors
    ///
    /// When the file is not there, is not the one that was written, its rows are in the table already, or this role
    /// may not. Nothing is changed then.
    pub async fn restore_archive(
        &mut self,
        archive: &Archive,
        folder: &Path,
    ) -> Result<(), StoreError> {
        let place = self.place().to_owned();
        let restored = async {
            let path = known_file(archive, folder)?;
            let transaction = self.connection_mut().transaction().await?;
            restore(&transaction, archive, &path).await?;
            transaction.commit().await?;
            Ok::<_, Cause>(())
        };
        restored.await.doing(&place, "restore an archive")
    }
}

/// The file, if it is what was written.
fn known_file(archive: &Archive, folder: &Path) -> Result<PathBuf, Cause> {
    let path = folder.join(&archive.file_name);
    let (bytes, sha256) = file::sum(&path).map_err(|error| file_fault(&path, &error))?;
    if bytes == archive.bytes && sha256[..] == archive.sha256[..] {
        return Ok(path);
    }
    Err(Cause::File { file: path, why: "it is not the file that was written".into() })
}

async fn restore(
    transaction: &Transaction<'_>,
    archive: &Archive,
    path: &Path,
) -> Result<(), Cause> {
    transaction.batch_execute(SETTINGS).await?;
    transaction.query_one(REASON, &[&format!("restored from {}", archive.file_name)]).await?;
    if transaction.execute(RESTORED, &[&archive.id]).await? == 0 {
        return Err(Cause::Unfit(format!(
            "{}: its rows are in the table already",
            archive.file_name
        )));
    }
    transaction.execute(MAKE_MONTH, &[&format!("{}-01", archive.month)]).await?;
    let partition = format!("{}_{}", archive.family, archive.month.replace('-', "_"));
    let columns = stored(columns_of(transaction, &partition).await?, path)?;
    let before = sum(transaction, &partition, &columns).await?;
    put_back(transaction, archive, &columns, path).await?;
    let after = sum(transaction, &partition, &columns).await?;
    let wanted = Sum { rows: archive.rows, hash: archive.row_hash.clone() };
    if is_sum_of(transaction, &after, [&before, &wanted]).await? {
        return Ok(());
    }
    Err(Cause::File {
        file: path.to_owned(),
        why: "its rows are not those that were archived".into(),
    })
}

/// The columns of the table that the file has: a later schema may have more.
fn stored(columns: Vec<Column>, path: &Path) -> Result<Vec<Column>, Cause> {
    let names = Reader::names(path).map_err(|error| file_fault(path, &error))?;
    Ok(columns.into_iter().filter(|column| names.contains(&column.stored_name())).collect())
}

async fn put_back(
    transaction: &Transaction<'_>,
    archive: &Archive,
    columns: &[Column],
    path: &Path,
) -> Result<(), Cause> {
    let failed = |error: parquet::errors::ParquetError| file_fault(path, &error);
    let mut reader = Reader::open(path, columns).map_err(failed)?;
    while let Some(batch) = reader.next().map_err(failed)? {
        insert(transaction, &archive.family, columns, batch).await?;
    }
    Ok(())
}
