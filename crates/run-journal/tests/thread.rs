//! A journal's thread on real files: observers, readers that follow, and how it ends.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod events;

use std::sync::{Arc, Mutex};
use std::thread;

use bench_model::Record;
use events::{every_kind, numbered, session, warning};
use run_journal::{
    JournalError, JournalFolder, JournalReader, JournalThread, JournalWriter, Observer, Position,
    read_all,
};

#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Record>>>);

impl Observer for Told {
    fn synced(&mut self, records: &[Record]) {
        self.0.lock().unwrap().extend_from_slice(records);
    }
}

struct Panics;

impl Observer for Panics {
    fn synced(&mut self, _: &[Record]) {
        panic!("the screen is gone");
    }
}

fn writer(home: &tempfile::TempDir) -> JournalWriter {
    JournalWriter::create(&JournalFolder::new(home.path()), session()).unwrap()
}

fn many() -> Vec<Record> {
    numbered((0..2000).map(|number| warning(&"x".repeat(number % 300))))
}

#[test]
fn observers_are_told_everything_once_and_in_order() {
    let home = tempfile::tempdir().unwrap();
    let told = Told::default();
    let observers: Vec<Box<dyn Observer>> = vec![Box::new(told.clone()), Box::new(told.clone())];
    let (sender, journal) = JournalThread::spawn(writer(&home), observers).unwrap();
    let synced = journal.synced();
    let records = every_kind();
    for record in records.clone() {
        sender.blocking_send(record).unwrap();
    }
    drop(sender);
    let end = journal.join().unwrap();
    assert_eq!(*synced.borrow(), end);
    let mut told = told.0.lock().unwrap().clone();
    told.sort_by_key(|record| record.seq);
    told.dedup();
    assert_eq!(told, records);
}

/// The reader never sees half a record, nor one that is not synced.
#[test]
fn a_reader_follows_while_the_journal_is_written() {
    let home = tempfile::tempdir().unwrap();
    let journal_writer = writer(&home);
    let path = journal_writer.path().to_owned();
    let (sender, journal) = JournalThread::spawn(journal_writer, Vec::new()).unwrap();
    let synced = journal.synced();
    let sending = thread::spawn(move || {
        many().into_iter().for_each(|record| sender.blocking_send(record).unwrap());
        drop(sender);
        journal.join().unwrap()
    });
    let mut reader = JournalReader::open(&path, Position::START).unwrap();
    let mut seen = Vec::new();
    // The channel closes when the thread ends; what is synced then is everything.
    loop {
        let ended = synced.has_changed().is_err();
        while let Some(entry) = reader.next_until(*synced.borrow()).unwrap() {
            seen.push(entry.record);
        }
        if ended {
            break;
        }
        thread::yield_now();
    }
    assert_eq!(seen, many());
    assert_eq!(reader.position(), sending.join().unwrap());
}

#[test]
fn an_observer_that_panics_costs_no_record() {
    let home = tempfile::tempdir().unwrap();
    let told = Told::default();
    let observers: Vec<Box<dyn Observer>> = vec![Box::new(Panics), Box::new(told.clone())];
    let journal_writer = writer(&home);
    let path = journal_writer.path().to_owned();
    let (sender, journal) = JournalThread::spawn(journal_writer, observers).unwrap();
    many().into_iter().for_each(|record| sender.blocking_send(record).unwrap());
    drop(sender);
    let error = journal.join().unwrap_err();
    let JournalError::ObserverPanicked { message } = &error else { panic!("{error}") };
    assert_eq!(message, "the screen is gone");
    assert_eq!(read_all(path).unwrap(), many());
    assert_eq!(*told.0.lock().unwrap(), many());
}

#[test]
fn a_gap_ends_the_thread_and_what_came_before_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let told = Told::default();
    let journal_writer = writer(&home);
    let path = journal_writer.path().to_owned();
    let (sender, journal) =
        JournalThread::spawn(journal_writer, vec![Box::new(told.clone())]).unwrap();
    let mut records = every_kind();
    records.truncate(3);
    records.push(every_kind().remove(5));
    records.into_iter().for_each(|record| sender.blocking_send(record).unwrap());
    assert!(matches!(journal.join(), Err(JournalError::Gap { expected: 4, found: 6, .. })));
    assert!(sender.is_closed());
    assert_eq!(read_all(path).unwrap(), every_kind()[..3]);
    assert_eq!(*told.0.lock().unwrap(), every_kind()[..3]);
}
