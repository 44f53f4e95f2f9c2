//! Starting the server: in a session of its own, tried again while the traces of a killed one clear.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::config::{Durability, LOCK_CLEARS_LIMIT, PORT, START_LIMIT};
use crate::error::{ClusterError, Doing, Result};
use crate::kit::Kit;
use crate::pid_file::{self, Phase, State};
use crate::place::Place;
use crate::program::{self, Running};
use crate::settings;
use crate::wait::poll;

/// Between two tries.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// What the server says while a killed one is not quite gone.
const CLEARS: [&str; 2] = ["already exists", "still in use"];

/// Whether a server answers, once one that starts or stops has come to an end of it.
pub(crate) fn is_up(place: &Place) -> Result<bool> {
    let settled = poll(START_LIMIT, || match pid_file::state(place)? {
        State::Down | State::Killed => Ok(Some(false)),
        State::Up(up) if up.answers() => Ok(Some(true)),
        State::Up(_) => Ok(None),
    });
    match settled? {
        Some(is_up) => Ok(is_up),
        None => Err(stuck(place)),
    }
}

fn stuck(place: &Place) -> ClusterError {
    let (pid, what) = match pid_file::state(place) {
        Ok(State::Up(up)) => match up.phase {
            Phase::Starting => (up.pid, "is still starting"),
            Phase::Ready => (up.pid, "takes no connection"),
            Phase::Stopping => (up.pid, "is still stopping"),
        },
        _ => (0, "has just ended"),
    };
    ClusterError::Stuck { pid, what, waited: START_LIMIT, log: place.log().path().to_owned() }
}

/// Starts the server; with the start lock held and none running.
pub(crate) fn start(place: &Place, kit: &Kit, socket: &Path, durability: Durability) -> Result<()> {
    place.log().rotate()?;
    settings::write(place, socket, durability)?;
    let deadline = Instant::now() + LOCK_CLEARS_LIMIT;
    loop {
        pid_file::clear(place, socket, PORT)?;
        match try_start(place, kit) {
            Err(error) if clears(&error) && Instant::now() < deadline => {
                std::thread::sleep(RETRY_PAUSE);
            }
            tried => return tried,
        }
    }
}

fn clears(error: &ClusterError) -> bool {
    let ClusterError::Program(failed) = error else { return false };
    let says = |line: &String| CLEARS.iter().any(|words| line.contains(words));
    failed.last_lines.iter().any(says)
}

fn try_start(place: &Place, kit: &Kit) -> Result<()> {
    let log = place.log();
    let output = log.open_for(place.user.ids)?;
    let errors = output.try_clone().doing("open", log.path())?;
    let since = log.mark();
    // pg_ctl gives the server a session of its own, so that no Ctrl-C of ours reaches it, and sees at
    // once when it ends instead of getting ready.
    let mut pg_ctl = kit.command("pg_ctl", place);
    pg_ctl.args(["start", "--wait", "--timeout"]).arg(START_LIMIT.as_secs().to_string());
    pg_ctl.arg("--pgdata").arg(place.data()).arg("--log").arg(log.path());
    let mut command = kit.detached(&pg_ctl, place);
    command.stdin(Stdio::null()).stdout(output).stderr(errors);
    let mut starter = program::spawn(&mut command)?;
    let looked = poll(START_LIMIT, || look(place, &mut starter));
    // It has no part in the server's life: not to wait for its next look saves up to 100 ms.
    starter.end().doing("end", Path::new("pg_ctl"))?;
    let ended = match looked? {
        Some(Look::Ready) => return Ok(()),
        Some(Look::Ended(ended)) => ended,
        None => program::too_long(START_LIMIT),
    };
    Err(log.failure("start the server", &pg_ctl, ended, since))
}

enum Look {
    Ready,
    Ended(String),
}

/// The server is ready before `pg_ctl`, which looks every 100 ms, knows it.
fn look(place: &Place, starter: &mut Running) -> Result<Option<Look>> {
    let ended = starter.try_wait().doing("wait for", Path::new("pg_ctl"))?;
    if matches!(pid_file::state(place)?, State::Up(up) if up.answers()) {
        return Ok(Some(Look::Ready));
    }
    Ok(ended.map(|status| Look::Ended(format!("ended with {status}"))))
}
