//! A connection as whole messages come over it.

use std::io;

use scpi_protocol::hislip::{HislipError, Message, Messages};
use scpi_protocol::vxi11::{RecordTooLong, Records};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Bytes that one read takes at most.
const READ_BYTES: usize = 4 << 10;

/// What makes messages of bytes.
pub(super) trait Decode {
    type Item;
    type Error;

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<Self::Item>, Self::Error>;
}

impl Decode for Messages {
    type Item = Message;
    type Error = HislipError;

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<Message>, HislipError> {
        self.next(input)
    }
}

impl Decode for Records {
    type Item = Vec<u8>;
    type Error = RecordTooLong;

    fn next(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, RecordTooLong> {
        self.next(input)
    }
}

/// A connection and what makes messages of its bytes.
pub(super) struct Channel<D> {
    stream: TcpStream,
    decoder: D,
    raw: Vec<u8>,
}

/// What came next.
pub(super) enum Came<I, E> {
    Message(I),
    /// What came makes no sense.
    Nonsense(E),
    /// The connection is at its end.
    Closed,
}

impl<D: Decode> Channel<D> {
    pub(super) fn new(stream: TcpStream, decoder: D) -> Self {
        Self { stream, decoder, raw: Vec::new() }
    }

    /// The next message. Dropped while it waits, it has lost nothing.
    pub(super) async fn next(&mut self) -> Came<D::Item, D::Error> {
        loop {
            let mut input = self.raw.as_slice();
            let next = self.decoder.next(&mut input);
            let taken = self.raw.len() - input.len();
            self.raw.drain(..taken);
            match next {
                Ok(Some(message)) => return Came::Message(message),
                Err(error) => return Came::Nonsense(error),
                Ok(None) => {}
            }
            if self.stream.readable().await.is_err() {
                return Came::Closed;
            }
            self.raw.reserve(READ_BYTES);
            match self.stream.try_read_buf(&mut self.raw) {
                Ok(0) => return Came::Closed,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.raw.shrink_to_fit(),
                Err(_) => return Came::Closed,
            }
        }
    }

    /// Who is at the other side.
    pub(super) fn peer(&self) -> io::Result<std::net::IpAddr> {
        self.stream.peer_addr().map(|address| address.ip())
    }

    /// Returns when the other side has gone; never while there is something to read.
    pub(super) async fn gone(&self) {
        match self.stream.peek(&mut [0]).await {
            Ok(0) | Err(_) => {}
            Ok(_) => std::future::pending().await,
        }
    }

    /// `false` when the connection is at its end.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }
}
