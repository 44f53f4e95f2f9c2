//! Journals that are old and lie elsewhere too, compressed (RFC 1952): `gzip -dk` makes them journals again.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bench_model::{SessionId, Timestamp};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;

use crate::error::JournalError;
use crate::folder::{JournalFile, JournalFolder};
use crate::lock::hold;

/// Behind a journal's own name.
const ENDING: &str = ".journal.gz";
/// Bytes that are compared at once.
const COMPARED_BYTES: usize = 64 << 10;

/// A compressed journal in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompressedJournal {
    /// Whose it is.
    pub session: SessionId,
    /// Where it is.
    pub path: PathBuf,
    /// When the journal was last written.
    pub modified: Timestamp,
}

impl JournalFile {
    /// Compresses it: the new file is read back and compared before this one goes. One that is being written stays.
    ///
    /// # Errors
    ///
    /// When it is being written, or a file cannot be read or written; this one is as it was then.
    pub fn compress(&self) -> Result<PathBuf, JournalError> {
        let fault = |what, cause| JournalError::io(what, &self.path, cause);
        let source = File::open(&self.path).map_err(|cause| fault("open", cause))?;
        hold(&source, &self.path)?;
        let target = self.path.with_file_name(format!("{}{ENDING}", self.session));
        let part = target.with_extension("gz.part");
        let made = write(&source, &part).and_then(|()| is_same(&self.path, &part));
        match made {
            Ok(true) => {}
            Ok(false) => {
                let cause = io::Error::other("what was written is not what was read");
                return Err(fault("compress", cause));
            }
            Err(cause) => return Err(fault("compress", cause)),
        }
        fs::rename(&part, &target)
            .map_err(|cause| fault("rename the compressed file of", cause))?;
        fs::remove_file(&self.path).map_err(|cause| fault("remove", cause))?;
        Ok(target)
    }
}

fn write(mut source: &File, part: &Path) -> io::Result<()> {
    let modified = source.metadata()?.modified()?;
    let mut target = GzEncoder::new(File::create(part)?, Compression::default());
    io::copy(&mut source, &mut target)?;
    let mut target = target.finish()?;
    target.flush()?;
    // It is as old as what is in it.
    target.set_modified(modified)?;
    target.sync_all()
}

fn is_same(source: &Path, part: &Path) -> io::Result<bool> {
    let mut source = io::BufReader::new(File::open(source)?);
    let mut target = GzDecoder::new(io::BufReader::new(File::open(part)?));
    let (mut one, mut other) = (vec![0; COMPARED_BYTES], vec![0; COMPARED_BYTES]);
    loop {
        let (read, also) = (fill(&mut source, &mut one)?, fill(&mut target, &mut other)?);
        if read != also || one.get(..read) != other.get(..also) {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

impl JournalFolder {
    /// The compressed journals of this folder; none where it is not there.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read.
    pub fn compressed(&self) -> Result<Vec<CompressedJournal>, JournalError> {
        let fault = |cause| JournalError::io("read", self.path(), cause);
        let entries = match fs::read_dir(self.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(fault)?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name();
            let session = name.to_str().and_then(|name| name.strip_suffix(ENDING)?.parse().ok());
            let Some(session) = session else { continue };
            let modified = entry.metadata().and_then(|own| own.modified()).map_err(fault)?;
            let modified = modified.try_into().map_err(|error| fault(io::Error::other(error)))?;
            found.push(CompressedJournal { session, path: entry.path(), modified });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

    use bench_model::{Record, RunEvent};

    use super::*;
    use crate::writer::JournalWriter;

    #[test]
    fn an_old_journal_is_compressed_whole_and_one_that_is_written_stays() {
        let home = tempfile::tempdir().unwrap();
        let folder = JournalFolder::new(home.path());
        let session: SessionId = "0199c0de-0000-7000-8000-000000000001".parse().unwrap();
        let mut writer = JournalWriter::create(&folder, session).unwrap();
        for seq in 1..=500 {
            let event = RunEvent::Warning { message: format!("the meter is cold, {seq}") };
            writer.append(&Record { seq, at: Timestamp::UNIX_EPOCH, event }).unwrap();
        }
        writer.sync().unwrap();
        let file = folder.list().unwrap().remove(0);
        assert!(matches!(file.compress(), Err(JournalError::InUse { .. })), "it is being written");
        drop(writer);
        let before = fs::read(&file.path).unwrap();
        let compressed = file.compress().unwrap();
        assert!(folder.list().unwrap().is_empty());
        let found = folder.compressed().unwrap();
        assert_eq!((found.len(), found[0].session), (1, session));
        assert_eq!((&found[0].path, found[0].modified), (&compressed, file.modified));
        let bytes = fs::read(&compressed).unwrap();
        // The hashes of the chain are left, which nothing compresses.
        assert!(bytes.len() * 3 < before.len(), "{} of {}", bytes.len(), before.len());
        let mut after = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut after).unwrap();
        assert_eq!(after, before);
    }
}
