//! A typed query with its timeout against a raw blocking socket, paired in one run:
//! `cargo bench -p scpi-client`. What counts is the ratio, not the machine.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops by panicking and prints"
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use scpi_client::{ClientConfig, Instrument};

const QUERIES_PER_ROUND: u32 = 2_000;
const ROUNDS: usize = 15;
const BLOCK_BYTES: usize = 100 << 20;

fn main() {
    let address = serve();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut raw = TcpStream::connect(address).unwrap();
    raw.set_nodelay(true).unwrap();
    let text = format!("tcp://{address}").parse().unwrap();
    let config = ClientConfig { read_timeout: Duration::from_secs(60), ..ClientConfig::default() };
    let ours = runtime.block_on(Instrument::connect(&text, config)).unwrap();

    let (mut raw_times, mut our_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        raw_times.push(timed(|| (0..QUERIES_PER_ROUND).for_each(|_| raw_query(&mut raw))));
        our_times.push(timed(|| {
            runtime.block_on(async {
                for _ in 0..QUERIES_PER_ROUND {
                    ours.query("READ?").await.unwrap().number().unwrap();
                }
            });
        }));
    }
    report("query", median(raw_times), median(our_times));

    let (mut raw_times, mut our_times) = (Vec::new(), Vec::new());
    let mut data = Vec::new();
    for _ in 0..5 {
        raw_times.push(timed(|| raw_block(&mut raw)));
        our_times.push(timed(|| {
            runtime.block_on(ours.query_block_into("CURV?", &mut data)).unwrap();
        }));
        assert_eq!(data.len(), BLOCK_BYTES);
    }
    report("100 MB block into a reused buffer", median(raw_times), median(our_times));
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn report(what: &str, raw: Duration, ours: Duration) {
    let ratio = raw.as_secs_f64() / ours.as_secs_f64();
    println!("{what}: raw {raw:?}, ours {ours:?}, ratio {ratio:.2}");
}

fn raw_query(stream: &mut TcpStream) {
    stream.write_all(b"READ?\n").unwrap();
    let mut answer = [0; 64];
    let bytes = stream.read(&mut answer).unwrap();
    assert!(answer[..bytes].ends_with(b"\n"));
}

/// Receives alone: nothing is looked at but the number of bytes.
fn raw_block(stream: &mut TcpStream) {
    stream.write_all(b"CURV?\n").unwrap();
    let header = scpi_protocol::block::header(BLOCK_BYTES).len();
    let (mut left, mut buffer) = (header + BLOCK_BYTES + 1, vec![0; 1 << 18]);
    while left > 0 {
        left -= stream.read(&mut buffer).unwrap();
    }
}

/// An instrument without any parsing: one thread a connection.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(&mut stream.unwrap()));
        }
    });
    address
}

fn answer(stream: &mut TcpStream) {
    stream.set_nodelay(true).unwrap();
    let mut block = scpi_protocol::block::definite(&vec![7; BLOCK_BYTES]);
    block.push(b'\n');
    let mut query = [0; 64];
    while let Ok(bytes @ 1..) = stream.read(&mut query) {
        let answer =
            if query[..bytes].starts_with(b"READ?") { &b"+1.23456789E+00\n"[..] } else { &block };
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}
