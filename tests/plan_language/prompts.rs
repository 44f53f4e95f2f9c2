//! Questions to the operator: answered by the simulation, by the plan, by a person at a terminal, by nobody.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::support::{Done, Home, done};
use super::{HEAD, results, run};

/// The longest that an answer of the program is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

const ASKED: &str = r#"
[[steps]]
id = "look"
prompt = { ask = "Is the lamp lit?", answer = "yes_no", limit = '"yes"', sim = "yes", energised = true }
[[steps]]
id = "probe"
prompt = { ask = "Put the probe on TP3", answer = "done", sim = "" }
[[steps]]
id = "shown"
prompt = { ask = "What does the panel meter show?", answer = "number", unit = "V", limit = "3 V ± 0.1 V", sim = "2.98" }
[[steps]]
id = "after"
measure = { reading = "vout", limit = "2.9 V .. 3.1 V" }
[[steps]]
id = "difference"
compute = { value = "after - shown", limit = "0 V ± 0.1 V" }
"#;

fn settings(done: &Done) -> Vec<String> {
    let lines = done.out.lines().filter(|line| line.contains("\"setting_applied\""));
    let shown = lines.map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| record["event"][key].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("step"), text("role"), text("setpoint"))
    });
    shown.filter(|line| line.ends_with(" on") || line.ends_with(" off")).collect()
}

#[test]
fn on_a_simulated_bench_the_plan_answers_and_outputs_go_off_meanwhile() {
    let home = Home::new();
    let done = run(&home, ASKED).expect(0);
    let wanted = ["look PASS", "probe RECORDED", "shown PASS", "after PASS", "difference PASS"];
    assert_eq!(results(&done), wanted);
    let off_and_on = |step: &str| {
        ["load off", "psu off", "psu on", "load on"].map(|rest| format!("{step} {rest}"))
    };
    let wanted: Vec<_> = ["on psu on", "on load on"]
        .map(str::to_owned)
        .into_iter()
        .chain(off_and_on("probe"))
        .chain(off_and_on("shown"))
        .collect();
    assert_eq!(settings(&done), wanted);
}

#[test]
fn a_plan_that_asks_is_refused_where_nobody_can_be_asked() {
    let home = Home::new();
    let steps = ASKED.replace(", sim = \"2.98\"", "").replace(", sim = \"\"", "");
    run(&home, &steps)
        .expect(2)
        .says("the plan asks at probe (Put the probe on TP3, and 1 more)")
        .says("a 'default' in the plan");
    let steps = steps.replace("unit = \"V\"", "unit = \"V\", default = \"2980 mV\"");
    let steps = steps.replace("answer = \"done\"", "answer = \"done\", default = \"\"");
    let done = run(&home, &steps).expect(0);
    assert!(done.out.contains("\"judged_on\":\"default\""), "{done:?}");
}

/// A terminal, and the program at its other end.
struct Terminal {
    master: File,
    shown: mpsc::Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    fn of(command: &mut Command) -> (Self, std::process::Child) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave: OwnedFd =
            open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let child = command
            .stdin(Stdio::from(slave.try_clone().unwrap()))
            .stdout(Stdio::piped())
            .stderr(Stdio::from(slave))
            .env_remove("CI")
            .env("TERM", "xterm")
            .spawn()
            .unwrap();
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let master = File::from(master);
        let mut reader = master.try_clone().unwrap();
        let (sender, shown) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(bytes @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..bytes].to_vec()).is_err() {
                    return;
                }
            }
        });
        (Self { master, shown, seen: String::new() }, child)
    }

    /// Waits for a text, and types an answer.
    fn answer(&mut self, question: &str, answer: &str) {
        while !self.seen.contains(question) {
            let bytes = self.shown.recv_timeout(PATIENCE);
            assert!(bytes.is_ok(), "no {question:?} in {}", self.seen);
            self.seen.push_str(&String::from_utf8_lossy(&bytes.unwrap()));
        }
        self.seen.clear();
        writeln!(self.master, "{answer}").unwrap();
    }
}

fn at_a_terminal(home: &Home, steps: &str) -> (Terminal, std::process::Child) {
    let plan = home.write("plan.toml", &format!("{HEAD}{steps}"));
    let plan = plan.to_str().unwrap();
    Terminal::of(&mut home.command(&[plan, "--sim=quickstart", "--db", "none", "--json"]))
}

#[test]
fn a_person_at_a_terminal_answers_and_is_asked_again_after_a_wrong_answer() {
    let home = Home::new();
    let steps = ASKED.replace(", sim = \"2.98\"", "").replace(", sim = \"yes\"", "");
    let (mut terminal, child) = at_a_terminal(&home, &steps);
    terminal.answer("yes or no > ", "maybe");
    terminal.answer("'maybe' is neither yes nor no", "no");
    terminal.answer("a number in V > ", "2.5 A");
    terminal.answer("'2.5 A' is no number in V", "3.01");
    let done = done(child.wait_with_output().unwrap()).expect(10);
    let wanted = ["look FAIL", "probe RECORDED", "shown PASS", "after PASS", "difference PASS"];
    assert_eq!(results(&done), wanted);
    assert!(done.out.contains("\"judged_on\":\"operator\""));
}

#[test]
fn without_an_answer_in_time_outputs_stay_off() {
    let home = Home::new();
    let steps = ASKED
        .replace(", sim = \"2.98\"", ", timeout = \"50 ms\", on_timeout = \"fail\"")
        .replace("limit = \"2.9 V", "limit = \"2.8 V");
    let (terminal, child) = at_a_terminal(&home, &steps);
    let done = done(child.wait_with_output().unwrap()).expect(10);
    drop(terminal);
    let wanted = ["look PASS", "probe RECORDED", "shown FAIL", "after SKIP", "difference SKIP"];
    assert_eq!(results(&done), wanted);
    assert!(done.out.contains("nobody answered within 50ms, and outputs stay off"), "{done:?}");
    let last: Vec<_> = settings(&done).into_iter().rev().take(2).collect();
    assert_eq!(last, ["shown psu off", "shown load off"]);
}
