//! What is known of each archive.

use std::fmt;

use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::{Cause, Doing, StoreError};
use crate::recorder::from_sql;
use crate::store::Store;

pub(super) const LIST: &str = "SELECT archive_id, family, to_char(month, 'YYYY-MM'), file_name, rows,
    row_hash::text, file_bytes, file_sha256, status, to_char(archived_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
    FROM scpi_run.archives";

/// How an archive stands to the table that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveStatus {
    /// It has all rows of its month.
    Current,
    /// Rows of its month came later; they are in the table.
    Superseded,
    /// Its rows are in the table again.
    Restored,
}

const STATUSES: [(ArchiveStatus, &str); 3] = [
    (ArchiveStatus::Current, "current"),
    (ArchiveStatus::Superseded, "superseded"),
    (ArchiveStatus::Restored, "restored"),
];

impl fmt::Display for ArchiveStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = STATUSES.iter().find(|(status, _)| status == self);
        f.write_str(word.map_or("", |(_, word)| word))
    }
}

/// A month of a table that was taken out into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    pub(super) id: Uuid,
    /// The table: `scpi.measurements`.
    pub family: String,
    /// `2026-01`.
    pub month: String,
    /// The file's name, without its folder.
    pub file_name: String,
    /// Rows in it.
    pub rows: u64,
    pub(super) row_hash: String,
    /// Bytes of the file.
    pub bytes: u64,
    pub(super) sha256: Vec<u8>,
    /// How it stands to the table.
    pub status: ArchiveStatus,
    /// When it was made, in UTC.
    pub archived_at: String,
}

/// `scpi.measurements 2026-01: 48 rows in scpi.measurements_2026_01.parquet`.
impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, month, rows, file_name, .. } = self;
        write!(f, "{family} {month}: {rows} rows in {file_name}")
    }
}

pub(super) fn archive(row: &Row) -> Result<Archive, Cause> {
    let status: &str = row.try_get(8)?;
    let known = STATUSES.iter().find(|(_, word)| *word == status);
    let (status, _) =
        known.ok_or_else(|| Cause::Unfit(format!("an archive of status '{status}'")))?;
    Ok(Archive {
        id: row.try_get(0)?,
        family: row.try_get(1)?,
        month: row.try_get(2)?,
        file_name: row.try_get(3)?,
        rows: from_sql(row.try_get(4)?),
        row_hash: row.try_get(5)?,
        bytes: from_sql(row.try_get(6)?),
        sha256: row.try_get(7)?,
        status: *status,
        archived_at: row.try_get(9)?,
    })
}

impl Store {
    /// All archives, by their months.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn archives(&mut self) -> Result<Vec<Archive>, StoreError> {
        let listed = async {
            let query = format!("{LIST} ORDER BY month, family, archived_at");
            let rows = self.connection_mut().query(&query, &[]).await?;
            rows.iter().map(archive).collect::<Result<Vec<_>, Cause>>()
        };
        listed.await.doing(self.place(), "list the archives")
    }
}
