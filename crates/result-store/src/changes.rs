//! Who changed what: `audit.change_log`. Only triggers write it.

use bench_model::Timestamp;
use serde_json::Value;
use tokio_postgres::Row;

use crate::error::{Cause, Doing, StoreError};
use crate::moment::Moment;
use crate::store::Store;

/// The most changes that are read at once.
const MAX_CHANGES: u32 = 10_000;
const QUERY: &str =
    "SELECT \"timestamp\", table_name, record_key, operation, changed_by, old_values, new_values,
    change_reason FROM audit.change_log
    WHERE $1::text IS NULL OR table_name = $1 ORDER BY log_id DESC LIMIT $2";

/// A change of a row; of a time series, of a batch of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// `infrastructure.devices`.
    pub table: String,
    /// The row's key; none for a batch.
    pub key: Option<String>,
    /// `INSERT`, `UPDATE`, `DELETE`.
    pub operation: String,
    /// The login, and in brackets what the program says of itself.
    pub by: Option<String>,
    /// What it was, as far as it differs; secrets are redacted.
    pub before: Option<Value>,
    /// What it is, as far as it differs; secrets are redacted.
    pub after: Option<Value>,
    /// Why, where that was said.
    pub reason: Option<String>,
}

impl Store {
    /// Changes, the latest first, of one table or all; at most 10 000.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn changes(
        &mut self,
        table: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Change>, StoreError> {
        let limit = i64::from(limit.min(MAX_CHANGES));
        let rows = self.connection_mut().query(QUERY, &[&table, &limit]).await;
        let changes = rows.map_err(Cause::from).and_then(|rows| rows.iter().map(change).collect());
        changes.doing(self.place(), "read the changes")
    }
}

fn change(row: &Row) -> Result<Change, Cause> {
    let at: Moment = row.try_get(0)?;
    Ok(Change {
        at: at.timestamp().ok_or_else(|| Cause::Unfit("a time beyond all clocks".into()))?,
        table: row.try_get(1)?,
        key: row.try_get(2)?,
        operation: row.try_get(3)?,
        by: row.try_get(4)?,
        before: row.try_get(5)?,
        after: row.try_get(6)?,
        reason: row.try_get(7)?,
    })
}
