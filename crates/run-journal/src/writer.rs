//! Appends records to a journal.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bench_model::{Record, SessionId};

use crate::MAX_RECORD_BYTES;
use crate::chain::ChainHash;
use crate::error::JournalError;
use crate::folder::{self, JournalFolder};
use crate::line::{self, FRAME_BYTES};
use crate::lock;
use crate::parts::{self, MAX_PARTS, PART_BYTES, Part};
use crate::position::Position;
use crate::reader::{Entry, JournalReader};

/// Bytes that are kept back until a sync, at most.
const WRITE_BUFFER_BYTES: usize = 64 << 10;

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
    /// Held for its lock, which is on the first file, when others follow.
    #[expect(dead_code, reason = "held, not read")]
    lock: Option<File>,
    /// Which file is written, how much is in it, and how much is enough.
    part: u32,
    part_bytes: u64,
    most_part_bytes: u64,
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
        let file = parts::make(&path)
            .map_err(|cause| JournalError::io("make the journal", &path, cause))?;
        lock::hold(&file, &path)?;
        folder.sync()?;
        let lock = file.try_clone().map_err(|cause| JournalError::io("lock", &path, cause))?;
        Ok(Self { lock: Some(lock), ..Self::on(path, Box::new(file)) })
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
        let first = file.map_err(|cause| JournalError::io("open", &path, cause))?;
        lock::hold(&first, &path)?;
        let (position, last) = last_entry(&path)?;
        let (file, part) =
            cut_at(&path, position).map_err(|cause| JournalError::io("cut", &path, cause))?;
        let mut writer = Self { lock: Some(first), ..Self::on(path, Box::new(file)) };
        (writer.part, writer.part_bytes) = (part.number, position.0.saturating_sub(part.start));
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
            lock: None,
            part: 1,
            part_bytes: 0,
            most_part_bytes: PART_BYTES,
        }
    }

    /// The same with another size of its files, in bytes; without it [`PART_BYTES`].
    #[must_use]
    pub fn with_part_bytes(self, most_part_bytes: u64) -> Self {
        Self { most_part_bytes, ..self }
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
        if self.part_bytes >= self.most_part_bytes {
            self.begin_part()?;
        }
        let chain = self.chain.next(&self.record_json);
        let written = line::write(&mut self.medium, &chain, &self.record_json);
        self.or_close("write", written)?;
        let written = bytes(self.record_json.len() + FRAME_BYTES);
        (self.position.0, self.part_bytes) = (self.position.0 + written, self.part_bytes + written);
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

    /// Goes on in another file. What is in the one before is on the disk first: a file behind a torn one would be none.
    fn begin_part(&mut self) -> Result<(), JournalError> {
        if self.part >= MAX_PARTS {
            return Err(JournalError::Full { path: self.path.clone() });
        }
        self.sync()?;
        let path = parts::path_of(&self.path, self.part + 1);
        let made = parts::make(&path);
        let file = self.or_close("make another file of", made)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        self.closed = true;
        folder::sync_folder(folder)?;
        self.closed = false;
        self.medium = BufWriter::with_capacity(WRITE_BUFFER_BYTES, Box::new(file));
        (self.part, self.part_bytes) = (self.part + 1, 0);
        Ok(())
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

    fn or_close<T>(
        &mut self,
        action: &'static str,
        result: io::Result<T>,
    ) -> Result<T, JournalError> {
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

/// Ends the last file there, on the disk too, to be written on from there.
fn cut_at(first: &Path, position: Position) -> io::Result<(File, Part)> {
    let part = parts::last(first)?;
    let mut file = OpenOptions::new().read(true).write(true).open(&part.path)?;
    let end = position.0.checked_sub(part.start).ok_or(io::ErrorKind::InvalidData)?;
    file.set_len(end)?;
    file.sync_data()?;
    file.seek(SeekFrom::Start(end))?;
    Ok((file, part))
}

/// No buffer is longer than 64 bits can count.
fn bytes(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
