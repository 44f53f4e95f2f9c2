//! A journal written to the database while it grows.

use std::time::Duration;

use result_store::testing::TestDatabase;
use result_store::{Store, StoreConfig};
use run_journal::Position;
use tokio::sync::watch;

use crate::journals::{self, Journals, every_kind, session, start};
use crate::proxy::{Network, Proxy};
use crate::recorder::store;
use crate::sql::{connect, everything, texts};

#[tokio::test]
async fn a_growing_journal_is_followed_to_its_end() {
    let records = every_kind(1);
    let whole = {
        let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
        let journal = journals.write(session(1), &records);
        store(&database).await.catch_up(&journal).await.unwrap();
        everything(&database).await
    };
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let mut writer = journals.writer(session(1));
    let path = writer.path().to_owned();
    let (tell, synced) = watch::channel(Position::START);
    let mut store = store(&database).await;
    let writing = async {
        for record in &records {
            writer.append(record).unwrap();
            tell.send(writer.sync().unwrap()).unwrap();
            tokio::task::yield_now().await;
        }
        drop(tell);
    };
    let (done, ()) = tokio::join!(store.follow(&path, synced), writing);
    assert_eq!(done.unwrap().events, 20);
    assert_eq!(everything(&database).await, whole);
}

/// What lies behind the last sync is in no database.
#[tokio::test]
async fn only_what_is_synced_is_written() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let records = every_kind(1);
    let mut writer = journals.writer(session(1));
    records.iter().take(8).for_each(|record| writer.append(record).unwrap());
    let (tell, synced) = watch::channel(writer.sync().unwrap());
    records.iter().skip(8).for_each(|record| writer.append(record).unwrap());
    writer.sync().unwrap();
    drop(tell);
    let done = store(&database).await.follow(writer.path(), synced).await.unwrap();
    assert_eq!((done.events, done.readings), (8, 2));
}

#[tokio::test]
async fn a_lost_connection_is_made_again() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let records = every_kind(1);
    let mut writer = journals.writer(session(1));
    let path = writer.path().to_owned();
    let (tell, synced) = watch::channel(Position::START);
    let mut store = store(&database).await;
    let cutting = async {
        let client = connect(&database, "postgres").await;
        for (number, record) in records.iter().enumerate() {
            writer.append(record).unwrap();
            tell.send(writer.sync().unwrap()).unwrap();
            if number % 7 == 3 {
                let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE application_name = 'scpi-run' AND datname = current_database()";
                client.execute(kill, &[]).await.unwrap();
            }
        }
        drop(tell);
    };
    let (done, ()) = tokio::join!(store.follow(&path, synced), cutting);
    assert_eq!(done.unwrap().events, 20);
    let counts = "SELECT (SELECT count(*) FROM scpi.measurements)::text,
        (SELECT count(*) FROM testing.test_results)::text, (SELECT status FROM testing.test_sessions)";
    assert_eq!(texts(&database, counts).await, [["3", "3", "completed"]]);
}

#[tokio::test]
async fn a_database_that_is_gone_is_an_error_that_says_so() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    let mut store = store(&database).await;
    let end = Position(std::fs::metadata(&journal).unwrap().len());
    let (tell, synced) = watch::channel(end);
    drop(tell);
    let place = store.place().to_owned();
    drop(database);
    let error = store.follow(&journal, synced).await.unwrap_err();
    assert!(error.to_string().starts_with(&place), "{error}");
    assert!(!error.is_schema(), "{error}");
}

/// Bytes go to nobody, and neither side is told: it is given up in time, and the next one goes on where the ledger says.
#[tokio::test]
async fn a_network_that_swallows_everything_is_given_up() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let events = [journals::started(start(1))]
        .into_iter()
        .chain((0..3000).map(|number| journals::read(journals::reading(1, number, "5.0", "5.0"))));
    let journal = journals.write(session(1), &journals::numbered(events));
    let server = database.server();
    let socket = server.socket_folder().join(format!(".s.PGSQL.{}", server.port()));
    for limit in [9_000, 40_000, 300_000, 1_000_000] {
        let proxy = Proxy::start(socket.clone(), Network::SilentAfter(limit));
        let url = format!("postgresql://homelab_app@127.0.0.1:{}/{}", proxy.port, database.name());
        let config = StoreConfig::from_url(&url).unwrap().answer_within(Duration::from_secs(2));
        let mut store = match Store::connect(&config).await {
            Ok(store) => store,
            Err(error) => {
                assert!(error.is_away(), "{error}");
                continue;
            }
        };
        let error = store.catch_up(&journal).await.unwrap_err();
        assert!(error.is_away() && error.to_string().contains("did not answer"), "{error}");
        assert!(proxy.has_cut());
    }
    store(&database).await.catch_up(&journal).await.unwrap();
    let count = "SELECT count(*)::text, count(DISTINCT metadata ->> 'reading_id')::text FROM scpi.measurements";
    assert_eq!(crate::sql::texts(&database, count).await, [["3000", "3000"]]);
}
