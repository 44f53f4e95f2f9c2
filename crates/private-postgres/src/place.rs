//! Where the cluster lies, with everything beside it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::{ClusterConfig, START_LOCK_LIMIT};
use crate::error::{ClusterError, Doing, Result};
use crate::folder;
use crate::lock::{FileLock, Kind};
use crate::notice::{Moved, Notice};
use crate::process;
use crate::program::Log;
use crate::user::{Accounts, Ids, ServerUser};
use crate::wait::poll;

/// A folder, and the user whose server runs in it.
///
/// Of the folder itself, whoever calls is the owner; of `data` and `socket` in it, the server's user.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    base: PathBuf,
    pub(crate) user: ServerUser,
}

impl Place {
    /// The place of this configuration; touches nothing.
    pub(crate) fn choose(config: &ClusterConfig) -> Result<(Self, Option<Notice>)> {
        let (ours, accounts) = (Ids::ours(), Accounts::read()?);
        let wanted = match Self::at(&config.folder, ours, &accounts)? {
            Ok(place) => return Ok((place, None)),
            Err(why) if ours.is_root() => why,
            Err(why) => return Err(unusable(&config.folder, why)),
        };
        let place = Self::at(&config.fallback_folder, ours, &accounts)?;
        let place = place.map_err(|why| unusable(&config.fallback_folder, why))?;
        let (used, folder) = (place.base.clone(), config.folder.clone());
        Ok((place, Some(Notice::FolderMoved { wanted: folder, used, why: wanted })))
    }

    fn at(
        wanted: &Path,
        ours: Ids,
        accounts: &Accounts,
    ) -> Result<std::result::Result<Self, Moved>> {
        let wanted = std::path::absolute(wanted).doing("find", wanted)?;
        let (existing, missing) = folder::resolve(&wanted)?;
        let owner = fs::metadata(&existing).doing("look at", &existing)?.uid();
        let is_there = missing.as_os_str().is_empty();
        // Root writes into no folder of somebody else, who could lead it astray by links.
        if owner != ours.uid && (is_there || ours.is_root()) {
            return Ok(Err(Moved::OtherOwner { at: existing, owner }));
        }
        let base = if is_there { existing.clone() } else { existing.join(missing) };
        let user = ServerUser::choose(ours, owner_of(&base.join("data")), accounts);
        if let Some(at) = folder::closed_to(&existing, user.ids)? {
            return Ok(Err(Moved::NoEntry { at, user: user.shown().to_owned() }));
        }
        check_fit(&base)?;
        Ok(Ok(Self { base, user }))
    }

    /// Makes the folder, if it is missing.
    pub(crate) fn prepare(&self) -> Result<()> {
        // The server's user must pass through what root makes; what a person makes is theirs alone.
        folder::make_all(&self.base, if Ids::ours().is_root() { 0o755 } else { 0o700 })
    }

    /// Makes the folder and takes the lock of those who make, start and stop.
    pub(crate) fn lock_start(&self) -> Result<FileLock> {
        let path = self.start_lock();
        let taken = poll(START_LOCK_LIMIT, || {
            self.prepare()?;
            match FileLock::try_exclusive(&path) {
                // The last user of a folder for tests has just removed it.
                Err(ClusterError::Io { .. }) if !self.base.exists() => Ok(None),
                tried => tried,
            }
        });
        taken?.ok_or_else(|| self.locked(&path, START_LOCK_LIMIT))
    }

    /// Takes a user's lock; only with the start lock held, so that it is free in a moment.
    pub(crate) fn lock_use(&self) -> Result<FileLock> {
        let (path, limit) = (self.users_lock(), Duration::from_secs(5));
        let taken = FileLock::take(&path, Kind::Shared, limit)?;
        taken.ok_or_else(|| self.locked(&path, limit))
    }

    pub(crate) fn locked(&self, path: &Path, waited: Duration) -> ClusterError {
        let holders = process::holders_of(path);
        ClusterError::Locked { path: path.to_owned(), waited, holders }
    }

    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    /// PostgreSQL's own folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.base.join("data")
    }

    /// The same while it is being made.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.base.join("data.part")
    }

    /// One that is whole, and about to take its place.
    pub(crate) fn next(&self) -> PathBuf {
        self.base.join("data.next")
    }

    pub(crate) fn settings(&self) -> PathBuf {
        self.base.join("settings")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.base.join("socket")
    }

    /// Server programs that were fetched.
    pub(crate) fn fetched(&self) -> PathBuf {
        self.base.join("fetched")
    }

    pub(crate) fn log(&self) -> Log {
        Log::new(self.base.join("server.log"))
    }

    pub(crate) fn start_lock(&self) -> PathBuf {
        self.base.join("start.lock")
    }

    pub(crate) fn users_lock(&self) -> PathBuf {
        self.base.join("users.lock")
    }

    /// Is there while the last user is to stop the server.
    pub(crate) fn stop_when_unused(&self) -> PathBuf {
        self.base.join("stop-when-unused")
    }

    /// The major version of the cluster; `None` when there is no cluster.
    pub(crate) fn major(&self) -> Result<Option<u32>> {
        let (data, path) = (self.data(), self.data().join("PG_VERSION"));
        if !data.exists() {
            return Ok(None);
        }
        let not_a_cluster = || ClusterError::NotACluster { folder: data.clone() };
        if !path.exists() {
            return Err(not_a_cluster());
        }
        let text = fs::read_to_string(&path).doing("read", &path)?;
        text.trim().parse().map(Some).map_err(|_| not_a_cluster())
    }
}

fn unusable(folder: &Path, why: Moved) -> ClusterError {
    ClusterError::Unusable { folder: folder.to_owned(), why }
}

fn owner_of(path: &Path) -> Option<Ids> {
    let found = fs::symlink_metadata(path).ok()?;
    Some(Ids { uid: found.uid(), gid: found.gid() })
}

/// `pg_ctl` puts the path into a line for the shell, and does not quote it enough.
fn check_fit(path: &Path) -> Result<()> {
    let is_fit = |letter: char| !letter.is_control() && !"\"'$`\\".contains(letter);
    match OsStr::to_str(path.as_os_str()) {
        Some(text) if text.chars().all(is_fit) => Ok(()),
        _ => Err(ClusterError::UnfitPath { path: path.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::Fetch;

    fn config(folder: PathBuf, fallback_folder: PathBuf) -> ClusterConfig {
        let temporary_folder = std::env::temp_dir();
        let fetch = Fetch::Forbidden;
        ClusterConfig { folder, fallback_folder, temporary_folder, search_path: None, fetch }
    }

    #[test]
    fn a_closed_folder_moves_the_cluster_of_root_alone() {
        let (closed, open) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, mode) in [(&closed, 0o700), (&open, 0o755)] {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        }
        let config = config(closed.path().join("data/pg"), open.path().join("lib/pg"));
        let (place, notice) = Place::choose(&config).unwrap();
        if Ids::ours().is_root() {
            let used = open.path().canonicalize().unwrap().join("lib/pg");
            assert_eq!(place.base(), used);
            let text = notice.unwrap().to_string();
            assert!(
                text.contains("the database lies in") && text.contains("cannot enter"),
                "{text}"
            );
        } else {
            assert_eq!((place.base().ends_with("data/pg"), notice), (true, None));
        }
        assert!(!place.base().exists());
    }

    #[test]
    fn a_folder_of_somebody_else_is_not_used() {
        let nobody_here = Ids { uid: 64_123, gid: 64_123 };
        let folder = tempfile::tempdir().unwrap();
        let refused = Place::at(folder.path(), nobody_here, &Accounts::default()).unwrap();
        assert!(matches!(refused, Err(Moved::OtherOwner { .. })), "{refused:?}");
    }

    #[test]
    fn a_path_that_the_shell_would_read_is_refused() {
        for unfit in ["a\"b", "a$b", "a`b", "a\\b", "a'b", "a\nb"] {
            assert!(check_fit(Path::new(unfit)).is_err(), "{unfit:?}");
        }
        assert!(check_fit(Path::new("/home/Ada L./µ, (data)/pg")).is_ok());
    }
}
