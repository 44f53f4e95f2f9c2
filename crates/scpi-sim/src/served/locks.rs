//! An instrument locked for one client, or shared by those who know its name (IVI-6.1 clause 6.5, VXI-11 clause
//! B.6.10).

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// A client, as its locks know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Owner(u64);

/// What was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Released {
    Exclusive,
    Shared,
    Nothing,
}

/// The locks of one instrument.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    held: Mutex<Held>,
    changed: watch::Sender<u64>,
    owners: AtomicU64,
}

#[derive(Debug, Default)]
struct Held {
    exclusive: Option<Owner>,
    shared: BTreeSet<Owner>,
    name: Vec<u8>,
}

impl Locks {
    pub(crate) fn owner(&self) -> Owner {
        Owner(self.owners.fetch_add(1, Ordering::Relaxed))
    }

    /// Takes the lock, the shared one where it has a name; `false` when it was not to be had in time.
    pub(crate) async fn take(&self, owner: Owner, name: &[u8], deadline: Instant) -> bool {
        self.when(deadline, || self.held().take(owner, name)).await
    }

    /// Waits until no lock of others is in the way; `false` when that was not so in time.
    pub(crate) async fn free_for(&self, owner: Owner, deadline: Instant) -> bool {
        self.when(deadline, || self.held().is_free_for(owner)).await
    }

    async fn when(&self, deadline: Instant, mut is_done: impl FnMut() -> bool) -> bool {
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            if is_done() {
                return true;
            }
            if timeout_at(deadline, changed.changed()).await.is_err() {
                return false;
            }
        }
    }

    /// Gives a lock back, the exclusive one first.
    pub(crate) fn release(&self, owner: Owner) -> Released {
        let released = self.held().release(owner);
        self.changed.send_modify(|changes| *changes += 1);
        released
    }

    /// Gives back whatever a client had that is gone.
    pub(crate) fn release_all(&self, owner: Owner) {
        while self.release(owner) != Released::Nothing {}
    }

    /// Whether there is an exclusive lock, and how many clients hold any.
    pub(crate) fn holders(&self) -> (bool, usize) {
        let held = self.held();
        let others = held.exclusive.filter(|owner| !held.shared.contains(owner));
        (held.exclusive.is_some(), held.shared.len() + usize::from(others.is_some()))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn take(&mut self, owner: Owner, name: &[u8]) -> bool {
        let is_possible = if name.is_empty() {
            self.is_free_for(owner)
        } else {
            self.exclusive.is_none_or(|holder| holder == owner)
                && (self.shared.is_empty() || self.name == name)
        };
        match (is_possible, name.is_empty()) {
            (false, _) => {}
            (true, true) => self.exclusive = Some(owner),
            (true, false) => {
                self.name = name.to_vec();
                self.shared.insert(owner);
            }
        }
        is_possible
    }

    fn is_free_for(&self, owner: Owner) -> bool {
        match self.exclusive {
            Some(holder) => holder == owner,
            None => self.shared.is_empty() || self.shared.contains(&owner),
        }
    }

    fn release(&mut self, owner: Owner) -> Released {
        if self.exclusive == Some(owner) {
            self.exclusive = None;
            Released::Exclusive
        } else if self.shared.remove(&owner) {
            Released::Shared
        } else {
            Released::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusive_and_shared() {
        let (mut held, one, two) = (Held::default(), Owner(1), Owner(2));
        assert!(held.take(one, b"") && !held.take(two, b"") && !held.take(two, b"x"));
        assert!(held.is_free_for(one) && !held.is_free_for(two));
        assert_eq!(
            (held.release(one), held.release(one)),
            (Released::Exclusive, Released::Nothing)
        );
        assert!(held.take(one, b"x") && held.take(two, b"x") && !held.take(Owner(3), b"y"));
        assert!(held.is_free_for(two) && !held.is_free_for(Owner(3)));
        assert_eq!(held.release(two), Released::Shared);
    }

    #[tokio::test]
    async fn a_lock_is_waited_for() {
        let locks = Locks::default();
        let (one, two) = (locks.owner(), locks.owner());
        let later = Instant::now() + std::time::Duration::from_secs(20);
        assert!(locks.take(one, b"", later).await);
        assert!(!locks.take(two, b"", Instant::now()).await);
        assert_eq!(locks.holders(), (true, 1));
        let (taken, ()) =
            tokio::join!(locks.take(two, b"", later), async { locks.release_all(one) });
        assert!(taken && locks.free_for(two, later).await);
    }
}
