//! Ctrl-C, a closed terminal and the like as requests to stop: the first waits for the exchange in flight,
//! the second for nothing. Whatever comes, the safe state is made.

use test_runner::Stopper;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::{Failure, Result};

/// What is heard.
struct Heard {
    name: &'static str,
    signal: Signal,
}

/// All signals that ask a process to end and can be heard.
pub(crate) struct Signals {
    all: Vec<Heard>,
}

impl Signals {
    /// Hears them from now on; needs a runtime.
    pub(crate) fn listen() -> Result<Self> {
        let kinds = [
            ("Ctrl-C", SignalKind::interrupt()),
            ("SIGTERM", SignalKind::terminate()),
            ("SIGHUP", SignalKind::hangup()),
            ("SIGQUIT", SignalKind::quit()),
        ];
        let heard = kinds.into_iter().map(|(name, kind)| {
            let signal = signal(kind)
                .map_err(|error| Failure::internal(format!("{name} cannot be heard: {error}")))?;
            Ok(Heard { name, signal })
        });
        Ok(Self { all: heard.collect::<Result<_>>()? })
    }

    /// The next that comes.
    pub(crate) async fn next(&mut self) -> &'static str {
        std::future::poll_fn(|context| {
            for heard in &mut self.all {
                if heard.signal.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(heard.name);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }

    /// Turns signals into requests, for ever.
    pub(crate) async fn stop(&mut self, stopper: &Stopper) {
        let first = self.next().await;
        eprintln!(
            "scpi-run: {first}: stopping after the exchange in flight; once more stops at once"
        );
        stopper.after_exchange(first);
        loop {
            let again = self.next().await;
            stopper.at_once(again);
        }
    }
}
