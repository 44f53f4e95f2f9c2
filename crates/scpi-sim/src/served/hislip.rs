//! Clients over HiSLIP (IVI-6.1), in the synchronized mode, without encryption.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use scpi_protocol::hislip::{
    ErrorCode, FatalCode, Header, Kind, LEAST_MESSAGE_BYTES, LOCK_RELEASE, LOCK_REQUEST,
    LockAnswer, Message, MessageId, Messages as HislipMessages, Opening, Outgoing, RMT_DELIVERED,
    SessionOffer, Version,
};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::Served;
use super::channel::{Came, Channel};
pub(crate) use super::hislip_session::Sessions;
use super::hislip_session::{OpenSession, Session};
use super::locks::Released;
use super::messages::{INPUT_BUFFER_OVERRUN, Messages};
use crate::instrument::{How, Next, Sent};

/// The longest message that is taken, as the client is told it.
const MAX_MESSAGE_BYTES: u64 = 1 << 20;

/// The name under which an instrument is asked for begins so.
const DEVICE: &[u8] = b"hislip";

/// How long a client may be locked out at most before its message is executed all the same.
const LOCKED_OUT: Duration = Duration::from_secs(3600);

/// -410, "Query INTERRUPTED".
const INTERRUPTED: i32 = -410;

/// The newest that is spoken.
const NEWEST: Version = Version::V2_0;

type Hislip = Channel<HislipMessages>;

/// A connection becomes one of the two of a session by its first message.
pub(super) async fn client(served: Arc<Served>, sessions: Arc<Sessions>, stream: TcpStream) {
    let mut channel = Channel::new(stream, HislipMessages::new(MAX_MESSAGE_BYTES));
    let Some(first) = next(&mut channel).await else { return };
    match first.header.kind {
        Kind::Initialize if first.payload.to_ascii_lowercase().starts_with(DEVICE) => {
            let open = sessions.open(&served);
            synchronous(&served, &open, &mut channel, first.header).await;
        }
        Kind::AsyncInitialize => match sessions.find(first.header.parameter) {
            Some(session) => asynchronous(&served, &session, &mut channel).await,
            None => fail(&mut channel, FatalCode::InvalidOpening).await,
        },
        _ => fail(&mut channel, FatalCode::InvalidOpening).await,
    }
}

/// The next message; what is none ends the connection (clause 6.2).
async fn next(channel: &mut Hislip) -> Option<Message> {
    match channel.next().await {
        Came::Message(message) => Some(message),
        Came::Nonsense(_) => {
            fail(channel, FatalCode::PoorHeader).await;
            None
        }
        Came::Closed => None,
    }
}

async fn fail(channel: &mut Hislip, code: FatalCode) {
    // Who has gone does not hear it.
    channel.send(&Header::alone(Kind::FatalError, code.number(), 0).to_bytes()).await;
}

async fn say(channel: &mut Hislip, kind: Kind, control: u8, parameter: u32) -> bool {
    channel.send(&Header::alone(kind, control, parameter).to_bytes()).await
}

async fn refuse(channel: &mut Hislip, code: ErrorCode) -> bool {
    say(channel, Kind::Error, code.number(), 0).await
}

/// One client's synchronous channel.
struct Conversation<'s> {
    served: &'s Arc<Served>,
    session: &'s Session,
    messages: Messages,
}

async fn synchronous(
    served: &Arc<Served>,
    open: &OpenSession,
    channel: &mut Hislip,
    opening: Header,
) {
    let version = Opening::of_parameter(opening.parameter).version.min(NEWEST);
    let offer = SessionOffer { version, session: open.number };
    if !say(channel, Kind::InitializeResponse, 0, offer.parameter()).await {
        return;
    }
    let session = open.session.as_ref();
    let mut is_over = session.is_over.subscribe();
    let mut conversation = Conversation { served, session, messages: Messages::default() };
    loop {
        let message = tokio::select! {
            message = next(channel) => message,
            _ = is_over.changed() => None,
        };
        let Some(message) = message else { return };
        if !session.has_both_channels() {
            return fail(channel, FatalCode::ChannelsMissing).await;
        }
        // Who waits for a lock, or for a long measurement, may go meanwhile.
        let goes_on = tokio::select! {
            goes_on = conversation.take(channel, message) => goes_on,
            _ = is_over.wait_for(|is_over| *is_over) => false,
        };
        if !goes_on {
            return;
        }
    }
}

impl Conversation<'_> {
    /// `false` when the connection is at its end.
    async fn take(&mut self, channel: &mut Hislip, message: Message) -> bool {
        let is_clearing = self.session.is_clearing.load(Ordering::Acquire);
        match message.header.kind {
            Kind::DeviceClearComplete => {
                self.messages.forget();
                self.session.note_delivered();
                self.session.is_clearing.store(false, Ordering::Release);
                say(channel, Kind::DeviceClearAcknowledge, 0, 0).await
            }
            // Whatever was under way when a device clear began is forgotten.
            Kind::Data | Kind::DataEnd | Kind::Trigger if is_clearing => true,
            Kind::Data | Kind::DataEnd => {
                let has_end = message.header.kind == Kind::DataEnd;
                self.execute(channel, message.header, &message.payload, has_end).await
            }
            Kind::Trigger => self.execute(channel, message.header, b"*TRG", true).await,
            _ => refuse(channel, ErrorCode::UnknownKind).await,
        }
    }

    /// Executes what has come, unless a device clear ends it.
    async fn execute(
        &mut self,
        channel: &mut Hislip,
        header: Header,
        payload: &[u8],
        has_end: bool,
    ) -> bool {
        let id = MessageId::of_number(header.parameter);
        if !self.note_rmt(channel, header).await {
            return false;
        }
        let mut input = payload;
        loop {
            let message = match self.messages.next_until(&mut input, has_end) {
                Ok(Some(message)) => message,
                Ok(None) => return true,
                Err(_) => {
                    self.served.report(INPUT_BUFFER_OVERRUN).await;
                    return false;
                }
            };
            let mut clears = self.session.clears.subscribe();
            if self.session.is_clearing.load(Ordering::Acquire) {
                return true;
            }
            let done = tokio::select! {
                done = self.when_free(&message) => done,
                _ = clears.changed() => return true,
            };
            match done.next {
                Next::GoOn => {}
                Next::HalfOpen | Next::Deaf => std::future::pending().await,
                Next::Close | Next::Reset | Next::Crash(_) => return false,
            }
            if !self.answer(channel, id, &done).await {
                return false;
            }
        }
    }

    /// Clause 2.6.1: who is locked out waits.
    async fn when_free(&self, message: &[u8]) -> Sent {
        let deadline = Instant::now() + LOCKED_OUT;
        self.served.locks.free_for(self.session.owner, deadline).await;
        self.served.execute(message).await
    }

    /// Clause 3.1.2: a message that comes before the client has the last answer interrupts it.
    async fn note_rmt(&self, channel: &mut Hislip, header: Header) -> bool {
        let was_expected = self.session.rmt_expected.swap(false, Ordering::AcqRel);
        if !was_expected || header.control & RMT_DELIVERED != 0 {
            return true;
        }
        self.served.report(INTERRUPTED).await;
        let told = Header::alone(Kind::AsyncInterrupted, 0, header.parameter);
        // Who does not listen is not told.
        let _ = self.session.told.try_send(told);
        say(channel, Kind::Interrupted, 0, header.parameter).await
    }

    /// An answer that a fault has cut has no END.
    async fn answer(&self, channel: &mut Hislip, id: MessageId, sent: &Sent) -> bool {
        let answer = sent.bytes.as_slice();
        if answer.is_empty() {
            return true;
        }
        let has_end = answer.ends_with(b"\n");
        let most = match sent.how {
            How::ByteByByte(_) => LEAST_MESSAGE_BYTES,
            _ => self.session.max_message_bytes.load(Ordering::Acquire),
        };
        let mut wire = Vec::with_capacity(answer.len() + 64);
        Outgoing::answer(answer, id, most, has_end, &mut wire);
        self.session.rmt_expected.store(true, Ordering::Release);
        channel.send(&wire).await
    }
}

async fn asynchronous(served: &Arc<Served>, session: &Session, channel: &mut Hislip) {
    let Some(mut told) = session.listen() else {
        return fail(channel, FatalCode::InvalidOpening).await;
    };
    let mut requests = served.service_requests.subscribe();
    let (mut is_over, mut over) = (session.is_over.subscribe(), session.is_over.subscribe());
    let vendor = u32::from_be_bytes([0, 0, b's', b'r']);
    let mut goes_on = say(channel, Kind::AsyncInitializeResponse, 0, vendor).await;
    while goes_on {
        goes_on = tokio::select! {
            message = next(channel) => match message {
                Some(message) => tokio::select! {
                    goes_on = beside(served, session, channel, message) => goes_on,
                    // Who waits for a lock may go meanwhile.
                    _ = over.wait_for(|is_over| *is_over) => false,
                },
                None => false,
            },
            Some(header) = told.recv() => channel.send(&header.to_bytes()).await,
            Ok(()) = requests.changed() => {
                let byte = *requests.borrow_and_update();
                say(channel, Kind::AsyncServiceRequest, byte, 0).await
            }
            _ = is_over.changed() => false,
        };
    }
    session.is_over.send_replace(true);
}

/// What must not wait for messages. `false` when the connection is at its end.
async fn beside(
    served: &Served,
    session: &Session,
    channel: &mut Hislip,
    message: Message,
) -> bool {
    let Message { header, payload } = message;
    match header.kind {
        Kind::AsyncMaximumMessageSize => {
            let Ok(most) = payload.try_into().map(u64::from_be_bytes) else {
                return refuse(channel, ErrorCode::Unidentified).await;
            };
            session.max_message_bytes.store(most, Ordering::Release);
            let header = Header::new(Kind::AsyncMaximumMessageSizeResponse, 0, 0, 8);
            let own = MAX_MESSAGE_BYTES.to_be_bytes();
            channel.send(&[header.to_bytes().as_slice(), &own].concat()).await
        }
        Kind::AsyncStatusQuery => {
            if header.control & RMT_DELIVERED != 0 {
                session.note_delivered();
            }
            let byte = served.status_byte(session.rmt_expected.load(Ordering::Acquire));
            say(channel, Kind::AsyncStatusResponse, byte, 0).await
        }
        Kind::AsyncDeviceClear => {
            session.is_clearing.store(true, Ordering::Release);
            session.clears.send_modify(|clears| *clears += 1);
            say(channel, Kind::AsyncDeviceClearAcknowledge, 0, 0).await
        }
        Kind::AsyncLock => {
            let answer = lock(served, session, header, &payload).await;
            say(channel, Kind::AsyncLockResponse, answer.number(), 0).await
        }
        Kind::AsyncLockInfo => {
            let (is_exclusive, holders) = served.locks.holders();
            let holders = u32::try_from(holders).unwrap_or(u32::MAX);
            say(channel, Kind::AsyncLockInfoResponse, is_exclusive.into(), holders).await
        }
        Kind::AsyncRemoteLocalControl => say(channel, Kind::AsyncRemoteLocalResponse, 0, 0).await,
        _ => refuse(channel, ErrorCode::UnknownKind).await,
    }
}

/// Clause 6.5: the parameter is how long to wait, in milliseconds; the payload names a lock that is shared.
async fn lock(served: &Served, session: &Session, header: Header, name: &[u8]) -> LockAnswer {
    match header.control {
        LOCK_REQUEST => {
            let deadline = Instant::now() + Duration::from_millis(header.parameter.into());
            let is_taken = served.locks.take(session.owner, name, deadline).await;
            if is_taken { LockAnswer::Success } else { LockAnswer::Failure }
        }
        LOCK_RELEASE => match served.locks.release(session.owner) {
            Released::Exclusive => LockAnswer::Success,
            Released::Shared => LockAnswer::SharedReleased,
            Released::Nothing => LockAnswer::Error,
        },
        _ => LockAnswer::Error,
    }
}
