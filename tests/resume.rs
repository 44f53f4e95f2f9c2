//! A run that was killed or stopped at any moment goes on, and its record is then that of a run that never was.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

use bench_model::{Record, RunEvent, RunRecord, SessionStatus};
use private_postgres::RUN_ROLE;
use result_store::testing::TestDatabase;
use rustix::process::Signal;
use support::{Home, Random, SimProcess, signal};

/// Two sweeps, one of them nested, and results computed from both; a step that sets what later ones need.
const PLAN: &str = r#"
name = "goes on"
resume = "RESUME"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
load = { class = "load", max_current = "1 A", sense = "local" }
[readings.v]
role = "psu"
function = "dc_voltage"
[readings.i]
role = "psu"
function = "dc_current"
[[setup]]
id = "on"
apply = [
  { role = "psu", voltage = "5 V", current_limit = "1 A", output = "on" },
  { role = "load", mode = "cc", current = "0 A", input = "on" },
]
settle = "1 ms"
measure = { reading = "v", limit = "> 4 V" }
[[steps]]
id = "level"
apply = [{ role = "psu", voltage = "9 V" }]
settle = "100 ms"
measure = { reading = "v", limit = "9 V ± 10 %" }
[[steps]]
id = "nested"
sweep = [
  { axis = "vi", role = "psu", setting = "voltage", list = ["7 V", "9 V", "12 V"], settle = "1 ms" },
  { axis = "il", role = "load", setting = "current", from = "0 A", to = "500 mA", points = 6 },
]
[[steps.each]]
id = "v"
measure = { reading = "v" }
[[steps.each]]
id = "i"
measure = { reading = "i", limit = "< 1 A" }
[[steps]]
id = "worst"
compute = { value = "max(nested.i, over = il)", limit = "< 1 A" }
[[steps]]
id = "after"
settle = "100 ms"
measure = { reading = "v", limit = "12 V ± 10 %" }
[[cleanup]]
id = "down"
apply = [{ role = "psu", voltage = "0 V" }]
"#;

struct Bench {
    home: Home,
    plan: PathBuf,
    bench: PathBuf,
    sim: SimProcess,
}

impl Bench {
    fn new(resume: &str) -> Self {
        let home = Home::new();
        let sim = SimProcess::start(&home, "quickstart");
        let plan = home.write("goes_on.toml", &PLAN.replace("RESUME", resume));
        let bench = home.write("bench.toml", &sim.bench_file(""));
        Self { home, plan, bench, sim }
    }

    fn start(&self) -> (Child, BufReader<ChildStdout>) {
        let words = [self.plan.to_str().unwrap(), "--bench", self.bench.to_str().unwrap()];
        let mut command = self.home.command(&words);
        command.args(["--db", "none", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let events = BufReader::new(child.stdout.take().unwrap());
        (child, events)
    }

    /// A run that is ended after so many events; its id. None where it had ended before.
    fn cut(&self, after: u64, kind: Signal) -> String {
        let (mut child, mut events) = self.start();
        let mut first = String::new();
        events.read_line(&mut first).unwrap();
        let mut line = String::new();
        for _ in 1..after {
            line.clear();
            events.read_line(&mut line).unwrap();
        }
        signal(&child, kind);
        child.wait().unwrap();
        // Nobody holds the screen once the guardian has gone too.
        std::io::copy(&mut child.stderr.take().unwrap(), &mut std::io::sink()).unwrap();
        let record: Record = serde_json::from_str(&first).unwrap();
        let RunEvent::SessionStarted(start) = record.event else { unreachable!() };
        start.session.to_string()
    }

    fn record(&self, run: &str) -> RunRecord {
        let path = self.home.path().join(format!("data/scpi-run/journals/{run}.journal"));
        run_journal::verify(&path).unwrap();
        run_journal::read_run(path).unwrap()
    }
}

/// What counts of a run: every result once, in its order.
fn results(run: &RunRecord) -> Vec<String> {
    run.results.iter().map(|result| format!("{} {}", result.place, result.verdict)).collect()
}

fn sorted(run: &RunRecord) -> Vec<String> {
    let mut all = results(run);
    all.sort();
    all
}

#[test]
fn a_run_that_was_cut_anywhere_has_the_record_of_one_that_was_not() {
    let mut random = Random(0x5EED_0007);
    for resume in ["step", "point"] {
        let bench = Bench::new(resume);
        let whole = bench.home.command(&[
            bench.plan.to_str().unwrap(),
            "--bench",
            bench.bench.to_str().unwrap(),
            "--db",
            "none",
            "--json",
        ]);
        let done = support::done({ whole }.output().unwrap()).expect(0);
        let events = done.out.lines().count() as u64;
        let first: Record = serde_json::from_str(done.out.lines().next().unwrap()).unwrap();
        let RunEvent::SessionStarted(start) = first.event else { unreachable!() };
        let unbroken = bench.record(&start.session.to_string());
        assert_eq!(unbroken.counts.pass, 1 + 1 + 18 + 3 + 1);
        for kind in [Signal::KILL, Signal::TERM, Signal::KILL, Signal::INT, Signal::KILL] {
            let after = 12 + random.below(events - 20);
            let run = bench.cut(after, kind);
            let cut = bench.record(&run);
            let what = format!("{resume}, {kind:?} after {after} of {events} events");
            let again = bench.home.run(&["resume", &run, "--db", "none", "--json"]);
            if cut.end.as_ref().is_some_and(|end| end.status == SessionStatus::Completed) {
                again.expect(2).says("came to its end");
                continue;
            }
            let again = again.expect(0).says("the run was cut");
            let joined = bench.record(&run);
            assert_eq!(sorted(&joined), sorted(&unbroken), "{what}\n{again:#?}");
            assert_eq!(joined.counts, unbroken.counts, "{what}");
            let end = joined.end.unwrap();
            assert_eq!((end.status, end.outputs_off), (SessionStatus::Completed, true), "{what}");
            assert_eq!(end.counts, unbroken.counts, "{what}");
            assert!(again.out.contains(r#""type":"resumed""#), "{what}");
        }
    }
}

#[test]
fn a_point_that_was_judged_is_not_judged_again() {
    let bench = Bench::new("point");
    let (mut child, mut events) = bench.start();
    let mut line = String::new();
    let mut session = String::new();
    while !line.contains(r#""judged","#) || !line.contains(r#""path":"nested/v""#) {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0);
        let record: Record = serde_json::from_str(&line).unwrap();
        if let RunEvent::SessionStarted(start) = record.event {
            session = start.session.to_string();
        }
    }
    signal(&child, Signal::KILL);
    child.wait().unwrap();
    std::io::copy(&mut child.stderr.take().unwrap(), &mut std::io::sink()).unwrap();
    let before = bench.record(&session);
    let first = |run: &RunRecord| {
        run.results.iter().find(|result| result.place.path == "nested/v").unwrap().id
    };
    bench.home.run(&["resume", &session, "--db", "none"]).expect(0);
    let after = bench.record(&session);
    assert_eq!(first(&before), first(&after), "the same result");
    assert_eq!(bench.home.run(&["query", bench.sim.address("psu"), ":OUTP? CH1"]).out, "OFF\n");
    bench.home.run(&["resume", &session, "--db", "none"]).expect(2).says("came to its end");
    let page = bench.home.path().join("page.html");
    bench.home.run(&["report", &session, "--html", page.to_str().unwrap()]).expect(0);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("guardian: the run ended without its safe state"));
    assert!(page.contains("the run was cut"));
}

#[test]
fn a_run_goes_on_only_as_what_it_was() {
    let bench = Bench::new("step");
    let run = bench.cut(30, Signal::KILL);
    let text = std::fs::read_to_string(&bench.plan).unwrap();
    bench.home.write("goes_on.toml", &text.replace("< 1 A", "< 2 A"));
    let resume = ["resume", &run, "--db", "none"];
    bench.home.run(&resume).expect(20).says("the plan has changed since the run was begun");
    bench.home.write("goes_on.toml", &text);
    let file = std::fs::read_to_string(&bench.bench).unwrap();
    let swapped = file
        .replace(bench.sim.address("psu"), "X")
        .replace(bench.sim.address("load"), bench.sim.address("psu"))
        .replace('X', bench.sim.address("load"));
    bench.home.write("bench.toml", &swapped);
    bench.home.run(&resume).expect(30).says("the bench file has changed").says("was begun with");
    bench.home.write("bench.toml", &file);
    bench.home.run(&resume).expect(0);
    bench.home.run(&["resume", "none", "--db", "none"]).expect(2);
    let (mut child, mut events) = bench.start();
    let mut line = String::new();
    events.read_line(&mut line).unwrap();
    let record: Record = serde_json::from_str(&line).unwrap();
    let RunEvent::SessionStarted(start) = record.event else { unreachable!() };
    signal(&child, Signal::STOP);
    let id = start.session.to_string();
    bench.home.run(&["resume", &id, "--db", "none"]).expect(2).says("still goes on");
    signal(&child, Signal::CONT);
    std::io::copy(&mut events, &mut std::io::sink()).unwrap();
    child.wait().unwrap();
}

#[test]
fn the_database_has_a_run_that_went_on_as_one() {
    let bench = Bench::new("step");
    let database = TestDatabase::new().unwrap();
    let run = bench.cut(40, Signal::KILL);
    let url = database.url(RUN_ROLE);
    let done = |words: &[&str]| bench.home.run(&[words, &["--db", &url]].concat());
    // The guardian's end of it is sent before the rest.
    done(&["sync"]).expect(0);
    done(&["show", &run]).expect(0).says("guardian: every off command sent");
    done(&["resume", &run]).expect(0);
    done(&["verify", &run]).expect(0);
    done(&["show", &run]).expect(0).says("the run was cut");
    let joined = bench.record(&run);
    assert_eq!(joined.counts.pass, 1 + 1 + 18 + 3 + 1);
}
