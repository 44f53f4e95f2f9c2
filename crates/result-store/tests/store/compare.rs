//! A journal held against its rows: what somebody changed by hand is named.

use result_store::testing::TestDatabase;
use result_store::{Comparison, Difference};

use crate::journals::{Journals, every_kind, session};
use crate::recorder::store;
use crate::sql::connect;

/// The journal of every kind of event, recorded; then a change, and what is found.
async fn after(change: &str) -> Comparison {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    let mut store = store(&database).await;
    assert_eq!(store.compare(&journal).await.unwrap(), None, "nothing was sent");
    store.catch_up(&journal).await.unwrap();
    connect(&database, "postgres").await.batch_execute(change).await.unwrap();
    store.compare(&journal).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_was_recorded_is_equal() {
    let found = after("").await;
    assert!(found.is_equal(), "{:?}", found.differences);
    assert_eq!((found.events, found.readings, found.results, found.waveforms), (20, 3, 3, 1));
}

#[tokio::test]
async fn what_was_changed_is_named() {
    for (change, said) in [
        (
            "UPDATE scpi.measurements SET value = 1.00000001 WHERE value = 1",
            "value is 1.00000001 in the database, and 1.00000000 by the journal",
        ),
        ("UPDATE scpi.measurements SET value = 1.0 WHERE value = 1", "value is 1.0 in the database"),
        ("UPDATE scpi.measurements SET unit = 'mV'", "unit is mV in the database, and V by"),
        ("UPDATE scpi.measurements SET metadata = metadata || '{\"raw\": \"5\"}'", "metadata is "),
        ("DELETE FROM scpi.measurements WHERE value = 1", "is not in the database"),
        ("UPDATE scpi.measurements SET metadata = NULL", "cannot be read"),
        (
            "INSERT INTO scpi.measurements (\"timestamp\", test_session_id, measurement_type, value, unit, metadata)
             SELECT \"timestamp\", test_session_id, measurement_type, value, unit, metadata FROM scpi.measurements",
            "more than once",
        ),
        (
            "INSERT INTO scpi.measurements (\"timestamp\", test_session_id, measurement_type, channel, value, unit, metadata)
             SELECT \"timestamp\", test_session_id, measurement_type, 1, value, unit, '{}' FROM scpi.measurements",
            "a reading without an id of this session, and the journal has none",
        ),
        (
            "UPDATE testing.test_results SET status = 'PASS'",
            "status is PASS in the database, and SKIP by the journal",
        ),
        ("UPDATE testing.test_sessions SET failed_tests = 1, passed_tests = 0", "failed_tests is 1 in the database, and 0"),
        ("UPDATE scpi_run.waveform_codes SET codes = 'x', sha256 = sha256('x')", "codes (SHA-256) is"),
        ("UPDATE scpi_run.journal_position SET chain = sha256('x')", "the journal was changed"),
        ("UPDATE scpi_run.journal_position SET seq = 21", "the journal was cut"),
    ] {
        let found = after(change).await;
        let told: Vec<String> = found.differences.iter().map(Difference::to_string).collect();
        assert!(told.iter().any(|line| line.contains(said)), "{change}: {told:#?}");
    }
}
