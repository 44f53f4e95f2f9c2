//! Service requests over VXI-11: the instrument connects to us, and calls when it wants to be looked at (clauses B.6.12 to
//! B.6.15).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use scpi_protocol::vxi11::{Call, INTERRUPT_PROGRAM, InterruptChannel, Procedure, Records};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::socket;

/// The longest call that is taken.
const MAX_RECORD_BYTES: usize = 512;

/// Bytes that one read takes at most.
const READ_BYTES: usize = 512;

/// TCP, as the specification numbers it.
const TCP: i32 = 0;

/// Where an instrument tells of its service requests.
pub(super) struct Interrupts {
    listener: TcpListener,
    /// Once it has connected.
    stream: Option<TcpStream>,
    records: Records,
    raw: Vec<u8>,
}

impl Interrupts {
    /// Listens at the address that the instrument knows us by, and says what to ask of it; nothing where that is none that
    /// the protocol can name.
    pub(super) async fn listen(own: SocketAddr) -> io::Result<Option<(Self, InterruptChannel)>> {
        let SocketAddr::V4(own) = own else { return Ok(None) };
        let listener = TcpListener::bind((*own.ip(), 0)).await?;
        let asked = InterruptChannel {
            address: u32::from(*own.ip()),
            port: listener.local_addr()?.port().into(),
            program: INTERRUPT_PROGRAM,
            version: 1,
            family: TCP,
        };
        let records = Records::new(MAX_RECORD_BYTES);
        Ok(Some((Self { listener, stream: None, records, raw: Vec::new() }, asked)))
    }

    /// Whether the instrument has called since the last time, without waiting. All of its calls are one.
    pub(super) async fn take(&mut self) -> io::Result<bool> {
        if self.stream.is_none() {
            let accepted = timeout(Duration::ZERO, self.listener.accept()).await;
            let Ok(accepted) = accepted else { return Ok(false) };
            self.stream = Some(accepted?.0);
        }
        let Some(stream) = &self.stream else { return Ok(false) };
        let mut is_told = false;
        self.raw.reserve(READ_BYTES);
        while socket::read_now(stream, &mut self.raw)? {
            let mut input = self.raw.as_slice();
            while let Some(record) = self.records.next(&mut input).map_err(socket::invalid)? {
                let (call, _) = Call::parse(&record).map_err(socket::invalid)?;
                is_told |= call.procedure() == Some(Procedure::TellServiceRequest);
            }
            self.raw.clear();
            self.raw.reserve(READ_BYTES);
        }
        Ok(is_told)
    }
}
