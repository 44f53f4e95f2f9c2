//! What `db verify` finds, and that it finds nothing where nothing is.

use private_postgres::SUPERUSER;
use result_store::testing::TestDatabase;
use result_store::{Store, migrate, verify};

use crate::sql::connect;

const CATALOGUE: &str = include_str!("../../../../fixtures/schema/catalogue.txt");

async fn found(database: &TestDatabase) -> Vec<String> {
    let findings = verify(&database.config("homelab_app").unwrap()).await.unwrap();
    findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn the_fixture_is_what_the_migrations_give() {
    let database = TestDatabase::new().unwrap();
    let catalogue = database.catalogue().unwrap();
    let first = catalogue.lines().zip(CATALOGUE.lines()).find(|(one, two)| one != two);
    let advice =
        "cargo run -p result-store --example dump_catalogue > fixtures/schema/catalogue.txt";
    assert!(catalogue == CATALOGUE, "{first:?}: write it anew with: {advice}");
}

#[tokio::test]
async fn a_fresh_database_is_clean_for_whoever_asks() {
    let database = TestDatabase::new().unwrap();
    for role in ["homelab_app", "homelab_readonly", "homelab_admin", SUPERUSER] {
        let findings = verify(&database.config(role).unwrap()).await.unwrap();
        assert_eq!(findings, [], "{role}");
    }
    let other = "CREATE TABLE public.mine (a int); CREATE FUNCTION public.mine() RETURNS int
        LANGUAGE sql AS 'SELECT 1'";
    connect(&database, SUPERUSER).await.batch_execute(other).await.unwrap();
    assert_eq!(found(&database).await, Vec::<String>::new());
}

/// A change by hand, and what is found; they add up. `{database}` is the database's name.
const CHANGES: &[(&str, &str)] = &[
        ("DROP INDEX scpi.idx_measurements_type", "index scpi.idx_measurements_type is missing"),
        (
            "CREATE TABLE network.mine (a int)",
            "table network.mine is not from the migrations",
        ),
        (
            "ALTER TABLE infrastructure.devices ALTER COLUMN location TYPE text",
            "column infrastructure.devices.location is 'text' and should be 'character varying(255)'",
        ),
        (
            "ALTER TABLE infrastructure.devices DROP CONSTRAINT status_word",
            "constraint status_word on infrastructure.devices is missing",
        ),
        (
            "ALTER TABLE network.networks DISABLE TRIGGER change_log_trigger",
            "trigger change_log_trigger on network.networks is",
        ),
        (
            "DROP TRIGGER device_status_change_trigger ON infrastructure.devices",
            "trigger device_status_change_trigger on infrastructure.devices is missing",
        ),
        (
            "CREATE OR REPLACE FUNCTION audit.current_actor() RETURNS text LANGUAGE sql STABLE
                SET search_path = pg_catalog, pg_temp AS $$ SELECT 'nobody'::text $$",
            "function audit.current_actor() is",
        ),
        (
            "GRANT UPDATE ON audit.change_log TO homelab_app",
            "grant on relation audit.change_log to homelab_app is 'SELECT, UPDATE' and should be 'SELECT'",
        ),
        (
            "REVOKE SELECT ON public.view_device_summary FROM homelab_readonly",
            "grant on relation public.view_device_summary to homelab_readonly is missing",
        ),
        (
            "GRANT EXECUTE ON FUNCTION credentials.log_access TO PUBLIC",
            "to PUBLIC is not from the migrations",
        ),
        (
            "SET ROLE homelab_owner; ALTER DEFAULT PRIVILEGES IN SCHEMA ai_ml REVOKE ALL ON TABLES FROM homelab_readonly;
             RESET ROLE",
            "grant on later tables ai_ml to homelab_readonly is missing",
        ),
        (
            "ALTER TABLE testing.test_results OWNER TO postgres",
            "owner of relation testing.test_results is not from the migrations",
        ),
        ("CREATE VIEW scpi.mine AS SELECT 1 AS a", "view scpi.mine is not from the migrations"),
        (
            "CREATE OR REPLACE VIEW public.view_device_summary AS SELECT device_id, device_name, device_type, category,
                primary_ip, status, 0::bigint AS service_count, updated_at AS last_service_check,
                updated_at AS last_device_update FROM infrastructure.devices",
            "view public.view_device_summary is 'of text",
        ),
        (
            "ALTER DATABASE \"{database}\" SET app.encryption_key = 'in clear'",
            "setting app.encryption_key is not from the migrations",
        ),
        (
            "GRANT CONNECT ON DATABASE \"{database}\" TO PUBLIC",
            "grant on database PUBLIC is not from the migrations",
        ),
        (
            "ALTER TABLE scpi.measurements DETACH PARTITION scpi.measurements_default",
            "partition scpi.measurements_default is missing",
        ),
        (
            "CREATE TABLE network.health_history_other PARTITION OF network.health_history
                FOR VALUES FROM ('2001-01-01 00:00+00') TO ('2001-02-01 00:00+00')",
            "partition network.health_history_other is not from the migrations",
        ),
        (
            "CREATE TABLE network.health_history_2002_01 PARTITION OF network.health_history
                FOR VALUES FROM ('2002-01-01 05:00+00') TO ('2002-02-01 00:00+00')",
            "partition network.health_history_2002_01 is 'FOR VALUES FROM ('2002-01-01 05:00:00+00')",
        ),
        (
            "DO $$ BEGIN EXECUTE format('DROP TABLE audit.%I', 'system_events_' || to_char(now() AT TIME ZONE 'UTC',
                'YYYY_MM')); END $$",
            "partition audit.system_events_20",
        ),
        (
            "GRANT DELETE ON ai_ml.model_inference_log_2025_12 TO homelab_app",
            "partition ai_ml.model_inference_log_2025_12 is 'other in the rights'",
        ),
];

/// What is changed by hand is found, each with its name; what a migrate mends is mended by it.
#[tokio::test]
async fn everything_that_was_changed_by_hand_is_found() {
    let database = TestDatabase::new().unwrap();
    let superuser = connect(&database, SUPERUSER).await;
    let mut expected = Vec::new();
    for (change, finding) in CHANGES {
        superuser.batch_execute(&change.replace("{database}", database.name())).await.unwrap();
        expected.push(*finding);
        let findings = found(&database).await;
        for wanted in &expected {
            assert!(
                findings.iter().any(|line| line.contains(*wanted)),
                "{change}: {wanted} in {findings:#?}"
            );
        }
    }
}

/// Rights that were taken or given by hand come back with the next migrate.
#[tokio::test]
async fn migrate_mends_rights_and_months() {
    let database = TestDatabase::new().unwrap();
    let harm = "REVOKE SELECT ON public.view_device_summary FROM homelab_readonly;
        GRANT UPDATE ON audit.change_log TO homelab_app;
        DO $$ BEGIN EXECUTE format('DROP TABLE audit.%I', 'system_events_' || to_char(now() AT TIME ZONE 'UTC',
            'YYYY_MM')); END $$";
    connect(&database, SUPERUSER).await.batch_execute(harm).await.unwrap();
    assert_eq!(found(&database).await.len(), 3);
    migrate(&database.config(SUPERUSER).unwrap()).await.unwrap();
    assert_eq!(found(&database).await, Vec::<String>::new());
}

#[tokio::test]
async fn rows_in_default_are_found_and_moved_by_making_their_month() {
    let database = TestDatabase::new().unwrap();
    let app = connect(&database, "homelab_app").await;
    let far = "INSERT INTO scpi.measurements (\"timestamp\", measurement_type, value, unit)
        VALUES (now() + interval '5 months', 'voltage', 1, 'V');
        INSERT INTO infrastructure.services (service_name) VALUES ('nobody''s')";
    app.batch_execute(far).await.unwrap();
    let findings = found(&database).await;
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings[0].contains("DEFAULT of scpi.measurements holds rows, 1"), "{findings:?}");
    assert!(findings[1].contains("without a device"), "{findings:?}");

    let mut store = Store::connect(&database.config("homelab_app").unwrap()).await.unwrap();
    assert_eq!(store.make_months_ahead(5).await.unwrap(), 15);
    assert_eq!(store.make_months_ahead(5).await.unwrap(), 0);
    assert_eq!(found(&database).await.len(), 1);
    let partitions = store.partitions().await.unwrap();
    // DEFAULT, the document's month, this one and five more; the document's may be one of them.
    let measurements = partitions.iter().filter(|part| part.family == "scpi.measurements");
    assert!(measurements.count() >= 7, "{partitions:?}");
    assert_eq!(partitions.iter().filter(|part| part.is_default).count(), 5);
    let reader = Store::connect(&database.config("homelab_readonly").unwrap()).await;
    let refused = reader.unwrap().make_months_ahead(2).await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
}

#[tokio::test]
async fn another_version_is_refused() {
    let database = TestDatabase::new().unwrap();
    let older = "DELETE FROM scpi_run.schema_history WHERE version > 20";
    connect(&database, SUPERUSER).await.batch_execute(older).await.unwrap();
    let refused = verify(&database.config("homelab_app").unwrap()).await.unwrap_err();
    assert!(refused.is_schema(), "{refused}");
}
