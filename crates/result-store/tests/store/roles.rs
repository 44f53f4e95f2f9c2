//! Logins: made, changed, and what their making leaves behind.

use private_postgres::testing::TestServer;
use private_postgres::{SUPERUSER, url};
use result_store::testing::TestDatabase;
use result_store::{Rights, Secret, StoreConfig, logins, migrate, set_login, verify};
use tokio_postgres::NoTls;

use crate::sql::connect;

const PASSWORD: &str = "correct horse Ω staple";

/// Roles belong to the whole server, so that it is a server of this test's own.
#[tokio::test]
async fn a_login_has_its_rights_and_no_password_is_left_anywhere() {
    let server = TestServer::own().unwrap();
    let config = StoreConfig::from_url(&server.url(SUPERUSER, "lab")).unwrap();
    migrate(&config.clone().create_database(true)).await.unwrap();
    let (client, connection) =
        tokio_postgres::connect(&server.url(SUPERUSER, "lab"), NoTls).await.unwrap();
    tokio::spawn(connection);
    // For connections from now on.
    client.batch_execute("ALTER DATABASE lab SET log_statement = 'all'").await.unwrap();

    let password = Secret::new(PASSWORD.to_owned());
    for (name, rights) in [
        ("ann", Rights::App),
        ("Bo \"quoted\" Ω", Rights::ReadOnly),
        ("ann", Rights::ReadOnly),
        ("homelab_app", Rights::App),
    ] {
        set_login(&config, name, rights, &password).await.unwrap();
    }
    let listed = logins(&config).await.unwrap();
    let listed: Vec<_> = listed.iter().map(ToString::to_string).collect();
    for line in
        ["ann: homelab_readonly", "Bo \"quoted\" Ω: homelab_readonly", "homelab_app: homelab_app"]
    {
        assert!(listed.iter().any(|one| one == line), "{line} in {listed:?}");
    }
    let query = "SELECT string_agg(left(rolpassword, 19), ' ') FROM pg_authid WHERE rolname IN ('ann', 'homelab_app')";
    let kept: String = client.query_one(query, &[]).await.unwrap().get(0);
    assert_eq!(kept, ["SCRAM-SHA-256$4096:"; 2].join(" "));
    let log = std::fs::read_to_string(server.log_file()).unwrap();
    assert!(log.contains("set_config"), "the log has statements in it");
    assert!(!log.contains(PASSWORD) && !log.contains("PASSWORD 'SCRAM"), "{log}");
    let seen = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%SCRAM-%'
        AND pid <> pg_backend_pid()";
    assert_eq!(client.query_one(seen, &[]).await.unwrap().get::<_, i64>(0), 0);

    let refused = set_login(&config, SUPERUSER, Rights::Admin, &password).await.unwrap_err();
    assert!(refused.to_string().contains("is a superuser"), "{refused}");
    let app =
        StoreConfig::from_url(&url(server.socket_folder(), server.port(), "homelab_app", "lab"));
    let refused = set_login(&app.unwrap(), "eve", Rights::Admin, &password).await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");

    // A role that became more than it is to be is found.
    assert_eq!(verify(&config).await.unwrap(), []);
    let harm = "ALTER ROLE homelab_app SUPERUSER; GRANT homelab_owner TO homelab_readonly";
    client.batch_execute(harm).await.unwrap();
    let findings = verify(&config).await.unwrap();
    let findings: Vec<_> = findings.iter().map(ToString::to_string).collect();
    let expected = [
        "role homelab_app is 'login superuser' and should be 'login'",
        "member homelab_readonly of homelab_owner is not from the migrations",
    ];
    assert_eq!(findings, expected);
}

#[tokio::test]
async fn only_the_owner_maintains() {
    let database = TestDatabase::new().unwrap();
    let app = connect(&database, "homelab_app").await;
    app.batch_execute(
        "INSERT INTO testing.test_sessions (test_type, status, started_at, total_tests, passed_tests)
         VALUES ('manual', 'completed', '2026-03-01 12:00+00', 3, 3)",
    )
    .await
    .unwrap();
    let mut store =
        result_store::Store::connect(&database.config("homelab_app").unwrap()).await.unwrap();
    let refused = store.maintain().await.unwrap_err();
    assert!(refused.to_string().contains("belongs to somebody else"), "{refused}");
    for role in ["homelab_admin", SUPERUSER] {
        let mut store =
            result_store::Store::connect(&database.config(role).unwrap()).await.unwrap();
        let tables = store.maintain().await.unwrap();
        assert!(tables.iter().any(|table| table == "scpi.measurements"), "{role}: {tables:?}");
    }
    let query = "SELECT concat_ws(' ', (SELECT total_passed FROM public.mv_daily_test_summary),
        (SELECT count(*) > 0 FROM pg_stats WHERE tablename = 'test_sessions'))";
    let admin = connect(&database, "homelab_admin").await;
    assert_eq!(admin.query_one(query, &[]).await.unwrap().get::<_, String>(0), "3 t");
}
