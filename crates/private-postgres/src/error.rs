//! What can go wrong, where, and what would put it right.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::binaries::Rejected;
use crate::config::MIN_MAJOR;
use crate::notice::Moved;
use crate::process::{self, Holder};

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The file system refused.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No server programs on this machine.
    #[error(
        "no PostgreSQL server of version {MIN_MAJOR} or newer with pgcrypto found{}; install one: {install}",
        listed(rejected)
    )]
    NoBinaries {
        /// What was found and would not do.
        rejected: Vec<Rejected>,
        /// The one command that puts it right.
        install: String,
    },
    /// The cluster is of another major version than every server found.
    #[error(
        "the cluster in {} was made by PostgreSQL {made_with}, and of that version no server was found{}; install it: {install}",
        folder.display(),
        versions(found)
    )]
    OtherMajor {
        /// The cluster's folder.
        folder: PathBuf,
        /// The version that made it.
        made_with: u32,
        /// The versions found.
        found: Vec<u32>,
        /// The one command that puts it right.
        install: String,
    },
    /// Something else lies where the cluster should.
    #[error("{} is no PostgreSQL cluster (it has no PG_VERSION): move it away", folder.display())]
    NotACluster {
        /// Where.
        folder: PathBuf,
    },
    /// No folder can be used.
    #[error("no cluster can lie in {}: {why}", folder.display())]
    Unusable {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        why: Moved,
    },
    /// A folder that must be ours alone is not.
    #[error(
        "{} must be a folder of user id {wanted} and no link (its owner has id {owner}): remove it",
        path.display()
    )]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// Whose it should be.
        wanted: u32,
        /// Whose it is.
        owner: u32,
    },
    /// A path that a server cannot be started with.
    #[error(
        "PostgreSQL cannot be started in {}: the path must be UTF-8 without quotes, $, `, \\ and control characters",
        path.display()
    )]
    UnfitPath {
        /// The path.
        path: PathBuf,
    },
    /// No path for the socket is short enough.
    #[error("the socket's path {} is too long; set TMPDIR to a shorter folder", path.display())]
    SocketTooLong {
        /// The path.
        path: PathBuf,
    },
    /// The server's user has no name, and PostgreSQL will not make a cluster without one.
    #[error(
        "user id {uid}, as whom the server would run, has no name, which PostgreSQL needs; give it one: {install}"
    )]
    NoName {
        /// The user id.
        uid: u32,
        /// The one command that puts it right.
        install: String,
    },
    /// A program failed.
    #[error("{0}")]
    Program(Box<FailedProgram>),
    /// Others held a lock for too long.
    #[error("{} stayed locked for {} s{}", path.display(), waited.as_secs(), process::listed(holders))]
    Locked {
        /// The lock.
        path: PathBuf,
        /// For how long it was waited for.
        waited: Duration,
        /// Who holds it, as far as is known.
        holders: Vec<Holder>,
    },
    /// The server is there and does not come to the point.
    #[error(
        "the server (process {pid}) {what} after {} s; its log is {}",
        waited.as_secs(),
        log.display()
    )]
    Stuck {
        /// Its process.
        pid: u32,
        /// What it still is.
        what: &'static str,
        /// For how long it was waited for.
        waited: Duration,
        /// Its log.
        log: PathBuf,
    },
    /// Fetching found nothing fit.
    #[error("cannot fetch PostgreSQL: {why}; install it: {install}")]
    NotFetched {
        /// Why.
        why: String,
        /// The one command that puts it right.
        install: String,
    },
    /// A name that a lock cannot have.
    #[error("{name:?} is no name for a lock: use letters, digits, - and _, at most 64")]
    LockName {
        /// The name.
        name: String,
    },
}

/// A program that failed, with the end of what it said.
#[derive(Debug)]
pub struct FailedProgram {
    /// What it was to do.
    pub doing: &'static str,
    /// The command, with its arguments.
    pub command: String,
    /// How it ended.
    pub ended: String,
    /// Its log.
    pub log_file: PathBuf,
    /// The last lines it wrote, oldest first.
    pub last_lines: Vec<String>,
}

impl fmt::Display for FailedProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { doing, command, ended, log_file, last_lines } = self;
        write!(f, "cannot {doing}: `{command}` {ended}")?;
        if last_lines.is_empty() {
            return write!(f, " and said nothing in {}", log_file.display());
        }
        write!(f, "; {} ends:", log_file.display())?;
        last_lines.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

pub(crate) type Result<T> = std::result::Result<T, ClusterError>;

/// Says what was tried with which path.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T>;
}

impl<T, E: Into<io::Error>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, doing: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| ClusterError::Io {
            doing,
            path: path.to_owned(),
            source: source.into(),
        })
    }
}

fn listed(rejected: &[Rejected]) -> String {
    let reasons: Vec<String> = rejected.iter().map(ToString::to_string).collect();
    if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) }
}

fn versions(found: &[u32]) -> String {
    let versions: Vec<String> = found.iter().map(ToString::to_string).collect();
    if versions.is_empty() {
        return String::new();
    }
    format!(" (only {})", versions.join(", "))
}
