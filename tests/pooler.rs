//! `docs/pgbouncer.ini` in front of a real server, with Debian's PgBouncer. Where that is neither installed nor to be
//! had from the machine's own package source, the test says so and does nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

#[path = "store_faults/made.rs"]
mod made;
#[path = "store_faults/rows.rs"]
#[allow(dead_code, reason = "another test uses the rest of it")]
mod rows;
mod support;

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use private_postgres::testing::TestServer;
use private_postgres::{DATABASE, SUPERUSER};
use rows::Rows;
use support::{Home, Random};
use tempfile::TempDir;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

/// What is shipped.
const SHIPPED: &str = include_str!("../docs/pgbouncer.ini");
/// The document's own.
const DOCUMENTS: &str = "[databases]\nhomelab_db = host=localhost port=5432 dbname=homelab_db\n
[pgbouncer]\npool_mode = transaction\nmax_client_conn = 100\ndefault_pool_size = 20\n";
/// A name in a socket's file; no port of the network is opened.
const PORT: u16 = 6432;
/// How long PgBouncer may take to be there.
const LIMIT: Duration = Duration::from_secs(20);
/// Times that a pooler is restarted under a `sync`.
const RESTARTS: u32 = 4;
const PASSWORD: &str = "a password of this test";

/// PgBouncer's program, and the folder of libraries that the machine lacks for it.
struct Program {
    path: PathBuf,
    libraries: Option<PathBuf>,
}

impl Program {
    /// Installed, or from the machine's package source, as our own server's programs are; why not, where it is not.
    fn find() -> Result<Self, String> {
        for folder in ["/usr/sbin", "/usr/local/sbin", "/usr/bin"] {
            let path = Path::new(folder).join("pgbouncer");
            if path.exists() {
                return Ok(Self { path, libraries: None });
            }
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pgbouncer");
        let program = folder.join("usr/sbin/pgbouncer");
        if !program.exists() {
            fetch(&folder)?;
        }
        let libraries = std::fs::read_dir(folder.join("usr/lib")).ok();
        let libraries = libraries.and_then(|mut found| Some(found.next()?.ok()?.path()));
        Ok(Self { path: program, libraries })
    }

    fn command(&self, config: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.arg(config);
        if let Some(folder) = &self.libraries {
            command.env("LD_LIBRARY_PATH", folder);
        }
        command
    }
}

fn fetch(folder: &Path) -> Result<(), String> {
    let part = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    run(Command::new("apt-get")
        .args(["-q", "-o", "APT::Sandbox::User=root", "download"])
        .args(["pgbouncer", "libc-ares2"])
        .current_dir(part.path()))?;
    let tree = part.path().join("tree");
    for entry in std::fs::read_dir(part.path()).unwrap() {
        let package = entry.unwrap().path();
        if package.extension().is_some_and(|end| end == "deb") {
            run(Command::new("dpkg").arg("-x").args([&package, &tree]))?;
        }
    }
    // Another test may have been faster.
    let _ = std::fs::rename(&tree, folder);
    let is_there = folder.join("usr/sbin/pgbouncer").exists();
    is_there.then_some(()).ok_or_else(|| "the packages hold no pgbouncer".to_owned())
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output =
        command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{name}: {}", said.trim())) }
}

/// PgBouncer in front of a test's database, ended with its value.
struct Pooler {
    command: Command,
    child: Child,
    folder: TempDir,
}

impl Pooler {
    /// With a configuration, in which the places of this machine stand for the shipped ones.
    fn start(program: &Program, server: &TestServer, text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let own = folder.path().display();
        let socket = server_socket(server);
        let text = text
            .replace("host=127.0.0.1", &format!("host={}", socket.display()))
            .replace("host=localhost", &format!("host={}", socket.display()))
            .replace("listen_addr = 127.0.0.1", "listen_addr =")
            .replace("/run/postgresql", &own.to_string())
            .replace("/var/log/postgresql", &own.to_string())
            .replace("/etc/pgbouncer", &own.to_string());
        let text = match text.contains("unix_socket_dir") {
            true => text,
            false => format!("{text}unix_socket_dir = {own}\nlisten_port = {PORT}\n"),
        };
        let config = folder.path().join("pgbouncer.ini");
        std::fs::write(&config, text).unwrap();
        std::fs::write(folder.path().join("userlist.txt"), userlist(server)).unwrap();
        let mut command = program.command(&config);
        // It does not run as root: as the server's user, whom the server knows.
        if rustix::process::getuid().is_root() {
            let owner = std::fs::metadata(socket.join(".s.PGSQL.5432")).unwrap();
            for path in [folder.path().to_owned(), config.clone()] {
                chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
            }
            std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
            command.uid(owner.uid()).gid(owner.gid());
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut pooler = Self { child: command.spawn().unwrap(), command, folder };
        pooler.wait();
        pooler
    }

    /// All connections of both sides are gone; some bytes of theirs arrived, and some did not.
    fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let _ = std::fs::remove_file(self.folder.path().join("pgbouncer.pid"));
        let _ = std::fs::remove_file(self.folder.path().join(format!(".s.PGSQL.{PORT}")));
        self.child = self.command.spawn().unwrap();
        self.wait();
    }

    fn wait(&mut self) {
        let socket = self.folder.path().join(format!(".s.PGSQL.{PORT}"));
        let began = Instant::now();
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "pgbouncer ended: {ended:?}");
            assert!(began.elapsed() < LIMIT, "pgbouncer does not listen");
            std::thread::yield_now();
        }
    }

    fn url(&self, user: &str, database: &str) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        let password = PASSWORD.replace(' ', "%20");
        format!("postgresql://{user}:{password}@{folder}:{PORT}/{database}")
    }

    async fn connect(&self, database: &str) -> Result<Client, tokio_postgres::Error> {
        let url = self.url("homelab_app", database);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn server_socket(server: &TestServer) -> PathBuf {
    let url = server.url(SUPERUSER, DATABASE);
    let config: tokio_postgres::Config = url.parse().unwrap();
    match &config.get_hosts()[0] {
        tokio_postgres::config::Host::Unix(folder) => folder.clone(),
        tokio_postgres::config::Host::Tcp(name) => panic!("{name} is no socket"),
    }
}

fn psql(server: &TestServer, query: &str) -> String {
    let psql = server.psql(SUPERUSER, DATABASE);
    let output = psql.unwrap().args(["-AtXc", query]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lab's database, whose application logs in with a password.
fn prepare(server: &TestServer, home: &Home) {
    let mut migrate = home.command(&["db", "migrate"]);
    migrate.env("DATABASE_URL", server.url(SUPERUSER, DATABASE));
    support::done(migrate.output().unwrap()).expect(0);
    let clients = psql(server, "SHOW hba_file");
    let known = std::fs::read_to_string(clients.trim()).unwrap();
    let asked = format!("local all homelab_app scram-sha-256\n{known}");
    std::fs::write(clients.trim(), asked).unwrap();
    psql(server, &format!("ALTER ROLE homelab_app PASSWORD '{PASSWORD}'"));
    psql(server, "SELECT pg_reload_conf()");
}

/// As the shipped configuration says that it is made.
fn userlist(server: &TestServer) -> String {
    psql(
        server,
        "SELECT format('\"%s\" \"%s\"', rolname, rolpassword) FROM pg_authid WHERE rolname = 'homelab_app'",
    )
}

#[tokio::test]
async fn the_shipped_configuration_serves_dashboards_and_runs() {
    let program = match Program::find() {
        Ok(program) => program,
        Err(why) => return println!("skipped: there is no pgbouncer here: {why}"),
    };
    let server = TestServer::own().unwrap();
    let home = Home::new();
    prepare(&server, &home);

    // The document's: nobody can log in.
    let theirs = Pooler::start(&program, &server, DOCUMENTS);
    let refused = theirs.connect("homelab_db").await.err();
    assert!(refused.is_some(), "the document's configuration lets somebody in");
    drop(theirs);

    let ours = Pooler::start(&program, &server, SHIPPED);
    // More clients than connections, each with a transaction of its own.
    let mut clients = Vec::new();
    for _ in 0..30 {
        clients.push(ours.connect("homelab_db").await.unwrap());
    }
    for client in &clients {
        let rows =
            client.simple_query("BEGIN; SELECT count(*) FROM scpi.measurements; COMMIT").await;
        assert!(rows.is_ok(), "{rows:?}");
    }
    let backends = "SELECT count(DISTINCT pid) FROM pg_stat_activity WHERE usename = 'homelab_app'";
    let backends: u32 = psql(&server, backends).trim().parse().unwrap();
    assert!((1..=20).contains(&backends), "{backends} connections of the server for 30 clients");
    // What a client prepared outside a transaction is in a connection that another one has now.
    let prepared = clients[0].prepare("SELECT 1").await.unwrap();
    clients[1].simple_query("BEGIN").await.unwrap();
    let lost = clients[0].query(&prepared, &[]).await.err().unwrap();
    assert_eq!(lost.code().map(SqlState::code), Some("26000"), "{lost:?}");
    drop(clients);

    let url = ours.url("homelab_app", "homelab_db");
    let words = ["testplans/quickstart.toml", "--sim", "--require-db"];
    // More runs than the pool has connections for at a time, each preparing statements of the same names.
    let begun = [(); 4].map(|()| {
        let mut command = home.command(&words);
        command.env("DATABASE_URL", &url).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    });
    for run in begun {
        support::done(run.wait_with_output().unwrap()).expect(0);
    }
    assert_eq!(psql(&server, "SELECT count(*) FROM scpi.measurements"), "192\n");
    // What reads comes the same way.
    let run = home.journals()[0].file_stem().unwrap().to_str().unwrap().to_owned();
    for words in [&["history"][..], &["show", "latest"], &["verify", &run], &["db", "status"]] {
        support::done(home.command(words).env("DATABASE_URL", &url).output().unwrap()).expect(0);
    }
}

#[test]
fn a_pooler_that_restarts_loses_nothing() {
    let program = match Program::find() {
        Ok(program) => program,
        Err(why) => return println!("skipped: there is no pgbouncer here: {why}"),
    };
    let server = TestServer::own().unwrap();
    let home = Home::new();
    prepare(&server, &home);
    let mut pooler = Pooler::start(&program, &server, SHIPPED);
    let url = pooler.url("homelab_app", "homelab_db");
    let rows = Rows { url: server.url(SUPERUSER, DATABASE) };
    let mut random = Random(7);
    for round in 0..RESTARTS {
        let session = made::write(&home, &mut random);
        let mut sync = home.command(&["sync", "--db", &url]);
        let mut sync = sync.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let events = random.below(made::EVENTS);
        rows.wait_for(session, events, || sync.try_wait().unwrap().is_some());
        pooler.restart();
        sync.wait().unwrap();
        support::done(home.command(&["sync", "--db", &url]).output().unwrap()).expect(0);
        rows.hold_what_the_journals_say(&home, &format!("round {round}"));
    }
}
