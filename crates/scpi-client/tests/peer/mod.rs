//! A peer on 127.0.0.1 that follows a script, connection by connection.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

use std::time::Duration;

use scpi_client::{ClientConfig, Instrument};
use scpi_protocol::address::Address;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the peer does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Reads one line, which must be this.
    Expect(&'static str),
    /// Reads one line and forgets it.
    ExpectAny,
    /// Sends these bytes in one piece.
    Send(&'static [u8]),
    /// Sends these bytes, every one by itself.
    Bytewise(&'static [u8]),
    /// Sends this byte again and again, as fast as it is taken.
    Forever(u8),
    /// Sends this byte at intervals, far inside of every deadline.
    Drip(u8),
    /// Waits until the test has let it go on.
    Wait,
    /// Reads until the other side closes.
    Drain,
    /// Never reads and never ends.
    Hang,
}

pub(crate) struct Peer {
    pub(crate) address: Address,
    go: watch::Sender<u32>,
    scripts: tokio::task::JoinHandle<Vec<String>>,
}

impl Peer {
    /// One script per connection, in order; after the last step, the connection is closed.
    pub(crate) async fn serve(scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (go, gone) = watch::channel(0);
        let scripts = tokio::spawn(async move {
            let (mut lines, mut waits) = (Vec::new(), 0);
            for script in scripts {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                follow(BufReader::new(stream), script, gone.clone(), &mut waits, &mut lines).await;
            }
            lines
        });
        Self { address, go, scripts }
    }

    /// Lets the peer pass one `Wait`.
    pub(crate) fn go_on(&self) {
        self.go.send_modify(|passed| *passed += 1);
    }

    /// The lines that came, once every script has ended.
    pub(crate) async fn lines(self) -> Vec<String> {
        self.scripts.await.unwrap()
    }

    pub(crate) async fn instrument(&self) -> Instrument {
        Instrument::connect(&self.address, config()).await.unwrap()
    }
}

/// For what the test wants to see pass.
pub(crate) const SHORT: Duration = Duration::from_millis(120);

/// Deadlines that no test waits for, even on a busy machine.
pub(crate) fn config() -> ClientConfig {
    let long = Duration::from_secs(30);
    ClientConfig {
        connect_timeout: long,
        read_timeout: long,
        write_timeout: long,
        probe_timeout: long,
        ..ClientConfig::default()
    }
}

async fn follow(
    mut stream: BufReader<TcpStream>,
    script: Vec<Step>,
    mut go: watch::Receiver<u32>,
    waits: &mut u32,
    lines: &mut Vec<String>,
) {
    for step in script {
        let went_well = match step {
            Step::Expect(wanted) => match line(&mut stream).await {
                Some(found) => {
                    assert_eq!(found, wanted);
                    lines.push(found);
                    true
                }
                None => false,
            },
            Step::ExpectAny => line(&mut stream).await.map(|found| lines.push(found)).is_some(),
            Step::Send(bytes) => stream.write_all(bytes).await.is_ok(),
            Step::Bytewise(bytes) => bytewise(&mut stream, bytes).await,
            Step::Forever(byte) => {
                while stream.write_all(&[byte; 4096]).await.is_ok() {}
                false
            }
            Step::Drip(byte) => {
                let mut pace = tokio::time::interval(Duration::from_millis(10));
                while stream.write_all(&[byte]).await.is_ok() {
                    pace.tick().await;
                }
                false
            }
            Step::Wait => {
                *waits += 1;
                go.wait_for(|passed| *passed >= *waits).await.is_ok()
            }
            Step::Drain => drain(&mut stream, lines).await,
            Step::Hang => std::future::pending().await,
        };
        if !went_well {
            return;
        }
    }
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await.ok()?;
    String::from_utf8(line).ok()?.strip_suffix('\n').map(str::to_owned)
}

async fn bytewise(stream: &mut BufReader<TcpStream>, bytes: &[u8]) -> bool {
    for byte in bytes {
        if stream.write_all(&[*byte]).await.is_err() {
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

async fn drain(stream: &mut BufReader<TcpStream>, lines: &mut Vec<String>) -> bool {
    while let Some(found) = line(stream).await {
        lines.push(found);
    }
    true
}
