//! Past runs, from their rows.

use bench_model::{RunEvent, RunRecord, SessionStatus, StepResult, Verdict, VerdictCounts};
use result_store::testing::TestDatabase;
use result_store::{Cause, HistoryFilter, HistoryOutcome, SchemaState};

use crate::journals::{self, Journals, every_kind, session, start};
use crate::recorder::store;
use crate::sql::rows;

#[tokio::test]
async fn a_run_is_what_its_journal_tells() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    let mut store = store(&database).await;
    store.catch_up(&journal).await.unwrap();

    let mut told = RunRecord::of(every_kind(1));
    // What was not judged has its readings, and no row.
    told.results.retain(|result| result.verdict != Verdict::Recorded);
    let id = session(1).to_string();
    assert_eq!(store.run(&id).await.unwrap(), Some(told.clone()));
    assert_eq!(store.run(&id[..14]).await.unwrap(), Some(told));
    assert_eq!(store.run("ffff").await.unwrap(), None);
}

#[tokio::test]
async fn a_verdict_can_be_judged_again_from_its_row() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let on_the_bound = |verdict| {
        let mut result = journals::result(1, 1, verdict);
        result.actual = Some(bench_model::Measured::number(
            "+5.05000000E+00".parse().unwrap(),
            bench_model::Unit::volt(),
        ));
        result
    };
    let counts = VerdictCounts { pass: 1, ..VerdictCounts::default() };
    let events = [
        journals::started(start(1)),
        journals::judged(on_the_bound(Verdict::Pass)),
        journals::ended(SessionStatus::Completed, counts),
    ];
    let journal = journals.write(session(1), &journals::numbered(events));
    store(&database).await.catch_up(&journal).await.unwrap();
    let rows = rows(&database, "SELECT metadata, status FROM testing.test_results", &[]).await;
    let stored: StepResult = serde_json::from_value(rows[0].get(0)).unwrap();
    let judged = stored.limit.unwrap().judge(&stored.actual.unwrap());
    assert_eq!(judged.verdict().word(), rows[0].get::<_, String>(1));
}

#[tokio::test]
async fn the_history_is_filtered_and_the_newest_first() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let mut store = store(&database).await;
    for number in 1..=3 {
        let mut start = start(number);
        start.simulated = number == 3;
        start.plan.name = format!("plan {}", number % 2);
        let mut records = journals::numbered([journals::started(start)]);
        records[0].at = journals::at(i64::from(number) * 1000);
        let journal = journals.write(session(number), &records);
        store.catch_up(&journal).await.unwrap();
    }
    let plan = |name: &str| HistoryFilter { plan: Some(name.into()), ..HistoryFilter::default() };
    let dut = HistoryFilter { dut: Some("CHG05-2".into()), ..HistoryFilter::default() };
    let real = HistoryFilter { simulated: Some(false), ..HistoryFilter::default() };
    let whole = HistoryFilter { partial: Some(false), ..HistoryFilter::default() };
    let outcome = |outcome| HistoryFilter { outcome: Some(outcome), ..HistoryFilter::default() };
    let since = HistoryFilter { since: Some(journals::at(2000)), ..HistoryFilter::default() };
    let until = HistoryFilter { until: Some(journals::at(2000)), ..HistoryFilter::default() };
    for (limit, filter, expected) in [
        (10, HistoryFilter::default(), vec![3, 2, 1]),
        (2, HistoryFilter::default(), vec![3, 2]),
        (10, plan("plan 1"), vec![3, 1]),
        (10, plan("plan"), vec![]),
        (10, dut, vec![2]),
        (10, real, vec![2, 1]),
        (10, whole, vec![3, 2, 1]),
        (10, outcome(HistoryOutcome::Unfinished), vec![3, 2, 1]),
        (10, outcome(HistoryOutcome::Aborted), vec![]),
        (10, outcome(HistoryOutcome::Verdict(Verdict::Pass)), vec![]),
        (10, since, vec![3, 2]),
        (10, until, vec![1]),
    ] {
        let found = store.history(limit, &filter).await.unwrap();
        // What the database finds is what the filter says of records from journals.
        assert!(found.iter().all(|run| filter.wants(run)), "{filter:?}");
        let found: Vec<_> = found.into_iter().map(|run| run.start.unwrap().session).collect();
        let expected: Vec<_> = expected.into_iter().map(session).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn an_id_that_is_not_enough_is_said_to_be_so() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let mut store = store(&database).await;
    for number in [1, 2] {
        let journal = journals.write(session(number), &every_kind(number));
        store.catch_up(&journal).await.unwrap();
    }
    let error = store.run("0199").await.unwrap_err();
    assert!(matches!(error.cause(), Cause::SeveralRuns { .. }), "{error}");
    let error = store.run("rail").await.unwrap_err();
    assert!(matches!(error.cause(), Cause::NoId(_)), "{error}");
}

#[tokio::test]
async fn the_status_counts() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let mut store = store(&database).await;
    let one = journals.write(session(1), &every_kind(1));
    let two = journals.write(session(2), &every_kind(2)[..8]);
    store.catch_up(&one).await.unwrap();
    store.catch_up(&two).await.unwrap();
    let status = store.status().await.unwrap();
    assert!(matches!(status.schema, SchemaState::Current { .. }), "{status:?}");
    assert_eq!((status.sessions, status.running, status.results), (2, 1, 3));
    assert_eq!((status.measurements, status.waveforms, status.equipment), (5, 1, 2));
    assert_eq!((status.role.as_str(), status.database.as_str()), ("homelab_app", database.name()));
    assert!(status.to_string().contains("\nmeasurements 5, waveforms 1\n"), "{status}");
}

#[tokio::test]
async fn a_step_is_found_in_each_session_that_has_it() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let mut store = store(&database).await;
    for number in 1..=2 {
        let journal = journals.write(session(number), &every_kind(number));
        store.catch_up(&journal).await.unwrap();
    }
    let told = RunRecord::of(every_kind(2));
    let path = told.results.iter().find(|result| result.verdict != Verdict::Recorded);
    let path = path.unwrap().place.path.clone();
    let filter = HistoryFilter::default();
    let runs = store.history_of_step(&path, 10, &filter).await.unwrap();
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|run| !run.results.is_empty()), "{path}");
    assert!(runs.iter().flat_map(|run| &run.results).all(|result| result.place.path == path));
    let none = store.history_of_step("no/such/step", 10, &filter).await.unwrap();
    assert!(none.iter().all(|run| run.results.is_empty()));
}

/// What a report shows of a session is the same from its rows as from its journal, but for what the rows have not.
#[tokio::test]
async fn events_come_back_from_rows() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    let mut store = store(&database).await;
    store.catch_up(&journal).await.unwrap();
    let id = session(1).to_string();
    let records = store.records(&id).await.unwrap().unwrap();
    assert!((1..).zip(&records).all(|(seq, record)| record.seq == seq));
    let mut rebuilt = RunRecord::of(records.clone());
    let told = store.run(&id).await.unwrap().unwrap();
    let own = rebuilt.warnings.pop().unwrap();
    assert!(own.contains("made from the database"), "{own}");
    rebuilt.counts = told.counts;
    assert_eq!(rebuilt, told);
    let is_a_value = |record: &&bench_model::Record| {
        matches!(record.event, RunEvent::Reading(_) | RunEvent::Waveform(_))
    };
    let values = |records: &[bench_model::Record]| -> Vec<RunEvent> {
        records.iter().filter(is_a_value).map(|record| record.event.clone()).collect()
    };
    let (found, wanted) = (values(&records), values(&every_kind(1)));
    assert_eq!(found.len(), wanted.len());
    let json = |event: &RunEvent| serde_json::to_string(event).unwrap();
    for event in &wanted {
        let found: Vec<_> = found.iter().map(json).collect();
        assert!(found.contains(&json(event)), "{}\n{found:#?}", json(event));
    }
    assert_eq!(store.records("ffff").await.unwrap(), None);
}
