//! A place for a cluster that is left empty.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use private_postgres::{ClusterConfig, Fetch, Status, StopOutcome};

/// Names the folder of the cluster to a test that is run as a child.
pub(crate) const FOLDER: &str = "PRIVATE_POSTGRES_TEST_FOLDER";
/// How long something that ends by itself may take here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn config(folder: &Path) -> ClusterConfig {
    ClusterConfig {
        folder: folder.join("pg"),
        fallback_folder: folder.join("fallback"),
        temporary_folder: std::env::temp_dir(),
        search_path: std::env::var_os("PATH"),
        fetch: Fetch::Forbidden,
    }
}

/// A configuration in a folder that the server's user can enter; its server is stopped and its
/// folder removed in the end.
pub(crate) struct Cluster {
    pub(crate) config: ClusterConfig,
    pub(crate) folder: tempfile::TempDir,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        Self { config: config(folder.path()), folder }
    }

    pub(crate) fn status(&self) -> Status {
        private_postgres::status(&self.config).unwrap()
    }

    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self.status(), Status::Stopped { .. })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let start = Instant::now();
        // A child that was killed holds its lock for a moment more.
        while let Ok(StopOutcome::InUse { .. }) = private_postgres::stop(&self.config) {
            assert!(start.elapsed() < PATIENCE, "the cluster is left in use");
            std::thread::yield_now();
        }
    }
}

pub(crate) fn open_to_all(folder: &Path) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// This program, to run one of its ignored tests.
pub(crate) fn this_test(name: &str, folder: &Path) -> Command {
    test_in(&std::env::current_exe().unwrap(), name, folder)
}

pub(crate) fn test_in(program: &Path, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["--exact", name, "--nocapture"]).env(FOLDER, folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The folder for a test that is run as a child; `None` when somebody runs it by hand.
pub(crate) fn folder_of_child() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::yield_now();
    }
}

/// Tells a child to end, and takes what it wrote.
pub(crate) fn end(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
