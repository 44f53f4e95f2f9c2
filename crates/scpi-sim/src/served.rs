//! One instrument on its ports: who connects, what they send, what goes back.
//!
//! | file | holds |
//! | --- | --- |
//! | `messages` | bytes to messages, messages to answers |
//! | `tcp`, `hislip`, `vxi11` | clients of one transport each |
//! | `locks` | instruments locked for one client |

mod channel;
mod hislip;
mod hislip_session;
mod locks;
mod messages;
mod prompt;
pub(crate) mod serial;
mod stream;
mod tcp;
mod vxi11;
mod vxi11_interrupt;
mod vxi11_link;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use scpi_protocol::status::StatusByte;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::circuit::PortId;
use crate::faults::Faults;
use crate::instrument::{Device, Next, Sent};
use crate::pace::Pace;
use crate::quirks::Quirks;
use crate::spec::{ModelName, Transport};
pub(crate) use locks::Locks;

/// Clients that one instrument has at a time; more are closed at once.
pub(crate) const MAX_CLIENTS: usize = 64;

/// Connections that wait to be taken.
const BACKLOG: u32 = 1024;

/// Until the next attempt to take a connection, where the system has no handle for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// One instrument, as its ports and the controls see it.
pub(crate) struct Served {
    pub(crate) model: ModelName,
    pub(crate) device: Mutex<Device>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) quirks: Arc<Quirks>,
    /// How fast its time goes.
    pub(crate) pace: Pace,
    /// Clients that it has at a time.
    pub(crate) most_clients: usize,
    /// Device clears of its raw sockets.
    pub(crate) clears: watch::Sender<u64>,
    /// An answer whose client has gone (quirk Q18).
    pub(crate) undelivered: std::sync::Mutex<Option<Vec<u8>>>,
    pub(crate) outputs: BTreeMap<u32, PortId>,
    /// Executed so far.
    pub(crate) messages: watch::Sender<u64>,
    /// Whether its ports are closed.
    pub(crate) refused: watch::Sender<bool>,
    /// Whether a task works on what is due.
    pub(crate) has_worker: AtomicBool,
    /// The status byte, for when the instrument is too busy to be asked.
    pub(crate) last_status: AtomicU8,
    /// The status byte of every service request.
    pub(crate) service_requests: watch::Sender<u8>,
    pub(crate) locks: Locks,
    /// What a client on the bare byte stream must say first.
    pub(crate) login: Option<String>,
}

/// One port, and what is spoken there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServedPort {
    pub(crate) transport: Transport,
    pub(crate) address: SocketAddr,
}

/// What all clients of one port share.
#[derive(Clone)]
enum Shared {
    Tcp,
    Telnet,
    Control,
    Hislip(Arc<hislip::Sessions>),
    Vxi11(Arc<vxi11::Links>),
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served").field("model", &self.model).finish_non_exhaustive()
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
pub(crate) async fn serve(served: Arc<Served>, port: ServedPort, mut door: Door) {
    let shared = Shared::of(port);
    let mut refused = served.refused.subscribe();
    loop {
        let is_closed = *refused.borrow_and_update();
        door = match door {
            Door::Open(listener) if !is_closed => {
                accept(&served, &shared, &listener, &mut refused).await;
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
                let again = bind(port.address.port());
                let Ok(door) = again.and_then(|socket| Door::new(socket, is_closed)) else {
                    return;
                };
                door
            }
        };
    }
}

/// Takes connections until the port is closed; then those that are there end too.
async fn accept(
    served: &Arc<Served>,
    shared: &Shared,
    listener: &TcpListener,
    refused: &mut watch::Receiver<bool>,
) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            connection = listener.accept() => {
                while clients.try_join_next().is_some() {}
                match connection {
                    Ok((stream, _)) if clients.len() < served.most_clients() => {
                        clients.spawn(client(Arc::clone(served), shared.clone(), stream));
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

async fn client(served: Arc<Served>, shared: Shared, stream: TcpStream) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    match shared {
        Shared::Tcp => tcp::client(served, stream, false).await,
        Shared::Telnet => tcp::client(served, stream, true).await,
        Shared::Control => tcp::control(served, stream).await,
        Shared::Hislip(sessions) => hislip::client(served, sessions, stream).await,
        Shared::Vxi11(links) => vxi11::client(served, links, stream).await,
    }
}

impl Shared {
    fn of(port: ServedPort) -> Self {
        match port.transport {
            Transport::Tcp | Transport::Serial => Self::Tcp,
            Transport::Telnet => Self::Telnet,
            Transport::Control => Self::Control,
            Transport::Hislip => Self::Hislip(Arc::default()),
            Transport::Vxi11 => Self::Vxi11(Arc::new(vxi11::Links::new(port.address.port()))),
        }
    }
}

impl Served {
    /// Closes the port, or opens it again; who is connected only notices a change.
    pub(crate) fn refuse(&self, refuse: bool) {
        self.refused.send_if_modified(|refused| std::mem::replace(refused, refuse) != refuse);
    }

    /// Clients that it has at a time, quirk Q19 included.
    fn most_clients(&self) -> usize {
        if self.quirks.has(19) { 1 } else { self.most_clients }
    }

    /// Puts what a client that has gone did not read in the place of what was there.
    fn replace_undelivered(&self, bytes: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let mut undelivered = self.undelivered.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *undelivered, bytes)
    }

    /// Refuses everybody, and nobody any more after so much time.
    fn crash(self: &Arc<Self>, time: Duration) {
        self.refuse(true);
        let (weak, time) = (Arc::downgrade(self), self.pace.cost(time));
        tokio::spawn(async move {
            sleep(time).await;
            if let Some(served) = weak.upgrade() {
                served.refuse(false);
            }
        });
    }

    async fn execute(self: &Arc<Self>, message: &[u8]) -> Sent {
        let mut device = self.device.lock().await;
        let done = device.message(message).await;
        let due = device.work();
        self.note_status(device.status_byte(false));
        drop(device);
        self.messages.send_modify(|messages| *messages += 1);
        if let Next::Crash(time) = done.next {
            self.crash(time);
        }
        if let Some(due) = due.filter(|_| !self.has_worker.swap(true, Ordering::AcqRel)) {
            self.work_from(due);
        }
        done
    }

    /// Notes an error that is none of a message.
    async fn report(&self, code: i32) {
        let mut device = self.device.lock().await;
        device.report(code);
        self.note_status(device.status_byte(false));
    }

    /// A service request is told when its bit is set anew (IEEE 488.2 clause 11.3.3).
    fn note_status(&self, byte: u8) {
        let before = self.last_status.swap(byte, Ordering::AcqRel);
        if byte & !before & StatusByte::MASTER_SUMMARY.0 != 0 {
            self.service_requests.send_replace(byte);
        }
    }

    /// The status byte, at once: an instrument that is busy says what it said last.
    fn status_byte(&self, answer_waits: bool) -> u8 {
        if let Ok(device) = self.device.try_lock() {
            return device.status_byte(answer_waits);
        }
        let waits = if answer_waits { StatusByte::MESSAGE_AVAILABLE.0 } else { 0 };
        self.last_status.load(Ordering::Acquire) | waits
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
                let next = device.work();
                served.note_status(device.status_byte(false));
                match next {
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
