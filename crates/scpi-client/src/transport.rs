//! What carries the bytes: a bare byte stream, or a protocol that says where an answer ends and whose it is.
//!
//! Each direction is a half of its own, so that a command goes out while somebody waits for an answer.
//! Readiness is the reactor's knowledge: where nothing is known to be there, nothing is asked of the system.

pub(crate) mod control;
mod hislip;
mod hislip_async;
#[cfg(feature = "serial")]
mod serial;
mod socket;
#[cfg(feature = "usbtmc")]
mod usbtmc;
mod vxi11;
mod vxi11_core;
mod vxi11_interrupt;

use std::future::Future;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::BufMut;
use scpi_protocol::address::Address;
use scpi_protocol::framer::Ending;
use scpi_protocol::hislip::Labels;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Instant, timeout, timeout_at};

use crate::config::ClientConfig;
use crate::error::Cause;

pub(crate) use socket::send_all;

/// The receiving half.
pub(crate) enum ReadHalf {
    Tcp(OwnedReadHalf),
    Hislip(Box<hislip::Receiver>),
    Vxi11(Arc<vxi11::Link>),
    #[cfg(feature = "serial")]
    Serial(serial::Line),
    #[cfg(feature = "usbtmc")]
    Usbtmc(Arc<usbtmc::Device>),
}

/// The sending half.
pub(crate) enum WriteHalf {
    Tcp(OwnedWriteHalf),
    Hislip(Box<hislip::Sender>),
    Vxi11(Arc<vxi11::Link>),
    #[cfg(feature = "serial")]
    Serial(serial::Line),
    #[cfg(feature = "usbtmc")]
    Usbtmc(Arc<usbtmc::Device>),
}

/// Both halves of a connection.
pub(crate) type Halves = (ReadHalf, WriteHalf);

/// What one read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrived {
    /// Bytes of an answer.
    Bytes,
    /// Perhaps bytes; and the answer ends with them.
    End,
    /// The answer that is waited for will not come: the instrument dropped it.
    Interrupted,
    /// The instrument has forgotten what was under way.
    Cleared,
    /// The end of the connection.
    Closed,
}

/// The way past all messages and answers, where a carrier has one.
#[derive(Clone)]
pub(crate) enum SideWay {
    Hislip(Arc<hislip::Session>),
    Vxi11(Arc<vxi11::Link>),
}

/// Connects.
pub(crate) async fn connect(
    address: &Address,
    config: &ClientConfig,
    within: Duration,
) -> Result<Halves, Cause> {
    let connecting = timeout(within, open(address, config));
    connecting.await.map_err(|_| Cause::ConnectTimeout(within))?
}

async fn open(address: &Address, config: &ClientConfig) -> Result<Halves, Cause> {
    match address {
        Address::Tcp { host, port } => tcp(host, *port, config).await.map_err(Cause::Connect),
        _ if config.login.is_some() => Err(Cause::Unsupported("a login on anything but tcp://")),
        Address::Vxi11 { host, port, device } => {
            vxi11::connect(host, *port, device).await.map_err(Cause::Connect)
        }
        Address::Hislip { host, port, device } => {
            let opened = hislip::connect(host, *port, device, config.max_answer_bytes).await;
            opened.map_err(Cause::Connect)
        }
        #[cfg(feature = "usbtmc")]
        Address::Usbtmc { vendor, product, serial } => usbtmc::find(*vendor, *product, serial)
            .and_then(|path| usb(&path))
            .map_err(Cause::Connect),
        #[cfg(feature = "usbtmc")]
        Address::UsbtmcFile { path } => usb(path.as_ref()).map_err(Cause::Connect),
        #[cfg(feature = "serial")]
        Address::Serial { port, baud } => {
            let line = serial::open(port, *baud).map_err(Cause::Connect)?;
            Ok((ReadHalf::Serial(Arc::clone(&line)), WriteHalf::Serial(line)))
        }
        #[cfg(not(feature = "serial"))]
        Address::Serial { .. } => Err(Cause::Unsupported("a serial line")),
        _ => Err(Cause::Unsupported("USBTMC")),
    }
}

#[cfg(feature = "usbtmc")]
pub(crate) use usbtmc::devices as usbtmc_devices;

#[cfg(feature = "usbtmc")]
fn usb(path: &std::path::Path) -> io::Result<Halves> {
    let device = usbtmc::open(path)?;
    Ok((ReadHalf::Usbtmc(Arc::clone(&device)), WriteHalf::Usbtmc(device)))
}

async fn tcp(host: &str, port: u16, config: &ClientConfig) -> io::Result<Halves> {
    let stream = socket::connect(host, port).await?;
    if let Some(login) = &config.login {
        let deadline = Instant::now() + config.connect_timeout;
        login.enter(&stream, config.write_terminator, deadline).await?;
    }
    let (read, write) = stream.into_split();
    Ok((ReadHalf::Tcp(read), WriteHalf::Tcp(write)))
}

/// Both halves of a connection that another process has made. The socket must not block.
pub(crate) fn taken_over(socket: OwnedFd) -> io::Result<Halves> {
    let (read, write) = TcpStream::from_std(socket.into())?.into_split();
    Ok((ReadHalf::Tcp(read), WriteHalf::Tcp(write)))
}

impl ReadHalf {
    /// Reads into the free capacity of `buffer`: what came; nothing when the deadline passed first. Dropped
    /// while it waits, it has lost nothing.
    pub(crate) async fn read(
        &mut self,
        buffer: &mut Vec<u8>,
        deadline: Instant,
    ) -> io::Result<Option<Arrived>> {
        match self {
            Self::Tcp(half) => match timeout_at(deadline, half.read_buf(buffer)).await {
                Ok(read) => read.map(|bytes| Some(of_stream(bytes))),
                Err(_) => Ok(None),
            },
            Self::Hislip(receiver) => receiver.read(buffer, deadline).await,
            Self::Vxi11(link) => link.read(buffer, deadline).await,
            #[cfg(feature = "serial")]
            Self::Serial(line) => serial::read(line, buffer, deadline).await,
            #[cfg(feature = "usbtmc")]
            Self::Usbtmc(device) => device.read(buffer, deadline).await,
        }
    }

    /// Whether [`read_at_most`](Self::read_at_most) is there.
    pub(crate) fn can_pass(&self) -> bool {
        matches!(self, Self::Tcp(_))
    }

    /// Reads at most so many bytes behind `data`, which grows by what comes.
    pub(crate) async fn read_at_most(
        &mut self,
        data: &mut Vec<u8>,
        most: usize,
        deadline: Instant,
    ) -> io::Result<Option<Arrived>> {
        let Self::Tcp(half) = self else { return self.read(data, deadline).await };
        let mut limited = data.limit(most);
        match timeout_at(deadline, half.read_buf(&mut limited)).await {
            Ok(read) => read.map(|bytes| Some(of_stream(bytes))),
            Err(_) => Ok(None),
        }
    }

    /// The same without waiting.
    pub(crate) fn read_now(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Arrived>> {
        match self {
            Self::Tcp(half) => {
                let reading = pin!(half.read_buf(buffer));
                match reading.poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(read) => read.map(|bytes| Some(of_stream(bytes))),
                    Poll::Pending => Ok(None),
                }
            }
            Self::Hislip(receiver) => receiver.read_now(buffer),
            Self::Vxi11(link) => link.read_now(buffer),
            #[cfg(feature = "serial")]
            Self::Serial(line) => serial::read_now(line, buffer),
            #[cfg(feature = "usbtmc")]
            Self::Usbtmc(device) => device.read_now(buffer),
        }
    }

    /// Who says where an answer ends.
    pub(crate) fn ending(&self) -> Ending {
        match self {
            Self::Hislip(_) | Self::Vxi11(_) => Ending::Carrier,
            #[cfg(feature = "usbtmc")]
            Self::Usbtmc(_) => Ending::Carrier,
            _ => Ending::Terminator,
        }
    }

    /// From now on, the answer to this message is waited for, where answers are labelled.
    pub(crate) fn listen_for(&mut self, labels: Option<Labels>) {
        if let Self::Hislip(receiver) = self {
            receiver.listen_for(labels);
        }
    }

    /// Whether the carrier can make the instrument forget what is under way.
    pub(crate) fn has_device_clear(&self) -> bool {
        matches!(self, Self::Hislip(_) | Self::Vxi11(_))
    }

    /// Makes it forget. The sending half must be between messages. `false` when the deadline passed first;
    /// then, as after a drop, the connection is of no use.
    pub(crate) async fn device_clear(
        &mut self,
        sender: &mut WriteHalf,
        deadline: Instant,
    ) -> io::Result<bool> {
        match (self, sender) {
            (Self::Hislip(receiver), WriteHalf::Hislip(sender)) => {
                receiver.device_clear(sender, deadline).await
            }
            (Self::Vxi11(link), _) => link.device_clear(deadline).await,
            _ => Ok(false),
        }
    }
}

fn of_stream(bytes: usize) -> Arrived {
    if bytes == 0 { Arrived::Closed } else { Arrived::Bytes }
}

impl WriteHalf {
    /// The same socket once more, for another process; none where a socket alone is not the connection.
    pub(crate) fn duplicate(&self) -> Option<OwnedFd> {
        match self {
            Self::Tcp(half) => half.as_ref().as_fd().try_clone_to_owned().ok(),
            _ => None,
        }
    }

    /// The way past all messages and answers.
    pub(crate) fn side_way(&self) -> Option<SideWay> {
        match self {
            Self::Hislip(sender) => Some(SideWay::Hislip(sender.session())),
            Self::Vxi11(link) => Some(SideWay::Vxi11(Arc::clone(link))),
            _ => None,
        }
    }

    /// Appends a message to `wire` as the carrier has it, and says by which labels its answer will be known.
    pub(crate) fn pack(
        &mut self,
        message: &[u8],
        terminator: &str,
        wire: &mut Vec<u8>,
    ) -> Option<Labels> {
        match self {
            Self::Hislip(sender) => sender.pack(&[message, terminator.as_bytes()].concat(), wire),
            _ => {
                wire.extend_from_slice(message);
                wire.extend_from_slice(terminator.as_bytes());
                None
            }
        }
    }

    /// Whether a message that is packed must go, all of it: it has a number, or is a call that may have gone.
    pub(crate) fn commits_when_packed(&self) -> bool {
        match self {
            Self::Tcp(_) => false,
            #[cfg(feature = "serial")]
            Self::Serial(_) => false,
            _ => true,
        }
    }

    /// Gives the carrier what it takes of a message's rest: how many bytes; nothing when the deadline passed
    /// first. After a drop, the same rest must be given again.
    pub(crate) async fn send(&self, rest: &[u8], deadline: Instant) -> io::Result<Option<usize>> {
        match self {
            Self::Tcp(half) => socket::send(half, rest, deadline).await,
            Self::Hislip(sender) => socket::send(sender.half(), rest, deadline).await,
            Self::Vxi11(link) => link.write(rest, deadline).await,
            #[cfg(feature = "serial")]
            Self::Serial(line) => serial::send(line, rest, deadline).await,
            #[cfg(feature = "usbtmc")]
            Self::Usbtmc(device) => device.send(rest, deadline).await,
        }
    }
}

impl SideWay {
    /// The status byte, which no message or answer delays; nothing when the deadline passed first.
    pub(crate) async fn status_byte(&self, deadline: Instant) -> io::Result<Option<u8>> {
        match self {
            Self::Hislip(session) => session.status_byte(deadline).await,
            Self::Vxi11(link) => link.status_byte(deadline).await,
        }
    }

    /// Takes the instrument's lock, or gives it back; whether it was free, or held, in time.
    pub(crate) async fn lock(
        &self,
        take: bool,
        wait: Duration,
        deadline: Instant,
    ) -> io::Result<bool> {
        match self {
            Self::Hislip(session) => session.lock(take, wait, deadline).await,
            Self::Vxi11(link) => link.lock(take, wait, deadline).await,
        }
    }

    /// The status byte of the last service request that was told, once.
    pub(crate) async fn service_request(&self, deadline: Instant) -> io::Result<Option<u8>> {
        match self {
            Self::Hislip(session) => session.service_request().await,
            Self::Vxi11(link) => link.service_request(deadline).await,
        }
    }
}
