//! A database in use.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use bench_model::{RunEvent, SessionId, Timestamp};
use run_journal::{Entry, Position};

use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::error::{Cause, Doing, StoreError};
use crate::recorder::{BATCH_EVENTS, Batch, CaughtUp, Ledger, Tail};
use crate::schema::ask_state;

/// Times in a row that a batch which lost against another transaction is tried again.
const MOST_RETRIES: u32 = 5;

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
        let mut connection = Connection::open(config).await?;
        let asked = ask_state(&mut connection).await;
        let state = asked.doing(config.place(), "read its schema's version")?;
        state.require_current(config.place())?;
        Ok(Self { config: config.clone(), connection, months: HashSet::new() })
    }

    /// Refuses a role that may everything.
    ///
    /// # Errors
    ///
    /// When the role in use is a superuser, or the database cannot be asked.
    pub async fn refuse_superuser(&mut self) -> Result<(), StoreError> {
        let query = "SELECT current_user::text, current_setting('is_superuser') = 'on'";
        let row = self.connection_mut().query_one(query, &[]).await;
        let asked = row.and_then(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        match asked.doing(self.place(), "ask who we are")? {
            (role, true) => Err(StoreError::new(self.place(), "record", Cause::Superuser { role })),
            (_, false) => Ok(()),
        }
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
        let ledger = self.read_ledger(session).await;
        let ledger = ledger.doing(self.place(), "read how far the journal has come")?;
        Ok(ledger.map(|ledger| (ledger.position, ledger.seq)))
    }

    /// The sessions that the database has something of, and the number of the last event of each.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn sessions_recorded(&mut self) -> Result<BTreeMap<SessionId, u64>, StoreError> {
        let listed = self.list_sessions().await;
        listed.doing(self.place(), "list the sessions that are recorded")
    }

    async fn list_sessions(&mut self) -> Result<BTreeMap<SessionId, u64>, tokio_postgres::Error> {
        Ledger::all(&self.connection.reading().await?).await
    }

    async fn read_ledger(
        &mut self,
        session: SessionId,
    ) -> Result<Option<Ledger>, tokio_postgres::Error> {
        Ledger::read(&self.connection.reading().await?, session).await
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
            match self.write_in_time(progress, until).await {
                Ok(true) => retries = 0,
                Ok(false) => return Ok(()),
                Err(error) if error.is_passing() && !self.is_lost() && retries < MOST_RETRIES => {
                    retries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes a batch, or gives the connection up: whether it was written then, only the ledger knows.
    async fn write_in_time(
        &mut self,
        progress: &mut Progress<'_>,
        until: Option<Position>,
    ) -> Result<bool, StoreError> {
        let limit = self.config.answer_limit();
        match tokio::time::timeout(limit, self.write_one(progress, until)).await {
            Ok(written) => written,
            Err(_) => {
                self.connection.give_up();
                Err(Cause::NoAnswer(limit)).doing(self.place(), "record the journal")
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
        let batch = match tail.next_batch(until, progress.limit).await {
            Err(cause) if cause.is_unknown_event() => {
                let rejected = tail.reject_unknown(&mut self.connection, &cause).await;
                let is_ours = rejected.doing(self.config.place(), "put an event aside")?;
                progress.rejected += u64::from(is_ours);
                return Ok(true);
            }
            batch => batch.doing(self.config.place(), "record the journal")?,
        };
        if batch.entries.is_empty() {
            progress.tail = Some(tail);
            return Ok(false);
        }
        self.make_months(batch.entries.iter().filter_map(month_of)).await?;
        let count = batch.entries.len();
        // One that was refused before is kept, to be put aside.
        let alone = (progress.limit == 1).then(|| batch.clone());
        match tail.write(&mut self.connection, batch).await {
            Ok(tail) => progress.went_well(tail),
            Err(cause) if cause.is_of_the_event() && !self.is_lost() => {
                return self.narrow_down(progress, count, alone, cause).await;
            }
            Err(cause) => return Err(cause).doing(self.place(), "record the journal"),
        }
        if let Some(tail) = &progress.tail {
            let ledger = tail.ledger().clone();
            progress.reached(ledger);
        }
        Ok(true)
    }

    /// One event of a batch cannot be stored: it is looked for by halves, and put aside when it is alone.
    async fn narrow_down(
        &mut self,
        progress: &mut Progress<'_>,
        count: usize,
        alone: Option<Batch>,
        cause: Cause,
    ) -> Result<bool, StoreError> {
        let Some(batch) = alone else {
            progress.limit = (count / 2).max(1);
            return Ok(true);
        };
        // Nothing can refer to a session that is not there.
        if batch.start == Position::START {
            return Err(cause).doing(self.place(), "record the journal");
        }
        let Some(tail) = self.open_tail(progress.journal).await? else { return Ok(false) };
        let rejected = tail.reject(&mut self.connection, batch, &cause).await;
        let is_ours = rejected.doing(self.config.place(), "put an event aside")?;
        progress.rejected += u64::from(is_ours);
        Ok(true)
    }

    async fn open_tail(&mut self, journal: &Path) -> Result<Option<Tail>, StoreError> {
        let opened = Tail::open(&mut self.connection, journal).await;
        opened.doing(self.place(), "record the journal")
    }

    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    pub(crate) fn months(&mut self) -> &mut HashSet<String> {
        &mut self.months
    }
}

/// When a record's row lies in a month.
fn month_of(entry: &Entry) -> Option<Timestamp> {
    match &entry.record.event {
        RunEvent::Reading(reading) => Some(reading.taken_at),
        _ => None,
    }
}

/// How far the writing of a journal has come.
pub(crate) struct Progress<'a> {
    journal: &'a Path,
    /// The most events of a transaction, and of the next one.
    events: usize,
    limit: usize,
    rejected: u64,
    tail: Option<Tail>,
    first: Option<Ledger>,
    last: Ledger,
}

impl<'a> Progress<'a> {
    pub(crate) fn of(journal: &'a Path, events: usize) -> Self {
        Self {
            journal,
            events,
            limit: events,
            rejected: 0,
            tail: None,
            first: None,
            last: Ledger::default(),
        }
    }

    fn reached(&mut self, ledger: Ledger) {
        self.first.get_or_insert_with(|| ledger.clone());
        self.last = ledger;
    }

    /// After a refusal the batches grow again.
    fn went_well(&mut self, tail: Option<Tail>) {
        self.limit = self.limit.saturating_mul(2).min(self.events);
        self.tail = tail;
    }

    pub(crate) fn done(&self) -> CaughtUp {
        let between = CaughtUp::between(self.first.as_ref().unwrap_or(&self.last), &self.last);
        CaughtUp { rejected: self.rejected, ..between }
    }
}
