//! A login that an instrument on a bare byte stream wants before anything else.

use std::fmt;
use std::io;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::transport::send_all;

/// The longest answer to a login, in bytes.
const MAX_ANSWER_BYTES: usize = 1024;

/// The first line on each new connection. It is in no tape, history or error, and shown nowhere.
#[derive(Clone)]
pub struct Login {
    line: String,
    answer: Option<String>,
}

impl Login {
    /// A line, without its end, and what the instrument's answer to it begins with, where it gives one.
    #[must_use]
    pub fn new(line: String, answer: Option<String>) -> Self {
        Self { line, answer }
    }

    /// Says the line, and hears the answer.
    pub(crate) async fn enter(
        &self,
        stream: &TcpStream,
        terminator: &str,
        deadline: Instant,
    ) -> io::Result<()> {
        let mut wire = [self.line.as_bytes(), terminator.as_bytes()].concat();
        if !send_all(stream, &mut wire, deadline).await? {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let Some(wanted) = &self.answer else { return Ok(()) };
        let answer = line(stream, deadline).await?;
        // What came may hold the line itself, as an echo.
        if answer.starts_with(wanted.as_bytes()) {
            return Ok(());
        }
        let what = format!("the login was not answered with '{}'", wanted.escape_debug());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("answer", &self.answer).finish_non_exhaustive()
    }
}

/// One line, and no byte of what follows.
async fn line(stream: &TcpStream, deadline: Instant) -> io::Result<Vec<u8>> {
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while answer.len() < MAX_ANSWER_BYTES {
        match stream.try_read(&mut byte) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) if byte == *b"\n" => return Ok(answer),
            Ok(_) => answer.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                timeout_at(deadline, stream.readable())
                    .await
                    .map_err(|_| io::ErrorKind::TimedOut)??;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "the answer to the login has no end"))
}
