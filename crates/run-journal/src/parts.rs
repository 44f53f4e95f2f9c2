//! The files of one journal: a long one goes on in another file, and a position counts through all of them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::position::Position;

/// Bytes of one file, after which the next record goes to another one.
pub const PART_BYTES: u64 = 256 << 20;

/// The most files of one journal.
pub const MAX_PARTS: u32 = 1000;

/// Only its owner reads a journal.
const FILE_MODE: u32 = 0o600;

/// One of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    /// Counted from 1.
    pub(crate) number: u32,
    /// Where it begins in the journal.
    pub(crate) start: u64,
    pub(crate) bytes: u64,
}

/// The file of a number: `x.journal`, `x.journal.2`, `x.journal.3`.
pub(crate) fn path_of(first: &Path, number: u32) -> PathBuf {
    if number <= 1 {
        return first.to_owned();
    }
    let mut name = first.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// Makes a file, which must not be there.
pub(crate) fn make(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// All that are there, in their order; at least one.
pub(crate) fn all(first: &Path) -> io::Result<Vec<Part>> {
    let mut parts = vec![Part {
        path: first.to_owned(),
        number: 1,
        start: 0,
        bytes: fs::metadata(first)?.len(),
    }];
    for number in 2..=MAX_PARTS {
        let path = path_of(first, number);
        let bytes = match fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => break,
            metadata => metadata?.len(),
        };
        let start = parts.last().map_or(0, |before| before.start.saturating_add(before.bytes));
        parts.push(Part { path, number, start, bytes });
    }
    Ok(parts)
}

/// The last one.
pub(crate) fn last(first: &Path) -> io::Result<Part> {
    all(first)?.pop().ok_or_else(|| ErrorKind::NotFound.into())
}

/// The one in which the line before a position ends; none behind the end.
pub(crate) fn at(first: &Path, position: Position) -> io::Result<Option<Part>> {
    let holds = |part: &Part| position.0 <= part.start.saturating_add(part.bytes);
    Ok(all(first)?.into_iter().find(holds))
}
