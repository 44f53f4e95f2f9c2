//! Opening the cluster, sharing its server, and leaving it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::config::{ClusterConfig, Durability, PORT};
use crate::error::{ClusterError, Doing, Result};
use crate::folder;
use crate::kit::{self, Kit};
use crate::lock::{FileLock, Kind};
use crate::make::make;
use crate::notice::Notice;
use crate::pid_file::{self, State};
use crate::place::Place;
use crate::process::{self, Holder};
use crate::program;
use crate::start::{is_up, start};
use crate::stop::{Mode, shut_down};
use crate::{renew, sessions, socket, url};

/// How long who leaves or stops waits for who is just opening or leaving.
const LEAVE_LOCK_LIMIT: Duration = Duration::from_secs(10);

/// A server that takes connections, and what was done for it.
#[derive(Debug)]
pub struct Opened {
    /// The server.
    pub server: Server,
    /// What the person should be told, in order.
    pub notices: Vec<Notice>,
}

/// A server in use: while this value lives, nobody of ours stops it.
#[derive(Debug)]
pub struct Server {
    config: ClusterConfig,
    place: Place,
    users: FileLock,
    socket: PathBuf,
    port: u16,
    pid: u32,
    was_started_here: bool,
}

/// How a server was left.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Released {
    /// It is stopped: nobody used it any more. Of two who leave at once, both may find it so.
    Stopped,
    /// Left to others, the last of whom stops it.
    InUse,
    /// Left running, since somebody who is none of ours is connected; the next of ours to leave it stops it.
    Connected {
        /// How many sessions.
        sessions: usize,
    },
    /// Left running, since somebody asked for that ([`Server::keep_running`]).
    Kept,
}

/// What came of stopping.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopOutcome {
    /// It was stopped.
    Stopped,
    /// There was nothing to stop.
    NotRunning,
    /// Somebody who is none of ours, such as psql, is connected; it runs on.
    Connected {
        /// How many sessions.
        sessions: usize,
    },
    /// Others use it; it runs on.
    InUse {
        /// Who, as far as is known.
        by: Vec<Holder>,
    },
}

/// Opens the cluster: finds or fetches programs, makes the cluster, starts its server, each where it is
/// missing, and takes a user's lock.
///
/// # Errors
/// Whatever keeps the server from running; each names the command and the end of its log.
pub fn open(config: &ClusterConfig) -> Result<Opened> {
    let opening = Opening { durability: Durability::Synced, is_disposable: false };
    open_with(config, opening, |_| Ok(()))
}

/// How a cluster is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) durability: Durability,
    /// A cluster that was not shut down, or is of another version, is made anew. For tests.
    pub(crate) is_disposable: bool,
}

/// As [`open`]; `before_unlock` runs while no other can start or stop the server.
pub(crate) fn open_with(
    config: &ClusterConfig,
    opening: Opening,
    before_unlock: impl FnOnce(&Place) -> Result<()>,
) -> Result<Opened> {
    let (place, moved) = Place::choose(config)?;
    let mut notices: Vec<Notice> = moved.into_iter().collect();
    let start_lock = place.lock_start()?;
    let users = place.lock_use()?;
    let was_started_here = !is_up(&place)?;
    if was_started_here {
        bring_up(config, &place, opening, &mut notices)?;
    }
    before_unlock(&place)?;
    let server = Server::of(config, place, users, was_started_here)?;
    drop(start_lock);
    Ok(Opened { server, notices })
}

fn bring_up(
    config: &ClusterConfig,
    place: &Place,
    opening: Opening,
    notices: &mut Vec<Notice>,
) -> Result<()> {
    renew::finish(place)?;
    if opening.is_disposable && matches!(pid_file::state(place)?, State::Killed) {
        folder::remove(&place.data())?;
    }
    let kit = match Kit::gather(config, place, notices) {
        Err(ClusterError::OtherMajor { .. }) if opening.is_disposable => {
            folder::remove(&place.data())?;
            Kit::gather(config, place, notices)?
        }
        gathered => gathered?,
    };
    if place.major()?.is_none() {
        notices.push(make(place, &kit, opening.durability)?);
    }
    let socket = socket::prepare(place, &config.temporary_folder)?;
    let mark = place.stop_when_unused();
    File::create(&mark).doing("make", &mark)?;
    start(place, &kit, &socket, opening.durability)
}

impl Server {
    fn of(
        config: &ClusterConfig,
        place: Place,
        users: FileLock,
        was_started_here: bool,
    ) -> Result<Self> {
        let (socket, port, pid) = match pid_file::state(&place)? {
            State::Up(up) => (up.socket, up.port, up.pid),
            State::Down | State::Killed => (None, None, 0),
        };
        let socket = socket.unwrap_or_else(|| place.socket());
        let port = port.unwrap_or(PORT);
        Ok(Self { config: config.clone(), place, users, socket, port, pid, was_started_here })
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn config(&self) -> &ClusterConfig {
        &self.config
    }

    /// The folder of the cluster.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.place.base()
    }

    /// The folder of its socket, for `host=`.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        &self.socket
    }

    /// The port in the socket's name.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process of the server.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The server's log.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.place.log().path().to_owned()
    }

    /// Whether it was this call that started the server.
    #[must_use]
    pub fn was_started_here(&self) -> bool {
        self.was_started_here
    }

    /// The URL of a database in it.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        url::url(&self.socket, self.port, role, database)
    }

    /// `psql` of the server's version, connected by this URL; arguments may be added. It keeps the
    /// person's environment.
    ///
    /// # Errors
    /// Neither the server's programs nor the search path have one.
    pub fn psql(&self, role: &str, database: &str) -> Result<Command> {
        let binaries = kit::find(&self.config, &self.place)?;
        let own = binaries.folder.join("psql");
        let search_path = self.config.search_path.as_deref();
        let program = if program::is_program(&own) {
            own
        } else {
            let missing = || io::Error::from(io::ErrorKind::NotFound);
            program::find("psql", search_path).ok_or_else(missing).doing("find", &own)?
        };
        let mut command = Command::new(program);
        if let Some(libraries) = binaries.library_path() {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command.arg(self.url(role, database));
        Ok(command)
    }

    /// Leaves the server, and stops it if nobody else uses it, nobody is connected and nobody asked to keep it running.
    ///
    /// # Errors
    /// It did not stop; the lock is free all the same.
    pub fn release(self) -> Result<Released> {
        let Self { place, users, .. } = self;
        drop(users);
        if !place.stop_when_unused().exists() {
            return Ok(Released::Kept);
        }
        let Some(_start_lock) = take_start_lock(&place)? else {
            return Ok(Released::InUse);
        };
        let Some(_alone) = FileLock::try_exclusive(&place.users_lock())? else {
            return Ok(Released::InUse);
        };
        if !place.stop_when_unused().exists() {
            return Ok(Released::Kept);
        }
        match sessions::remaining(&place)? {
            0 => shut_down(&place, Mode::Fast).map(|_| Released::Stopped),
            sessions => Ok(Released::Connected { sessions }),
        }
    }

    /// Leaves the server and has it run on, until it is stopped by [`stop`].
    ///
    /// # Errors
    /// That could not be noted down; the lock is free all the same, and the last user will stop it.
    pub fn keep_running(self) -> Result<()> {
        let mark = self.place.stop_when_unused();
        match fs::remove_file(&mark) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).doing("remove", &mark)
            }
            _ => Ok(()),
        }
    }
}

fn take_start_lock(place: &Place) -> Result<Option<FileLock>> {
    FileLock::take(&place.start_lock(), Kind::Exclusive, LEAVE_LOCK_LIMIT)
}

/// Stops the server, however it was started, unless one of our processes uses it or somebody is connected.
///
/// # Errors
/// It did not stop in time, or somebody is opening it all the while.
pub fn stop(config: &ClusterConfig) -> Result<StopOutcome> {
    stop_unless(config, sessions::remaining)
}

/// As [`stop`], and ends the sessions of whoever is connected.
///
/// # Errors
/// As [`stop`].
pub fn stop_with_sessions(config: &ClusterConfig) -> Result<StopOutcome> {
    stop_unless(config, |_| Ok(0))
}

fn stop_unless(
    config: &ClusterConfig,
    connected: impl FnOnce(&Place) -> Result<usize>,
) -> Result<StopOutcome> {
    let (place, _) = Place::choose(config)?;
    if matches!(pid_file::state(&place)?, State::Down) {
        return Ok(StopOutcome::NotRunning);
    }
    let lock = take_start_lock(&place)?;
    let _start_lock = lock.ok_or_else(|| place.locked(&place.start_lock(), LEAVE_LOCK_LIMIT))?;
    let Some(_alone) = FileLock::try_exclusive(&place.users_lock())? else {
        return Ok(StopOutcome::InUse { by: process::holders_of(&place.users_lock()) });
    };
    let sessions = connected(&place)?;
    if sessions > 0 {
        return Ok(StopOutcome::Connected { sessions });
    }
    let was_up = shut_down(&place, Mode::Fast)?;
    Ok(if was_up { StopOutcome::Stopped } else { StopOutcome::NotRunning })
}
