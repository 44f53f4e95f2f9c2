//! What the person should be told, one line each.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Something that was done and is no failure. Returned, never printed here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The cluster does not lie where it was asked for.
    FolderMoved {
        /// The folder that was asked for.
        wanted: PathBuf,
        /// The folder that is used.
        used: PathBuf,
        /// Why.
        why: Moved,
    },
    /// Server programs were fetched.
    Fetched {
        /// The packages, as the distribution calls them.
        packages: Vec<String>,
        /// Where they were unpacked.
        folder: PathBuf,
        /// How long it took.
        took: Duration,
    },
    /// A new cluster was made.
    Made {
        /// Where.
        folder: PathBuf,
        /// The major version of its server.
        major: u32,
        /// How long it took.
        took: Duration,
    },
}

/// Why a folder was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moved {
    /// The server's user cannot enter it.
    NoEntry {
        /// The folder that keeps it out.
        at: PathBuf,
        /// The server's user.
        user: String,
    },
    /// Somebody else owns it.
    OtherOwner {
        /// What they own.
        at: PathBuf,
        /// The user id of its owner.
        owner: u32,
    },
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEntry { at, user } => {
                write!(f, "the server's user {user} cannot enter {}", at.display())
            }
            Self::OtherOwner { at, owner } => {
                write!(f, "{} belongs to user id {owner}", at.display())
            }
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FolderMoved { wanted, used, why } => {
                let (used, wanted) = (used.display(), wanted.display());
                write!(f, "the database lies in {used}, not in {wanted}: {why}")
            }
            Self::Fetched { packages, folder, took } => {
                let first = packages.first().map_or("nothing", String::as_str);
                let (more, folder) = (packages.len().saturating_sub(1), folder.display());
                let took = took.as_secs_f64();
                write!(f, "fetched {first} and {more} packages for it into {folder} in {took:.1} s")
            }
            Self::Made { folder, major, took } => {
                let (folder, took) = (folder.display(), took.as_secs_f64());
                write!(f, "made a PostgreSQL {major} cluster in {folder} in {took:.1} s")
            }
        }
    }
}
