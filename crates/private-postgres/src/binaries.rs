//! The server's programs: where they may lie, and whether they will do.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::config::MIN_MAJOR;
use crate::folder;
use crate::program::{ask, find, is_program};
use crate::user::ServerUser;

/// Where packages put them, beside the search path.
const USUAL: [&str; 8] = [
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/lib/postgresql*/bin",
    "usr/libexec/postgresql*",
    "usr/local/pgsql/bin",
    "usr/local/opt/postgresql@*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
];
/// Without these there is no server.
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];
/// How long a program may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(10);
/// Folders that one pattern may give.
const MAX_FOLDERS: usize = 64;

/// The programs of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) folder: PathBuf,
    pub(crate) major: u32,
    /// Folders with libraries of theirs alone, for programs that were fetched.
    pub(crate) libraries: Vec<PathBuf>,
}

/// Server programs that were found and will not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Their folder.
    pub folder: PathBuf,
    /// Why not.
    pub why: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.folder.display(), self.why)
    }
}

/// What a search gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Newest first.
    pub(crate) fit: Vec<Binaries>,
    pub(crate) rejected: Vec<Rejected>,
}

/// A search for server programs.
pub(crate) struct Search<'a> {
    /// `/`, but in tests.
    pub(crate) root: &'a Path,
    pub(crate) search_path: Option<&'a OsStr>,
    /// A tree into which packages were unpacked.
    pub(crate) fetched: &'a Path,
    pub(crate) user: &'a ServerUser,
}

impl Search<'_> {
    pub(crate) fn find(&self) -> Found {
        let mut found = Found::default();
        let mut seen: Vec<PathBuf> = Vec::new();
        for (folder, libraries) in self.candidates() {
            // A folder of links (Homebrew, Fedora) stands for the one where the programs are.
            let Some(folder) = real_folder(&folder) else { continue };
            if seen.contains(&folder) {
                continue;
            }
            match self.check(&folder, libraries) {
                Ok(binaries) => found.fit.push(binaries),
                Err(why) => found.rejected.push(Rejected { folder: folder.clone(), why }),
            }
            seen.push(folder);
        }
        // Stable: of one version, what the person's search path names first comes first.
        found.fit.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        found
    }

    fn candidates(&self) -> Vec<(PathBuf, Vec<PathBuf>)> {
        let mut folders: Vec<PathBuf> = Vec::new();
        folders.extend(self.search_path.into_iter().flat_map(std::env::split_paths));
        folders.extend(self.told_by_pg_config());
        folders.extend(USUAL.iter().flat_map(|pattern| expand(self.root, pattern)));
        let mut candidates: Vec<_> = folders.into_iter().map(|folder| (folder, vec![])).collect();
        let libraries = libraries_in(self.fetched);
        let fetched = expand(self.fetched, USUAL[0]);
        candidates.extend(fetched.into_iter().map(|folder| (folder, libraries.clone())));
        candidates
    }

    fn told_by_pg_config(&self) -> Option<PathBuf> {
        let program = find("pg_config", Some(self.search_path?))?;
        let answer = ask(self.as_user(&program, &[]).arg("--bindir"), VERSION_LIMIT)?;
        Some(PathBuf::from(answer.trim()))
    }

    fn check(&self, folder: &Path, libraries: Vec<PathBuf>) -> Result<Binaries, String> {
        let missing = NEEDED.iter().find(|name| !is_program(&folder.join(name)));
        if let Some(name) = missing {
            return Err(format!("no {name}"));
        }
        if let Ok(Some(at)) = folder::closed_to(folder, self.user.ids) {
            return Err(format!("user {} cannot enter {}", self.user.shown(), at.display()));
        }
        let version =
            ask(self.as_user(&folder.join("postgres"), &libraries).arg("-V"), VERSION_LIMIT);
        let version = version.ok_or("postgres -V fails")?;
        let major = major_in(&version).ok_or_else(|| format!("not PostgreSQL: {version:?}"))?;
        if major < MIN_MAJOR {
            return Err(format!("version {major}"));
        }
        if !self.has_pgcrypto(folder, major, &libraries) {
            return Err("no pgcrypto (the contrib package has it)".to_owned());
        }
        Ok(Binaries { folder: folder.to_owned(), major, libraries })
    }

    fn has_pgcrypto(&self, folder: &Path, major: u32, libraries: &[PathBuf]) -> bool {
        let near = [
            format!("../../../../share/postgresql/{major}"),
            "../share/postgresql".to_owned(),
            format!("../share/postgresql@{major}"),
            "../share".to_owned(),
        ];
        let has = |shared: &Path| shared.join("extension/pgcrypto.control").is_file();
        let told = || {
            let mut command = self.as_user(&folder.join("pg_config"), libraries);
            ask(command.arg("--sharedir"), VERSION_LIMIT)
        };
        near.iter().any(|shared| has(&folder.join(shared)))
            || told().is_some_and(|shared| has(Path::new(shared.trim())))
    }

    fn as_user(&self, program: &Path, libraries: &[PathBuf]) -> Command {
        let mut command = bare(program, libraries);
        self.user.put_on(&mut command);
        command.current_dir("/");
        command
    }
}

impl Binaries {
    /// A command with nothing of our environment, which could name other servers and languages.
    pub(crate) fn command(&self, program: &str) -> Command {
        bare(&self.folder.join(program), &self.libraries)
    }

    /// What a program of a fetched tree needs in its environment.
    pub(crate) fn library_path(&self) -> Option<OsString> {
        let joined = std::env::join_paths(&self.libraries).ok()?;
        (!joined.is_empty()).then_some(joined)
    }
}

fn bare(program: &Path, libraries: &[PathBuf]) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C");
    if let (false, Ok(joined)) = (libraries.is_empty(), std::env::join_paths(libraries)) {
        command.env("LD_LIBRARY_PATH", joined);
    }
    command
}

/// The folder in which the server's program really is; `None` when there is none.
fn real_folder(folder: &Path) -> Option<PathBuf> {
    let program = folder.join("postgres").canonicalize().ok()?;
    Some(program.parent()?.to_owned())
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
fn major_in(version: &str) -> Option<u32> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    let digits = number.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn libraries_in(tree: &Path) -> Vec<PathBuf> {
    ["usr/lib/*-linux-gnu*", "lib/*-linux-gnu*"].iter().flat_map(|p| expand(tree, p)).collect()
}

/// The folders of a pattern, in which a `*` stands for any letters of one name.
pub(crate) fn expand(root: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    for part in Path::new(pattern).components() {
        let Component::Normal(name) = part else { continue };
        folders = folders.iter().flat_map(|folder| matching(folder, name)).collect();
        folders.truncate(MAX_FOLDERS);
    }
    folders
}

fn matching(folder: &Path, name: &OsStr) -> Vec<PathBuf> {
    let pattern = name.to_str().unwrap_or_default();
    if !pattern.contains('*') {
        let path = folder.join(name);
        return if path.exists() { vec![path] } else { vec![] };
    }
    let fits = |path: &PathBuf| {
        path.file_name().and_then(OsStr::to_str).is_some_and(|name| fits(name, pattern))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(fits).collect();
    paths.sort();
    paths
}

fn fits(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().any(|(at, _)| fits(rest.get(at..).unwrap_or_default(), after))
                || fits("", after)
        }),
    }
}

#[cfg(test)]
mod tests;
