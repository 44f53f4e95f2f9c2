//! Who switches off when this process no longer can.

use std::future::{Future, pending};
use std::pin::pin;

use bench_instruments::safe_state::Stage;

use crate::stop::Stop;

/// Something outside of this process that makes the safe state when the process no longer can.
pub trait Guard {
    /// Takes over what is to be switched off at each site, in its order. Nothing that can energise has been written to so
    /// far but to identify it.
    ///
    /// # Errors
    /// Why nobody guards, in words; then nothing is switched on.
    fn arm(&mut self, sites: &[Vec<Stage>]) -> impl Future<Output = Result<(), String>>;

    /// Lets the guard know that the session goes on, for as long as it is polled. It ends when there is no guard
    /// any more, and says why.
    fn keep(&mut self) -> impl Future<Output = String>;

    /// The safe state has been made: the guard goes, and does nothing.
    fn release(&mut self) -> impl Future<Output = ()>;
}

/// No guard: for what cannot outlive this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unguarded;

impl Guard for Unguarded {
    async fn arm(&mut self, _: &[Vec<Stage>]) -> Result<(), String> {
        Ok(())
    }

    async fn keep(&mut self) -> String {
        pending().await
    }

    async fn release(&mut self) {}
}

/// Works under guard. Without a guard the work is asked to stop, and goes on to its end.
pub(crate) async fn guarded<T>(
    guard: &mut impl Guard,
    stop: &Stop,
    work: impl Future<Output = T>,
) -> T {
    let mut work = pin!(work);
    let reason = tokio::select! {
        biased;
        done = &mut work => return done,
        reason = guard.keep() => reason,
    };
    stop.ask(&reason);
    work.await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stop::stop_channel;

    struct Gone;

    impl Guard for Gone {
        async fn arm(&mut self, _: &[Vec<Stage>]) -> Result<(), String> {
            Err("it is gone".to_owned())
        }

        async fn keep(&mut self) -> String {
            "the guardian is gone".to_owned()
        }

        async fn release(&mut self) {}
    }

    #[tokio::test(start_paused = true)]
    async fn work_without_its_guard_is_asked_to_stop_and_ends_by_itself() {
        let (_stopper, stop) = stop_channel();
        let mut own = stop.clone();
        let hour = std::time::Duration::from_secs(3600);
        let work = async move { own.sleep(hour).await.unwrap_err().text };
        assert_eq!(guarded(&mut Gone, &stop, work).await, "the guardian is gone");
        let mut own = stop_channel().1;
        let second = std::time::Duration::from_secs(1);
        let work = async { own.sleep(second).await };
        assert_eq!(guarded(&mut Unguarded, &stop, work).await, Ok(()));
    }
}
