//! A process that outlives the tests: it stops their server when the last of them has ended.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::config::ClusterConfig;
use crate::error::{Doing, Result};
use crate::place::Place;
use crate::program;

/// Waits for the users' lock, then, as everybody does, takes the start lock first. Arguments: the
/// folder, the signal, whether to remove the folder.
pub(super) const SHELL: &str = include_str!("watch.sh");
/// The same where there is no `flock`.
pub(super) const PERL: &str = include_str!("watch.pl");

/// A watcher to be started.
pub(super) struct Watch<'a> {
    base: &'a Path,
    signal: &'static str,
    removes: bool,
}

impl<'a> Watch<'a> {
    /// Stops cleanly, to start again; what lies under the temporary folder is removed.
    pub(super) fn shared(place: &'a Place, config: &ClusterConfig) -> Self {
        Self {
            base: place.base(),
            signal: "INT",
            removes: !place.base().starts_with(&config.folder),
        }
    }

    pub(super) fn own(place: &'a Place) -> Self {
        Self { base: place.base(), signal: "QUIT", removes: true }
    }

    /// Starts it; with the start lock and a user's lock held. Where there is one already, it ends.
    pub(super) fn start(&self) -> Result<()> {
        let (program, script) = shell().or_else(perl).ok_or_else(missing).doing("find", flock())?;
        self.start_with(&program, script)
    }

    pub(super) fn start_with(&self, program: &Path, script: &str) -> Result<()> {
        let option = if script == SHELL { "-c" } else { "-e" };
        let mut command = Command::new(program);
        command.args([option, script]);
        if script == SHELL {
            command.arg("watch");
        }
        command.arg(self.base).arg(self.signal).arg(if self.removes { "yes" } else { "no" });
        command.current_dir("/").process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        program::spawn(&mut command)?.leave();
        Ok(())
    }
}

fn flock() -> &'static Path {
    Path::new("flock (of util-linux) or perl")
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

fn search_path() -> Option<OsString> {
    std::env::var_os("PATH")
}

fn shell() -> Option<(PathBuf, &'static str)> {
    program::find("flock", search_path().as_deref())?;
    Some((PathBuf::from("/bin/sh"), SHELL))
}

fn perl() -> Option<(PathBuf, &'static str)> {
    let path: Option<OsString> = search_path();
    Some((program::find("perl", path.as_deref().map(OsStr::new))?, PERL))
}
