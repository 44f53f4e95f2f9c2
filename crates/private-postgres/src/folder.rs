//! Folders: who may enter them, and making them so that the right ones may.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use crate::error::{ClusterError, Doing, Result};
use crate::user::Ids;

/// The part of a path that exists, without links, and the part that does not.
pub(crate) fn resolve(path: &Path) -> Result<(PathBuf, PathBuf)> {
    for ancestor in path.ancestors() {
        match ancestor.canonicalize() {
            Ok(existing) => {
                let missing = path.strip_prefix(ancestor).unwrap_or(Path::new(""));
                return Ok((existing, missing.to_owned()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).doing("find", ancestor),
        }
    }
    Err(io::Error::from(io::ErrorKind::NotFound)).doing("find", path)
}

/// The first folder, from the top, that `ids` may not enter.
pub(crate) fn closed_to(existing: &Path, ids: Ids) -> Result<Option<PathBuf>> {
    let mut from_the_top: Vec<&Path> = existing.ancestors().collect();
    from_the_top.reverse();
    for folder in from_the_top {
        let found = fs::metadata(folder).doing("look at", folder)?;
        if !may_enter(&found, ids) {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

fn may_enter(folder: &Metadata, ids: Ids) -> bool {
    let bit = match (folder.uid() == ids.uid, folder.gid() == ids.gid) {
        (true, _) => 0o100,
        (false, true) => 0o010,
        (false, false) => 0o001,
    };
    folder.is_dir() && folder.mode() & bit != 0
}

/// Makes a folder and those above it that are missing, all with this mode whatever the umask.
pub(crate) fn make_all(path: &Path, mode: u32) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        make_all(parent, mode)?;
    }
    match fs::DirBuilder::new().mode(mode).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(mode)).doing("open", path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).doing("make the folder", path),
    }
}

/// Makes a folder that only `ids` may enter, or takes the one that is there, if it is theirs.
pub(crate) fn make_private(path: &Path, ids: Ids) -> Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) if Ids::ours() != ids => {
            chown(path, Some(ids.uid), Some(ids.gid)).doing("give away", path)?;
        }
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).doing("make the folder", path),
    }
    let found = fs::symlink_metadata(path).doing("look at", path)?;
    if !found.is_dir() || found.uid() != ids.uid {
        let (path, owner) = (path.to_owned(), found.uid());
        return Err(ClusterError::NotOurs { path, wanted: ids.uid, owner });
    }
    if found.mode() & 0o7777 == 0o700 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).doing("close", path)
}

/// Removes a folder with all that is in it; one that is not there is removed.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).doing("remove", path),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: Ids = Ids { uid: 64_123, gid: 64_123 };

    fn folder_with_mode(mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
        folder
    }

    #[test]
    fn a_closed_parent_keeps_a_stranger_out_and_not_its_owner() {
        for (mode, is_closed) in [(0o700, true), (0o750, true), (0o711, false), (0o755, false)] {
            let parent = folder_with_mode(mode);
            let child = parent.path().join("child");
            make_all(&child, 0o755).unwrap();
            let child = child.canonicalize().unwrap();
            let closed = closed_to(&child, STRANGER).unwrap();
            let expected = is_closed.then(|| parent.path().canonicalize().unwrap());
            assert_eq!(closed, expected, "{mode:o}");
            assert_eq!(closed_to(&child, Ids::ours()).unwrap(), None, "{mode:o}");
        }
    }

    #[test]
    fn a_group_member_is_judged_as_one() {
        let parent = folder_with_mode(0o701);
        let member = Ids { uid: STRANGER.uid, gid: fs::metadata(parent.path()).unwrap().gid() };
        assert!(!may_enter(&fs::metadata(parent.path()).unwrap(), member));
        assert!(may_enter(&fs::metadata(parent.path()).unwrap(), STRANGER));
    }

    #[test]
    fn what_is_missing_is_told_from_what_is_there() {
        let parent = folder_with_mode(0o755);
        let (existing, missing) = resolve(&parent.path().join("a/b")).unwrap();
        assert_eq!(existing, parent.path().canonicalize().unwrap());
        assert_eq!(missing, Path::new("a/b"));
    }

    #[test]
    fn a_private_folder_is_refused_when_it_is_a_link_or_of_somebody_else() {
        let parent = folder_with_mode(0o755);
        let (folder, link) = (parent.path().join("folder"), parent.path().join("link"));
        make_private(&folder, Ids::ours()).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        make_private(&folder, Ids::ours()).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o7777, 0o700);
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(matches!(
            make_private(&link, Ids::ours()),
            Err(ClusterError::NotOurs { path, .. }) if path == link
        ));
        assert!(matches!(
            make_private(&folder, STRANGER),
            Err(ClusterError::NotOurs { wanted: 64_123, .. })
        ));
    }
}
