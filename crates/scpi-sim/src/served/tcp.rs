//! Clients on a raw socket, and beside it on its control port.
//!
//! The control port is that of Keysight's instruments: `SYSTem:COMMunicate:TCPip:CONTrol?` tells its number, `DCL` on it
//! is a device clear and is said back, and service requests are told there as `SRQ +64`.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::Served;
use super::messages::READ_BYTES;
use super::stream::{Line, converse};

/// The longest line on a control port, in bytes.
const MAX_CONTROL_BYTES: usize = 64;

pub(super) async fn client(served: Arc<Served>, stream: TcpStream, has_prompt: bool) {
    converse(served, stream, has_prompt).await;
}

impl Line for TcpStream {
    async fn chunk(&self) -> io::Result<Option<Vec<u8>>> {
        loop {
            self.readable().await?;
            let mut chunk = Vec::with_capacity(READ_BYTES);
            match self.try_read_buf(&mut chunk) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(chunk)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes).await
    }

    fn reset(&self) {
        // Where it cannot be, the connection ends as others do.
        let _ = self.set_zero_linger();
    }
}

/// One client of a control port.
pub(super) async fn control(served: Arc<Served>, mut stream: TcpStream) {
    let mut requests = served.service_requests.subscribe();
    let mut line = Vec::new();
    loop {
        let told = tokio::select! {
            chunk = stream.chunk() => match chunk {
                Ok(Some(chunk)) => heard(&served, &mut line, &chunk),
                _ => return,
            },
            changed = requests.changed() => {
                if changed.is_err() {
                    return;
                }
                format!("SRQ +{}\n", *requests.borrow_and_update()).into_bytes()
            }
        };
        if line.len() > MAX_CONTROL_BYTES || stream.put(&told).await.is_err() {
            return;
        }
    }
}

/// What is said back to what came.
fn heard(served: &Served, line: &mut Vec<u8>, chunk: &[u8]) -> Vec<u8> {
    let mut told = Vec::new();
    for byte in chunk {
        if *byte != b'\n' {
            line.push(*byte);
            continue;
        }
        if line.trim_ascii().eq_ignore_ascii_case(b"DCL") {
            served.clears.send_modify(|clears| *clears += 1);
            told.extend_from_slice(b"DCL\n");
        }
        line.clear();
    }
    told
}
