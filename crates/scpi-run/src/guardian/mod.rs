//! The guardian: a small second process that switches everything off when the run no longer can.
//!
//! It is this program once more, in a process group of its own, deaf to what ends others. It is told by a socket what is
//! to be sent and gets duplicates of the run's own connections, so that it need not connect. The run beats while
//! its loop turns; when the socket closes without a word, or the beat stays away, the guardian makes sure that the
//! run is dead, switches off, reads back, and writes down what it did. After a word it goes and does nothing.
//!
//! | file | holds |
//! | --- | --- |
//! | `handle` | the run's side: starts it, arms it, beats, releases it |
//! | `watch` | the guardian's side: takes orders, waits, acts |
//! | `order`, `socket` | what is said between them, and how connections go along |
//! | `fence` | the run is dead before anything is written |
//! | `report` | what the guardian did, beside the journal |
//! | `join` | what it did, joined to the journal once nobody writes that any more |

mod fence;
mod handle;
mod join;
mod order;
mod report;
mod socket;
mod watch;

use std::time::Duration;

pub(crate) use handle::Guardian;
pub(crate) use join::join;
pub(crate) use report::{report_beside, told};
pub(crate) use watch::watch;

/// How often a run says that its loop turns.
const BEAT: Duration = Duration::from_millis(100);

/// After this time without a beat a run is taken for hung; without an answer, the guardian is. A plan may give
/// another.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(2);
