//! What other processes are: the one whose number a lock file names, and those that hold a lock.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::program::ask;

/// Processes that an error lists.
const MAX_HOLDERS: usize = 8;

/// What goes by a process number now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing.
    Gone,
    /// A process that has ended and that its parent has not noticed: PostgreSQL takes it for alive.
    Ended,
    /// The server of this folder.
    Server,
    /// Some other process, that was given the number later.
    Stranger,
}

/// What goes by this number, seen from the cluster in `data`.
pub(crate) fn look(pid: u32, data: &Path) -> Seen {
    match state_and_words(pid) {
        None => Seen::Gone,
        Some((state, _)) if state.starts_with(['Z', 'X']) => Seen::Ended,
        Some((_, words)) if is_server(pid, &words, data) => Seen::Server,
        Some(_) => Seen::Stranger,
    }
}

fn is_server(pid: u32, words: &[String], data: &Path) -> bool {
    let name = words.first().and_then(|word| word.rsplit('/').next());
    let names_folder = || words.iter().any(|word| Path::new(word) == data);
    let works_there = || fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == data);
    matches!(name, Some("postgres" | "postmaster")) && (names_folder() || works_there())
}

fn state_and_words(pid: u32) -> Option<(String, Vec<String>)> {
    if !Path::new("/proc/self/stat").exists() {
        return state_and_words_by_ps(pid);
    }
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let state = stat.rsplit(')').next()?.trim_start().to_owned();
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words =
        line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
    Some((state, words.collect()))
}

fn state_and_words_by_ps(pid: u32) -> Option<(String, Vec<String>)> {
    let mut ps = Command::new("ps");
    ps.args(["-o", "stat=", "-o", "args=", "-p", &pid.to_string()]);
    let answer = ask(&mut ps, Duration::from_secs(5))?;
    let (state, args) = answer.trim().split_once(char::is_whitespace)?;
    // The folder may hold blanks: the whole tail of the line is a word as well.
    let mut words: Vec<String> = args.split_whitespace().map(str::to_owned).collect();
    words.extend(args.split_once(" -D ").map(|(_, tail)| tail.trim().to_owned()));
    Some((state.to_owned(), words))
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The number of the process.
    pub pid: u32,
    /// Its command, where it can be seen.
    pub command: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.command {
            Some(command) => write!(f, "process {} ({command})", self.pid),
            None => write!(f, "process {}", self.pid),
        }
    }
}

pub(crate) fn listed(holders: &[Holder]) -> String {
    let holders: Vec<String> = holders.iter().map(ToString::to_string).collect();
    if holders.is_empty() { String::new() } else { format!(" by {}", holders.join(", ")) }
}

/// The processes that hold a lock on a file, as far as the system tells; at most eight.
pub(crate) fn holders_of(lock: &Path) -> Vec<Holder> {
    let (Ok(table), Ok(file)) = (fs::read_to_string("/proc/locks"), fs::metadata(lock)) else {
        return Vec::new();
    };
    let pids = pids_in(&table, &lock_name(file.dev(), file.ino()));
    let holder = |pid| Holder { pid, command: command_of(pid) };
    pids.into_iter().take(MAX_HOLDERS).map(holder).collect()
}

fn lock_name(device: u64, inode: u64) -> String {
    format!("{:02x}:{:02x}:{inode}", rustix::fs::major(device), rustix::fs::minor(device))
}

/// The lines are `1: FLOCK  ADVISORY  READ 1234 fe:00:5678 0 EOF`; who waits has `->` in it.
fn pids_in(table: &str, name: &str) -> Vec<u32> {
    let pid = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [_, "FLOCK", _, _, pid, file, ..] if *file == name => pid.parse().ok(),
            _ => None,
        }
    };
    table.lines().filter_map(pid).collect()
}

fn command_of(pid: u32) -> Option<String> {
    let (_, words) = state_and_words(pid)?;
    let program = words.first()?.rsplit('/').next()?.to_owned();
    (!program.is_empty()).then_some(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::FileLock;

    #[test]
    fn a_process_that_is_no_server_is_a_stranger() {
        assert_eq!(look(std::process::id(), Path::new("/data")), Seen::Stranger);
        assert_eq!(look(i32::MAX.unsigned_abs(), Path::new("/data")), Seen::Gone);
    }

    #[test]
    fn a_process_that_ended_unnoticed_is_seen_as_ended() {
        let mut child = Command::new("/bin/sh").args(["-c", "exit 0"]).spawn().unwrap();
        let limit = Duration::from_secs(20);
        let seen = crate::wait::poll(limit, || {
            let seen = look(child.id(), Path::new("/data"));
            Ok::<_, ()>((seen == Seen::Ended).then_some(seen))
        });
        child.wait().unwrap();
        assert_eq!(seen, Ok(Some(Seen::Ended)));
    }

    #[test]
    fn a_server_is_known_by_its_folder() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let none = i32::MAX.unsigned_abs();
        let table = [
            ("/usr/lib/postgresql/15/bin/postgres -D /d/data", true),
            ("postmaster -D /d/data", true),
            ("postgres -D /d/other", false),
            ("vi /d/data", false),
            ("postgres: checkpointer ", false),
        ];
        for (line, expected) in table {
            assert_eq!(is_server(none, &words(line), Path::new("/d/data")), expected, "{line}");
        }
    }

    #[test]
    fn holders_are_read_from_the_table_of_locks() {
        let table = "1: FLOCK  ADVISORY  READ 11 fe:00:77 0 EOF\n\
            2: FLOCK  ADVISORY  READ 12 fe:00:77 0 EOF\n2: -> FLOCK  ADVISORY  WRITE 13 fe:00:77 0 EOF\n\
            3: POSIX  ADVISORY  WRITE 14 fe:00:77 0 EOF\n4: FLOCK  ADVISORY  WRITE 15 fe:00:78 0 EOF\n";
        assert_eq!(pids_in(table, "fe:00:77"), [11, 12]);
    }

    #[test]
    fn we_are_found_as_the_holder_of_our_lock() {
        if !Path::new("/proc/locks").exists() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let lock = FileLock::try_exclusive(&path).unwrap().unwrap();
        let holders = holders_of(&path);
        assert_eq!(holders.first().map(|holder| holder.pid), Some(std::process::id()));
        assert!(listed(&holders).starts_with(" by process "), "{holders:?}");
        drop(lock);
        assert_eq!(holders_of(&path), []);
    }
}
