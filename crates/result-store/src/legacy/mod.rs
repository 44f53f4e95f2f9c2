//! The old database of the lab, which was SQLite: its devices, its services, and its history in a window of time.
//!
//! | of the old | comes to | must have | may have |
//! | --- | --- | --- | --- |
//! | `equipment` | `infrastructure.devices`, and `scpi.equipment` with an address | `name` | `type`, `ip_address`, `scpi_address` |
//! | `services` | `infrastructure.services` | `name`, `equipment_id` | `port`, `endpoint` |
//! | `measurements` | `scpi.measurements` | `timestamp`, `measurement_type`, `value`, `unit` | `equipment_id`, `channel` |
//! | `network_health` | `network.health_history` | `timestamp`, `subsystem` | `status`, `metric_name`, `metric_value` |
//! | `events` | `audit.system_events` | `timestamp`, `event_type`, `title` | `severity`, `description`, `equipment_id` |
//!
//! The number of a row, its `id` or its row's, is kept as `legacy_id` in the metadata of what it became: by it services
//! find their device, and what was imported is not imported again. Its own `metadata` is taken over, and columns that
//! are not in this table are kept there as `legacy`. A time without a zone is in UTC, as SQLite's own are.

mod moment;
mod old;
mod part;
mod row;
mod target;
mod write;

use std::path::Path;

use bench_model::Timestamp;
use tokio_postgres::Transaction;

use self::old::{OldDatabase, OldTable};
use self::row::Devices;
use self::target::{TARGETS, Target};
use crate::error::{Cause, Doing, StoreError};
use crate::store::Store;

pub use part::{LegacyImport, LegacyPart, Skipped};

/// Rows that are read and written at once.
const BATCH_ROWS: u32 = 1000;
/// Two imports at once would make the same rows; and the changes say what they came from.
const BEGIN: &str = "SELECT pg_advisory_xact_lock(hashtext('scpi_run.legacy'))::text,
    set_config('scpi_run.change_reason', 'import of the old database', true)";

/// What is to be imported, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LegacyWindow {
    /// History before it stays where it is.
    pub since: Option<Timestamp>,
    /// Whether everything is taken back at the end.
    pub is_dry: bool,
}

impl Store {
    /// Imports an old database, as far as it was not: what is there already stays as it is. All or nothing; rows that
    /// cannot be are skipped, each with its reason.
    ///
    /// # Errors
    ///
    /// When the file is no database of SQLite, or this role may not.
    pub async fn import_legacy(
        &mut self,
        file: &Path,
        window: &LegacyWindow,
    ) -> Result<LegacyImport, StoreError> {
        let place = self.place().to_owned();
        let old = OldDatabase::open(file).doing(&place, "import the old database")?;
        if !window.is_dry {
            let times = times(&old, window).doing(&place, "import the old database")?;
            self.make_months(times.into_iter()).await?;
        }
        let imported = async {
            let transaction = self.connection_mut().transaction().await?;
            transaction.query_one(BEGIN, &[]).await?;
            let imported = import(&transaction, &old, window).await?;
            match window.is_dry {
                true => transaction.rollback().await?,
                false => transaction.commit().await?,
            }
            Ok::<_, Cause>(imported)
        };
        imported.await.doing(&place, "import the old database")
    }
}

/// A moment of each month that history lies in.
fn times(old: &OldDatabase, window: &LegacyWindow) -> Result<Vec<Timestamp>, Cause> {
    let mut times = std::collections::BTreeMap::new();
    for (target, table) in pairs(old.tables()?) {
        if !target.is_history() {
            continue;
        }
        let mut after = i64::MIN;
        while let Some(batch) = old.batch(&table, after)? {
            after = batch.last;
            for row in &batch.rows {
                let at = row.get("timestamp").and_then(|cell| moment::moment(cell).ok());
                if let Some(at) = at.filter(|at| window.has(*at)) {
                    times.insert(at.strftime("%Y-%m").to_string(), at);
                }
            }
        }
    }
    Ok(times.into_values().collect())
}

impl LegacyWindow {
    fn has(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| at >= since)
    }
}

/// The tables that are known, in the order in which they need each other.
fn pairs(tables: Vec<OldTable>) -> Vec<(&'static Target, OldTable)> {
    let mut tables: Vec<Option<OldTable>> = tables.into_iter().map(Some).collect();
    let mut find = |name: &str| {
        let is_it = |table: &&mut Option<OldTable>| {
            table.as_ref().is_some_and(|table| table.name.eq_ignore_ascii_case(name))
        };
        tables.iter_mut().find(is_it).and_then(Option::take)
    };
    TARGETS.iter().filter_map(|target| Some((target, find(target.table)?))).collect()
}

async fn import(
    transaction: &Transaction<'_>,
    old: &OldDatabase,
    window: &LegacyWindow,
) -> Result<LegacyImport, Cause> {
    let mut parts = Vec::new();
    for (target, table) in pairs(old.tables()?) {
        let devices = Devices::read(transaction).await?;
        parts.push(one_table(transaction, old, (target, &table), window, &devices).await?);
    }
    let is_unknown =
        |table: &OldTable| !TARGETS.iter().any(|one| one.table.eq_ignore_ascii_case(&table.name));
    let unknown = old.tables()?.into_iter().filter(is_unknown);
    let unknown = unknown.map(|table| (table.name, table.rows)).collect();
    Ok(LegacyImport { parts, unknown })
}

async fn one_table(
    transaction: &Transaction<'_>,
    old: &OldDatabase,
    (target, table): (&Target, &OldTable),
    window: &LegacyWindow,
    devices: &Devices,
) -> Result<LegacyPart, Cause> {
    let mut part = LegacyPart::of(target, table);
    if let Some(missing) = target.missing_column(&table.columns) {
        part.skip_all(format!("the table has no column '{missing}'"));
        return Ok(part);
    }
    let mut after = i64::MIN;
    while let Some(batch) = old.batch(table, after)? {
        after = batch.last;
        let mut rows = Vec::new();
        for row in &batch.rows {
            match row::read(target, row, devices) {
                Ok(row) if row.at.is_some_and(|at| !window.has(at)) => part.before += 1,
                Ok(row) => rows.push(row),
                Err(why) => part.skip(row.id(), why),
            }
        }
        write::write(transaction, target, &rows, &mut part).await?;
    }
    Ok(part)
}
