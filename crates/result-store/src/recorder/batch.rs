//! A part of a journal that is written at once.

use run_journal::{ChainHash, Entry, JournalError, JournalReader, Position};

/// The most events of one transaction.
pub const BATCH_EVENTS: usize = 1000;
/// Bytes of the journal after which a transaction takes no more events; a longer one is alone.
pub const BATCH_BYTES: u64 = 4 << 20;

/// Events that stand one after another in a journal.
#[derive(Clone)]
pub(crate) struct Batch {
    /// Where the first of them begins.
    pub(crate) start: Position,
    pub(crate) entries: Vec<Entry>,
}

/// How far a batch goes.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub(crate) position: Position,
    pub(crate) seq: u64,
    pub(crate) chain: ChainHash,
}

impl Batch {
    /// Reads on, to the end for now or to `until`.
    pub(crate) fn read(
        reader: &mut JournalReader,
        until: Option<Position>,
        most_events: usize,
    ) -> Result<Self, JournalError> {
        let start = reader.position();
        let mut entries = Vec::new();
        while entries.len() < most_events && reader.position().0 - start.0 < BATCH_BYTES {
            let next = match until {
                Some(end) => reader.next_until(end),
                None => reader.next(),
            };
            match next {
                Ok(Some(entry)) => entries.push(entry),
                Ok(None) => break,
                // What stands before it is written first.
                Err(_) if !entries.is_empty() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Self { start, entries })
    }

    /// Whether more may stand behind it.
    pub(crate) fn is_full(&self, most_events: usize) -> bool {
        let bytes = self.entries.last().map_or(0, |last| last.position.0 - self.start.0);
        self.entries.len() >= most_events || bytes >= BATCH_BYTES
    }

    /// `None` where there is nothing in it.
    pub(crate) fn end(&self) -> Option<End> {
        let last = self.entries.last()?;
        Some(End { position: last.position, seq: last.record.seq, chain: last.chain })
    }
}
