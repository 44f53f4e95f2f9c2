//! The old SQLite database comes over: `fixtures/legacy/old.sql`.

use std::path::PathBuf;

use result_store::testing::TestDatabase;
use result_store::{LegacyImport, LegacyPart, LegacyWindow, Store};
use tempfile::TempDir;

use crate::sql::{connect, texts};

const OLD: &str = include_str!("../../../../fixtures/legacy/old.sql");

struct Lab {
    database: TestDatabase,
    store: Store,
    folder: TempDir,
}

impl Lab {
    async fn new() -> Self {
        let database = TestDatabase::new().unwrap();
        let store = Store::connect(&database.config("homelab_app").unwrap()).await.unwrap();
        Self { database, store, folder: TempDir::new().unwrap() }
    }

    fn old(&self, name: &str, script: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        rusqlite::Connection::open(&file).unwrap().execute_batch(script).unwrap();
        file
    }

    async fn import(&mut self, file: &std::path::Path, window: LegacyWindow) -> LegacyImport {
        self.store.import_legacy(file, &window).await.unwrap()
    }

    async fn rows(&self, query: &str) -> Vec<Vec<String>> {
        texts(&self.database, query).await
    }
}

/// Rows of the old table, new ones, matched ones, ones before the window, skipped ones.
fn counts(import: &LegacyImport) -> Vec<(&str, [u64; 5])> {
    let part = |part: &LegacyPart| [part.rows, part.made, part.matched, part.before, part.left_out];
    import.parts.iter().map(|one| (one.table.as_str(), part(one))).collect()
}

fn since(day: &str) -> LegacyWindow {
    LegacyWindow { since: Some(format!("{day}T00:00:00Z").parse().unwrap()), is_dry: false }
}

const IMPORTED: [(&str, [u64; 5]); 5] = [
    ("equipment", [7, 4, 0, 0, 3]),
    ("services", [5, 2, 0, 0, 3]),
    ("measurements", [10, 4, 0, 1, 5]),
    ("network_health", [3, 2, 0, 0, 1]),
    ("events", [3, 1, 0, 1, 1]),
];

#[tokio::test]
async fn devices_services_and_history_come_over_once() {
    let mut lab = Lab::new().await;
    let file = lab.old("old.sqlite", OLD);
    let dry = LegacyWindow { is_dry: true, ..since("2025-01-01") };
    let tried = lab.import(&file, dry).await;
    assert_eq!(counts(&tried), IMPORTED);
    let all = "SELECT count(*)::text FROM infrastructure.devices";
    assert_eq!(lab.rows(all).await, [["0"]]);
    let months = "SELECT count(*)::text FROM pg_class WHERE relname = 'measurements_2026_01'";
    assert_eq!(lab.rows(months).await, [["0"]]);

    let done = lab.import(&file, since("2025-01-01")).await;
    assert_eq!(counts(&done), counts(&tried));
    assert_eq!(done.unknown, [("wiki".to_owned(), 2)]);
    // A second time nothing is new.
    let again = lab.import(&file, since("2025-01-01")).await;
    assert!(again.parts.iter().all(|part| part.made == 0 && part.matched == 0), "{again:?}");
    assert_eq!(again.parts.iter().map(LegacyPart::known).collect::<Vec<_>>(), [4, 2, 4, 2, 1]);
    // A wider window brings the rest.
    let wider = lab.import(&file, LegacyWindow::default()).await;
    assert_eq!(wider.parts.iter().map(|part| part.made).collect::<Vec<_>>(), [0, 0, 1, 0, 1]);
    assert_eq!(result_store::verify(&lab.database.config("postgres").unwrap()).await.unwrap(), []);
}

#[tokio::test]
async fn every_value_is_where_it_belongs() {
    let mut lab = Lab::new().await;
    let file = lab.old("old.sqlite", OLD);
    lab.import(&file, since("2025-01-01")).await;
    let devices = "SELECT device_name, device_type, coalesce(category, '-'), coalesce(host(primary_ip), '-'), metadata::text
        FROM infrastructure.devices ORDER BY (metadata ->> 'legacy_id')::int";
    assert_eq!(
        lab.rows(devices).await,
        [
            [
                "meter 1",
                "physical",
                "multimeter",
                "192.0.2.11",
                r#"{"legacy": {"shelf": 3}, "firmware": "2.1", "legacy_id": "1"}"#
            ],
            ["host 1", "physical", "-", "192.0.2.20", r#"{"legacy_id": "2"}"#],
            [
                "vm 1",
                "vm",
                "-",
                "192.0.2.21",
                r#"{"legacy_id": "3", "legacy_metadata": "no JSON"}"#
            ],
            [
                "O'Neil \"Ω\" 測定",
                "network",
                "-",
                "-",
                r#"{"legacy_id": "7", "legacy_metadata": [1, 2]}"#
            ],
        ]
    );
    let services = "SELECT service_name, device_name, port::text FROM infrastructure.services
        JOIN infrastructure.devices USING (device_id) ORDER BY 1";
    assert_eq!(
        lab.rows(services).await,
        [["dashboard", "host 1", "3000"], ["ollama", "vm 1", "11434"]]
    );
    let readings = "SELECT to_char(\"timestamp\" AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS.US'), value::text, coalesce(channel::text, '-'), unit,
        tableoid::regclass::text FROM scpi.measurements ORDER BY (metadata ->> 'legacy_id')::int";
    assert_eq!(
        lab.rows(readings).await,
        [
            ["01-05 12:00:00.000000", "5.00100", "1", "V", "scpi.measurements_2026_01"],
            ["01-05 12:00:00.500000", "5.0125", "1", "V", "scpi.measurements_2026_01"],
            ["01-05 12:00:00.000000", "1", "2", "A", "scpi.measurements_2026_01"],
            ["01-05 12:00:00.250000", "0.1", "-", "A", "scpi.measurements_2026_01"],
        ]
    );
}

#[tokio::test]
async fn what_is_skipped_says_why() {
    let mut lab = Lab::new().await;
    let file = lab.old("old.sqlite", OLD);
    let done = lab.import(&file, since("2025-01-01")).await;
    let told: Vec<_> = done.parts.iter().flat_map(|part| &part.skipped).collect();
    for (id, words) in [
        ("4", "192.0.2.999"),
        ("5", "(device_name)=(host 1) already exists"),
        ("6", "it has no name"),
        ("3", "its equipment 4 was not imported"),
        ("4", "port_exists"),
        ("5", "its equipment 99 was not imported"),
        ("6", "'yesterday' is no time"),
        ("7", "value 'overload' is no number"),
        ("8", "its equipment 2 has no scpi_address"),
        ("9", "it has no value"),
        ("10", "it has no unit"),
        ("12", "subsystem_word"),
        ("2", "event_type_word"),
    ] {
        let is_it = |one: &&&result_store::Skipped| {
            one.id.as_deref() == Some(id) && one.why.contains(words)
        };
        assert!(told.iter().any(|one| is_it(&one)), "{id}: {words}: {told:#?}");
    }
    assert_eq!(told.len(), 13);
}

#[tokio::test]
async fn what_the_inventory_has_is_matched_by_name() {
    let mut lab = Lab::new().await;
    let known = "INSERT INTO infrastructure.devices (device_name, device_type, primary_ip, notes)
        VALUES ('host 1', 'physical', '198.51.100.1', 'mine')";
    connect(&lab.database, "postgres").await.batch_execute(known).await.unwrap();
    let file = lab.old("old.sqlite", OLD);
    let done = lab.import(&file, since("2025-01-01")).await;
    assert_eq!(counts(&done)[0], ("equipment", [7, 3, 1, 0, 3]));
    let found =
        "SELECT host(primary_ip), notes, metadata ->> 'legacy_id' FROM infrastructure.devices
        WHERE device_name = 'host 1'";
    assert_eq!(lab.rows(found).await, [["198.51.100.1", "mine", "2"]]);
}

#[tokio::test]
async fn a_file_that_is_none_changes_nothing() {
    let mut lab = Lab::new().await;
    let text = lab.folder.path().join("text.sqlite");
    std::fs::write(
        &text,
        "this is no database of any kind, and a little longer than a header of one",
    )
    .unwrap();
    let other = lab.old(
        "other.sqlite",
        "CREATE TABLE services (label TEXT); INSERT INTO services VALUES ('a')",
    );
    let refused = lab.store.import_legacy(&text, &LegacyWindow::default()).await.unwrap_err();
    assert!(refused.to_string().contains("not a database"), "{refused}");
    let missing = lab.store.import_legacy("/nowhere/x".as_ref(), &LegacyWindow::default()).await;
    assert!(missing.unwrap_err().to_string().contains("/nowhere/x"));
    let odd = lab.import(&other, LegacyWindow::default()).await;
    assert_eq!(counts(&odd), [("services", [1, 0, 0, 0, 1])]);
    assert!(odd.parts[0].skipped[0].why.contains("no column 'name'"), "{odd:?}");
    let config = lab.database.config("homelab_readonly").unwrap();
    let file = lab.old("old.sqlite", OLD);
    let mut reader = Store::connect(&config).await.unwrap();
    let denied = reader.import_legacy(&file, &LegacyWindow::default()).await.unwrap_err();
    assert!(denied.to_string().contains("permission denied"), "{denied}");
    assert_eq!(lab.rows("SELECT count(*)::text FROM infrastructure.devices").await, [["0"]]);
}
