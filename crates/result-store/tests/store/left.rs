//! A run that was killed: its session does not stay running.

use bench_model::Record;
use result_store::Store;
use result_store::testing::TestDatabase;
use run_journal::{JournalFile, JournalFolder, JournalWriter};

use crate::journals::{Journals, every_kind, session};
use crate::recorder::store;
use crate::sql::texts;

const SESSION: &str =
    "SELECT status, (completed_at >= started_at)::text, (duration_seconds >= 0)::text,
    metadata ->> 'cut_off' FROM testing.test_sessions";

fn file(journals: &Journals) -> JournalFile {
    JournalFolder::new(journals.path()).find(&session(1).to_string()).unwrap()
}

fn append(writer: &mut JournalWriter, records: &[Record]) {
    records.iter().for_each(|record| writer.append(record).unwrap());
    writer.sync().unwrap();
}

/// As `sync` does it: looked at first, then caught up.
async fn sync(store: &mut Store, file: &JournalFile) -> bool {
    let left_at = file.left_at().unwrap();
    store.catch_up(&file.path).await.unwrap();
    match left_at {
        Some(left_at) => store.mark_aborted(file, left_at).await.unwrap(),
        None => false,
    }
}

#[tokio::test]
async fn a_session_that_nobody_writes_becomes_aborted_and_running_when_it_is_taken_up() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let (mut store, records) = (store(&database).await, every_kind(1));
    let mut writer = journals.writer(session(1));
    append(&mut writer, &records[..9]);
    assert!(!sync(&mut store, &file(&journals)).await, "it is being written");
    assert_eq!(texts(&database, SESSION).await, [["running", "-", "-", "-"]]);
    drop(writer);
    assert!(sync(&mut store, &file(&journals)).await);
    let aborted = [["aborted", "true", "true", "true"]];
    assert_eq!(texts(&database, SESSION).await, aborted);
    assert!(!sync(&mut store, &file(&journals)).await, "once");
    assert_eq!(texts(&database, SESSION).await, aborted);

    let mut writer = JournalWriter::reopen(file(&journals).path).unwrap();
    append(&mut writer, &records[9..12]);
    sync(&mut store, &file(&journals)).await;
    assert_eq!(texts(&database, SESSION).await, [["running", "-", "-", "-"]]);
    append(&mut writer, &records[12..]);
    drop(writer);
    assert!(!sync(&mut store, &file(&journals)).await, "it has ended by itself");
    assert_eq!(texts(&database, SESSION).await, [["completed", "true", "true", "-"]]);
}

/// Between the look and the mark somebody may have taken the session up, and have come further.
#[tokio::test]
async fn a_session_that_has_gone_on_since_is_not_marked() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let (mut store, records) = (store(&database).await, every_kind(1));
    append(&mut journals.writer(session(1)), &records[..9]);
    let seen = file(&journals);
    let left_at = seen.left_at().unwrap().unwrap();
    assert!(!store.mark_aborted(&seen, left_at).await.unwrap(), "the database has nothing of it");

    let mut writer = JournalWriter::reopen(&seen.path).unwrap();
    append(&mut writer, &records[9..10]);
    store.catch_up(&seen.path).await.unwrap();
    assert!(!store.mark_aborted(&seen, left_at).await.unwrap());
    assert_eq!(texts(&database, SESSION).await, [["running", "-", "-", "-"]]);
}

/// A recorder that was already there when the mark was set.
#[tokio::test]
async fn the_mark_goes_with_the_next_event_of_whoever_records() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let (mut store, records) = (store(&database).await, every_kind(1));
    append(&mut journals.writer(session(1)), &records[..9]);
    store.catch_up(&file(&journals).path).await.unwrap();
    let left_at = file(&journals).left_at().unwrap().unwrap();
    let mut writer = JournalWriter::reopen(file(&journals).path).unwrap();
    assert!(store.mark_aborted(&file(&journals), left_at).await.unwrap());
    append(&mut writer, &records[9..10]);
    store.catch_up(&file(&journals).path).await.unwrap();
    assert_eq!(texts(&database, SESSION).await, [["running", "-", "-", "-"]]);
}
