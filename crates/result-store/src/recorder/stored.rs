//! Rows that can be read back and held against the events that they came from.

use std::fmt;

use sha2::{Digest, Sha256};
use tokio_postgres::Row;
use uuid::Uuid;

use super::Part;

/// What a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `scpi.measurements`.
    Reading,
    /// `testing.test_results`.
    Result,
    /// `scpi_run.waveforms`.
    Waveform,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reading => "reading",
            Self::Result => "result",
            Self::Waveform => "waveform",
        })
    }
}

/// Names of columns and what is in them.
pub(crate) type Columns = Vec<(&'static str, String)>;

/// A row of a session.
pub(crate) trait Stored: Sized + Send {
    /// Asks for all of a session's.
    const SELECT: &str;
    const KIND: Kind;

    fn read(row: &Row) -> Part<Self>;

    /// The event's own; none in a row that is none of ours.
    fn id(&self) -> Option<Uuid>;

    fn columns(&self) -> Columns;
}

/// Stands for all columns of a row.
pub(crate) fn digest(columns: &Columns) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (_, text) in columns {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

/// NULL is shown as the server's tools show it.
pub(crate) fn shown(value: Option<&impl ToString>) -> String {
    value.map_or_else(|| "NULL".to_owned(), ToString::to_string)
}
