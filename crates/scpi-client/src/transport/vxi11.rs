//! VXI-11: a link to an instrument, over calls. An answer is read in short readings, so that a message of somebody
//! else, an off command above all, never waits long for its turn.

use std::io;
use std::sync::Arc;

use scpi_protocol::vxi11::{
    ByLink, CORE_PROGRAM, CORE_VERSION, CreateLink, CreatedLink, DONE, DeviceError, END, Generic,
    GetPort, Lock, MAPPER_PORT, Port, Procedure, Read, ServiceRequests, StatusReply, WAIT_FOR_LOCK,
    Write,
};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Duration, Instant, sleep_until, timeout_at};

use super::vxi11_core::{Core, READ_BYTES};
use super::vxi11_interrupt::Interrupts;
use super::{Arrived, Halves, ReadHalf, WriteHalf, socket};

/// How long one reading waits at most, in the instrument.
const READ_SLICE: Duration = Duration::from_millis(200);

/// The least time between two readings that brought nothing.
const PAUSE: Duration = Duration::from_millis(2);

/// The most bytes of one writing, whatever the instrument says that it takes (quirk Q36).
const MAX_WRITE_BYTES: u32 = 1 << 20;

/// The bytes of one writing where the instrument says 0; the least that it must take (clause B.6.3).
const LEAST_WRITE_BYTES: u32 = 1024;

/// Who connects bounds all of it; each wait alone needs none.
const WITHIN: Duration = Duration::from_secs(3600);

/// A link.
pub(crate) struct Link {
    core: Mutex<Core>,
    /// Its number, which may be 0.
    number: i32,
    host: String,
    abort_port: u16,
    max_write_bytes: usize,
    service_requests: Mutex<Telling>,
}

/// Whether the instrument tells of its service requests.
enum Telling {
    /// It was not asked to.
    Unasked,
    /// It was, here.
    Asked(Interrupts),
    /// It does not.
    Refused,
}

/// Opens a link.
pub(super) async fn connect(host: &str, port: Option<u16>, device: &str) -> io::Result<Halves> {
    let port = match port {
        Some(port) => port,
        None => core_port(host, MAPPER_PORT).await?,
    };
    let mut core = Core::new(socket::connect(host, port).await?);
    let asked =
        CreateLink { client: 1, lock: false, lock_timeout_ms: 0, device: device.to_owned() };
    let created: Option<CreatedLink> =
        core.call(Procedure::CreateLink, &asked, Instant::now() + WITHIN).await?;
    let created = created.ok_or(io::ErrorKind::TimedOut)?;
    done(created.error)?;
    let most = match created.max_receive_bytes {
        0 => LEAST_WRITE_BYTES,
        most => most.min(MAX_WRITE_BYTES),
    };
    let link = Arc::new(Link {
        core: Mutex::new(core),
        number: created.link,
        host: host.to_owned(),
        abort_port: u16::try_from(created.abort_port).unwrap_or_default(),
        max_write_bytes: usize::try_from(most).unwrap_or(usize::MAX),
        service_requests: Mutex::new(Telling::Unasked),
    });
    Ok((ReadHalf::Vxi11(Arc::clone(&link)), WriteHalf::Vxi11(link)))
}

/// Asks the port mapper where the core program is.
async fn core_port(host: &str, mapper_port: u16) -> io::Result<u16> {
    let mut mapper = Core::new(socket::connect(host, mapper_port).await?);
    let asked =
        GetPort { program: CORE_PROGRAM, version: CORE_VERSION, protocol: GetPort::TCP, port: 0 };
    let said: Option<Port> =
        mapper.call(Procedure::GetPort, &asked, Instant::now() + WITHIN).await?;
    let port = u16::try_from(said.ok_or(io::ErrorKind::TimedOut)?.port).unwrap_or_default();
    let none = || io::Error::other("the port mapper knows of no VXI-11 there");
    (port > 0).then_some(port).ok_or_else(none)
}

impl Link {
    pub(super) async fn read(
        &self,
        buffer: &mut Vec<u8>,
        deadline: Instant,
    ) -> io::Result<Option<Arrived>> {
        loop {
            let Some(mut core) = self.core(deadline).await else { return Ok(None) };
            let settled = core.settle(deadline).await;
            if end_of_stream(&settled) {
                return Ok(Some(Arrived::Closed));
            }
            if !settled? {
                return Ok(None);
            }
            if let Some(arrived) = arrived(&mut core, buffer) {
                return Ok(Some(arrived));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let asked = self.reading(left.min(READ_SLICE));
            let begun = Instant::now();
            let read = core.call_kept(Procedure::Read, &asked, deadline).await;
            if end_of_stream(&read) {
                return Ok(Some(Arrived::Closed));
            }
            if !read? {
                return Ok(None);
            }
            if let Some(arrived) = arrived(&mut core, buffer) {
                return Ok(Some(arrived));
            }
            drop(core);
            // Who does not wait as it is asked to is not asked without a pause.
            sleep_until((begun + PAUSE).min(deadline)).await;
        }
    }

    /// Nothing is asked: only what an earlier reading has brought is there at once.
    pub(super) fn read_now(&self, buffer: &mut Vec<u8>) -> io::Result<Option<Arrived>> {
        let Ok(mut core) = self.core.try_lock() else { return Ok(None) };
        let noticed = core.notice_closed();
        if end_of_stream(&noticed) {
            return Ok(Some(Arrived::Closed));
        }
        noticed?;
        Ok(arrived(&mut core, buffer))
    }

    fn reading(&self, within: Duration) -> Read {
        Read {
            link: self.number,
            request_bytes: READ_BYTES,
            io_timeout_ms: milliseconds(within),
            lock_timeout_ms: 0,
            flags: 0,
            term_character: 0,
        }
    }

    /// Writes the front of a message's rest, with END where that is all of it.
    pub(super) async fn write(&self, rest: &[u8], deadline: Instant) -> io::Result<Option<usize>> {
        let Some(mut core) = self.core(deadline).await else { return Ok(None) };
        if !core.settle(deadline).await? {
            return Ok(None);
        }
        if let Some(written) = core.take_written() {
            return taken(written, rest).map(Some);
        }
        let piece = rest.get(..rest.len().min(self.max_write_bytes)).unwrap_or_default();
        let asked = Write {
            link: self.number,
            io_timeout_ms: milliseconds(deadline.saturating_duration_since(Instant::now())),
            lock_timeout_ms: 0,
            flags: if piece.len() == rest.len() { END } else { 0 },
            data: piece.to_vec(),
        };
        if !core.call_kept(Procedure::Write, &asked, deadline).await? {
            return Ok(None);
        }
        match core.take_written() {
            Some(written) => taken(written, piece).map(Some),
            None => Err(socket::invalid("VXI-11: a writing was not answered")),
        }
    }

    pub(super) async fn status_byte(&self, deadline: Instant) -> io::Result<Option<u8>> {
        let Some(mut core) = self.core(deadline).await else { return Ok(None) };
        let asked = self.generic(deadline);
        let said: Option<StatusReply> = core.call(Procedure::ReadStatus, &asked, deadline).await?;
        let Some(said) = said else { return Ok(None) };
        done(said.error)?;
        Ok(Some(u8::try_from(said.status & 0xFF).unwrap_or_default()))
    }

    /// The status byte, if service was requested since the last time. The first time the instrument is asked to tell.
    pub(super) async fn service_request(&self, deadline: Instant) -> io::Result<Option<u8>> {
        let mut telling = self.service_requests.lock().await;
        if matches!(*telling, Telling::Unasked) {
            *telling = match self.ask_to_tell(deadline).await? {
                Some(interrupts) => Telling::Asked(interrupts),
                None => Telling::Refused,
            };
        }
        let is_told = match &mut *telling {
            Telling::Asked(interrupts) => interrupts.take().await?,
            Telling::Unasked | Telling::Refused => false,
        };
        if is_told { self.status_byte(deadline).await } else { Ok(None) }
    }

    async fn ask_to_tell(&self, deadline: Instant) -> io::Result<Option<Interrupts>> {
        let Some(mut core) = self.core(deadline).await else { return Ok(None) };
        let Some((interrupts, asked)) = Interrupts::listen(core.own_address()?).await? else {
            return Ok(None);
        };
        let made: Option<DeviceError> =
            core.call(Procedure::CreateInterruptChannel, &asked, deadline).await?;
        let asked = ServiceRequests { link: self.number, enable: true, handle: Vec::new() };
        if made.ok_or(io::ErrorKind::TimedOut)? != DONE {
            return Ok(None);
        }
        let told: Option<DeviceError> =
            core.call(Procedure::EnableServiceRequests, &asked, deadline).await?;
        Ok((told.ok_or(io::ErrorKind::TimedOut)? == DONE).then_some(interrupts))
    }

    /// Takes the lock, or gives it back (clauses B.6.10 and B.6.11): whether it was granted in time, or was held.
    pub(super) async fn lock(
        &self,
        take: bool,
        wait: Duration,
        deadline: Instant,
    ) -> io::Result<bool> {
        let Some(mut core) = self.core(deadline).await else { return Ok(false) };
        let link = self.number;
        let said: Option<DeviceError> = if take {
            let asked = Lock { link, flags: WAIT_FOR_LOCK, lock_timeout_ms: milliseconds(wait) };
            core.call(Procedure::Lock, &asked, deadline).await?
        } else {
            core.call(Procedure::Unlock, &ByLink { link }, deadline).await?
        };
        match said.ok_or(io::ErrorKind::TimedOut)? {
            DeviceError::LOCKED | DeviceError::NO_LOCK => Ok(false),
            error => done(error).map(|()| true),
        }
    }

    /// A call that is stuck is aborted first, over the channel that there is for it.
    pub(super) async fn device_clear(&self, deadline: Instant) -> io::Result<bool> {
        let Some(mut core) = self.core(deadline).await else { return Ok(false) };
        let half = Instant::now() + deadline.saturating_duration_since(Instant::now()) / 2;
        if core.has_call_under_way() && !core.settle(half).await? {
            self.abort(deadline).await?;
        }
        let asked = self.generic(deadline);
        let said: Option<DeviceError> = core.call(Procedure::Clear, &asked, deadline).await?;
        let Some(error) = said else { return Ok(false) };
        done(error)?;
        core.forget();
        Ok(true)
    }

    async fn abort(&self, deadline: Instant) -> io::Result<()> {
        let connecting = socket::connect(&self.host, self.abort_port);
        let stream =
            timeout_at(deadline, connecting).await.map_err(|_| io::ErrorKind::TimedOut)??;
        let asked = ByLink { link: self.number };
        let mut channel = Core::new(stream);
        channel.call::<DeviceError>(Procedure::Abort, &asked, deadline).await.map(drop)
    }

    fn generic(&self, deadline: Instant) -> Generic {
        let left = deadline.saturating_duration_since(Instant::now());
        Generic {
            link: self.number,
            flags: 0,
            lock_timeout_ms: 0,
            io_timeout_ms: milliseconds(left),
        }
    }

    async fn core(&self, deadline: Instant) -> Option<MutexGuard<'_, Core>> {
        timeout_at(deadline, self.core.lock()).await.ok()
    }
}

/// Instruments have few links, and some keep one whose connection has just gone.
impl Drop for Link {
    fn drop(&mut self) {
        let asked = ByLink { link: self.number };
        self.core.get_mut().say_farewell(Procedure::DestroyLink, &asked);
    }
}

fn arrived(core: &mut Core, buffer: &mut Vec<u8>) -> Option<Arrived> {
    match core.take_incoming(buffer) {
        (_, true) => Some(Arrived::End),
        (true, false) => Some(Arrived::Bytes),
        (false, false) => None,
    }
}

/// How many bytes of a piece the instrument took: never none, never more than there are.
fn taken(written: Result<u32, DeviceError>, piece: &[u8]) -> io::Result<usize> {
    let size = written.map_err(|error| io::Error::other(error.to_string()))?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let is_possible = (1..=piece.len()).contains(&size);
    is_possible.then_some(size).ok_or_else(|| {
        socket::invalid(format!("VXI-11: {size} of {} bytes were taken", piece.len()))
    })
}

fn done(error: DeviceError) -> io::Result<()> {
    if error == DONE { Ok(()) } else { Err(io::Error::other(error.to_string())) }
}

fn end_of_stream<T>(result: &io::Result<T>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::UnexpectedEof)
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use scpi_protocol::vxi11::{Call, Records, Xdr, reply};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A port mapper that knows this port for the core program over TCP.
    async fn mapper(port: u32) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut records = Records::new(1024);
            let record = loop {
                let byte = [stream.read_u8().await.unwrap()];
                if let Some(record) = records.next(&mut byte.as_slice()).unwrap() {
                    break record;
                }
            };
            let (call, asked) = Call::parse(&record).unwrap();
            assert_eq!(call.procedure(), Some(Procedure::GetPort));
            assert_eq!(GetPort::of_bytes(asked).unwrap().program, CORE_PROGRAM);
            stream.write_all(&reply(call.xid, &Port { port })).await.unwrap();
        });
        own
    }

    #[tokio::test]
    async fn the_port_mapper_is_believed_within_bounds() {
        let mapper_port = mapper(1024).await;
        assert_eq!(core_port("127.0.0.1", mapper_port).await.unwrap(), 1024);
        for port in [0, 65_536] {
            let mapper_port = mapper(port).await;
            let error = core_port("127.0.0.1", mapper_port).await.unwrap_err();
            assert_eq!(error.to_string(), "the port mapper knows of no VXI-11 there");
        }
    }
}
