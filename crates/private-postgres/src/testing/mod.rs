//! Servers for tests: one that all tests of a target folder share, or one of a test's own.
//!
//! Nothing is left running: a watcher beside each server waits for the lock of its users, which the
//! kernel drops when the last of their processes ends, however it ends, and stops the server then.
//!
//! ```no_run
//! use private_postgres::{SUPERUSER, testing::TestServer};
//!
//! let server = TestServer::shared()?;
//! let turn = server.lock("template")?; // one process at a time makes the template
//! let url = server.url(SUPERUSER, "postgres");
//! # drop((turn, url));
//! # Ok::<(), private_postgres::ClusterError>(())
//! ```

mod folders;
#[cfg(test)]
mod tests;
mod watcher;

use std::io;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::config::Durability;
use crate::error::{ClusterError, Doing, Result};
use crate::folder;
use crate::lock::{FileLock, Kind};
use crate::place::Place;
use crate::server::{Opening, Server, open_with};
use crate::stop::{Mode, shut_down};
use crate::wait::poll;
use folders::Folders;
use watcher::Watch;

/// Own servers at one time, of all processes of a target folder.
pub const MAX_OWN_SERVERS: usize = 2;
/// How long a test waits for its turn.
pub const TURN_LIMIT: Duration = Duration::from_secs(600);
/// Letters in the name of a lock.
const MAX_NAME: usize = 64;

/// A server for tests; by `Deref` a [`Server`], with its URL.
#[derive(Debug)]
pub struct TestServer {
    held: Held,
    folders: Folders,
}

#[derive(Debug)]
enum Held {
    /// Left to the watcher.
    Shared(Arc<Server>),
    Own(Box<Own>),
}

/// Stopped and removed with its value.
#[derive(Debug)]
struct Own {
    server: Server,
    opening: Opening,
    #[expect(dead_code, reason = "a turn that is held, not read")]
    turn: FileLock,
}

/// A lock between tests of all processes of a target folder; free when dropped.
#[derive(Debug)]
pub struct NamedLock(#[expect(dead_code, reason = "held, not read")] FileLock);

impl TestServer {
    /// The server that all tests of this target folder share: made and started when it is not there,
    /// stopped when the last of their processes ends. It does not sync: what is in it may be lost.
    ///
    /// # Errors
    /// As [`open`](crate::open).
    pub fn shared() -> Result<Self> {
        // Held until the process ends, so that tests one after another do not start it anew.
        static SHARED: Mutex<Option<Arc<Server>>> = Mutex::new(None);
        let folders = Folders::of_this_process()?;
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let server = match &*shared {
            Some(server) => Arc::clone(server),
            None => Arc::clone(shared.insert(Arc::new(open_shared(&folders)?))),
        };
        Ok(Self { held: Held::Shared(server), folders })
    }

    /// A server for this test alone, for roles and crashes; waits while [`MAX_OWN_SERVERS`] others run.
    /// Stopped and removed when dropped. It does not sync.
    ///
    /// # Errors
    /// As [`open`](crate::open), and when no turn came within [`TURN_LIMIT`].
    pub fn own() -> Result<Self> {
        Self::own_with(Durability::Unsynced)
    }

    /// As [`own`](Self::own), and it syncs as the one of a person does.
    ///
    /// # Errors
    /// As [`own`](Self::own).
    pub fn own_durable() -> Result<Self> {
        Self::own_with(Durability::Synced)
    }

    fn own_with(durability: Durability) -> Result<Self> {
        let folders = Folders::of_this_process()?;
        let turn = take_turn(&folders)?;
        let opening = Opening { durability, is_disposable: false };
        let config = folders.own_config()?;
        let opened = open_with(&config, opening, |place| Watch::own(place).start());
        let server = opened.inspect_err(|_| drop(folder::remove(&config.folder)))?.server;
        Ok(Self { held: Held::Own(Box::new(Own { server, opening, turn })), folders })
    }

    /// Waits for the lock of this name, which one test of all processes holds at a time.
    ///
    /// # Errors
    /// A name of other letters than `a-z A-Z 0-9 - _`; no turn within [`TURN_LIMIT`].
    pub fn lock(&self, name: &str) -> Result<NamedLock> {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(is_fit) {
            return Err(ClusterError::LockName { name: name.to_owned() });
        }
        let path = self.folders.locks.join(format!("{name}.named.lock"));
        let taken = FileLock::take(&path, Kind::Exclusive, TURN_LIMIT)?;
        taken.map(NamedLock).ok_or_else(|| self.place().locked(&path, TURN_LIMIT))
    }

    /// Kills the server as `kill -9` does, and waits until its process is gone.
    ///
    /// # Errors
    /// It is shared, or did not end.
    pub fn kill(&self) -> Result<()> {
        let own = self.as_own("kill")?;
        shut_down(own.server.place(), Mode::Kill).map(|_| ())
    }

    /// Starts the server again, after [`kill`](Self::kill).
    ///
    /// # Errors
    /// It is shared, or as [`open`](crate::open).
    pub fn reopen(&mut self) -> Result<()> {
        let own = self.as_own("reopen")?;
        let opened = open_with(own.server.config(), own.opening, |_| Ok(()))?;
        if let Held::Own(own) = &mut self.held {
            own.server = opened.server;
        }
        Ok(())
    }

    fn as_own(&self, doing: &'static str) -> Result<&Own> {
        match &self.held {
            Held::Own(own) => Ok(own),
            Held::Shared(server) => {
                let shared = io::Error::other("it is shared with other tests");
                Err(shared).doing(doing, server.folder())
            }
        }
    }
}

impl Deref for TestServer {
    type Target = Server;

    fn deref(&self) -> &Server {
        match &self.held {
            Held::Shared(server) => server,
            Held::Own(own) => &own.server,
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // What fails here the watcher tries again, when this process has ended.
        let _ = remove_stopped(self.server.place());
    }
}

fn remove_stopped(place: &Place) -> Result<()> {
    shut_down(place, Mode::Immediate)?;
    folder::remove(place.base())
}

fn open_shared(folders: &Folders) -> Result<Server> {
    let opening = Opening { durability: Durability::Unsynced, is_disposable: true };
    let config = folders.shared_config();
    let watch = |place: &Place| Watch::shared(place, &config).start();
    Ok(open_with(&config, opening, watch)?.server)
}

fn take_turn(folders: &Folders) -> Result<FileLock> {
    let path = |turn: usize| folders.locks.join(format!("own-{turn}.lock"));
    let taken = poll(TURN_LIMIT, || {
        for turn in 1..=MAX_OWN_SERVERS {
            if let Some(lock) = FileLock::try_exclusive(&path(turn))? {
                return Ok(Some(lock));
            }
        }
        Ok(None)
    });
    taken?.ok_or_else(|| ClusterError::Locked {
        path: path(1),
        waited: TURN_LIMIT,
        holders: crate::process::holders_of(&path(1)),
    })
}
