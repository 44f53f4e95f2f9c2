//! One VXI-11 link: messages wait to be executed, answers wait to be read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scpi_protocol::vxi11::{REASON_CHARACTER, REASON_COUNT, REASON_END};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};

use super::Served;
use super::locks::Owner;
use super::messages::{INPUT_BUFFER_OVERRUN, Messages};
use crate::instrument::{How, Next, Sent};

/// Pieces of messages that wait to be executed; the next one waits to be taken.
const WAITING_AT_MOST: usize = 16;

/// -410, "Query INTERRUPTED".
const INTERRUPTED: i32 = -410;

/// -430, "Query DEADLOCKED".
const DEADLOCKED: i32 = -430;

/// A piece of a message.
pub(super) struct Piece {
    bytes: Vec<u8>,
    has_end: bool,
    /// Device clears before it.
    clears: u64,
}

/// A link.
pub(super) struct Link {
    pub(super) owner: Owner,
    /// None when the link is closed.
    pieces: Mutex<Option<mpsc::Sender<Piece>>>,
    answer: Mutex<Answer>,
    /// Changes when there is something to read, and when a reading is aborted.
    changed: watch::Sender<u64>,
    clears: watch::Sender<u64>,
    aborts: AtomicU64,
    /// Pieces that were taken and are not dealt with.
    under_way: AtomicU64,
}

#[derive(Default)]
struct Answer {
    bytes: Vec<u8>,
    read: usize,
    has_end: bool,
    /// One byte for each reading.
    is_split: bool,
}

/// What a reading gave.
pub(super) enum Reading {
    /// Bytes, and why it ended.
    Given(Vec<u8>, i32),
    Timeout,
    Aborted,
}

impl Link {
    /// A link, and what is to be executed on it.
    pub(super) fn new(owner: Owner) -> (Arc<Self>, mpsc::Receiver<Piece>) {
        let (pieces, waiting) = mpsc::channel(WAITING_AT_MOST);
        let link = Self {
            owner,
            pieces: Mutex::new(Some(pieces)),
            answer: Mutex::default(),
            changed: watch::Sender::new(0),
            clears: watch::Sender::new(0),
            aborts: AtomicU64::new(0),
            under_way: AtomicU64::new(0),
        };
        (Arc::new(link), waiting)
    }

    /// Takes a piece; `false` when there was no room for it in time.
    pub(super) async fn write(&self, bytes: Vec<u8>, has_end: bool, deadline: Instant) -> bool {
        let piece = Piece { bytes, has_end, clears: *self.clears.borrow() };
        let pieces = self.pieces().clone();
        let Some(pieces) = pieces else { return false };
        self.under_way.fetch_add(1, Ordering::AcqRel);
        let is_taken = matches!(timeout_at(deadline, pieces.send(piece)).await, Ok(Ok(())));
        if !is_taken {
            self.under_way.fetch_sub(1, Ordering::AcqRel);
        }
        is_taken
    }

    /// Whether nothing was asked that is still to be answered, and no answer waits.
    pub(super) fn has_nothing_to_say(&self) -> bool {
        self.under_way.load(Ordering::Acquire) == 0 && !self.has_answer()
    }

    /// Nothing more is executed on it.
    pub(super) fn close(&self) {
        self.pieces().take();
        self.clear();
    }

    fn pieces(&self) -> MutexGuard<'_, Option<mpsc::Sender<Piece>>> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for an answer and gives at most so many bytes of it, up to a character where one is given.
    pub(super) async fn read(&self, most: usize, until: Option<u8>, deadline: Instant) -> Reading {
        let aborts = self.aborts.load(Ordering::Acquire);
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            if let Some((bytes, reason)) = self.answer().take(most, until) {
                return Reading::Given(bytes, reason);
            }
            if self.aborts.load(Ordering::Acquire) != aborts {
                return Reading::Aborted;
            }
            if timeout_at(deadline, changed.changed()).await.is_err() {
                return Reading::Timeout;
            }
        }
    }

    pub(super) fn has_answer(&self) -> bool {
        !self.answer().bytes.is_empty()
    }

    /// Ends a reading that waits.
    pub(super) fn abort(&self) {
        self.aborts.fetch_add(1, Ordering::AcqRel);
        self.changed.send_modify(|changes| *changes += 1);
    }

    /// Forgets what is under way.
    pub(super) fn clear(&self) {
        self.clears.send_modify(|clears| *clears += 1);
        *self.answer() = Answer::default();
    }

    fn answer(&self) -> MutexGuard<'_, Answer> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give(&self, sent: Sent) {
        // An answer that a fault has cut has no END.
        let has_end = sent.bytes.ends_with(b"\n");
        let is_split = matches!(sent.how, How::ByteByByte(_));
        *self.answer() = Answer { bytes: sent.bytes, read: 0, has_end, is_split };
        self.changed.send_modify(|changes| *changes += 1);
    }
}

impl Answer {
    fn take(&mut self, most: usize, until: Option<u8>) -> Option<(Vec<u8>, i32)> {
        let rest = self.bytes.get(self.read..).filter(|rest| !rest.is_empty())?;
        let rest = if self.is_split { rest.get(..1).unwrap_or(rest) } else { rest };
        let at = until.and_then(|end| rest.iter().position(|byte| *byte == end));
        let wanted = at.map_or(rest.len(), |at| at + 1);
        let given = rest.get(..wanted.min(most)).unwrap_or(rest).to_vec();
        self.read += given.len();
        let mut reason = 0;
        if given.len() == most {
            reason |= REASON_COUNT;
        }
        if at.is_some() && given.len() == wanted {
            reason |= REASON_CHARACTER;
        }
        if self.read == self.bytes.len() {
            if self.has_end {
                reason |= REASON_END;
            }
            *self = Self::default();
        }
        Some((given, reason))
    }
}

/// Executes what is written on a link until the link has gone, or a fault ends the connection.
pub(super) async fn work(
    served: Arc<Served>,
    link: Arc<Link>,
    mut waiting: mpsc::Receiver<Piece>,
    is_over: watch::Sender<bool>,
) {
    let (mut messages, mut seen) = (Messages::default(), 0);
    let mut clears = link.clears.subscribe();
    while let Some(piece) = waiting.recv().await {
        let now = *clears.borrow_and_update();
        if now != seen {
            messages.forget();
            seen = now;
        }
        let done = if piece.clears == now {
            tokio::select! {
                next = execute(&served, &link, &mut messages, &piece) => next,
                _ = clears.changed() => Next::GoOn,
            }
        } else {
            Next::GoOn
        };
        link.under_way.fetch_sub(1, Ordering::AcqRel);
        match done {
            Next::GoOn => {}
            // Nothing is executed any more, and nobody is told.
            Next::HalfOpen | Next::Deaf => std::future::pending().await,
            Next::Close | Next::Reset | Next::Crash(_) => {
                is_over.send_replace(true);
                return;
            }
        }
    }
}

async fn execute(
    served: &Arc<Served>,
    link: &Link,
    messages: &mut Messages,
    piece: &Piece,
) -> Next {
    let mut input = piece.bytes.as_slice();
    loop {
        let message = match messages.next_until(&mut input, piece.has_end) {
            Ok(Some(message)) => message,
            Ok(None) => return Next::GoOn,
            // Clause 6.3.1.7: it can neither take more of the message nor give the answers to what it has.
            Err(_) if piece.bytes.contains(&b'?') => {
                served.report(DEADLOCKED).await;
                messages.forget();
                return Next::GoOn;
            }
            Err(_) => {
                served.report(INPUT_BUFFER_OVERRUN).await;
                return Next::Close;
            }
        };
        // IEEE 488.2 clause 6.3.2.3: a message before the answer is read drops it.
        if link.has_answer() {
            *link.answer() = Answer::default();
            served.report(INTERRUPTED).await;
        }
        let sent = served.execute(&message).await;
        if sent.next != Next::GoOn {
            return sent.next;
        }
        if !sent.bytes.is_empty() {
            link.give(sent);
        }
    }
}
