//! Secrets: kept, read, moved to another key, and what all of that leaves behind.

use private_postgres::SUPERUSER;
use private_postgres::testing::TestServer;
use result_store::testing::TestDatabase;
use result_store::{
    Access, CredentialEntry, CredentialKey, Method, Secret, SecretKind, Store, StoreConfig, migrate,
};
use tokio_postgres::NoTls;

use crate::sql::{connect, texts};

const PASSWORD: &str = "correct horse Ω staple";
const PRIVATE_KEY: &str = "-----BEGIN A KEY-----\nb3BlbnNzaC1rZXk\n-----END A KEY-----\n";

fn entry(name: &str) -> CredentialEntry {
    CredentialEntry {
        system_name: name.to_owned(),
        system_type: Some("nas".to_owned()),
        username: Some("ann".to_owned()),
        ..CredentialEntry::default()
    }
}

fn access() -> Access {
    Access { method: Method::Manual, purpose: Some("a test".to_owned()) }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

async fn admin(database: &TestDatabase) -> Store {
    Store::connect(&database.config("homelab_admin").unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_secret_is_kept_read_and_each_reading_is_written_down() {
    let database = TestDatabase::new().unwrap();
    let mut store = admin(&database).await;
    let [key, other] = [(); 2].map(|()| CredentialKey::generate().unwrap());
    let password = SecretKind::Password;
    assert!(store.set_credential(&entry("nas"), password, &secret(PASSWORD), &key).await.unwrap());
    let again = CredentialEntry { system_name: "nas".to_owned(), ..CredentialEntry::default() };
    assert!(
        !store
            .set_credential(&again, SecretKind::SshKey, &secret(PRIVATE_KEY), &key)
            .await
            .unwrap()
    );

    for (kind, text) in [(password, PASSWORD), (SecretKind::SshKey, PRIVATE_KEY)] {
        let read = store.credential("nas", kind, &key, &access()).await.unwrap();
        assert_eq!(read.reveal(), text);
    }
    for (name, kind, key, words) in [
        ("nas", SecretKind::ApiKey, &key, "it has no api_key"),
        ("nas", password, &other, "it is encrypted under scpi-run/"),
        ("nobody", password, &key, "there is no such system"),
    ] {
        let refused = store.credential(name, kind, key, &access()).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    let log = store.credential_log(10).await.unwrap();
    let told: Vec<_> = log
        .iter()
        .rev()
        .map(|one| format!("{} {} {} {}", one.system_name, one.secret, one.success, one.problem))
        .collect();
    let expected = [
        "nas password true ",
        "nas ssh_key true ",
        "nas api_key false no secret",
        "nas password false other key",
        "nobody password false unknown",
    ];
    assert_eq!(told, expected);
    assert!(log.iter().all(|one| one.by == "homelab_admin (scpi-run)" && one.purpose == "a test"));
    let listed = store.credentials().await.unwrap();
    assert_eq!(
        (listed[0].secrets.as_str(), listed[0].key.clone()),
        ("password, ssh_key", key.name())
    );
    assert!(!listed[0].last_used_at.is_empty() && !listed[0].is_due);
}

#[tokio::test]
async fn bytes_that_were_moved_or_changed_give_no_secret_and_are_written_down() {
    let database = TestDatabase::new().unwrap();
    let mut store = admin(&database).await;
    let key = CredentialKey::generate().unwrap();
    for name in ["one", "two"] {
        store
            .set_credential(&entry(name), SecretKind::Password, &secret(name), &key)
            .await
            .unwrap();
    }
    let swap = "UPDATE credentials.system_credentials AS a SET password_encrypted = b.password_encrypted
        FROM credentials.system_credentials AS b WHERE a.system_name = 'one' AND b.system_name = 'two'";
    connect(&database, "homelab_admin").await.batch_execute(swap).await.unwrap();
    let refused = store.credential("one", SecretKind::Password, &key, &access()).await.unwrap_err();
    assert!(refused.to_string().contains("not what was kept"), "{refused}");
    let log = store.credential_log(10).await.unwrap();
    assert_eq!(log.len(), 1, "{log:?}");
    assert!(!log[0].success && log[0].problem == "does not decrypt");
    // An access that failed is no use.
    let used = "SELECT count(last_used_at)::text FROM credentials.system_credentials";
    assert_eq!(texts(&database, used).await, [["0"]]);
}

#[tokio::test]
async fn a_new_key_takes_all_or_nothing() {
    let database = TestDatabase::new().unwrap();
    let mut store = admin(&database).await;
    let [old, new, third] = [(); 3].map(|()| CredentialKey::generate().unwrap());
    for (name, kind) in
        [("a", SecretKind::Password), ("b", SecretKind::SshKey), ("b", SecretKind::ApiKey)]
    {
        store.set_credential(&entry(name), kind, &secret(name), &old).await.unwrap();
    }
    store.set_credential(&entry("c"), SecretKind::Password, &secret("c"), &third).await.unwrap();
    let refused = store.rotate_key(&old, &new).await.unwrap_err();
    assert!(refused.to_string().contains("c is encrypted under scpi-run/"), "{refused}");
    let read = store.credential("a", SecretKind::Password, &old, &access()).await;
    assert_eq!(read.unwrap().reveal(), "a");

    store.set_credential(&entry("c"), SecretKind::Password, &secret("c"), &old).await.unwrap();
    assert_eq!(store.rotate_key(&old, &new).await.unwrap(), 3);
    assert_eq!(store.rotate_key(&old, &new).await.unwrap(), 0);
    for (name, kind) in [
        ("a", SecretKind::Password),
        ("b", SecretKind::SshKey),
        ("b", SecretKind::ApiKey),
        ("c", SecretKind::Password),
    ] {
        assert_eq!(store.credential(name, kind, &new, &access()).await.unwrap().reveal(), name);
        store.credential(name, kind, &old, &access()).await.unwrap_err();
    }
    let none = store.credential("b", SecretKind::Password, &new, &access()).await.unwrap_err();
    assert!(none.to_string().contains("it has no password"), "{none}");
    let refused = store.set_credential(&entry("d"), SecretKind::Password, &secret("d"), &old).await;
    assert!(refused.unwrap_err().to_string().contains("was replaced"));
    let keys = "SELECT status, (rotated_at IS NOT NULL)::text FROM credentials.encryption_keys
        WHERE algorithm = 'AES-256' ORDER BY status";
    let keys = texts(&database, keys).await;
    assert_eq!(keys, [["active", "false"], ["active", "false"], ["rotated", "true"]]);
    let moved = "SELECT count(*)::text FROM credentials.credential_access_log WHERE success
        AND purpose LIKE 'change of the key to scpi-run/%'";
    assert_eq!(texts(&database, moved).await, [["4"]]);
}

#[tokio::test]
async fn what_cannot_be_kept_is_said_and_nothing_is_changed() {
    let database = TestDatabase::new().unwrap();
    let mut store = admin(&database).await;
    let [key, other] = [(); 2].map(|()| CredentialKey::generate().unwrap());
    let nameless = CredentialEntry { username: None, ..entry("new") };
    let odd = CredentialEntry { system_type: Some("banana".to_owned()), ..entry("new") };
    let nowhere = CredentialEntry { device: Some("no such".to_owned()), ..entry("new") };
    let someday = CredentialEntry { rotate_by: Some("2026-13-01".to_owned()), ..entry("new") };
    for (entry, words) in [
        (&nameless, "has no user"),
        (&odd, "valid_system_type"),
        (&nowhere, "no device 'no such'"),
        (&someday, "2026-13-01"),
    ] {
        let refused =
            store.set_credential(entry, SecretKind::Password, &secret(PASSWORD), &key).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(words) && !refused.contains(PASSWORD), "{refused}");
    }
    assert_eq!(store.credentials().await.unwrap(), []);
    store.set_credential(&entry("one"), SecretKind::ApiKey, &secret("x"), &key).await.unwrap();
    let mixed =
        store.set_credential(&entry("one"), SecretKind::Password, &secret("y"), &other).await;
    assert!(mixed.unwrap_err().to_string().contains("its other secrets are encrypted under"));

    // The application and the readers are kept out, whatever they call.
    for role in ["homelab_app", "homelab_readonly"] {
        let mut store = Store::connect(&database.config(role).unwrap()).await.unwrap();
        for refused in [
            store.credentials().await.map(drop),
            store.credential_log(1).await.map(drop),
            store.credential("one", SecretKind::ApiKey, &key, &access()).await.map(drop),
            store
                .set_credential(&entry("two"), SecretKind::ApiKey, &secret("x"), &key)
                .await
                .map(drop),
        ] {
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains("permission denied"), "{role}: {refused}");
        }
    }
}

#[tokio::test]
async fn a_secret_whose_day_has_come_is_due_until_it_is_replaced() {
    let database = TestDatabase::new().unwrap();
    let mut store = admin(&database).await;
    let key = CredentialKey::generate().unwrap();
    let due = CredentialEntry { rotate_by: Some("2020-01-01".to_owned()), ..entry("nas") };
    store.set_credential(&due, SecretKind::Password, &secret("old"), &key).await.unwrap();
    assert!(store.credentials().await.unwrap()[0].is_due);
    store.set_credential(&entry("nas"), SecretKind::Password, &secret("new"), &key).await.unwrap();
    assert!(!store.credentials().await.unwrap()[0].is_due);
}

/// With every statement and parameter logged, neither secret nor key is in the log, in the server's views or in any
/// row.
#[tokio::test]
async fn no_secret_and_no_key_reaches_the_server() {
    let server = TestServer::own().unwrap();
    let config = StoreConfig::from_url(&server.url(SUPERUSER, "lab")).unwrap();
    migrate(&config.clone().create_database(true)).await.unwrap();
    let (client, connection) =
        tokio_postgres::connect(&server.url(SUPERUSER, "lab"), NoTls).await.unwrap();
    tokio::spawn(connection);
    let all = "ALTER DATABASE lab SET log_statement = 'all'; ALTER DATABASE lab SET log_min_duration_statement = 0";
    for statement in all.split(';') {
        client.batch_execute(statement).await.unwrap();
    }
    let mut store = Store::connect(&config).await.unwrap();
    let [old, new] = [(); 2].map(|()| CredentialKey::generate().unwrap());
    for (kind, text) in [(SecretKind::Password, PASSWORD), (SecretKind::SshKey, PRIVATE_KEY)] {
        store.set_credential(&entry("nas"), kind, &secret(text), &old).await.unwrap();
        store.credential("nas", kind, &old, &access()).await.unwrap();
    }
    store.rotate_key(&old, &new).await.unwrap();
    let seen = "SELECT coalesce(string_agg(query, ' '), '') FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    let rows = "SELECT concat_ws(' ',
        (SELECT string_agg(to_jsonb(c)::text, ' ') FROM audit.change_log AS c),
        (SELECT string_agg(to_jsonb(c)::text, ' ') FROM credentials.system_credentials AS c),
        (SELECT string_agg(to_jsonb(c)::text, ' ') FROM credentials.encryption_keys AS c),
        (SELECT string_agg(to_jsonb(c)::text, ' ') FROM credentials.credential_access_log AS c))";
    let mut all = std::fs::read_to_string(server.log_file()).unwrap();
    assert!(all.contains("system_credentials") && all.contains("parameters:"), "it is a full log");
    for query in [seen, rows] {
        all.push_str(&client.query_one(query, &[]).await.unwrap().get::<_, String>(0));
    }
    let hexadecimal =
        |text: &str| -> String { text.bytes().map(|byte| format!("{byte:02x}")).collect() };
    let keys = [&old, &new].map(|key| key.to_text().reveal().to_owned());
    let lines = PRIVATE_KEY.lines().map(str::to_owned);
    for hidden in keys.into_iter().chain(lines).chain([PASSWORD.to_owned()]) {
        assert!(!all.contains(&hidden), "it is shown");
        assert!(!all.contains(&hexadecimal(&hidden)), "its bytes are shown");
    }
}
