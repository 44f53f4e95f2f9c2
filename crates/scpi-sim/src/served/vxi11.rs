//! Clients over VXI-11. The port of the calls is that of aborts and of a port mapper as well.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use scpi_protocol::vxi11::{
    ABORT_PROGRAM, ByLink, CORE_PROGRAM, CORE_VERSION, Call, CreateLink, CreatedLink, DONE,
    DeviceError, END, Generic, GetPort, InterruptChannel, Lock, MAPPER_PROGRAM, MAPPER_VERSION,
    NoXdr, Port, Procedure, Read, ReadReply, Records, Refused, ServiceRequests, StatusReply,
    TERM_CHARACTER_SET, WAIT_FOR_LOCK, Write, WriteReply, Xdr, refusal, reply,
};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Served;
use super::channel::{Came, Channel};
use super::locks::Released;
use super::vxi11_interrupt::Interrupts;
use super::vxi11_link::{Link, Reading, work};

/// The most bytes that one writing may have, as the client is told it.
const MAX_WRITE_BYTES: u32 = 64 << 10;

/// The longest call: a whole writing, and what is around it.
const MAX_RECORD_BYTES: usize = (64 << 10) + 4096;

/// The most bytes that one reading gives, however many are asked for.
const MAX_READ_BYTES: u32 = 1 << 20;

/// Links of one client.
const MAX_LINKS: usize = 16;

/// -420, "Query UNTERMINATED": read before anything was asked (IEEE 488.2 clause 6.3.2.2).
const UNTERMINATED: i32 = -420;

/// The name under which an instrument is asked for begins so.
const DEVICE: &str = "inst";

/// The links of one port.
pub(crate) struct Links {
    port: u16,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: i32,
    by_number: BTreeMap<i32, Arc<Link>>,
}

impl Links {
    pub(super) fn new(port: u16) -> Self {
        Self { port, open: Mutex::default() }
    }

    /// The first link is number 0, which some clients take for none (quirk Q36).
    fn add(&self, link: Arc<Link>) -> i32 {
        let mut open = self.links();
        let number = open.next;
        open.next = number.wrapping_add(1);
        open.by_number.insert(number, link);
        number
    }

    fn links(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One client, and the links that end with it.
struct Client {
    served: Arc<Served>,
    links: Arc<Links>,
    own: BTreeMap<i32, Arc<Link>>,
    workers: JoinSet<()>,
    interrupts: Interrupts,
    /// Whether a fault has ended the connection.
    is_over: watch::Sender<bool>,
}

impl Drop for Client {
    fn drop(&mut self) {
        while let Some((number, _)) = self.own.first_key_value() {
            self.destroy(*number);
        }
    }
}

pub(super) async fn client(served: Arc<Served>, links: Arc<Links>, stream: TcpStream) {
    let mut channel = Channel::new(stream, Records::new(MAX_RECORD_BYTES));
    let is_over = watch::Sender::new(false);
    let mut over = is_over.subscribe();
    let Ok(peer) = channel.peer() else { return };
    let interrupts = Interrupts::of(Arc::clone(&served), peer);
    let (own, workers) = (BTreeMap::new(), JoinSet::new());
    let mut client = Client { served, links, own, workers, interrupts, is_over };
    tokio::select! {
        () = client.converse(&mut channel) => {}
        _ = over.wait_for(|is_over| *is_over) => {}
    }
}

/// A record without its last bytes: a reply that is not filled up (quirk Q36).
fn without_end(mut record: Vec<u8>, bytes: usize) -> Vec<u8> {
    record.truncate(record.len().saturating_sub(bytes));
    let length = u32::try_from(record.len().saturating_sub(4)).unwrap_or(0);
    if let Some(mark) = record.first_chunk_mut::<4>() {
        // The highest bit: the last fragment of the record (RFC 5531 clause 11).
        *mark = (length | 0x8000_0000).to_be_bytes();
    }
    record
}

/// How long a client may be made to wait, from its own words.
fn deadline(milliseconds: u32) -> Instant {
    Instant::now() + Duration::from_millis(milliseconds.into())
}

impl Client {
    async fn converse(&mut self, channel: &mut Channel<Records>) {
        while let Came::Message(record) = channel.next().await {
            let Ok((call, asked)) = Call::parse(&record) else { return };
            let replied = tokio::select! {
                replied = self.reply(call, asked) => replied,
                // Who waits for an answer or a lock may go meanwhile.
                () = channel.gone() => return,
            };
            let replied = replied.unwrap_or_else(|_| refusal(call.xid, Refused::Garbage));
            if !channel.send(&replied).await {
                return;
            }
        }
    }

    async fn reply(&mut self, call: Call, asked: &[u8]) -> Result<Vec<u8>, NoXdr> {
        let xid = call.xid;
        let Some(procedure) = call.procedure() else { return Ok(refusal(xid, unknown(call))) };
        Ok(match procedure {
            Procedure::CreateLink => reply(xid, &self.create(&CreateLink::of_bytes(asked)?).await),
            Procedure::Write => reply(xid, &self.write(Write::of_bytes(asked)?).await),
            Procedure::Read => {
                let read = self.read(&Read::of_bytes(asked)?).await;
                let filling = read.data.len().next_multiple_of(4) - read.data.len();
                let replied = reply(xid, &read);
                if self.served.quirks.has(36) { without_end(replied, filling) } else { replied }
            }
            Procedure::ReadStatus => reply(xid, &self.status(&Generic::of_bytes(asked)?)),
            Procedure::Trigger => reply(xid, &self.trigger(&Generic::of_bytes(asked)?).await),
            Procedure::Clear => reply(xid, &self.clear(&Generic::of_bytes(asked)?).await),
            Procedure::Remote | Procedure::Local => {
                reply(xid, &self.found(Generic::of_bytes(asked)?.link).err().unwrap_or(DONE))
            }
            Procedure::Lock => reply(xid, &self.lock(&Lock::of_bytes(asked)?).await),
            Procedure::Unlock => reply(xid, &self.unlock(&ByLink::of_bytes(asked)?)),
            Procedure::DestroyLink => {
                let is_own = self.destroy(ByLink::of_bytes(asked)?.link);
                reply(xid, if is_own { &DONE } else { &DeviceError::INVALID_LINK })
            }
            Procedure::Abort => reply(xid, &self.abort(&ByLink::of_bytes(asked)?)),
            Procedure::GetPort => reply(xid, &self.port(&GetPort::of_bytes(asked)?)),
            Procedure::CreateInterruptChannel => {
                reply(xid, &self.interrupts.connect(&InterruptChannel::of_bytes(asked)?).await)
            }
            Procedure::DestroyInterruptChannel => reply(xid, &self.interrupts.close()),
            Procedure::EnableServiceRequests => {
                reply(xid, &self.enable(ServiceRequests::of_bytes(asked)?))
            }
            Procedure::Command | Procedure::TellServiceRequest => {
                reply(xid, &DeviceError::NOT_SUPPORTED)
            }
        })
    }

    fn found(&self, number: i32) -> Result<&Arc<Link>, DeviceError> {
        self.own.get(&number).ok_or(DeviceError::INVALID_LINK)
    }

    /// The link, when no lock of others is in the way (clause B.5.3).
    async fn free(&self, number: i32, flags: i32, lock_ms: u32) -> Result<&Link, DeviceError> {
        let link = self.found(number)?;
        let waits = flags & WAIT_FOR_LOCK != 0;
        let until = deadline(if waits { lock_ms } else { 0 });
        let is_free = self.served.locks.free_for(link.owner, until).await;
        if is_free { Ok(link) } else { Err(DeviceError::LOCKED) }
    }

    async fn create(&mut self, asked: &CreateLink) -> CreatedLink {
        let made = self.make(asked).await;
        CreatedLink {
            error: made.err().unwrap_or(DONE),
            link: made.unwrap_or_default(),
            abort_port: self.links.port.into(),
            max_receive_bytes: MAX_WRITE_BYTES,
        }
    }

    async fn make(&mut self, asked: &CreateLink) -> Result<i32, DeviceError> {
        if !asked.device.to_ascii_lowercase().starts_with(DEVICE) {
            return Err(DeviceError::NOT_ACCESSIBLE);
        }
        if self.own.len() >= MAX_LINKS {
            return Err(DeviceError::OUT_OF_RESOURCES);
        }
        let owner = self.served.locks.owner();
        if asked.lock && !self.served.locks.take(owner, b"", deadline(asked.lock_timeout_ms)).await
        {
            return Err(DeviceError::LOCKED);
        }
        let (link, waiting) = Link::new(owner);
        let number = self.links.add(Arc::clone(&link));
        let served = Arc::clone(&self.served);
        self.workers.spawn(work(served, Arc::clone(&link), waiting, self.is_over.clone()));
        self.own.insert(number, link);
        Ok(number)
    }

    async fn write(&self, asked: Write) -> WriteReply {
        let Write { link, io_timeout_ms, lock_timeout_ms, flags, data } = asked;
        let size = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let refused = |error| WriteReply { error, size: 0 };
        if size > MAX_WRITE_BYTES {
            return refused(DeviceError::PARAMETER);
        }
        let link = match self.free(link, flags, lock_timeout_ms).await {
            Ok(link) => link,
            Err(error) => return refused(error),
        };
        let is_taken = link.write(data, flags & END != 0, deadline(io_timeout_ms)).await;
        if is_taken { WriteReply { error: DONE, size } } else { refused(DeviceError::TIMEOUT) }
    }

    async fn read(&self, asked: &Read) -> ReadReply {
        let refused = |error| ReadReply { error, reason: 0, data: Vec::new() };
        let link = match self.free(asked.link, asked.flags, asked.lock_timeout_ms).await {
            Ok(link) => link,
            Err(error) => return refused(error),
        };
        if link.has_nothing_to_say() {
            self.served.report(UNTERMINATED).await;
        }
        let most = usize::try_from(asked.request_bytes.min(MAX_READ_BYTES)).unwrap_or_default();
        let [.., character] = asked.term_character.to_be_bytes();
        let until = (asked.flags & TERM_CHARACTER_SET != 0).then_some(character);
        match link.read(most, until, deadline(asked.io_timeout_ms)).await {
            Reading::Given(data, reason) => ReadReply { error: DONE, reason, data },
            Reading::Timeout => refused(DeviceError::TIMEOUT),
            Reading::Aborted => refused(DeviceError::ABORT),
        }
    }

    fn status(&self, asked: &Generic) -> StatusReply {
        match self.found(asked.link) {
            Ok(link) => {
                let status = self.served.status_byte(link.has_answer()).into();
                StatusReply { error: DONE, status }
            }
            Err(error) => StatusReply { error, status: 0 },
        }
    }

    async fn trigger(&self, asked: &Generic) -> DeviceError {
        let until = deadline(asked.io_timeout_ms);
        match self.free(asked.link, asked.flags, asked.lock_timeout_ms).await {
            Ok(link) if link.write(b"*TRG".to_vec(), true, until).await => DONE,
            Ok(_) => DeviceError::TIMEOUT,
            Err(error) => error,
        }
    }

    async fn clear(&self, asked: &Generic) -> DeviceError {
        match self.free(asked.link, asked.flags, asked.lock_timeout_ms).await {
            Ok(link) => {
                link.clear();
                DONE
            }
            Err(error) => error,
        }
    }

    async fn lock(&self, asked: &Lock) -> DeviceError {
        let Ok(link) = self.found(asked.link) else { return DeviceError::INVALID_LINK };
        let waits = asked.flags & WAIT_FOR_LOCK != 0;
        let until = deadline(if waits { asked.lock_timeout_ms } else { 0 });
        let is_taken = self.served.locks.take(link.owner, b"", until).await;
        if is_taken { DONE } else { DeviceError::LOCKED }
    }

    fn enable(&mut self, asked: ServiceRequests) -> DeviceError {
        match self.found(asked.link) {
            Ok(_) => self.interrupts.enable(asked),
            Err(error) => error,
        }
    }

    fn unlock(&self, asked: &ByLink) -> DeviceError {
        let Ok(link) = self.found(asked.link) else { return DeviceError::INVALID_LINK };
        match self.served.locks.release(link.owner) {
            Released::Nothing => DeviceError::NO_LOCK,
            Released::Exclusive | Released::Shared => DONE,
        }
    }

    /// Whether there was such a link. Its worker ends with it.
    fn destroy(&mut self, number: i32) -> bool {
        let Some(link) = self.own.remove(&number) else { return false };
        self.interrupts.disable(number);
        self.links.links().by_number.remove(&number);
        self.served.locks.release_all(link.owner);
        link.close();
        true
    }

    /// Aborts come on a connection of their own: the link is another client's.
    fn abort(&self, asked: &ByLink) -> DeviceError {
        match self.links.links().by_number.get(&asked.link) {
            Some(link) => {
                link.abort();
                DONE
            }
            None => DeviceError::INVALID_LINK,
        }
    }

    fn port(&self, asked: &GetPort) -> Port {
        let is_here = matches!(asked.program, CORE_PROGRAM | ABORT_PROGRAM);
        let is_tcp = asked.protocol == GetPort::TCP;
        Port { port: if is_here && is_tcp { self.links.port.into() } else { 0 } }
    }
}

/// Why a call is none that is known.
fn unknown(call: Call) -> Refused {
    match (call.program, call.version) {
        (MAPPER_PROGRAM, MAPPER_VERSION) | (CORE_PROGRAM | ABORT_PROGRAM, CORE_VERSION) => {
            Refused::Procedure
        }
        (MAPPER_PROGRAM | CORE_PROGRAM | ABORT_PROGRAM, _) => Refused::Version,
        _ => Refused::Program,
    }
}
