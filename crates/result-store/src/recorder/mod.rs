//! From a journal to the database: each event once, in batches, each of them one transaction with the ledger
//! row that says how far the journal has come.

mod ahead;
mod batch;
mod equipment;
mod ledger;
mod left;
mod measurement;
mod parents;
mod presence;
mod rejected;
mod result;
mod stored;
mod tail;
mod waveform;
mod write;

pub use batch::{BATCH_BYTES, BATCH_EVENTS};

pub use parents::let_lock_parents;
pub use rejected::Rejected;
pub use stored::Kind;

pub(crate) use batch::Batch;
pub(crate) use equipment::find_or_make;
pub(crate) use ledger::Ledger;
pub(crate) use measurement::Measurement;
pub(crate) use presence::{device_word, known_by_part};
pub(crate) use rejected::of_session as rejected_of;
pub(crate) use result::ResultRow;
pub(crate) use stored::{Columns, Stored, digest};
pub(crate) use tail::{Tail, document};
pub(crate) use waveform::WaveformRow;

use crate::error::Cause;

/// What a part of a batch comes to; where and at what is said by the store.
pub(crate) type Part<T> = Result<T, Cause>;

/// What came to be in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// Events of the journal.
    pub events: u64,
    /// Rows in `scpi.measurements`.
    pub readings: u64,
    /// Rows in `testing.test_results`.
    pub results: u64,
    /// Events that the server would not store, and that were put aside.
    pub rejected: u64,
    /// Whether the database had all of it before.
    pub already_there: bool,
}

impl CaughtUp {
    /// What lies between two states of a ledger. Counted there and not where it is written, since the answer to a
    /// COMMIT may be lost.
    pub(crate) fn between(before: &Ledger, after: &Ledger) -> Self {
        let events = after.seq.saturating_sub(before.seq);
        Self {
            events,
            readings: after.readings.saturating_sub(before.readings),
            results: after.counts.judged().saturating_sub(before.counts.judged()),
            rejected: 0,
            already_there: events == 0,
        }
    }
}

/// A count as SQL has it; none is so large.
pub(crate) fn to_sql(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as it is; none is below zero.
pub(crate) fn from_sql(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

/// A number of a column of 32 bits.
pub(crate) fn small(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}
