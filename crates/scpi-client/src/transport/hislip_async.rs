//! The asynchronous channel of a HiSLIP session: status, device clear, service requests.

use std::io;

use scpi_protocol::hislip::{Header, Kind, Message, Messages};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::socket;

/// Bytes that one read takes at most.
const READ_BYTES: usize = 512;

/// The channel: one request at a time, replies in their order.
pub(super) struct AsyncChannel {
    stream: TcpStream,
    messages: Messages,
    raw: Vec<u8>,
    unsent: Vec<u8>,
    /// Replies that are still to come: those to dropped requests come first.
    owed: u32,
    service_request: Option<u8>,
}

impl AsyncChannel {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            messages: Messages::new(0),
            raw: Vec::new(),
            unsent: Vec::new(),
            owed: 0,
            service_request: None,
        }
    }

    /// The connection alone, where it becomes the synchronous channel.
    pub(super) fn into_stream(self) -> io::Result<TcpStream> {
        let is_clean = self.raw.is_empty() && self.owed == 0;
        let wrong = || socket::invalid("HiSLIP: something came that nothing had asked for");
        is_clean.then_some(self.stream).ok_or_else(wrong)
    }

    /// Asks, and waits for a reply of this kind; nothing when the deadline passed first. May be dropped.
    pub(super) async fn ask(
        &mut self,
        header: Header,
        payload: &[u8],
        wanted: Kind,
        deadline: Instant,
    ) -> io::Result<Option<Message>> {
        self.unsent.extend_from_slice(&header.to_bytes());
        self.unsent.extend_from_slice(payload);
        self.owed += 1;
        if !socket::send_all(&self.stream, &mut self.unsent, deadline).await? {
            return Ok(None);
        }
        loop {
            while let Some(message) = self.next()? {
                if self.is_reply(&message)? && self.owed == 0 {
                    return expected(message, wanted).map(Some);
                }
            }
            if !self.read(deadline).await? {
                return Ok(None);
            }
        }
    }

    /// The last service request that was told, once; also where the connection has ended since.
    pub(super) fn take_service_request(&mut self) -> io::Result<Option<u8>> {
        let looked = self.look();
        match self.service_request.take() {
            Some(byte) => Ok(Some(byte)),
            None => looked.map(|()| None),
        }
    }

    /// Takes what is there, without waiting.
    fn look(&mut self) -> io::Result<()> {
        self.raw.reserve(READ_BYTES);
        while socket::read_now(&self.stream, &mut self.raw)? {
            while let Some(message) = self.next()? {
                self.is_reply(&message)?;
            }
            self.raw.reserve(READ_BYTES);
        }
        Ok(())
    }

    async fn read(&mut self, deadline: Instant) -> io::Result<bool> {
        self.raw.reserve(READ_BYTES);
        socket::read(&self.stream, &mut self.raw, deadline).await
    }

    fn next(&mut self) -> io::Result<Option<Message>> {
        let mut input = self.raw.as_slice();
        let message = self.messages.next(&mut input).map_err(socket::invalid);
        let taken = self.raw.len() - input.len();
        self.raw.drain(..taken);
        message
    }

    /// Whether a message is a reply, which is counted. What the instrument tells unasked is noted.
    fn is_reply(&mut self, message: &Message) -> io::Result<bool> {
        match message.header.kind {
            Kind::AsyncServiceRequest => self.service_request = Some(message.header.control),
            // The answer that was dropped is dropped on the synchronous channel.
            Kind::AsyncInterrupted => {}
            Kind::FatalError => return Err(refused(message)),
            _ => {
                self.owed = self.owed.saturating_sub(1);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The message, if it is of the kind that is wanted.
fn expected(message: Message, wanted: Kind) -> io::Result<Message> {
    match message.header.kind {
        kind if kind == wanted => Ok(message),
        Kind::Error | Kind::FatalError => Err(refused(&message)),
        other => Err(socket::invalid(format!("HiSLIP: {other:?} came where {wanted:?} is wanted"))),
    }
}

/// What the instrument said no with.
pub(super) fn refused(message: &Message) -> io::Error {
    let Message { header, payload } = message;
    let text = scpi_protocol::Escaped::new(payload);
    let what = if header.kind == Kind::FatalError { "fatal error" } else { "error" };
    io::Error::other(format!("HiSLIP {what} {} of the instrument: '{text}'", header.control))
}
