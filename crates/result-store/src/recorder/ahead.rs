//! The next batch of a backlog, read while the server writes the one before it.

use run_journal::{JournalError, JournalReader, Position, Unknown};
use tokio::task::JoinHandle;

use super::Part;
use super::batch::Batch;
use crate::error::Cause;

/// A reader, and what it reads ahead.
pub(super) enum Ahead {
    /// Nothing.
    Resting(Box<JournalReader>),
    /// A batch, by a thread of its own.
    Reading(JoinHandle<(Box<JournalReader>, Result<Batch, JournalError>)>),
    /// The reader went with a thread that panicked.
    Gone,
}

impl Ahead {
    pub(super) fn new(reader: JournalReader) -> Self {
        Self::Resting(Box::new(reader))
    }

    /// The next batch, from where the last one ended.
    pub(super) async fn next(
        &mut self,
        until: Option<Position>,
        most_events: usize,
    ) -> Part<Batch> {
        match std::mem::replace(self, Self::Gone) {
            Self::Resting(mut reader) => {
                let batch = Batch::read(&mut reader, until, most_events);
                *self = Self::Resting(reader);
                Ok(batch?)
            }
            Self::Reading(thread) => {
                let (reader, batch) = thread.await.map_err(|_| gone())?;
                *self = Self::Resting(reader);
                Ok(batch?)
            }
            Self::Gone => Err(gone()),
        }
    }

    /// Begins to read the batch behind the last one.
    pub(super) fn begin(&mut self, until: Option<Position>, most_events: usize) {
        if let Self::Resting(mut reader) = std::mem::replace(self, Self::Gone) {
            *self = Self::Reading(tokio::task::spawn_blocking(move || {
                let batch = Batch::read(&mut reader, until, most_events);
                (reader, batch)
            }));
        }
    }

    pub(super) fn skip_unknown(&mut self) -> Part<Option<Unknown>> {
        match self {
            Self::Resting(reader) => Ok(reader.skip_unknown()?),
            Self::Reading(_) | Self::Gone => Err(gone()),
        }
    }
}

fn gone() -> Cause {
    Cause::Unfit("the thread that reads the journal ended before its time".to_owned())
}
