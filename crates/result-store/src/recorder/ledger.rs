//! The row that says how much of a journal the database has. It alone decides.

use std::collections::BTreeMap;

use bench_model::{SessionId, Verdict, VerdictCounts};
use postgres_types::Json;
use run_journal::Position;
use tokio_postgres::{GenericClient, Row, Transaction};

use super::batch::End;
use super::{Part, from_sql, to_sql};
use crate::text::Jsonb;

const COLUMNS: &str = "position, seq, readings, waveforms, counts";

/// How far a session's journal has come, and what was in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub(crate) position: Position,
    pub(crate) seq: u64,
    pub(crate) readings: u64,
    pub(crate) waveforms: u64,
    pub(crate) counts: VerdictCounts,
}

impl Ledger {
    fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let Json(counts) = row.try_get(4)?;
        Ok(Self {
            position: Position(from_sql(row.try_get(0)?)),
            seq: from_sql(row.try_get(1)?),
            readings: from_sql(row.try_get(2)?),
            waveforms: from_sql(row.try_get(3)?),
            counts,
        })
    }

    /// As it is; none where nothing of the journal is there.
    pub(crate) async fn read(
        client: &impl GenericClient,
        session: SessionId,
    ) -> Result<Option<Self>, tokio_postgres::Error> {
        let query =
            format!("SELECT {COLUMNS} FROM scpi_run.journal_position WHERE session_id = $1");
        client.query_opt(&query, &[&session.0]).await?.as_ref().map(Self::of).transpose()
    }

    /// The sessions that the database has something of, and the number of the last event.
    pub(crate) async fn all(
        client: &impl GenericClient,
    ) -> Result<BTreeMap<SessionId, u64>, tokio_postgres::Error> {
        let query = "SELECT session_id, seq FROM scpi_run.journal_position";
        let rows = client.query(query, &[]).await?;
        rows.iter().map(|row| Ok((SessionId(row.try_get(0)?), from_sql(row.try_get(1)?)))).collect()
    }

    /// As it is, and held until the transaction ends; made where it is missing.
    pub(super) async fn take(transaction: &Transaction<'_>, session: SessionId) -> Part<Self> {
        let query = format!(
            "SELECT {COLUMNS} FROM scpi_run.journal_position WHERE session_id = $1 FOR UPDATE"
        );
        if let Some(row) = transaction.query_opt(&query, &[&session.0]).await? {
            return Ok(Self::of(&row)?);
        }
        let insert = "INSERT INTO scpi_run.journal_position (session_id, counts) VALUES ($1, $2)
            ON CONFLICT (session_id) DO NOTHING";
        let none = Jsonb::of(&VerdictCounts::default())?;
        transaction.execute(insert, &[&session.0, &none]).await?;
        Ok(Self::of(&transaction.query_one(&query, &[&session.0]).await?)?)
    }

    pub(super) fn count(&mut self, verdict: Verdict) {
        self.counts.add(verdict);
    }

    /// Moves on to the end of a batch.
    pub(super) async fn write(
        &mut self,
        transaction: &Transaction<'_>,
        session: SessionId,
        end: End,
    ) -> Part<()> {
        (self.position, self.seq) = (end.position, end.seq);
        let update = "UPDATE scpi_run.journal_position
            SET position = $2, seq = $3, chain = decode($4, 'hex'), readings = $5, waveforms = $6,
                counts = $7, updated_at = clock_timestamp()
            WHERE session_id = $1";
        let (position, seq) = (to_sql(self.position.0), to_sql(self.seq));
        let (readings, waveforms) = (to_sql(self.readings), to_sql(self.waveforms));
        let (chain, counts) = (end.chain.to_string(), Jsonb::of(&self.counts)?);
        transaction
            .execute(update, &[&session.0, &position, &seq, &chain, &readings, &waveforms, &counts])
            .await?;
        Ok(())
    }
}
