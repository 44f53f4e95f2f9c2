//! `scpi-run db` and `scpi-run credentials`: what keeps a database right, and what is kept in it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use private_postgres::SUPERUSER;
use result_store::testing::TestDatabase;
use support::{Done, Home, done};

/// A database, and commands that work on it with the programs of its own server.
struct Lab {
    home: Home,
    database: TestDatabase,
}

impl Lab {
    fn new() -> Self {
        Self { home: Home::new(), database: TestDatabase::new().unwrap() }
    }

    fn run(&self, role: &str, words: &[&str]) -> Done {
        self.run_with(role, words, "")
    }

    fn run_with(&self, role: &str, words: &[&str], input: &str) -> Done {
        self.run_at(&self.database.url(role), words, input)
    }

    fn run_at(&self, url: &str, words: &[&str], input: &str) -> Done {
        self.run_command(self.home.command(words), url, input)
    }

    fn shell(&self, role: &str, line: &str) -> Done {
        let words = self.home.command::<&str>(&[]);
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(support::root());
        for (name, value) in words.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.run_command(command, &self.database.url(role), "")
    }

    fn run_command(&self, mut command: Command, url: &str, input: &str) -> Done {
        let psql = self.database.server().psql(SUPERUSER, "postgres").unwrap();
        let variables = psql.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let folder = Path::new(psql.get_program()).parent().unwrap();
        let path = std::env::join_paths(
            std::iter::once(folder.to_owned())
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
        );
        command.envs(variables).env("PATH", path.unwrap()).env("DATABASE_URL", url);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that fails early reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        done(child.wait_with_output().unwrap())
    }

    fn rows(&self, query: &str) -> String {
        let psql = self.database.server().psql(SUPERUSER, self.database.name());
        let output = psql.unwrap().args(["-Atc", query]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn a_fault_of_the_schema_is_told_with_code_40() {
    let lab = Lab::new();
    lab.run("homelab_app", &["db", "verify"]).expect(0).says("as the migrations give it");
    lab.rows("DROP INDEX scpi.idx_measurements_type");
    lab.run("homelab_readonly", &["db", "verify"])
        .expect(40)
        .says("index scpi.idx_measurements_type is missing")
        .says("1 findings");
    lab.run("homelab_app", &["db", "partitions", "--ahead", "3"])
        .expect(0)
        .says("scpi.measurements_default")
        .says("5 partitions were made");
    lab.run("homelab_app", &["db", "partitions"]).expect(0).says("2025-12");
    lab.run("homelab_app", &["db", "maintain"]).expect(40).says("belongs to somebody else");
    lab.run("homelab_admin", &["db", "maintain"]).expect(0).says("tables vacuumed");
}

#[test]
fn an_inventory_goes_in_and_comes_out() {
    let lab = Lab::new();
    let import = ["db", "inventory", "import", "fixtures/homelab.toml"];
    lab.run("homelab_app", &import).expect(0).says("devices: 13, of which 13 new and 0 changed");
    lab.run("homelab_app", &import).expect(0).says("devices: 13, of which 0 new and 0 changed");
    let file = lab.path("out.toml");
    lab.run("homelab_readonly", &["db", "inventory", "export", &file]).expect(0).says("written");
    lab.run("homelab_readonly", &["db", "inventory", "export", &file]).expect(2).says("exists");
    let shown = lab.run("homelab_readonly", &["db", "inventory", "export", "-"]).expect(0).out;
    assert_eq!(shown, std::fs::read_to_string(&file).unwrap());
    lab.run("homelab_app", &["db", "inventory", "import", &file])
        .expect(0)
        .says("13, of which 0 new");
    let wrong = lab.home.write("wrong.toml", "[[devices]]\nname = 'a'\ncolour = 'red'\n");
    lab.run("homelab_app", &["db", "inventory", "import", wrong.to_str().unwrap()])
        .expect(2)
        .says("wrong.toml")
        .says("colour");

    let report = ["db", "report", "infrastructure"];
    lab.run("homelab_readonly", &report).expect(0).says("network      unknown      3");
    let json = lab.run("homelab_readonly", &[&report[..], &["--json"]].concat()).expect(0).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let first = serde_json::json!({"device_type": "network", "status": "unknown", "count": 3});
    assert_eq!(json[0], first);
    let csv = lab.run("homelab_readonly", &[&report[..], &["--csv"]].concat()).expect(0).out;
    assert_eq!(csv.lines().nth(1), Some("network,unknown,3"));
    for name in ["equipment-uptime", "test-success", "model-performance"] {
        lab.run("homelab_readonly", &["db", "report", name, "--days", "2"]).expect(0);
    }
}

#[test]
fn a_secret_comes_and_goes_by_standard_input_and_output() {
    let lab = Lab::new();
    let (old, new) = (lab.path("old.key"), lab.path("new.key"));
    for file in [&old, &new] {
        lab.run("homelab_admin", &["credentials", "key", file]).expect(0).says("scpi-run/");
    }
    lab.run("homelab_admin", &["credentials", "key", &old]).expect(2).says("exists");
    let set = ["credentials", "set", "nas", "--type", "nas", "--user", "ann", "--key-file", &old];
    lab.run_with("homelab_admin", &set, "correct horse\n").expect(0).says("the system is new");
    lab.run_with("homelab_admin", &set, "").expect(2).says("standard input");
    lab.run_with("homelab_admin", &set, "two\nlines\n").expect(2).says("more than one line");
    lab.run_with("homelab_app", &set, "x\n").expect(40).says("permission denied");
    let ssh = [&set[..], &["--secret", "ssh-key"]].concat();
    let private = "-----BEGIN A KEY-----\nabc\n-----END A KEY-----\n";
    lab.run_with("homelab_admin", &ssh, private).expect(0);

    let get = ["credentials", "get", "nas", "--purpose", "a test", "--key-file"];
    let get_with = |key: &str| lab.run("homelab_admin", &[&get[..], &[key]].concat());
    assert_eq!(get_with(&old).expect(0).out, "correct horse\n");
    let ssh = [&get[..], &[old.as_str(), "--secret", "ssh-key"]].concat();
    assert_eq!(lab.run("homelab_admin", &ssh).expect(0).out, private);
    let rotate = ["credentials", "rotate", "--key-file", &old, "--new-key-file", &new];
    lab.run("homelab_admin", &rotate).expect(0).says("1 systems");
    assert_eq!(get_with(&new).expect(0).out, "correct horse\n");
    get_with(&old).expect(40).says("it is encrypted under");
    lab.run("homelab_admin", &["credentials", "list"]).expect(0).says("password, ssh_key");
    lab.run("homelab_admin", &["credentials", "audit"])
        .expect(0)
        .says("no: other key")
        .says("a test");

    lab.run("homelab_admin", &get[..5]).expect(2).says("--key-file");
    let mut open = std::fs::metadata(&new).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut open, 0o644);
    std::fs::set_permissions(&new, open).unwrap();
    get_with(&new).expect(2).says("chmod 600");
}

/// A filled database is dumped, restored, and the same; a dump that is not whole never has its name.
#[test]
fn a_backup_restores_into_an_empty_database() {
    let lab = Lab::new();
    lab.run("homelab_app", &["testplans/quickstart.toml", "--sim"]).expect(0);
    lab.run("homelab_app", &["db", "inventory", "import", "fixtures/homelab.toml"]).expect(0);
    let dump = lab.path("whole.dump");
    lab.run(SUPERUSER, &["db", "backup", &dump]).expect(0).says("restored and compared");
    let mode = std::fs::metadata(&dump).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    lab.run(SUPERUSER, &["db", "backup", &dump]).expect(2).says("there already");
    lab.run("homelab_readonly", &["db", "backup", &lab.path("never.dump")])
        .expect(40)
        .says("permission denied");
    assert!(!Path::new(&lab.path("never.dump")).exists());
    assert!(!Path::new(&lab.path("never.dump.partial")).exists());

    let other = TestDatabase::missing().unwrap();
    let url = other.url(SUPERUSER);
    lab.run_at(&url, &["db", "restore", &dump], "").expect(0).says("restored from");
    lab.run_at(&url, &["db", "verify"], "").expect(0);
    lab.run_at(&url, &["db", "status"], "").expect(0).says("measurements 48");
    lab.run_at(&url, &["db", "restore", &dump], "").expect(40).says("already");
    let broken = lab.home.write("broken.dump", "PGDMP and no more");
    let empty = TestDatabase::missing().unwrap();
    lab.run_at(&empty.url(SUPERUSER), &["db", "restore", broken.to_str().unwrap()], "")
        .expect(40)
        .says("pg_restore");
}

#[test]
fn a_month_is_backed_up_and_restored_alone() {
    let lab = Lab::new();
    lab.rows(
        "SELECT scpi_run.ensure_partitions('2026-01-01', '2026-01-01');
         INSERT INTO scpi.measurements (\"timestamp\", measurement_type, value, unit) VALUES
            ('2026-01-01 00:00+00', 'voltage', 1.2300, 'V'), ('2026-01-31 23:59+00', 'voltage', 'NaN', 'V'),
            ('2025-12-31 23:59+00', 'voltage', 3, 'V')",
    );
    let dump = lab.path("month.dump");
    let month = ["--month", "2026-01"];
    lab.run(SUPERUSER, &[&["db", "backup", &dump], &month[..]].concat())
        .expect(0)
        .says("2 rows of 5 tables");
    let restore = [&["db", "restore", &dump], &month[..]].concat();
    lab.run(SUPERUSER, &restore).expect(40).says("would be doubled");
    let rows = "SELECT string_agg(to_jsonb(m)::text, ' ' ORDER BY measurement_id) FROM scpi.measurements AS m";
    let before = lab.rows(rows);
    lab.rows("DROP TABLE scpi.measurements_2026_01");
    lab.run(SUPERUSER, &restore).expect(0);
    assert_eq!(lab.rows(rows), before);
    lab.run(SUPERUSER, &["db", "backup", "x", "--month", "2026-1"]).expect(2).says("2026-03");
}

#[test]
fn a_month_is_archived_listed_and_restored() {
    let lab = Lab::new();
    lab.rows(
        "SELECT scpi_run.ensure_partitions('2026-01-01', '2026-01-01');
         INSERT INTO scpi.measurements (\"timestamp\", measurement_type, value, unit) VALUES
            ('2026-01-01 00:00+00', 'voltage', 1.2300, 'V'), ('2026-01-31 23:59+00', 'voltage', 'NaN', 'V')",
    );
    let rows = "SELECT string_agg(to_jsonb(m)::text, ' ' ORDER BY measurement_id) FROM scpi.measurements AS m";
    let before = lab.rows(rows);
    let archive = |words: &[&str]| lab.run("homelab_admin", &[&["db", "archive"], words].concat());
    archive(&["--before", "9999-01"]).expect(40).says("is not over");
    archive(&["--before", "2026-02"])
        .expect(0)
        .says("scpi.measurements 2026-01: 2 rows in scpi.measurements_2026_01.parquet, read back and compared")
        .says("1 files, 9 months were empty");
    assert_eq!(lab.rows(rows), "\n");
    let folder = lab.home.path().join("data/scpi-run/archive");
    let file = folder.join("scpi.measurements_2026_01.parquet");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    archive(&[]).expect(0).says("current").says("scpi.measurements_2026_01.parquet");
    archive(&["--restore", "2026-02"]).expect(2).says("no archive");
    archive(&["--restore", "2026-01", "--folder", "/nowhere"])
        .expect(40)
        .says("/nowhere/scpi.meas");
    lab.run("homelab_app", &["db", "archive", "--restore", "2026-01"])
        .expect(40)
        .says("permission denied");
    archive(&["--restore", "2026-01"]).expect(0).says("restored");
    assert_eq!(lab.rows(rows), before);
    archive(&["--restore", "2026-01"]).expect(2).says("no archive");
    lab.run("homelab_admin", &["db", "verify"]).expect(0);
    archive(&["--before", "2026-01", "--restore", "2026-01"]).expect(2);
}

#[test]
fn the_old_database_comes_over() {
    let lab = Lab::new();
    let file = lab.path("old.sqlite");
    let script = std::fs::read_to_string(support::root().join("fixtures/legacy/old.sql")).unwrap();
    rusqlite::Connection::open(&file).unwrap().execute_batch(&script).unwrap();
    let import =
        |more: &[&str]| lab.run("homelab_app", &[&["db", "import-legacy", &file], more].concat());
    import(&["--since", "2025-01-01", "--dry-run"])
        .expect(0)
        .says("4 new")
        .says("nothing was changed");
    import(&["--since", "2025-01-01"])
        .expect(0)
        .says("equipment: 7 rows; 4 new in infrastructure.devices, 0 matched by name, 0 known, 0 before, 3 skipped")
        .says("row 6: it has no name")
        .says("wiki: 2 rows; there is no place for them");
    import(&["--since", "2025-01-01"])
        .expect(0)
        .says("0 new in scpi.measurements, 0 matched by name, 4 known");
    import(&["--since", "last year"]).expect(2).says("2026-01-31");
    lab.run("homelab_app", &["db", "import-legacy", "/nowhere"]).expect(2).says("no such file");
    lab.run("homelab_app", &["db", "import-legacy", "README.md"]).expect(40).says("not a database");
}

/// The units that are shipped, with this machine's places in them.
fn units(lab: &Lab) -> Vec<(String, String)> {
    let folder = support::root().join("docs/systemd");
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.starts_with("scpi-run-db-"));
    let unit = |name: String| {
        let text = std::fs::read_to_string(support::root().join("docs/systemd").join(&name));
        let text = text.unwrap().replace("/usr/bin/scpi-run", env!("CARGO_BIN_EXE_scpi-run"));
        (name, text.replace("/var/lib/scpi-run", lab.home.path().to_str().unwrap()))
    };
    names.map(unit).collect()
}

#[test]
fn the_shipped_units_are_accepted_by_systemd() {
    let lab = Lab::new();
    let files: Vec<_> =
        units(&lab).into_iter().map(|(name, text)| lab.home.write(&name, &text)).collect();
    assert_eq!(files.len(), 8);
    let verify = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&files).output();
    match verify {
        Ok(output) => assert!(output.status.success() && output.stderr.is_empty(), "{output:?}"),
        Err(error) => println!("skipped: systemd-analyze: {error}"),
    }
}

/// What each unit does, done by a shell as systemd would.
#[test]
fn the_shipped_units_do_their_work() {
    let lab = Lab::new();
    std::fs::create_dir(lab.home.path().join("backups")).unwrap();
    for (name, text) in units(&lab) {
        let begins = text.lines().filter_map(|line| line.strip_prefix("ExecStart"));
        for line in begins.filter_map(|line| line.split_once('=')) {
            let line = line.1.replace("$$", "$").replace("%%", "%");
            let done = lab.shell(SUPERUSER, &line);
            assert_eq!(done.code, 0, "{name}: {done:?}");
        }
    }
    assert_eq!(std::fs::read_dir(lab.home.path().join("backups")).unwrap().count(), 1);
}

#[test]
fn our_own_server_takes_a_restored_database_in_place_of_its_own() {
    let home = Home::new();
    home.run(&["testplans/failing.toml", "--sim"]).expect(10);
    let dump = home.path().join("own.dump");
    let dump = dump.to_str().unwrap();
    home.run(&["db", "backup", dump]).expect(0).says("restored and compared");
    // The scratch database is gone.
    let left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'scpi_run_scratch_%'";
    assert_eq!(home.run(&["db", "psql", "--", "-Atc", left]).expect(0).out, "0\n");
    home.run(&["testplans/failing.toml", "--sim"]).expect(10);
    home.run(&["db", "maintain"]).expect(0);
    home.run(&["db", "verify"]).expect(0);
    home.run(&["db", "restore", dump]).expect(0).says("homelab_db_before_").says("restored from");
    assert_eq!(home.run(&["history"]).expect(0).out.matches("failing").count(), 1);
    home.run(&["sync"]).expect(0).says("1 had something to send");
    assert_eq!(home.run(&["history"]).expect(0).out.matches("failing").count(), 2);
    home.run(&["db", "verify"]).expect(0);

    // What was changed by hand is found, and mended where that can be.
    let url =
        home.run(&["db", "url"]).expect(0).out.trim().replace("user=homelab_app", "user=postgres");
    let harm = "REVOKE SELECT ON public.view_device_summary FROM homelab_readonly";
    home.run(&["db", "psql", "--db", &url, "--", "-c", harm]).expect(0);
    home.run(&["db", "verify"])
        .expect(40)
        .says("view_device_summary to homelab_readonly is missing");
    home.run(&["db", "migrate"]).expect(0).says("up to date");
    home.run(&["db", "verify"]).expect(0);
    home.run(&["db", "stop"]).expect(0);
}
