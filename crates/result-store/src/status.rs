//! How a database is, for `db status`.

use std::fmt;

use tokio_postgres::Row;

use crate::error::{Doing, StoreError};
use crate::recorder::from_sql;
use crate::schema::{SchemaState, ask_state};
use crate::store::Store;

const QUERY: &str = "SELECT
    current_setting('server_version'),
    current_database()::text,
    current_user::text,
    (SELECT count(*) FROM testing.test_sessions),
    (SELECT count(*) FROM testing.test_sessions WHERE status = 'running'),
    (SELECT count(*) FROM testing.test_results),
    (SELECT coalesce(sum(readings), 0)::bigint FROM scpi_run.journal_position),
    (SELECT coalesce(sum(waveforms), 0)::bigint FROM scpi_run.journal_position),
    (SELECT count(*) FROM scpi.equipment),
    pg_database_size(current_database())";

/// What a database is and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreStatus {
    /// Its schema.
    pub schema: SchemaState,
    /// The server's version: `15.18`.
    pub server: String,
    /// The database.
    pub database: String,
    /// The role in use.
    pub role: String,
    /// Sessions, whoever wrote them.
    pub sessions: u64,
    /// Those that have not ended.
    pub running: u64,
    /// Results, whoever wrote them.
    pub results: u64,
    /// Readings that came from journals.
    pub measurements: u64,
    /// Waveforms that came from journals.
    pub waveforms: u64,
    /// Instruments.
    pub equipment: u64,
    /// Bytes of the whole database on the server's disk.
    pub bytes: u64,
}

/// For people, one thing a line.
impl fmt::Display for StoreStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, server, database, role, .. } = self;
        writeln!(f, "database {database} on PostgreSQL {server}, as {role}; {schema}")?;
        writeln!(f, "sessions {}, {} of them running", self.sessions, self.running)?;
        writeln!(f, "results {}", self.results)?;
        writeln!(f, "measurements {}, waveforms {}", self.measurements, self.waveforms)?;
        writeln!(f, "instruments {}", self.equipment)?;
        write!(f, "size {} MB", self.bytes.div_ceil(1_000_000))
    }
}

impl Store {
    /// What the database is and holds.
    ///
    /// # Errors
    ///
    /// When it cannot be asked.
    pub async fn status(&mut self) -> Result<StoreStatus, StoreError> {
        let schema = ask_state(self.connection_mut()).await;
        let schema = schema.doing(self.place(), "read its schema's version")?;
        let row = self.connection_mut().query_one(QUERY, &[]).await;
        row.and_then(|row| status(schema, &row)).doing(self.place(), "read its state")
    }
}

fn status(schema: SchemaState, row: &Row) -> Result<StoreStatus, tokio_postgres::Error> {
    let count = |column: usize| row.try_get(column).map(from_sql);
    Ok(StoreStatus {
        schema,
        server: row.try_get(0)?,
        database: row.try_get(1)?,
        role: row.try_get(2)?,
        sessions: count(3)?,
        running: count(4)?,
        results: count(5)?,
        measurements: count(6)?,
        waveforms: count(7)?,
        equipment: count(8)?,
        bytes: count(9)?,
    })
}
