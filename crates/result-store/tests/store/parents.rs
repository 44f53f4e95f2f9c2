//! Parents locked once for a batch, or looked up for each row: the same rows, the same refusals, the same audit.

use bench_model::{Record, SessionId};
use proptest::prelude::*;
use result_store::testing::TestDatabase;
use result_store::{Store, let_lock_parents};

use crate::journals::{
    Journals, every_kind, identified, meter, numbered, read, reading, session, start, started,
};
use crate::sql::{connect, everything, texts};

/// Has the parameter on the tests' server; the role of a run has it not there.
const LOCKS: &str = "homelab_admin";
const LOOKS_UP: &str = "homelab_app";

const AUDIT: &str =
    "SELECT table_name, operation, count(*)::text, sum((new_values ->> 'rows')::bigint)::text
    FROM audit.change_log GROUP BY 1, 2 ORDER BY 1, 2";

/// A database as a role leaves it.
async fn recorded_by(role: &str, records: &[Record], session: SessionId) -> TestDatabase {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    // The parameter is the whole server's, which other tests use too.
    let turn = database.server().lock("parameter").unwrap();
    let_lock_parents(&database.config("postgres").unwrap(), LOCKS).await.unwrap();
    drop(turn);
    let journal = journals.write(session, records);
    let mut store = Store::connect(&database.config(role).unwrap()).await.unwrap();
    store.catch_up_by(&journal, 7).await.unwrap();
    database
}

/// Readings of an instrument that has said who it is, and of one that has not.
fn readings(known: &[bool]) -> Vec<Record> {
    let first = [started(start(1)), identified(meter(Some("DM3O1")))];
    let readings = (0..).zip(known).map(|(number, known)| {
        let mut reading = reading(1, number, "+1.00E+00", "1.00");
        if !known {
            reading.instrument = "nobody".into();
        }
        read(reading)
    });
    numbered(first.into_iter().chain(readings))
}

#[tokio::test]
async fn every_kind_of_event_gives_the_same_rows_and_the_same_audit() {
    let records = every_kind(1);
    let one = recorded_by(LOOKS_UP, &records, session(1)).await;
    let other = recorded_by(LOCKS, &records, session(1)).await;
    assert_eq!(everything(&one).await, everything(&other).await);
    let audit = texts(&one, AUDIT).await;
    assert!(
        audit.iter().any(|row| row[0] == "scpi.measurements" && row[1] == "INSERT"),
        "{audit:?}"
    );
    assert_eq!(audit, texts(&other, AUDIT).await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn any_readings_give_the_same_rows(known in proptest::collection::vec(any::<bool>(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let records = readings(&known);
            let one = recorded_by(LOOKS_UP, &records, session(1)).await;
            let other = recorded_by(LOCKS, &records, session(1)).await;
            assert_eq!(everything(&one).await, everything(&other).await);
        });
    }
}

/// An instrument's row that somebody deleted under the session.
#[tokio::test]
async fn an_unknown_parent_is_refused_in_the_same_words() {
    let mut refusals = Vec::new();
    for role in [LOOKS_UP, LOCKS] {
        let database = recorded_by(role, &readings(&[]), session(1)).await;
        let delete = "DELETE FROM scpi.equipment_status_log; DELETE FROM scpi.equipment;
            DELETE FROM infrastructure.devices";
        connect(&database, "postgres").await.batch_execute(delete).await.unwrap();
        let journals = Journals::new();
        let journal = journals.write(session(1), &readings(&[true, false, true]));
        let mut store = Store::connect(&database.config(role).unwrap()).await.unwrap();
        let done = store.catch_up(&journal).await.unwrap();
        assert_eq!((done.readings, done.rejected), (1, 2), "{role}");
        let reasons = store.rejected().await.unwrap().into_iter().map(|rejected| {
            // The id of the row is another one in each database.
            rejected.reason.split(" (SQLSTATE 23503)").next().unwrap().to_owned()
        });
        refusals.push(reasons.collect::<Vec<_>>());
    }
    assert!(refusals[0][0].contains("violates foreign key constraint"), "{refusals:?}");
    assert_eq!(refusals[0], refusals[1]);
}
