//! Stopping the server.

use rustix::process::{Pid, Signal, kill_process};

use crate::config::STOP_LIMIT;
use crate::error::{ClusterError, Doing, Result};
use crate::pid_file::{self, State};
use crate::place::Place;
use crate::process::{self, Seen};
use crate::wait::poll;

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Sessions are ended, everything is written; no recovery at the next start.
    Fast,
    /// As by a power cut; for a cluster that is thrown away.
    #[cfg(any(test, feature = "testing"))]
    Immediate,
    /// The kernel ends it.
    #[cfg(any(test, feature = "testing"))]
    Kill,
}

/// Stops the server and waits until its process is gone; `false` when there was none.
pub(crate) fn shut_down(place: &Place, mode: Mode) -> Result<bool> {
    let State::Up(up) = pid_file::state(place)? else {
        return Ok(false);
    };
    let signal = match mode {
        Mode::Fast => Signal::INT,
        #[cfg(any(test, feature = "testing"))]
        Mode::Immediate => Signal::QUIT,
        #[cfg(any(test, feature = "testing"))]
        Mode::Kill => Signal::KILL,
    };
    let pid = i32::try_from(up.pid).ok().and_then(Pid::from_raw);
    match pid.map(|pid| kill_process(pid, signal)) {
        Some(Ok(()) | Err(rustix::io::Errno::SRCH)) => {}
        Some(Err(error)) => return Err(error).doing("stop the server in", &place.data()),
        None => return Ok(false),
    }
    let data = place.data();
    let is_gone = || matches!(process::look(up.pid, &data), Seen::Gone | Seen::Ended);
    let gone = poll(STOP_LIMIT, || Ok::<_, ClusterError>(is_gone().then_some(())))?;
    let log = place.log().path().to_owned();
    let stuck =
        ClusterError::Stuck { pid: up.pid, what: "is still stopping", waited: STOP_LIMIT, log };
    gone.ok_or(stuck)?;
    if let Some(socket) = up.socket.filter(|socket| !socket.starts_with(place.base())) {
        // A short one under the temporary folder; after a kill it is not empty, and stays.
        let _ = std::fs::remove_dir(socket);
    }
    Ok(true)
}
