//! A panic on demand, in the middle of an exchange: for the tests of what a panic leaves behind. A release has none of
//! this.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::Signal;
use scpi_client::{Tape, TapeEntry};
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{Failure, Result};

/// Panics at the next message after SIGUSR2, once.
struct PanicTape {
    wanted: Arc<AtomicBool>,
    behind: Option<Arc<dyn Tape>>,
}

/// A tape that panics when the signal has asked for it, before another tape. Needs a runtime.
pub(crate) fn by_signal(behind: Option<Arc<dyn Tape>>) -> Result<Arc<dyn Tape>> {
    let wanted = Arc::new(AtomicBool::new(false));
    let kind = SignalKind::from_raw(Signal::USR2.as_raw());
    let mut heard = signal(kind).map_err(Failure::internal)?;
    let asked = Arc::clone(&wanted);
    tokio::spawn(async move {
        while heard.recv().await.is_some() {
            asked.store(true, Ordering::Relaxed);
        }
    });
    Ok(Arc::new(PanicTape { wanted, behind }))
}

impl Tape for PanicTape {
    fn record(&self, entry: &TapeEntry<'_>) {
        if let Some(behind) = &self.behind {
            behind.record(entry);
        }
        if self.wanted.swap(false, Ordering::Relaxed) {
            provoked();
        }
    }
}

#[expect(clippy::panic, reason = "it is what was asked for, by a test")]
fn provoked() {
    std::panic::panic_any("provoked by SIGUSR2");
}
