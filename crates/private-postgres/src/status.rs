//! What there is, without touching it.

use std::path::PathBuf;

use crate::config::ClusterConfig;
use crate::error::Result;
use crate::pid_file::{self, State};
use crate::place::Place;
use crate::process::{self, Holder};
use crate::url;

/// What there is of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// No cluster has been made.
    Absent {
        /// Where it would lie.
        folder: PathBuf,
    },
    /// There is one, and its server does not run.
    Stopped {
        /// Where.
        folder: PathBuf,
        /// The major version of PostgreSQL that made it.
        major: u32,
    },
    /// Its server runs.
    Running {
        /// Where.
        folder: PathBuf,
        /// The major version of PostgreSQL that made it.
        major: u32,
        /// The server's process.
        pid: u32,
        /// The folder of its socket; `None` until the server has said it.
        socket: Option<PathBuf>,
        /// The port in the socket's name.
        port: u16,
        /// Whether it takes connections now.
        is_ready: bool,
        /// Whether the last user stops it.
        stops_when_unused: bool,
        /// Which processes of ours use it, as far as is known.
        users: Vec<Holder>,
    },
}

impl Status {
    /// The URL of a database, where the server takes connections.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> Option<String> {
        match self {
            Self::Running { socket: Some(socket), port, is_ready: true, .. } => {
                Some(url::url(socket, *port, role, database))
            }
            _ => None,
        }
    }
}

/// What there is of the cluster. Starts nothing, makes nothing, waits for nothing.
///
/// # Errors
/// The folder cannot be used or read.
pub fn status(config: &ClusterConfig) -> Result<Status> {
    let (place, _) = Place::choose(config)?;
    let folder = place.base().to_owned();
    let Some(major) = place.major()? else {
        return Ok(Status::Absent { folder });
    };
    let State::Up(up) = pid_file::state(&place)? else {
        return Ok(Status::Stopped { folder, major });
    };
    Ok(Status::Running {
        folder,
        major,
        pid: up.pid,
        port: up.port.unwrap_or(crate::PORT),
        is_ready: up.answers(),
        socket: up.socket,
        stops_when_unused: place.stop_when_unused().exists(),
        users: process::holders_of(&place.users_lock()),
    })
}
