//! Instruments on 127.0.0.1 that follow a script, and benches of them.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bench_catalog::{Bench, Dialects};
use bench_instruments::{BenchedInstrument, Channel, OpenOptions, Opened, open};
use scpi_client::{Tape, TapeEntry, TapeEvent};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const SUPPLY: &str = "RIGOL TECHNOLOGIES,DP832,DP8C194205678,00.01.14";
pub(crate) const LOAD: &str = "RIGOL TECHNOLOGIES,DL3021,DL3A204800938,00.01.05.00.01";
pub(crate) const SCOPE: &str = "RIGOL TECHNOLOGIES,MSO5074,MS5A221301338,00.01.03.00.01";
pub(crate) const METER: &str =
    "Keysight Technologies,34461A,MY53212931,A.02.08-02.37-02.08-00.49-01-01";
pub(crate) const OTHER: &str = "ACME Instruments,REF-1,SN00001,1.0.0";

/// A deadline that no test waits for, even on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// What a peer does, connection by connection. A line of a script is
///
/// | line | means |
/// | --- | --- |
/// | `> TEXT` | this line comes |
/// | `< TEXT` | this line is sent |
/// | `ok` | the error queue is asked for, and is empty |
/// | `done` | `*OPC?` comes, and is answered by 1 |
/// | `silent` | whatever comes is read and not answered |
/// | `deaf` | nothing is read any more |
///
/// Behind the last one the connection is closed by the other side, or by a `close`.
pub(crate) struct Peer {
    pub(crate) address: String,
    scripts: tokio::task::JoinHandle<()>,
}

impl Peer {
    pub(crate) async fn serve(scripts: Vec<Vec<String>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let scripts = tokio::spawn(async move {
            for script in scripts {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                follow(BufReader::new(stream), &script).await;
            }
        });
        Self { address, scripts }
    }

    /// One that says who it is, has an empty error queue, and then follows a script.
    pub(crate) async fn of(idn: &str, script: &[&str]) -> Self {
        Self::serve(vec![greeting(idn, script)]).await
    }

    /// Whether nobody listens any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.scripts.is_finished()
    }

    /// When all of the script has been seen.
    pub(crate) async fn finish(self) {
        tokio::time::timeout(LONG, self.scripts).await.unwrap().unwrap();
    }
}

pub(crate) fn greeting(idn: &str, script: &[&str]) -> Vec<String> {
    let start = ["> *IDN?".to_owned(), format!("< {idn}"), "ok".to_owned()];
    start.into_iter().chain(script.iter().map(|line| (*line).to_owned())).collect()
}

async fn follow(mut stream: BufReader<TcpStream>, script: &[String]) {
    for line in script {
        match line.split_once(' ').unwrap_or((line, "")) {
            (">", wanted) => expect(&mut stream, wanted).await,
            ("<", answer) => send(&mut stream, answer).await,
            ("ok", _) => exchange(&mut stream, "SYST:ERR?", "0,\"No error\"").await,
            ("done", _) => exchange(&mut stream, "*OPC?", "1").await,
            ("silent", _) => while line_of(&mut stream).await.is_some() {},
            ("deaf", _) => std::future::pending().await,
            ("close", _) => return,
            _ => unreachable!("{line} is no line of a script"),
        }
    }
    assert_eq!(line_of(&mut stream).await, None, "behind the end of the script");
}

async fn exchange(stream: &mut BufReader<TcpStream>, wanted: &str, answer: &str) {
    expect(stream, wanted).await;
    send(stream, answer).await;
}

async fn expect(stream: &mut BufReader<TcpStream>, wanted: &str) {
    assert_eq!(line_of(stream).await.as_deref(), Some(wanted));
}

async fn send(stream: &mut BufReader<TcpStream>, answer: &str) {
    stream.write_all(format!("{answer}\n").as_bytes()).await.unwrap();
}

async fn line_of(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await.ok()?;
    String::from_utf8(line).ok()?.strip_suffix('\n').map(str::to_owned)
}

/// Instruments by name, address and further lines of the bench file.
pub(crate) fn bench(instruments: &[(&str, &Peer, &str)]) -> Bench {
    let mut text = "name = 'lab'\n".to_owned();
    for (name, peer, more) in instruments {
        text += &format!("[instruments.{name}]\naddress = '{}'\n{more}\n", peer.address);
    }
    Bench::parse("lab.toml", &text).unwrap()
}

pub(crate) fn options() -> OpenOptions {
    let dialects = Arc::new(Dialects::built_in().unwrap());
    OpenOptions { connect_timeout: LONG, read_timeout: LONG, ..OpenOptions::new(dialects) }
}

pub(crate) async fn open_all(bench: &Bench, options: &OpenOptions) -> Opened {
    let wanted: BTreeSet<_> = bench.instruments.keys().cloned().collect();
    tokio::time::timeout(LONG, open(bench, &wanted, options)).await.unwrap()
}

pub(crate) fn only(mut opened: Opened) -> Arc<BenchedInstrument> {
    assert!(opened.failed.is_empty(), "{:?}", opened.failed);
    opened.instruments.pop_first().unwrap().1
}

/// Channel 1 or another of the one instrument at a peer, in the role `it`.
pub(crate) async fn channel(peer: &Peer, number: u32) -> Channel {
    channel_within(peer, number, LONG).await
}

/// The same with a short patience for each answer.
pub(crate) async fn channel_within(peer: &Peer, number: u32, read_timeout: Duration) -> Channel {
    let options = OpenOptions { read_timeout, ..options() };
    let opened = open_all(&bench(&[("box", peer, "")]), &options).await;
    only(opened).channel("it", number).unwrap()
}

/// Keeps what is sent, in the order in which it is sent: address and message.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Mutex<Vec<(String, String)>>);

impl Tape for Kept {
    fn record(&self, entry: &TapeEntry<'_>) {
        if let TapeEvent::Sent(bytes) = entry.event {
            let text = String::from_utf8_lossy(bytes).trim_end().to_owned();
            self.0.lock().unwrap().push((entry.address.to_owned(), text));
        }
    }
}
