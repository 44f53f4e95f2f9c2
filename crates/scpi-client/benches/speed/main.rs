//! How fast the client is against what the system allows: `cargo bench -p scpi-client --bench speed`.
//!
//! The instrument is a C program with one epoll loop, compiled here by `cc`; both ends are pinned to one core, and
//! what is compared is done in turn, round by round. What counts is the ratio of the medians, not the machine. With
//! `--check` it fails where a ratio lies below its floor. A word as argument runs the rows that hold it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bench stops by panicking, prints, and reckons in floats"
)]

mod instrument;
mod memory;
mod raw;
mod wire;

use std::time::{Duration, Instant};

/// Rounds of which the median is taken.
const ROUNDS: usize = 11;

fn main() {
    pin();
    let mut report = Report::new(std::env::args().skip(1));
    memory::rows(&mut report);
    match instrument::Instrument::start() {
        Some(instrument) => wire::rows(&mut report, &instrument),
        None => println!("no cc here: the rows over the wire are left out"),
    }
    report.end();
}

/// This process, and what it starts, on one core: an idle one takes longer to wake than an exchange.
fn pin() {
    let mut core = rustix::thread::CpuSet::new();
    core.set(0);
    let _ = rustix::thread::sched_setaffinity(None, &core);
}

/// Prints each row, and remembers whether one lies below its floor.
pub(crate) struct Report {
    only: Option<String>,
    checks: bool,
    below: Vec<String>,
}

impl Report {
    fn new(arguments: impl Iterator<Item = String>) -> Self {
        let words: Vec<String> = arguments.filter(|word| word != "--bench").collect();
        let checks = words.iter().any(|word| word == "--check");
        let only = words.into_iter().find(|word| !word.starts_with("--"));
        Self { only, checks, below: Vec::new() }
    }

    /// Whether this row was asked for.
    pub(crate) fn wants(&self, what: &str) -> bool {
        self.only.as_ref().is_none_or(|only| what.contains(only.as_str()))
    }

    /// One row: the same work the reference's way and ours, in turn; how many times as fast ours is.
    pub(crate) fn row(
        &mut self,
        what: &str,
        (floor, aim): (f64, f64),
        mut reference: impl FnMut(),
        mut ours: impl FnMut(),
    ) {
        if !self.wants(what) {
            return;
        }
        reference();
        ours();
        let (mut theirs, mut own) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            theirs.push(timed(&mut reference));
            own.push(timed(&mut ours));
        }
        let (theirs, own) = (median(theirs), median(own));
        let ratio = theirs.as_secs_f64() / own.as_secs_f64();
        let mark = match ratio {
            _ if ratio < floor => "BELOW THE FLOOR",
            _ if ratio < aim => "floor",
            _ => "aim",
        };
        println!(
            "{what:<58} {ratio:>7.2}  (floor {floor}, aim {aim}: {mark}; {theirs:.2?}, {own:.2?})"
        );
        if ratio < floor {
            self.below.push(what.to_owned());
        }
    }

    fn end(self) {
        if self.checks && !self.below.is_empty() {
            panic!("below the floor: {}", self.below.join(", "));
        }
    }
}

fn timed(work: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
