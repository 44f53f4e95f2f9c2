//! One event that cannot be stored does not hold up the others; and input that is bad, and stored all the same.

use bench_model::{Record, RunEvent, Timestamp};
use result_store::testing::TestDatabase;

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
