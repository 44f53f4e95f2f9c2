//! Where the servers of tests lie.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::config::{ClusterConfig, Fetch};
use crate::error::{Doing, Result};
use crate::folder;
use crate::place::Place;
use crate::socket::hash;

/// The folder of a target folder in which all of this lies.
const NAME: &str = "scpi-run-tests";

/// The folders of the tests of one target folder.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    /// For locks; only the tests themselves open them.
    pub(super) locks: PathBuf,
    target: PathBuf,
    temporary: PathBuf,
}

impl Folders {
    pub(super) fn of_this_process() -> Result<Self> {
        let program = std::env::current_exe().doing("find", Path::new("our own program"))?;
        let work = std::env::current_dir().doing("find", Path::new("."))?;
        let target = target_of(&program, &work);
        let nowhere = || io::Error::other("no folder above has cargo's CACHEDIR.TAG");
        let target = target.ok_or_else(nowhere).doing("find the target folder of", &program)?;
        Self::of(&target, &std::env::temp_dir())
    }

    pub(super) fn of(target: &Path, temporary: &Path) -> Result<Self> {
        let find = |path: &Path| path.canonicalize().doing("find", path);
        let (target, temporary) = (find(target)?, find(temporary)?);
        let locks = target.join(NAME).join("locks");
        folder::make_all(&locks, 0o755)?;
        Ok(Self { locks, target, temporary })
    }

    /// In the target folder; for root, under the temporary one where the server cannot enter it.
    pub(super) fn shared_config(&self) -> ClusterConfig {
        let key = hash(self.target.as_os_str().as_encoded_bytes());
        let fallback = self.temporary.join(format!("scpi-pg-tests-{key:016x}"));
        self.config(self.target.join(NAME).join("pg"), fallback)
    }

    /// A new folder, which has what programs were fetched for the shared server.
    pub(super) fn own_config(&self) -> Result<ClusterConfig> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("scpi-pg-own-{}-{number}", std::process::id());
        let config = self.config(self.temporary.join(&name), Path::new("/tmp").join(name));
        let (own, _) = Place::choose(&config)?;
        // The name may have been that of a process that was killed, with its watcher.
        folder::remove(own.base())?;
        own.prepare()?;
        let (shared, _) = Place::choose(&self.shared_config())?;
        if shared.fetched().exists() {
            let link = std::os::unix::fs::symlink(shared.fetched(), own.fetched());
            link.doing("make the link", &own.fetched())?;
        }
        Ok(config)
    }

    fn config(&self, folder: PathBuf, fallback_folder: PathBuf) -> ClusterConfig {
        ClusterConfig {
            folder,
            fallback_folder,
            temporary_folder: self.temporary.clone(),
            search_path: std::env::var_os("PATH"),
            fetch: Fetch::Allowed,
        }
    }
}

/// Cargo puts a mark into every target folder. A documentation test lies elsewhere, and runs in a
/// package's folder.
fn target_of(program: &Path, work: &Path) -> Option<PathBuf> {
    let is_target = |folder: &Path| fs::exists(folder.join("CACHEDIR.TAG")).unwrap_or(false);
    let above = program.ancestors().find(|folder| is_target(folder)).map(Path::to_owned);
    let beside = || work.ancestors().map(|folder| folder.join("target")).find(|t| is_target(t));
    above.or_else(beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_is_found_by_its_mark() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("work/target");
        fs::create_dir_all(target.join("debug/deps")).unwrap();
        let test = target.join("debug/deps/test-1");
        let (elsewhere, package) =
            (Path::new("/nonexistent/a/b"), root.path().join("work/crates/c"));
        assert_eq!(target_of(elsewhere, &package), None);
        fs::write(target.join("CACHEDIR.TAG"), "").unwrap();
        assert_eq!(target_of(&test, elsewhere), Some(target.clone()));
        assert_eq!(target_of(elsewhere, &package), Some(target));
    }
}
