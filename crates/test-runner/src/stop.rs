//! Requests to stop: the first waits for the exchange in flight, the second for nothing.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::waits::{ClockWaits, Waits};

/// How long the exchange in flight may take after the first request.
pub const EXCHANGE_GRACE: Duration = Duration::from_secs(1);

/// Why a session is to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopReason {
    /// In words: `Ctrl-C`, `SIGTERM`.
    pub text: String,
    /// Whether not even the exchange in flight is waited for.
    pub at_once: bool,
}

/// Asks a session to stop. Held by whoever hears signals.
#[derive(Clone, Debug)]
pub struct Stopper {
    sender: watch::Sender<Option<StopReason>>,
    paused: watch::Sender<bool>,
}

/// Hears whether a session is to stop. Held by the session.
#[derive(Clone, Debug)]
pub struct Stop {
    receiver: watch::Receiver<Option<StopReason>>,
    paused: watch::Receiver<bool>,
    /// The session itself may have to ask.
    stopper: Stopper,
    waits: Arc<dyn Waits>,
    /// What passed without being waited for.
    spared: Duration,
}

/// A moment of the bench.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BenchInstant {
    at: Instant,
    spared: Duration,
}

/// A way to stop a session.
#[must_use]
pub fn stop_channel() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(None);
    let (paused, hears_pause) = watch::channel(false);
    let stopper = Stopper { sender, paused };
    let waits = Arc::new(ClockWaits);
    let paused = hears_pause;
    (stopper.clone(), Stop { receiver, paused, stopper, waits, spared: Duration::ZERO })
}

impl Stopper {
    /// Stops after the exchange in flight, which may take [`EXCHANGE_GRACE`].
    pub fn after_exchange(&self, text: &str) {
        self.request(StopReason { text: text.to_owned(), at_once: false });
    }

    /// Stops at once.
    pub fn at_once(&self, text: &str) {
        self.request(StopReason { text: text.to_owned(), at_once: true });
    }

    /// Has it pause before its next operation; once more, go on. Whether it is to pause now.
    pub fn pause_or_continue(&self) -> bool {
        self.paused.send_modify(|paused| *paused = !*paused);
        *self.paused.borrow()
    }

    /// A request never takes back an earlier, more urgent one.
    fn request(&self, reason: StopReason) {
        self.sender.send_if_modified(|standing| {
            let more_urgent = standing.as_ref().is_none_or(|old| reason.at_once && !old.at_once);
            if more_urgent {
                *standing = Some(reason);
            }
            more_urgent
        });
    }
}

impl Stop {
    /// What is asked for, if anything is.
    #[must_use]
    pub fn requested(&self) -> Option<StopReason> {
        self.receiver.borrow().clone()
    }

    /// Asks the session to stop after the exchange in flight, from within.
    pub(crate) fn ask(&self, text: &str) {
        self.stopper.after_exchange(text);
    }

    /// Whether somebody wants a pause.
    pub(crate) fn is_paused(&self) -> bool {
        *self.paused.borrow()
    }

    /// Waits for the end of a pause, or for a stop.
    pub(crate) async fn end_of_pause(&mut self) -> Result<(), StopReason> {
        let mut paused = self.paused.clone();
        self.wait(async { going_on(&mut paused, false).await }).await
    }

    /// Waits, unless a stop comes; whether a pause came first.
    pub(crate) async fn sleep_or_pause(&mut self, time: Duration) -> Result<bool, StopReason> {
        let mut paused = self.paused.clone();
        tokio::select! {
            biased;
            slept = self.sleep(time) => slept.map(|()| false),
            () = going_on(&mut paused, true) => Ok(true),
        }
    }

    /// An error when a stop is asked for.
    pub(crate) fn check(&self) -> Result<(), StopReason> {
        self.requested().map_or(Ok(()), Err)
    }

    /// Runs an exchange. When a stop comes while it runs, it may end within [`EXCHANGE_GRACE`], so that the
    /// answer in flight is still recorded.
    pub(crate) async fn guard<F: Future>(&mut self, exchange: F) -> Result<F::Output, StopReason> {
        self.check()?;
        let mut exchange = pin!(exchange);
        let reason = tokio::select! {
            biased;
            output = &mut exchange => return Ok(output),
            reason = asked(&mut self.receiver, false) => reason,
        };
        if reason.at_once {
            return Err(reason);
        }
        tokio::select! {
            biased;
            output = timeout(EXCHANGE_GRACE, &mut exchange) => output.map_err(|_| reason),
            reason = asked(&mut self.receiver, true) => Err(reason),
        }
    }

    /// The same where time passes otherwise than on the clock: on a simulated bench of this process.
    #[must_use]
    pub fn with_waits(self, waits: Arc<dyn Waits>) -> Self {
        Self { waits, ..self }
    }

    /// How much time of the bench has passed since then.
    pub(crate) fn elapsed(&self, since: BenchInstant) -> Duration {
        since.at.elapsed() + self.spared.saturating_sub(since.spared)
    }

    /// Now, on the bench.
    pub(crate) fn now(&self) -> BenchInstant {
        BenchInstant { at: Instant::now(), spared: self.spared }
    }

    /// Waits for what others do, unless a stop comes.
    pub(crate) async fn wait(
        &mut self,
        others: impl Future<Output = ()>,
    ) -> Result<(), StopReason> {
        self.check()?;
        tokio::select! {
            biased;
            reason = asked(&mut self.receiver, false) => Err(reason),
            () = others => Ok(()),
        }
    }

    /// Does something that nobody in haste waits for; whether it came to its end.
    pub(crate) async fn unless_in_haste(&mut self, work: impl Future<Output = ()>) -> bool {
        tokio::select! {
            biased;
            _ = asked(&mut self.receiver, true) => false,
            () = work => true,
        }
    }

    /// Waits, unless a stop comes.
    pub(crate) async fn sleep(&mut self, time: Duration) -> Result<(), StopReason> {
        self.check()?;
        let left = self.waits.pass(time);
        self.spared = self.spared.saturating_add(time.saturating_sub(left));
        let time = left;
        tokio::select! {
            biased;
            reason = asked(&mut self.receiver, false) => Err(reason),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }
}

/// Waits until a pause is wanted, or is not any more. For ever, when nobody can say so.
async fn going_on(paused: &mut watch::Receiver<bool>, wanted: bool) {
    if paused.wait_for(|paused| *paused == wanted).await.is_err() {
        std::future::pending().await
    }
}

/// Waits for a request; for one that waits for nothing, if `at_once`. For ever, when nobody can ask any more.
async fn asked(receiver: &mut watch::Receiver<Option<StopReason>>, at_once: bool) -> StopReason {
    let wanted = |standing: &Option<StopReason>| {
        standing.as_ref().is_some_and(|reason| reason.at_once || !at_once)
    };
    let asked = receiver.wait_for(wanted).await.ok().and_then(|standing| standing.clone());
    match asked {
        Some(reason) => reason,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Tenth;

    impl Waits for Tenth {
        fn pass(&self, time: Duration) -> Duration {
            time / 10
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_bench_spares_is_not_waited_for() {
        let (_stopper, stop) = stop_channel();
        let mut stop = stop.with_waits(Arc::new(Tenth));
        let (start, begun) = (Instant::now(), stop.now());
        stop.sleep(Duration::from_secs(3600)).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(360));
        assert_eq!(stop.elapsed(begun), Duration::from_secs(3600));
    }

    #[tokio::test(start_paused = true)]
    async fn the_exchange_in_flight_may_end() {
        let (stopper, mut stop) = stop_channel();
        stopper.after_exchange("Ctrl-C");
        assert_eq!(stop.check().unwrap_err().text, "Ctrl-C");
        let (stopper, mut second) = stop_channel();
        let exchange = async {
            stopper.after_exchange("SIGTERM");
            tokio::time::sleep(EXCHANGE_GRACE / 2).await;
            7
        };
        assert_eq!(second.guard(exchange).await, Ok(7));
        assert!(stop.guard(async { 7 }).await.is_err(), "nothing new is begun");
    }

    #[tokio::test(start_paused = true)]
    async fn an_exchange_that_takes_long_is_left() {
        for at_once in [false, true] {
            let (stopper, mut stop) = stop_channel();
            let start = tokio::time::Instant::now();
            let exchange = async {
                stopper.after_exchange("first");
                if at_once {
                    stopper.at_once("second");
                }
                std::future::pending::<()>().await;
            };
            let reason = stop.guard(exchange).await.unwrap_err();
            assert_eq!(reason.at_once, at_once);
            let waited = if at_once { Duration::ZERO } else { EXCHANGE_GRACE };
            assert_eq!(start.elapsed(), waited);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_ends_a_wait_and_itself_by_going_on_or_by_a_stop() {
        let (stopper, mut stop) = stop_channel();
        let second = Duration::from_secs(1);
        assert_eq!(stop.sleep_or_pause(second).await, Ok(false));
        assert!(stopper.pause_or_continue());
        assert_eq!(stop.sleep_or_pause(second).await, Ok(true));
        let later = async {
            tokio::time::sleep(second).await;
            assert!(!stopper.pause_or_continue());
        };
        assert_eq!(tokio::join!(stop.end_of_pause(), later).0, Ok(()));
        assert!(stopper.pause_or_continue() && stop.is_paused());
        stopper.after_exchange("Ctrl-C");
        assert_eq!(stop.end_of_pause().await.unwrap_err().text, "Ctrl-C");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_with_a_stop() {
        let (stopper, mut stop) = stop_channel();
        assert_eq!(stop.sleep(Duration::from_secs(3)).await, Ok(()));
        stopper.after_exchange("SIGHUP");
        assert_eq!(stop.sleep(Duration::from_secs(3600)).await.unwrap_err().text, "SIGHUP");
    }
}
