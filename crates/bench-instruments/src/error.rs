//! What can go wrong with an instrument of a bench. What it refuses is data; what the line loses is an error.

use std::fmt;
use std::time::Duration;

use scpi_client::{Cause, ClientError};
use scpi_protocol::error_queue::ErrorEntry;
use scpi_protocol::preamble::PreambleError;

/// Which instrument, and in which role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The role, where one was played.
    pub role: Option<String>,
    /// The instrument's name in the bench file.
    pub instrument: String,
    /// Its address.
    pub address: String,
}

/// `vin (psu at tcp://192.168.1.20:5555)`, `psu at tcp://192.168.1.20:5555`.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.role {
            Some(role) => write!(f, "{role} ({} at {})", self.instrument, self.address),
            None => write!(f, "{} at {}", self.instrument, self.address),
        }
    }
}

/// An instrument that cannot be used, or something asked of it that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstrumentError {
    /// The bench has no such instrument.
    #[error("the bench has no instrument '{instrument}'; it has {known}")]
    NotOnBench {
        /// The name.
        instrument: String,
        /// The names that it has.
        known: String,
    },
    /// The bench file names a dialect that is not known.
    #[error("{who}: there is no dialect '{dialect}'; one of {known} is wanted")]
    NoDialect {
        /// Whose.
        who: Box<Who>,
        /// The name.
        dialect: String,
        /// The names that are known.
        known: String,
    },
    /// It wants a login, and nobody gave it.
    #[error(
        "{who}: it wants the login '{credential}', which was not given: see `scpi-run credentials` and \
         SCPI_RUN_CREDENTIALS_URL"
    )]
    NoLogin {
        /// Whose.
        who: Box<Who>,
        /// The system whose secret is wanted.
        credential: String,
    },
    /// Another instrument than the bench file says.
    #[error("{who}: '*IDN?': '{found}' answers, but the bench file wants {wanted}")]
    WrongIdentity {
        /// Where.
        who: Box<Who>,
        /// What the bench file says.
        wanted: String,
        /// Who is there.
        found: String,
    },
    /// No such channel.
    #[error(
        "{who}: there is no channel {channel}; the dialect {dialect} has channels 1 to {channels}"
    )]
    NoChannel {
        /// Whose.
        who: Box<Who>,
        /// The number.
        channel: u32,
        /// The dialect.
        dialect: String,
        /// How many it has.
        channels: u32,
    },
    /// The dialect has no words for it.
    #[error("{who}: the dialect {dialect} has no {what}; it has {choices}")]
    NotSpoken {
        /// Whose.
        who: Box<Who>,
        /// The dialect.
        dialect: String,
        /// What is missing.
        what: String,
        /// What there is instead.
        choices: String,
    },
    /// A value that cannot be sent.
    #[error("{who}: {what} cannot be {value}; {wanted} is wanted")]
    Value {
        /// Whose.
        who: Box<Who>,
        /// What it was meant for.
        what: String,
        /// The value.
        value: String,
        /// What is wanted.
        wanted: String,
    },
    /// An exchange failed: no connection, no answer, no whole answer.
    #[error("{}", exchange(.who, .error))]
    Exchange {
        /// With whom.
        who: Box<Who>,
        /// The command and the cause.
        error: ClientError,
    },
    /// The instrument put something into its error queue.
    #[error("{who}: '{command}': the instrument refuses: {}", list(.entries))]
    Refused {
        /// Who.
        who: Box<Who>,
        /// What was sent.
        command: String,
        /// What it says, oldest first.
        entries: Vec<ErrorEntry>,
    },
    /// The error queue does not empty.
    #[error(
        "{who}: '{query}': the error queue does not empty: {read} entries, the last of them {last}"
    )]
    EndlessErrors {
        /// Whose.
        who: Box<Who>,
        /// The query.
        query: String,
        /// How many were read.
        read: usize,
        /// The last one.
        last: String,
    },
    /// What was set is not what the instrument says was set.
    #[error("{who}: {setting} was set to {sent}, but '{query}' answers '{programmed}'")]
    ReadBack {
        /// Whose.
        who: Box<Who>,
        /// The setting.
        setting: String,
        /// What was sent, with its unit.
        sent: String,
        /// How it was asked.
        query: String,
        /// What it says, escaped and cut.
        programmed: String,
    },
    /// An answer of another kind than was asked for.
    #[error("{who}: '{command}': '{answer}' is not {wanted}")]
    Answer {
        /// Whose.
        who: Box<Who>,
        /// The query.
        command: String,
        /// The answer, escaped and cut.
        answer: String,
        /// What is wanted.
        wanted: String,
    },
    /// A preamble that says not what the samples mean.
    #[error("{who}: '{command}': {fault}: '{answer}'")]
    Preamble {
        /// Whose.
        who: Box<Who>,
        /// The query.
        command: String,
        /// What is wrong with it.
        fault: PreambleError,
        /// The answer, escaped and cut.
        answer: String,
    },
    /// A block that holds no whole number of samples, or none.
    #[error(
        "{who}: '{command}': a block of {bytes} bytes came; samples of {width} bytes, one at least, are wanted"
    )]
    Block {
        /// Whose.
        who: Box<Who>,
        /// The query.
        command: String,
        /// Its length.
        bytes: usize,
        /// Bytes of one sample.
        width: usize,
    },
    /// No acquisition was complete in time.
    #[error("{who}: no trigger within {waited:?}: '{query}' answers '{state}' and not {done}")]
    NoTrigger {
        /// Whose.
        who: Box<Who>,
        /// How long it was waited for.
        waited: Duration,
        /// How the state was asked for.
        query: String,
        /// The last answer, escaped and cut.
        state: String,
        /// The answers that mean that it is complete.
        done: String,
    },
}

fn exchange(who: &Who, error: &ClientError) -> String {
    let likely = error.hints().first().map(|hint| format!("; likely: {hint}")).unwrap_or_default();
    match error.command() {
        "" => format!("{who}: {}{likely}", error.cause()),
        command => format!("{who}: '{command}': {}{likely}", error.cause()),
    }
}

pub(crate) fn list<T: ToString>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", ")
}

impl InstrumentError {
    /// Whether the connection is gone, or cannot be trusted any more.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let untrusted = |error: &ClientError| {
            matches!(error.cause(), Cause::NotInStep(_) | Cause::OtherInstrument { .. })
        };
        self.client().is_some_and(|error| error.is_disconnected() || untrusted(error))
    }

    /// Whether the instrument understood and would not, or did not understand.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// Whether an answer or a connection was waited for in vain.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.client().is_some_and(ClientError::is_timeout)
    }

    /// Whether an acquisition was waited for in vain, while the instrument answers.
    #[must_use]
    pub fn is_untriggered(&self) -> bool {
        matches!(self, Self::NoTrigger { .. })
    }

    /// The error, and the last exchanges before it where they are known, one a line.
    #[must_use]
    pub fn explanation(&self) -> String {
        let before = self.client().map(ClientError::explanation);
        let before = before.as_deref().and_then(|text| text.split_once('\n'));
        before.map_or_else(|| self.to_string(), |(_, lines)| format!("{self}\n{lines}"))
    }

    fn client(&self) -> Option<&ClientError> {
        match self {
            Self::Exchange { error, .. } => Some(error),
            _ => None,
        }
    }
}
