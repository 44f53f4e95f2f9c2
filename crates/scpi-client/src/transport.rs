//! What carries the bytes. TCP; other carriers become further arms.
//!
//! Each direction is a half of its own, so that a command goes out while somebody waits for an answer.
//! Readiness is the reactor's knowledge: where nothing is known to be there, nothing is asked of the system.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use scpi_protocol::address::Address;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Instant, timeout_at};

use crate::error::Cause;

/// The receiving half.
pub(crate) enum ReadHalf {
    Tcp(OwnedReadHalf),
}

/// The sending half.
pub(crate) enum WriteHalf {
    Tcp(OwnedWriteHalf),
}

/// Connects.
pub(crate) async fn connect(
    address: &Address,
    timeout: Duration,
) -> Result<(ReadHalf, WriteHalf), Cause> {
    match address {
        Address::Tcp { host, port } => tcp(host, *port, timeout).await,
        Address::Vxi11 { .. } => Err(Cause::Unsupported("VXI-11")),
        Address::Hislip { .. } => Err(Cause::Unsupported("HiSLIP")),
        Address::Usbtmc { .. } => Err(Cause::Unsupported("USBTMC")),
        _ => Err(Cause::Unsupported("a serial line")),
    }
}

async fn tcp(host: &str, port: u16, timeout: Duration) -> Result<(ReadHalf, WriteHalf), Cause> {
    let connecting = tokio::time::timeout(timeout, TcpStream::connect((host, port)));
    let stream = connecting.await.map_err(|_| Cause::ConnectTimeout(timeout))?;
    let stream = stream.map_err(Cause::Connect)?;
    // A message is one write; waiting for more of it only costs time.
    stream.set_nodelay(true).map_err(Cause::Connect)?;
    let (read, write) = stream.into_split();
    Ok((ReadHalf::Tcp(read), WriteHalf::Tcp(write)))
}

impl ReadHalf {
    /// Reads into the free capacity of `buffer`: how many bytes, 0 at the end of the stream; nothing when
    /// the deadline passed first. Dropped while it waits, it has read nothing.
    pub(crate) async fn read(
        &mut self,
        buffer: &mut Vec<u8>,
        deadline: Instant,
    ) -> io::Result<Option<usize>> {
        let Self::Tcp(half) = self;
        match timeout_at(deadline, half.read_buf(buffer)).await {
            Ok(read) => read.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// The same without waiting.
    pub(crate) fn read_now(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<usize>> {
        let Self::Tcp(half) = self;
        let reading = pin!(half.read_buf(buffer));
        match reading.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(read) => read.map(Some),
            Poll::Pending => Ok(None),
        }
    }
}

impl WriteHalf {
    /// Gives the system what it takes at once; `WouldBlock` where it takes nothing.
    pub(crate) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let Self::Tcp(half) = self;
        half.try_write(bytes)
    }

    /// `false` when the deadline passed first.
    pub(crate) async fn writable(&self, deadline: Instant) -> io::Result<bool> {
        let Self::Tcp(half) = self;
        match timeout_at(deadline, half.writable()).await {
            Ok(ready) => ready.map(|()| true),
            Err(_) => Ok(false),
        }
    }
}
