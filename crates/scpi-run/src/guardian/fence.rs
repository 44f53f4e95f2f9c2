//! The run is dead before anything is written: two that write to one instrument switch nothing off for sure.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, pidfd_send_signal};

/// How long a run may take to be dead once it is killed; then it is written all the same.
const DEATH_WAIT: Duration = Duration::from_millis(500);

/// Kills the run if it still lives after `grace`, waits for its end, and says how it ended. The guardian has nothing
/// else to do meanwhile.
pub(super) fn fence(runner: &OwnedFd, grace: Duration) -> String {
    if has_ended(runner, grace) {
        return "the run had ended".to_owned();
    }
    if let Err(error) = pidfd_send_signal(runner, Signal::KILL) {
        return format!("the run could not be killed: {}", io::Error::from(error));
    }
    if has_ended(runner, DEATH_WAIT) {
        "the run was killed".to_owned()
    } else {
        format!("the run was killed, and has not ended within {DEATH_WAIT:?}")
    }
}

/// A pidfd is readable once its process has ended.
fn has_ended(runner: &OwnedFd, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok(wait) = Timespec::try_from(left) else { return false };
        match poll(&mut [PollFd::new(runner, PollFlags::IN)], Some(&wait)) {
            Err(Errno::INTR) => {}
            ended => return ended.is_ok_and(|count| count > 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use rustix::process::{Pid, PidfdFlags, kill_process, pidfd_open};

    use super::*;

    #[test]
    fn who_is_stopped_is_killed_and_who_is_gone_is_left() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let id = Pid::from_child(&child);
        kill_process(id, Signal::STOP).unwrap();
        let runner = pidfd_open(id, PidfdFlags::empty()).unwrap();
        assert_eq!(fence(&runner, Duration::ZERO), "the run was killed");
        assert_eq!(fence(&runner, DEATH_WAIT), "the run had ended");
        assert!(!child.wait().unwrap().success());
    }
}
