//! An instrument that wants a login, which is kept by `credentials` and comes from a database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use result_store::testing::TestDatabase;
use support::{Done, Home, SimProcess, done, root};

/// Nowhere but where it belongs.
const SECRET: &str = "b3nch-w0rd-of-this-test";

struct Lab {
    home: Home,
    database: TestDatabase,
    simulator: SimProcess,
    key: String,
}

impl Lab {
    /// The quickstart's bench, whose supply lets nobody in without the word, and a database that keeps it.
    fn new() -> Self {
        let (home, database) = (Home::new(), TestDatabase::new().unwrap());
        let spec = std::fs::read_to_string(root().join("sim/quickstart.toml")).unwrap();
        let spec = spec.replacen(
            "[instruments.psu]",
            &format!("[instruments.psu]\nlogin = \"login ann {SECRET}\""),
            1,
        );
        let spec = home.write("guarded.toml", &spec);
        let simulator = SimProcess::start(&home, spec.to_str().unwrap());
        let key = home.path().join("lab.key").to_str().unwrap().to_owned();
        home.run(&["credentials", "key", &key]).expect(0);
        let lab = Self { home, database, simulator, key };
        let set = ["credentials", "set", "supply", "--type", "scpi", "--user", "ann"];
        lab.as_admin(&set, SECRET).expect(0);
        lab
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.home.command(words);
        command
            .env("DATABASE_URL", self.database.run_url())
            .env("SCPI_RUN_CREDENTIALS_URL", self.database.url("homelab_admin"))
            .env("SCPI_RUN_KEY_FILE", &self.key);
        command
    }

    fn as_admin(&self, words: &[&str], input: &str) -> Done {
        let mut command = self.command(words);
        command.env("DATABASE_URL", self.database.url("homelab_admin"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        done(child.wait_with_output().unwrap())
    }

    /// A bench file in which the supply has these lines more.
    fn bench(&self, login: &str) -> String {
        let file = self.simulator.bench_file("");
        let file = file.replacen("[instruments.psu]", &format!("[instruments.psu]\n{login}"), 1);
        self.home.write("bench.toml", &file).to_str().unwrap().to_owned()
    }
}

const LOGIN: &str = "login = { credential = \"supply\", line = \"login {user} {password}\" }";

#[test]
fn a_run_logs_in_with_what_the_database_keeps() {
    let lab = Lab::new();
    let bench = lab.bench(LOGIN);
    let trace = lab.home.path().join("trace").to_str().unwrap().to_owned();
    let run = [
        "testplans/quickstart.toml",
        "--bench",
        &bench,
        "--dut",
        "ABC12345",
        "--trace",
        &trace,
        "--json",
    ];
    let ran = done(lab.command(&run).output().unwrap()).expect(0);
    // It is in nothing that is kept or shown.
    let journal = std::fs::read_to_string(&lab.home.journals()[0]).unwrap();
    for (place, text) in [
        ("output", &ran.out),
        ("errors", &ran.err),
        ("trace", &std::fs::read_to_string(&trace).unwrap()),
        ("journal", &journal),
    ] {
        assert!(!text.contains(SECRET), "it is in the {place}");
        assert!(
            place == "errors" || text.contains("PASS") || text.contains("*IDN?"),
            "{place}: {text}"
        );
    }
    lab.as_admin(&["credentials", "audit"], "")
        .expect(0)
        .says("login to the bench 'served'")
        .says("api");
    // The panic button too.
    done(lab.command(&["safe", "--bench", &bench]).output().unwrap())
        .expect(0)
        .says("confirmed off");
}

#[test]
fn a_login_that_cannot_be_had_or_is_refused_is_said() {
    let lab = Lab::new();
    let run = |bench: &str, without: &str| {
        let mut command =
            lab.command(&["testplans/quickstart.toml", "--bench", bench, "--dut", "ABC12345"]);
        command.env_remove(without);
        let ran = done(command.output().unwrap());
        assert!(!format!("{ran:?}").contains(SECRET));
        ran
    };
    let bench = lab.bench(LOGIN);
    run(&bench, "SCPI_RUN_KEY_FILE").expect(2).says("SCPI_RUN_KEY_FILE");
    // The application may read no secret.
    run(&bench, "SCPI_RUN_CREDENTIALS_URL").expect(40).says("permission denied");
    let unknown = lab.bench("login = { credential = \"other\", line = \"{password}\" }");
    run(&unknown, "NOTHING").expect(40).says("other: there is no such system");
    let other = lab.bench("login = { credential = \"supply\", line = \"enter {password}\" }");
    run(&other, "NOTHING").expect(30);
    let silent = lab.bench(
        "login = { credential = \"supply\", line = \"login {user} {password}\", answer = \"WELCOME\" }",
    );
    run(&silent, "NOTHING").expect(30);
    let none = lab.bench("");
    run(&none, "NOTHING").expect(30);
    assert!(lab.home.journals().len() >= 3);
    for journal in lab.home.journals() {
        assert!(!std::fs::read_to_string(journal).unwrap().contains(SECRET));
    }
}
