//! A cluster in the place of another one, which is kept: for a newer version of PostgreSQL, whose server cannot read the
//! older one's files.
//!
//! The new one is made and filled in a folder of its own, by whoever speaks SQL. Then two renames put it into its place; what
//! a crash between them leaves is seen at the next start.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::config::ClusterConfig;
use crate::error::{ClusterError, Doing, Result};
use crate::folder;
use crate::lock::FileLock;
use crate::pid_file::{self, State};
use crate::place::Place;
use crate::process;

/// The folder of the new one, in that of the old one.
const FOLDER: &str = "renewed";
/// Old ones of one version that are kept, at most.
const MAX_KEPT: u32 = 1000;

/// Where a cluster is to be made that takes the place of this one. What an earlier try left there is removed.
///
/// # Errors
/// Somebody is at it, or the file system refuses.
pub fn successor(config: &ClusterConfig) -> Result<ClusterConfig> {
    let (place, _) = Place::choose(config)?;
    let folder = place.base().join(FOLDER);
    let next = ClusterConfig { folder: folder.clone(), ..config.clone() };
    let (left, _) = Place::choose(&next)?;
    if matches!(pid_file::state(&left)?, State::Up(_)) {
        return Err(ClusterError::Locked {
            path: folder,
            waited: std::time::Duration::ZERO,
            holders: process::holders_of(&left.users_lock()),
        });
    }
    folder::remove(&folder)?;
    Ok(next)
}

/// Puts the new cluster into the place of the old one; neither runs. Where the old one is kept.
///
/// # Errors
/// Somebody uses one of them, or the file system refuses; then the old one is in its place still, or is put back by the next
/// start.
pub fn succeed(config: &ClusterConfig) -> Result<PathBuf> {
    let (place, _) = Place::choose(config)?;
    let new = place.base().join(FOLDER);
    let _start_lock = place.lock_start()?;
    let alone = FileLock::try_exclusive(&place.users_lock())?;
    let is_down = matches!(pid_file::state(&place)?, State::Down);
    if alone.is_none() || !is_down {
        return Err(place.locked(&place.users_lock(), std::time::Duration::ZERO));
    }
    let (data, next) = (place.data(), place.next());
    let kept = free_name(&place)?;
    folder::remove(&next)?;
    rename(&new.join("data"), &next, &place)?;
    rename(&data, &kept, &place)?;
    rename(&next, &data, &place)?;
    folder::remove(&new)?;
    Ok(kept)
}

/// Ends what a crash cut off. Where the old one is in its place, rows may have come to it since: it stays.
pub(crate) fn finish(place: &Place) -> Result<()> {
    let (data, next) = (place.data(), place.next());
    if !next.exists() {
        return Ok(());
    }
    if data.exists() { folder::remove(&next) } else { rename(&next, &data, place) }
}

fn free_name(place: &Place) -> Result<PathBuf> {
    let major = place.major()?.unwrap_or_default();
    let names = (1..=MAX_KEPT).map(|number| match number {
        1 => place.base().join(format!("data-{major}")),
        _ => place.base().join(format!("data-{major}.{number}")),
    });
    let free = names.into_iter().find(|name| !name.exists());
    free.ok_or_else(|| ClusterError::NotACluster { folder: place.base().to_owned() })
}

fn rename(from: &Path, to: &Path, place: &Place) -> Result<()> {
    fs::rename(from, to).doing("put into its place", from)?;
    File::open(place.base()).and_then(|base| base.sync_all()).doing("write to the disk", to)
}
