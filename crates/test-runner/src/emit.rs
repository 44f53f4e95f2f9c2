//! Events out: numbered without gaps, each with its time.

use bench_model::{Record, RunEvent, Timestamp};
use tokio::sync::mpsc;

/// Nobody takes the events any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JournalLost;

/// Numbers events and gives them to the journal.
pub(crate) struct Emitter {
    journal: mpsc::Sender<Record>,
    last: u64,
}

impl Emitter {
    /// Behind the event of this number; 0 for a new journal.
    pub(crate) fn new(journal: mpsc::Sender<Record>, last: u64) -> Self {
        Self { journal, last }
    }

    /// Waits while the journal is behind.
    pub(crate) async fn emit(&mut self, event: RunEvent) -> Result<(), JournalLost> {
        let record = Record { seq: self.last + 1, at: Timestamp::now(), event };
        self.journal.send(record).await.map_err(|_| JournalLost)?;
        self.last += 1;
        Ok(())
    }

    pub(crate) async fn warn(&mut self, message: impl Into<String>) -> Result<(), JournalLost> {
        self.emit(RunEvent::Warning { message: message.into() }).await
    }
}
