//! Appends records to a journal.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use bench_model::{Record, SessionId};

use crate::MAX_RECORD_BYTES;
use crate::chain::ChainHash;
use crate::error::JournalError;
use crate::folder::JournalFolder;
use crate::line::{self, FRAME_BYTES};
use crate::lock;
use crate::position::Position;
use crate::reader::{Entry, JournalReader};

/// Bytes that are kept back until a sync, at most.
const WRITE_BUFFER_BYTES: usize = 64 << 10;

/// Only its owner reads a journal.
const FILE_MODE: u32 = 0o600;

/// What a journal is written to: a file, and in tests what fails on demand.
pub(crate) trait Medium: Write + Send {
    /// Returns once all that was written outlives a power cut.
    fn sync_data(&mut self) -> io::Result<()>;
}

impl Medium for File {
    fn sync_data(&mut self) -> io::Result<()> {
        File::sync_data(self)
    }
}

/// The one writer of a journal: it holds a lock on the file until it is dropped or its process ends. What was
/// appended is on the disk after the next [`sync`](Self::sync).
pub struct JournalWriter {
    path: PathBuf,
    medium: BufWriter<Box<dyn Medium>>,
    position: Position,
    chain: ChainHash,
    last_seq: u64,
    record_json: Vec<u8>,
    closed: bool,
}

impl JournalWriter {
    /// Makes the journal of a new session, and the folder where it is missing, for their owner only.
    ///
    /// # Errors
    ///
    /// When the journal is there already, or the system refuses.
    pub fn create(folder: &JournalFolder, session: SessionId) -> Result<Self, JournalError> {
        folder.make()?;
        let path = folder.path_of(session);
        let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&path);
        let file = file.map_err(|cause| JournalError::io("make the journal", &path, cause))?;
        lock::hold(&file, &path)?;
        folder.sync()?;
        Ok(Self::on(path, Box::new(file)))
    }

    /// Takes up a journal whose writer is gone, behind its last whole record. What was torn is cut off: nobody
    /// was told of it. It reads the whole journal, and proves it.
    ///
    /// # Errors
    ///
    /// When somebody writes it, it is damaged or of a newer format, or the system refuses. Nothing is changed then.
    pub fn reopen(path: impl Into<PathBuf>) -> Result<Self, JournalError> {
        let path = path.into();
        let file = OpenOptions::new().read(true).write(true).open(&path);
        let mut file = file.map_err(|cause| JournalError::io("open", &path, cause))?;
        lock::hold(&file, &path)?;
        let (position, last) = last_entry(&path)?;
        let cut = cut_at(&mut file, position);
        cut.map_err(|cause| JournalError::io("cut", &path, cause))?;
        let mut writer = Self::on(path, Box::new(file));
        writer.position = position;
        if let Some(Entry { record, chain, .. }) = last {
            (writer.chain, writer.last_seq) = (chain, record.seq);
        }
        Ok(writer)
    }

    pub(crate) fn on(path: PathBuf, medium: Box<dyn Medium>) -> Self {
        Self {
            path,
            medium: BufWriter::with_capacity(WRITE_BUFFER_BYTES, medium),
            position: Position::START,
            chain: ChainHash::START,
            last_seq: 0,
            record_json: Vec::new(),
            closed: false,
        }
    }

    /// The number of the last record; 0 before the first.
    #[must_use]
    pub fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record. It may be lost until the next [`sync`](Self::sync).
    ///
    /// # Errors
    ///
    /// When its number is not the next one or it is too large (nothing is written then); when the disk
    /// refuses, after which no more is taken.
    pub fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        self.check_open()?;
        self.encode(record)?;
        let chain = self.chain.next(&self.record_json);
        let written = line::write(&mut self.medium, &chain, &self.record_json);
        self.or_close("write", written)?;
        self.position.0 += bytes(self.record_json.len() + FRAME_BYTES);
        self.chain = chain;
        self.last_seq = record.seq;
        Ok(())
    }

    /// Puts everything appended so far on the disk, and says how far that is.
    ///
    /// # Errors
    ///
    /// When the disk refuses, after which no more is taken: what it holds then is not known.
    pub fn sync(&mut self) -> Result<Position, JournalError> {
        self.check_open()?;
        let flushed = self.medium.flush();
        self.or_close("write", flushed)?;
        let synced = self.medium.get_mut().sync_data();
        self.or_close("sync", synced)?;
        Ok(self.position)
    }

    /// After everything appended so far, synced or not.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    fn check_open(&self) -> Result<(), JournalError> {
        if self.closed { Err(JournalError::Closed { path: self.path.clone() }) } else { Ok(()) }
    }

    /// Fills `record_json`.
    fn encode(&mut self, record: &Record) -> Result<(), JournalError> {
        let (expected, found) = (self.last_seq + 1, record.seq);
        if found != expected {
            return Err(JournalError::Gap { path: self.path.clone(), expected, found });
        }
        self.record_json.clear();
        // One large waveform must not hold its memory to the end of the run.
        self.record_json.shrink_to(WRITE_BUFFER_BYTES);
        serde_json::to_writer(&mut self.record_json, record).map_err(|cause| {
            JournalError::Encode { path: self.path.clone(), record: found, cause }
        })?;
        match self.record_json.len() {
            0..=MAX_RECORD_BYTES => Ok(()),
            bytes => {
                let path = self.path.clone();
                Err(JournalError::RecordTooLarge { path, record: found, bytes })
            }
        }
    }

    fn or_close(
        &mut self,
        action: &'static str,
        result: io::Result<()>,
    ) -> Result<(), JournalError> {
        self.closed |= result.is_err();
        result.map_err(|cause| JournalError::io(action, &self.path, cause))
    }
}

/// Where the last whole line ends, and what it holds.
fn last_entry(path: &Path) -> Result<(Position, Option<Entry>), JournalError> {
    let mut reader = JournalReader::open(path, Position::START)?;
    let mut last = None;
    while let Some(entry) = reader.next()? {
        last = Some(entry);
    }
    Ok((reader.position(), last))
}

/// Ends the file there, on the disk too, and writes on from there.
fn cut_at(file: &mut File, position: Position) -> io::Result<()> {
    file.set_len(position.0)?;
    file.sync_data()?;
    file.seek(SeekFrom::Start(position.0)).map(|_| ())
}

/// No buffer is longer than 64 bits can count.
fn bytes(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
