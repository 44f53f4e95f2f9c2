//! `scpi-run schedule`: sweeps, and what the morning report says of nights that went wrong.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use private_postgres::{RUN_ROLE, SUPERUSER};
use result_store::testing::TestDatabase;
use run_journal::read_run;
use rustix::process::Signal;
use serde_json::Value;
use support::{Done, Home, SimProcess, done, root, signal};

/// Switches on, and then waits far longer than any test.
const WAITS: &str = r#"
name = "waits"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
[[setup]]
id = "on"
apply = [{ role = "psu", voltage = "12 V", current_limit = "1 A", output = "on" }]
[[steps]]
id = "long"
wait = "600 s"
"#;

/// One reading of the meter.
const READS: &str = r#"
name = "reads"
[instruments]
dmm = { class = "multimeter" }
[readings.v]
role = "dmm"
function = "dc_voltage"
range = "100 V"
samples = 5
[[steps]]
id = "v"
measure = { reading = "v", limit = "-1 V .. 1 V" }
"#;

fn plan(name: &str) -> String {
    root().join("testplans").join(name).display().to_string()
}

/// A sweep of these lines, run without a database, and its summary.
fn night(home: &Home, name: &str, lines: &str, words: &[&str]) -> (Done, Value) {
    let file = sweep(home, name, lines);
    let all = [&["schedule", "run", file.to_str().unwrap(), "--db", "none"][..], words].concat();
    let ran = home.run(&all);
    (ran, summary(home, name))
}

fn sweep(home: &Home, name: &str, lines: &str) -> PathBuf {
    home.write(&format!("{name}.sweep.toml"), &format!("name = \"{name}\"\n{lines}"))
}

fn summary(home: &Home, name: &str) -> Value {
    let done = home.run(&["schedule", "report", name, "--json"]);
    serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {done:#?}"))
}

fn outcomes(summary: &Value) -> Vec<&str> {
    summary["jobs"].as_array().unwrap().iter().map(|job| job["outcome"].as_str().unwrap()).collect()
}

/// Why the job of this number came out as it did.
fn why(summary: &Value, job: usize) -> String {
    summary["jobs"][job]["why"].to_string()
}

#[test]
fn a_sweep_runs_all_of_its_jobs_and_the_morning_tells_of_them() {
    let home = Home::new();
    let (quickstart, failing) = (plan("quickstart.toml"), plan("failing.toml"));
    let told = home.path().join("told.json");
    let page = home.path().join("morning.html");
    let lines = format!(
        "[defaults]\nsim = true\n[[jobs]]\nplan = '{quickstart}'\nrepeat = 2\n[[jobs]]\nplan = '{failing}'\n\
         [[jobs]]\nplan = 'missing.toml'\n[[jobs]]\nplan = '{quickstart}'\ntags = ['none']\n"
    );
    let notify = format!("cat > {}", told.display());
    let words = ["--trigger", "scheduled", "--notify", &notify, "--html", page.to_str().unwrap()];
    let (ran, summary) = night(&home, "all", &lines, &words);
    // A plan that is missing is the worst of it, and holds up nobody.
    let ran = ran
        .expect(2)
        .says("NOT ALL PASSED")
        .says("missing.toml: No such file")
        .says("limit 4.95 V .. 5.05 V");
    assert!(ran.out.contains("2 jobs") || ran.out.contains("4 jobs"), "{ran:#?}");
    assert_eq!(outcomes(&summary)[..3], ["PASS", "FAIL", "NOT BEGUN"]);
    let told: Value = serde_json::from_str(&std::fs::read_to_string(told).unwrap()).unwrap();
    assert_eq!(told, summary);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Morning report") && page.contains("No such file"), "{page}");
    for journal in home.journals() {
        let run = read_run(&journal).unwrap();
        assert_eq!(run.start.unwrap().trigger, bench_model::Trigger::Scheduled);
    }
    // The night before stands beside it.
    let (_, second) = night(&home, "all", &lines, &["--trigger", "scheduled"]);
    assert_eq!(second["nights"].as_array().unwrap().len(), 1);
    assert_eq!(second["nights"][0]["exit"], 2);
}

#[test]
fn what_hangs_is_stopped_its_outputs_are_off_and_the_rest_goes_on() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    home.write("bench.toml", &sim.bench_file(""));
    home.write("waits.toml", WAITS);
    home.write("reads.toml", READS);
    let lines = "[defaults]\nbench = 'bench.toml'\n[[jobs]]\nplan = 'waits.toml'\nbudget = '3 s'\n\
                 [[jobs]]\nplan = 'reads.toml'\n";
    let (ran, summary) = night(&home, "hangs", lines, &[]);
    ran.expect(50).says("it was past its budget of 3 s").says("every output was confirmed off");
    assert_eq!(outcomes(&summary), ["STOPPED", "PASS"]);
    assert_eq!(summary["jobs"][0]["outputs_off"], true);
    assert_eq!(home.run(&["query", sim.address("psu"), ":OUTP? CH1"]).out, "OFF\n");
}

/// A run that holds the bench, and has begun to wait.
fn holder(home: &Home) -> Child {
    let words = ["waits.toml", "--bench", "bench.toml", "--db", "none", "--json"];
    let mut command = home.command(&words);
    let mut child = command.current_dir(home.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains(r#""step_started","step":"long""#) {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "the run ended before it waited");
    }
    // Nobody reads further: what it still says is lost, and it does not matter.
    std::thread::spawn(move || events.lines().for_each(drop));
    child
}

#[test]
fn a_bench_in_use_is_refused_or_waited_for_within_the_budget() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    home.write("bench.toml", &sim.bench_file(""));
    home.write("waits.toml", WAITS);
    let quickstart = plan("quickstart.toml");
    let mut child = holder(&home);
    let jobs = format!(
        "[[jobs]]\nplan = 'waits.toml'\nbench = 'bench.toml'\nbudget = '2 s'\n[[jobs]]\nplan = '{quickstart}'\nsim = true\n"
    );
    let (ran, refused) = night(&home, "refuses", &format!("in_use = 'refuse'\n{jobs}"), &[]);
    ran.expect(30).says("psu at tcp://127.0.0.1");
    assert_eq!(outcomes(&refused), ["NOT BEGUN", "PASS"]);
    assert!(why(&refused, 0).contains("is in use by another run (process"), "{refused:#}");
    let (ran, waited) = night(&home, "waits", &jobs, &[]);
    ran.expect(50);
    assert_eq!(outcomes(&waited), ["STOPPED", "PASS"]);
    assert!(why(&waited, 0).contains("waiting for psu at"), "{waited:#}");
    assert!(why(&waited, 0).contains("past its budget of 2 s"), "{waited:#}");
    signal(&child, Signal::INT);
    child.wait().unwrap();
}

#[test]
fn two_sweeps_on_one_bench_never_interleave() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    home.write("bench.toml", &sim.bench_file(""));
    home.write("reads.toml", READS);
    let lines = "[[jobs]]\nplan = 'reads.toml'\nbench = 'bench.toml'\nrepeat = 3\n";
    let begun: Vec<Child> = ["one", "two"]
        .map(|name| {
            let file = sweep(&home, name, lines);
            let words = ["schedule", "run", file.to_str().unwrap(), "--db", "none"];
            home.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .into();
    for child in begun {
        done(child.wait_with_output().unwrap()).expect(0);
    }
    let mut runs: Vec<_> = home.journals().iter().map(|file| read_run(file).unwrap()).collect();
    assert_eq!(runs.len(), 6);
    runs.sort_by_key(|run| run.started_at);
    for pair in runs.windows(2) {
        assert!(pair[0].ended_at.unwrap() <= pair[1].started_at.unwrap(), "two runs at once");
    }
    // The same sweep twice at once is one too many.
    let file = sweep(
        &home,
        "one",
        "[[jobs]]\nplan = 'waits.toml'\nbench = 'bench.toml'\nbudget = '60 s'\n",
    );
    home.write("waits.toml", WAITS);
    let mut first = home.command(&["schedule", "run", file.to_str().unwrap(), "--db", "none"]);
    let mut first = first.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("1 of 1") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0);
    }
    let second = home.run(&["schedule", "run", file.to_str().unwrap(), "--db", "none"]);
    second.expect(30).says("the sweep 'one' runs already (process");
    signal(&first, Signal::TERM);
    assert_eq!(first.wait().unwrap().code(), Some(50));
    assert!(why(&summary(&home, "one"), 0).contains("SIGTERM: the sweep was stopped"));
}

#[test]
fn a_database_that_is_away_all_night_is_one_line() {
    let home = Home::new();
    let quickstart = plan("quickstart.toml");
    let file = sweep(&home, "away", &format!("[[jobs]]\nplan = '{quickstart}'\nsim = true\n"));
    // Nobody listens there.
    let url = "postgresql://nobody@127.0.0.1:1/none?sslmode=disable";
    home.run(&["schedule", "run", file.to_str().unwrap(), "--db", url]).expect(0);
    let summary = summary(&home, "away");
    assert_eq!(outcomes(&summary), ["PASS"]);
    let note = summary["notes"][0].as_str().unwrap();
    assert!(note.contains("the database has not got all of the 1 runs"), "{note}");
    assert!(note.contains("`scpi-run sync` sends them"), "{note}");
}

/// Changes what is kept of a schedule, as time would.
fn edited(home: &Home, name: &str, from: &str, to: &str) {
    let file = home.path().join(format!("data/scpi-run/schedules/{name}.json"));
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    kept[from] = to.into();
    std::fs::write(&file, kept.to_string()).unwrap();
}

#[test]
fn a_machine_that_slept_and_a_calendar_that_cannot_be_are_said() {
    let home = Home::new();
    let quickstart = plan("quickstart.toml");
    let file = sweep(&home, "slept", &format!("[[jobs]]\nplan = '{quickstart}'\nsim = true\n"));
    let file = file.to_str().unwrap();
    let never = home.run(&["schedule", "add", file, "--no-systemd", "--on", "*-02-30"]);
    never.expect(2).says("'*-02-30' never comes");
    home.run(&["schedule", "add", file, "--on", "25:00"]).expect(2).says("no number from 0 to 23");
    home.run(&["schedule", "add", file, "--no-systemd"]).expect(2).says("when? --on");
    home.run(&["schedule", "add", file, "--no-systemd", "--on", "*-*-* *:00 UTC"])
        .expect(0)
        .says("`scpi-run schedule run --loop` runs it");
    home.run(&["schedule", "list"]).expect(0).says("schedule run --loop").says("*-*-* *:00 UTC");
    let three_days_ago = jiff::Timestamp::now() - jiff::Span::new().hours(72);
    edited(&home, "slept", "added_at", &three_days_ago.to_string());
    home.run(&["schedule", "run", "slept", "--trigger", "scheduled", "--db", "none"])
        .expect(0)
        .says("times more were missed, and are caught up by this one");
    edited(&home, "slept", "on", "2020-01-01");
    home.run(&["schedule", "run", "slept", "--trigger", "scheduled", "--db", "none"])
        .expect(0)
        .says("the calendar: '2020-01-01' never comes (again)");
    home.run(&["schedule", "remove", "slept"]).expect(0);
    home.run(&["schedule", "run", "slept"]).expect(2).says("no schedule is called 'slept'");
}

#[test]
fn a_night_that_was_cut_is_seen_the_next_morning() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    home.write("bench.toml", &sim.bench_file(""));
    home.write("waits.toml", WAITS);
    let file = sweep(
        &home,
        "cut",
        "[[jobs]]\nplan = 'waits.toml'\nbench = 'bench.toml'\nbudget = '2 s'\n",
    );
    let words = ["schedule", "run", file.to_str().unwrap(), "--db", "none"];
    let mut first = home.command(&words);
    let mut first = first.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("1 of 1") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0);
    }
    first.kill().unwrap();
    first.wait().unwrap();
    // Its run may go on by itself, or not have begun: the next night waits for the bench, as for anybody's.
    home.run(&words).expect(50).says("nights before").says("cut");
}

#[test]
fn shards_together_are_the_sweep_and_their_reports_make_one() {
    let home = Home::new();
    let (quickstart, failing) = (plan("quickstart.toml"), plan("failing.toml"));
    let lines = format!(
        "[defaults]\nsim = true\n[[jobs]]\nplan = ['{quickstart}', '{failing}', '{quickstart}']\n"
    );
    let file = sweep(&home, "parts", &lines);
    for (shard, code) in [("1/2", 0), ("2/2", 10)] {
        let folder = home.path().join(shard.replace('/', "-"));
        let words = [
            "schedule",
            "run",
            file.to_str().unwrap(),
            "--db",
            "none",
            "--shard",
            shard,
            "--report",
        ];
        let mut command = home.command(&words);
        done(command.arg(folder).output().unwrap()).expect(code);
    }
    let part = |name: &str| home.path().join(name).join("morning.json").display().to_string();
    let whole = home.path().join("whole.html");
    let words =
        ["schedule", "report", &part("1-2"), &part("2-2"), "--html", whole.to_str().unwrap()];
    home.run(&words)
        .expect(10)
        .says("parts (parts 1/2, 2/2)")
        .says("3 jobs")
        .says("2 passed, 1 did not");
    let page = std::fs::read_to_string(whole).unwrap();
    assert!(page.contains("limit 4.95 V .. 5.05 V"));
    let one = std::fs::read_dir(home.path().join("1-2")).unwrap().count();
    assert_eq!(one, 2 * 4 + 2, "four reports of each run, and two of the night");
    // Plans alone are shared in the same way.
    let words =
        [&quickstart, &failing, "--sim", "--db", "none", "--progress", "none", "--shard", "1/2"];
    home.run(&words).expect(0);
    home.run(&["schedule", "report", "none"]).expect(2).says("no sweep 'none' has run");
}

#[test]
fn a_sweep_is_checked_and_explained_with_all_that_it_names() {
    let home = Home::new();
    let nightly = plan("nightly.sweep.toml");
    home.run(&["check", &nightly]).expect(0).says("no fault; 3 jobs").says("next due at");
    home.run(&["explain", &nightly]).expect(0).says("3 jobs, at least").says("at most 10 min");
    let quickstart = plan("quickstart.toml");
    let lines = format!(
        "[defaults]\nsim = true\n[[jobs]]\nplan = '{quickstart}'\nset = {{ nobody = 1 }}\n[[jobs]]\nplan = 'missing.toml'\n\
         [[jobs]]\nplan = '{quickstart}'\nbench = 'none.toml'\n"
    );
    let wrong = sweep(&home, "wrong", &lines);
    home.run(&["check", wrong.to_str().unwrap()])
        .expect(20)
        .says("nobody")
        .says("missing.toml: No such file")
        .says("none.toml: No such file");
    let broken = sweep(&home, "broken", "on = '25:00'\n[[jobs]]\nplan = 1\n");
    home.run(&["check", broken.to_str().unwrap()]).expect(20).says("broken.sweep.toml:2: '25:00'");
}

/// Whether a program is there.
fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[test]
fn systemd_accepts_the_units() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    home.write("my bench 50%.toml", &sim.bench_file(""));
    home.write("reads.toml", READS);
    let file = sweep(
        &home,
        "units",
        "on = 'Mon..Fri 22:00'\ntime_zone = 'UTC'\njitter = '5 min'\nbudget = '2 h'\n\
         [[jobs]]\nplan = 'reads.toml'\nbench = 'my bench 50%.toml'\n",
    );
    let dry = home.run(&["schedule", "add", file.to_str().unwrap(), "--dry-run"]).expect(0);
    let text = dry.out;
    assert!(text.contains("ExecStopPost=-") && text.contains(" safe --bench "), "{text}");
    assert!(
        text.contains("OnCalendar=Mon..Fri 22:00 UTC") && text.contains("Persistent=true"),
        "{text}"
    );
    assert!(
        text.contains("RandomizedDelaySec=300s") && text.contains("TimeoutStartSec=8100s"),
        "{text}"
    );
    assert!(!home.path().join(".config").exists(), "nothing is written");
    if !has("systemd-analyze") {
        return;
    }
    let units = home.path().join("units");
    std::fs::create_dir(&units).unwrap();
    let mut files = Vec::new();
    for part in text.split("# /").skip(1) {
        let (head, text) = part.split_once('\n').unwrap();
        let name = Path::new(head).file_name().unwrap();
        std::fs::write(units.join(name), text).unwrap();
        files.push(units.join(name));
    }
    assert_eq!(files.len(), 2);
    let verified = Command::new("systemd-analyze").arg("verify").args(&files).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    let of_ours: Vec<&str> = said.lines().filter(|line| line.contains("scpi-run-units")).collect();
    assert!(verified.status.success() && of_ours.is_empty(), "{said}");
}

/// Two hosts that share a database: the other one's lease is a row, as it would have written it.
#[test]
fn an_instrument_that_another_host_uses_is_refused_or_waited_for() {
    let home = Home::new();
    let database = TestDatabase::new().unwrap();
    let sim = SimProcess::start(&home, "quickstart");
    home.write("bench.toml", &sim.bench_file(""));
    home.write("reads.toml", READS);
    let rows = |query: &str| {
        let psql = database.server().psql(SUPERUSER, database.name());
        let output = psql.unwrap().args(["-AtXc", query]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let name = rustix::system::uname().nodename().to_str().unwrap().to_owned();
    let space = std::fs::read_link("/proc/self/ns/net").unwrap();
    let key = format!("{name} {} {}", space.display(), sim.address("dmm"));
    rows(&format!(
        "INSERT INTO scpi_run.instrument_leases VALUES ('{key}', '01890000-0000-7000-8000-000000000001', 'lab-2 net',
         4711, now(), now() + interval '4 s')"
    ));
    let run = |words: &[&str]| {
        let all = [&["reads.toml", "--bench", "bench.toml", "--progress", "none"], words].concat();
        let mut command = home.command(&all);
        command.current_dir(home.path()).env("DATABASE_URL", database.run_url());
        done(command.output().unwrap())
    };
    run(&[])
        .expect(30)
        .says("dmm at tcp://127.0.0.1")
        .says("in use by another run on lab-2 (process 4711");
    // It is over after its time, and given back at the end.
    run(&["--wait"]).expect(0).says("waiting for dmm at");
    assert_eq!(rows("SELECT count(*) FROM scpi_run.instrument_leases"), "0\n");
}

#[test]
fn old_journals_are_put_away_only_when_the_database_has_them() {
    let home = Home::new();
    let database = TestDatabase::new().unwrap();
    let quickstart = plan("quickstart.toml");
    let with = |role: &str, words: &[&str]| {
        let mut command = home.command(words);
        done(command.env("DATABASE_URL", database.url(role)).output().unwrap())
    };
    let run = [quickstart.as_str(), "--sim", "--progress", "none"];
    with(RUN_ROLE, &run).expect(0);
    home.run(&[&run[..], &["--db", "none"]].concat()).expect(0);
    let maintain =
        |words: &[&str]| with(SUPERUSER, &[&["db", "maintain"], words].concat()).expect(0);
    let endings = || {
        let names = home.journals();
        let gz = names.iter().filter(|file| file.extension().unwrap() == "gz").count();
        (names.iter().filter(|file| file.extension().unwrap() == "journal").count(), gz)
    };
    maintain(&[]);
    maintain(&["--compress-journals-after", "1"]).says("0 compressed, 0 removed\n");
    assert_eq!(endings(), (2, 0), "they are of today");
    maintain(&["--compress-journals-after", "0"]).says("1 compressed, 0 removed, 1 kept");
    assert_eq!(endings(), (1, 1));
    with(RUN_ROLE, &["sync"]).expect(0);
    with(RUN_ROLE, &["history"]).expect(0).says("quickstart");
    maintain(&["--compress-journals-after", "0", "--remove-journals-after", "0"])
        .says("1 compressed, 2 removed\n");
    assert_eq!(endings(), (0, 0));
    with(RUN_ROLE, &["show", "latest"]).expect(0).says("accuracy");
}
