//! What a run costs beyond its instruments and its disk: `cargo bench -p test-runner`.
//!
//! Steps of one query, one limit and one durable record each, against a bare loop that sends the same messages and
//! syncs a line a step; then many instruments at the same time against as many bare clients. Both halves of each pair
//! are done in turns, and the ratio of their medians counts, not the machine. The instrument is a thread of this
//! process, so that its time is in both.

#![recursion_limit = "256"]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops by panicking and prints"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bench_catalog::{Bench, Dialects};
use bench_instruments::OpenOptions;
use bench_model::{Dut, EVENT_FORMAT, PlanText, SessionId, SessionStart, Trigger};
use run_journal::{JournalFolder, JournalThread, JournalWriter};
use test_plan::{Inputs, NoSources, Plan, Selection, check};
use test_runner::{Nobody, Session, Unguarded, run_sites, stop_channel};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use uuid::Uuid;

const STEPS: usize = 1000;
const ROUNDS: usize = 9;
const INSTRUMENTS: usize = 256;
/// Steps of each of many instruments.
const FEW_STEPS: usize = 40;

/// What a bare loop sends for one step: the query, and what the runner asks after it.
const MESSAGES: [&str; 2] = ["MEAS:TEMP?", "SYST:ERR?"];

fn main() {
    let address = serve();
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(STEPS);
    let (mut bare, mut ours, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    let mut first_query = Vec::new();
    for round in 0..ROUNDS {
        bare.push(timed(|| bare_loop(address, &folder.path().join(format!("{round}.bare")))));
        let before = cpu_seconds();
        let start = Instant::now();
        session(&plan, &[address], folder.path());
        ours.push(start.elapsed());
        cpu.push(Duration::from_secs_f64(cpu_seconds() - before));
        first_query.push(timed(|| {
            session(&self::plan(1), &[address], folder.path());
        }));
    }
    let (bare, ours) = (median(bare), median(ours));
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    println!("{STEPS} steps: bare {bare:.1?}, ours {ours:.1?}, ratio {ratio:.2} (at most 1.5)");
    let cpu = median(cpu);
    println!("CPU of such a session, the instrument's and the journal's in it: {cpu:.1?}");
    println!("a session of one step, from nothing to its end: {:.1?}", median(first_query));
    println!("peak memory: {} MiB (below 20)", peak_mib());
    parallel(folder.path());
}

/// Many instruments: a session each against a bare client each, all in one thread.
fn parallel(folder: &Path) {
    let address = serve();
    let plan = plan(FEW_STEPS);
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS.min(5) {
        bare.push(timed(|| {
            runtime().block_on(async {
                let one = || bare_client(address, FEW_STEPS);
                futures_util::future::join_all((0..INSTRUMENTS).map(|_| one())).await;
            });
        }));
        ours.push(session(&plan, &vec![address; INSTRUMENTS], folder));
    }
    let (bare, ours) = (median(bare), median(ours));
    let ratio = bare.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{INSTRUMENTS} instruments of {FEW_STEPS} steps: bare {bare:.1?}, ours {ours:.1?}, rate {ratio:.2} of bare \
         (0.8 is wanted)"
    );
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

/// An instrument that answers every query of a line at once, one thread a connection.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map(Result::unwrap) {
            stream.set_nodelay(true).unwrap();
            thread::Builder::new().stack_size(64 << 10).spawn(|| answer(stream)).unwrap();
        }
    });
    address
}

fn answer(stream: TcpStream) {
    let mut writer = stream.try_clone().unwrap();
    for line in BufReader::new(stream).lines() {
        let answer: &[u8] = match line.as_deref() {
            Ok("*IDN?") => b"ACME,REF,1,1\n",
            Ok("SYST:ERR?") => b"0,\"No error\"\n",
            Ok("MEAS:TEMP?") => b"+2.34500000E+01\n",
            _ => return,
        };
        if writer.write_all(answer).is_err() {
            return;
        }
    }
}

fn plan(steps: usize) -> Plan {
    let mut text = "name = \"bench\"\n[instruments]\nit = { class = \"instrument\" }\n".to_owned();
    for step in 0..steps {
        writeln!(
            text,
            "[[steps]]\nid = \"s{step}\"\n\
             scpi = {{ role = \"it\", query = \"MEAS:TEMP?\", unit = \"°C\", limit = \"10 °C .. 40 °C\" }}"
        )
        .unwrap();
    }
    check("bench.toml", &text, &NoSources).unwrap()
}

fn bare_loop(address: SocketAddr, file: &Path) {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    let mut record = File::create(file).unwrap();
    let mut line = String::new();
    for _ in 0..STEPS {
        for message in MESSAGES {
            line.clear();
            writer.write_all(format!("{message}\n").as_bytes()).unwrap();
            reader.read_line(&mut line).unwrap();
        }
        record.write_all(line.as_bytes()).unwrap();
        record.sync_data().unwrap();
    }
}

async fn bare_client(address: SocketAddr, steps: usize) {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut reader = tokio::io::BufReader::new(reader);
    let mut line = String::new();
    for _ in 0..steps {
        for message in MESSAGES {
            line.clear();
            writer.write_all(format!("{message}\n").as_bytes()).await.unwrap();
            reader.read_line(&mut line).await.unwrap();
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Sessions with their journals, one for each address, all in one thread.
///
/// The time from their beginning until all of it is on the disk; their journals are made before.
fn session(plan: &Plan, addresses: &[SocketAddr], folder: &Path) -> Duration {
    let set = BTreeMap::new();
    let schedule = plan.expand(&Inputs::of(&set, false)).unwrap();
    let dialects = Arc::new(Dialects::built_in().unwrap());
    let options =
        OpenOptions { connect_timeout: Duration::from_secs(30), ..OpenOptions::new(dialects) };
    let selection = Selection::default();
    let benches: Vec<_> = sites(addresses);
    let folder = JournalFolder::new(folder);
    let (mut threads, mut sessions) = (Vec::new(), Vec::new());
    for bench in &benches {
        let start = start(schedule.planned_results);
        let writer = JournalWriter::create(&folder, start.session).unwrap();
        let (sender, thread) = JournalThread::spawn(writer, Vec::new()).unwrap();
        threads.push(thread);
        let session = Session {
            start,
            plan,
            set: &set,
            selection: &selection,
            roles: schedule.roles_used.clone(),
            bench,
            options: &options,
            operator: &Nobody,
            lockout: false,
            authorities: None,
            resume: None,
        };
        sessions.push((session, sender));
    }
    let begun = Instant::now();
    let outcomes = runtime().block_on(run_sites(sessions, stop_channel().1, &mut Unguarded));
    for outcome in outcomes {
        assert_eq!(outcome.end.counts.pass, schedule.planned_results);
    }
    threads.into_iter().for_each(|thread| {
        thread.join().unwrap();
    });
    begun.elapsed()
}

/// One bench with a site for each address.
fn sites(addresses: &[SocketAddr]) -> Vec<Bench> {
    let mut text = "name = 'b'\n".to_owned();
    for (site, address) in addresses.iter().enumerate() {
        writeln!(text, "[instruments.i{site}]\naddress = 'tcp://{address}'").unwrap();
        writeln!(text, "[sites.s{site}.roles]\nit = {{ instrument = 'i{site}' }}").unwrap();
    }
    let bench = Bench::parse("b.toml", &text).unwrap();
    bench.sites.iter().map(|(name, site)| bench.at_site(name, site)).collect()
}

fn start(planned_results: u64) -> SessionStart {
    SessionStart {
        session: SessionId(Uuid::now_v7()),
        format: EVENT_FORMAT,
        software: "bench".to_owned(),
        plan: PlanText {
            name: "bench".to_owned(),
            version: None,
            file: "bench.toml".to_owned(),
            sha256: String::new(),
            text: String::new(),
            files: BTreeMap::new(),
        },
        dut: Dut::default(),
        bench: "b".to_owned(),
        simulated: false,
        partial: false,
        test_type: None,
        trigger: Trigger::Automated,
        operator: None,
        host: None,
        parameters: BTreeMap::new(),
        environment: BTreeMap::new(),
        planned_results,
        planned_readings: 0,
        origin: None,
    }
}

/// User and system time of all threads of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    // USER_HZ is 100 wherever Linux runs.
    ticks / 100.0
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}
