//! One event that cannot be stored does not hold up the others; and input that is bad, and stored all the same.

use std::path::Path;

use bench_model::{Record, RunEvent, Timestamp};
use result_store::testing::TestDatabase;
use sha2::{Digest, Sha256};

use crate::journals::{Journals, judged, numbered, read, reading, result, session, start, started};
use crate::recorder::store;
use crate::sql::{connect, texts};

/// A session with so many readings, after a first that other rules than ours refuse here and there.
fn many(readings: u32) -> Vec<Record> {
    let first = [started(start(1))];
    let readings = (0..readings).map(|number| {
        let value = if number % 700 == 300 { "13.0" } else { "5.0" };
        read(reading(1, number, value, value))
    });
    let last = [judged(result(1, 9999, bench_model::Verdict::Pass))];
    numbered(first.into_iter().chain(readings).chain(last))
}

#[tokio::test]
async fn what_the_server_refuses_is_put_aside_and_the_rest_goes_on() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &many(2000));
    let rule = "ALTER TABLE scpi.measurements ADD CONSTRAINT superstition CHECK (value <> 13)";
    connect(&database, "postgres").await.batch_execute(rule).await.unwrap();
    let mut store = store(&database).await;
    let done = store.catch_up(&journal).await.unwrap();
    assert_eq!((done.events, done.readings, done.results, done.rejected), (2002, 1997, 1, 3));
    let count = "SELECT count(*)::text, count(DISTINCT metadata ->> 'reading_id')::text FROM scpi.measurements";
    assert_eq!(texts(&database, count).await, [["1997", "1997"]]);

    let rejected = store.rejected().await.unwrap();
    let mut numbers: Vec<u64> = rejected.iter().map(|one| one.seq).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [302, 1002, 1702]);
    let first = &rejected[0];
    assert_eq!((first.session, first.event.as_str()), (session(1), "reading"));
    assert!(first.reason.contains("superstition"), "{}", first.reason);

    assert_eq!(store.catch_up(&journal).await.unwrap().rejected, 0, "once");
    let compared = store.compare(&journal).await.unwrap().unwrap();
    assert!(compared.is_equal(), "{:?}", compared.differences);
    assert_eq!(compared.rejected, 3);
}

#[tokio::test]
async fn bad_input_is_stored() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let mut begin = start(1);
    begin.plan.name = "it's \"quoted\" \\ and\0 so on '); DROP TABLE".into();
    begin.plan.text = "x".repeat(10 << 20);
    begin.operator = Some("o\0".repeat(1000));
    // As many as a decimal takes; an answer with more is none.
    let digits = format!("{}.{}", "9".repeat(500), "3".repeat(500));
    let mut long = reading(1, 1, &"9".repeat(10_000), &digits);
    long.role = "r".repeat(10 << 20);
    long.range = Some("ü".repeat(10_000));
    long.function = "\0".into();
    let mut text = reading(1, 2, "answer\0\x01\\", "NaN");
    text.raw = "\0".repeat(1 << 20);
    let times = ["-009998-01-02T00:00:00Z", "1999-12-31T23:59:59Z", "9999-12-30T00:00:00Z"];
    let timed = (3..).zip(times).map(|(number, time)| {
        let mut odd = reading(1, number, "1", "1");
        odd.taken_at = time.parse::<Timestamp>().unwrap();
        read(odd)
    });
    let events: Vec<RunEvent> =
        [started(begin), read(long), read(text)].into_iter().chain(timed).collect();
    let journal = journals.write(session(1), &numbered(events));
    let mut store = store(&database).await;
    let done = store.catch_up(&journal).await.unwrap();
    assert_eq!((done.readings, done.rejected), (5, 0), "{:?}", store.rejected().await.unwrap());
    let stored = "SELECT value::text FROM scpi.measurements WHERE metadata ->> 'sample' = '1'";
    assert_eq!(texts(&database, stored).await, [[digits]]);
    let compared = store.compare(&journal).await.unwrap().unwrap();
    assert!(compared.is_equal(), "{:?}", compared.differences);
}

/// CRC-32 (ISO-HDLC), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Appends a record as some other version would write it: with its checksum, and its place in the hash chain.
fn append(journal: &Path, json: &str) {
    let text = std::fs::read_to_string(journal).unwrap();
    let before = text.lines().last().unwrap().split('"').nth(7).unwrap();
    let bytes = |at| u8::from_str_radix(&before[at..at + 2], 16).unwrap();
    let before: Vec<u8> = (0..64).step_by(2).map(bytes).collect();
    let chain = Sha256::new().chain_update(before).chain_update(json).finalize();
    let chain: String = chain.iter().map(|byte| format!("{byte:02x}")).collect();
    let crc = crc32(json.as_bytes());
    let line = format!("{{\"crc\":\"{crc:08x}\",\"chain\":\"{chain}\",\"record\":{json}}}\n");
    std::fs::write(journal, text + &line).unwrap();
}

/// An event that only another version knows is kept aside with its reason; what stands behind it is stored.
#[tokio::test]
async fn an_event_of_another_version_does_not_hold_up_the_rest() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let known = numbered([started(start(1)), read(reading(1, 1, "5.0", "5.0"))]);
    let journal = journals.write(session(1), &known);
    append(
        &journal,
        r#"{"seq":3,"at":"2025-10-09T08:53:20Z","event":{"type":"telepathy","strength":"9"}}"#,
    );
    append(
        &journal,
        r#"{"seq":4,"at":"2025-10-09T08:53:20Z","event":{"type":"reading","volts":5.0}}"#,
    );
    let later = Record { seq: 5, ..numbered([read(reading(1, 2, "6.0", "6.0"))]).remove(0) };
    append(&journal, &serde_json::to_string(&later).unwrap());

    let mut store = store(&database).await;
    let done = store.catch_up(&journal).await.unwrap();
    assert_eq!((done.events, done.readings, done.rejected), (5, 2, 2));
    let mut rejected = store.rejected().await.unwrap();
    rejected.sort_by_key(|one| one.seq);
    let told: Vec<_> = rejected.iter().map(|one| (one.seq, one.event.as_str())).collect();
    assert_eq!(told, [(3, "telepathy"), (4, "reading")]);
    for (one, words) in rejected.iter().zip(["telepathy", "missing field"]) {
        assert!(one.reason.contains(words), "{}", one.reason);
        assert!(one.reason.contains("is no record"), "{}", one.reason);
    }
    assert!(store.catch_up(&journal).await.unwrap().already_there);
    // One whose checksum is wrong is damage, and stops.
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(
        &journal,
        text.clone() + &text.lines().last().unwrap().replace("6.0", "7.0") + "\n",
    )
    .unwrap();
    let error = store.catch_up(&journal).await.unwrap_err().to_string();
    assert!(error.contains("checksum"), "{error}");
}
