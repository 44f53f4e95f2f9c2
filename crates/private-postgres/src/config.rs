//! What a cluster is made from, and the bounds of every wait.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The database of the project.
pub const DATABASE: &str = "homelab_db";
/// The role of a run.
pub const RUN_ROLE: &str = "homelab_app";
/// The role that made the cluster; for migrations, never for a run.
pub const SUPERUSER: &str = "postgres";
/// The roles that the people of the cluster may connect as.
pub const MAPPED_ROLES: [&str; 5] =
    [RUN_ROLE, "homelab_readonly", "homelab_admin", "homelab_owner", SUPERUSER];

/// The oldest major version of PostgreSQL that will do.
pub const MIN_MAJOR: u32 = 15;
/// The port in the name of the socket. The folder is ours alone, so it need not be another.
pub const PORT: u16 = 5432;

/// How long making a cluster may take; about 1 s on a disk, far longer on a memory card.
pub const MAKE_LIMIT: Duration = Duration::from_secs(180);
/// How long a start may take, recovery after a crash included; about 0.2 s.
pub const START_LIMIT: Duration = Duration::from_secs(120);
/// How long a start is tried again while the lock of a killed server clears.
pub const LOCK_CLEARS_LIMIT: Duration = Duration::from_secs(10);
/// How long a server may take to stop; about 0.2 s.
pub const STOP_LIMIT: Duration = Duration::from_secs(60);
/// How long fetching the programs may take in all; about 5 s.
pub const FETCH_LIMIT: Duration = Duration::from_secs(120);
/// How long one starter waits for another, who may be fetching, making and starting.
pub const START_LOCK_LIMIT: Duration = Duration::from_secs(420);

/// Where the cluster lies and where its programs come from. The front builds it: this crate reads no
/// environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterConfig {
    /// Everything of the cluster is in here.
    pub folder: PathBuf,
    /// Used instead, by root alone, where the server's user cannot enter `folder` or somebody else
    /// owns it.
    pub fallback_folder: PathBuf,
    /// For a socket whose path in `folder` would be too long.
    pub temporary_folder: PathBuf,
    /// `PATH`, as the person has it.
    pub search_path: Option<OsString>,
    /// Whether missing programs may be fetched.
    pub fetch: Fetch,
}

/// Whether missing server programs may be fetched from the distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// Where it can be done without root.
    Allowed,
    /// `--no-fetch`.
    Forbidden,
}

/// What a commit survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// A power cut.
    Synced,
    /// A killed server only. For tests.
    #[cfg(any(test, feature = "testing"))]
    Unsynced,
}
