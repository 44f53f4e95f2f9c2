//! A database in use.

use std::collections::HashSet;
use std::path::Path;

use bench_model::{RunEvent, SessionId, Timestamp};
use run_journal::{Entry, Position};
use tokio_postgres::error::SqlState;

use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::error::{Cause, Doing, StoreError};
use crate::recorder::{BATCH_EVENTS, CaughtUp, Ledger, Tail};
use crate::schema::state_of;

/// Times in a row that a batch which lost against another transaction is tried again.
const MOST_RETRIES: u32 = 5;
/// Makes a month, where it is not further ahead than months are made for: that is a clock that is wrong, and its
/// rows lie in DEFAULT.
const MAKE_MONTH: &str = "SELECT CASE
    WHEN $1::text::date <= current_date + interval '2 months'
    THEN scpi_run.ensure_partitions($1::text::date, $1::text::date) END";
/// The first second of 2000, before which no month is made: no instrument measured then for us.
const FIRST_SECOND: i64 = 946_684_800;
const MAKE_MONTHS_IN_USE: &str =
    "SELECT scpi_run.ensure_partitions(current_date, (current_date + interval '2 months')::date)";

/// A connection to a database with the right schema.
pub struct Store {
    config: StoreConfig,
    connection: Connection,
    /// Months, as 2026-02-01, that were seen to have their partitions.
    months: HashSet<String>,
}

impl Store {
    /// Connects, and looks whether the schema is the right one.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached ([`StoreError::is_away`]) or has another schema
    /// ([`StoreError::is_schema`]).
    pub async fn connect(config: &StoreConfig) -> Result<Self, StoreError> {
        let connection = Connection::open(config).await?;
        let state =
            state_of(&connection).await.doing(config.place(), "read its schema's version")?;
        state.require_current(config.place())?;
        Ok(Self { config: config.clone(), connection, months: HashSet::new() })
    }

    /// Where it is, for people; without the password.
    #[must_use]
    pub fn place(&self) -> &str {
        self.config.place()
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.connection.is_lost()
    }

    /// Connects anew.
    pub(crate) async fn reconnect(&mut self) -> Result<(), StoreError> {
        self.connection = Self::connect(&self.config).await?.connection;
        Ok(())
    }

    /// How much of a session's journal the database has, and the number of the last event in it; none where
    /// it has nothing.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn position(
        &mut self,
        session: SessionId,
    ) -> Result<Option<(Position, u64)>, StoreError> {
        let ledger = Ledger::read(&**self.connection(), session).await;
        let ledger = ledger.doing(self.place(), "read how far the journal has come")?;
        Ok(ledger.map(|ledger| (ledger.position, ledger.seq)))
    }

    /// Writes what the database has not got of a journal, to its end for now. Each event comes to be there
    /// exactly once, whatever was interrupted before and whoever else writes the same.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read or the database refuses. What was written stays, and the next call
    /// goes on from there.
    pub async fn catch_up(&mut self, journal: &Path) -> Result<CaughtUp, StoreError> {
        self.catch_up_by(journal, BATCH_EVENTS).await
    }

    /// The same with another number of events a transaction.
    #[doc(hidden)]
    pub async fn catch_up_by(
        &mut self,
        journal: &Path,
        events: usize,
    ) -> Result<CaughtUp, StoreError> {
        let mut progress = Progress::of(journal, events);
        self.write_until(&mut progress, None).await?;
        Ok(progress.done())
    }

    /// Writes to the end for now, or to a position.
    pub(crate) async fn write_until(
        &mut self,
        progress: &mut Progress<'_>,
        until: Option<Position>,
    ) -> Result<(), StoreError> {
        let mut retries = 0;
        loop {
            match self.write_one(progress, until).await {
                Ok(true) => retries = 0,
                Ok(false) => return Ok(()),
                Err(error) if error.is_passing() && !self.is_lost() && retries < MOST_RETRIES => {
                    retries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes a batch; false when there is nothing more.
    async fn write_one(
        &mut self,
        progress: &mut Progress<'_>,
        until: Option<Position>,
    ) -> Result<bool, StoreError> {
        // Out of its place: after a failure only the ledger knows.
        let tail = match progress.tail.take() {
            Some(tail) => Some(tail),
            None => self.open_tail(progress.journal).await?,
        };
        let Some(mut tail) = tail else { return Ok(false) };
        progress.reached(tail.ledger().clone());
        let batch = tail.next_batch(until, progress.events);
        let batch = batch.doing(self.config.place(), "record the journal")?;
        if batch.entries.is_empty() {
            progress.tail = Some(tail);
            return Ok(false);
        }
        self.make_months(&batch.entries).await?;
        let written = tail.write(&mut self.connection, batch).await;
        progress.tail = written.doing(self.config.place(), "record the journal")?;
        if let Some(tail) = &progress.tail {
            let ledger = tail.ledger().clone();
            progress.reached(ledger);
        }
        Ok(true)
    }

    async fn open_tail(&self, journal: &Path) -> Result<Option<Tail>, StoreError> {
        Tail::open(&self.connection, journal).await.doing(self.place(), "record the journal")
    }

    /// Makes the months that are missing, each in a transaction of its own. Where that cannot be done now, the
    /// rows go to DEFAULT and are moved when it can.
    async fn make_months(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        if self.months.is_empty() {
            self.make(MAKE_MONTHS_IN_USE, None).await?;
        }
        let times = entries.iter().filter_map(|entry| match &entry.record.event {
            RunEvent::Reading(reading) => Some(reading.taken_at),
            _ => None,
        });
        let months: HashSet<String> =
            times.filter(|time| time.as_second() >= FIRST_SECOND).map(month).collect();
        for month in months.difference(&self.months.clone()) {
            self.make(MAKE_MONTH, Some(month)).await?;
        }
        Ok(())
    }

    async fn make(&mut self, statement: &str, month: Option<&String>) -> Result<(), StoreError> {
        let made = match month {
            Some(month) => self.connection.execute(statement, &[month]).await,
            None => self.connection.execute(statement, &[]).await,
        };
        match made {
            Ok(_) => {
                self.months.insert(month.cloned().unwrap_or_default());
                Ok(())
            }
            Err(error) if is_refusal(error.code()) => Ok(()),
            Err(error) => Err(StoreError::new(self.place(), "make a month", Cause::Server(error))),
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

/// How far the writing of a journal has come.
pub(crate) struct Progress<'a> {
    journal: &'a Path,
    events: usize,
    tail: Option<Tail>,
    first: Option<Ledger>,
    last: Ledger,
}

impl<'a> Progress<'a> {
    pub(crate) fn of(journal: &'a Path, events: usize) -> Self {
        Self { journal, events, tail: None, first: None, last: Ledger::default() }
    }

    fn reached(&mut self, ledger: Ledger) {
        self.first.get_or_insert_with(|| ledger.clone());
        self.last = ledger;
    }

    pub(crate) fn done(&self) -> CaughtUp {
        CaughtUp::between(self.first.as_ref().unwrap_or(&self.last), &self.last)
    }
}
