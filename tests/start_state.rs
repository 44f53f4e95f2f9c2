//! How a run begins: alone with its instruments, which are those of the bench file, with everything off.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use bench_model::{Prepared, RunEvent};
use support::{Done, Home, SimProcess};

const PLAN: &str = r#"
name = "begins"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
[readings.v]
role = "psu"
function = "dc_voltage"
[[steps]]
id = "v"
measure = { reading = "v", limit = "< 0.1 V" }
"#;

const WAITS: &str = "[[steps]]\nid = \"long\"\nwait = \"600 s\"\n";

fn words<'a>(plan: &'a str, bench: &'a str) -> [&'a str; 6] {
    [plan, "--bench", bench, "--db", "none", "--json"]
}

fn run(home: &Home, plan: &str, bench: &str) -> Done {
    let plan = home.write("begins.toml", plan);
    let bench = home.write("bench.toml", bench);
    home.run(&words(plan.to_str().unwrap(), bench.to_str().unwrap()))
}

fn prepared(done: &Done) -> Prepared {
    let records = done.out.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut events = records.map(|record: bench_model::Record| record.event);
    let found = events.find_map(|event| match event {
        RunEvent::Prepared(prepared) => Some(*prepared),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn what_is_found_on_is_switched_off_and_old_errors_are_laid_at_no_door_of_ours() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    home.run(&["query", sim.address("psu"), ":OUTP CH1,ON"]).expect(0);
    // Somebody else's mistake, after which nobody asked for its error.
    let address = sim.address("psu").trim_start_matches("tcp://");
    let mut other = TcpStream::connect(address).unwrap();
    other.write_all(b":NONSENSE 1\n*IDN?\n").unwrap();
    assert!(other.read(&mut [0; 1]).unwrap() > 0, "it has been heard");
    let done = run(&home, PLAN, &sim.bench_file("")).expect(0);
    let prepared = prepared(&done);
    assert!(prepared.outputs.iter().all(|output| output.confirmed_off), "{prepared:?}");
    assert_eq!(prepared.outputs[0].role, "psu");
    let off = home.run(&["query", sim.address("psu"), ":OUTP? CH1"]);
    assert_eq!(off.out, "OFF\n");
    let before = &prepared.instruments[0].errors_before;
    assert!(before[0].starts_with("-113"), "{before:?}");
    done.says("its error queue held, from before the run: -113");
}

#[test]
fn an_output_that_stays_on_is_not_measured_around() {
    let home = Home::new();
    let bench = std::fs::read_to_string(support::root().join("sim/quickstart.toml")).unwrap();
    let fault = "\n[[faults]]\ninstrument = \"psu\"\non = \":OUTP?\"\ndo = \"garbage\"\n";
    let sim = home.write("mute.toml", &(bench + fault));
    let plan = home.write("begins.toml", PLAN);
    let sim = format!("--sim={}", sim.display());
    let done = home.run(&[plan.to_str().unwrap(), &sim, "--db", "none", "--json"]);
    let done = done.expect(51).says("is not confirmed off before the run");
    assert!(!done.out.contains(r#""type":"judged""#), "{}", done.out);
}

#[test]
fn another_serial_number_is_refused_unless_the_plan_allows_it() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let bench = sim.bench_file("");
    let bench = bench.replace("[instruments.psu]\n", "[instruments.psu]\nserial = \"OTHER\"\n");
    run(&home, PLAN, &bench).expect(30).says("the bench file wants the serial number 'OTHER'");
    let allowed = PLAN.replace("sense = \"local\"", "sense = \"local\", identity = \"any\"");
    let done = run(&home, &allowed, &bench).expect(0);
    assert!(done.out.contains(r#""type":"warning","message":"psu at"#), "{}", done.out);
}

/// A run that has begun and waits.
fn waiting(home: &Home, bench: &str, more: &[&str]) -> Child {
    let plan = home.write("waits.toml", &format!("{PLAN}{WAITS}"));
    let mut command = home.command(&words(plan.to_str().unwrap(), bench));
    command.args(more).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn wait_for(lines: &mut impl BufRead, part: &str) {
    let mut line = String::new();
    while !line.contains(part) {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "no line with {part}");
    }
}

#[test]
fn two_runs_share_no_instrument() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let bench = home.write("bench.toml", &sim.bench_file(""));
    let bench = bench.to_str().unwrap();
    let mut first = waiting(&home, bench, &[]);
    wait_for(&mut BufReader::new(first.stdout.take().unwrap()), r#""step":"long""#);
    let plan = home.write("begins.toml", PLAN);
    let again = words(plan.to_str().unwrap(), bench);
    home.run(&again).expect(30).says("is in use by another run").says(&first.id().to_string());
    let other = "name = 'other'\n[instruments.psu]\naddress = 'tcp://127.0.0.1:1'\n";
    let other = home.write("other.toml", other);
    home.run(&words(plan.to_str().unwrap(), other.to_str().unwrap())).expect(30);
    let mut second = waiting(&home, bench, &["--wait"]);
    wait_for(&mut BufReader::new(second.stderr.take().unwrap()), "waiting for psu");
    // Nobody reads what it says any more, and that ends nothing.
    // Its guardian switches off first; then the other has the instrument.
    first.kill().unwrap();
    first.wait().unwrap();
    wait_for(&mut BufReader::new(second.stdout.take().unwrap()), r#""step":"long""#);
    support::signal(&second, rustix::process::Signal::TERM);
    assert_eq!(second.wait().unwrap().code(), Some(50));
}

#[test]
fn what_is_kept_on_stays_on_and_is_named_and_everything_else_is_off() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let kept = PLAN.replace(
        "[readings.v]",
        "load = { class = \"load\", max_current = \"1 A\", sense = \"local\" }\n\
         [safe_state]\nheartbeat = \"1 s\"\nkeep_on = [{ role = \"psu\", reason = \"it cools\" }]\n\
         [[setup]]\nid = \"on\"\napply = [{ role = \"psu\", voltage = \"0 V\", current_limit = \"1 A\", output = \"on\" }, \
         { role = \"load\", mode = \"cc\", current = \"0 A\", input = \"on\" }]\n[readings.v]",
    );
    run(&home, &kept, &sim.bench_file("")).expect(0).says("psu is not switched off: it cools");
    for (instrument, query, state) in
        [("psu", ":OUTP? CH1", "ON\n"), ("load", ":SOUR:INP:STAT?", "0\n")]
    {
        assert_eq!(home.run(&["query", sim.address(instrument), query]).out, state);
    }
    for (from, to, said) in [
        ("it cools", " ", "A reason is wanted"),
        ("\"1 s\"", "\"100 ms\"", "from 500ms to 60s"),
        ("keep_on = [", "order = [[\"psu\"]]\nkeep_on = [", "stands in the order"),
    ] {
        run(&home, &kept.replace(from, to), &sim.bench_file("")).expect(20).says(said);
    }
}
