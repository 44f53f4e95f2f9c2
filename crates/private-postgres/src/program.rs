//! Programs that are run to their end: with a log, without a terminal, never for longer than allowed.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::error::{ClusterError, Doing, FailedProgram, Result};
use crate::user::Ids;
use crate::wait::poll;

/// Lines of a log that an error shows.
const SHOWN_LINES: usize = 8;
/// Bytes of a log's end that are looked at.
const READ_BYTES: u64 = 16 * 1024;
/// A log that has passed this is put aside at the next start; one old one is kept.
const MAX_LOG_BYTES: u64 = 1024 * 1024;
/// Bytes of an answer that are read.
const MAX_ANSWER_BYTES: u64 = 1024 * 1024;

/// The file in which the server and its tools write.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    path: PathBuf,
}

/// How far a log went at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(u64);

impl Log {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(fs::metadata(&self.path).map_or(0, |found| found.len()))
    }

    /// Opens it at its end, made for this user when it is not there.
    pub(crate) fn open_for(&self, ids: Ids) -> Result<File> {
        let mut options = OpenOptions::new();
        let file = options.append(true).create(true).mode(0o600).open(&self.path);
        let file = file.doing("open", &self.path)?;
        if Ids::ours().is_root() {
            fchown(&file, Some(ids.uid), Some(ids.gid)).doing("give away", &self.path)?;
        }
        Ok(file)
    }

    /// Puts a log aside that has grown long. Only while nothing writes into it.
    pub(crate) fn rotate(&self) -> Result<()> {
        if self.mark().0 <= MAX_LOG_BYTES {
            return Ok(());
        }
        fs::rename(&self.path, self.path.with_extension("log.old")).doing("rename", &self.path)
    }

    /// The last lines since the mark.
    pub(crate) fn last_lines(&self, since: Mark) -> Vec<String> {
        let text = self.end(since).unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let shown = lines.get(lines.len().saturating_sub(SHOWN_LINES)..).unwrap_or_default();
        shown.iter().map(|line| (*line).to_owned()).collect()
    }

    fn end(&self, since: Mark) -> io::Result<String> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(since.0.max(length.saturating_sub(READ_BYTES))))?;
        let mut bytes = Vec::new();
        file.take(READ_BYTES).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The error of a program that wrote here.
    pub(crate) fn failure(
        &self,
        doing: &'static str,
        command: &Command,
        ended: String,
        since: Mark,
    ) -> ClusterError {
        ClusterError::Program(Box::new(FailedProgram {
            doing,
            command: shown(command),
            ended,
            log_file: self.path.clone(),
            last_lines: self.last_lines(since),
        }))
    }
}

/// Runs a command to its end, with its output in the log.
pub(crate) fn run(
    command: &mut Command,
    doing: &'static str,
    log: &Log,
    ids: Ids,
    limit: Duration,
) -> Result<()> {
    let since = log.mark();
    let output = log.open_for(ids)?;
    let errors = output.try_clone().doing("open", log.path())?;
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    let ended = match spawn(command)?.wait_within(limit).doing("wait for", program(command))? {
        Some(status) if status.success() => return Ok(()),
        Some(status) => format!("ended with {status}"),
        None => too_long(limit),
    };
    Err(log.failure(doing, command, ended, since))
}

/// Runs a command and takes what it says; `None` when it fails in any way.
pub(crate) fn ask(command: &mut Command, limit: Duration) -> Option<String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = spawn(command).ok()?;
    let answer = running.0.stdout.take()?;
    // Read beside the wait: a full pipe would keep the program from ending.
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        answer.take(MAX_ANSWER_BYTES).read_to_end(&mut bytes).map(|_| bytes)
    });
    let status = running.wait_within(limit).ok()??;
    let bytes = reader.join().ok()?.ok()?;
    if status.success() { String::from_utf8(bytes).ok() } else { None }
}

pub(crate) fn spawn(command: &mut Command) -> Result<Running> {
    let child = command.spawn();
    child.map(Running).doing("run", program(command))
}

/// A program that has not been waited for.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }

    /// Its end; `None` when it took too long and was killed.
    fn wait_within(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let ended = poll(limit, || self.0.try_wait())?;
        if ended.is_none() {
            self.0.kill()?;
            self.0.wait()?;
        }
        Ok(ended)
    }

    /// Ends it at once; what it started lives on.
    pub(crate) fn end(mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(|_| ())
    }

    /// Has it waited for by a thread, for as long as it runs.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn leave(mut self) {
        std::thread::spawn(move || self.0.wait());
    }
}

pub(crate) fn too_long(limit: Duration) -> String {
    format!("took longer than {} s", limit.as_secs())
}

fn program(command: &Command) -> &Path {
    Path::new(command.get_program())
}

fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program()];
    words.extend(command.get_args());
    let words: Vec<_> = words.into_iter().map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// The first program of this name in a search path.
pub(crate) fn find(name: &str, search_path: Option<&OsStr>) -> Option<PathBuf> {
    let usual = OsStr::new("/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    let folders = std::env::split_paths(search_path.unwrap_or(usual));
    folders.map(|folder| folder.join(name)).find(|path| is_program(path))
}

pub(crate) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Writes a script for a test, by another process: while a thread of ours starts a program, a file
/// that we have just written counts as still being written, and cannot be run.
#[cfg(test)]
pub(crate) fn write_script(path: &Path, text: &str) {
    let write = "printf %s \"$1\" >\"$0\" && chmod 755 \"$0\"";
    let status = Command::new("/bin/sh").args(["-c", write]).arg(path).arg(text).status().unwrap();
    assert!(status.success(), "{}", path.display());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    fn run_here(script: &str, limit: Duration) -> (Result<()>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path().join("log"));
        fs::write(log.path(), "an older line\n").unwrap();
        (run(&mut shell(script), "try", &log, Ids::ours(), limit), folder)
    }

    #[test]
    fn a_failure_shows_the_command_and_the_last_lines_of_its_own() {
        let (ended, _folder) = run_here("seq 1 20; exit 3", Duration::from_secs(20));
        let text = ended.unwrap_err().to_string();
        assert!(text.starts_with("cannot try: `/bin/sh -c seq 1 20; exit 3` ended with"), "{text}");
        assert!(text.contains("exit status: 3") && text.ends_with("\n    20"), "{text}");
        assert!(!text.contains("    12\n") && !text.contains("older"), "{text}");
    }

    #[test]
    fn what_takes_too_long_is_killed() {
        let (ended, _folder) = run_here("exec sleep 60", Duration::ZERO);
        let text = ended.unwrap_err().to_string();
        assert!(text.contains("took longer than 0 s and said nothing in"), "{text}");
    }

    #[test]
    fn an_answer_is_taken_whole_from_who_succeeds() {
        let limit = Duration::from_secs(20);
        assert_eq!(ask(&mut shell("echo 7"), limit).as_deref(), Some("7\n"));
        let long = ask(&mut shell("yes | head -c 200000"), limit);
        assert_eq!(long.unwrap().len(), 200_000);
        assert_eq!(ask(&mut shell("echo 7; exit 1"), limit), None);
        assert_eq!(ask(&mut Command::new("/nonexistent"), limit), None);
    }

    #[test]
    fn a_long_log_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::new(folder.path().join("server.log"));
        log.rotate().unwrap();
        fs::write(log.path(), vec![b'x'; 1024 * 1024 + 1]).unwrap();
        log.rotate().unwrap();
        assert!(!log.path().exists() && folder.path().join("server.log.old").exists());
    }
}
