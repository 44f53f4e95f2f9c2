//! How fast the recorder is against `psql \copy` text of the same rows: `cargo bench -p result-store --bench speed`.
//!
//! A server of its own that syncs, the schema's own `scpi.measurements` with all its indexes and foreign keys. What is
//! compared is done in turn, round by round; what counts is the ratio of the medians, not the machine. With `--check` it
//! fails where a ratio lies below its floor; a number as argument is the count of rows.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench stops by panicking, prints, and reckons in floats"
)]

#[path = "../tests/store/journals.rs"]
#[allow(dead_code, reason = "the tests use the rest of it")]
mod journals;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bench_model::{Decimal, Record, RunEvent, SessionStatus, VerdictCounts};
use bytes::BytesMut;
use journals::{Journals, ended, identified, meter, reading, session, start, started};
use private_postgres::testing::TestServer;
use private_postgres::{RUN_ROLE, SUPERUSER};
use result_store::{Store, StoreConfig, migrate};
use tokio::runtime::Runtime;

/// Rounds of which the median is taken.
const ROUNDS: usize = 5;
/// Rows of a round.
const ROWS: u32 = 100_000;
const DATABASE: &str = "bench";
/// Ticks of the kernel's clock of a process in a second.
const TICKS_A_SECOND: f64 = 100.0;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let checks = words.iter().any(|word| word == "--check");
    let rows = words.iter().find_map(|word| word.parse().ok()).unwrap_or(ROWS);
    let mut report = Report { below: Vec::new() };
    numerics(&mut report);
    let bench = Bench::new(rows, &mut report);
    bench.play(&mut report);
    assert!(!checks || report.below.is_empty(), "below the floor: {:?}", report.below);
}

struct Report {
    below: Vec<String>,
}

impl Report {
    /// How many times as fast as the reference.
    fn ratio(&mut self, what: &str, floor: f64, ratio: f64) {
        println!("{what:<58} {ratio:>7.2} of \\copy (floor {floor})");
        self.note(what, ratio < floor);
    }

    /// What something costs, in nanoseconds.
    fn cost(&mut self, what: &str, most_ns: f64, ns: f64) {
        println!("{what:<58} {ns:>7.0} ns (at most {most_ns})");
        self.note(what, ns > most_ns);
    }

    fn note(&mut self, what: &str, is_below: bool) {
        if is_below {
            self.below.push(what.to_owned());
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The encoding of decimals as SCPI instruments send them.
fn numerics(report: &mut Report) {
    let texts = (0..1000).map(|at| {
        format!("{}{}.{:08}E{:+03}", ["+", "-"][at % 2], at % 10, at * 7919, at as i64 % 9 - 4)
    });
    let decimals: Vec<Decimal> = texts.map(|text| text.parse().unwrap()).collect();
    let mut out = BytesMut::with_capacity(64);
    let times = (0..ROUNDS).map(|_| {
        let began = thread_time();
        for decimal in decimals.iter().cycle().take(1_000_000) {
            out.clear();
            assert!(result_store::testing::encode_numeric(black_box(decimal), &mut out));
        }
        (thread_time() - began) / 1_000_000
    });
    report.cost("NUMERIC of one SCPI decimal", 200.0, median(times.collect()).as_nanos() as f64);
}

struct Bench {
    server: TestServer,
    runtime: Runtime,
    rows: u32,
    _journals: Journals,
    whole: PathBuf,
    halves: [PathBuf; 2],
    text: PathBuf,
}

impl Bench {
    fn new(rows: u32, report: &mut Report) -> Self {
        let server = TestServer::own_durable().unwrap();
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        let owner = StoreConfig::from_url(&server.url(SUPERUSER, DATABASE)).unwrap();
        runtime.block_on(migrate(&owner.create_database(true))).unwrap();
        let journals = Journals::new();
        let began = thread_time();
        let whole = written(&journals, 1, rows);
        let per_event = (thread_time() - began) / rows;
        report.cost("journal append of one event, not synced", 5000.0, per_event.as_nanos() as f64);
        let halves = [written(&journals, 2, rows / 2), written(&journals, 3, rows / 2)];
        let text = journals.path().join("rows.txt");
        let bench = Self { server, runtime, rows, _journals: journals, whole, halves, text };
        bench.record(&bench.halves[0], 1000);
        bench.record(&bench.halves[1], 1000);
        bench.clean();
        bench.record(&bench.whole, 1000);
        bench.psql(
            SUPERUSER,
            &format!(
                "\\copy (SELECT {COLUMNS} FROM scpi.measurements) TO '{}'",
                bench.text.display()
            ),
        );
        bench
    }

    fn psql(&self, role: &str, command: &str) {
        let mut psql = self.server.psql(role, DATABASE).unwrap();
        let status = psql.args(["-Xqc", command]).status().unwrap();
        assert!(status.success(), "{command}");
    }

    fn clean(&self) {
        self.psql(
            SUPERUSER,
            "TRUNCATE scpi.measurements, scpi_run.journal_position, audit.change_log",
        );
        self.psql(SUPERUSER, "CHECKPOINT");
    }

    fn store(&self) -> Store {
        let config = StoreConfig::from_url(&self.server.url(RUN_ROLE, DATABASE)).unwrap();
        self.runtime.block_on(Store::connect(&config)).unwrap()
    }

    fn record(&self, journal: &Path, events: usize) {
        let mut store = self.store();
        self.runtime.block_on(store.catch_up_by(journal, events)).unwrap();
    }

    /// Both halves at once, each by a connection of its own.
    fn record_both(&self) {
        let mut tasks = Vec::new();
        for journal in self.halves.clone() {
            let mut store = self.store();
            tasks.push(self.runtime.spawn(async move {
                store.catch_up_by(&journal, usize::MAX).await.unwrap();
            }));
        }
        tasks.into_iter().for_each(|task| self.runtime.block_on(task).unwrap());
    }

    fn timed(&self, work: impl FnOnce()) -> Duration {
        self.clean();
        let began = Instant::now();
        work();
        began.elapsed()
    }

    /// The same rows by `psql` and by each of ours, in turn.
    fn play(&self, report: &mut Report) {
        let copy = format!("\\copy scpi.measurements ({COLUMNS}) FROM '{}'", self.text.display());
        let mut times = [(); 5].map(|()| Vec::new());
        let mut cpu = 0.0;
        for _ in 0..ROUNDS {
            times[0].push(self.timed(|| self.psql(RUN_ROLE, &copy)));
            let before = cpu_seconds();
            times[1].push(self.timed(|| self.record(&self.whole, usize::MAX)));
            cpu += cpu_seconds() - before;
            times[2].push(self.timed(|| self.record(&self.whole, 1000)));
            times[3].push(self.timed(|| self.record_both()));
            self.let_lock(true);
            times[4].push(self.timed(|| self.record(&self.whole, usize::MAX)));
            self.let_lock(false);
        }
        let [copied, whole, by_1000, both, locked] = times.map(|one| median(one).as_secs_f64());
        let rows = f64::from(self.rows);
        println!("{:<58} {:>7.0} rows/s", "psql \\copy of the same rows as text", rows / copied);
        report.ratio("recorder, large backlog, one connection", 0.85, copied / whole);
        report.ratio("by 1,000 rows a transaction, ledger included", 0.70, copied / by_1000);
        report.ratio("two connections", 1.3, copied / both);
        report.ratio("our own server: parents locked once", 2.0, copied / locked);
        let per_row_ns = cpu / rows / ROUNDS as f64 * 1e9;
        report.cost("client CPU of one row, from the journal's JSON on", 1e4, per_row_ns);
    }

    fn let_lock(&self, yes: bool) {
        let change = if yes { "GRANT" } else { "REVOKE" };
        let side = if yes { "TO" } else { "FROM" };
        let parameter = "SET ON PARAMETER session_replication_role";
        self.psql(SUPERUSER, &format!("{change} {parameter} {side} {RUN_ROLE}"));
    }
}

const COLUMNS: &str = "\"timestamp\", equipment_id, test_session_id, measurement_type, channel, value, unit, \
    range_setting, integration_time, metadata";

/// A journal of so many readings.
fn written(journals: &Journals, number: u32, rows: u32) -> PathBuf {
    let mut writer = journals.writer(session(number));
    let head = [started(start(number)), identified(meter(Some("DM3O1")))];
    let readings = (0..rows).map(|at| {
        let text = format!("+5.{at:08}E-01");
        RunEvent::Reading(Box::new(reading(number, at, &text, &text)))
    });
    let events = head.into_iter().chain(readings);
    let events = events.chain([ended(SessionStatus::Completed, VerdictCounts::default())]);
    for (seq, event) in (1_u64..).zip(events) {
        let at = journals::at(i64::try_from(seq).unwrap());
        writer.append(&Record { seq, at, event }).unwrap();
    }
    writer.sync().unwrap();
    writer.path().to_owned()
}

/// What this thread has computed, however busy the machine is.
fn thread_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(stat.split_whitespace().next().unwrap().parse().unwrap())
}

/// Of this process and all its threads.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS_A_SECOND
}
