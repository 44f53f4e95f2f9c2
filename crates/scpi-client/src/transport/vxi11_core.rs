//! Calls to a VXI-11 instrument, one after the other, each of which may be dropped at any wait.

use std::io;

use scpi_protocol::vxi11::{
    DONE, DeviceError, Procedure, REASON_CHARACTER, REASON_END, ReadReply, Records, Reply,
    WriteReply, Xdr, call,
};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::socket;

/// Bytes that one reading asks for at most.
pub(super) const READ_BYTES: u32 = 1 << 20;

/// The longest record that is taken: a whole reading, and what is around it.
const MAX_RECORD_BYTES: usize = (1 << 20) + 4096;

/// Bytes of the socket's that one read takes at most.
const SOCKET_BYTES: usize = 64 << 10;

/// The connection to one program.
pub(super) struct Core {
    stream: TcpStream,
    records: Records,
    raw: Vec<u8>,
    unsent: Vec<u8>,
    last_xid: u32,
    /// The call that is under way, and what its reply will be.
    under_way: Option<Procedure>,
    /// What a writing brought whose caller was dropped before it was told.
    written: Option<Result<u32, DeviceError>>,
    /// Of the answer, read and not yet taken.
    incoming: Vec<u8>,
    has_end: bool,
}

impl Core {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            records: Records::new(MAX_RECORD_BYTES),
            raw: Vec::new(),
            unsent: Vec::new(),
            last_xid: 0,
            under_way: None,
            written: None,
            incoming: Vec::new(),
            has_end: false,
        }
    }

    /// The address that the instrument knows us by.
    pub(super) fn own_address(&self) -> io::Result<std::net::SocketAddr> {
        self.stream.local_addr()
    }

    /// Calls, and waits for the reply; nothing when the deadline passed first. What an earlier call brings whose
    /// caller was dropped is kept where it belongs.
    pub(super) async fn call<R: Xdr>(
        &mut self,
        procedure: Procedure,
        asked: &impl Xdr,
        deadline: Instant,
    ) -> io::Result<Option<R>> {
        if !self.settle(deadline).await? {
            return Ok(None);
        }
        self.begin(procedure, asked);
        let Some(reply) = self.reply(deadline).await? else { return Ok(None) };
        self.under_way = None;
        R::of_bytes(&reply).map(Some).map_err(socket::invalid)
    }

    /// As [`call`](Self::call), for writing and reading: what the reply brings is kept here, so that a drop
    /// loses nothing. `false` when the deadline passed first.
    pub(super) async fn call_kept(
        &mut self,
        procedure: Procedure,
        asked: &impl Xdr,
        deadline: Instant,
    ) -> io::Result<bool> {
        if !self.settle(deadline).await? {
            return Ok(false);
        }
        self.begin(procedure, asked);
        self.settle(deadline).await
    }

    /// Waits for the reply of a call that is under way; `false` when the deadline passed first.
    pub(super) async fn settle(&mut self, deadline: Instant) -> io::Result<bool> {
        let Some(procedure) = self.under_way else { return Ok(true) };
        let Some(reply) = self.reply(deadline).await? else { return Ok(false) };
        self.under_way = None;
        match procedure {
            Procedure::Write => {
                let WriteReply { error, size } =
                    WriteReply::of_bytes(&reply).map_err(socket::invalid)?;
                self.written = Some(if error == DONE { Ok(size) } else { Err(error) });
            }
            Procedure::Read => {
                self.keep(&ReadReply::of_bytes(&reply).map_err(socket::invalid)?)?;
            }
            _ => {}
        }
        Ok(true)
    }

    fn keep(&mut self, read: &ReadReply) -> io::Result<()> {
        self.incoming.extend_from_slice(&read.data);
        self.has_end |= read.error == DONE && read.reason & (REASON_END | REASON_CHARACTER) != 0;
        // That nothing came in time is no failure: it is asked again, or given up by the caller's deadline.
        let is_fine = read.error == DONE || read.error == DeviceError::TIMEOUT;
        if is_fine { Ok(()) } else { Err(io::Error::other(read.error.to_string())) }
    }

    fn begin(&mut self, procedure: Procedure, asked: &impl Xdr) {
        self.last_xid = self.last_xid.wrapping_add(1);
        self.unsent.extend_from_slice(&call(self.last_xid, procedure, asked));
        self.under_way = Some(procedure);
    }

    /// The reply to the call that is under way.
    async fn reply(&mut self, deadline: Instant) -> io::Result<Option<Vec<u8>>> {
        if !socket::send_all(&self.stream, &mut self.unsent, deadline).await? {
            return Ok(None);
        }
        loop {
            while let Some(record) = self.next_record()? {
                let (header, said) = Reply::parse(&record).map_err(socket::invalid)?;
                if header.xid == self.last_xid {
                    return said.map(|reply| Some(reply.to_vec())).map_err(io::Error::other);
                }
            }
            self.raw.reserve(SOCKET_BYTES);
            if !socket::read(&self.stream, &mut self.raw, deadline).await? {
                return Ok(None);
            }
        }
    }

    fn next_record(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut input = self.raw.as_slice();
        let record = self.records.next(&mut input).map_err(socket::invalid);
        let taken = self.raw.len() - input.len();
        self.raw.drain(..taken);
        record
    }

    /// What a writing whose caller was dropped has brought.
    pub(super) fn take_written(&mut self) -> Option<Result<u32, DeviceError>> {
        self.written.take()
    }

    /// Moves what was read of the answer into `buffer`: whether anything was, and whether the answer ends there.
    pub(super) fn take_incoming(&mut self, buffer: &mut Vec<u8>) -> (bool, bool) {
        let any = !self.incoming.is_empty();
        buffer.append(&mut self.incoming);
        (any, std::mem::take(&mut self.has_end))
    }

    /// Forgets what was read.
    pub(super) fn forget(&mut self) {
        self.incoming.clear();
        self.has_end = false;
        self.written = None;
    }

    /// Notices, without waiting, that the connection is at its end.
    pub(super) fn notice_closed(&mut self) -> io::Result<()> {
        self.raw.reserve(SOCKET_BYTES);
        socket::read_now(&self.stream, &mut self.raw).map(drop)
    }

    pub(super) fn has_call_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// The last word before the connection closes; nobody waits for it to be heard.
    pub(super) fn say_farewell(&mut self, procedure: Procedure, asked: &impl Xdr) {
        if self.under_way.is_none() {
            // A peer that takes nothing now closes the link with the connection.
            let _ = self.stream.try_write(&call(self.last_xid.wrapping_add(1), procedure, asked));
        }
    }
}
