//! How many journals of one process are synced at the same time.
//!
//! A disk is no faster for being asked by hundreds at once. Who waits for its turn takes more records with it: with many
//! journals there are fewer syncs for the same records, with one there is no waiting.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Journals that are synced at the same time, at most.
const MAX_AT_ONCE: usize = 4;

static TURNS: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// A journal's turn, for as long as it lives.
pub(crate) struct SyncTurn;

impl SyncTurn {
    /// Waits for it.
    pub(crate) fn take() -> Self {
        let taken = FREED.wait_while(turns(), |taken| *taken >= MAX_AT_ONCE);
        *taken.unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for SyncTurn {
    fn drop(&mut self) {
        let mut taken = turns();
        *taken = taken.saturating_sub(1);
        FREED.notify_one();
    }
}

/// A number is never half changed.
fn turns() -> MutexGuard<'static, usize> {
    TURNS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn never_more_have_a_turn_and_all_get_theirs() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _turn = SyncTurn::take();
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(most.into_inner() <= MAX_AT_ONCE);
    }
}
