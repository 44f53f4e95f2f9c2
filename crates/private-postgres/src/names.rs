//! A name for a server's user that has none.
//!
//! PostgreSQL asks the system for the name of its own user when it makes a cluster, and for that of
//! everybody who connects. Where root has no user `postgres`, and in a container that runs under a
//! number, there is none. The library `nss_wrapper` answers from files of ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binaries::expand;
use crate::error::{Doing, Result};
use crate::folder;
use crate::place::Place;
use crate::user::NAMELESS;

/// The library's package in Debian's family.
pub(crate) const PACKAGE: &str = "libnss-wrapper";
const LIBRARY: &str = "libnss_wrapper.so";

/// The library, and the files it answers from.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    library: PathBuf,
    folder: PathBuf,
}

impl Names {
    /// The library of the machine, or the one that was fetched.
    pub(crate) fn find(place: &Place) -> Option<Self> {
        let folder = place.base().join("names");
        let roots = [place.fetched(), PathBuf::from("/")];
        let patterns = ["usr/lib/*-linux-gnu*", "usr/lib64", "usr/lib"];
        let folders = roots.iter().flat_map(|root| patterns.iter().flat_map(|p| expand(root, p)));
        let library = folders.map(|folder| folder.join(LIBRARY)).find(|path| path.is_file())?;
        Some(Self { library, folder })
    }

    /// Writes the files: the users of the machine, and this one.
    pub(crate) fn write(&self, place: &Place) -> Result<()> {
        folder::make_all(&self.folder, 0o755)?;
        let ids = place.user.ids;
        let user = format!("{NAMELESS}:x:{}:{}::/nonexistent:/bin/false\n", ids.uid, ids.gid);
        let group = format!("{NAMELESS}:x:{}:\n", ids.gid);
        self.extend(Path::new("/etc/passwd"), &user)?;
        self.extend(Path::new("/etc/group"), &group)
    }

    fn extend(&self, list: &Path, line: &str) -> Result<()> {
        let mut text = fs::read(list).unwrap_or_default();
        if !text.is_empty() && !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        text.extend_from_slice(line.as_bytes());
        let path = self.folder.join(list.file_name().unwrap_or_default());
        fs::write(&path, text).doing("write", &path)?;
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .doing("open", &path)
    }

    pub(crate) fn put_on(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library);
        command.env("NSS_WRAPPER_PASSWD", self.folder.join("passwd"));
        command.env("NSS_WRAPPER_GROUP", self.folder.join("group"));
    }
}
