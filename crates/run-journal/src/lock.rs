//! Who writes a journal: a lock of the system's on its file, which goes with its process, however that ends.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::error::JournalError;
use crate::folder::JournalFile;
use crate::parts;
use crate::position::Position;

/// Times that a writer asks for its lock. Who looks whether a journal is written holds it for a moment.
const LOCK_ATTEMPTS: u32 = 400;
/// Between two of them; all together two seconds.
const LOCK_PAUSE: Duration = Duration::from_millis(5);
/// Bytes that are read at once when the last line's end is looked for.
const SEEK_BYTES: u64 = 64 << 10;

/// Takes the writer's lock for as long as the file is open. Programs that we start do not inherit it: the
/// standard library opens files so that they are closed there.
pub(crate) fn hold(file: &File, path: &Path) -> Result<(), JournalError> {
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(cause)) => return Err(JournalError::io("lock", path, cause)),
        }
    }
    Err(JournalError::InUse { path: path.to_owned() })
}

impl JournalFile {
    /// Whether somebody writes it now.
    ///
    /// # Errors
    ///
    /// When it cannot be opened or locked.
    pub fn is_live(&self) -> Result<bool, JournalError> {
        Ok(self.left_at()?.is_none())
    }

    /// Where its last whole line ends, when nobody writes it; none while somebody does. A session that has no
    /// end there was cut off.
    ///
    /// # Errors
    ///
    /// As of [`is_live`](Self::is_live).
    pub fn left_at(&self) -> Result<Option<Position>, JournalError> {
        let file = File::open(&self.path);
        let file = file.map_err(|cause| JournalError::io("open", &self.path, cause))?;
        match file.try_lock_shared() {
            Ok(()) => self.end().map(Some),
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(cause)) => Err(cause),
        }
        .map_err(|cause| JournalError::io("look into", &self.path, cause))
    }

    /// The end of the last whole line, which is in the last file or, where that has none, at its start.
    fn end(&self) -> io::Result<Position> {
        let part = parts::last(&self.path)?;
        let end = end_of_lines(&mut File::open(&part.path)?)?;
        Ok(Position(part.start.saturating_add(end.0)))
    }
}

/// The end of the last whole line, looked for from the file's end.
fn end_of_lines(file: &mut File) -> io::Result<Position> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut chunk = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(SEEK_BYTES);
        file.seek(SeekFrom::Start(start))?;
        chunk.clear();
        file.take(end - start).read_to_end(&mut chunk)?;
        if let Some(at) = chunk.iter().rposition(|byte| *byte == b'\n') {
            let before = u64::try_from(at).unwrap_or(u64::MAX);
            return Ok(Position(start.saturating_add(before).saturating_add(1)));
        }
        end = start;
    }
    Ok(Position::START)
}
