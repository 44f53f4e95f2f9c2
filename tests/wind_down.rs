//! What a plan wants done before and while its outputs go off: a ramp, a load that discharges the DUT.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rustix::process::Signal;
use support::{Home, SimProcess, signal};

const PLAN: &str = r#"
name = "down"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "3 A", sense = "local" }
load = { class = "load", max_current = "1 A", sense = "local" }
dmm = { class = "multimeter" }
[safe_state]
ramp = [{ role = "psu", within = "600 ms" }]
discharged = { reading = "v", limit = "<= 0.5 V", within = "3 s", by = ["load"] }
[readings.v]
role = "dmm"
function = "dc_voltage"
range = "10 V"
nplc = 0.2
[[setup]]
id = "on"
apply = [
  { role = "psu", voltage = "5 V", current_limit = "3 A", output = "on" },
  { role = "load", mode = "cc", current = "0.5 A", input = "on" },
]
settle = "400 ms"
[[steps]]
id = "v"
measure = { reading = "v", limit = "> 3 V" }
"#;

struct Lab {
    home: Home,
    _sim: SimProcess,
    plan: String,
    bench: String,
    trace: String,
}

impl Lab {
    fn new(plan: &str) -> Self {
        let home = Home::new();
        let sim = SimProcess::start(&home, "quickstart");
        let text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
        let plan = text(home.write("plan.toml", plan));
        let bench = text(home.write("bench.toml", &sim.bench_file("")));
        let trace = text(home.path().join("trace"));
        Self { home, _sim: sim, plan, bench, trace }
    }

    fn words(&self) -> [&str; 8] {
        ["--bench", &self.bench, "--db", "none", "--json", "--trace", &self.trace, &self.plan]
    }

    /// Lines of what was said, and where each of the texts stands last.
    fn last_of(&self, texts: [&str; 3]) -> [usize; 3] {
        let trace = std::fs::read_to_string(&self.trace).unwrap();
        texts.map(|text| {
            trace.lines().collect::<Vec<_>>().iter().rposition(|line| line.contains(text)).unwrap()
        })
    }
}

#[test]
fn a_supply_comes_down_in_steps_and_the_load_goes_off_behind_the_discharge() {
    let lab = Lab::new(PLAN);
    let done = lab.home.run(&lab.words()).expect(0);
    assert!(!done.out.contains("not discharged"), "{}", done.out);
    assert!(!done.out.contains("brought down"), "{}", done.out);
    let trace = std::fs::read_to_string(&lab.trace).unwrap();
    for level in ["4.500", "2.500", "0.500", "0.000"] {
        assert!(trace.contains(&format!(":SOUR1:VOLT {level}")), "{level}: {trace}");
    }
    let [ramp, supply, load] =
        lab.last_of([":SOUR1:VOLT 0.000", ":OUTP CH1,OFF", ":SOUR:INP:STAT OFF"]);
    assert!(ramp < supply && supply < load, "{ramp} {supply} {load}: {trace}");
    let between = trace.lines().skip(supply).take(load - supply);
    assert!(between.filter(|line| line.contains("READ?")).count() > 0, "{trace}");
    assert!(done.out.contains(r#""outputs_off":true"#));
}

#[test]
fn what_does_not_discharge_is_a_warning_and_the_load_goes_off_all_the_same() {
    let plan = PLAN.replace("\"<= 0.5 V\", within = \"3 s\"", "\"<= -1 V\", within = \"300 ms\"");
    let lab = Lab::new(&plan);
    let done = lab.home.run(&lab.words()).expect(0).says("the DUT is not discharged");
    assert!(done.out.contains(r#""outputs_off":true"#));
}

#[test]
fn who_is_in_haste_waits_for_neither() {
    let slow = PLAN.replace("600 ms", "10 s").replace("within = \"3 s\"", "within = \"60 s\"");
    let slow = slow.replace("<= 0.5 V", "<= -1 V") + "[[steps]]\nid = \"long\"\nwait = \"600 s\"\n";
    let lab = Lab::new(&slow);
    let mut command = lab.home.command(&lab.words());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(events.any(|line| line.contains(r#""step_started","step":"long""#)));
    let mut screen = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    signal(&child, Signal::INT);
    assert!(screen.any(|line| line.contains("once more stops at once")));
    signal(&child, Signal::INT);
    let end = events.find(|line| line.contains("session_finished")).unwrap();
    assert!(end.contains(r#""outputs_off":true"#), "{end}");
    assert!(screen.any(|line| line.contains("nobody waited until the DUT was discharged")));
    assert_eq!(child.wait().unwrap().code(), Some(50));
    let trace = std::fs::read_to_string(&lab.trace).unwrap();
    assert!(!trace.contains(":SOUR1:VOLT 0.000"), "it was not in haste: {trace}");
}
