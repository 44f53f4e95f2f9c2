//! What a database needs from time to time, and does not do by itself.

use bench_model::Timestamp;

use crate::error::{Cause, Doing, StoreError};
use crate::moment::Moment;
use crate::recorder::from_sql;
use crate::store::Store;

/// Our tables; of a partitioned one the whole, since nobody else ever analyses it.
const TABLES: &str = "SELECT format('%I.%I', nspname, relname), pg_has_role(relowner, 'USAGE')
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname IN (
        'infrastructure', 'credentials', 'network', 'virtualization', 'ai_ml', 'testing', 'scpi', 'audit', 'scpi_run')
    ORDER BY 1";
const REFRESH: &str = "SELECT public.refresh_daily_summaries()";

/// Both are gone at once, and the waveform's row says when.
const DROP_CODES: &str = "WITH old AS (
        UPDATE scpi_run.waveforms SET codes_dropped_at = clock_timestamp()
        WHERE captured_at < $1 AND codes_dropped_at IS NULL RETURNING id
    ), gone AS (
        DELETE FROM scpi_run.waveform_codes WHERE waveform_id IN (SELECT id FROM old)
    ) SELECT count(*) FROM old";

impl Store {
    /// Drops the codes of waveforms that were captured before a moment. Their rows stay, with preamble, axes and checksum;
    /// journals keep the codes. How many waveforms that were.
    ///
    /// # Errors
    ///
    /// When this role is not a member of the tables' owner, or the database refuses; nothing is dropped then.
    pub async fn drop_waveform_codes(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        let dropped = self.drop_codes(before).await;
        dropped.doing(self.place(), "drop the codes of old waveforms")
    }

    async fn drop_codes(&mut self, before: Timestamp) -> Result<u64, tokio_postgres::Error> {
        let transaction = self.connection_mut().transaction().await?;
        let dropped = transaction.query_one(DROP_CODES, &[&Moment::from(before)]).await?;
        transaction.commit().await?;
        dropped.try_get(0).map(from_sql)
    }

    /// Refreshes the summary by day while others read it, and then vacuums and analyses every table, months
    /// included. The tables.
    ///
    /// # Errors
    ///
    /// When this role is not a member of the tables' owner, or the database refuses.
    pub async fn maintain(&mut self) -> Result<Vec<String>, StoreError> {
        let tables = self.own_tables().await?;
        self.refresh_daily_summary().await?;
        for table in &tables {
            // A statement of its own: it cannot run in a transaction.
            let vacuum = format!("VACUUM (ANALYZE) {table}");
            self.connection().batch_execute(&vacuum).await.doing(self.place(), "vacuum")?;
        }
        Ok(tables)
    }

    /// Brings the summary by day up to date, while others read it.
    ///
    /// # Errors
    ///
    /// When this role may not, or the database refuses.
    pub async fn refresh_daily_summary(&mut self) -> Result<(), StoreError> {
        self.connection().batch_execute(REFRESH).await.doing(self.place(), "refresh the summary")
    }

    /// The server would skip what is another's, with a warning that nobody reads.
    async fn own_tables(&mut self) -> Result<Vec<String>, StoreError> {
        let rows = self.connection_mut().query(TABLES, &[]).await;
        let rows = rows.doing(self.place(), "list the tables")?;
        let mut tables = Vec::new();
        for row in rows {
            let table: String = row.try_get(0).doing(self.place(), "list the tables")?;
            if !row.try_get::<_, bool>(1).doing(self.place(), "list the tables")? {
                return Err(StoreError::new(self.place(), "vacuum", Cause::NotOwner { table }));
            }
            tables.push(table);
        }
        Ok(tables)
    }
}
