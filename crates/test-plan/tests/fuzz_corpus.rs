//! The kept inputs of the fuzz targets, replayed with many that are made of them by a few changed characters; and inputs
//! that are meant to cost time or memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use test_plan::{MAX_FAULTS, MAX_PLAN_BYTES, NoSources, check};

/// Changed inputs that are tried for each kept one, unless `SCPI_FUZZ_INPUTS` says otherwise.
const CHANGED: u64 = 20;

/// Far above what any of them takes unoptimised, so that a busy machine fails nothing; far below what grows faster
/// than its text.
const PATIENCE: Duration = Duration::from_secs(20);

fn kept(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = files.collect();
    all.sort();
    all
}

/// Numbers that look random and are the same every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 8).unwrap() % bound.max(1)
    }
}

/// A few bytes replaced, taken out or doubled.
fn changed(input: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const SPECIAL: &[u8] = b"0123456789eE+-*/.,()[]{}\"'=<>%$ \n\xc2\xb1\xff";
    let mut bytes = input.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        let special = SPECIAL[numbers.below(SPECIAL.len())];
        match numbers.below(4) {
            0 if !bytes.is_empty() => bytes[at] = special,
            1 if !bytes.is_empty() => drop(bytes.remove(at)),
            2 => {
                let end = at + numbers.below((bytes.len() - at + 1).min(64));
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.insert(at, special),
        }
    }
    bytes
}

#[test]
fn every_kept_input_and_many_like_it() {
    let tries = std::env::var("SCPI_FUZZ_INPUTS").ok().and_then(|text| text.parse().ok());
    for (target, body) in bodies::ALL {
        let inputs = kept(target);
        assert!(!inputs.is_empty(), "{target} has no kept inputs");
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
        for path in &inputs {
            let input = std::fs::read(path).unwrap();
            body(&input);
            for _ in 0..tries.unwrap_or(CHANGED) {
                let input = changed(&input, &mut numbers);
                let result = std::panic::catch_unwind(|| body(&input));
                assert!(result.is_ok(), "{target}, from {path:?}: {}", input.escape_ascii());
            }
        }
    }
}

/// Texts as large as a plan may be, and small ones that ask for much: each is refused in bounded time.
#[test]
fn what_is_meant_to_cost_much_is_refused_in_time() {
    let full = |piece: &str| piece.repeat(MAX_PLAN_BYTES / piece.len() - 1);
    let axis = |name: &str| {
        format!(
            "{{ axis = \"{name}\", role = \"psu\", setting = \"voltage\", from = \"0 V\", to = \"9 V\", points = 100000 }}"
        )
    };
    let axes: Vec<_> = ["a", "b", "c", "d", "e", "f", "g", "h"].map(axis).into();
    let psu = "name = \"x\"\n[instruments]\npsu = { class = \"power_supply\", max_voltage = \"15 V\", max_current = \"2 A\" }\n";
    let hostile = [
        ("tables in each other", format!("x = {}", full("{a="))),
        ("arrays in each other", format!("x = {}", full("["))),
        ("keys", (0..60_000).map(|at| format!("k{at} = 1\n")).collect()),
        ("dotted keys", format!("{}x = 1", full("a."))),
        ("one text", format!("name = \"{}\"", full("x"))),
        ("steps", full("[[steps]]\n")),
        ("a number", format!("x = {}", full("9"))),
        (
            "points",
            format!("{psu}[[steps]]\nid = \"s\"\nwait = \"1 s\"\nsweep = [{}]\n", axes.join(", ")),
        ),
        (
            "a limit",
            format!(
                "{psu}[[steps]]\nid = \"s\"\nscpi = {{ role = \"psu\", query = \"A?\", limit = \"{}\" }}\n",
                full("(")
            ),
        ),
        (
            "a pattern",
            format!(
                "name = \"x\"\n[dut]\nserial = {{ pattern = \"{}\" }}\n",
                "(a{1,1000}){1,1000}".repeat(50)
            ),
        ),
    ];
    for (what, text) in hostile {
        let started = Instant::now();
        let faults = check("hostile.toml", &text, &NoSources).err().unwrap_or_default();
        assert!((1..=MAX_FAULTS + 1).contains(&faults.len()), "{what}: {}", faults.len());
        assert!(started.elapsed() < PATIENCE, "{what} took {:?}", started.elapsed());
    }
}

/// Expressions of the longest text, and of all depths, in their places.
#[test]
fn expressions_that_are_meant_to_cost_much_end_in_time() {
    for (what, text) in [
        ("sums", format!("1{}", "+1".repeat(2_040))),
        ("signs", format!("{}1", "-".repeat(4_000))),
        ("parentheses", "(".repeat(4_000)),
        ("powers", format!("1{}", "*1e999999".repeat(400))),
        ("functions", format!("{}idle{}", "abs(".repeat(1_000), ")".repeat(1_000))),
        ("results", format!("rail{}", "+max(rail,over=(vi,il))".repeat(170))),
        ("too long", "1+".repeat(300_000)),
    ] {
        let started = Instant::now();
        bodies::expression(text.as_bytes());
        assert!(started.elapsed() < PATIENCE, "{what} took {:?}", started.elapsed());
    }
}
