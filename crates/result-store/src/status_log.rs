//! When instruments came, went and changed: `scpi.equipment_status_log`. The recorder and scans write it, on change only.

use bench_model::Timestamp;
use serde_json::Value;
use tokio_postgres::Row;

use crate::error::{Cause, Doing, StoreError};
use crate::moment::Moment;
use crate::store::Store;

/// The most changes that are read at once.
const MAX_CHANGES: u32 = 10_000;
const QUERY: &str =
    "SELECT log.\"timestamp\", device_name, previous_status, new_status, trigger_source,
    error_message, log.metadata
    FROM scpi.equipment_status_log AS log JOIN infrastructure.devices ON device_id = equipment_id
    WHERE $1::text IS NULL OR device_name = $1 ORDER BY log_id DESC LIMIT $2";

/// A change of an instrument's status.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusChange {
    /// When.
    pub at: Timestamp,
    /// The instrument, by its name in the inventory.
    pub instrument: String,
    /// What it was; none where nobody knew it.
    pub before: Option<String>,
    /// `online`, `offline`, `error`, ...
    pub after: String,
    /// What saw it: `test_script`, `automated_scan`, `manual_check`.
    pub seen_by: Option<String>,
    /// What the instrument said, or why it did not answer.
    pub error: Option<String>,
    /// What else was noted.
    pub metadata: Option<Value>,
}

impl Store {
    /// Changes of status, the latest first, of one instrument or all; at most 10 000.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn status_changes(
        &mut self,
        instrument: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StatusChange>, StoreError> {
        let limit = i64::from(limit.min(MAX_CHANGES));
        let rows = self.connection_mut().query(QUERY, &[&instrument, &limit]).await;
        let changes = rows.map_err(Cause::from).and_then(|rows| rows.iter().map(change).collect());
        changes.doing(self.place(), "read the log of the instruments' status")
    }
}

fn change(row: &Row) -> Result<StatusChange, Cause> {
    let at: Moment = row.try_get(0)?;
    Ok(StatusChange {
        at: at.timestamp().ok_or_else(|| Cause::Unfit("a time beyond all clocks".into()))?,
        instrument: row.try_get(1)?,
        before: row.try_get(2)?,
        after: row.try_get(3)?,
        seen_by: row.try_get(4)?,
        error: row.try_get(5)?,
        metadata: row.try_get(6)?,
    })
}
