//! A whole journal at once.

use std::path::Path;

use bench_model::{Record, RunEvent, RunRecord};

use crate::chain::ChainHash;
use crate::error::JournalError;
use crate::position::Position;
use crate::reader::JournalReader;

/// A journal whose every record follows from the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// How many there are.
    pub records: u64,
    /// The hash that covers them all.
    pub chain_head: ChainHash,
    /// Bytes behind the last whole line: what was being written when power or process went, and was never
    /// told to anybody.
    pub torn_bytes: u64,
    /// Whether the last record is the end of the session.
    pub finished: bool,
}

/// The session that a journal holds, folded as it is read. A torn tail is cut off.
///
/// # Errors
///
/// When the journal cannot be read, is damaged before its end, or has a newer format.
pub fn read_run(path: impl AsRef<Path>) -> Result<RunRecord, JournalError> {
    let mut run = RunRecord::default();
    for_each(path.as_ref(), |record, _| run.apply(record))?;
    Ok(run)
}

/// All records of a journal. A torn tail is cut off.
///
/// # Errors
///
/// As of [`read_run`].
pub fn read_all(path: impl AsRef<Path>) -> Result<Vec<Record>, JournalError> {
    let mut records = Vec::new();
    for_each(path.as_ref(), |record, _| records.push(record))?;
    Ok(records)
}

/// Computes the hash chain of a journal anew.
///
/// # Errors
///
/// As of [`read_run`]; the error names the first record that does not fit.
pub fn verify(path: impl AsRef<Path>) -> Result<Verification, JournalError> {
    let mut found =
        Verification { records: 0, chain_head: ChainHash::START, torn_bytes: 0, finished: false };
    found.torn_bytes = for_each(path.as_ref(), |record, chain| {
        found.records = record.seq;
        found.chain_head = chain;
        found.finished = matches!(record.event, RunEvent::SessionFinished(_));
    })?;
    Ok(found)
}

/// Gives every record away, and says how many bytes are torn.
fn for_each(path: &Path, mut take: impl FnMut(Record, ChainHash)) -> Result<u64, JournalError> {
    let mut reader = JournalReader::open(path, Position::START)?;
    while let Some(entry) = reader.next()? {
        take(entry.record, entry.chain);
    }
    Ok(reader.unfinished_bytes())
}
