//! Many simulated instruments asked at once, against the least that C and epoll need; memory of those that are idle; the
//! start of a bench; a deep memory read out. It prints ratios beside the limits of the project.
//!
//! The instruments are in a process of their own: this program, started again as `fleet --serve N`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement has a screen, and ends where it cannot go on"
)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use scpi_sim::{BenchSpec, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long one of the two is asked.
const EACH: Duration = Duration::from_millis(1500);

/// Rounds in which the two take turns; the best counts.
const ROUNDS: usize = 3;

/// Samples that are read out of the deep memory, and at a time.
const DEEP: usize = 100_000_000;
const PIECE: usize = 250_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == "--serve") {
        return be_served(arguments[place + 1].parse().unwrap());
    }
    // `cargo test` only wants to know that it is there.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    // `cargo bench --bench fleet -- deep` is that alone.
    let is_wanted = |name: &str| {
        let named = |argument: &String| ["start", "many", "deep"].contains(&argument.as_str());
        !arguments.iter().any(named) || arguments.iter().any(|argument| argument == name)
    };
    if is_wanted("start") {
        start_of_a_bench();
    }
    if is_wanted("many") {
        let reference = reference();
        many(64, "floor 0.5, aim 0.75", reference.as_deref());
        many(1000, "floor 0.4, aim 0.6", reference.as_deref());
    }
    if is_wanted("deep") {
        deep_memory();
    }
}

/// A bench of so many meters.
fn bench(count: usize) -> BenchSpec {
    let mut text = "name = \"fleet\"\ntime = \"fast\"\n".to_owned();
    for number in 0..count {
        writeln!(text, "[instruments.m{number:04}]\nmodel = \"34461a\"\nserial = \"S{number}\"")
            .unwrap();
    }
    BenchSpec::parse("fleet.toml", &text).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Serves until the input ends.
fn be_served(count: usize) {
    runtime().block_on(async {
        let served = serve(bench(count)).await.unwrap();
        for instrument in served.instruments() {
            println!("{}", instrument.address.port());
        }
        println!("ready");
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()))
            .await
            .unwrap()
            .unwrap();
        served.stop().await;
    });
}

/// A process that serves, and where.
struct Served {
    child: Child,
    ports: Vec<u16>,
}

impl Served {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let ports =
            lines.take_while(|line| line != "ready").map(|line| line.parse().unwrap()).collect();
        Self { child, ports }
    }

    /// The memory that it has in use, in bytes.
    fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ours(count: usize) -> Served {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("--serve").arg(count.to_string());
    Served::start(command)
}

/// The reference, built where there is a C compiler.
fn reference() -> Option<String> {
    let program = std::env::temp_dir().join(format!("scpi-sim-epoll-{}", std::process::id()));
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/epoll.c");
    let built = Command::new("cc").args(["-O2", "-o"]).arg(&program).arg(source).status();
    built.ok().filter(|status| status.success()).map(|_| program.display().to_string())
}

/// Exchanges a second, every port asked again as soon as it has answered.
fn rate(ports: &[u16]) -> f64 {
    runtime().block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        let end = Instant::now() + EACH;
        for port in ports {
            let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", *port)).await.unwrap();
            stream.set_nodelay(true).unwrap();
            tasks.spawn(async move {
                let (mut exchanges, mut answer) = (0_u64, [0; 512]);
                while Instant::now() < end {
                    stream.write_all(b"*IDN?\n").await.unwrap();
                    let mut read = 0;
                    while read == 0 || answer[read - 1] != b'\n' {
                        read += stream.read(&mut answer[read..]).await.unwrap();
                    }
                    exchanges += 1;
                }
                exchanges
            });
        }
        let all = tasks.join_all().await;
        #[expect(clippy::cast_precision_loss, reason = "it is printed with three digits")]
        let total = all.iter().sum::<u64>() as f64;
        total / EACH.as_secs_f64()
    })
}

fn many(count: usize, limits: &str, reference: Option<&str>) {
    let served = ours(count);
    let before = served.memory();
    let idle: Vec<_> = served
        .ports
        .iter()
        .map(|port| {
            let mut stream = TcpStream::connect(("127.0.0.1", *port)).unwrap();
            stream.write_all(b"*IDN?\n").unwrap();
            BufReader::new(&stream).read_line(&mut String::new()).unwrap();
            stream
        })
        .collect();
    let grown = served.memory().saturating_sub(before) / count;
    drop(idle);
    println!(
        "{count} instruments: {grown} bytes for each client that is idle (at most 8 kB, aim 4 kB)"
    );
    println!("{count} instruments: {} bytes for each, all in all", before / count);
    let Some(program) = reference else {
        let own = rate(&served.ports);
        println!(
            "{count} instruments: {own:.0} exchanges a second; there is no C compiler to compare"
        );
        return;
    };
    let mut command = Command::new(program);
    command.arg(count.to_string());
    let other = Served::start(command);
    let rounds = (0..ROUNDS).map(|_| (rate(&served.ports), rate(&other.ports)));
    let (own, least) = rounds
        .fold((0.0, 0.0), |(one, two), (own, other)| (f64::max(one, own), f64::max(two, other)));
    println!(
        "{count} instruments: {own:.0} to {least:.0} exchanges a second, {:.2} ({limits})",
        own / least
    );
}

fn start_of_a_bench() {
    let runtime = runtime();
    let start = Instant::now();
    let served = runtime.block_on(serve(bench(20))).unwrap();
    println!(
        "start of 20 instruments: {:.1} ms (at most 50 ms)",
        start.elapsed().as_secs_f64() * 1e3
    );
    runtime.block_on(served.stop());
}

/// A hundred million samples, against as many bytes that are only sent.
fn deep_memory() {
    let text = "name = \"deep\"\ntime = \"fast\"\n[instruments.scope]\nmodel = \"mso5074\"\nserial = \"S\"\n";
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).enable_all().build().unwrap();
    let served = runtime.block_on(serve(BenchSpec::parse("deep.toml", text).unwrap())).unwrap();
    let mut stream = TcpStream::connect(served.instruments()[0].address).unwrap();
    stream.write_all(b":ACQ:MDEP 100M;:TIM:SCAL 0.1;:STOP;:WAV:MODE RAW;FORM BYTE\n").unwrap();
    let mut block = vec![0; PIECE + 12];
    let mut read = || {
        let start = Instant::now();
        for first in (0..DEEP).step_by(PIECE) {
            let asked = format!(":WAV:STAR {};STOP {};DATA?\n", first + 1, first + PIECE);
            stream.write_all(asked.as_bytes()).unwrap();
            stream.read_exact(&mut block).unwrap();
        }
        start.elapsed().as_secs_f64()
    };
    // A memory is made of its signals when it is read first.
    let (first, own, limit) = (read(), read(), sent_only().as_secs_f64());
    println!(
        "100 MB of deep memory: {first:.2} s, again {own:.3} s, only sent {limit:.3} s: {:.2} and {:.2} of the \
         send limit (floor 0.8)",
        limit / first,
        limit / own,
    );
    runtime.block_on(served.stop());
}

/// The same pieces out of memory.
fn sent_only() -> Duration {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let sender = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let block = vec![7; PIECE + 12];
        let mut asked = [0; 1];
        while stream.read(&mut asked).unwrap() > 0 {
            stream.write_all(&block).unwrap();
        }
    });
    let mut stream = TcpStream::connect(address).unwrap();
    let mut block = vec![0; PIECE + 12];
    let start = Instant::now();
    for _ in (0..DEEP).step_by(PIECE) {
        stream.write_all(b"?").unwrap();
        stream.read_exact(&mut block).unwrap();
    }
    let time = start.elapsed();
    drop(stream);
    sender.join().unwrap();
    time
}
