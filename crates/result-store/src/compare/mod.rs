//! A journal held against the rows that were made of it: every id, every column, and the hash chain.

mod difference;
mod expected;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::pin::pin;

use bench_model::SessionId;
use futures_util::TryStreamExt;
use run_journal::{JournalReader, Position};
use tokio_postgres::Transaction;
use uuid::Uuid;

pub use difference::Difference;
use expected::{Expected, Facts, Source};

use crate::connection::Connection;
use crate::error::{Cause, Doing, StoreError};
use crate::recorder::{
    Columns, Ledger, Measurement, Part, ResultRow, Stored, WaveformRow, digest, document,
    rejected_of,
};
use crate::store::Store;

/// Differences that are listed; the others are counted.
pub const MAX_DIFFERENCES: usize = 100;

const CHAIN: &str =
    "SELECT encode(chain, 'hex') FROM scpi_run.journal_position WHERE session_id = $1";
const TOTALS: &str = "SELECT total_tests, passed_tests, failed_tests, skipped_tests
    FROM testing.test_sessions WHERE session_id = $1";

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// Events of the journal that the database has.
    pub events: u64,
    /// Rows in `scpi.measurements`.
    pub readings: u64,
    /// Rows in `testing.test_results`.
    pub results: u64,
    /// Rows in `scpi_run.waveforms`.
    pub waveforms: u64,
    /// Events that the server would not store, and that are kept aside.
    pub rejected: u64,
    /// What differs, [`MAX_DIFFERENCES`] at most.
    pub differences: Vec<Difference>,
    /// How many more there are.
    pub unlisted: u64,
}

impl Comparison {
    /// Whether the database has exactly what the journal says, as far as it was sent.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    fn differs(&mut self, difference: Difference) {
        if self.differences.len() < MAX_DIFFERENCES {
            self.differences.push(difference);
        } else {
            self.unlisted = self.unlisted.saturating_add(1);
        }
    }
}

impl Store {
    /// Holds a journal against the database; none where the database has nothing of it. The journal is read
    /// whole, and proved by its hash chain on the way.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read or is damaged, or the database cannot be asked.
    pub async fn compare(&mut self, journal: &Path) -> Result<Option<Comparison>, StoreError> {
        let compared = compare(self.connection_mut(), journal).await;
        compared.doing(self.place(), "hold the journal against it")
    }
}

async fn compare(connection: &mut Connection, path: &Path) -> Part<Option<Comparison>> {
    // One picture of everything, though a recorder may go on meanwhile.
    let transaction = connection.reading().await?;
    let session = session_of(path)?;
    let known = Ledger::read(&transaction, session).await?.filter(|ledger| ledger.seq > 0);
    let Some(ledger) = known else { return Ok(None) };
    let document = document(&transaction, session).await?.ok_or(Cause::NoSession)?;
    let rejected: HashSet<u64> = rejected_of(&transaction, session).await?.into_iter().collect();
    let source = Source { path, document: &document, rejected: &rejected, until: ledger.seq };
    let mut comparing = Comparing { transaction, session, source, found: Comparison::default() };
    comparing.all(&ledger).await?;
    Ok(Some(comparing.found))
}

fn session_of(path: &Path) -> Part<SessionId> {
    let first = JournalReader::open(path, Position::START)?.next()?;
    match first.map(|entry| entry.record.event) {
        Some(bench_model::RunEvent::SessionStarted(start)) => Ok(start.session),
        _ => Err(Cause::NoSession),
    }
}

struct Comparing<'a> {
    transaction: Transaction<'a>,
    session: SessionId,
    source: Source<'a>,
    found: Comparison,
}

impl Comparing<'_> {
    async fn all(&mut self, ledger: &Ledger) -> Part<()> {
        let mut expected = Expected::read(&self.source)?;
        self.found.events = ledger.seq;
        self.found.rejected = self.source.rejected.len().try_into().unwrap_or(u64::MAX);
        self.ends(&expected, ledger).await?;
        self.found.readings = self.rows::<Measurement>(&mut expected.readings).await?;
        self.found.results = self.rows::<ResultRow>(&mut expected.results).await?;
        self.found.waveforms = self.rows::<WaveformRow>(&mut expected.waveforms).await?;
        self.totals(&expected).await
    }

    /// Both end alike: the ledger has the hash of the last event that it counts.
    async fn ends(&mut self, expected: &Expected, ledger: &Ledger) -> Part<()> {
        if expected.last_seq < ledger.seq {
            let (journal, database) = (expected.last_seq, ledger.seq);
            self.found.differs(Difference::Short { journal, database });
            return Ok(());
        }
        let row = self.transaction.query_one(CHAIN, &[&self.session.0]).await?;
        let (database, journal) =
            (row.try_get::<_, Option<String>>(0)?, expected.chain.to_string());
        if database.as_deref() != Some(journal.as_str()) {
            self.found.differs(Difference::Chain { record: ledger.seq });
        }
        Ok(())
    }

    /// Every row of a table; how many there are.
    async fn rows<T: Stored>(&mut self, facts: &mut Facts) -> Part<u64> {
        let (mut count, mut changed) = (0, HashMap::new());
        let rows = self.transaction.query_raw(T::SELECT, [&self.session.0]).await?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await? {
            count += 1;
            let kind = T::KIND;
            match T::read(&row) {
                Err(why) => {
                    self.found.differs(Difference::Unreadable { kind, why: why.to_string() })
                }
                Ok(row) => match facts.meet(row.id(), &digest(&row.columns())) {
                    Ok(None) => {}
                    Ok(Some(id)) if changed.len() < MAX_DIFFERENCES => {
                        changed.insert(id, row.columns());
                    }
                    Ok(Some(_)) => self.found.unlisted = self.found.unlisted.saturating_add(1),
                    Err(strange) => self.found.differs(strange.difference(kind)),
                },
            }
        }
        self.missing::<T>(facts);
        self.changed::<T>(changed)?;
        Ok(count)
    }

    fn missing<T: Stored>(&mut self, facts: &Facts) {
        for (id, record) in facts.not_met() {
            self.found.differs(Difference::Missing { kind: T::KIND, id, record });
        }
    }

    /// Says which columns differ: for that the journal is read once more.
    fn changed<T: Stored>(&mut self, rows: HashMap<Uuid, Columns>) -> Part<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let source = self.source;
        source.for_each(|fact| {
            let Some(database) = rows.get(&fact.id).filter(|_| fact.kind == T::KIND) else {
                return;
            };
            for ((column, journal), (_, database)) in fact.columns.iter().zip(database) {
                if journal != database {
                    self.found.differs(Difference::Column {
                        kind: fact.kind,
                        id: fact.id,
                        record: fact.record,
                        column,
                        journal: journal.clone(),
                        database: database.clone(),
                    });
                }
            }
        })?;
        Ok(())
    }

    async fn totals(&mut self, expected: &Expected) -> Part<()> {
        let row = self.transaction.query_one(TOTALS, &[&self.session.0]).await?;
        let counts = &expected.counts;
        let totals = [
            ("total_tests", counts.judged()),
            ("passed_tests", counts.pass),
            ("failed_tests", counts.fail),
            ("skipped_tests", counts.skip),
        ];
        for (at, (column, journal)) in totals.into_iter().enumerate() {
            let database = i64::from(row.try_get::<_, Option<i32>>(at)?.unwrap_or_default());
            if u64::try_from(database) != Ok(journal) {
                self.found.differs(Difference::Total { column, journal, database });
            }
        }
        Ok(())
    }
}
