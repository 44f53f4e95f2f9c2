//! What can go wrong between us and a database: which one, what was tried, why, and what would be right.

use std::error::Error as _;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bench_model::SessionId;
use run_journal::JournalError;
use tokio_postgres::error::{DbError, SqlState};

use crate::credentials::Refusal;
use crate::schema::SchemaState;
use crate::tls::TlsError;

/// The longest detail of the server's that is shown, in letters.
const MAX_DETAIL_LETTERS: usize = 300;

/// Something that the store could not do.
#[derive(Debug)]
pub struct StoreError {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    place: String,
    action: &'static str,
    cause: Cause,
}

/// Why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The URL is none.
    #[error(
        "it is written as postgresql://user@host:5432/database or as host=/folder user=... dbname=..., \
         with special letters of a password as %40"
    )]
    Url,
    /// A keyword of the connection, or its value.
    #[error("{0}")]
    Setting(String),
    /// The connection cannot be encrypted as it was asked for.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No connection was made in time.
    #[error("no answer within {0:?}")]
    ConnectTimeout(Duration),
    /// The server said nothing for too long.
    #[error("the server did not answer within {0:?}")]
    NoAnswer(Duration),
    /// The server refuses, or the connection is lost.
    #[error("{}", described(.0))]
    Server(#[from] tokio_postgres::Error),
    /// The schema is not the one that this version works with.
    #[error("{0}")]
    Schema(SchemaState),
    /// The server is too old.
    #[error("the server is PostgreSQL {found}, and 15 or newer is wanted")]
    OldServer {
        /// Its version.
        found: String,
    },
    /// A migration failed; nothing of it is there.
    #[error("{migration} failed, and nothing of it is there: {why}")]
    Migration {
        /// Which.
        migration: String,
        /// Why.
        why: String,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal is no session's.
    #[error("its first record is not the start of a session")]
    NoSession,
    /// Something cannot be written as JSON.
    #[error("it cannot be written as JSON: {0}")]
    Encode(#[from] serde_json::Error),
    /// A row is not what was written.
    #[error("the row of {row} in {table} is not what was recorded: {why}")]
    ChangedRow {
        /// The table.
        table: &'static str,
        /// The row's id.
        row: uuid::Uuid,
        /// What is wrong with it.
        why: String,
    },
    /// What is another's.
    #[error(
        "{table} belongs to somebody else: connect as homelab_admin or as the database's owner"
    )]
    NotOwner {
        /// A table.
        table: String,
    },
    /// The role may everything, and needs not.
    #[error(
        "{role} is a superuser, and recording needs none: connect as homelab_app, or say --allow-superuser"
    )]
    Superuser {
        /// The role.
        role: String,
    },
    /// A secret is not given out.
    #[error("{system}: {why}")]
    NoSecret {
        /// Of which system.
        system: String,
        /// Why.
        why: Refusal,
    },
    /// A file is not as it should be.
    #[error("{}: {why}", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// What was given cannot be.
    #[error("{0}")]
    Unfit(String),
    /// Text that no id begins with.
    #[error("'{0}' is no beginning of a run's id: hexadecimal digits are, such as 0199c0de")]
    NoId(String),
    /// Several ids begin so.
    #[error("several runs begin with '{prefix}', {} and {} among them: give more of it", .runs.0, .runs.1)]
    SeveralRuns {
        /// What was looked for.
        prefix: String,
        /// Two of them.
        runs: (SessionId, SessionId),
    },
}

impl StoreError {
    pub(crate) fn new(place: impl Into<String>, action: &'static str, cause: Cause) -> Self {
        Self { inner: Box::new(Inner { place: place.into(), action, cause }) }
    }

    /// Why.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.inner.cause
    }

    /// Whether the database cannot be reached now: no connection, a lost one, a server that starts or stops.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match &self.inner.cause {
            Cause::ConnectTimeout(_) | Cause::NoAnswer(_) => true,
            Cause::Server(error) => is_away(error),
            _ => false,
        }
    }

    /// Whether the schema is absent, too old, too new or changed by hand.
    #[must_use]
    pub fn is_schema(&self) -> bool {
        matches!(self.inner.cause, Cause::Schema(_))
    }

    /// Whether the same may succeed a moment later.
    pub(crate) fn is_passing(&self) -> bool {
        let passing = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
        ];
        self.is_away() || self.code().is_some_and(|code| passing.contains(code))
    }

    pub(crate) fn is(&self, code: &SqlState) -> bool {
        self.code() == Some(code)
    }

    fn code(&self) -> Option<&SqlState> {
        match &self.inner.cause {
            Cause::Server(error) => error.code(),
            _ => None,
        }
    }
}

fn is_away(error: &tokio_postgres::Error) -> bool {
    let away = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    match error.code() {
        // 08 is the class of connection failures; poolers use it.
        Some(code) => away.contains(code) || code.code().starts_with("08"),
        None => error.is_closed() || is_lost(error),
    }
}

/// A certificate that is not believed is an error of the system's too, and no passing one.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    let cause = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() != std::io::ErrorKind::InvalidData)
}

/// The whole of an error of the server in one line; the library's own text is "db error".
pub(crate) fn described(error: &tokio_postgres::Error) -> String {
    if let Some(database) = error.as_db_error() {
        return described_by_server(database);
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn described_by_server(error: &DbError) -> String {
    let mut text = format!("{} (SQLSTATE {})", error.message(), error.code().code());
    let more = error.detail().into_iter().chain(error.hint());
    for line in more.chain(advice(error.code())) {
        text.push_str("; ");
        text.extend(line.chars().take(MAX_DETAIL_LETTERS).map(|c| if c == '\n' { ' ' } else { c }));
    }
    text
}

/// What would be right, where the server does not say.
fn advice(code: &SqlState) -> Option<&'static str> {
    let known = [
        (SqlState::UNDEFINED_DATABASE, "`scpi-run db migrate` makes it"),
        (SqlState::INVALID_PASSWORD, "give the role's password in the URL or in .pgpass"),
        (
            SqlState::INSUFFICIENT_PRIVILEGE,
            "connect as a role that may, such as the database's owner",
        ),
        (SqlState::DISK_FULL, "make room on the server's disk"),
        (SqlState::LOCK_NOT_AVAILABLE, "another one holds it: try again when it is done"),
    ];
    known.into_iter().find(|(known, _)| known == code).map(|(_, advice)| advice)
}

/// `postgresql://ann@db.lab:5432/homelab_db: cannot connect: ...`.
impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { place, action, cause } = self.inner.as_ref();
        write!(f, "{place}: cannot {action}: {cause}")
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.cause.source()
    }
}

/// Says what was tried, and where.
pub(crate) trait Doing<T> {
    fn doing(self, place: &str, action: &'static str) -> Result<T, StoreError>;
}

impl<T, E: Into<Cause>> Doing<T> for Result<T, E> {
    fn doing(self, place: &str, action: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::new(place, action, error.into()))
    }
}
