//! Many benches record into one server at once: each instrument has one row, whoever meets it first.

use std::collections::BTreeSet;

use bench_model::{InstrumentIdentity, Record, RunEvent, SessionStatus, VerdictCounts};
use result_store::testing::TestDatabase;

use crate::journals::{
    Journals, ended, identified, meter, numbered, reading, session, start, started,
};
use crate::recorder::store;
use crate::sql::texts;

/// Benches that run at a time.
const BENCHES: u32 = 8;

fn run(number: u32, bench: &str, instruments: Vec<InstrumentIdentity>) -> Vec<Record> {
    let mut start = start(number);
    start.bench = bench.into();
    let identities = instruments.into_iter().map(identified);
    numbered([started(start)].into_iter().chain(identities).chain([
        RunEvent::Reading(Box::new(reading(number, 2, "1.0", "1.0"))),
        ended(SessionStatus::Completed, VerdictCounts::default()),
    ]))
}

/// The supply that all benches lend each other, and a meter of each bench's own that has no number.
fn instruments(bench: u32) -> Vec<InstrumentIdentity> {
    let mut lent = meter(Some("DM3LENT"));
    lent.instrument = "lent".into();
    let mut own = meter(Some("000"));
    own.address = format!("tcp://10.0.{bench}.21:5025");
    // Half of them meet them the other way round.
    if bench.is_multiple_of(2) { vec![lent, own] } else { vec![own, lent] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn benches_that_race_make_each_instrument_once() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let mut recorders = Vec::new();
    for bench in 1..=BENCHES {
        let journal = journals
            .write(session(bench), &run(bench, &format!("bench {bench}"), instruments(bench)));
        let mut store = store(&database).await;
        recorders.push(tokio::spawn(async move { store.catch_up_by(&journal, 2).await }));
    }
    for recorder in recorders {
        assert_eq!(recorder.await.unwrap().unwrap().rejected, 0);
    }
    let names = texts(&database, "SELECT device_name FROM infrastructure.devices").await.concat();
    let names: BTreeSet<String> = names.into_iter().collect();
    let own = (1..=BENCHES).map(|bench| format!("Rigol Technologies DM3068, dmm of bench {bench}"));
    let mut expected: BTreeSet<String> = own.collect();
    expected.insert("Rigol Technologies DM3068 DM3LENT".into());
    assert_eq!(names, expected);
    let keys =
        "SELECT count(*)::text, count(DISTINCT device_id)::text FROM scpi_run.equipment_keys";
    let count = (BENCHES + 1).to_string();
    assert_eq!(texts(&database, keys).await, [[count.clone(), count]]);
}

/// A name that is taken, by an instrument of another bench of the same name or by hand, gets a number.
#[tokio::test]
async fn names_that_are_taken_get_a_number() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    for number in 1..=3 {
        let mut meter = meter(None);
        meter.address = format!("tcp://10.0.0.{number}:5025");
        let journal = journals.write(session(number), &run(number, "bench", vec![meter]));
        store(&database).await.catch_up(&journal).await.unwrap();
    }
    let names = "SELECT device_name FROM infrastructure.devices ORDER BY 1";
    let name = "Rigol Technologies DM3068, dmm of bench";
    let expected = [name.to_owned(), format!("{name} #2"), format!("{name} #3")];
    assert_eq!(texts(&database, names).await.concat(), expected);
}

/// Two at one time say the same number: from then on each is known by its place.
#[tokio::test]
async fn a_number_that_two_share_tells_none_from_the_other() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let one = |part: &str, host: u32| {
        let mut meter = meter(Some("12345678"));
        (meter.instrument, meter.address) = (part.into(), format!("tcp://10.0.0.{host}:5025"));
        meter
    };
    for (number, first, other) in [(1, one("a", 1), one("b", 2)), (2, one("b", 2), one("a", 1))] {
        let journal = journals.write(session(number), &run(number, "bench", vec![first, other]));
        store(&database).await.catch_up(&journal).await.unwrap();
    }
    let rows =
        "SELECT scpi_address, equipment.metadata ->> 'instrument' FROM scpi.equipment ORDER BY 1";
    let expected = [["tcp://10.0.0.1:5025", "a"], ["tcp://10.0.0.2:5025", "b"]];
    assert_eq!(texts(&database, rows).await, expected);
}
