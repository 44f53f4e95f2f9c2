//! Who writes a journal, seen from outside; and a journal taken up again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod events;

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use bench_model::Record;
use events::{every_kind, numbered, session, warning};
use run_journal::{
    JournalError, JournalFile, JournalFolder, JournalThread, JournalWriter, Position, read_all,
    verify,
};

struct Home {
    folder: JournalFolder,
    _root: tempfile::TempDir,
}

fn home() -> Home {
    let root = tempfile::tempdir().unwrap();
    Home { folder: JournalFolder::new(root.path()), _root: root }
}

impl Home {
    fn writer(&self) -> JournalWriter {
        JournalWriter::create(&self.folder, session()).unwrap()
    }

    fn file(&self) -> JournalFile {
        self.folder.find(&session().to_string()).unwrap()
    }
}

fn append(writer: &mut JournalWriter, records: &[Record]) -> Position {
    records.iter().for_each(|record| writer.append(record).unwrap());
    writer.sync().unwrap()
}

/// A program that outlives what it was started beside, as a guardian does.
struct Bystander(Child);

impl Bystander {
    /// Begun once it has answered: until the kernel is done with `exec`, it holds all that we hold.
    fn start() -> Self {
        let mut cat = Command::new("cat");
        let mut child = cat.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(b"!").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        Self(child)
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_journal_is_live_while_it_has_a_writer_and_no_longer() {
    let home = home();
    let mut writer = home.writer();
    assert!(home.file().is_live().unwrap(), "also before its first record");
    let end = append(&mut writer, &every_kind());
    let bystander = Bystander::start();
    assert_eq!(home.file().left_at().unwrap(), None);
    drop(writer);
    assert_eq!(
        home.file().left_at().unwrap(),
        Some(end),
        "a program started meanwhile holds nothing"
    );
    drop(bystander);
}

#[test]
fn a_thread_holds_the_journal_to_its_end() {
    let home = home();
    let (sender, thread) = JournalThread::spawn(home.writer(), Vec::new()).unwrap();
    assert!(home.file().is_live().unwrap());
    drop(sender);
    thread.join().unwrap();
    assert!(!home.file().is_live().unwrap());
}

#[test]
fn the_end_is_that_of_the_last_whole_line() {
    let home = home();
    assert_eq!(append(&mut home.writer(), &[]), Position::START);
    assert_eq!(home.file().left_at().unwrap(), Some(Position::START));
    for (torn, lines) in [(0, 1), (1, 2), (100_000, 3)] {
        fs::remove_file(home.file().path).unwrap();
        let end = append(&mut home.writer(), &numbered((0..lines).map(|_| warning("x"))));
        let mut file = OpenOptions::new().append(true).open(home.file().path).unwrap();
        file.write_all(&vec![b'{'; torn]).unwrap();
        assert_eq!(home.file().left_at().unwrap(), Some(end), "{torn} torn bytes");
    }
}

#[test]
fn a_journal_is_taken_up_behind_its_last_whole_record() {
    let home = home();
    let records = numbered((0..6).map(|number| warning(&format!("number {number}"))));
    append(&mut home.writer(), &records[..3]);
    let path = home.file().path;
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"crc\":\"80ab").unwrap();

    let mut writer = JournalWriter::reopen(&path).unwrap();
    assert_eq!(writer.last_seq(), 3);
    assert!(home.file().is_live().unwrap());
    append(&mut writer, &records[3..]);
    drop(writer);
    assert_eq!(read_all(&path).unwrap(), records);
    assert_eq!(verify(&path).unwrap().torn_bytes, 0);
}

#[test]
fn a_journal_that_is_written_or_damaged_is_not_taken_up() {
    let home = home();
    let mut writer = home.writer();
    append(&mut writer, &every_kind());
    let path = home.file().path;
    let refused = JournalWriter::reopen(&path).err().unwrap();
    assert!(matches!(refused, JournalError::InUse { .. }), "{refused}");
    drop(writer);

    let mut bytes = fs::read(&path).unwrap();
    bytes[300] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let refused = JournalWriter::reopen(&path).err().unwrap();
    assert!(matches!(refused, JournalError::Damaged { .. }), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), bytes, "nothing was changed");
}
