//! Sessions whose run was killed: the journal has no end, and nobody writes it any more.

use bench_model::SessionId;
use run_journal::{JournalFile, Position};
use tokio_postgres::Transaction;

use super::tail::LIMITS;
use super::{Part, to_sql};
use crate::connection::Connection;
use crate::error::Doing;
use crate::moment::Moment;
use crate::{Store, StoreError};

const IS_RUNNING: &str =
    "SELECT FROM testing.test_sessions WHERE session_id = $1 AND status = 'running'";
/// Held until the end: no recorder moves on meanwhile.
const AT_END: &str =
    "SELECT FROM scpi_run.journal_position WHERE session_id = $1 AND position = $2 FOR UPDATE";
/// When it ended nobody has said: its journal was last written then.
const ABORT: &str = r#"UPDATE testing.test_sessions
    SET status = 'aborted', completed_at = greatest($2, started_at),
        duration_seconds = greatest(0, least(extract(epoch FROM $2 - started_at), 2147483647))::int,
        metadata = metadata || '{"cut_off": true}'
    WHERE session_id = $1 AND status = 'running'"#;
/// A session is taken up again: what was said of its end was too early.
const REOPEN: &str = "UPDATE testing.test_sessions
    SET status = 'running', completed_at = NULL, duration_seconds = NULL, metadata = metadata - 'cut_off'
    WHERE session_id = $1 AND status = 'aborted' AND metadata ? 'cut_off'";

impl Store {
    /// Marks the session of a journal as aborted, when the database has everything up to `left_at`, where the
    /// journal was seen to end without a writer ([`JournalFile::left_at`]), and no end of the session is in it.
    /// Whether it did. To be asked for after [`catch_up`](Self::catch_up), with a `left_at` from before it.
    ///
    /// A run that takes the session up again makes it running again with its first event.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked, or refuses.
    pub async fn mark_aborted(
        &mut self,
        journal: &JournalFile,
        left_at: Position,
    ) -> Result<bool, StoreError> {
        let marked = mark(self.connection_mut(), journal, left_at).await;
        marked.doing(self.place(), "say that the run was cut off")
    }
}

async fn mark(client: &mut Connection, journal: &JournalFile, left_at: Position) -> Part<bool> {
    let session = journal.session;
    // Nearly always it has ended by itself.
    if client.query_opt(IS_RUNNING, &[&session.0]).await?.is_none() {
        return Ok(false);
    }
    let transaction = client.transaction().await?;
    transaction.batch_execute(LIMITS).await?;
    let is_all = transaction.query_opt(AT_END, &[&session.0, &to_sql(left_at.0)]).await?.is_some();
    if !is_all {
        transaction.rollback().await?;
        return Ok(false);
    }
    let marked = transaction.execute(ABORT, &[&session.0, &Moment::from(journal.modified)]).await?;
    transaction.commit().await?;
    Ok(marked > 0)
}

/// With the ledger row held.
pub(super) async fn reopen(transaction: &Transaction<'_>, session: SessionId) -> Part<()> {
    transaction.execute(REOPEN, &[&session.0]).await?;
    Ok(())
}
