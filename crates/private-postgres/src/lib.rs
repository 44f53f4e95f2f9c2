//! A private PostgreSQL server of our own: made, started, shared and stopped.
//!
//! Found or fetched server programs, a cluster in one folder, a Unix socket that only its people can
//! reach, no TCP, no password. Users share a file lock that the kernel drops when they end, however
//! they end; who stops the server needs it alone. No SQL is spoken here.
//!
//! ```no_run
//! use private_postgres::{ClusterConfig, DATABASE, Fetch, RUN_ROLE};
//!
//! # fn main() -> Result<(), private_postgres::ClusterError> {
//! let config = ClusterConfig {
//!     folder: "/home/ada/.local/share/scpi-run/pg".into(),
//!     fallback_folder: "/var/lib/scpi-run/pg".into(),
//!     temporary_folder: "/tmp".into(),
//!     search_path: Some("/usr/local/bin:/usr/bin:/bin".into()),
//!     fetch: Fetch::Allowed,
//! };
//! let opened = private_postgres::open(&config)?; // about 1 s the first time, 0.2 s later, 0 when it runs
//! let url = opened.server.url(RUN_ROLE, DATABASE);
//! opened.server.release()?; // stops it, unless somebody else uses it
//! # drop(url);
//! # Ok(())
//! # }
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `server`, `status` | open, share, release, stop; what is there, without touching it |
//! | `config`, `notice`, `error`, `url` | what goes in and what comes out |
//! | `place`, `folder`, `user`, `names` | where the cluster lies, and as whom its server runs |
//! | `binaries`, `fetch`, `kit` | the server's programs: found, or fetched without root |
//! | `make`, `settings`, `socket` | a new cluster, its configuration, its socket's folder |
//! | `renew` | a cluster in the place of an older one |
//! | `start`, `stop`, `pid_file`, `process` | a server's life, and the traces of one that was killed |
//! | `sessions` | whether somebody is connected, seen from outside |
//! | `lock`, `program`, `wait` | file locks, programs with a log, waits with an end |
//! | `testing` | servers for tests (feature `testing`) |

mod binaries;
mod config;
mod error;
mod fetch;
mod folder;
mod kit;
mod lock;
mod make;
mod names;
mod notice;
mod pid_file;
mod place;
mod process;
mod program;
mod renew;
mod server;
mod sessions;
mod settings;
mod socket;
mod start;
mod status;
mod stop;
mod url;
mod user;
mod wait;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use binaries::Rejected;
pub use config::{
    ClusterConfig, DATABASE, FETCH_LIMIT, Fetch, LOCK_CLEARS_LIMIT, MAKE_LIMIT, MAPPED_ROLES,
    MIN_MAJOR, PORT, RUN_ROLE, START_LIMIT, START_LOCK_LIMIT, STOP_LIMIT, SUPERUSER,
};
pub use error::{ClusterError, FailedProgram};
pub use notice::{Moved, Notice};
pub use process::Holder;
pub use renew::{succeed, successor};
pub use server::{Opened, Released, Server, StopOutcome, open, stop, stop_with_sessions};
pub use status::{Status, status};
pub use url::url;
