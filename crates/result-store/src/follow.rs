//! A journal written to the database while it grows.

use std::path::Path;
use std::time::Duration;

use run_journal::Position;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::StoreError;
use crate::recorder::{BATCH_EVENTS, CaughtUp};
use crate::store::{Progress, Store};

/// The least time from one transaction to the next, so that events come in company: one alone costs as much as
/// three hundred.
pub const FLUSH_INTERVAL: Duration = Duration::from_millis(50);
/// Times in a row that a database which is away is tried again while the journal grows; with the pauses about
/// half a minute.
pub const RECONNECT_ATTEMPTS: u32 = 10;
/// The same once the journal is complete, when somebody waits for it.
pub const LAST_RECONNECT_ATTEMPTS: u32 = 3;
/// The first pause; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Store {
    /// Writes a journal while it grows, as far as it is synced, until whoever syncs it is gone and all is written.
    /// A database that goes away is looked for again; the journal does not wait for it.
    ///
    /// # Errors
    ///
    /// When the database stays away or refuses, or the journal cannot be read. The journal has everything, and
    /// [`catch_up`](Self::catch_up) goes on from there.
    pub async fn follow(
        &mut self,
        journal: &Path,
        mut synced: watch::Receiver<Position>,
    ) -> Result<CaughtUp, StoreError> {
        let mut progress = Progress::of(journal, BATCH_EVENTS);
        loop {
            let until = *synced.borrow_and_update();
            let began = Instant::now();
            if until > Position::START {
                self.write_with_patience(&mut progress, until, &synced).await?;
            }
            if synced.changed().await.is_err() {
                return Ok(progress.done());
            }
            sleep_until(began + FLUSH_INTERVAL).await;
        }
    }

    async fn write_with_patience(
        &mut self,
        progress: &mut Progress<'_>,
        until: Position,
        synced: &watch::Receiver<Position>,
    ) -> Result<(), StoreError> {
        let (mut pause, mut failures) = (FIRST_PAUSE, 0);
        loop {
            let Err(error) = self.write_connected(progress, until).await else { return Ok(()) };
            failures += 1;
            let is_complete = synced.has_changed().is_err();
            let most = if is_complete { LAST_RECONNECT_ATTEMPTS } else { RECONNECT_ATTEMPTS };
            if !error.is_passing() || failures > most {
                return Err(error);
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn write_connected(
        &mut self,
        progress: &mut Progress<'_>,
        until: Position,
    ) -> Result<(), StoreError> {
        if self.is_lost() {
            self.reconnect().await?;
        }
        self.write_until(progress, Some(until)).await
    }
}
