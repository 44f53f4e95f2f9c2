//! What can go wrong with a journal: which file, where in it, and why.

use std::io;
use std::path::{Path, PathBuf};

use bench_model::{EVENT_FORMAT, SessionId};

use crate::MAX_RECORD_BYTES;
use crate::parts::{MAX_PARTS, PART_BYTES};
use crate::position::Position;

/// How many runs an error names when several begin alike.
const NAMED_RUNS: usize = 5;

/// A journal that could not be written, read or found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The system refuses: no space, no permission, no such file.
    #[error("cannot {action} {}: {cause}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it was refused.
        cause: io::Error,
    },
    /// Records are numbered without gaps.
    #[error("the journal {} takes record {expected} next, not record {found}", path.display())]
    Gap {
        /// The journal.
        path: PathBuf,
        /// The number that must come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// A record passes [`MAX_RECORD_BYTES`]. Nothing of it is written.
    #[error(
        "record {record} has {bytes} bytes as JSON, and {} takes at most {MAX_RECORD_BYTES}",
        path.display()
    )]
    RecordTooLarge {
        /// The journal.
        path: PathBuf,
        /// The record's number.
        record: u64,
        /// How large it is.
        bytes: usize,
    },
    /// A record cannot be written as JSON. Nothing of it is written.
    #[error("record {record} cannot be written to {} as JSON: {cause}", path.display())]
    Encode {
        /// The journal.
        path: PathBuf,
        /// The record's number.
        record: u64,
        /// Why not.
        cause: serde_json::Error,
    },
    /// It has all the files that a journal may have.
    #[error(
        "the journal {} is full: it has {MAX_PARTS} files of {} MiB each",
        path.display(), PART_BYTES >> 20
    )]
    Full {
        /// The journal.
        path: PathBuf,
    },
    /// An earlier write or sync failed: what the disk holds is not known any more.
    #[error("the journal {} takes no more records, because an earlier write failed", path.display())]
    Closed {
        /// The journal.
        path: PathBuf,
    },
    /// Another process writes it.
    #[error("the journal {} is being written by another process: wait for its end", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// A whole line is not what was written.
    #[error(
        "the journal {} is damaged at byte {position}{}: {damage}; what stands before it is intact",
        path.display(), numbered(*record)
    )]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// Where the line begins.
        position: Position,
        /// The number of the record that must stand there; none where reading began in the middle.
        record: Option<u64>,
        /// What is wrong with it.
        damage: Damage,
    },
    /// A newer version wrote it.
    #[error(
        "the journal {} has event format {found}, and this version reads up to {EVENT_FORMAT}: \
         use the version that wrote it, or a newer one",
        path.display()
    )]
    NewerFormat {
        /// The journal.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Reading was to begin where no line begins.
    #[error("no line of the journal {} begins at byte {position}: it was cut or exchanged", path.display())]
    NoLineThere {
        /// The journal.
        path: PathBuf,
        /// Where.
        position: Position,
    },
    /// No session has this id.
    #[error("no run in {} begins with '{prefix}'", folder.display())]
    NoSuchRun {
        /// Where was looked.
        folder: PathBuf,
        /// What was looked for.
        prefix: String,
    },
    /// Several sessions have ids that begin so.
    #[error("{} runs in {} begin with '{prefix}': {}", runs.len(), folder.display(), listed(runs))]
    SeveralRuns {
        /// Where was looked.
        folder: PathBuf,
        /// What was looked for.
        prefix: String,
        /// All of them, the newest first.
        runs: Vec<SessionId>,
    },
    /// An observer panicked. All records are in the journal; the observer was told no more.
    #[error("all records are in the journal, but an observer of it panicked: {message}")]
    ObserverPanicked {
        /// What it said.
        message: String,
    },
    /// The journal's thread panicked.
    #[error("the journal's thread panicked: {message}")]
    ThreadPanicked {
        /// What it said.
        message: String,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// It is not built as a line of a journal is.
    #[error("it is no line of a journal")]
    NoLine,
    /// It is longer than any line that is written.
    #[error("the line has more than {MAX_RECORD_BYTES} bytes")]
    TooLong,
    /// The checksum is another.
    #[error("the record does not match its checksum")]
    Checksum,
    /// The hash chain does not lead here.
    #[error("the record does not follow from the one before it (hash chain)")]
    Chain,
    /// The checksum fits, and it is no record of this format.
    #[error("it is no record: {0}")]
    NoRecord(serde_json::Error),
    /// The number is not the next one.
    #[error("it has the number {0}")]
    Number(u64),
}

impl JournalError {
    pub(crate) fn io(action: &'static str, path: &Path, cause: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), cause }
    }
}

fn numbered(record: Option<u64>) -> String {
    record.map(|number| format!(", record {number}")).unwrap_or_default()
}

fn listed(runs: &[SessionId]) -> String {
    let named: Vec<_> = runs.iter().take(NAMED_RUNS).map(ToString::to_string).collect();
    let more = if runs.len() > NAMED_RUNS { ", ..." } else { "" };
    format!("{}{more}", named.join(", "))
}
