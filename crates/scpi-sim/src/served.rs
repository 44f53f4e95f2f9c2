//! One instrument on its port: who connects, what they send, what goes back.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scpi_protocol::framer::{Assembler, FramerConfig, IndefiniteBlock};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::circuit::PortId;
use crate::faults::Faults;
use crate::instrument::{Device, Next};
use crate::spec::ModelName;

/// Clients that one instrument has at a time; more are closed at once.
pub(crate) const MAX_CLIENTS: usize = 64;

/// The longest text that a message may have, in bytes.
const MAX_MESSAGE_BYTES: usize = 64 << 10;

/// The longest block in a message, in bytes.
const MAX_BLOCK_BYTES: usize = 16 << 20;

/// Bytes that are read at a time. They are held only while there is something to read, so that a client
/// that says nothing costs next to nothing.
const READ_BYTES: usize = 4 << 10;

/// Connections that wait to be taken.
const BACKLOG: u32 = 1024;

/// Until the next attempt to take a connection, where the system has no handle for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// -363, "Input buffer overrun".
const INPUT_BUFFER_OVERRUN: i32 = -363;

/// One instrument, as its port and the controls see it.
pub(crate) struct Served {
    pub(crate) model: ModelName,
    pub(crate) address: SocketAddr,
    pub(crate) device: Mutex<Device>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) outputs: BTreeMap<u32, PortId>,
    /// Executed so far.
    pub(crate) messages: watch::Sender<u64>,
    /// Whether its port is closed.
    pub(crate) refused: watch::Sender<bool>,
    /// Whether a task works on what is due.
    pub(crate) has_worker: AtomicBool,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served").field("address", &self.address).finish_non_exhaustive()
    }
}

/// A port of the loopback interface that is taken and does not listen: who connects is refused.
pub(crate) fn bind(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // A bench that was stopped a moment ago does not keep its ports from the next one.
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

/// A port that is had: it refuses connections, or takes them.
pub(crate) enum Door {
    Closed(TcpSocket),
    Open(TcpListener),
}

impl Door {
    /// Opens a port, or leaves it closed.
    pub(crate) fn new(socket: TcpSocket, is_closed: bool) -> io::Result<Self> {
        if is_closed { Ok(Self::Closed(socket)) } else { socket.listen(BACKLOG).map(Self::Open) }
    }
}

/// Serves an instrument until the task is dropped. A port that cannot be had again stays closed.
pub(crate) async fn serve(served: Arc<Served>, mut door: Door) {
    let mut refused = served.refused.subscribe();
    loop {
        let is_closed = *refused.borrow_and_update();
        door = match door {
            Door::Open(listener) if !is_closed => {
                accept(&served, &listener, &mut refused).await;
                Door::Open(listener)
            }
            Door::Closed(socket) if is_closed => {
                if refused.changed().await.is_err() {
                    return;
                }
                Door::Closed(socket)
            }
            other => {
                drop(other);
                let again = bind(served.address.port());
                let Ok(door) = again.and_then(|socket| Door::new(socket, is_closed)) else {
                    return;
                };
                door
            }
        };
    }
}

/// Takes connections until the port is closed; then those that are there end too.
async fn accept(served: &Arc<Served>, listener: &TcpListener, refused: &mut watch::Receiver<bool>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            connection = listener.accept() => {
                while clients.try_join_next().is_some() {}
                match connection {
                    Ok((stream, _)) if clients.len() < MAX_CLIENTS => {
                        clients.spawn(client(Arc::clone(served), stream));
                    }
                    // Too many clients, or too few handles: those that are there go on.
                    Ok(_) => {}
                    Err(_) => sleep(ACCEPT_PAUSE).await,
                }
            }
            _ = refused.changed() => return,
        }
    }
}

async fn client(served: Arc<Served>, mut stream: TcpStream) {
    let config = FramerConfig {
        max_line_bytes: MAX_MESSAGE_BYTES,
        max_block_bytes: MAX_BLOCK_BYTES,
        indefinite: IndefiniteBlock::UntilTerminator,
        ..FramerConfig::default()
    };
    let mut messages = Assembler::new(config);
    if stream.set_nodelay(true).is_err() {
        return;
    }
    while let Ok(Some(chunk)) = read(&stream).await {
        if take(&served, &mut stream, &mut messages, &chunk).await == Next::Close {
            return;
        }
    }
}

/// Whatever has come; `None` at the end of the stream.
async fn read(stream: &TcpStream) -> io::Result<Option<Vec<u8>>> {
    loop {
        stream.readable().await?;
        let mut chunk = Vec::with_capacity(READ_BYTES);
        match stream.try_read_buf(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(chunk)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Executes the messages that are complete, and sends the answers of each in one write.
async fn take(
    served: &Arc<Served>,
    stream: &mut TcpStream,
    messages: &mut Assembler,
    mut chunk: &[u8],
) -> Next {
    loop {
        let message = match messages.next(&mut chunk) {
            Ok(Some(message)) => message,
            Ok(None) => return Next::GoOn,
            Err(_) => {
                // What follows would be taken for commands that nobody sent.
                served.device.lock().await.report(INPUT_BUFFER_OVERRUN);
                return Next::Close;
            }
        };
        let (answer, next) = served.execute(message).await;
        if next == Next::Close || stream.write_all(&answer).await.is_err() {
            return Next::Close;
        }
    }
}

impl Served {
    /// Closes the port, or opens it again; who is connected only notices a change.
    pub(crate) fn refuse(&self, refuse: bool) {
        self.refused.send_if_modified(|refused| std::mem::replace(refused, refuse) != refuse);
    }

    async fn execute(self: &Arc<Self>, message: &[u8]) -> (Vec<u8>, Next) {
        let mut device = self.device.lock().await;
        let done = device.message(message).await;
        let due = device.work();
        drop(device);
        self.messages.send_modify(|messages| *messages += 1);
        if let Some(due) = due.filter(|_| !self.has_worker.swap(true, Ordering::AcqRel)) {
            self.work_from(due);
        }
        done
    }

    /// Does what is due until nothing is, though nobody asks; ends with the instrument.
    fn work_from(self: &Arc<Self>, first: Instant) {
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut due = first;
            loop {
                sleep_until(due).await;
                let Some(served) = weak.upgrade() else { return };
                let mut device = served.device.lock().await;
                match device.work() {
                    Some(next) => due = next,
                    None => {
                        // Under the lock: a message that makes more work finds no worker.
                        served.has_worker.store(false, Ordering::Release);
                        return;
                    }
                }
            }
        });
    }
}
