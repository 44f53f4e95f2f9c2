//! HiSLIP (IVI-6.1): a session of two connections, with answers that say whose they are and where they end.
//!
//! The mode is the synchronized one, in which an answer bears the number of what it answers, and any other is
//! dropped (clause 3.1.1); an instrument that insists on overlap is believed in its order alone.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use scpi_protocol::hislip::{
    Header, Kind, LOCK_RELEASE, LOCK_REQUEST, Labels, LockAnswer, Message, MessageId, OVERLAP,
    Opening, Outgoing, Piece, RMT_DELIVERED, SessionOffer, Splitter, Version,
};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant};

use super::hislip_async::{AsyncChannel, refused};
use super::{Arrived, Halves, ReadHalf, WriteHalf, socket};

/// Bytes that one read takes at most.
const READ_BYTES: usize = 64 << 10;

/// The longest message that we say we take; answers of any length come in several.
const MAX_MESSAGE_BYTES: u64 = 1 << 20;

/// Of the client, two letters that no maker has.
const VENDOR: [u8; 2] = *b"sr";

/// Bytes of an error's text that are kept.
const KEPT_BYTES: usize = 256;

/// Who connects bounds all of it; each wait alone needs none.
const WITHIN: Duration = Duration::from_secs(3600);

/// What both channels and both halves know.
pub(crate) struct Session {
    asynchronous: Mutex<AsyncChannel>,
    /// An answer was delivered whole since the last message.
    is_delivered: AtomicBool,
    last_message: AtomicU32,
}

/// The receiving half of the synchronous channel.
pub(crate) struct Receiver {
    half: OwnedReadHalf,
    splitter: Splitter,
    raw: Vec<u8>,
    used: usize,
    taking: Taking,
    waited: Waited,
    clear_begun: bool,
    session: Arc<Session>,
}

/// Which answer is waited for.
struct Waited {
    /// What it answers; none where nothing was asked.
    labels: Option<Labels>,
    /// Answers are not labelled: their order must do.
    is_overlapped: bool,
}

/// The sending half of the synchronous channel.
pub(crate) struct Sender {
    half: OwnedWriteHalf,
    outgoing: Outgoing,
    session: Arc<Session>,
}

/// What becomes of the message that is coming in.
enum Taking {
    /// It is dropped.
    Dropped,
    /// It is a piece of the answer, perhaps the last.
    Answer { is_last: bool },
    /// It says no.
    Refusal(Message),
}

/// Opens a session.
pub(super) async fn connect(
    host: &str,
    port: u16,
    device: &str,
    max_answer_bytes: usize,
) -> io::Result<Halves> {
    let stream = socket::connect(host, port).await?;
    let opening = Opening { version: Version::V2_0, vendor: VENDOR };
    let header = Header::new(Kind::Initialize, 0, opening.parameter(), device.len() as u64);
    let mut synchronous = AsyncChannel::new(stream);
    let deadline = Instant::now() + WITHIN;
    let asked = synchronous.ask(header, device.as_bytes(), Kind::InitializeResponse, deadline);
    let offered = asked.await?.ok_or(io::ErrorKind::TimedOut)?;
    let offer = SessionOffer::of_parameter(offered.header.parameter);

    let mut asynchronous = AsyncChannel::new(socket::connect(host, port).await?);
    let header = Header::alone(Kind::AsyncInitialize, 0, offer.session.into());
    let asked = asynchronous.ask(header, &[], Kind::AsyncInitializeResponse, deadline);
    asked.await?.ok_or(io::ErrorKind::TimedOut)?;
    let most = negotiated(&mut asynchronous, deadline).await?;

    let session = Arc::new(Session {
        asynchronous: Mutex::new(asynchronous),
        is_delivered: AtomicBool::new(false),
        last_message: AtomicU32::new(Outgoing::default().last().number()),
    });
    let (read, write) = synchronous.into_stream()?.into_split();
    let is_overlapped = offered.header.control & OVERLAP != 0;
    let receiver = Receiver::new(read, max_answer_bytes, is_overlapped, Arc::clone(&session));
    let sender = Sender { half: write, outgoing: Outgoing::new(most), session };
    Ok((ReadHalf::Hislip(Box::new(receiver)), WriteHalf::Hislip(Box::new(sender))))
}

/// The longest message that the instrument takes (clause 6.10).
async fn negotiated(channel: &mut AsyncChannel, deadline: Instant) -> io::Result<u64> {
    let own = MAX_MESSAGE_BYTES.to_be_bytes();
    let header = Header::new(Kind::AsyncMaximumMessageSize, 0, 0, own.len() as u64);
    let asked = channel.ask(header, &own, Kind::AsyncMaximumMessageSizeResponse, deadline);
    let said = asked.await?.ok_or(io::ErrorKind::TimedOut)?;
    let wrong = || socket::invalid("HiSLIP: the longest message is told in 8 bytes");
    Ok(u64::from_be_bytes(said.payload.try_into().map_err(|_| wrong())?))
}

impl Session {
    pub(super) async fn status_byte(&self, deadline: Instant) -> io::Result<Option<u8>> {
        let locked = tokio::time::timeout_at(deadline, self.asynchronous.lock());
        let Ok(mut channel) = locked.await else { return Ok(None) };
        let control = self.rmt_delivered();
        let last = self.last_message.load(Ordering::Relaxed);
        let header = Header::alone(Kind::AsyncStatusQuery, control, last);
        let said = channel.ask(header, &[], Kind::AsyncStatusResponse, deadline).await?;
        Ok(said.map(|message| message.header.control))
    }

    /// Takes the exclusive lock, or gives it back (clause 6.5): whether it was granted in time, or was held.
    pub(super) async fn lock(
        &self,
        take: bool,
        wait: Duration,
        deadline: Instant,
    ) -> io::Result<bool> {
        let locked = tokio::time::timeout_at(deadline, self.asynchronous.lock());
        let Ok(mut channel) = locked.await else { return Ok(false) };
        let last = self.last_message.load(Ordering::Relaxed);
        let milliseconds = u32::try_from(wait.as_millis()).unwrap_or(u32::MAX);
        let (control, parameter) =
            if take { (LOCK_REQUEST, milliseconds) } else { (LOCK_RELEASE, last) };
        let header = Header::alone(Kind::AsyncLock, control, parameter);
        let said = channel.ask(header, &[], Kind::AsyncLockResponse, deadline).await?;
        let said = said.ok_or(io::ErrorKind::TimedOut)?.header.control;
        match LockAnswer::of_number(said) {
            Some(LockAnswer::Success | LockAnswer::SharedReleased) => Ok(true),
            // There was nothing to give back, or it was not to be had in time.
            Some(LockAnswer::Error) if !take => Ok(false),
            Some(LockAnswer::Failure) => Ok(false),
            _ => Err(socket::invalid("HiSLIP: the lock was refused as if it were held already")),
        }
    }

    pub(super) async fn service_request(&self) -> io::Result<Option<u8>> {
        self.asynchronous.lock().await.take_service_request()
    }

    /// The flag that goes with the next message, once.
    fn rmt_delivered(&self) -> u8 {
        let is_delivered = self.is_delivered.swap(false, Ordering::Relaxed);
        if is_delivered { RMT_DELIVERED } else { 0 }
    }
}

impl Sender {
    pub(super) fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }

    pub(super) fn half(&self) -> &OwnedWriteHalf {
        &self.half
    }

    pub(super) fn pack(&mut self, message: &[u8], wire: &mut Vec<u8>) -> Option<Labels> {
        let is_delivered = self.session.rmt_delivered() != 0;
        let labels = self.outgoing.say(message, is_delivered, wire);
        self.session.last_message.store(labels.last.number(), Ordering::Relaxed);
        Some(labels)
    }

    /// Sends a header alone; `false` when the deadline passed first.
    async fn send_header(&mut self, header: Header, deadline: Instant) -> io::Result<bool> {
        let bytes = header.to_bytes();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match socket::send(&self.half, rest, deadline).await? {
                Some(sent) => rest = rest.get(sent..).unwrap_or_default(),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

impl Receiver {
    fn new(
        half: OwnedReadHalf,
        max_answer_bytes: usize,
        is_overlapped: bool,
        session: Arc<Session>,
    ) -> Self {
        Self {
            half,
            splitter: Splitter::new(max_answer_bytes as u64),
            raw: Vec::with_capacity(READ_BYTES),
            used: 0,
            taking: Taking::Dropped,
            waited: Waited { labels: None, is_overlapped },
            clear_begun: false,
            session,
        }
    }

    pub(super) fn listen_for(&mut self, labels: Option<Labels>) {
        self.waited.labels = labels;
    }

    pub(super) async fn read(
        &mut self,
        buffer: &mut Vec<u8>,
        deadline: Instant,
    ) -> io::Result<Option<Arrived>> {
        loop {
            if let Some(arrived) = self.take(buffer)? {
                return Ok(Some(arrived));
            }
            match tokio::time::timeout_at(deadline, self.half.readable()).await {
                Ok(ready) => ready?,
                Err(_) => return Ok(None),
            }
            if let Some(closed) = self.fill()? {
                return Ok(Some(closed));
            }
        }
    }

    pub(super) fn read_now(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Arrived>> {
        loop {
            if let Some(arrived) = self.take(buffer)? {
                return Ok(Some(arrived));
            }
            if let Some(closed) = self.fill()? {
                return Ok(Some(closed));
            }
            if self.raw.is_empty() {
                return Ok(None);
            }
        }
    }

    /// Reads once, when all that was read before is taken.
    fn fill(&mut self) -> io::Result<Option<Arrived>> {
        self.raw.clear();
        self.used = 0;
        match self.half.try_read_buf(&mut self.raw) {
            Ok(0) => Ok(Some(Arrived::Closed)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes what was read, up to the end of an answer. It never waits, so that nothing is lost by a drop.
    fn take(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Arrived>> {
        let before = buffer.len();
        let mut input = self.raw.get(self.used..).unwrap_or_default();
        let whole = input.len();
        let mut arrived = None;
        while let Some(piece) = self.splitter.next(&mut input).map_err(socket::invalid)? {
            match (piece, &mut self.taking) {
                (Piece::Begin(header), _) => {
                    arrived = self.waited.told_by(header);
                    self.taking = self.waited.what_to_do(header);
                }
                (Piece::Payload(bytes), Taking::Answer { .. }) => buffer.extend_from_slice(bytes),
                (Piece::Payload(bytes), Taking::Refusal(message)) => {
                    let free = KEPT_BYTES.saturating_sub(message.payload.len());
                    message.payload.extend(bytes.iter().take(free));
                }
                (Piece::End, Taking::Answer { is_last: true }) => {
                    self.waited.labels = None;
                    self.session.is_delivered.store(true, Ordering::Relaxed);
                    arrived = Some(Arrived::End);
                }
                (Piece::End, Taking::Refusal(message)) => return Err(refused(message)),
                (Piece::Payload(_) | Piece::End, _) => {}
            }
            if arrived.is_some() {
                break;
            }
        }
        self.used += whole - input.len();
        Ok(arrived.or((buffer.len() > before).then_some(Arrived::Bytes)))
    }

    /// Clause 6.12: announced beside, everything under way thrown away, ended on this channel; then the numbers
    /// begin anew.
    pub(super) async fn device_clear(
        &mut self,
        sender: &mut Sender,
        deadline: Instant,
    ) -> io::Result<bool> {
        if std::mem::replace(&mut self.clear_begun, true) {
            // One that was cut off: whose reply comes next is not known.
            return Ok(false);
        }
        let locked = tokio::time::timeout_at(deadline, self.session.asynchronous.lock());
        let Ok(mut channel) = locked.await else { return Ok(false) };
        let header = Header::alone(Kind::AsyncDeviceClear, 0, 0);
        let asked = channel.ask(header, &[], Kind::AsyncDeviceClearAcknowledge, deadline);
        if asked.await?.is_none() {
            return Ok(false);
        }
        drop(channel);
        // Of the features that there are, none: synchronized mode.
        let complete = Header::alone(Kind::DeviceClearComplete, 0, 0);
        if !sender.send_header(complete, deadline).await? {
            return Ok(false);
        }
        if !self.wait_for_acknowledge(deadline).await? {
            return Ok(false);
        }
        sender.outgoing.restart();
        self.session.is_delivered.store(false, Ordering::Relaxed);
        self.clear_begun = false;
        Ok(true)
    }

    async fn wait_for_acknowledge(&mut self, deadline: Instant) -> io::Result<bool> {
        self.waited.labels = None;
        let mut dropped = Vec::new();
        loop {
            match self.read(&mut dropped, deadline).await? {
                Some(Arrived::Cleared) => return Ok(true),
                Some(Arrived::Closed) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some(_) => dropped.clear(),
                None => return Ok(false),
            }
        }
    }
}

impl Waited {
    /// What a header says by itself: the end of a device clear, or that the answer that is waited for was dropped
    /// for a later message.
    fn told_by(&mut self, header: Header) -> Option<Arrived> {
        let later = MessageId::of_number(header.parameter);
        match header.kind {
            Kind::DeviceClearAcknowledge => {
                self.is_overlapped = header.control & OVERLAP != 0;
                Some(Arrived::Cleared)
            }
            Kind::Interrupted if self.labels?.last.is_before(later) => {
                self.labels = None;
                Some(Arrived::Interrupted)
            }
            _ => None,
        }
    }

    fn what_to_do(&self, header: Header) -> Taking {
        match header.kind {
            Kind::Data | Kind::DataEnd if self.is_expected(header.parameter) => {
                Taking::Answer { is_last: header.kind == Kind::DataEnd }
            }
            Kind::Error | Kind::FatalError => {
                Taking::Refusal(Message { header, payload: Vec::new() })
            }
            _ => Taking::Dropped,
        }
    }

    fn is_expected(&self, number: u32) -> bool {
        let id = MessageId::of_number(number);
        self.is_overlapped
            || (id == MessageId::UNKNOWN && self.labels.is_some())
            || self.labels.is_some_and(|labels| labels.has(id))
    }
}
