//! What is in a database, asked past the store.

use std::collections::BTreeMap;

use postgres_types::ToSql;
use result_store::testing::TestDatabase;
use tokio_postgres::{Client, NoTls, Row};

/// A connection of its own.
pub(crate) async fn connect(database: &TestDatabase, role: &str) -> Client {
    let url = database.url(role);
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The superuser's answer.
pub(crate) async fn rows(
    database: &TestDatabase,
    query: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Vec<Row> {
    connect(database, "postgres").await.query(query, parameters).await.unwrap()
}

/// Rows of texts, as the server writes them; `-` for NULL.
pub(crate) async fn texts(database: &TestDatabase, query: &str) -> Vec<Vec<String>> {
    let cell = |row: &Row, column: usize| {
        row.get::<_, Option<String>>(column).unwrap_or_else(|| "-".to_owned())
    };
    let rows = rows(database, query, &[]).await;
    rows.iter().map(|row| (0..row.len()).map(|column| cell(row, column)).collect()).collect()
}

/// Everything that a recorder writes, without what the server numbers and dates by itself.
pub(crate) async fn everything(database: &TestDatabase) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for (what, query) in [
        ("sessions", "SELECT to_jsonb(s)::text FROM testing.test_sessions s ORDER BY session_id"),
        ("results", "SELECT (to_jsonb(r))::text FROM testing.test_results r ORDER BY result_id"),
        (
            "measurements",
            "SELECT (to_jsonb(m) - 'measurement_id')::text FROM scpi.measurements m
             ORDER BY metadata ->> 'reading_id'",
        ),
        ("waveforms", "SELECT to_jsonb(w)::text FROM scpi_run.waveforms w ORDER BY id"),
        (
            "status",
            "SELECT (to_jsonb(l) - 'log_id')::text FROM scpi.equipment_status_log l ORDER BY log_id",
        ),
        (
            "equipment",
            "SELECT (to_jsonb(e) - '{created_at,updated_at}'::text[])::text FROM scpi.equipment e ORDER BY scpi_address",
        ),
        (
            "devices",
            "SELECT (to_jsonb(d) - '{created_at,updated_at}'::text[])::text FROM infrastructure.devices d ORDER BY device_name",
        ),
        (
            "ledger",
            "SELECT (to_jsonb(p) - 'updated_at')::text FROM scpi_run.journal_position p ORDER BY session_id",
        ),
        ("events", "SELECT description FROM audit.system_events ORDER BY event_id"),
    ] {
        let rows = texts(database, query).await;
        let ids = device_ids(database).await;
        let named = rows.into_iter().flatten().map(|row| with_names(row, &ids));
        all.insert(what, named.collect());
    }
    all
}

/// A device's id is the server's: its name stands for it.
async fn device_ids(database: &TestDatabase) -> Vec<(String, String)> {
    let query = "SELECT device_id::text, device_name FROM infrastructure.devices";
    let rows = rows(database, query, &[]).await;
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn with_names(mut row: String, ids: &[(String, String)]) -> String {
    for (id, name) in ids {
        row = row.replace(id, name);
    }
    row
}
