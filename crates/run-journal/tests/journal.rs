//! Journals written and read back, by whole files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod events;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bench_model::{EVENT_FORMAT, Record, RunEvent, RunRecord, SessionId};
use events::{every_kind, numbered, session, warning};
use run_journal::{
    Damage, JournalError, JournalFolder, JournalReader, JournalWriter, Position, read_all,
    read_run, verify,
};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/journals/v1.journal");

/// What `type` says of each kind.
const KINDS: [&str; 12] = [
    "session_started",
    "instrument_identified",
    "instrument_status",
    "step_started",
    "setting_applied",
    "reading",
    "waveform",
    "judged",
    "step_finished",
    "safe_state",
    "warning",
    "session_finished",
];

struct Home {
    folder: JournalFolder,
    root: tempfile::TempDir,
}

fn home() -> Home {
    let root = tempfile::tempdir().unwrap();
    Home { folder: JournalFolder::new(root.path().join("state/journals")), root }
}

impl Home {
    fn write(&self, records: &[Record]) -> PathBuf {
        let mut journal = JournalWriter::create(&self.folder, session()).unwrap();
        records.iter().for_each(|record| journal.append(record).unwrap());
        journal.sync().unwrap();
        journal.path().to_owned()
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.root.path().join("changed.journal");
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn warnings(count: usize) -> Vec<Record> {
    numbered((0..count).map(|number| warning(&format!("number {number}"))))
}

/// Where the lines begin.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let feeds = (1..).zip(bytes).filter(|(_, byte)| **byte == b'\n').map(|(after, _)| after);
    std::iter::once(0).chain(feeds).collect()
}

fn kinds(records: &[Record]) -> BTreeSet<String> {
    let kind = |record| serde_json::to_value(record).unwrap()["event"]["type"].take();
    records.iter().map(kind).map(|kind| kind.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_kind_of_event_comes_back() {
    let records = every_kind();
    assert_eq!(kinds(&records), KINDS.map(str::to_owned).into());
    let home = home();
    let path = home.write(&records);
    assert_eq!(read_all(&path).unwrap(), records);
    assert_eq!(read_run(&path).unwrap(), RunRecord::of(records));
    let found = verify(&path).unwrap();
    assert!(found.finished);
    assert_eq!((found.records, found.torn_bytes), (15, 0));
}

#[test]
fn the_first_format_stays_readable() {
    assert_eq!(read_all(FIXTURE).unwrap(), every_kind());
    let found = verify(FIXTURE).unwrap();
    assert!(found.finished);
    assert_eq!(
        found.chain_head.to_string(),
        "045abca6bca39eb5cc41d7d6e9baafc69599c27121ce822191ac59da5bff42cf"
    );
}

#[test]
fn each_position_leads_to_the_next_record() {
    let records = every_kind();
    let home = home();
    let path = home.write(&records);
    let starts = starts(&fs::read(&path).unwrap());
    for (start, expected) in starts.iter().zip(&records) {
        let position = Position(u64::try_from(*start).unwrap());
        let mut reader = JournalReader::open(&path, position).unwrap();
        assert_eq!(reader.next().unwrap().unwrap().record, *expected);
    }
    let end = Position(fs::metadata(&path).unwrap().len());
    assert_eq!(JournalReader::open(&path, end).unwrap().next().unwrap(), None);
    for wrong in [Position(1), Position(end.0 - 1), Position(end.0 + 1), Position(u64::MAX)] {
        let error = JournalReader::open(&path, wrong).err().unwrap();
        assert!(matches!(error, JournalError::NoLineThere { .. } | JournalError::Io { .. }));
    }
}

#[test]
fn only_the_owner_reads_and_nothing_is_written_over() {
    let home = home();
    let path = home.write(&warnings(1));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(home.folder.path()), 0o700);
    assert_eq!(mode(home.folder.path().parent().unwrap()), 0o700);
    let again = JournalWriter::create(&home.folder, session()).err().unwrap().to_string();
    assert!(again.contains(".journal: File exists"), "{again}");
    assert_eq!(read_all(&path).unwrap().len(), 1);
}

#[test]
fn a_gap_is_refused_and_the_right_number_still_taken() {
    let records = warnings(3);
    let home = home();
    let mut journal = JournalWriter::create(&home.folder, session()).unwrap();
    journal.append(&records[0]).unwrap();
    for wrong in [&records[2], &records[0]] {
        let error = journal.append(wrong).unwrap_err();
        let JournalError::Gap { expected, found, .. } = error else { panic!("{error}") };
        assert_eq!((expected, found), (2, wrong.seq));
    }
    journal.append(&records[1]).unwrap();
    let end = journal.sync().unwrap();
    assert_eq!(end.0, fs::metadata(journal.path()).unwrap().len());
    assert_eq!(read_all(journal.path()).unwrap(), records[..2]);
}

#[test]
fn every_torn_tail_is_cut_off() {
    let records = every_kind();
    let home = home();
    let whole = fs::read(home.write(&records)).unwrap();
    let last = starts(&whole)[records.len() - 1];
    for cut in last..whole.len() {
        let path = home.file(&whole[..cut]);
        assert_eq!(read_all(&path).unwrap(), records[..records.len() - 1], "cut at {cut}");
        let found = verify(&path).unwrap();
        assert_eq!(found.torn_bytes, u64::try_from(cut - last).unwrap());
        assert!(!found.finished);
    }
    let zeros = [&whole[..], &[0; 4096]].concat();
    assert_eq!(read_all(home.file(&zeros)).unwrap(), records);
    assert_eq!(read_all(home.file(b"")).unwrap(), []);
}

#[test]
fn every_changed_byte_is_found_where_it_is() {
    let records = warnings(4);
    let home = home();
    let whole = fs::read(home.write(&records)).unwrap();
    let starts = starts(&whole);
    for at in 0..whole.len() - 1 {
        // The last makes a line feed.
        for changed in [whole[at] ^ 1, whole[at] ^ 0x80, b'\n'] {
            if changed == whole[at] {
                continue;
            }
            let mut damaged = whole.clone();
            damaged[at] = changed;
            let line = starts.iter().rposition(|start| *start <= at).unwrap();
            let error = read_all(home.file(&damaged)).unwrap_err();
            let JournalError::Damaged { position, record, .. } = error else { panic!("{error}") };
            assert_eq!(position.0, u64::try_from(starts[line]).unwrap(), "byte {at}");
            assert_eq!(record, Some(records[line].seq));
        }
    }
}

#[test]
fn what_stands_before_a_damage_can_still_be_read() {
    let records = warnings(4);
    let home = home();
    let mut damaged = fs::read(home.write(&records)).unwrap();
    let third = starts(&damaged)[2];
    damaged[third + 110] ^= 1;
    let path = home.file(&damaged);
    let mut reader = JournalReader::open(&path, Position::START).unwrap();
    for expected in &records[..2] {
        assert_eq!(reader.next().unwrap().unwrap().record, *expected);
    }
    let shown = reader.next().unwrap_err().to_string();
    let place =
        format!("damaged at byte {third}, record 3: the record does not match its checksum");
    assert!(shown.contains(&place), "{shown}");
    assert_eq!(reader.next().unwrap_err().to_string(), shown, "the reader stays there");
}

#[test]
fn lines_moved_removed_or_repeated_break_the_chain() {
    let home = home();
    let whole = fs::read(home.write(&warnings(3))).unwrap();
    let starts = starts(&whole);
    let line = |number: usize| &whole[starts[number]..starts[number + 1]];
    for lines in [vec![0, 2], vec![1], vec![0, 0], vec![0, 2, 1]] {
        let bytes = lines.iter().map(|number| line(*number)).collect::<Vec<_>>().concat();
        let error = verify(home.file(&bytes)).unwrap_err();
        let JournalError::Damaged { damage: Damage::Chain, .. } = error else { panic!("{error}") };
    }
}

#[test]
fn a_newer_format_is_refused_wherever_reading_begins() {
    let mut first = every_kind().remove(0);
    let RunEvent::SessionStarted(start) = &mut first.event else { panic!("{first:?}") };
    start.format = EVENT_FORMAT + 1;
    let home = home();
    let path = home.write(&[first, warnings(2).remove(1)]);
    let second = starts(&fs::read(&path).unwrap())[1];
    for position in [Position::START, Position(u64::try_from(second).unwrap())] {
        let error = JournalReader::open(&path, position).and_then(|mut reader| reader.next());
        let JournalError::NewerFormat { found, .. } = error.unwrap_err() else { panic!() };
        assert_eq!(found, EVENT_FORMAT + 1);
    }
}

#[test]
fn runs_are_listed_newest_first_and_found_by_a_prefix() {
    let home = home();
    assert_eq!(home.folder.list().unwrap(), []);
    let ids = ["0199c0de-0000-7000-8000-000000000001", "0199c0df-0000-7000-8000-000000000001"];
    let ids = ids.map(|id| id.parse::<SessionId>().unwrap());
    for id in ids {
        JournalWriter::create(&home.folder, id).unwrap();
    }
    for other in ["notes.txt", "x.journal", "0199C0DE-0000-7000-8000-000000000009.journal"] {
        fs::write(home.folder.path().join(other), "").unwrap();
    }
    let listed: Vec<_> = home.folder.list().unwrap().iter().map(|file| file.session).collect();
    assert_eq!(listed, [ids[1], ids[0]]);
    for (prefix, found) in [("0199c0de", 0), ("0199C0DF-00", 1), ("0199c0df0000", 1)] {
        let file = home.folder.find(prefix).unwrap();
        assert_eq!((file.session, file.path), (ids[found], home.folder.path_of(ids[found])));
    }
    for (prefix, said) in [("0199", "2 runs in "), ("07", "no run in "), ("", "no run in ")] {
        let error = home.folder.find(prefix).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}
