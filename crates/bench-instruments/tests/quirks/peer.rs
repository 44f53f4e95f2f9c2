//! A peer that plays the script of a row.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    given_up: watch::Sender<u32>,
    script: JoinHandle<()>,
}

impl Peer {
    pub(crate) async fn play(script: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (given_up, seen) = watch::channel(0);
        let script = tokio::spawn(async move {
            let connections: Vec<_> = script.split(|line| line == "---").collect();
            for lines in connections {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                connection(BufReader::new(stream), lines, seen.clone()).await;
            }
        });
        Self { address, given_up, script }
    }

    /// Lets a peer that is late go on.
    pub(crate) fn give_up(&self) {
        self.given_up.send_modify(|times| *times += 1);
    }

    /// Its script, to the end.
    pub(crate) async fn end(self) {
        self.script.await.unwrap();
    }
}

async fn connection(
    mut stream: BufReader<TcpStream>,
    lines: &[String],
    mut given_up: watch::Receiver<u32>,
) {
    for line in lines {
        match line.split_once(' ').unwrap_or((line, "")) {
            (">", wanted) => match next(&mut stream).await {
                Some(found) => assert_eq!(found, unescaped(wanted), "{line}"),
                None => return,
            },
            ("<", answer) => {
                if stream.write_all(&unescaped(answer)).await.is_err() {
                    return;
                }
            }
            ("late", _) => drop(given_up.wait_for(|times| *times > 0).await),
            ("close", _) => return,
            _ => unreachable!("{line} is no line of a script"),
        }
    }
    while next(&mut stream).await.is_some() {}
}

async fn next(stream: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await.ok()?;
    line.strip_suffix(b"\n").map(<[u8]>::to_vec)
}

/// `\n`, `\r`, `\0`, `\\` and `\xHH`.
pub(crate) fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next().unwrap() {
            b'n' => b'\n',
            b'r' => b'\r',
            b'0' => 0,
            b'x' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    bytes
}
