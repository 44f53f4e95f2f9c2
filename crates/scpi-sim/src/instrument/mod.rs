//! What all simulated instruments share: the exchange of messages, the status model, the error queue.
//!
//! | file | holds |
//! | --- | --- |
//! | `status` | event status register, masks, error queue (IEEE 488.2 clause 11, SCPI-99 volume 2 clause 21.8) |
//! | `common` | the common commands (IEEE 488.2 clause 10) |
//! | `device` | a message executed unit by unit, its answers in one piece |

mod common;
mod device;
mod learned;
mod output;
mod registers;
mod standard;
mod status;

use std::time::Duration;

use scpi_protocol::error_queue::ErrorEntry;
use scpi_protocol::program::{CommandTree, Header, HeaderPath, Parameter, PatternError};
use tokio::time::Instant;

pub(crate) use device::{Character, Device, Place};
pub(crate) use output::{How, Next, Sent};

/// Whether every instrument has a command of this header.
pub(crate) fn is_common(header: &Header) -> bool {
    common::COMMON.tree().find(header, &mut HeaderPath::default()).is_ok()
}

/// A command of a model, found in its tree, with what came with it.
#[derive(Debug)]
pub(crate) struct Call<'c> {
    /// Its place in the model's list of commands.
    pub(crate) command: usize,
    /// Whether it asks.
    pub(crate) query: bool,
    /// Its numeric suffixes, in order.
    pub(crate) suffixes: &'c [u32],
    /// Its parameters.
    pub(crate) parameters: &'c [Parameter],
}

/// What a command leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// Done, and there is nothing to say.
    Done,
    /// An answer.
    Answer(Answer),
    /// The model shall be asked again when this much time has passed.
    After(Duration),
}

/// An answer to one query.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// Numbers, words, strings.
    Text(String),
    /// Arbitrary ASCII, after which nothing can follow in a message (IEEE 488.2 clause 8.7.11).
    Last(String),
    /// Bytes as they go on the wire, their block header included.
    Bytes(Vec<u8>),
}

/// The refusal of a command: what goes to the error queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) ErrorEntry);

impl From<i32> for Refusal {
    fn from(code: i32) -> Self {
        Self(ErrorEntry::standard(code))
    }
}

/// The result of one command.
pub(crate) type Outcome = Result<Reply, Refusal>;

impl Reply {
    /// An answer in words or numbers.
    pub(crate) fn text(text: impl Into<String>) -> Outcome {
        Ok(Self::Answer(Answer::Text(text.into())))
    }
}

/// A simulated model: its commands and what they do. It never waits: where a measurement takes time, it
/// says so with [`Reply::After`].
pub(crate) trait Model: Send {
    /// Its commands, each by its place in a list.
    fn tree(&self) -> &'static CommandTree<usize>;

    /// Executes one.
    fn execute(&mut self, call: &Call<'_>) -> Outcome;

    /// Goes on after a [`Reply::After`].
    fn resume(&mut self) -> Outcome {
        Ok(Reply::Done)
    }

    /// `*RST`.
    fn reset(&mut self);

    /// `*TRG`.
    fn trigger(&mut self) -> Outcome {
        Err((-211).into())
    }

    /// Does what is due without being asked, and says when there will be more.
    fn work(&mut self) -> Option<Instant> {
        None
    }

    /// Whether an operation is going on that `*OPC` waits for.
    fn is_busy(&self) -> bool {
        false
    }

    /// The conditions behind `STATus:OPERation` and `STATus:QUEStionable` (SCPI-99 volume 1 clauses 9.3 and 9.4).
    fn conditions(&self) -> (u16, u16) {
        (0, 0)
    }
}

/// A model's commands by their patterns, and the tree over them.
pub(crate) struct Commands<C: 'static> {
    tree: CommandTree<usize>,
    list: &'static [(&'static str, C)],
}

impl<C> Commands<C> {
    /// A pattern that is none is left out; [`check`](Self::check) says which.
    pub(crate) fn new(list: &'static [(&'static str, C)]) -> Self {
        let mut tree = CommandTree::new();
        for (index, (pattern, _)) in list.iter().enumerate() {
            // Every list is checked by a test, so that this never fails.
            tree.add(pattern, index).unwrap_or_default();
        }
        Self { tree, list }
    }

    pub(crate) fn tree(&self) -> &CommandTree<usize> {
        &self.tree
    }

    pub(crate) fn get(&self, index: usize) -> Option<&'static C> {
        self.list.get(index).map(|(_, command)| command)
    }

    /// The first pattern that is none.
    #[cfg_attr(not(test), expect(dead_code, reason = "it checks constants"))]
    pub(crate) fn check(&self) -> Result<(), PatternError> {
        self.list.iter().try_for_each(|(pattern, _)| {
            pattern.parse::<scpi_protocol::program::Pattern>().map(|_| ())
        })
    }
}
