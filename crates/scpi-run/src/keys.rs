//! Keys at the terminal while a run goes on: `p` has it pause, and go on.

use std::io::stdin;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::getpgrp;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};
use test_runner::Stopper;

/// How long after the end of a run its keys may still be looked at.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// The terminal gives every key at once, and does not show it. Dropped, it is as it was before.
pub(crate) struct Keys {
    before: Termios,
    is_over: Arc<AtomicBool>,
}

impl Keys {
    /// Looks at keys from now on; not where the terminal is somebody else's.
    pub(crate) fn watch(stopper: Stopper) -> Option<Self> {
        let terminal = stdin();
        if tcgetpgrp(&terminal).is_ok_and(|foreground| foreground != getpgrp()) {
            return None;
        }
        let before = tcgetattr(&terminal).ok()?;
        let mut own = before.clone();
        own.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(&terminal, OptionalActions::Now, &own).ok()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let keys = Self { before, is_over: Arc::clone(&is_over) };
        let look = move || look(&is_over, &stopper);
        // Without the thread there is no pause, and nothing else is lost.
        thread::Builder::new().name("keys".to_owned()).spawn(look).ok().map(|_| keys)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}

fn look(is_over: &AtomicBool, stopper: &Stopper) {
    let terminal = stdin();
    while !is_over.load(Ordering::Relaxed) {
        let mut wanted = [PollFd::new(&terminal, PollFlags::IN)];
        if !matches!(poll(&mut wanted, Some(&LOOK)), Ok(1)) || is_over.load(Ordering::Relaxed) {
            continue;
        }
        let mut key = [0];
        match rustix::io::read(terminal.as_fd(), &mut key) {
            Ok(1) if key.eq_ignore_ascii_case(b"p") => {
                if stopper.pause_or_continue() {
                    say!("scpi-run: pausing once what is being done is done");
                }
            }
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
