//! A network that is cut, silent or slow: between a port of the loopback interface and the server's socket.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What the network does to its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Network {
    /// All connections are cut once so many bytes went to the server or came from it.
    CutAfter(u64),
    /// From then on bytes go nowhere, and nobody is told.
    SilentAfter(u64),
    /// Each piece waits so long.
    Slow(Duration),
}

/// Ends with its process: each connection has two threads.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    passed: Arc<AtomicU64>,
    network: Network,
}

impl Proxy {
    pub(crate) fn start(socket: PathBuf, network: Network) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let passed = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&passed);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if let Ok(server) = UnixStream::connect(&socket) {
                    join(&client, &server, &counted, network);
                }
            }
        });
        Self { port, passed, network }
    }

    /// Whether it has cut something, or swallowed it.
    pub(crate) fn has_cut(&self) -> bool {
        let passed = self.passed.load(Ordering::Relaxed);
        match self.network {
            Network::CutAfter(limit) | Network::SilentAfter(limit) => passed + 4096 > limit,
            Network::Slow(_) => false,
        }
    }
}

fn join(client: &TcpStream, server: &UnixStream, passed: &Arc<AtomicU64>, network: Network) {
    let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (from_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let cut = Arc::new((client.try_clone().unwrap(), server.try_clone().unwrap()));
    let (one, other) = (Arc::clone(&cut), cut);
    let (first, second) = (Arc::clone(passed), Arc::clone(passed));
    thread::spawn(move || carry(from_client, to_server, &one, &first, network));
    thread::spawn(move || carry(from_server, to_client, &other, &second, network));
}

/// Carries one way until an end closes or the network is cut.
fn carry(
    mut from: impl Read,
    mut to: impl Write,
    ends: &(TcpStream, UnixStream),
    passed: &AtomicU64,
    network: Network,
) {
    let mut piece = vec![0; 4096];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        let total = passed.fetch_add(u64::try_from(count).unwrap(), Ordering::Relaxed);
        match network {
            Network::CutAfter(limit) if total + 4096 > limit => break,
            // Swallowed, until an end gives up.
            Network::SilentAfter(limit) if total + 4096 > limit => continue,
            Network::CutAfter(_) | Network::SilentAfter(_) => {}
            Network::Slow(pause) => wait(pause),
        }
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    // One end may have gone already.
    let _ = (ends.0.shutdown(Shutdown::Both), ends.1.shutdown(Shutdown::Both));
}

fn wait(pause: Duration) {
    let end = Instant::now() + pause;
    while Instant::now() < end {
        thread::yield_now();
    }
}
