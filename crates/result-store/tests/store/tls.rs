//! A server with TLS and passwords: every `sslmode`, against certificates of a CA of the test's own.

use std::sync::atomic::{AtomicU8, Ordering};

use private_postgres::SUPERUSER;
use private_postgres::testing::TestServer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use result_store::{SchemaState, Settings, StoreConfig, StoreError, schema_state};
use tokio_postgres::NoTls;

/// Who may come in over TCP, and how; the superuser comes by the socket.
const CLIENTS: &str = "local all all peer map=people\nhostssl all ann 127.0.0.0/8 scram-sha-256\n\
    hostnossl all bob 127.0.0.0/8 scram-sha-256\n";
/// Each letter that has a meaning somewhere on the way.
const PASSWORD: &str = "a 'quoted' pass:word";

/// A server on an address of the loopback network that no other test has.
struct Secured {
    address: String,
    folder: tempfile::TempDir,
    _server: TestServer,
}

fn ca(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

async fn secured() -> Secured {
    let mut server = TestServer::own().unwrap();
    // Every server has an address of its own, also among those of other processes.
    static SERVERS: AtomicU8 = AtomicU8::new(0);
    let number = SERVERS.fetch_add(1, Ordering::Relaxed) % 4;
    let octets = std::process::id().to_be_bytes();
    let second = 50 * (1 + number) + octets[1] % 50;
    let address = format!("127.{second}.{}.{}", octets[2], octets[3].max(1));
    let (own, other) = (ca("own"), ca("other"));
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![address.clone()]).unwrap();
    let certificate = params.signed_by(&key, &own).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("own.crt"), own.pem()).unwrap();
    std::fs::write(folder.path().join("other.crt"), other.pem()).unwrap();
    let files = [
        ("server.crt", certificate.pem()),
        ("server.key", key.serialize_pem()),
        ("clients.conf", CLIENTS.to_owned()),
    ];
    set_up(&server, &address, &files).await;
    server.kill().unwrap();
    server.reopen().unwrap();
    Secured { address, folder, _server: server }
}

/// The files are written by the server, so that they are its own.
async fn set_up(server: &TestServer, address: &str, files: &[(&str, String)]) {
    let url = server.url(SUPERUSER, "postgres");
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    for (name, text) in files {
        let lines = text.replace('\'', "''");
        let copy = format!(
            "COPY (SELECT unnest(string_to_array('{lines}', E'\\n'))) TO PROGRAM 'umask 077; cat > {name}'"
        );
        client.batch_execute(&copy).await.unwrap();
    }
    let folder = client.query_one("SELECT current_setting('data_directory')", &[]).await.unwrap();
    let folder: &str = folder.get(0);
    for (name, value) in [
        ("listen_addresses", address),
        ("ssl", "on"),
        ("ssl_cert_file", "server.crt"),
        ("ssl_key_file", "server.key"),
        ("hba_file", &format!("{folder}/clients.conf")),
    ] {
        client.batch_execute(&format!("ALTER SYSTEM SET {name} = '{value}'")).await.unwrap();
    }
    let password = PASSWORD.replace('\'', "''");
    for role in ["ann", "bob"] {
        let role = format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'");
        client.batch_execute(&role).await.unwrap();
    }
    // The server is killed next, and does not sync.
    client.batch_execute("CHECKPOINT").await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

impl Secured {
    async fn connect(&self, user: &str, host: &str, more: &str) -> Result<SchemaState, StoreError> {
        self.connect_with(PASSWORD, user, host, more).await
    }

    async fn connect_with(
        &self,
        password: &str,
        user: &str,
        host: &str,
        more: &str,
    ) -> Result<SchemaState, StoreError> {
        let more = more.replace("CA/", &format!("{}/", self.folder.path().display()));
        let settings = Settings::parse(&format!("host={host} dbname=postgres user={user} {more}"))?;
        schema_state(&StoreConfig::from_settings(settings.with("password", password))?).await
    }
}

#[tokio::test]
async fn a_connection_is_encrypted_as_it_was_asked_for() {
    let server = secured().await;
    let address = server.address.clone();
    let no_encryption = "no encryption";
    let unknown = "invalid peer certificate: UnknownIssuer";
    for (user, more, fault) in [
        ("ann", "", None),
        ("ann", "sslmode=prefer", None),
        ("ann", "sslmode=disable", Some(no_encryption)),
        ("bob", "sslmode=disable", None),
        ("bob", "sslmode=require", Some("SSL encryption")),
        ("ann", "sslmode=require", None),
        ("ann", "sslmode=require sslrootcert=CA/own.crt", None),
        ("ann", "sslmode=require sslrootcert=CA/other.crt", Some(unknown)),
        ("ann", "sslmode=verify-ca sslrootcert=CA/own.crt", None),
        ("ann", "sslmode=verify-ca sslrootcert=CA/other.crt", Some(unknown)),
        ("ann", "sslmode=verify-full sslrootcert=CA/own.crt", None),
        ("ann", "sslmode=verify-full sslrootcert=CA/other.crt", Some(unknown)),
    ] {
        let outcome = server.connect(user, &address, more).await;
        match (outcome, fault) {
            (Ok(_), None) => {}
            (Err(error), Some(fault)) => {
                assert!(error.to_string().contains(fault), "{user} {more}: {error}");
                assert!(!error.is_away(), "{error} will not pass by itself");
            }
            (outcome, _) => panic!("{user} {more}: {outcome:?}"),
        }
    }
    // The same server by another name: the certificate is not for it.
    let by_name = format!("lab.test hostaddr={address}");
    for (mode, fits) in [("verify-ca", true), ("verify-full", false)] {
        let more = format!("sslmode={mode} sslrootcert=CA/own.crt");
        let outcome = server.connect("ann", &by_name, &more).await;
        let told = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert_eq!(outcome.is_ok(), fits, "{mode}: {told}");
        assert_eq!(
            told.contains("not valid for name") || told.contains("NotValidForName"),
            !fits,
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_and_never_shown() {
    let server = secured().await;
    let wrong = "not the Ω one";
    let error = server.connect_with(wrong, "ann", &server.address, "").await.unwrap_err();
    let told = format!("{error} {error:?}");
    for words in ["password authentication failed", "ann", ".pgpass"] {
        assert!(told.contains(words), "{told}");
    }
    assert!(!told.contains(wrong) && !error.is_away(), "{told}");
}
