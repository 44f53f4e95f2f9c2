//! The months of the time series.

use std::fmt;

use bench_model::Timestamp;
use tokio_postgres::error::SqlState;
use tokio_postgres::{GenericClient, Row};

use crate::error::{Doing, StoreError};
use crate::recorder::from_sql;
use crate::store::Store;

/// Months after this one that are to be there, so that a writer need not make them.
pub const MONTHS_AHEAD: u32 = 2;
/// The most months ahead that are made at once: ten years.
pub const MAX_MONTHS_AHEAD: u32 = 120;

const QUERY: &str = "
    SELECT format('%s.%s', place.nspname, family.relname), format('%s.%s', place.nspname, part.relname),
        part.oid = partdefid,
        pg_get_expr(part.relpartbound, part.oid), greatest(part.reltuples, 0)::bigint,
        pg_total_relation_size(part.oid)
    FROM pg_partitioned_table
    JOIN pg_class AS family ON family.oid = partrelid
    JOIN pg_namespace AS place ON place.oid = family.relnamespace
    JOIN pg_inherits ON inhparent = partrelid
    JOIN pg_class AS part ON part.oid = inhrelid
    WHERE place.nspname IN ('network', 'scpi', 'virtualization', 'ai_ml', 'audit')
    ORDER BY place.nspname, family.relname, part.relname";
const MAKE_AHEAD: &str = "SELECT scpi_run.ensure_partitions(current_date, (current_date + make_interval(months => $1))::date)";
/// The first second of 2000, before which no month is made: nothing was measured then for us.
const FIRST_SECOND: i64 = 946_684_800;
/// Makes a month, where it is not further ahead than months are made for: that is a clock that is wrong, and its
/// rows lie in DEFAULT.
const MAKE_MONTH: &str = "SELECT CASE
    WHEN $1::text::date <= current_date + interval '2 months'
    THEN scpi_run.ensure_partitions($1::text::date, $1::text::date) END";

/// One month of one table, or what is in no month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The whole: `scpi.measurements`.
    pub family: String,
    /// The part: `scpi.measurements_2026_03`.
    pub name: String,
    /// Whether it holds what is in no month.
    pub is_default: bool,
    /// From when to when, as the server says it.
    pub bounds: String,
    /// Rows, as last counted by ANALYZE.
    pub rows: u64,
    /// Bytes on the server's disk, indexes included.
    pub bytes: u64,
}

impl Partition {
    /// Its month as `2026-03`, from its name; none for DEFAULT and for what has another name.
    #[must_use]
    pub fn month(&self) -> Option<String> {
        let end = self.name.strip_prefix(self.family.as_str())?.strip_prefix('_')?;
        let (year, month) = end.split_once('_')?;
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        (year.len() == 4 && month.len() == 2 && is_number(year) && is_number(month))
            .then(|| format!("{year}-{month}"))
    }
}

/// `scpi.measurements_2026_03`.
impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// All partitions, in the order of their names.
pub(crate) async fn read(
    client: &impl GenericClient,
) -> Result<Vec<Partition>, tokio_postgres::Error> {
    client.query(QUERY, &[]).await?.iter().map(partition).collect()
}

fn partition(row: &Row) -> Result<Partition, tokio_postgres::Error> {
    Ok(Partition {
        family: row.try_get(0)?,
        name: row.try_get(1)?,
        is_default: row.try_get(2)?,
        bounds: row.try_get::<_, Option<String>>(3)?.unwrap_or_default(),
        rows: from_sql(row.try_get(4)?),
        bytes: from_sql(row.try_get(5)?),
    })
}

impl Store {
    /// All partitions of the time series.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn partitions(&mut self) -> Result<Vec<Partition>, StoreError> {
        let listed = self.list_months().await;
        listed.doing(self.place(), "list the months")
    }

    pub(crate) async fn list_months(&mut self) -> Result<Vec<Partition>, tokio_postgres::Error> {
        read(&self.connection_mut().reading().await?).await
    }

    /// Makes this month and so many after it, at most [`MAX_MONTHS_AHEAD`], of every time series, and moves
    /// what DEFAULT holds of them. How many were missing.
    ///
    /// # Errors
    ///
    /// When this role may not, or somebody holds DEFAULT for longer than 2 s; nothing is made then.
    pub async fn make_months_ahead(&mut self, months: u32) -> Result<u64, StoreError> {
        let months = i32::try_from(months.min(MAX_MONTHS_AHEAD)).unwrap_or_default();
        let made = self.make_ahead(months).await;
        Ok(from_sql(made.doing(self.place(), "make the months ahead")?.into()))
    }

    async fn make_ahead(&mut self, months: i32) -> Result<i32, tokio_postgres::Error> {
        let transaction = self.connection_mut().transaction().await?;
        let made = transaction.query_one(MAKE_AHEAD, &[&months]).await?.try_get(0)?;
        transaction.commit().await.map(|()| made)
    }

    /// Makes the months that are missing for rows of these times, each in a transaction of its own. Where that
    /// cannot be done now, the rows go to DEFAULT and are moved when it can.
    pub(crate) async fn make_months(
        &mut self,
        times: impl Iterator<Item = Timestamp>,
    ) -> Result<(), StoreError> {
        if self.months().is_empty() {
            let ahead = i32::try_from(MONTHS_AHEAD).unwrap_or_default();
            let made = self.connection_mut().execute(MAKE_AHEAD, &[&ahead]).await;
            self.made(made, String::new())?;
        }
        let times = times.filter(|time| time.as_second() >= FIRST_SECOND);
        let mut months: Vec<String> = times.map(month).collect();
        months.sort();
        months.dedup();
        for month in months {
            if !self.months().contains(&month) {
                let made = self.connection_mut().execute(MAKE_MONTH, &[&month]).await;
                self.made(made, month)?;
            }
        }
        Ok(())
    }

    fn made(
        &mut self,
        made: Result<u64, tokio_postgres::Error>,
        month: String,
    ) -> Result<(), StoreError> {
        match made {
            Ok(_) => {
                self.months().insert(month);
                Ok(())
            }
            Err(error) if is_refusal(error.code()) => Ok(()),
            Err(error) => Err(error).doing(self.place(), "make a month"),
        }
    }
}

/// Somebody is at DEFAULT, or this role may not.
fn is_refusal(code: Option<&SqlState>) -> bool {
    [
        &SqlState::LOCK_NOT_AVAILABLE,
        &SqlState::INSUFFICIENT_PRIVILEGE,
        &SqlState::T_R_DEADLOCK_DETECTED,
    ]
    .map(Some)
    .contains(&code)
}

/// The first day of its month in UTC.
fn month(time: Timestamp) -> String {
    time.strftime("%Y-%m-01").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_from_a_name() {
        for (name, month) in [
            ("scpi.measurements_2026_03", Some("2026-03")),
            ("scpi.measurements_default", None),
            ("scpi.measurements_2026_3x", None),
            ("scpi.other_2026_03", None),
        ] {
            let partition = Partition {
                family: "scpi.measurements".into(),
                name: name.into(),
                is_default: false,
                bounds: String::new(),
                rows: 0,
                bytes: 0,
            };
            assert_eq!(partition.month().as_deref(), month, "{name}");
        }
    }
}
