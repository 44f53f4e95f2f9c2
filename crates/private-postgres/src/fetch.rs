//! Server programs fetched without root: packages of Debian's family, downloaded with apt, which
//! checks their signatures, and unpacked beside the cluster.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::config::{FETCH_LIMIT, MIN_MAJOR};
use crate::folder;
use crate::names;
use crate::notice::Notice;
use crate::place::Place;
use crate::program::{ask, find, run};
use crate::user::Ids;

/// Packages that one fetch may bring; PostgreSQL with every library it uses has some 30.
const MAX_PACKAGES: usize = 80;
/// How long apt may wait for one server.
const APT_OPTIONS: [&str; 7] = [
    "-q",
    "-o",
    "APT::Sandbox::User=root",
    "-o",
    "Acquire::Retries=1",
    "-o",
    "Acquire::http::Timeout=15",
];
/// Libraries that are never fetched: the system's own must serve, or they are large and not used.
const LEFT_OUT: [&str; 4] = ["libc6", "libc-", "libllvm", "libperl"];

/// What is to be fetched.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) server: bool,
    /// Of this major version; `None` for the newest.
    pub(crate) major: Option<u32>,
    /// The library that gives a user a name.
    pub(crate) names: bool,
}

/// The programs of Debian's family.
pub(crate) struct Apt {
    get: PathBuf,
    cache: PathBuf,
    dpkg: PathBuf,
}

/// Why nothing was fetched, in words.
type Fetched<T> = Result<T, String>;

impl Apt {
    /// `None` where the machine has no apt.
    pub(crate) fn find(search_path: Option<&OsStr>) -> Option<Self> {
        let find = |name| find(name, search_path).or_else(|| find(name, None));
        Some(Self { get: find("apt-get")?, cache: find("apt-cache")?, dpkg: find("dpkg")? })
    }

    /// Fetches and unpacks; with the start lock held.
    pub(crate) fn fetch(&self, place: &Place, wanted: Wanted) -> Fetched<Notice> {
        let part = place.base().join("fetched.part");
        let mut fetching =
            Fetching { apt: self, place, part, own_lists: false, start: Instant::now() };
        let fetched = fetching.fetch(wanted);
        let removed = folder::remove(&fetching.part).map_err(|error| error.to_string());
        let packages = fetched.and_then(|packages| removed.map(|()| packages))?;
        Ok(Notice::Fetched { packages, folder: place.fetched(), took: fetching.start.elapsed() })
    }
}

struct Fetching<'a> {
    apt: &'a Apt,
    place: &'a Place,
    part: PathBuf,
    /// Whether the lists of packages are our own, since the machine's are missing or old.
    own_lists: bool,
    start: Instant,
}

impl Fetching<'_> {
    fn fetch(&mut self, wanted: Wanted) -> Fetched<Vec<String>> {
        folder::remove(&self.part).map_err(|error| error.to_string())?;
        for folder in ["tree", "debs", "apt/lists/partial", "apt/cache/archives/partial"] {
            folder::make_all(&self.part.join(folder), 0o755).map_err(|error| error.to_string())?;
        }
        let packages = match self.download(wanted) {
            Ok(packages) => packages,
            Err(_) => {
                self.update()?;
                self.download(wanted)?
            }
        };
        self.unpack()?;
        Ok(packages)
    }

    fn download(&self, wanted: Wanted) -> Fetched<Vec<String>> {
        let packages = self.packages(wanted)?;
        let mut command = self.command(&self.apt.get);
        command.arg("download").args(&packages).current_dir(self.part.join("debs"));
        self.run(&mut command, "download packages")?;
        Ok(packages)
    }

    /// The packages asked for, and the libraries that this machine lacks for them.
    fn packages(&self, wanted: Wanted) -> Fetched<Vec<String>> {
        let mut needed = Vec::new();
        if wanted.server {
            let major = self.newest(wanted.major)?;
            needed.extend([format!("postgresql-{major}"), format!("postgresql-client-{major}")]);
            needed.push("libpq5".to_owned());
        }
        if wanted.names {
            needed.push(names::PACKAGE.to_owned());
        }
        let mut simulation = self.command(&self.apt.get);
        simulation.args(["-s", "--no-install-recommends", "install"]);
        let answer = ask(simulation.args(&needed), self.left());
        let libraries = libraries_in(&answer.unwrap_or_default());
        let more: Vec<_> = libraries.into_iter().filter(|name| !needed.contains(name)).collect();
        needed.extend(more);
        needed.truncate(MAX_PACKAGES);
        Ok(needed)
    }

    fn newest(&self, wanted: Option<u32>) -> Fetched<u32> {
        let mut search = self.command(&self.apt.cache);
        search.args(["search", "--names-only", "^postgresql-[0-9]+$"]);
        let answer = ask(&mut search, self.left()).ok_or("apt-cache search fails")?;
        let fits = |major: &u32| wanted.map_or(*major >= MIN_MAJOR, |wanted| *major == wanted);
        let newest = majors_in(&answer).into_iter().filter(fits).max();
        newest.ok_or_else(|| {
            let wanted = wanted.unwrap_or(MIN_MAJOR);
            format!("apt offers no package postgresql-{wanted} (or newer, for a new cluster)")
        })
    }

    /// Lists of our own: those of the machine belong to root, and an image may come without any.
    fn update(&mut self) -> Fetched<()> {
        self.own_lists = true;
        let mut command = self.command(&self.apt.get);
        self.run(command.arg("update"), "update the lists of packages")
    }

    fn unpack(&self) -> Fetched<()> {
        let (debs, tree) = (self.part.join("debs"), self.part.join("tree"));
        let entries = fs::read_dir(&debs).map_err(|error| error.to_string())?;
        for package in entries.flatten().take(MAX_PACKAGES) {
            let mut command = Command::new(&self.apt.dpkg);
            command.arg("-x").arg(package.path()).arg(&tree).current_dir(&self.part);
            self.run(&mut command, "unpack a package")?;
        }
        let place = self.place.fetched();
        folder::remove(&place).map_err(|error| error.to_string())?;
        fs::rename(&tree, &place).map_err(|error| format!("{}: {error}", place.display()))
    }

    /// A command with the person's environment: apt finds its proxy there.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("LC_ALL", "C").env("DEBIAN_FRONTEND", "noninteractive");
        command.args(APT_OPTIONS).current_dir(&self.part);
        if self.own_lists {
            let option = |name: &str, folder: &str| {
                format!("{name}={}", self.part.join("apt").join(folder).display())
            };
            command.arg("-o").arg(option("Dir::State::lists", "lists"));
            command.arg("-o").arg(option("Dir::Cache", "cache"));
        }
        command
    }

    fn run(&self, command: &mut Command, doing: &'static str) -> Fetched<()> {
        let ran = run(command, doing, &self.place.log(), self.place.user.ids, self.left());
        ran.map_err(|error| error.to_string())
    }

    fn left(&self) -> Duration {
        FETCH_LIMIT.saturating_sub(self.start.elapsed())
    }
}

/// `postgresql-15 - The World's Most Advanced Open Source Relational Database`
fn majors_in(search: &str) -> Vec<u32> {
    let name =
        |line: &str| line.split_whitespace().next()?.strip_prefix("postgresql-")?.parse().ok();
    search.lines().filter_map(name).collect()
}

/// Of `Inst libpq5 (15.18-0+deb12u1 Debian-Security:12/oldstable-security [amd64])` the libraries.
fn libraries_in(simulation: &str) -> Vec<String> {
    let is_library = |name: &&str| {
        name.starts_with("lib")
            && !name.contains(':')
            && !name.ends_with("-perl")
            && !name.ends_with("-dev")
            && !LEFT_OUT.iter().any(|left_out| name.starts_with(left_out))
    };
    let names = simulation.lines().filter_map(|line| line.strip_prefix("Inst "));
    names.filter_map(|rest| rest.split(' ').next()).filter(is_library).map(str::to_owned).collect()
}

/// The one command that installs what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Install(String);

impl Install {
    /// What installs a server: of this major version, or any.
    pub(crate) fn of_server(search_path: Option<&OsStr>, major: Option<u32>) -> Self {
        let number = |before: &str, none: &str| {
            major.map_or(none.to_owned(), |major| format!("{before}{major}"))
        };
        let managers = [
            ("apt-get", format!("apt-get install postgresql{}", number("-", ""))),
            ("dnf", "dnf install postgresql-server postgresql-contrib".to_owned()),
            ("zypper", "zypper install postgresql-server postgresql-contrib".to_owned()),
            ("pacman", "pacman -S postgresql".to_owned()),
            ("apk", "apk add postgresql postgresql-contrib".to_owned()),
            ("brew", format!("brew install postgresql@{}", number("", "17"))),
        ];
        let version = number("", &format!("{MIN_MAJOR} or newer"));
        let other = format!("PostgreSQL {version} from https://www.postgresql.org/download");
        Self::choose(search_path, &managers, other)
    }

    /// What gives a user without a name one.
    pub(crate) fn of_name(search_path: Option<&OsStr>, package: &str) -> Self {
        let managers = [
            ("apt-get", format!("apt-get install {package}")),
            ("dnf", "dnf install nss_wrapper".to_owned()),
        ];
        Self::choose(search_path, &managers, "useradd --system postgres".to_owned())
    }

    fn choose(search_path: Option<&OsStr>, managers: &[(&str, String)], other: String) -> Self {
        let here = managers.iter().find(|(manager, _)| find(manager, search_path).is_some());
        let Some((manager, command)) = here else { return Self(other) };
        let is_own = Ids::ours().is_root() || *manager == "brew";
        Self(if is_own { command.clone() } else { format!("sudo {command}") })
    }
}

impl fmt::Display for Install {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
