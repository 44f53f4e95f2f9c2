//! A long journal lies in several files, and is read as one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

#[allow(dead_code, reason = "another test uses the rest of it")]
mod events;

use std::fs;
use std::path::PathBuf;

use bench_model::Record;
use events::{every_kind, numbered, session, warning};
use run_journal::{
    Damage, JournalError, JournalFolder, JournalReader, JournalWriter, MAX_PARTS, Position,
    read_all, verify,
};

/// Some records to a file.
const PART_BYTES: u64 = 2000;

struct Home {
    root: tempfile::TempDir,
    records: Vec<Record>,
}

impl Home {
    fn new() -> Self {
        let events = every_kind().into_iter().map(|record| record.event);
        let more = (0..40).map(|number| warning(&format!("{number} {}", "x".repeat(number))));
        let records = numbered(events.chain(more));
        Self { root: tempfile::tempdir().unwrap(), records }
    }

    fn folder(&self) -> JournalFolder {
        JournalFolder::new(self.root.path())
    }

    fn writer(&self) -> JournalWriter {
        JournalWriter::create(&self.folder(), session()).unwrap().with_part_bytes(PART_BYTES)
    }

    fn write(&self) -> PathBuf {
        let mut journal = self.writer();
        self.records.iter().for_each(|record| journal.append(record).unwrap());
        journal.sync().unwrap();
        journal.path().to_owned()
    }

    fn files(&self) -> Vec<PathBuf> {
        self.folder().list().unwrap()[0].files().unwrap()
    }
}

#[test]
fn several_files_are_one_journal() {
    let home = Home::new();
    let path = home.write();
    let files = home.files();
    assert!(files.len() > 5, "{files:?}");
    assert!(files[1].to_str().unwrap().ends_with(".journal.2"));
    assert_eq!(home.folder().list().unwrap().len(), 1);
    assert_eq!(read_all(&path).unwrap(), home.records);
    let whole: u64 = files.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    assert_eq!(home.folder().list().unwrap()[0].left_at().unwrap(), Some(Position(whole)));
    let verified = verify(&path).unwrap();
    assert_eq!((verified.records, verified.torn_bytes), (home.records.last().unwrap().seq, 0));
    home.folder().list().unwrap()[0].remove().unwrap();
    assert_eq!(fs::read_dir(home.root.path()).unwrap().count(), 0);
}

/// From the end of each record, whichever file that is in.
#[test]
fn reading_begins_anywhere() {
    let home = Home::new();
    let path = home.write();
    let mut reader = JournalReader::open(&path, Position::START).unwrap();
    while let Some(entry) = reader.next().unwrap() {
        let mut rest = JournalReader::open(&path, entry.position).unwrap();
        let next = rest.next().unwrap().map(|next| next.record.seq);
        let expected = home.records.iter().find(|record| record.seq > entry.record.seq);
        assert_eq!(next, expected.map(|record| record.seq));
        let between = JournalReader::open(&path, Position(entry.position.0 - 1));
        assert!(matches!(between, Err(JournalError::NoLineThere { .. })));
    }
    let behind = JournalReader::open(&path, Position(reader.position().0 + 1));
    assert!(matches!(behind, Err(JournalError::NoLineThere { .. })));
}

#[test]
fn a_reader_follows_from_file_to_file() {
    let home = Home::new();
    let mut writer = home.writer();
    let mut reader = None;
    let mut seen = Vec::new();
    for record in &home.records {
        writer.append(record).unwrap();
        writer.sync().unwrap();
        let reader = reader
            .get_or_insert_with(|| JournalReader::open(writer.path(), Position::START).unwrap());
        seen.extend(reader.next().unwrap().map(|entry| entry.record));
        assert_eq!(reader.next().unwrap(), None);
    }
    assert_eq!(seen, home.records);
}

/// Cut at each byte of the last two files, a crash between making a file and writing it among them.
#[test]
fn a_torn_tail_is_cut_and_written_on_from() {
    let home = Home::new();
    let path = home.write();
    let files = home.files();
    let (last, whole) = (files.last().unwrap(), fs::read(files.last().unwrap()).unwrap());
    for cut in (0..=whole.len()).rev().step_by(7) {
        fs::write(last, &whole[..cut]).unwrap();
        let mut writer = JournalWriter::reopen(&path).unwrap().with_part_bytes(PART_BYTES);
        let from = usize::try_from(writer.last_seq()).unwrap();
        assert!(from < home.records.len() || cut == whole.len());
        home.records[from..].iter().for_each(|record| writer.append(record).unwrap());
        writer.sync().unwrap();
        drop(writer);
        assert_eq!(read_all(&path).unwrap(), home.records, "cut at {cut}");
        assert_eq!(fs::read(last).unwrap(), whole);
    }
}

#[test]
fn a_torn_file_that_another_follows_is_damaged() {
    let home = Home::new();
    let path = home.write();
    let second = &home.files()[1];
    let bytes = fs::read(second).unwrap();
    fs::write(second, &bytes[..bytes.len() - 3]).unwrap();
    let error = read_all(&path).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { damage: Damage::NoLine, .. }), "{error}");
    assert!(JournalWriter::reopen(&path).is_err());
}

#[test]
fn a_journal_has_an_end() {
    let home = Home::new();
    let mut writer = JournalWriter::create(&home.folder(), session()).unwrap().with_part_bytes(1);
    let records = numbered((0..=MAX_PARTS).map(|_| warning("x")));
    let (last, fitting) = records.split_last().unwrap();
    fitting.iter().for_each(|record| writer.append(record).unwrap());
    let error = writer.append(last).unwrap_err();
    assert!(error.to_string().contains("1000 files of 256 MiB"), "{error}");
    writer.sync().unwrap();
    assert_eq!(verify(writer.path()).unwrap().records, u64::from(MAX_PARTS));
}
