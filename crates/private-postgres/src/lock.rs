//! Locks on files: the kernel drops them when their process ends, however it ends.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::error::{Doing, Result};
use crate::wait::poll;

/// A lock that is held. Not passed on to children.
#[derive(Debug)]
pub(crate) struct FileLock(File);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Shared,
    Exclusive,
}

impl FileLock {
    /// Takes the lock, or `None` when others hold it for all of `limit`.
    pub(crate) fn take(path: &Path, kind: Kind, limit: Duration) -> Result<Option<Self>> {
        let taken = poll(limit, || try_take(path, kind)).doing("lock", path)?;
        Ok(taken.map(Self))
    }

    /// Takes the lock if nobody holds it now.
    pub(crate) fn try_exclusive(path: &Path) -> Result<Option<Self>> {
        Self::take(path, Kind::Exclusive, Duration::ZERO)
    }
}

impl Drop for FileLock {
    /// Unlocks for every copy of the descriptor: a child that is just being started has one until it
    /// becomes its program.
    fn drop(&mut self) {
        // Closing unlocks as well, so that a failure here is none.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

fn try_take(path: &Path, kind: Kind) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    let file =
        options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    let operation = match kind {
        Kind::Shared => FlockOperation::NonBlockingLockShared,
        Kind::Exclusive => FlockOperation::NonBlockingLockExclusive,
    };
    match flock(&file, operation) {
        Ok(()) => Ok(is_still_at(&file, path)?.then_some(file)),
        Err(rustix::io::Errno::WOULDBLOCK | rustix::io::Errno::INTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whoever removed the folder meanwhile left us a lock on a file that nobody else can find.
fn is_still_at(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (held.dev(), held.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(path: &Path, kind: Kind) -> Option<FileLock> {
        FileLock::take(path, kind, Duration::ZERO).unwrap()
    }

    #[test]
    fn many_share_and_one_excludes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = take(&path, Kind::Shared).unwrap();
        let second = take(&path, Kind::Shared).unwrap();
        assert!(take(&path, Kind::Exclusive).is_none());
        drop((first, second));
        let alone = take(&path, Kind::Exclusive).unwrap();
        assert!(take(&path, Kind::Shared).is_none());
        drop(alone);
        assert!(take(&path, Kind::Shared).is_some());
    }

    #[test]
    fn a_lock_on_a_removed_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let file = OpenOptions::new().append(true).create(true).open(&path).unwrap();
        assert!(is_still_at(&file, &path).unwrap());
        std::fs::remove_file(&path).unwrap();
        assert!(!is_still_at(&file, &path).unwrap());
        std::fs::write(&path, "").unwrap();
        assert!(!is_still_at(&file, &path).unwrap());
    }

    #[test]
    fn a_lock_that_cannot_be_made_is_an_error() {
        let error = FileLock::try_exclusive(Path::new("/nonexistent/lock")).unwrap_err();
        assert!(error.to_string().contains("cannot lock /nonexistent/lock"), "{error}");
    }
}
