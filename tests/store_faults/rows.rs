//! What is in the database, asked by a client of the test's own, and what the journals say of it.

use std::time::{Duration, Instant};

use bench_model::{Record, RunEvent, SessionId, Verdict};
use run_journal::read_all;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::support::Home;

/// How long something may take that must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ids of a session's rows, in their order by text, and its own row.
const IDS: &str = "SELECT coalesce(metadata ->> 'reading_id', 'none') FROM scpi.measurements WHERE test_session_id = $1
    UNION ALL SELECT result_id::text FROM testing.test_results WHERE session_id = $1
    UNION ALL SELECT id::text FROM scpi_run.waveforms WHERE session_id = $1";

pub(crate) struct Rows {
    pub(crate) url: String,
}

impl Rows {
    /// The rows of a query, columns joined by `|`.
    pub(crate) fn ask(&self, query: &str) -> Result<Vec<String>, tokio_postgres::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
            tokio::spawn(connection);
            let messages = client.simple_query(query).await?;
            Ok(messages.iter().filter_map(row).collect())
        })
    }

    pub(crate) fn of(&self, query: &str) -> Vec<String> {
        self.ask(query).unwrap()
    }

    /// How many events of a session the database has; none while it cannot be asked.
    pub(crate) fn events(&self, session: SessionId) -> Option<u64> {
        let query =
            format!("SELECT seq FROM scpi_run.journal_position WHERE session_id = '{session}'");
        let rows = self.ask(&query).ok()?;
        Some(rows.first().map_or(0, |seq| seq.parse().unwrap()))
    }

    /// Waits until the database has so many events of a session, or `ended` says that no more come.
    pub(crate) fn wait_for(
        &self,
        session: SessionId,
        events: u64,
        mut ended: impl FnMut() -> bool,
    ) {
        let query = format!(
            "SELECT FROM scpi_run.journal_position WHERE session_id = '{session}' AND seq >= {events}"
        );
        let deadline = Instant::now() + PATIENCE;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
            tokio::spawn(connection);
            while events > 0 && client.query_opt(&query, &[]).await.unwrap().is_none() && !ended() {
                assert!(Instant::now() < deadline, "{events} events of {session} did not come");
            }
        });
    }

    /// Journals and database hold the same events, each once, and no session is left running.
    pub(crate) fn hold_what_the_journals_say(&self, home: &Home, what: &str) {
        for journal in home.journals().iter().filter(|path| is_journal(path)) {
            let records = read_all(journal).unwrap();
            let Some(session) = records.first().and_then(session_of) else { continue };
            let last = records.last().map_or(0, |record| record.seq);
            assert_eq!(self.events(session), Some(last), "{what}: events of {session}");
            let mut expected: Vec<String> = records.iter().filter_map(id).collect();
            let mut found = self.of(&IDS.replace("$1", &format!("'{session}'")));
            expected.sort();
            found.sort();
            assert!(expected == found, "{what}: {}", difference(&expected, &found));
            let status = "SELECT status FROM testing.test_sessions WHERE session_id = ";
            let status = self.of(&format!("{status}'{session}'"));
            assert_ne!(status, ["running"], "{what}: {session}");
        }
    }
}

fn row(message: &SimpleQueryMessage) -> Option<String> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    let cells: Vec<_> = (0..row.len()).map(|at| row.get(at).unwrap_or_default()).collect();
    Some(cells.join("|"))
}

pub(crate) fn is_journal(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "journal")
}

pub(crate) fn session_of(record: &Record) -> Option<SessionId> {
    match &record.event {
        RunEvent::SessionStarted(start) => Some(start.session),
        _ => None,
    }
}

/// The id of the row that an event must have.
fn id(record: &Record) -> Option<String> {
    match &record.event {
        RunEvent::Reading(reading) => Some(reading.id.0.to_string()),
        RunEvent::Judged(result) if result.verdict != Verdict::Recorded => {
            Some(result.id.0.to_string())
        }
        RunEvent::Waveform(waveform) => Some(waveform.id.0.to_string()),
        _ => None,
    }
}

fn difference(expected: &[String], found: &[String]) -> String {
    let missing = expected.iter().filter(|id| !found.contains(id)).count();
    let foreign = found.iter().filter(|id| !expected.contains(id)).count();
    format!(
        "{} ids expected, {} found: {missing} missing, {foreign} foreign",
        expected.len(),
        found.len()
    )
}
