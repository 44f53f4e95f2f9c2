//! A tokio socket under a SCPI session: never out of step, never hanging.
//!
//! An [`Instrument`] is a handle on one connection. It keeps three promises: no answer is ever
//! given to a query other than its own; every wait has a deadline; every failure names the instrument,
//! the command and the cause.
//!
//! ```
//! use scpi_client::{ClientConfig, Instrument};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let meter = Instrument::connect(&"tcp://127.0.0.1:5025".parse()?, ClientConfig::default()).await?;
//! println!("{}", meter.identify().await?);
//! meter.write("CONF:VOLT:DC 10").await?;
//! let reading = meter.query("READ?").await?;
//! println!("{}", reading.number()?.text); // every digit as it came
//! # Ok(())
//! # }
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `instrument` | the handle: write, query, blocks, identity, errors, off commands |
//! | `writer`, `link` | the sending and the receiving half of a connection |
//! | `resync` | back into step: by a device clear, a probe, else by a new connection |
//! | `handover` | a connection shared with a second process |
//! | `pipeline` | several queries on their way at once |
//! | `discover` | which instruments are there |
//! | `sink` | where the pieces of an answer go |
//! | `transport` | what carries the bytes: TCP, HiSLIP, VXI-11, serial lines, USBTMC |
//! | `error`, `hint`, `history`, `tape` | what went wrong, what it likely means, what went before, every byte |

mod config;
mod discover;
mod error;
mod handover;
mod hint;
mod history;
mod instrument;
mod link;
mod login;
mod message;
mod pipeline;
mod resync;
mod sink;
mod tape;
mod transport;
mod writer;

pub use config::{
    ClientConfig, DEFAULT_MAX_ANSWER_BYTES, MAX_DRAINED_ERRORS, RECONNECT_ATTEMPTS,
    REMEMBERED_EXCHANGES, SLOWEST_BLOCK_BYTES_PER_SECOND,
};
pub use discover::{DiscoverConfig, Discovered, Found, MAX_FOUND, discover};
pub use error::{Cause, ClientError, Unanswered};
pub use hint::Hint;
pub use instrument::{DrainedErrors, Instrument, MAX_LOCK_WAIT};
pub use login::Login;
pub use pipeline::MAX_PIPELINED;
pub use resync::Resynchronised;
pub use tape::{Tape, TapeEntry, TapeEvent};
