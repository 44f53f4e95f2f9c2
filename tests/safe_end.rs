//! However a run is ended from outside, the outputs are off afterwards: seen from another connection.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use rustix::process::Signal;
use support::{Home, SimProcess, signal};

/// Switches on, and then waits far longer than any test.
const PLAN: &str = r#"
name = "waits"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
load = { class = "load", max_current = "1 A", sense = "local" }
dmm = { class = "multimeter" }
[readings.v]
role = "dmm"
function = "dc_voltage"
range = "100 V"
[[setup]]
id = "on"
apply = [
  { role = "psu", voltage = "12 V", current_limit = "1 A", output = "on" },
  { role = "load", mode = "cc", current = "0.5 A", input = "on" },
]
[[steps]]
id = "first"
measure = { reading = "v", limit = "> 11 V" }
[[steps]]
id = "long"
wait = "600 s"
"#;

/// A run that has switched on and is waiting.
fn waiting(home: &Home, sim: &SimProcess) -> (Child, BufReader<std::process::ChildStdout>) {
    let plan = home.write("waits.toml", PLAN);
    let bench = home.write("bench.toml", &sim.bench_file(""));
    let words =
        [plan.to_str().unwrap(), "--bench", bench.to_str().unwrap(), "--db", "none", "--json"];
    let mut command = home.command(&words);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains(r#""step_started","step":"long""#) {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "the run ended before it waited");
    }
    let on = home.run(&["query", sim.address("psu"), ":OUTP? CH1"]);
    assert_eq!(on.out, "ON\n");
    (child, events)
}

fn is_off(home: &Home, sim: &SimProcess) {
    for (instrument, query, off) in
        [("psu", ":OUTP? CH1", "OFF\n"), ("load", ":SOUR:INP:STAT?", "0\n")]
    {
        let answer = home.run(&["query", sim.address(instrument), query]);
        assert_eq!(answer.out, off, "{instrument}: {answer:?}");
    }
}

#[test]
fn every_signal_that_can_be_heard_ends_safely() {
    for kind in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let home = Home::new();
        let sim = SimProcess::start(&home, "quickstart");
        let (mut child, mut events) = waiting(&home, &sim);
        signal(&child, kind);
        let mut rest = String::new();
        events.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(50), "{kind:?}: {rest}");
        assert!(rest.contains(r#""status":"aborted""#), "{kind:?}: {rest}");
        assert!(rest.contains(r#""outputs_off":true"#), "{kind:?}: {rest}");
        is_off(&home, &sim);
    }
}

#[test]
fn an_instrument_that_is_gone_is_named_and_the_others_are_off() {
    let home = Home::new();
    let supply = SimProcess::start(&home, "quickstart");
    let mut other = SimProcess::start(&home, "quickstart");
    let text = supply.bench_file("").replace(supply.address("load"), other.address("load"));
    let plan = home.write("waits.toml", PLAN);
    let bench = home.write("bench.toml", &text);
    let words =
        [plan.to_str().unwrap(), "--bench", bench.to_str().unwrap(), "--db", "none", "--json"];
    let mut command = home.command(&words);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains(r#""step":"long""#) {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0);
    }
    other.kill();
    signal(&child, Signal::INT);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(51), "{err}");
    assert!(err.contains("NOT CONFIRMED OFF: load"), "{err}");
    let off = home.run(&["query", supply.address("psu"), ":OUTP? CH1"]);
    assert_eq!(off.out, "OFF\n");
}

#[test]
fn a_journal_without_space_stops_the_run_with_everything_off() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let bench = home.write("bench.toml", &sim.bench_file(""));
    let plan = "testplans/quickstart.toml";
    let words = [plan, "--bench", bench.to_str().unwrap(), "--dut", "BENCH00001", "--db", "none"];
    // A file that may not grow is what a full disk is: the write fails, and the signal for it is ignored.
    let program = home.command(&words);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\""]).arg(program.get_program());
    shell.args(program.get_args()).current_dir(support::root());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let done = support::done(shell.output().unwrap()).expect(40);
    assert!(done.err.contains("all outputs are off"), "{done:?}");
    is_off(&home, &sim);
    // What had been synced before is still there.
    home.run(&["history", "--db", "none"]).expect(0).says("UNFINISHED");
}

#[test]
fn a_setup_that_fails_switches_nothing_on_any_more() {
    let home = Home::new();
    let bench = std::fs::read_to_string(support::root().join("sim/quickstart.toml")).unwrap();
    let fault = "\n[[faults]]\ninstrument = \"psu\"\non = \":SOUR1:CURR\"\ndo = \"error\"\n";
    let sim = home.write("refusing.toml", &(bench + fault));
    let plan = home.write(
        "two.toml",
        "name = 'two'\n[instruments]\n\
         psu = { class = 'power_supply', max_voltage = '15 V', max_current = '1 A', sense = 'local' }\n\
         [readings.i]\nrole = 'psu'\nfunction = 'dc_current'\n\
         [[setup]]\nid = 'limits'\napply = [{ role = 'psu', voltage = '5 V', current_limit = '1 A' }]\n\
         [[setup]]\nid = 'on'\napply = [{ role = 'psu', output = 'on' }]\n\
         [[steps]]\nid = 'i'\nmeasure = { reading = 'i', limit = '< 1 A' }\n",
    );
    let sim = format!("--sim={}", sim.display());
    let words = [plan.to_str().unwrap(), &sim, "--db", "none", "--json"];
    let done = home.run(&words).expect(30).says("the setup failed");
    assert!(!done.out.contains(r#""setting":"output""#), "{}", done.out);
    assert!(done.out.contains(r#""verdict":"SKIP""#), "{}", done.out);
}

/// The unit for plans, with this machine's places in it.
fn unit(home: &Home) -> String {
    let file = support::root().join("docs/systemd/scpi-run-plan@.service");
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.replace("/usr/bin/scpi-run", env!("CARGO_BIN_EXE_scpi-run"));
    text.replace("/etc/scpi-run", home.path().to_str().unwrap())
}

#[test]
fn the_shipped_unit_is_accepted_and_its_last_command_switches_off_what_a_killed_run_left_on() {
    let home = Home::new();
    let file = home.write("scpi-run-plan@it.service", &unit(&home));
    let verify = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file).output();
    match verify {
        Ok(output) => assert!(output.status.success() && output.stderr.is_empty(), "{output:?}"),
        Err(error) => println!("skipped: systemd-analyze: {error}"),
    }
    let sim = SimProcess::start(&home, "quickstart");
    home.write("bench.toml", &sim.bench_file(""));
    let unit = unit(&home);
    let last =
        unit.lines().find_map(|line| line.strip_prefix("ExecStopPost=-/bin/sh -c ")).unwrap();
    let script = last.trim_matches('\'').replace("$$", "$");
    for (code, status, state) in
        [("exited", "10", "ON\n"), ("exited", "51", "OFF\n"), ("killed", "KILL", "OFF\n")]
    {
        home.run(&["query", sim.address("psu"), ":OUTP CH1,ON"]).expect(0);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &script]).env("EXIT_CODE", code).env("EXIT_STATUS", status);
        assert!(shell.output().unwrap().status.success());
        let answer = home.run(&["query", sim.address("psu"), ":OUTP? CH1"]);
        assert_eq!(answer.out, state, "{code} {status}");
    }
}
