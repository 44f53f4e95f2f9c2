//! The control port beside a raw socket: `DCL` and a line feed clear the instrument, which says `DCL` when it has
//! (Keysight, E4360 Series User's Guide, p. 53, Using Sockets; N6705 the same).

use std::io;

use scpi_protocol::address::Address;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::socket;

/// The query for the port's number.
pub(crate) const CONTROL_PORT_QUERY: &str = "SYST:COMM:TCPIP:CONTROL?";

const CLEAR: &[u8] = b"DCL\n";

/// The most that is read while the echo is waited for.
const MAX_ECHO_BYTES: usize = 256;

/// Clears; `false` when the deadline passed first, or the address has no such port.
pub(crate) async fn device_clear(
    address: &Address,
    port: u16,
    deadline: Instant,
) -> io::Result<bool> {
    let Address::Tcp { host, .. } = address else { return Ok(false) };
    let Ok(stream) = timeout_at(deadline, socket::connect(host, port)).await else {
        return Ok(false);
    };
    let stream = stream?;
    if !socket::send_all(&stream, &mut CLEAR.to_vec(), deadline).await? {
        return Ok(false);
    }
    wait_for_echo(&stream, deadline).await
}

async fn wait_for_echo(stream: &TcpStream, deadline: Instant) -> io::Result<bool> {
    let mut raw = Vec::with_capacity(MAX_ECHO_BYTES);
    loop {
        let mut lines = raw.split(|byte| *byte == b'\n');
        if lines.any(|line: &[u8]| line.trim_ascii() == b"DCL") {
            return Ok(true);
        }
        let is_full = raw.len() >= MAX_ECHO_BYTES;
        if is_full || !socket::read(stream, &mut raw, deadline).await? {
            return Ok(false);
        }
    }
}
