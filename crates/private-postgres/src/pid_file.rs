//! `postmaster.pid`: what the server says of itself, and what is left of one that was killed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::error::{Doing, Result};
use crate::place::Place;
use crate::process::{self, Seen};
use crate::user::Ids;

/// A process number that no system gives out.
const NEVER_A_PID: i32 = i32::MAX;
/// Bytes of the file that are read; it has some 100.
const MAX_BYTES: usize = 4096;

/// What the cluster's server is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing is left of any server.
    Down,
    /// A server was killed; the file names what is no server of this cluster.
    Killed,
    /// There is one.
    Up(Up),
}

/// A live server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Up {
    pub(crate) pid: u32,
    /// `None` until the server has written it.
    pub(crate) socket: Option<PathBuf>,
    pub(crate) port: Option<u16>,
    pub(crate) phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Ready,
    Stopping,
}

impl Up {
    /// Whether it takes connections.
    pub(crate) fn answers(&self) -> bool {
        let (Phase::Ready, Some(socket), Some(port)) = (self.phase, &self.socket, self.port) else {
            return false;
        };
        UnixStream::connect(socket_file(socket, port)).is_ok()
    }
}

/// The socket's file in its folder.
pub(crate) fn socket_file(folder: &Path, port: u16) -> PathBuf {
    folder.join(format!(".s.PGSQL.{port}"))
}

/// What the server of this place is doing now.
pub(crate) fn state(place: &Place) -> Result<State> {
    let path = pid_file(place);
    let mut bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Down),
        Err(error) => return Err(error).doing("read", &path),
    };
    bytes.truncate(MAX_BYTES);
    let Some(up) = parse(&String::from_utf8_lossy(&bytes)) else {
        return Ok(State::Killed);
    };
    match process::look(up.pid, &place.data()) {
        Seen::Server => Ok(State::Up(up)),
        Seen::Gone | Seen::Ended | Seen::Stranger => Ok(State::Killed),
    }
}

/// Lines: process, data folder, start time, port, socket folder, TCP address, shared memory, status.
fn parse(text: &str) -> Option<Up> {
    let mut lines = text.lines().map(str::trim);
    let pid = lines.next()?.parse().ok()?;
    let port = lines.nth(2).and_then(|line| line.parse().ok());
    let socket = lines.next().filter(|line| !line.is_empty()).map(PathBuf::from);
    let phase = match lines.nth(2) {
        Some("ready") => Phase::Ready,
        Some("stopping") => Phase::Stopping,
        _ => Phase::Starting,
    };
    Some(Up { pid, socket, port, phase })
}

/// Takes away what would keep PostgreSQL from starting after a kill. Only under the start lock, and
/// only when no server lives.
///
/// PostgreSQL itself overrides a lock file whose process is gone, but not one whose number belongs to
/// an ended child that nobody waits for, or to a process that got it later.
pub(crate) fn clear(place: &Place, socket: &Path, port: u16) -> Result<()> {
    let lock = socket.join(format!(".s.PGSQL.{port}.lock"));
    match fs::remove_file(&lock) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).doing("remove", &lock)?
        }
        _ => {}
    }
    let path = pid_file(place);
    let text = match fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).doing("read", &path),
    };
    match text.split_once('\n') {
        Some((pid, rest)) if pid.trim().parse::<u32>().is_ok() => {
            if is_in_the_way(pid.trim(), &place.data()) { disown(&path, rest) } else { Ok(()) }
        }
        // Half written when the power went.
        _ => fs::remove_file(&path).doing("remove", &path),
    }
}

fn is_in_the_way(pid: &str, data: &Path) -> bool {
    let seen = pid.parse().map(|pid| process::look(pid, data));
    matches!(seen, Ok(Seen::Ended | Seen::Stranger))
}

/// Puts a number that is no process into the first line. The rest stays: by it PostgreSQL sees
/// whether children of the killed server still use its memory, and waits for them.
fn disown(path: &Path, rest: &str) -> Result<()> {
    let other = path.with_extension("pid.new");
    let owner = fs::metadata(path).doing("look at", path)?;
    let _ = fs::remove_file(&other);
    let mut file = OpenOptions::new();
    let file = file.write(true).create_new(true).mode(0o600).open(&other);
    let mut file = file.doing("make", &other)?;
    file.write_all(format!("{NEVER_A_PID}\n{rest}").as_bytes()).doing("write", &other)?;
    if Ids::ours().is_root() {
        fchown(&file, Some(owner.uid()), Some(owner.gid())).doing("give away", &other)?;
    }
    fs::rename(&other, path).doing("replace", path)
}

fn pid_file(place: &Place) -> PathBuf {
    place.data().join("postmaster.pid")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "4711\n/d/data\n1764000000\n5432\n/d/socket\n\n  123  45\nready   \n";

    #[test]
    fn a_file_is_read_however_far_it_was_written() {
        let up = |socket: Option<&str>, port, phase| {
            Some(Up { pid: 4711, socket: socket.map(PathBuf::from), port, phase })
        };
        let table = [
            (TEXT.to_owned(), up(Some("/d/socket"), Some(5432), Phase::Ready)),
            (
                TEXT.replace("ready   ", "stopping"),
                up(Some("/d/socket"), Some(5432), Phase::Stopping),
            ),
            (
                TEXT.replace("ready   ", "starting"),
                up(Some("/d/socket"), Some(5432), Phase::Starting),
            ),
            ("4711\n/d/data\n1764000000\n".to_owned(), up(None, None, Phase::Starting)),
            (String::new(), None),
            ("garbage\n".to_owned(), None),
            ("-4711\n/d/data\n".to_owned(), None),
        ];
        for (text, expected) in table {
            assert_eq!(parse(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_disowned_file_keeps_all_but_its_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postmaster.pid");
        fs::write(&path, TEXT).unwrap();
        let (_, rest) = TEXT.split_once('\n').unwrap();
        disown(&path, rest).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, TEXT.replace("4711", "2147483647"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn we_are_in_the_way_of_a_server_that_had_our_number() {
        let data = Path::new("/d/data");
        assert!(is_in_the_way(&std::process::id().to_string(), data));
        assert!(!is_in_the_way("2147483647", data));
    }
}
