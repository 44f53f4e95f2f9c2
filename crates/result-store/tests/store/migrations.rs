//! The schema that the migrations give.

use std::collections::BTreeSet;

use private_postgres::SUPERUSER;
use private_postgres::testing::TestServer;
use result_store::testing::TestDatabase;
use result_store::{SchemaState, Store, StoreConfig, migrate, schema_state};

use crate::sql::{connect, texts};

const INVENTORY: &str = include_str!("../../../../fixtures/schema/inventory.txt");

/// Everything of a kind that the inventory names, as the inventory writes it.
const CATALOGUE: &str = "
    SELECT 'schema ' || nspname FROM pg_namespace
    UNION ALL SELECT format('column %s.%s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod))
        FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped
    UNION ALL SELECT format('partitioned %s timestamp', partrelid::regclass)
        FROM pg_partitioned_table JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
        WHERE partstrat = 'r' AND partnatts = 1 AND attname = 'timestamp'
    UNION ALL SELECT 'partition ' || oid::regclass FROM pg_class WHERE relispartition
    UNION ALL SELECT format('index %I.%I %I', schemaname, tablename, indexname) FROM pg_indexes
    UNION ALL SELECT format('function %s.%s(%s)', pronamespace::regnamespace, proname,
        pg_get_function_arguments(oid)) FROM pg_proc
    UNION ALL SELECT format('trigger %s %s', tgrelid::regclass, tgname) FROM pg_trigger
    UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE NOT rolsuper
    UNION ALL SELECT 'extension ' || extname FROM pg_extension
    UNION ALL SELECT format('foreign_key %s.%s %s', conrelid::regclass, attname,
        CASE confdeltype WHEN 'r' THEN 'restrict' WHEN 'n' THEN 'set_null' WHEN 'c' THEN 'cascade' END)
        FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'f'";
/// Relations with how many columns they have.
const COUNTED: &str = "
    SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized' ELSE 'table' END,
        relnamespace::regnamespace || '.' || relname, relnatts::text
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm')";

#[tokio::test]
async fn everything_of_the_document_is_there() {
    let database = TestDatabase::new().unwrap();
    let there: BTreeSet<String> = texts(&database, CATALOGUE).await.concat().into_iter().collect();
    let counted = texts(&database, COUNTED).await;
    let lines = INVENTORY.lines().filter(|line| !line.starts_with('#'));
    let missing: Vec<&str> = lines
        .filter(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                // Columns may be added, and none taken away.
                [kind @ ("table" | "view" | "materialized"), name, columns] => {
                    !counted.iter().any(|row| {
                        row[0] == kind
                            && row[1] == name
                            && row[2].parse::<u32>().unwrap() >= columns.parse().unwrap()
                    })
                }
                _ => !there.contains(*line),
            }
        })
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[tokio::test]
async fn every_foreign_key_has_an_index_and_every_updated_at_its_trigger() {
    let database = TestDatabase::new().unwrap();
    let keys = "SELECT conrelid::regclass::text, conname FROM pg_constraint AS key
        WHERE contype = 'f' AND conparentid = 0 AND NOT EXISTS (
            SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])";
    assert_eq!(texts(&database, keys).await, Vec::<Vec<String>>::new());
    let moments = "SELECT attrelid::regclass::text FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r' AND relnamespace <> 'scpi_run'::regnamespace
        WHERE attname = 'updated_at' AND NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = attrelid
            AND tgfoid = 'public.update_updated_at_column'::regproc)";
    assert_eq!(texts(&database, moments).await, Vec::<Vec<String>>::new());
}

/// No function of ours can be called by everybody, looks into the caller's search path, or belongs to a superuser.
#[tokio::test]
async fn functions_are_closed() {
    let database = TestDatabase::new().unwrap();
    let open = "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_roles r ON r.oid = proowner
        JOIN pg_language l ON l.oid = prolang
        WHERE lanname IN ('sql', 'plpgsql') AND pronamespace::regnamespace::text IN
            ('public', 'infrastructure', 'credentials', 'network', 'scpi', 'virtualization', 'ai_ml', 'testing',
             'audit', 'scpi_run')
        AND (has_function_privilege('public', p.oid, 'EXECUTE') OR rolsuper OR NOT EXISTS (
            SELECT FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=pg_catalog, pg_temp'))";
    assert_eq!(texts(&database, open).await, Vec::<Vec<String>>::new());
}

#[tokio::test]
async fn a_missing_database_is_made_and_a_second_migration_changes_nothing() {
    let database = TestDatabase::missing().unwrap();
    let config = database.config(SUPERUSER).unwrap();
    assert_eq!(schema_state(&config).await.unwrap(), SchemaState::Absent);
    let refused = migrate(&config).await.unwrap_err();
    assert!(refused.to_string().contains("does not exist"), "{refused}");

    let config = config.create_database(true);
    let first = migrate(&config).await.unwrap();
    assert_eq!(first.applied.len(), usize::try_from(first.version).unwrap());
    assert!(first.applied[0].contains("V1__schemas") && first.notes.is_empty(), "{first:?}");
    assert_eq!(
        schema_state(&config).await.unwrap(),
        SchemaState::Current { version: first.version }
    );

    let before = shape(&database).await;
    assert_eq!(migrate(&config).await.unwrap().applied, Vec::<String>::new());
    assert_eq!(shape(&database).await, before);
    // Whoever owns nothing may ask for it too, where there is nothing to do.
    let run = database.config("homelab_app").unwrap();
    assert_eq!(migrate(&run).await.unwrap().applied, Vec::<String>::new());
}

/// What a database is, rights included.
async fn shape(database: &TestDatabase) -> Vec<Vec<String>> {
    let rights = "SELECT oid::regclass::text, relacl::text, relowner::regrole::text FROM pg_class
        UNION ALL SELECT nspname, nspacl::text, nspowner::regrole::text FROM pg_namespace
        UNION ALL SELECT datname, datacl::text, datdba::regrole::text FROM pg_database
            WHERE datname = current_database()
        UNION ALL SELECT oid::regprocedure::text, proacl::text, proowner::regrole::text FROM pg_proc
        UNION ALL SELECT defaclobjtype::text || defaclnamespace, defaclacl::text, defaclrole::regrole::text
            FROM pg_default_acl
        ORDER BY 1, 2, 3";
    let mut all = texts(database, rights).await;
    all.extend(texts(database, &format!("{CATALOGUE} ORDER BY 1")).await);
    all
}

#[tokio::test]
async fn two_migrations_at_once_make_one_schema() {
    let database = TestDatabase::empty().unwrap();
    let config = database.config(SUPERUSER).unwrap();
    let (one, two) = tokio::join!(migrate(&config), migrate(&config));
    let (one, two) = (one.unwrap(), two.unwrap());
    let applied = one.applied.len() + two.applied.len();
    assert_eq!(applied, usize::try_from(one.version).unwrap());
}

#[tokio::test]
async fn only_the_right_schema_is_used() {
    let history = "scpi_run.schema_history";
    for (change, words) in [
        (format!("DELETE FROM {history} WHERE version > 22"), "scpi-run db migrate"),
        (format!("UPDATE {history} SET checksum = '1' WHERE version = 3"), "V3__credentials"),
        (format!("INSERT INTO {history} VALUES (9999, 'later', 'then', '1')"), "newer"),
        (format!("UPDATE {history} SET checksum = 'none' WHERE version = 3"), "V3__credentials"),
        (format!("DROP TABLE {history}"), "no schema of ours"),
    ] {
        let database = TestDatabase::new().unwrap();
        let run = database.config("homelab_app").unwrap();
        connect(&database, SUPERUSER).await.batch_execute(&change).await.unwrap();
        let error = Store::connect(&run).await.err().unwrap();
        assert!(error.is_schema() && !error.is_away(), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        let mended = migrate(&database.config(SUPERUSER).unwrap()).await;
        assert!(mended.is_err(), "{change}: {mended:?}");
        assert!(Store::connect(&run).await.is_err(), "{change}");
    }
}

/// From older versions upwards, with data in place.
#[tokio::test]
async fn an_older_database_is_brought_up_and_keeps_its_rows() {
    // All tables; months; passwords and positions; before archives, before baselines.
    for version in [9, 16, 21, 23, 24] {
        let database = TestDatabase::at_version(version).unwrap();
        let run = database.config("homelab_app").unwrap();
        let config = database.config(SUPERUSER).unwrap();
        let behind = Store::connect(&config).await.err().unwrap().to_string();
        assert!(behind.contains(&format!("version {version}")), "{behind}");
        let rows =
            "INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'vm');
            INSERT INTO testing.test_sessions (session_name, status) VALUES ('b', 'completed')";
        connect(&database, SUPERUSER).await.batch_execute(rows).await.unwrap();
        let migrated = migrate(&config).await.unwrap();
        assert!(!migrated.applied.is_empty() && migrated.version > version, "{migrated:?}");
        let kept =
            "SELECT device_name, session_name FROM infrastructure.devices, testing.test_sessions";
        assert_eq!(texts(&database, kept).await, [["a", "b"]]);
        assert_eq!(result_store::verify(&config).await.unwrap(), [], "{version}");
        Store::connect(&run).await.unwrap();
    }
}

#[tokio::test]
async fn a_migration_that_fails_says_which_and_leaves_nothing() {
    let database = TestDatabase::empty().unwrap();
    let client = connect(&database, SUPERUSER).await;
    client
        .batch_execute("CREATE SCHEMA testing; CREATE TABLE testing.test_results (mine int)")
        .await
        .unwrap();
    let error = migrate(&database.config(SUPERUSER).unwrap()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("V1__schemas") && text.contains("\"testing\" already exists"), "{text}");
    let left = "SELECT count(*)::text FROM pg_namespace WHERE nspname = 'infrastructure'";
    assert_eq!(texts(&database, left).await, [["0"]]);
}

/// A disk that is full in the middle: a trigger stands for it, which fails as the server does then.
#[tokio::test]
async fn a_full_disk_stops_between_two_migrations_and_the_rest_comes_later() {
    let database = TestDatabase::at_version(23).unwrap();
    let full =
        "CREATE FUNCTION public.full_disk() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()
                WHERE object_identity = 'scpi_run.idx_archives_month') THEN
                RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device';
            END IF;
        END $$;
        CREATE EVENT TRIGGER full_disk ON ddl_command_end EXECUTE FUNCTION public.full_disk()";
    let client = connect(&database, SUPERUSER).await;
    client.batch_execute(full).await.unwrap();
    let config = database.config(SUPERUSER).unwrap();
    let error = migrate(&config).await.unwrap_err().to_string();
    for words in ["V24__archives", "No space left", "make room on the server's disk"] {
        assert!(error.contains(words), "{error}");
    }
    let left = "SELECT count(*)::text FROM pg_class WHERE relname = 'archives'";
    assert_eq!(texts(&database, left).await, [["0"]]);
    client
        .batch_execute("DROP EVENT TRIGGER full_disk; DROP FUNCTION public.full_disk")
        .await
        .unwrap();
    migrate(&config).await.unwrap();
    assert_eq!(result_store::verify(&config).await.unwrap(), []);
}

/// A server says its version by a setting that nobody can change: a function of the same name stands before it.
#[tokio::test]
async fn a_server_that_is_too_old_is_refused_before_anything_is_made() {
    let database = TestDatabase::empty().unwrap();
    let client = connect(&database, SUPERUSER).await;
    let old = "CREATE SCHEMA old; CREATE FUNCTION old.current_setting(name text) RETURNS text
        LANGUAGE sql RETURN CASE name WHEN 'server_version_num' THEN '140011' ELSE '14.11' END;";
    client.batch_execute(old).await.unwrap();
    let path = format!("ALTER DATABASE \"{}\" SET search_path = old, pg_catalog", database.name());
    client.batch_execute(&path).await.unwrap();
    let error = migrate(&database.config(SUPERUSER).unwrap()).await.unwrap_err().to_string();
    assert!(error.contains("PostgreSQL 14.11, and 15 or newer is wanted"), "{error}");
    let left = "SELECT count(*)::text FROM pg_namespace WHERE nspname = 'infrastructure'";
    assert_eq!(texts(&database, left).await, [["0"]]);
}

/// An extension that the server's machine has not: a trigger refuses it in the server's own words.
#[tokio::test]
async fn a_missing_extension_stops_the_first_migration_and_says_what_to_install() {
    let database = TestDatabase::empty().unwrap();
    let client = connect(&database, SUPERUSER).await;
    let missing =
        "DROP EXTENSION IF EXISTS pgcrypto;
        CREATE FUNCTION public.no_extension() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE feature_not_supported USING MESSAGE = 'extension \"pgcrypto\" is not available',
                HINT = 'The extension must first be installed on the system where PostgreSQL is running.';
        END $$;
        CREATE EVENT TRIGGER no_extension ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION')
            EXECUTE FUNCTION public.no_extension()";
    client.batch_execute(missing).await.unwrap();
    let error = migrate(&database.config(SUPERUSER).unwrap()).await.unwrap_err().to_string();
    for words in ["V1__schemas", "pgcrypto", "must first be installed", "nothing of it is there"] {
        assert!(error.contains(words), "{error}");
    }
    let left = "SELECT count(*)::text FROM pg_namespace WHERE nspname = 'infrastructure'";
    assert_eq!(texts(&database, left).await, [["0"]]);
}

/// On a server where the user may make no roles, everything is its own.
#[tokio::test]
async fn without_the_right_to_make_roles_the_schema_is_made_all_the_same() {
    let server = TestServer::own().unwrap();
    let connect = |database: &str| server.url(SUPERUSER, database);
    let (client, connection) =
        tokio_postgres::connect(&connect("postgres"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("CREATE ROLE lab").await.unwrap();
    client.batch_execute("CREATE DATABASE lab OWNER lab").await.unwrap();
    let url = format!("{}&options=-c%20role%3Dlab", connect("lab"));
    let config = StoreConfig::from_url(&url).unwrap();
    let migrated = migrate(&config).await.unwrap();
    assert_eq!(migrated.applied.len(), usize::try_from(migrated.version).unwrap());
    assert!(migrated.notes[0].contains("roles.sql"), "{:?}", migrated.notes);
    assert_eq!(migrate(&config).await.unwrap().applied, Vec::<String>::new());
    Store::connect(&config).await.unwrap().status().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_away() {
    let nowhere = tempfile::tempdir().unwrap();
    let url = format!("host={} user=nobody dbname=nothing", nowhere.path().display());
    let config = StoreConfig::from_url(&url).unwrap();
    for error in [
        Store::connect(&config).await.err().unwrap(),
        migrate(&config).await.unwrap_err(),
        schema_state(&config).await.unwrap_err(),
    ] {
        assert!(error.is_away() && !error.is_schema(), "{error}");
        assert!(error.to_string().contains("cannot connect"), "{error}");
    }
}
