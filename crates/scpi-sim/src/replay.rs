//! A wire tape as instruments: what was recorded is said again.
//!
//! A tape has a line a piece: `SECONDS ADDRESS > BYTES` for what was sent, `<` for what came, `#` for what is neither.
//!
//! | file | holds |
//! | --- | --- |
//! | `tape` | lines to turns of a dialogue |
//! | `serve` | the turns on a port |

mod serve;
mod tape;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinSet;

pub use tape::{Tape, TapeFault};

/// How a tape is said again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayOptions {
    /// Only the recorded messages in their order are taken, byte for byte; anything else ends the connection. Otherwise
    /// every message that was ever recorded is answered as it was the next time, whatever was said between.
    pub exact: bool,
    /// Answers take the time that they took, otherwise none.
    pub original_timing: bool,
}

/// A tape that is being served. Dropped, it stops.
#[derive(Debug)]
pub struct Replay {
    instruments: Vec<(String, SocketAddr)>,
    tasks: JoinSet<()>,
}

/// Serves every instrument of a tape on a port of its own of 127.0.0.1.
///
/// # Errors
/// There is no port to be had.
pub async fn replay(tape: Tape, options: ReplayOptions) -> std::io::Result<Replay> {
    let (mut instruments, mut tasks) = (Vec::new(), JoinSet::new());
    for (address, dialogue) in tape.instruments {
        let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        instruments.push((address, listener.local_addr()?));
        tasks.spawn(serve::serve(listener, Arc::new(serve::Spoken::new(dialogue, options))));
    }
    Ok(Replay { instruments, tasks })
}

impl Replay {
    /// The address of each instrument on the tape, and where it is now.
    #[must_use]
    pub fn instruments(&self) -> &[(String, SocketAddr)] {
        &self.instruments
    }

    /// Ends every connection and gives the ports back.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
