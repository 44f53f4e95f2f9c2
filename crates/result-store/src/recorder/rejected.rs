//! Events that the server would not store: kept aside with the reason, so that the others go on.

use bench_model::{Record, SessionId, Timestamp};
use run_journal::{Damage, JournalError, Unknown};
use tokio_postgres::{Client, GenericClient, Row};
use uuid::Uuid;

use super::batch::{Batch, End};
use super::tail::{LIMITS, Tail};
use super::{Part, from_sql, to_sql};
use crate::error::{Cause, Doing, StoreError};
use crate::moment::Moment;
use crate::store::Store;
use crate::text::fit;

/// Letters of an event that are kept in the table; the journal has all of them.
const MAX_RECORD_LETTERS: usize = 10_000;
/// Rejected events that are listed.
const MAX_LISTED: i64 = 1000;

const INSERT: &str =
    "INSERT INTO scpi_run.rejected_records (session_id, seq, event, reason, record)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (session_id, seq) DO NOTHING";
const LIST: &str =
    "SELECT session_id, seq, event, reason, rejected_at FROM scpi_run.rejected_records
    ORDER BY rejected_at DESC, session_id, seq LIMIT $1";
const OF_SESSION: &str = "SELECT seq FROM scpi_run.rejected_records WHERE session_id = $1";

/// An event that is not in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// Of which session.
    pub session: SessionId,
    /// Its number in the journal.
    pub seq: u64,
    /// Its kind: `reading`.
    pub event: String,
    /// Why the server would not store it.
    pub reason: String,
    /// When it was tried; none where the server's clock is beyond the calendar.
    pub at: Option<Timestamp>,
}

impl Cause {
    /// Whether the next line of a journal is whole, and no event of this version.
    pub(crate) fn is_unknown_event(&self) -> bool {
        let Self::Journal(JournalError::Damaged { damage, .. }) = self else { return false };
        matches!(damage, Damage::NoRecord(_))
    }

    /// Whether it is the event that cannot be stored, and not the server that cannot store: a value out of range, a
    /// constraint, a limit of the program's.
    pub(crate) fn is_of_the_event(&self) -> bool {
        const CLASSES: [&str; 3] = ["22", "23", "54"];
        match self {
            Self::Server(error) => error
                .code()
                .is_some_and(|code| CLASSES.iter().any(|class| code.code().starts_with(class))),
            Self::Encode(_) => true,
            _ => false,
        }
    }
}

impl Tail {
    /// Puts the one event of a batch aside, and goes on behind it; false where another recorder has gone on.
    pub(crate) async fn reject(
        mut self,
        client: &mut Client,
        batch: Batch,
        why: &Cause,
    ) -> Part<bool> {
        let (Some(end), Some(entry)) = (batch.end(), batch.entries.first()) else {
            return Ok(false);
        };
        let transaction = client.transaction().await?;
        transaction.batch_execute(LIMITS).await?;
        if !self.take_ledger(&transaction, batch.start).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        let (kind, json) = described(&entry.record)?;
        let (seq, reason) =
            (to_sql(end.seq), fit(&why.to_string(), MAX_RECORD_LETTERS).into_owned());
        transaction.execute(INSERT, &[&self.session().0, &seq, &kind, &reason, &json]).await?;
        self.write_ledger(&transaction, end).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

impl Tail {
    /// Puts the next line of the journal aside, which is no event of this version, and goes on behind it; false where another
    /// recorder has gone on.
    pub(crate) async fn reject_unknown(mut self, client: &mut Client, why: &Cause) -> Part<bool> {
        let start = self.ledger().position;
        let Some(Unknown { seq, json, position, chain, .. }) = self.skip_unknown()? else {
            return Ok(false);
        };
        let transaction = client.transaction().await?;
        transaction.batch_execute(LIMITS).await?;
        if !self.take_ledger(&transaction, start).await? {
            transaction.rollback().await?;
            return Ok(false);
        }
        let kind = serde_json::from_str::<serde_json::Value>(&json)?;
        let kind =
            kind.pointer("/event/type").and_then(serde_json::Value::as_str).map(str::to_owned);
        let kind = fit(kind.as_deref().unwrap_or("event"), 100).into_owned();
        let reason = fit(&why.to_string(), MAX_RECORD_LETTERS).into_owned();
        let json = fit(&json, MAX_RECORD_LETTERS).into_owned();
        let number = to_sql(seq);
        transaction.execute(INSERT, &[&self.session().0, &number, &kind, &reason, &json]).await?;
        self.write_ledger(&transaction, End { position, seq, chain }).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// The kind of an event, and as much of it as the table takes.
fn described(record: &Record) -> Part<(String, String)> {
    let json = serde_json::to_value(record)?;
    let kind = json.pointer("/event/type").and_then(serde_json::Value::as_str).unwrap_or("event");
    Ok((fit(kind, 100).into_owned(), fit(&json.to_string(), MAX_RECORD_LETTERS).into_owned()))
}

/// The numbers of a session's rejected events.
pub(crate) async fn of_session(client: &impl GenericClient, session: SessionId) -> Part<Vec<u64>> {
    let rows = client.query(OF_SESSION, &[&session.0]).await?;
    rows.iter().map(|row| Ok(from_sql(row.try_get(0)?))).collect()
}

impl Store {
    /// Events that the database would not store, the last ones first; a thousand at most.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn rejected(&mut self) -> Result<Vec<Rejected>, StoreError> {
        let rows = self.connection_mut().query(LIST, &[&MAX_LISTED]).await;
        let listed = rows.and_then(|rows| rows.iter().map(rejected).collect::<Result<_, _>>());
        listed.doing(self.place(), "list what was rejected")
    }
}

fn rejected(row: &Row) -> Result<Rejected, tokio_postgres::Error> {
    Ok(Rejected {
        session: SessionId(row.try_get::<_, Uuid>(0)?),
        seq: from_sql(row.try_get(1)?),
        event: row.try_get(2)?,
        reason: row.try_get(3)?,
        at: row.try_get::<_, Moment>(4)?.timestamp(),
    })
}
