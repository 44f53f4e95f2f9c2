//! The folder that holds the journals, one file a session.

use std::cmp::Reverse;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use bench_model::{SessionId, Timestamp};

use crate::error::JournalError;
use crate::parts;

const EXTENSION: &str = "journal";

/// Only their owner reads journals.
const FOLDER_MODE: u32 = 0o700;

/// A folder of journals. It need not be there before the first one is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalFolder {
    path: PathBuf,
}

/// A journal in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalFile {
    /// Whose it is.
    pub session: SessionId,
    /// Where it is.
    pub path: PathBuf,
    /// When it was last written.
    pub modified: Timestamp,
}

impl JournalFile {
    /// All files that it lies in, the first one first: [`path`](Self::path), and others where it is long.
    ///
    /// # Errors
    ///
    /// When the system refuses to look.
    pub fn files(&self) -> Result<Vec<PathBuf>, JournalError> {
        let parts = parts::all(&self.path);
        let parts = parts.map_err(|cause| JournalError::io("look into", &self.path, cause))?;
        Ok(parts.into_iter().map(|part| part.path).collect())
    }

    /// Removes it, its last file first: what is left by a crash in between is a journal that was cut.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn remove(&self) -> Result<(), JournalError> {
        for file in self.files()?.iter().rev() {
            fs::remove_file(file).map_err(|cause| JournalError::io("remove", file, cause))?;
        }
        Ok(())
    }
}

impl JournalFolder {
    /// The journals of this folder.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file of a session, whether it is there or not.
    #[must_use]
    pub fn path_of(&self, session: SessionId) -> PathBuf {
        self.path.join(format!("{session}.{EXTENSION}"))
    }

    /// All journals, the newest first; none where the folder is not there.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<JournalFile>, JournalError> {
        let mut files =
            self.files().map_err(|cause| JournalError::io("read", &self.path, cause))?;
        // Version 7 ids sort by time.
        files.sort_by_key(|file| Reverse(file.session));
        Ok(files)
    }

    fn files(&self) -> io::Result<Vec<JournalFile>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut files = Vec::new();
        for entry in entries {
            files.extend(journal_file(&entry?)?);
        }
        Ok(files)
    }

    /// The one journal whose session id begins so; capitals and hyphens do not matter.
    ///
    /// # Errors
    ///
    /// When there is none or several, or the folder cannot be read.
    pub fn find(&self, prefix: &str) -> Result<JournalFile, JournalError> {
        let wanted = bare(prefix);
        let mut files = self.list()?;
        files.retain(|file| {
            !wanted.is_empty() && bare(&file.session.to_string()).starts_with(&wanted)
        });
        let (folder, prefix) = (self.path.clone(), prefix.to_owned());
        match files.len() {
            1 => files.pop().ok_or(JournalError::NoSuchRun { folder, prefix }),
            0 => Err(JournalError::NoSuchRun { folder, prefix }),
            _ => {
                let runs = files.iter().map(|file| file.session).collect();
                Err(JournalError::SeveralRuns { folder, prefix, runs })
            }
        }
    }

    /// Makes the folder and those above it, for its owner only, so that they outlive a power cut.
    pub(crate) fn make(&self) -> Result<(), JournalError> {
        let missing: Vec<&Path> =
            self.path.ancestors().take_while(|path| is_missing(path)).collect();
        DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(&self.path)
            .map_err(|cause| JournalError::io("make the folder", &self.path, cause))?;
        missing.iter().filter_map(|made| made.parent()).try_for_each(sync_folder)
    }

    /// Makes what was made in the folder outlive a power cut.
    pub(crate) fn sync(&self) -> Result<(), JournalError> {
        sync_folder(&self.path)
    }
}

fn bare(id: &str) -> String {
    id.replace('-', "").to_ascii_lowercase()
}

/// The empty path is where we are.
fn is_missing(path: &Path) -> bool {
    !path.as_os_str().is_empty() && !path.exists()
}

pub(crate) fn sync_folder(path: &Path) -> Result<(), JournalError> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(|cause| JournalError::io("sync the folder", path, cause))
}

/// Other files may lie there too, and one may go while the folder is read.
fn journal_file(entry: &fs::DirEntry) -> io::Result<Option<JournalFile>> {
    let path = entry.path();
    let Some(session) = session_of(&path) else { return Ok(None) };
    match entry.metadata() {
        Ok(metadata) if metadata.is_file() => {
            // A long one was last written in its last file.
            let last = fs::metadata(parts::last(&path)?.path)?;
            let modified = last.modified()?.try_into().map_err(io::Error::other)?;
            Ok(Some(JournalFile { session, path, modified }))
        }
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The session of a file whose name is exactly that of a journal.
fn session_of(path: &Path) -> Option<SessionId> {
    let name = path.file_name()?.to_str()?;
    let session: SessionId = name.strip_suffix(EXTENSION)?.strip_suffix('.')?.parse().ok()?;
    (name == format!("{session}.{EXTENSION}")).then_some(session)
}
