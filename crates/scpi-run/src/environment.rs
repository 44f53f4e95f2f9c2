//! What comes from the environment, read here alone.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

use private_postgres::{ClusterConfig, Fetch};
use run_journal::JournalFolder;
use test_report::Look;

use crate::failure::{Failure, Result};

/// Columns where the terminal does not say.
const DEFAULT_COLUMNS: usize = 100;

/// Where a cluster lies, for root, when the server's user cannot enter the home folder.
const SYSTEM_FOLDER: &str = "/var/lib/scpi-run/pg";

/// The folder of all that we keep: `$XDG_DATA_HOME/scpi-run`, else `~/.local/share/scpi-run`.
pub(crate) fn data_folder() -> Result<PathBuf> {
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|folder| folder.join("scpi-run"))
        .ok_or_else(|| {
            Failure::usage(
                "there is no folder for data: neither XDG_DATA_HOME nor HOME is an absolute path",
            )
        })
}

/// Where the settings are: `$XDG_CONFIG_HOME/scpi-run/config.toml`, else `~/.config/scpi-run/config.toml`.
pub(crate) fn settings_file() -> Option<PathBuf> {
    let given = absolute("XDG_CONFIG_HOME");
    let folder = given.or_else(|| absolute("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("scpi-run/config.toml"))
}

/// A variable that is text; what is none says nothing.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A variable that is an absolute path, which is what the XDG base directories must be.
fn absolute(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// Where the journals are.
pub(crate) fn journal_folder() -> Result<JournalFolder> {
    Ok(JournalFolder::new(data_folder()?.join("journals")))
}

/// Where our own server's cluster is.
pub(crate) fn cluster_config(no_fetch: bool) -> Result<ClusterConfig> {
    Ok(ClusterConfig {
        folder: data_folder()?.join("pg"),
        fallback_folder: PathBuf::from(SYSTEM_FOLDER),
        temporary_folder: std::env::temp_dir(),
        search_path: search_path(),
        fetch: if no_fetch { Fetch::Forbidden } else { Fetch::Allowed },
    })
}

/// Where results go, for a command that has no option for it.
pub(crate) fn database_url() -> Option<String> {
    std::env::var("DATABASE_URL").ok()
}

/// The database that secrets are read from, where it is reached in another way than results: as a login that may
/// read them. From the environment alone, since an argument is everybody's to read.
pub(crate) fn credentials_url() -> Option<String> {
    std::env::var("SCPI_RUN_CREDENTIALS_URL").ok().filter(|url| !url.trim().is_empty())
}

/// The file of the key that secrets are encrypted under.
pub(crate) fn key_file() -> Option<PathBuf> {
    std::env::var_os("SCPI_RUN_KEY_FILE").map(PathBuf::from)
}

/// `PATH`.
pub(crate) fn search_path() -> Option<OsString> {
    std::env::var_os("PATH")
}

/// Who runs this.
pub(crate) fn operator() -> Option<String> {
    ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .or_else(|| Some(format!("uid {}", rustix::process::getuid().as_raw())))
}

/// Where this runs.
pub(crate) fn host() -> Option<String> {
    let uname = rustix::system::uname();
    uname.nodename().to_str().ok().map(str::to_owned)
}

/// Within which a lock is known to all: the host's name, and its network namespace, whose the names of locks are.
pub(crate) fn lock_space() -> String {
    let namespace = std::fs::read_link("/proc/self/ns/net").unwrap_or_default();
    format!("{} {}", host().unwrap_or_default(), namespace.display())
}

/// The folder in which we were started; empty where it is gone.
pub(crate) fn folder() -> String {
    std::env::current_dir().unwrap_or_default().display().to_string()
}

/// What this is.
pub(crate) fn software() -> String {
    format!("scpi-run {}", env!("CARGO_PKG_VERSION"))
}

/// How this program was built: architecture, profile, and the commit where the build was told it.
pub(crate) fn build() -> String {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let commit = option_env!("SCPI_RUN_COMMIT").map(|commit| format!(", commit {commit}"));
    format!("{} {profile}{}", std::env::consts::ARCH, commit.unwrap_or_default())
}

/// How text for standard output looks: colours (unless `NO_COLOR`, <https://no-color.org>; always with
/// `CLICOLOR_FORCE`, <https://bixense.com/clicolors>) and the width are
/// those of the terminal; what is no terminal gets neither.
pub(crate) fn look() -> Look {
    let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let plain = variable("NO_COLOR").is_some() || is_dumb();
    let forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let width = if out || err { columns() } else { Look::default().width };
    Look { colour: (out || forced) && !plain, width }
}

/// Whether a person looks at progress as it is drawn.
pub(crate) fn is_live() -> bool {
    std::io::stderr().is_terminal() && !is_dumb()
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

fn columns() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let asked =
        || rustix::termios::tcgetwinsize(std::io::stderr()).ok().map(|size| size.ws_col.into());
    said.or_else(asked).filter(|columns| *columns >= 40).unwrap_or(DEFAULT_COLUMNS)
}

/// Whether this is a job of a CI service: all of them set `CI`.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// Whether a question can be asked and answered.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
