//! Whole runs in a storm of faults: whatever the instruments do, a run ends in time, says what it came to, and leaves
//! its outputs off, by the simulator's own word, unless it says itself that it could not.
//!
//! `SCPI_RUN_STORMS=400` says how many; `SCPI_RUN_SEED=7` begins at another, and `SCPI_RUN_STORMS=1` beside it is that one
//! alone. Of those that fail the smallest seed is named, with its bench.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::{Home, SimProcess, number};

/// How many storms where nobody asks for more.
const STORMS: u64 = 18;

/// Runs at the same time.
const WORKERS: u64 = 3;

/// No run takes longer, whatever is wrong.
const ENDS_WITHIN: Duration = Duration::from_secs(120);

/// A pass, a fail, nothing to say, the equipment, outputs that could not be confirmed off.
const EXITS: [i32; 5] = [0, 10, 11, 30, 51];

const OUTPUTS_ON: i32 = 51;

/// What goes wrong; each with a delay where it takes one.
const ACTIONS: [(&str, &str); 17] = [
    ("close", ""),
    ("silent", ""),
    ("garbage", ""),
    ("overload", ""),
    ("cut", ""),
    ("late", ", delay = \"300 ms\""),
    ("error", ", code = -310"),
    ("split", ""),
    ("drip", ", delay = \"1 ms\""),
    ("hold", ""),
    ("reset", ""),
    ("half-open", ""),
    ("stale", ""),
    ("echo", ""),
    ("length", ""),
    ("storm", ""),
    ("crash", ", delay = \"200 ms\""),
];

/// Where it goes wrong, of those that the plan needs.
const HEADERS: [(&str, &[&str]); 3] = [
    ("psu", &["*IDN?", "SYST:ERR?", "VOLT?", "OUTP", "OUTP?", "MEAS:CURR?"]),
    ("load", &["*IDN?", "SYST:ERR?", "SOUR:CURR?", "SOUR:INP", "SOUR:INP?"]),
    ("dmm", &["*IDN?", "SYST:ERR?", "READ?", "CONF:VOLT:DC"]),
];

/// Quirks that an instrument of these classes may have all the time.
const QUIRKS: [u64; 17] = [9, 10, 11, 12, 14, 16, 17, 19, 20, 23, 26, 27, 28, 29, 31, 32, 39];

const BENCH: &str = r#"
name = "storm"
time = "fast"
[instruments.psu]
model = "dp832"
serial = "SIM1"
channels = { 1 = ["out", "gnd"] }
# quirks of psu
[instruments.load]
model = "dl3021"
serial = "SIM2"
channels = { 1 = ["out", "gnd"] }
# quirks of load
[instruments.dmm]
model = "34461a"
serial = "SIM3"
channels = { 1 = ["out", "gnd"] }
# quirks of dmm
"#;

/// Every step has a voltage of its own: the answer to another step passes none.
fn plan() -> String {
    let mut text = r#"
name = "storm"
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
  { role = "psu", voltage = "1 V", current_limit = "1 A", output = "on" },
  { role = "load", mode = "cc", current = "0.1 A", input = "on" },
]
"#
    .to_owned();
    for volt in 2..6 {
        let applied = format!("apply = [{{ role = \"psu\", voltage = \"{volt} V\" }}]");
        let measured = format!("measure = {{ reading = \"v\", limit = \"{volt} V ± 2 %\" }}");
        write!(text, "[[steps]]\nid = \"s{volt}\"\n{applied}\n{measured}\n").unwrap();
    }
    text
}

/// SplitMix64 of a seed: the same storm on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        let place = self.below(u64::try_from(list.len()).unwrap());
        &list[usize::try_from(place).unwrap()]
    }
}

/// The bench of a seed: one to three faults, and now and then a quirk.
fn bench(seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = BENCH.to_owned();
    if random.below(3) == 0 {
        let (instrument, _) = random.of(&HEADERS);
        let quirk = format!("quirks = [\"Q{}\"]", random.of(&QUIRKS));
        text = text.replace(&format!("# quirks of {instrument}"), &quirk);
    }
    for _ in 0..=random.below(3) {
        let (instrument, headers) = random.of(&HEADERS);
        let (header, nth) = (random.of(headers), 1 + random.below(5));
        let (action, more) = random.of(&ACTIONS);
        write!(
            text,
            "[[faults]]\ninstrument = \"{instrument}\"\non = \"{header}\"\nnth = {nth}\ndo = \"{action}\"\n{}\n",
            more.trim_start_matches(", "),
        )
        .unwrap();
    }
    text
}

/// What is wrong with the run of a seed, if anything.
fn fault(seed: u64) -> Option<String> {
    let home = Home::new();
    let text = bench(seed);
    let sim = SimProcess::start(&home, home.write("storm.toml", &text).to_str().unwrap());
    let file = home.write("bench.toml", &sim.bench_file(""));
    let plan = home.write("plan.toml", &plan());
    let arguments =
        ["--bench", file.to_str().unwrap(), "--dut", "SN1", "--db", "none", plan.to_str().unwrap()];
    let mut command = home.command(&arguments);
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > ENDS_WITHIN {
            child.kill().unwrap();
            child.wait().unwrap();
            return Some(format!("the run has not ended after {ENDS_WITHIN:?}\n{text}"));
        }
        thread::yield_now();
        thread::park_timeout(Duration::from_millis(5));
    }
    let done = support::done(child.wait_with_output().unwrap());
    let what = if !EXITS.contains(&done.code) {
        Some(format!("the exit code is {}", done.code))
    } else if done.err.contains("panicked") {
        Some("something panicked".to_owned())
    } else if done.code != OUTPUTS_ON {
        still_on(&sim).map(|output| format!("{output} is on, and the exit code is {}", done.code))
    } else {
        None
    };
    what.map(|what| format!("{what}\n{text}\n{}\n{}", done.out, done.err))
}

/// An output that is on, where its instrument can be asked.
fn still_on(sim: &SimProcess) -> Option<&'static str> {
    let asked = [("psu", ":OUTP? CH1"), ("load", ":SOUR:INP?")];
    let found = asked.into_iter().find(|(name, message)| {
        matches!(answer(sim.address(name), message).as_deref(), Some("ON" | "1"))
    });
    found.map(|(name, _)| name)
}

fn answer(address: &str, message: &str) -> Option<String> {
    let stream = TcpStream::connect(address.strip_prefix("tcp://")?).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    (&stream).write_all(format!("{message}\n").as_bytes()).ok()?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}

#[test]
fn every_storm_ends_well() {
    let first = number("SCPI_RUN_SEED").unwrap_or(1);
    let storms = number("SCPI_RUN_STORMS").unwrap_or(STORMS);
    let (next, failed) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + storms {
                        return;
                    }
                    if let Some(what) = fault(seed) {
                        failed.lock().unwrap().push((seed, what));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    if let Some((seed, what)) = failed.first() {
        let seeds: Vec<_> = failed.iter().map(|(seed, _)| seed).collect();
        panic!("the smallest seed that fails is {seed} (of {seeds:?}): {what}");
    }
}
