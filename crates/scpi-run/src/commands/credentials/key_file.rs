//! The file of a key: its owner's alone.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use result_store::{CredentialKey, Secret};

use crate::failure::{Failure, Result};

/// The most bytes of such a file.
const MAX_BYTES: u64 = 1024;
/// The rights of group and others, none of which there may be.
const OTHERS: u32 = 0o077;

/// Makes a key in a file that was not there.
pub(super) fn make(path: &Path) -> Result<CredentialKey> {
    let failed =
        |what: &dyn std::fmt::Display| Failure::usage(format!("{}: {what}", path.display()));
    let key = CredentialKey::generate().map_err(|error| failed(&error))?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.map_err(|error| failed(&error))?;
    let written = writeln!(file, "{}", key.to_text().reveal()).and_then(|()| file.sync_all());
    written.map_err(|error| failed(&error))?;
    Ok(key)
}

/// Reads a key from a file that nobody else can read.
pub(crate) fn read(path: &Path) -> Result<CredentialKey> {
    let failed =
        |what: &dyn std::fmt::Display| Failure::usage(format!("{}: {what}", path.display()));
    let file = File::open(path).map_err(|error| failed(&error))?;
    // Of the file that is open, not of the name: another may stand there by now.
    let about = file.metadata().map_err(|error| failed(&error))?;
    if !about.is_file() {
        return Err(failed(&"it is no file"));
    }
    if about.mode() & OTHERS != 0 {
        return Err(failed(&format!(
            "others may read it (mode {:o}): chmod 600, and change the key if they did",
            about.mode() & 0o777
        )));
    }
    let us = rustix::process::geteuid().as_raw();
    if about.uid() != us && about.uid() != 0 {
        return Err(failed(&format!("it belongs to user {}, and this is user {us}", about.uid())));
    }
    let mut text = String::new();
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(|error| failed(&error))?;
    // Overwritten when it goes.
    let text = Secret::new(text);
    CredentialKey::from_text(text.reveal()).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let key = make(&path).unwrap();
        assert!(read(&path).unwrap() == key);
        assert!(make(&path).unwrap_err().to_string().contains("exists"));
        for mode in [0o640, 0o604, 0o620] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            assert!(read(&path).unwrap_err().to_string().contains("chmod 600"), "{mode:o}");
        }
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::write(&path, "s3cret").unwrap();
        let refused = read(&path).unwrap_err().to_string();
        assert!(
            refused.contains("64 hexadecimal digits") && !refused.contains("s3cret"),
            "{refused}"
        );
        assert!(read(folder.path()).unwrap_err().to_string().contains("it is no file"));
    }
}
