//! Reads a journal record by record, also while it is written.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use bench_model::{EVENT_FORMAT, Record, RunEvent};

use crate::chain::ChainHash;
use crate::error::{Damage, JournalError};
use crate::line::{self, MAX_LINE_BYTES};
use crate::parts;
use crate::position::Position;

/// Memory for a line that is kept for the next one.
const KEPT_LINE_BYTES: usize = 64 << 10;

/// Reads from a position to the end, and on when there is more.
///
/// Every line is proved by its checksum. From the start the hash chain and the numbers are proved too; from
/// the middle, those after the first line read.
pub struct JournalReader {
    path: PathBuf,
    file: BufReader<File>,
    /// Which of the journal's files that is.
    part: u32,
    /// The line at `position`, as far as it is there.
    line: Vec<u8>,
    position: Position,
    before: Option<Before>,
    max_line_bytes: usize,
}

/// What is known of the record before.
#[derive(Clone, Copy)]
struct Before {
    seq: u64,
    chain: ChainHash,
}

impl Before {
    const START: Self = Self { seq: 0, chain: ChainHash::START };

    fn next_seq(self) -> u64 {
        self.seq.saturating_add(1)
    }
}

/// A record as the journal holds it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Where the next line begins.
    pub position: Position,
    /// The hash chain up to here.
    pub chain: ChainHash,
}

/// A line that is as it was written, and whose record this version does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unknown {
    /// Its number.
    pub seq: u64,
    /// Its JSON.
    pub json: String,
    /// Where the next line begins.
    pub position: Position,
    /// The hash chain up to here.
    pub chain: ChainHash,
}

impl JournalReader {
    /// Opens a journal at its start or after a line.
    ///
    /// # Errors
    ///
    /// When it cannot be read, no line ends at the position, or a newer version wrote it.
    pub fn open(path: impl Into<PathBuf>, position: Position) -> Result<Self, JournalError> {
        let mut reader = Self::at_start(path.into())?;
        if position != Position::START {
            // The first record says whether this version understands the rest.
            reader.next()?;
            reader.go_to(position)?;
        }
        Ok(reader)
    }

    fn at_start(path: PathBuf) -> Result<Self, JournalError> {
        let file = File::open(&path).map_err(|cause| JournalError::io("open", &path, cause))?;
        Ok(Self {
            path,
            file: BufReader::new(file),
            part: 1,
            line: Vec::new(),
            position: Position::START,
            before: Some(Before::START),
            max_line_bytes: MAX_LINE_BYTES,
        })
    }

    fn go_to(&mut self, position: Position) -> Result<(), JournalError> {
        let found = parts::at(&self.path, position);
        let found = found.map_err(|cause| JournalError::io("read", &self.path, cause))?;
        let no_line = || JournalError::NoLineThere { path: self.path.clone(), position };
        let part = found.ok_or_else(no_line)?;
        self.open_part(part.number)?;
        let mut before = Vec::with_capacity(1);
        let read = match self.file.seek(SeekFrom::Start(position.0.saturating_sub(part.start + 1)))
        {
            Ok(_) => (&mut self.file).take(1).read_to_end(&mut before),
            Err(cause) => Err(cause),
        };
        read.map_err(|cause| JournalError::io("read", &self.path, cause))?;
        if before != b"\n" {
            return Err(JournalError::NoLineThere { path: self.path.clone(), position });
        }
        self.line.clear();
        self.position = position;
        self.before = None;
        Ok(())
    }

    fn open_part(&mut self, number: u32) -> Result<(), JournalError> {
        let path = parts::path_of(&self.path, number);
        let file = File::open(&path).map_err(|cause| JournalError::io("open", &path, cause))?;
        (self.file, self.part) = (BufReader::new(file), number);
        Ok(())
    }

    /// Where the next line begins.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Bytes after the last whole line, as far as they were read: a line that is being written, or a torn
    /// tail where nobody writes any more.
    #[must_use]
    pub fn unfinished_bytes(&self) -> u64 {
        u64::try_from(self.line.len()).unwrap_or(u64::MAX)
    }

    /// The next record; none where the file ends for now. It may be asked again later.
    ///
    /// # Errors
    ///
    /// When the line is damaged or the file cannot be read. The reader stays there.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator would be done at the first `None`"
    )]
    pub fn next(&mut self) -> Result<Option<Entry>, JournalError> {
        if !self.fill()? {
            return Ok(None);
        }
        let (record, chain) = self.decode()?;
        self.position = self.after_line();
        self.before = Some(Before { seq: record.seq, chain });
        self.line.clear();
        self.line.shrink_to(KEPT_LINE_BYTES);
        Ok(Some(Entry { record, position: self.position, chain }))
    }

    /// Goes past the next line, where [`next`](Self::next) says that it is whole and no record
    /// ([`Damage::NoRecord`]); none where it is a record, or the file ends.
    ///
    /// # Errors
    ///
    /// When the line is damaged in another way or the file cannot be read. The reader stays there.
    pub fn skip_unknown(&mut self) -> Result<Option<Unknown>, JournalError> {
        if !self.fill()? {
            return Ok(None);
        }
        let before = self.before.map(|before| before.chain);
        let read = line::read(&self.line, before.as_ref());
        let (json, chain) = read.map_err(|damage| self.damaged(damage))?;
        match self.parse(json) {
            Ok(_) => return Ok(None),
            Err(JournalError::Damaged { damage: Damage::NoRecord(_), .. }) => {}
            Err(other) => return Err(other),
        }
        let seq = serde_json::from_slice::<Numbered>(json).map(|it| it.seq);
        let seq = seq.map_err(|error| self.damaged(Damage::NoRecord(error)))?;
        if self.before.is_some_and(|before| before.next_seq() != seq) {
            return Err(self.damaged(Damage::Number(seq)));
        }
        let json = String::from_utf8_lossy(json).into_owned();
        self.position = self.after_line();
        self.before = Some(Before { seq, chain });
        self.line.clear();
        Ok(Some(Unknown { seq, json, position: self.position, chain }))
    }

    /// The next record that ends at `end` or before: what lies behind may not be synced yet.
    ///
    /// # Errors
    ///
    /// As of [`next`](Self::next).
    pub fn next_until(&mut self, end: Position) -> Result<Option<Entry>, JournalError> {
        if self.position < end { self.next() } else { Ok(None) }
    }

    fn after_line(&self) -> Position {
        Position(self.position.0.saturating_add(self.unfinished_bytes()))
    }

    /// Takes what there is of the line, in this file or, where this one is at its end, in the next. Whether it is whole.
    fn fill(&mut self) -> Result<bool, JournalError> {
        if self.fill_here()? {
            return Ok(true);
        }
        // Looked for before this file is read once more: what is written before the next one is made is in here.
        if !parts::path_of(&self.path, self.part + 1).exists() {
            return Ok(false);
        }
        if self.fill_here()? {
            return Ok(true);
        }
        if !self.line.is_empty() {
            return Err(self.damaged(Damage::NoLine));
        }
        self.open_part(self.part + 1)?;
        self.fill()
    }

    fn fill_here(&mut self) -> Result<bool, JournalError> {
        if self.line.last() == Some(&b'\n') {
            return Ok(true);
        }
        let room = self.max_line_bytes.saturating_sub(self.line.len());
        let mut rest = (&mut self.file).take(u64::try_from(room).unwrap_or(u64::MAX));
        let read = rest.read_until(b'\n', &mut self.line);
        read.map_err(|cause| JournalError::io("read", &self.path, cause))?;
        match self.line.last() {
            Some(b'\n') => Ok(true),
            _ if self.line.len() < self.max_line_bytes => Ok(false),
            _ => Err(self.damaged(Damage::TooLong)),
        }
    }

    fn decode(&self) -> Result<(Record, ChainHash), JournalError> {
        let chain = self.before.map(|before| before.chain);
        let (json, chain) =
            line::read(&self.line, chain.as_ref()).map_err(|damage| self.damaged(damage))?;
        let record = self.parse(json)?;
        match self.before {
            Some(before) if record.seq != before.next_seq() => {
                Err(self.damaged(Damage::Number(record.seq)))
            }
            _ => Ok((record, chain)),
        }
    }

    fn parse(&self, json: &[u8]) -> Result<Record, JournalError> {
        let parsed = serde_json::from_slice::<Record>(json);
        let format = match &parsed {
            Ok(Record { event: RunEvent::SessionStarted(start), .. }) => Some(start.format),
            Ok(_) => None,
            Err(_) => format_of_start(json),
        };
        match format {
            Some(found) if found > EVENT_FORMAT => {
                Err(JournalError::NewerFormat { path: self.path.clone(), found })
            }
            _ => parsed.map_err(|error| self.damaged(Damage::NoRecord(error))),
        }
    }

    fn damaged(&self, damage: Damage) -> JournalError {
        let record = self.before.map(Before::next_seq);
        JournalError::Damaged { path: self.path.clone(), position: self.position, record, damage }
    }
}

/// What every record has, of whatever version.
#[derive(serde::Deserialize)]
struct Numbered {
    seq: u64,
}

/// The format of a first record that this version cannot read otherwise.
fn format_of_start(json: &[u8]) -> Option<u32> {
    #[derive(serde::Deserialize)]
    struct Start {
        event: Format,
    }
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    serde_json::from_slice::<Start>(json).ok().map(|start| start.event.format)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_line_has_a_bound_and_may_come_in_pieces() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut reader = JournalReader::at_start(file.path().to_owned()).unwrap();
        reader.max_line_bytes = 10;
        for (piece, unfinished) in [("", 0), ("12345", 5), ("6789", 9)] {
            file.write_all(piece.as_bytes()).unwrap();
            assert_eq!(reader.next().unwrap(), None);
            assert_eq!(reader.unfinished_bytes(), unfinished);
        }
        file.write_all(b"0123456789").unwrap();
        let error = reader.next().unwrap_err();
        assert!(matches!(error, JournalError::Damaged { damage: Damage::TooLong, .. }), "{error}");
    }

    #[test]
    fn a_newer_format_is_refused_though_nothing_else_of_it_is_known() {
        let json = br#"{"seq":1,"event":{"type":"session_started","format":7,"colour":"red"}}"#;
        let mut file = tempfile::NamedTempFile::new().unwrap();
        line::write(&mut file, &ChainHash::START.next(json), json).unwrap();
        let error = JournalReader::at_start(file.path().to_owned()).unwrap().next().unwrap_err();
        assert!(matches!(error, JournalError::NewerFormat { found: 7, .. }), "{error}");
    }
}
