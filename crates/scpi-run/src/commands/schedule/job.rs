//! One job of a sweep: `scpi-run PLAN ...` in a process of its own, so that one that hangs, or is killed, takes nothing
//! else along. It gets the time that it may take, and is asked to stop when that is over.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use bench_model::{SessionId, Timestamp};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process, pidfd_open, waitid,
};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::failure::{Failure, Result};
use crate::signals::Signals;

/// From a request to stop until the next, harder one: a safe state takes some seconds.
const STOP_GRACE: Duration = Duration::from_secs(30);
/// Lines of what it said that are kept, the last.
const KEPT_LINES: usize = 12;
/// Characters of such a line that are kept.
const KEPT_CHARS: usize = 500;
/// Sessions of a job that are kept.
const KEPT_SESSIONS: usize = 10_000;
/// What the line of JSON has in it that tells of a new session.
const STARTED: &str = "\"session_started\"";

/// How it came out.
pub(super) struct JobEnd {
    /// None where a signal ended it.
    pub(super) exit: Option<u8>,
    pub(super) sessions: Vec<SessionId>,
    pub(super) said: Vec<String>,
    pub(super) stopped: Option<Stopped>,
}

/// Why it was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// Its time was over.
    Late,
    /// Somebody asked the whole sweep to stop.
    Asked(&'static str),
}

/// Runs it until `deadline`.
pub(super) async fn run(
    mut command: Command,
    deadline: Timestamp,
    signals: &mut Signals,
) -> Result<JobEnd> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| Failure::internal(format!("the run cannot be started: {error}")))?;
    let sessions = child.stdout.take().map(|out| std::thread::spawn(move || sessions(out)));
    let said = child.stderr.take().map(|err| std::thread::spawn(move || last_lines(err)));
    let stopped = watch(&mut child, deadline, signals).await;
    let status = child.wait().map_err(Failure::internal)?;
    Ok(JobEnd {
        exit: status.code().and_then(|code| u8::try_from(code).ok()),
        sessions: joined(sessions),
        said: joined(said),
        stopped: stopped?,
    })
}

fn joined<T>(thread: Option<JoinHandle<Vec<T>>>) -> Vec<T> {
    thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
}

/// Waits for its end; asks for it when its time is over, harder and harder.
async fn watch(
    child: &mut Child,
    deadline: Timestamp,
    signals: &mut Signals,
) -> Result<Option<Stopped>> {
    let pid = Pid::from_child(child);
    let mut ended = end_of(pid)?;
    let stopped = tokio::select! {
        _ = &mut ended => return Ok(None),
        () = until(deadline) => Stopped::Late,
        name = signals.end() => Stopped::Asked(name),
    };
    for signal in [Signal::TERM, Signal::TERM, Signal::KILL] {
        // Who has gone meanwhile hears nothing.
        let _ = kill_process(pid, signal);
        if timeout_at(Instant::now() + STOP_GRACE, &mut ended).await.is_ok() {
            break;
        }
    }
    Ok(Some(stopped))
}

/// Told when the process has ended; its code is left for who waits for it.
fn end_of(pid: Pid) -> Result<oneshot::Receiver<()>> {
    let process = pidfd_open(pid, PidfdFlags::empty()).map_err(Failure::internal)?;
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::PidFd(process.as_fd()), options) {}
        // Nobody is told where nobody waits any more.
        let _ = tell.send(());
    });
    Ok(told)
}

/// Until a time of the clock on the wall: a machine that sleeps goes on by it when it wakes.
pub(super) async fn until(at: Timestamp) {
    /// What a clock that is set is noticed after.
    const LOOK: Duration = Duration::from_secs(20);
    loop {
        match Duration::try_from(at.duration_since(Timestamp::now())) {
            Ok(left) if !left.is_zero() => tokio::time::sleep(left.min(LOOK)).await,
            _ => return,
        }
    }
}

/// The sessions that lines of JSON tell of.
fn sessions(out: impl Read) -> Vec<SessionId> {
    let mut found = Vec::new();
    let mut lines = BufReader::new(out);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = std::str::from_utf8(&line).unwrap_or_default();
        if text.contains(STARTED) && found.len() < KEPT_SESSIONS {
            found.extend(session_of(text));
        }
        line.clear();
    }
    found
}

fn session_of(line: &str) -> Option<SessionId> {
    let record: bench_model::Record = serde_json::from_str(line).ok()?;
    match record.event {
        bench_model::RunEvent::SessionStarted(start) => Some(start.session),
        _ => None,
    }
}

fn last_lines(err: impl Read) -> Vec<String> {
    let mut kept = VecDeque::new();
    let mut lines = BufReader::new(err);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        let text: String = text.trim_end().chars().take(KEPT_CHARS).collect();
        if !text.is_empty() {
            kept.push_back(text.trim_start_matches("scpi-run: ").to_owned());
        }
        if kept.len() > KEPT_LINES {
            kept.pop_front();
        }
        line.clear();
    }
    kept.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept() {
        let text: String = (0..100).map(|n| format!("scpi-run: line {n}\n\n")).collect();
        let lines = last_lines(text.as_bytes());
        assert_eq!(lines.len(), KEPT_LINES);
        assert_eq!(lines.last().map(String::as_str), Some("line 99"));
        assert_eq!(last_lines(&b"\xFF\n"[..]), ["\u{FFFD}"]);
    }

    #[test]
    fn lines_that_are_no_records_tell_of_no_session() {
        assert!(sessions(&b"{\"session_started\"}\n\xFF\"session_started\"\n"[..]).is_empty());
    }
}
