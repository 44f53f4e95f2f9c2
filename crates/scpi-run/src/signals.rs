//! Ctrl-C, a closed terminal and the like as requests to stop: the first waits for the exchange in flight,
//! the second for nothing. Whatever comes, the safe state is made. Ctrl-Z is refused while a run goes on: nothing is
//! energised behind a process that sleeps.

use rustix::process::Signal as Number;
use test_runner::Stopper;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::{Failure, Result};

/// What is heard.
struct Heard {
    name: &'static str,
    asks: Asks,
    signal: Signal,
}

/// What a signal asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    End,
    Sleep,
}

impl Heard {
    fn of(name: &'static str, kind: SignalKind, asks: Asks) -> Result<Self> {
        let signal = signal(kind)
            .map_err(|error| Failure::internal(format!("{name} cannot be heard: {error}")))?;
        Ok(Self { name, asks, signal })
    }
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
        let heard = kinds.into_iter().map(|(name, kind)| Heard::of(name, kind, Asks::End));
        Ok(Self { all: heard.collect::<Result<_>>()? })
    }

    /// The same for a run, which must not be put to sleep.
    pub(crate) fn listen_awake() -> Result<Self> {
        let mut signals = Self::listen()?;
        let sleep = SignalKind::from_raw(Number::TSTP.as_raw());
        signals.all.push(Heard::of("Ctrl-Z", sleep, Asks::Sleep)?);
        Ok(signals)
    }

    /// Waits for the next that asks for an end, and gives its name.
    pub(crate) async fn end(&mut self) -> &'static str {
        loop {
            let (name, asks) = self.next().await;
            if asks == Asks::End {
                return name;
            }
            say!(
                "scpi-run: {name}: refused, outputs may be on and a run that sleeps cannot switch them off; \
                 Ctrl-C ends it"
            );
        }
    }

    async fn next(&mut self) -> (&'static str, Asks) {
        std::future::poll_fn(|context| {
            for heard in &mut self.all {
                if heard.signal.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready((heard.name, heard.asks));
                }
            }
            std::task::Poll::Pending
        })
        .await
    }

    /// Turns signals into requests, for ever.
    pub(crate) async fn stop(&mut self, stopper: &Stopper) {
        let first = self.end().await;
        say!("scpi-run: {first}: stopping after the exchange in flight; once more stops at once");
        stopper.after_exchange(first);
        loop {
            let again = self.end().await;
            stopper.at_once(again);
        }
    }
}
