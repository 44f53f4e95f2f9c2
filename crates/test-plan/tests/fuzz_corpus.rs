//! The kept inputs of the fuzz targets, replayed with many that are made of them by a few changed characters; and inputs
//! that are meant to cost time or memory.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

#[path = "../fuzz/bodies.rs"]
mod bodies;
#[path = "../../../tests/support/replay.rs"]
mod replay;

use std::path::Path;
use std::time::{Duration, Instant};

use replay::Replay;
use test_plan::{MAX_FAULTS, MAX_PLAN_BYTES, NoSources, check};

/// Changed inputs that are tried for each kept one, unless `SCPI_FUZZ_INPUTS` says otherwise.
const CHANGED: u64 = 20;

/// Far above what any of them takes unoptimised, so that a busy machine fails nothing; far below what grows faster
/// than its text.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn every_kept_input_and_many_like_it() {
    let replay = Replay {
        corpus: Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus"),
        special: b"0123456789eE+-*/.,()[]{}\"'=<>%$ \n\xc2\xb1\xff",
        longest_piece: 64,
        changed: CHANGED,
    };
    replay.run(&bodies::ALL);
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
