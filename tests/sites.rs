//! Several DUTs at the same time, each with a session of its own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use bench_model::{Record, RunEvent, RunRecord, Timestamp};
use rustix::process::Signal;
use support::{Home, SimProcess, signal};

const HEAD: &str = r#"
name = "two at a time"
sim = "two-sites"
[instruments]
vin = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
dmm = { class = "multimeter" }
words = { class = "instrument", raw_allowed = true }
[readings.v]
role = "vin"
function = "dc_voltage"
[readings.d]
role = "dmm"
function = "dc_voltage"
range = "10 V"
nplc = 0.2
[[setup]]
id = "on"
apply = [{ role = "vin", voltage = "5 V", current_limit = "500 mA", output = "on" }]
settle = "250 ms"
"#;

/// Each site sets its own supply, reads what both share, and holds that over several messages.
const STEPS: &str = r#"
[[steps]]
id = "rail"
sweep = [{ axis = "v", role = "vin", setting = "voltage", list = ["4 V", "5 V", "6 V"], settle = "250 ms" }]
[[steps.each]]
id = "own"
measure = { reading = "v", limit = "setpoint ± 1 %" }
[[steps.each]]
id = "shared"
measure = { reading = "d" }
[[steps]]
id = "held"
sweep = [{ axis = "v", role = "vin", setting = "voltage", list = ["4 V", "5 V"], settle = "250 ms" }]
[[steps.each]]
id = "set"
scpi = { role = "words", command = "SENS:VOLT:DC:NPLC 1" }
[[steps.each]]
id = "first"
scpi = { role = "words", query = "SENS:VOLT:DC:NPLC?" }
[[steps.each]]
id = "between"
wait = "60 ms"
[[steps.each]]
id = "last"
scpi = { role = "words", query = "SENS:VOLT:DC:NPLC?" }
[[steps]]
id = "again"
measure = { reading = "v", limit = "5 V ± 1 %" }
"#;

/// The bench of the simulator in another process, with the same sites.
fn bench(sim: &SimProcess) -> String {
    sim.bench_file(
        "[roles]\nwords = { instrument = \"dmm\" }\n\
         [sites.left.roles]\nvin = { instrument = \"psu\", channel = 1 }\n\
         [sites.right.roles]\nvin = { instrument = \"psu\", channel = 2 }\n",
    )
}

struct Lab {
    home: Home,
    sim: SimProcess,
    plan: String,
    bench: String,
}

impl Lab {
    fn new(steps: &str) -> Self {
        let home = Home::new();
        let sim = SimProcess::start(&home, "two-sites");
        let plan = home.write("sites.toml", &format!("{HEAD}{steps}"));
        let bench = home.write("bench.toml", &bench(&sim));
        let text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
        Self { plan: text(plan), bench: text(bench), home, sim }
    }

    fn words<'w>(&'w self, more: &[&'w str]) -> Vec<&'w str> {
        let own = [self.plan.as_str(), "--bench", &self.bench, "--db", "none"];
        own.into_iter().chain(more.iter().copied()).collect()
    }

    fn runs(&self) -> Vec<RunRecord> {
        let journals = self.home.journals();
        let journals = journals.iter().filter(|it| it.extension().unwrap() == "journal");
        let mut runs: Vec<_> =
            journals.map(|journal| run_journal::read_run(journal).unwrap()).collect();
        runs.sort_by_key(|run| run.start.as_ref().unwrap().bench.clone());
        runs
    }

    fn outputs(&self) -> Vec<String> {
        let asked = |query: &&str| self.home.run(&["query", self.sim.address("psu"), query]).out;
        [":OUTP? CH1", ":OUTP? CH2"].iter().map(asked).collect()
    }
}

/// When a step had something from outside first and last, at each of its points.
fn spans(records: &[Record], first: &str, last: &str) -> Vec<[Timestamp; 2]> {
    let at = |path: &str| {
        let judged = records.iter().filter_map(move |record| match &record.event {
            RunEvent::Judged(result) if result.place.path == path => Some(result),
            _ => None,
        });
        judged.collect::<Vec<_>>()
    };
    at(first).iter().zip(at(last)).map(|(a, b)| [a.finished_at, b.started_at]).collect()
}

#[test]
fn each_dut_has_its_session_and_what_is_shared_is_used_in_turns() {
    let lab = Lab::new(STEPS);
    let junit = lab.home.path().join("out.xml");
    let junit = junit.to_str().unwrap();
    let more = ["--dut", "left=A1", "--dut", "right=B2", "--junit", junit];
    let done = lab.home.run(&lab.words(&more)).expect(0);
    for line in ["left | PASS", "right | PASS", "left: journal alone", "right: journal alone"] {
        assert!(done.out.contains(line), "{line}: {done:#?}");
    }
    let runs = lab.runs();
    let of = |run: &RunRecord| {
        let start = run.start.clone().unwrap();
        (start.bench, start.dut.serial.unwrap(), start.origin.unwrap().site.unwrap())
    };
    let wanted =
        |site: &str, dut: &str| (format!("served/{site}"), dut.to_owned(), site.to_owned());
    assert_eq!(
        runs.iter().map(of).collect::<Vec<_>>(),
        [wanted("left", "A1"), wanted("right", "B2")]
    );
    let channels: Vec<_> = runs
        .iter()
        .map(|run| {
            run.instruments.iter().find(|it| it.instrument == "psu").unwrap().roles[0].channel
        })
        .collect();
    assert_eq!(channels, [1, 2]);
    for site in ["left", "right"] {
        assert!(lab.home.path().join(format!("out.{site}.xml")).is_file(), "{site}");
    }
    let mut held = Vec::new();
    for journal in lab.home.journals() {
        let records = run_journal::read_all(&journal).unwrap();
        let spans = spans(&records, "held/first", "held/last");
        assert_eq!(spans.len(), 2);
        // All of the step is one hold.
        held.push([spans[0][0], spans[1][1]]);
    }
    held.sort();
    assert!(held[0][1] <= held[1][0], "two sites had the multimeter at once: {held:?}");
    assert_eq!(lab.outputs(), ["OFF\n", "OFF\n"]);
}

#[test]
fn a_bench_in_the_process_has_sites_and_events_say_whose_they_are() {
    let home = Home::new();
    let plan = home.write("sites.toml", &format!("{HEAD}{STEPS}"));
    let shipped = std::fs::read_to_string(support::root().join("sim/two-sites.toml")).unwrap();
    let sim = home.write("sim.toml", &format!("{shipped}[roles]\nwords = \"dmm\"\n"));
    let sim = format!("--sim={}", sim.display());
    let words = [plan.to_str().unwrap(), &sim, "--db", "none", "--json"];
    let done = home.run(&words).expect(0);
    for site in ["left", "right"] {
        let own = format!("{{\"site\":\"{site}\",\"seq\":1,");
        assert!(done.out.contains(&own), "{own}: {}", done.out);
    }
    assert!(done.out.lines().all(|line| serde_json::from_str::<Record>(line).is_ok()));
    assert!(done.out.contains("SN-0001") && done.out.contains("SN-0002"));
}

#[test]
fn a_killed_run_leaves_no_site_on_and_each_goes_on_by_itself() {
    let lab = Lab::new("[[steps]]\nid = \"long\"\nwait = \"600 s\"\n");
    let mut command = lab.home.command(&lab.words(&["--json"]));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap());
    let mut waiting = 0;
    let mut line = String::new();
    while waiting < 2 {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "the run ended before it waited");
        waiting += usize::from(line.contains(r#""step_started","step":"long""#));
    }
    assert_eq!(lab.outputs(), ["ON\n", "ON\n"]);
    signal(&child, Signal::KILL);
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    // The guardian has the other end until it is done.
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(lab.outputs(), ["OFF\n", "OFF\n"], "{said}");
    for (run, channel) in lab.runs().iter().zip([1, 2]) {
        let id = run.start.as_ref().unwrap().session.to_string();
        let shown = lab.home.run(&["show", &id, "--db", "none"]);
        assert!(shown.out.contains("confirmed off: vin\n"), "{channel}: {shown:#?}");
    }
    // Its last step need not be waited for: it is stopped once it has gone on.
    let id = lab.runs()[1].start.as_ref().unwrap().session.to_string();
    let mut command = lab.home.command(&["resume", &id, "--db", "none", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap());
    line.clear();
    while !line.contains(r#""step_started","step":"long""#) {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "it did not go on");
    }
    assert_eq!(lab.outputs(), ["OFF\n", "ON\n"]);
    signal(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(50));
    assert_eq!(lab.outputs(), ["OFF\n", "OFF\n"]);
}

#[test]
fn what_sites_cannot_share_is_refused_before_anything_is_run() {
    let set = "[[cleanup]]\nid = \"c\"\nscpi = { role = \"words\", command = \"*CLS\" }\n";
    let lab = Lab::new(&format!("{STEPS}{set}"));
    lab.home.run(&lab.words(&[])).expect(20).says("'words' is shared by several sites");
    lab.home.run(&["check", &lab.plan, "--bench", &lab.bench]).expect(20).says("'words' is shared");
    let lab = Lab::new(STEPS);
    let same = bench(&lab.sim).replace("channel = 2", "channel = 1");
    lab.home.write("bench.toml", &same);
    lab.home.run(&lab.words(&[])).expect(20).says("an output belongs to one site");
    lab.home.write("bench.toml", &bench(&lab.sim));
    lab.home.run(&lab.words(&["--dut", "A1"])).expect(2).says("left, right");
    assert!(lab.home.journals().is_empty());
    lab.home.run(&lab.words(&["--dut", "right=B2"])).expect(0);
    assert_eq!(lab.runs().len(), 1);
}
