//! A journal that is being written to the database, and what is known of its session.

use std::path::Path;

use bench_model::{RunEvent, SessionId};
use postgres_types::Json;
use run_journal::{JournalReader, Position, Unknown};
use tokio_postgres::{Client, GenericClient, Transaction};

use super::ahead::Ahead;
use super::batch::{Batch, End};
use super::ledger::Ledger;
use super::write::Writing;
use super::{Part, left, parents};
use crate::connection::Connection;
use crate::document::Document;
use crate::error::Cause;

/// Bounds of one transaction, for who else is at the server. A client that a cut network took away holds the ledger's
/// row until the server ends it: sooner than others give up waiting for it.
pub(super) const LIMITS: &str =
    "DEALLOCATE ALL; SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '30s';
    SET LOCAL idle_in_transaction_session_timeout = '60s'; SET LOCAL TimeZone = 'UTC'";

/// A journal and its ledger, in step.
pub(crate) struct Tail {
    reader: Ahead,
    session: SessionId,
    ledger: Ledger,
    document: Option<Document>,
    /// Whether parents may be locked instead of looked up.
    may_lock: bool,
    /// Whether this tail has written something.
    has_written: bool,
}

impl Tail {
    /// Opens a journal where the ledger says that the database ends; none while it has no record.
    pub(crate) async fn open(connection: &mut Connection, path: &Path) -> Part<Option<Self>> {
        let mut reader = JournalReader::open(path, Position::START)?;
        let session = match reader.next()?.map(|entry| entry.record.event) {
            None => return Ok(None),
            Some(RunEvent::SessionStarted(start)) => start.session,
            Some(_) => return Err(Cause::NoSession),
        };
        let client = &connection.reading().await?;
        let ledger = Ledger::read(client, session).await?.unwrap_or_default();
        let document = document(client, session).await?;
        let reader = Ahead::new(JournalReader::open(path, ledger.position)?);
        let may_lock = parents::may_lock(client).await?;
        Ok(Some(Self { reader, session, ledger, document, may_lock, has_written: false }))
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The next batch. Where that is not the last one, what stands behind it is read while this one is written.
    pub(crate) async fn next_batch(
        &mut self,
        until: Option<Position>,
        events: usize,
    ) -> Part<Batch> {
        let batch = self.reader.next(until, events).await?;
        if batch.is_full(events) {
            self.reader.begin(until, events);
        }
        Ok(batch)
    }

    pub(super) fn skip_unknown(&mut self) -> Part<Option<Unknown>> {
        self.reader.skip_unknown()
    }

    /// Writes a batch in one transaction with the ledger; none where another recorder has gone on in the
    /// meantime, and the ledger must be read again. So it must when this fails: the answer to a COMMIT may be
    /// lost, and only the ledger says whether it was done.
    pub(crate) async fn write(mut self, client: &mut Client, batch: Batch) -> Part<Option<Self>> {
        let Some(end) = batch.end() else { return Ok(Some(self)) };
        let transaction = client.transaction().await?;
        transaction.batch_execute(LIMITS).await?;
        if !self.take_ledger(&transaction, batch.start).await? {
            transaction.rollback().await?;
            return Ok(None);
        }
        if !self.has_written && self.document.is_some() {
            left::reopen(&transaction, self.session).await?;
        }
        self.fill(&transaction, batch).await?;
        self.write_ledger(&transaction, end).await?;
        transaction.commit().await?;
        self.has_written = true;
        Ok(Some(self))
    }

    pub(super) fn session(&self) -> SessionId {
        self.session
    }

    /// Holds the ledger; false where it is not there where a batch begins.
    pub(super) async fn take_ledger(
        &mut self,
        transaction: &Transaction<'_>,
        start: Position,
    ) -> Part<bool> {
        self.ledger = Ledger::take(transaction, self.session).await?;
        Ok(self.ledger.position == start)
    }

    pub(super) async fn write_ledger(
        &mut self,
        transaction: &Transaction<'_>,
        end: End,
    ) -> Part<()> {
        self.ledger.write(transaction, self.session, end).await
    }

    async fn fill(&mut self, transaction: &Transaction<'_>, batch: Batch) -> Part<()> {
        let mut writing =
            Writing::new(transaction, self.session, &mut self.document, &mut self.ledger);
        writing.may_lock = self.may_lock;
        for entry in batch.entries {
            writing.take(entry.record).await?;
        }
        writing.finish().await
    }
}

/// What the session's row tells; none where there is none.
pub(crate) async fn document(
    client: &impl GenericClient,
    session: SessionId,
) -> Part<Option<Document>> {
    let query = "SELECT metadata FROM testing.test_sessions WHERE session_id = $1";
    match client.query_opt(query, &[&session.0]).await? {
        Some(row) => match row.try_get::<_, Json<Document>>(0) {
            Ok(Json(document)) => Ok(Some(document)),
            Err(error) => Err(Cause::ChangedRow {
                table: "testing.test_sessions",
                row: session.0,
                why: crate::error::described(&error),
            }),
        },
        None => Ok(None),
    }
}
