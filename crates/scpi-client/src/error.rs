//! What can go wrong between us and an instrument: which instrument, which command, why, and what went before.

use std::fmt;
use std::io;
use std::time::Duration;

use scpi_protocol::error_queue::NoErrorEntry;
use scpi_protocol::framer::{FrameError, Waiting};
use scpi_protocol::identity::NoIdentity;
use scpi_protocol::response::ResponseError;

use crate::hint::Hint;

/// An exchange that failed.
///
/// Its text is one line; [`explanation`](Self::explanation) adds what went before.
#[derive(Debug)]
pub struct ClientError {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    address: String,
    command: String,
    cause: Cause,
    exchanges: Vec<String>,
    hints: Vec<Hint>,
    error_queue: Option<String>,
}

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// No connection can be made.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// No connection was made in time.
    #[error("no connection within {0:?}")]
    ConnectTimeout(Duration),
    /// This kind of address is not served.
    #[error("{0} is no transport that is built in: an address such as tcp://192.168.1.20:5025 is")]
    Unsupported(&'static str),
    /// The instrument did not take the message in time. The connection is closed.
    #[error("the instrument did not take the message within {0:?}")]
    WriteTimeout(Duration),
    /// The answer, or the rest of it, did not come in time.
    #[error("{0}")]
    ReadTimeout(Box<Unanswered>),
    /// The status byte did not come in time.
    #[error("no status byte within {0:?}")]
    NoStatus(Duration),
    /// The instrument closed the connection.
    #[error("the instrument closed the connection{}", after_bytes(.received))]
    Closed {
        /// Bytes of the answer that had come, escaped and cut.
        received: String,
    },
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// The instrument dropped its answer, because a message came before it was taken.
    #[error("the instrument dropped its answer, because another message was sent meanwhile")]
    Interrupted,
    /// The answer cannot be framed. The connection is made anew before the next exchange.
    #[error("the answer cannot be framed: {0}")]
    Frame(#[from] FrameError),
    /// The answer passes its bound. The connection is made anew before the next exchange.
    #[error("the answer is longer than {max_bytes} bytes")]
    AnswerTooLong {
        /// The bound.
        max_bytes: usize,
    },
    /// What was sent came back instead of an answer.
    #[error("the instrument sent the query back instead of an answer")]
    Echoed,
    /// The message would be two: it holds a terminator outside of strings and blocks.
    #[error("the message holds a terminator, and would be two messages")]
    TwoMessages,
    /// Another instrument answers at this address now.
    #[error("another instrument answers: '{found}' instead of '{known}'")]
    OtherInstrument {
        /// Who was there.
        known: String,
        /// Who is there now.
        found: String,
    },
    /// It could not be proved that answers belong to their queries again.
    #[error("the connection could not be brought into step again: {0}")]
    NotInStep(&'static str),
    /// One block was asked for, and nothing behind it.
    #[error("{} came instead of one block, around it '{text}'", counted(*.blocks))]
    NotOneBlock {
        /// How many came.
        blocks: u32,
        /// What stood around them, escaped and cut.
        text: String,
    },
    /// The block of a waveform ends inside a sample.
    #[error("the block ends inside a sample")]
    PartOfASample,
    /// The answer is not of the kind that was asked for.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// The answer to `*IDN?` is no identity.
    #[error(transparent)]
    Identity(#[from] NoIdentity),
    /// The answer to the error query is no entry.
    #[error(transparent)]
    ErrorEntry(#[from] NoErrorEntry),
}

/// What an error tells beside its cause.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) exchanges: Vec<String>,
    pub(crate) hints: Vec<Hint>,
}

/// A timeout that explains itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// How long it was waited for.
    pub after: Duration,
    /// Bytes of the answer that came, in all.
    pub received_bytes: u64,
    /// The first of them, escaped.
    pub received: String,
    /// What had to come next.
    pub waiting_for: Waiting,
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { after, received_bytes, received, waiting_for } = self;
        if *received_bytes == 0 {
            return write!(f, "no answer within {after:?}");
        }
        let bytes = if *received_bytes == 1 { "byte" } else { "bytes" };
        write!(
            f,
            "only part of an answer within {after:?}: {received_bytes} {bytes}, '{received}', \
             waiting for {waiting_for}"
        )
    }
}

fn counted(blocks: u32) -> String {
    match blocks {
        0 => "no block".to_owned(),
        1 => "a block and more behind it".to_owned(),
        _ => format!("{blocks} blocks"),
    }
}

fn after_bytes(received: &str) -> String {
    if received.is_empty() { String::new() } else { format!(" in mid-answer, after '{received}'") }
}

impl ClientError {
    pub(crate) fn new(address: &str, command: &[u8], cause: Cause, told: Told) -> Self {
        let Told { exchanges, hints } = told;
        let command = scpi_protocol::Escaped::new(command).to_string();
        let address = address.to_owned();
        let error_queue = None;
        Self { inner: Box::new(Inner { address, command, cause, exchanges, hints, error_queue }) }
    }

    /// The same, with what the instrument's error queue says about it, in one line.
    #[must_use]
    pub fn with_error_queue(mut self, says: String) -> Self {
        self.inner.error_queue = Some(says);
        self
    }

    /// What it most likely means, the likeliest first.
    #[must_use]
    pub fn hints(&self) -> &[Hint] {
        &self.inner.hints
    }

    /// The instrument's address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.inner.address
    }

    /// What was sent, escaped and cut; empty where nothing was.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.inner.command
    }

    /// Why it failed.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.inner.cause
    }

    /// Whether something was waited for in vain.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.inner.cause,
            Cause::ConnectTimeout(_)
                | Cause::WriteTimeout(_)
                | Cause::ReadTimeout(_)
                | Cause::NoStatus(_)
        )
    }

    /// Whether there is no connection any more, or never was one.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        matches!(
            self.inner.cause,
            Cause::Connect(_)
                | Cause::ConnectTimeout(_)
                | Cause::WriteTimeout(_)
                | Cause::Closed { .. }
                | Cause::Broken(_)
        )
    }

    /// The error; then, a line each, what the instrument's error queue says, what is likely, and the last
    /// exchanges before it.
    #[must_use]
    pub fn explanation(&self) -> String {
        let Inner { error_queue, hints, exchanges, .. } = self.inner.as_ref();
        let mut text = self.to_string();
        if let Some(says) = error_queue {
            text.push_str(&format!("\nits error queue: {says}"));
        }
        for hint in hints {
            text.push_str(&format!("\nlikely: {hint}"));
        }
        if !exchanges.is_empty() {
            text.push_str("\nbefore it:");
        }
        for exchange in exchanges {
            text.push_str("\n  ");
            text.push_str(exchange);
        }
        text
    }
}

/// `tcp://127.0.0.1:5025: 'MEAS:VOLT?': no answer within 5s`.
impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { address, command, cause, .. } = self.inner.as_ref();
        if command.is_empty() {
            return write!(f, "{address}: {cause}");
        }
        write!(f, "{address}: '{command}': {cause}")
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.inner.cause {
            Cause::Connect(error) | Cause::Broken(error) => Some(error),
            _ => None,
        }
    }
}
