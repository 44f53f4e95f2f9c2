//! A run is ended in every way there is, at seeded random moments: its outputs are off soon after, by the simulator's
//! own word on a connection of its own, and everything that it had told is in its journal.
//!
//! `SCPI_RUN_KILLS=200` says how often; `SCPI_RUN_SEED=7` begins another series.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use bench_model::{Record, RunEvent, SessionStatus};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use support::{Home, Random, SimProcess, number, signal};

/// How often a run is ended where nobody asks for more.
const KILLS: u64 = 52;

/// Runs at the same time: each has a bench of its own.
const WORKERS: u64 = 3;

/// From a signal until all outputs are off.
const OFF_WITHIN: Duration = Duration::from_secs(1);

/// From a stop until a run is taken for hung, as the guardian has it.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// For everything that a test waits for and that must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Steps of the plan; each is some lines of JSON. The last step waits far longer than any test.
const STEPS: u64 = 40;

/// Lines of JSON that a run may have told when it is ended.
const MAX_LINES: u64 = 100;

/// A run may live on for so many microseconds after its last line.
const MAX_DELAY_US: u64 = 3000;

/// How a run is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Heard(Signal),
    Twice,
    Sleep,
    Kill,
    KillGroup,
    Stop,
    KillGuardian,
    StopGuardian,
    /// The run panics in the middle of an exchange.
    Panic,
    /// The run is killed after its guardian was sent all that ends others.
    KillWithDeafGuardian,
}

const ENDS: [End; 13] = [
    End::Panic,
    End::Heard(Signal::INT),
    End::Twice,
    End::Heard(Signal::TERM),
    End::Heard(Signal::HUP),
    End::Heard(Signal::QUIT),
    End::Kill,
    End::KillGroup,
    End::Stop,
    End::Sleep,
    End::KillGuardian,
    End::StopGuardian,
    End::KillWithDeafGuardian,
];

impl End {
    fn off_within(self) -> Duration {
        let is_silence = matches!(self, Self::Stop | Self::StopGuardian);
        if is_silence { HEARTBEAT + OFF_WITHIN } else { OFF_WITHIN }
    }

    /// What stops a run or its guardian means nothing before there is something to guard.
    fn needs_guard(self) -> bool {
        use End::{KillGuardian, KillWithDeafGuardian, Panic, Stop, StopGuardian};
        matches!(self, Stop | KillGuardian | StopGuardian | KillWithDeafGuardian | Panic)
    }

    fn is_a_kill(self) -> bool {
        matches!(self, Self::Kill | Self::KillGroup | Self::Stop | Self::KillWithDeafGuardian)
    }
}

/// A last step without exchanges.
const WAITS: &str = "wait = \"600 s\"\n";

/// A last step that is nothing but exchanges: a panic comes in one of them.
const READS: &str = r#"
sweep = [{ axis = "v", role = "psu", setting = "voltage", from = "5 V", to = "12 V", points = 1000 }]
[[steps.each]]
id = "i"
measure = { reading = "i", limit = "> 0.4 A" }
[[steps.each]]
id = "again"
measure = { reading = "i", limit = "> 0.4 A" }
"#;

fn plan(long: &str) -> String {
    let mut text = r#"
name = "torture"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
load = { class = "load", max_current = "1 A", sense = "local" }
[readings.i]
role = "psu"
function = "dc_current"
[[setup]]
id = "on"
apply = [
  { role = "psu", voltage = "5 V", current_limit = "1 A", output = "on" },
  { role = "load", mode = "cc", current = "0.5 A", input = "on" },
]
"#
    .to_owned();
    for step in 0..STEPS {
        let volt = 5 + step % 8;
        let applied = format!("apply = [{{ role = \"psu\", voltage = \"{volt} V\" }}]");
        let measured = "measure = { reading = \"i\", limit = \"> 0.4 A\" }";
        write!(text, "[[steps]]\nid = \"s{step}\"\n{applied}\n{measured}\n").unwrap();
    }
    text + "[[steps]]\nid = \"long\"\n" + long
}

/// A run, what it has told so far, and what it says on its screen.
struct Run {
    child: Child,
    events: BufReader<ChildStdout>,
    told: u64,
    screen: mpsc::Receiver<String>,
}

impl Run {
    fn start(home: &Home, sim: &SimProcess) -> Self {
        Self::on(home, &sim.bench_file(""), WAITS)
    }

    fn on(home: &Home, bench: &str, long: &str) -> Self {
        let plan = home.write("torture.toml", &plan(long));
        let bench = home.write("bench.toml", bench);
        let words =
            [plan.to_str().unwrap(), "--bench", bench.to_str().unwrap(), "--db", "none", "--json"];
        let mut command = home.command(&words);
        // A group of its own, so that a whole group can be killed.
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = command.spawn().unwrap();
        let events = BufReader::new(child.stdout.take().unwrap());
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, events, told: 0, screen }
    }

    /// Reads on; the record that was told last.
    fn next(&mut self) -> Option<Record> {
        let mut line = String::new();
        self.events.read_line(&mut line).unwrap();
        let record = line.ends_with('\n').then(|| serde_json::from_str::<Record>(&line).unwrap());
        self.told = record.as_ref().map_or(self.told, |record| record.seq);
        record
    }

    /// Until the moment comes; whether the run waits in its last step.
    fn go_to(&mut self, lines: u64, needs_guard: bool) {
        let is_step = |record: &Record| matches!(&record.event, RunEvent::StepStarted { .. });
        let is_last = |record: &Record| matches!(&record.event, RunEvent::StepStarted { step } if step == "long");
        while needs_guard && !is_step(&self.next().unwrap()) {}
        for _ in 0..lines {
            if is_last(&self.next().unwrap()) {
                break;
            }
        }
    }

    /// Waits for a line on the screen.
    fn wait_for(&self, part: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = self.screen.recv_timeout(deadline - Instant::now()).unwrap();
            if line.contains(part) {
                break;
            }
        }
    }

    /// Waits until run and guardian are gone: only then nobody holds the screen. Gives what it said.
    fn end(mut self) -> (ExitStatus, u64, String) {
        while self.next().is_some() {}
        let status = self.child.wait().unwrap();
        let deadline = Instant::now() + PATIENCE;
        let mut said = String::new();
        loop {
            match self.screen.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => said = said + &line + "\n",
                Err(mpsc::RecvTimeoutError::Disconnected) => return (status, self.told, said),
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("somebody holds the screen: {said}"),
            }
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The guardian of a run: its one child of that name.
fn guardian_of(run: &Child) -> Pid {
    let parent = run.id().to_string();
    let is_it = |id: &i32| {
        let file = |name: &str| std::fs::read_to_string(format!("/proc/{id}/{name}"));
        let stat = file("stat").unwrap_or_default();
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.nth(1) == Some(&parent)
            && file("cmdline").is_ok_and(|words| words.ends_with("\0guardian\0"))
    };
    let entries = std::fs::read_dir("/proc").unwrap();
    let mut ids =
        entries.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse::<i32>().ok());
    Pid::from_raw(ids.find(is_it).unwrap()).unwrap()
}

fn end(run: &Run, end: End) {
    let child = &run.child;
    match end {
        End::Heard(number) => signal(child, number),
        End::Twice => [Signal::INT; 2].into_iter().for_each(|number| signal(child, number)),
        End::Kill => signal(child, Signal::KILL),
        End::KillGroup => kill_process_group(Pid::from_child(child), Signal::KILL).unwrap(),
        End::Stop => signal(child, Signal::STOP),
        End::Panic => signal(child, Signal::USR2),
        End::KillGuardian => kill_process(guardian_of(child), Signal::KILL).unwrap(),
        End::StopGuardian => kill_process(guardian_of(child), Signal::STOP).unwrap(),
        End::KillWithDeafGuardian => {
            let guardian = guardian_of(child);
            let all = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM, Signal::TSTP];
            all.into_iter().for_each(|number| kill_process(guardian, number).unwrap());
            signal(child, Signal::KILL);
        }
        End::Sleep => {
            signal(child, Signal::TSTP);
            run.wait_for("refused");
            signal(child, Signal::INT);
        }
    }
}

/// The outputs of a bench, asked over connections of the test's own.
struct Outputs {
    asked: Vec<(BufReader<TcpStream>, &'static [u8], &'static str)>,
}

impl Outputs {
    fn of(sim: &SimProcess) -> Self {
        let connect = |name: &str| {
            let address = sim.address(name).trim_start_matches("tcp://").to_owned();
            BufReader::new(TcpStream::connect(address).unwrap())
        };
        let psu: (_, &[u8], _) = (connect("psu"), b":OUTP? CH1\n", "OFF\n");
        let load: (_, &[u8], _) = (connect("load"), b":SOUR:INP:STAT?\n", "0\n");
        Self { asked: vec![psu, load] }
    }

    fn are_off(&mut self) -> bool {
        self.asked.iter_mut().all(|(connection, query, off)| {
            connection.get_mut().write_all(query).unwrap();
            let mut answer = String::new();
            connection.read_line(&mut answer).unwrap();
            answer == *off
        })
    }

    /// Whether all are off by then.
    fn go_off(&mut self, deadline: Instant) -> bool {
        loop {
            if self.are_off() {
                return true;
            }
            if Instant::now() > deadline {
                return false;
            }
            thread::yield_now();
        }
    }
}

/// One run, ended in one way, at one moment.
fn torture(sim: &SimProcess, outputs: &mut Outputs, kind: End, random: &mut Random) {
    let (lines, delay_us) = (1 + random.below(MAX_LINES), random.below(MAX_DELAY_US));
    let what = format!("{kind:?} after {lines} lines and {delay_us} us");
    let home = Home::new();
    let long = if kind == End::Panic { READS } else { WAITS };
    let mut run = Run::on(&home, &sim.bench_file(""), long);
    run.go_to(lines, kind.needs_guard());
    let moment = Instant::now() + Duration::from_micros(delay_us);
    while Instant::now() < moment {
        std::hint::spin_loop();
    }
    end(&run, kind);
    let off = outputs.go_off(Instant::now() + kind.off_within());
    let (status, told, said) = run.end();
    assert!(off, "{what}: outputs were on for {:?}\n{said}", kind.off_within());
    assert!(outputs.are_off(), "{what}: outputs are on again\n{said}");
    judge(&home, kind, status, told, &format!("{what}\n{said}"));
}

/// What the run left behind, and how it ended.
fn judge(home: &Home, kind: End, status: ExitStatus, told: u64, what: &str) {
    let with = |ending: &str| {
        let mut files = home.journals().into_iter();
        files.find(|file| file.extension().is_some_and(|found| found == ending))
    };
    let records = run_journal::read_all(with("journal").unwrap()).unwrap();
    assert!(records.len() as u64 >= told, "{what}: {told} told, {} kept", records.len());
    let acted = with("guardian").map(|file| std::fs::read_to_string(file).unwrap());
    let last = records.into_iter().next_back().unwrap().event;
    if kind.is_a_kill() {
        assert_eq!(status.signal(), Some(Signal::KILL.as_raw()), "{what}");
        assert!(!matches!(last, RunEvent::SessionFinished(_)), "{what}");
        let acted = acted.unwrap_or_default();
        assert!(!acted.contains("\"confirmed_off\":false"), "{what}: {acted}");
        return;
    }
    let is_panic = kind == End::Panic;
    assert_eq!(status.code(), Some(if is_panic { 1 } else { 50 }), "{what}");
    assert_eq!(acted, None, "{what}: a guardian acted after an orderly end");
    let RunEvent::SessionFinished(end) = last else { panic!("{what}: {last:?}") };
    let ended = if is_panic { SessionStatus::Failed } else { SessionStatus::Aborted };
    assert_eq!((end.status, end.outputs_off), (ended, true), "{what}");
    let reason = match kind {
        End::Panic => "internal fault: a panic",
        End::KillGuardian => "the guardian is gone",
        End::StopGuardian => "the guardian has not answered for 2s",
        End::Heard(Signal::TERM) => "SIGTERM",
        End::Heard(Signal::HUP) => "SIGHUP",
        End::Heard(Signal::QUIT) => "SIGQUIT",
        _ => "Ctrl-C",
    };
    assert_eq!(end.reason.as_deref(), Some(reason), "{what}");
}

#[test]
fn outputs_are_off_however_and_whenever_a_run_is_ended() {
    let kills = number("SCPI_RUN_KILLS").unwrap_or(KILLS);
    let seed = number("SCPI_RUN_SEED").unwrap_or(0x5EED);
    let next = AtomicU64::new(0);
    let work = || {
        let home = Home::new();
        let sim = SimProcess::start(&home, "quickstart");
        let mut outputs = Outputs::of(&sim);
        loop {
            let kill = next.fetch_add(1, Ordering::Relaxed);
            if kill >= kills {
                break;
            }
            let kind = ENDS[usize::try_from(kill).unwrap() % ENDS.len()];
            let mut random = Random(seed ^ (kill + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            torture(&sim, &mut outputs, kind, &mut random);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS.min(kills)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
}

/// Stands between a run and an instrument, and can cut the connection.
struct Between {
    address: String,
    accepted: Arc<Mutex<Vec<TcpStream>>>,
}

impl Between {
    fn and(instrument: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let accepted = Arc::<Mutex<Vec<TcpStream>>>::default();
        let (there, kept) = (instrument.trim_start_matches("tcp://").to_owned(), accepted.clone());
        thread::spawn(move || {
            for here in listener.incoming().map(Result::unwrap) {
                let there = TcpStream::connect(&there).unwrap();
                kept.lock().unwrap().push(here.try_clone().unwrap());
                for (mut from, mut to) in [
                    (here.try_clone().unwrap(), there.try_clone().unwrap()),
                    (there.try_clone().unwrap(), here.try_clone().unwrap()),
                ] {
                    thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        Self { address, accepted }
    }

    fn count(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    fn cut(&self) {
        self.accepted.lock().unwrap().last().unwrap().shutdown(Shutdown::Both).unwrap();
    }
}

/// The sockets that a process has open.
fn sockets_of(process: Pid) -> BTreeSet<PathBuf> {
    let folder = format!("/proc/{}/fd", process.as_raw_nonzero());
    let files = std::fs::read_dir(folder).unwrap();
    let links = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
    links.filter(|link| link.to_string_lossy().starts_with("socket:")).collect()
}

#[test]
fn a_guardian_is_given_a_connection_that_is_made_anew() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let between = Between::and(sim.address("psu"));
    let bench = sim.bench_file("").replace(sim.address("psu"), &between.address);
    let mut run = Run::on(&home, &bench, WAITS);
    // Beyond the setup, which may not fail.
    run.go_to(30, true);
    let guardian = guardian_of(&run.child);
    let before = sockets_of(guardian);
    between.cut();
    let deadline = Instant::now() + PATIENCE;
    while between.count() < 2 || sockets_of(guardian) == before {
        assert!(Instant::now() < deadline, "no newer connection");
        thread::yield_now();
    }
    end(&run, End::Kill);
    assert!(Outputs::of(&sim).go_off(Instant::now() + OFF_WITHIN));
    let (_, _, said) = run.end();
    assert!(said.contains("confirmed off: load, psu"), "{said}");
    assert_eq!(between.count(), 2, "the guardian needed no connection of its own");
}

#[test]
fn a_guardian_that_acted_is_shown_with_its_run() {
    let home = Home::new();
    let sim = SimProcess::start(&home, "quickstart");
    let mut run = Run::start(&home, &sim);
    run.go_to(MAX_LINES, true);
    end(&run, End::Kill);
    let (_, _, said) = run.end();
    assert!(said.contains("guardian: the run ended without its safe state"), "{said}");
    home.run(&["history", "--db", "none"]).expect(0).says("UNFINISHED");
    let records = home.journals();
    let run = records[0].file_stem().unwrap().to_str().unwrap();
    home.run(&["show", run, "--db", "none"]).expect(0).says("confirmed off: load, psu");
}

#[test]
fn the_panic_button_switches_off_what_others_have_left_on() {
    let home = Home::new();
    let mut sim = SimProcess::start(&home, "quickstart");
    let bench = home.write("bench.toml", &sim.bench_file(""));
    let safe = ["safe", "--bench", bench.to_str().unwrap()];
    home.run(&["query", sim.address("psu"), ":OUTP CH2,ON"]).expect(0);
    let done = home.run(&safe).expect(0);
    assert!(done.out.contains("off: psu (psu channel 2)\n"), "{done:?}");
    assert!(done.out.ends_with("4 of 4 outputs confirmed off\n"), "{done:?}");
    let answer = home.run(&["query", sim.address("psu"), ":OUTP? CH2"]);
    assert_eq!(answer.out, "OFF\n");
    sim.kill();
    home.run(&safe).expect(30).says("NOT REACHED: psu");
    home.run(&["safe"]).expect(2);
    home.run(&["guardian"]).expect(2).says("a guardian is started by a run");
}
