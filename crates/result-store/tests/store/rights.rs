//! What each role may do, and what not; and what the schema itself refuses.

use result_store::testing::TestDatabase;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::sql::connect;

/// Runs statements, each with what it must come to.
async fn try_all(client: &Client, role: &str, attempts: &[(&str, Option<SqlState>)]) {
    for (statement, refusal) in attempts {
        let done = client.batch_execute(statement).await;
        let code = done.as_ref().err().map(|error| error.code().cloned().unwrap());
        assert_eq!(code, *refusal, "{role}: {statement}: {done:?}");
    }
}

const DENIED: Option<SqlState> = Some(SqlState::INSUFFICIENT_PRIVILEGE);

#[tokio::test]
async fn no_role_may_more_than_it_must() {
    let database = TestDatabase::new().unwrap();
    let app = connect(&database, "homelab_app").await;
    let some_device = "INSERT INTO infrastructure.devices (device_name, device_type, status)
        VALUES ('box', 'physical', 'online')";
    try_all(
        &app,
        "app",
        &[
            (some_device, None),
            ("UPDATE infrastructure.devices SET status = 'offline'", None),
            ("UPDATE audit.system_events SET acknowledged = true", None),
            ("UPDATE audit.system_events SET title = 'nothing happened'", DENIED),
            ("INSERT INTO audit.change_log (table_name, operation) VALUES ('x', 'INSERT')", DENIED),
            ("UPDATE audit.change_log SET changed_by = 'nobody'", DENIED),
            ("DELETE FROM audit.change_log", DENIED),
            ("DELETE FROM testing.test_results", DENIED),
            ("DELETE FROM scpi.measurements", DENIED),
            ("TRUNCATE scpi.measurements", DENIED),
            ("DELETE FROM infrastructure.devices", None),
            ("SELECT * FROM credentials.system_credentials", DENIED),
            ("SELECT credentials.encrypt_password('x')", DENIED),
            ("CREATE TABLE scpi.mine (a int)", DENIED),
            ("CREATE TABLE public.mine (a int)", DENIED),
            ("CREATE TEMPORARY TABLE mine (a int)", DENIED),
            ("DROP TABLE scpi.measurements", DENIED),
            ("SET ROLE homelab_owner", DENIED),
            ("SELECT scpi_run.make_partition('scpi.measurements', '2024-01-01')", DENIED),
            ("SELECT scpi_run.ensure_partitions('2024-01-01', '2024-02-01')", None),
            ("SELECT public.create_next_month_partitions()", None),
            ("SELECT public.refresh_daily_summaries()", None),
            ("SELECT count(*) FROM public.view_device_summary, public.mv_daily_test_summary", None),
        ],
    )
    .await;
    let reader = connect(&database, "homelab_readonly").await;
    try_all(
        &reader,
        "readonly",
        &[
            ("SELECT count(*) FROM scpi.measurements_2024_01", None),
            ("SELECT count(*) FROM scpi_run.waveforms, audit.change_log", None),
            ("SELECT count(*) FROM public.view_test_history_summary", None),
            (some_device, DENIED),
            ("SELECT * FROM credentials.system_credentials", DENIED),
            ("SELECT scpi_run.ensure_partitions('2024-01-01', '2024-02-01')", DENIED),
        ],
    )
    .await;
    let admin = connect(&database, "homelab_admin").await;
    try_all(
        &admin,
        "admin",
        &[
            ("SELECT * FROM credentials.system_credentials", None),
            ("SELECT credentials.encrypt_password('x')", Some(SqlState::INVALID_PARAMETER_VALUE)),
            ("CREATE ROLE mine", DENIED),
            ("COPY scpi.measurements TO PROGRAM 'cat'", DENIED),
        ],
    )
    .await;
}

/// A role with a function of its own in front of everything does not get the key.
#[tokio::test]
async fn a_search_path_takes_no_key() {
    let database = TestDatabase::new().unwrap();
    let admin = connect(&database, "homelab_admin").await;
    admin
        .batch_execute(
            "CREATE SCHEMA trap;
             CREATE FUNCTION trap.pgp_sym_encrypt(text, text, text) RETURNS bytea LANGUAGE sql
             AS $$ SELECT convert_to('stolen: ' || $2, 'UTF8') $$;
             SET search_path = trap, pg_catalog, public; BEGIN; SET LOCAL app.encryption_key = 'k'",
        )
        .await
        .unwrap();
    let query = "SELECT credentials.decrypt_password(credentials.encrypt_password('pass'))";
    let row = admin.query_one(query, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "pass");
}

#[tokio::test]
async fn secrets_are_in_no_audit_row() {
    let database = TestDatabase::new().unwrap();
    let admin = connect(&database, "homelab_admin").await;
    let insert = "INSERT INTO credentials.system_credentials
        (system_name, system_type, username, password_encrypted, additional_config)
        VALUES ('nas', 'nas', 'ann', '\\x736563726574', '{\"token\": \"736563726574\"}')";
    admin.batch_execute(insert).await.unwrap();
    let update = "UPDATE credentials.system_credentials SET password_encrypted = '\\x736563726575'";
    admin.batch_execute(update).await.unwrap();
    let query =
        "SELECT operation, coalesce(old_values::text, '') || new_values::text FROM audit.change_log
        WHERE table_name = 'credentials.system_credentials' ORDER BY log_id";
    let rows = admin.query(query, &[]).await.unwrap();
    let lines: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for (operation, values) in lines {
        assert!(values.contains("[redacted]"), "{operation} {values}");
        assert!(!values.contains("73656372657"), "{operation} {values}");
    }
    let clear = "UPDATE credentials.system_credentials SET ssh_key = 'in clear'";
    let refused = admin.batch_execute(clear).await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::CHECK_VIOLATION));
}

#[tokio::test]
async fn words_and_numbers_that_cannot_be_are_refused() {
    let database = TestDatabase::new().unwrap();
    let app = connect(&database, "homelab_app").await;
    let check = Some(SqlState::CHECK_VIOLATION);
    try_all(
        &app,
        "app",
        &[
            ("INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'banana')", check.clone()),
            ("INSERT INTO testing.test_sessions (status) VALUES ('banana')", check.clone()),
            ("INSERT INTO testing.test_results (test_name, status) VALUES ('a', 'INCONCLUSIVE')", None),
            ("INSERT INTO testing.test_results (test_name, status) VALUES ('a', 'pass')", check.clone()),
            ("INSERT INTO testing.test_sessions (total_tests, passed_tests) VALUES (1, 2)", check.clone()),
            ("INSERT INTO network.networks (network_name, subnet, gateway) VALUES ('n', '10.0.1.0/24', '10.0.2.1')", check.clone()),
            ("INSERT INTO network.networks (network_name, subnet, gateway, vlan_id) VALUES ('n', '10.0.1.0/24', '10.0.1.1', 4095)", check.clone()),
            ("INSERT INTO infrastructure.services (service_name, port) VALUES ('s', 70000)", check),
            ("INSERT INTO infrastructure.services (service_name) VALUES ('s')", None),
            ("INSERT INTO infrastructure.services (service_name) VALUES ('s')", Some(SqlState::UNIQUE_VIOLATION)),
        ],
    )
    .await;
}

#[tokio::test]
async fn history_outlives_the_inventory() {
    let database = TestDatabase::new().unwrap();
    let app = connect(&database, "homelab_app").await;
    app.batch_execute(
        "WITH device AS (
            INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('meter', 'physical')
            RETURNING device_id
        ), equipment AS (
            INSERT INTO scpi.equipment (equipment_id, scpi_address) SELECT device_id, 'x' FROM device
            RETURNING equipment_id
        ) INSERT INTO scpi.measurements (equipment_id, measurement_type, value, unit)
          SELECT equipment_id, 'voltage', 1, 'V' FROM equipment",
    )
    .await
    .unwrap();
    let refused = app.batch_execute("DELETE FROM infrastructure.devices").await.unwrap_err();
    assert_eq!(refused.code(), Some(&SqlState::FOREIGN_KEY_VIOLATION));
    app.batch_execute("UPDATE infrastructure.devices SET status = 'retired'").await.unwrap();
}

#[tokio::test]
async fn views_tell_what_there_is() {
    let database = TestDatabase::new().unwrap();
    let app = connect(&database, "homelab_app").await;
    app.batch_execute(
        "INSERT INTO network.networks (network_name, subnet, gateway) VALUES ('empty', '10.0.1.0/24', '10.0.1.1');
         INSERT INTO testing.test_sessions (test_type, status, started_at, total_tests, passed_tests, failed_tests,
             duration_seconds, metadata) VALUES
             ('scpi_automated', 'completed', '2026-03-01 23:30+00', 10, 10, 0, 5, NULL),
             ('scpi_automated', 'failed', '2026-03-01 12:00+00', 10, 0, 10, 10, '{}'),
             ('scpi_automated', 'aborted', '2026-03-01 12:00+00', 9, 9, 0, 1, '{}'),
             ('scpi_automated', 'completed', '2026-03-01 12:00+00', 7, 7, 0, 1, '{\"simulated\": true}');
         SELECT public.refresh_daily_summaries()",
    )
    .await
    .unwrap();
    // The day is the same wherever it is asked.
    app.batch_execute("SET TimeZone = 'Asia/Tokyo'").await.unwrap();
    for (query, expected) in [
        ("SELECT devices::text FROM public.view_network_topology", "[]"),
        (
            "SELECT concat_ws(' ', test_date, session_count, total_passed, total_failed, avg_duration_seconds,
             aborted_count, simulated_count) FROM public.view_test_history_summary",
            "2026-03-01 2 10 10 7.50 1 1",
        ),
        ("SELECT concat_ws(' ', test_date, total_tests) FROM public.mv_daily_test_summary", "2026-03-01 20"),
    ] {
        let row = app.query_one(query, &[]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), expected, "{query}");
    }
}

/// A month that is made late takes its rows out of DEFAULT, in UTC whatever the session's zone is.
#[tokio::test]
async fn a_late_month_takes_its_rows_out_of_default() {
    let database = TestDatabase::new().unwrap();
    let app = connect(&database, "homelab_app").await;
    app.batch_execute(
        "SET TimeZone = 'America/New_York';
         INSERT INTO scpi.measurements (\"timestamp\", measurement_type, value, unit) VALUES
            ('2024-01-31 23:59:59.999999+00', 'voltage', 1, 'V'),
            ('2024-02-01 00:00:00+00', 'voltage', 2, 'V'),
            ('2024-03-01 00:00:00+00', 'voltage', 3, 'V')",
    )
    .await
    .unwrap();
    let places =
        "SELECT string_agg(tableoid::regclass::text, ' ' ORDER BY value) FROM scpi.measurements";
    let lies = async |expected: &str| {
        let row = app.query_one(places, &[]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), expected);
    };
    let rest = "scpi.measurements_default";
    lies(&[rest; 3].join(" ")).await;
    let made = "SELECT scpi_run.ensure_partitions('2024-02-29', '2024-02-29')";
    for expected in [5, 0] {
        assert_eq!(app.query_one(made, &[]).await.unwrap().get::<_, i32>(0), expected);
    }
    lies(&format!("{rest} scpi.measurements_2024_02 {rest}")).await;
    for wrong in ["'2024-02-01', '2024-01-01'", "NULL, '2024-01-01'", "'0001-01-01', '2024-01-01'"]
    {
        app.query_one(&format!("SELECT scpi_run.ensure_partitions({wrong})"), &[])
            .await
            .unwrap_err();
    }
}
