//! `p` at the terminal: a run pauses, and goes on.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdout, Stdio};

use rustix::fs::{Mode, OFlags, open};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use support::{Home, SimProcess, signal};

const PLAN: &str = r#"
name = "long"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
[safe_state]
pause = "off"
[readings.v]
role = "psu"
function = "dc_voltage"
[[setup]]
id = "on"
apply = [{ role = "psu", voltage = "5 V", current_limit = "1 A", output = "on" }]
settle = "300 ms"
[[steps]]
id = "soak"
wait = "1 s"
[[steps]]
id = "after"
measure = { reading = "v", limit = "5 V ± 1 %" }
[[steps]]
id = "long"
wait = "600 s"
"#;

/// A run whose standard input and error are a terminal.
struct AtTerminal {
    child: Child,
    keyboard: File,
    /// The terminal as the program has it.
    other_end: OwnedFd,
    events: BufReader<ChildStdout>,
}

impl AtTerminal {
    fn start(home: &Home, sim: &SimProcess, plan: &str) -> Self {
        let plan = home.write("long.toml", plan);
        let bench = home.write("bench.toml", &sim.bench_file(""));
        let words = [&plan, &bench].map(|path| path.to_str().unwrap());
        let mut command = home.command(&[words[0], "--bench", words[1], "--db", "none", "--json"]);
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let other_end =
            open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let end = || Stdio::from(other_end.try_clone().unwrap());
        command.env_remove("CI").stdin(end()).stderr(end()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let events = BufReader::new(child.stdout.take().unwrap());
        Self { child, keyboard: keyboard.into(), other_end, events }
    }

    fn until(&mut self, part: &str) -> String {
        let mut line = String::new();
        while !line.contains(part) {
            line.clear();
            assert!(self.events.read_line(&mut line).unwrap() > 0, "{part} did not come");
        }
        line
    }

    fn press(&mut self, key: &[u8]) {
        self.keyboard.write_all(key).unwrap();
    }

    fn is_silent(&self) -> bool {
        let modes = tcgetattr(&self.other_end).unwrap().local_modes;
        !modes.intersects(LocalModes::ECHO | LocalModes::ICANON)
    }
}

#[test]
fn a_pause_switches_off_keeps_its_gap_in_the_record_and_goes_on() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let output = || home.run(&["query", sim.address("psu"), ":OUTP? CH1"]).out;
    let mut run = AtTerminal::start(&home, &sim, PLAN);
    run.until(r#""step_started","step":"soak""#);
    assert!(run.is_silent(), "keys would be shown");
    run.press(b"xp");
    run.until("paused at soak, outputs are off");
    assert_eq!(output(), "OFF\n");
    run.press(b"p");
    let on = run.until(r#""setpoint":"on""#);
    assert!(on.contains(r#""role":"psu""#), "{on}");
    run.until("went on after a pause of ");
    let judged = run.until(r#""path":"after""#);
    assert!(judged.contains(r#""type":"reading""#), "{judged}");
    assert!(run.until(r#""type":"judged""#).contains(r#""verdict":"PASS""#));
    run.until(r#""step_started","step":"long""#);
    assert_eq!(output(), "ON\n");
    // A pause is ended by whatever ends a run.
    run.press(b"p");
    run.until("paused at long");
    signal(&run.child, Signal::INT);
    run.until(r#""status":"aborted""#);
    assert_eq!(run.child.wait().unwrap().code(), Some(50));
    assert_eq!(output(), "OFF\n");
    assert!(!run.is_silent(), "the terminal is as it was");
}

#[test]
fn a_plan_may_keep_its_outputs_on_in_a_pause() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let mut run = AtTerminal::start(&home, &sim, &PLAN.replace("\"off\"\n", "\"keep\"\n"));
    run.until(r#""step_started","step":"long""#);
    run.press(b"p");
    run.until("paused at long, outputs stay as they are");
    assert_eq!(home.run(&["query", sim.address("psu"), ":OUTP? CH1"]).out, "ON\n");
    signal(&run.child, Signal::TERM);
    assert_eq!(run.child.wait().unwrap().code(), Some(50));
    assert_eq!(home.run(&["query", sim.address("psu"), ":OUTP? CH1"]).out, "OFF\n");
}
