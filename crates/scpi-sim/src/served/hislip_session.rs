//! HiSLIP sessions: what the two connections of one share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scpi_protocol::hislip::{Header, LEAST_MESSAGE_BYTES};
use tokio::sync::{mpsc, watch};

use super::Served;
use super::locks::Owner;

/// Messages that wait to be told on the asynchronous channel; more are not told.
const TOLD_AT_MOST: usize = 16;

/// The sessions of one port.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    last: u16,
    by_number: BTreeMap<u16, Arc<Session>>,
}

/// One session.
pub(super) struct Session {
    pub(super) owner: Owner,
    /// What is to be told on the asynchronous channel.
    pub(super) told: mpsc::Sender<Header>,
    told_to: Mutex<Option<mpsc::Receiver<Header>>>,
    /// Device clears that have begun.
    pub(super) clears: watch::Sender<u64>,
    /// A device clear has begun and has not ended.
    pub(super) is_clearing: AtomicBool,
    /// An answer has gone, and the client has not said that it has it.
    pub(super) rmt_expected: AtomicBool,
    /// The longest message that the client takes.
    pub(super) max_message_bytes: AtomicU64,
    pub(super) is_over: watch::Sender<bool>,
}

impl Session {
    fn new(owner: Owner) -> Self {
        let (told, told_to) = mpsc::channel(TOLD_AT_MOST);
        Self {
            owner,
            told,
            told_to: Mutex::new(Some(told_to)),
            clears: watch::Sender::new(0),
            is_clearing: AtomicBool::new(false),
            rmt_expected: AtomicBool::new(false),
            max_message_bytes: AtomicU64::new(LEAST_MESSAGE_BYTES),
            is_over: watch::Sender::new(false),
        }
    }

    /// What is to be told; once, for the one asynchronous channel that a session has.
    pub(super) fn listen(&self) -> Option<mpsc::Receiver<Header>> {
        self.told_to.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether there is an asynchronous channel.
    pub(super) fn has_both_channels(&self) -> bool {
        self.told_to.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Notes that the client has its last answer.
    pub(super) fn note_delivered(&self) {
        self.rmt_expected.store(false, Ordering::Release);
    }
}

/// A session that ends when this is dropped, with everything that it held.
pub(super) struct OpenSession {
    pub(super) number: u16,
    pub(super) session: Arc<Session>,
    sessions: Arc<Sessions>,
    served: Arc<Served>,
}

impl Sessions {
    /// Opens a session under a number that no other has.
    pub(super) fn open(self: &Arc<Self>, served: &Arc<Served>) -> OpenSession {
        let session = Arc::new(Session::new(served.locks.owner()));
        let mut open = self.sessions();
        // There are far fewer clients than numbers.
        loop {
            open.last = open.last.wrapping_add(1);
            if !open.by_number.contains_key(&open.last) {
                break;
            }
        }
        let number = open.last;
        open.by_number.insert(number, Arc::clone(&session));
        drop(open);
        OpenSession { number, session, sessions: Arc::clone(self), served: Arc::clone(served) }
    }

    /// The session of this number.
    pub(super) fn find(&self, number: u32) -> Option<Arc<Session>> {
        let number = u16::try_from(number).ok()?;
        self.sessions().by_number.get(&number).cloned()
    }

    fn sessions(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        self.sessions.sessions().by_number.remove(&self.number);
        self.session.is_over.send_replace(true);
        self.served.locks.release_all(self.session.owner);
    }
}
