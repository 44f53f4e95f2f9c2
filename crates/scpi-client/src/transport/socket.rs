//! What every carrier over TCP does with its sockets.

use std::io;

use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::{Instant, timeout_at};

/// Connects. A message is one write; waiting for more of it only costs time.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Gives the system what it takes, waiting until it takes something: how many bytes, never none; nothing when
/// the deadline passed first.
pub(super) async fn send(
    half: &OwnedWriteHalf,
    bytes: &[u8],
    deadline: Instant,
) -> io::Result<Option<usize>> {
    loop {
        match half.try_write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => return Ok(Some(sent)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                match timeout_at(deadline, half.writable()).await {
                    Ok(ready) => ready?,
                    Err(_) => return Ok(None),
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The same to the end of `wire`, which holds what is still unsent; `false` when the deadline passed first.
pub(crate) async fn send_all(
    stream: &TcpStream,
    wire: &mut Vec<u8>,
    deadline: Instant,
) -> io::Result<bool> {
    while !wire.is_empty() {
        match stream.try_write(wire) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => drop(wire.drain(..sent)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                match timeout_at(deadline, stream.writable()).await {
                    Ok(ready) => ready?,
                    Err(_) => return Ok(false),
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Reads what is there behind `raw`, without waiting: `false` when nothing is.
///
/// # Errors
/// The connection is broken, or at its end.
pub(super) fn read_now(stream: &TcpStream, raw: &mut Vec<u8>) -> io::Result<bool> {
    match stream.try_read_buf(raw) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
        Err(error) => Err(error),
    }
}

/// The same, waiting: `false` when the deadline passed first.
pub(super) async fn read(
    stream: &TcpStream,
    raw: &mut Vec<u8>,
    deadline: Instant,
) -> io::Result<bool> {
    loop {
        if read_now(stream, raw)? {
            return Ok(true);
        }
        match timeout_at(deadline, stream.readable()).await {
            Ok(ready) => ready?,
            Err(_) => return Ok(false),
        }
    }
}

/// What came is not what the protocol has.
pub(super) fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
