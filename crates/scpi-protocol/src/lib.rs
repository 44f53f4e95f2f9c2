//! IEEE 488.2 and SCPI: bytes to messages and back, for both sides of the wire, without any I/O.
//!
//! Bytes in any split become frames, frames become messages, and a session knows whose answer comes next. There is
//! no socket, clock or task in here: whoever has the bytes calls.
//!
//! | module | holds |
//! | --- | --- |
//! | [`framer`] | where a message ends, and where data in it begins |
//! | [`program`] | what a controller says: headers, parameters, units; the command tree of an instrument |
//! | [`response`] | what an instrument answers: every data type of the standard, exact numbers, arrays |
//! | [`session`] | whose answer comes next, and when nobody can know |
//! | [`error_queue`], [`status`] | the standard's errors and registers |
//! | [`identity`], [`address`] | who an instrument is, and where |
//! | [`hislip`], [`vxi11`] | messages over networks that say where they end |
//! | [`mdns`] | how instruments tell that they are there |
//! | [`preamble`], [`block`] | waveforms: from codes to samples with axes |
//!
//! ```
//! use scpi_protocol::framer::{Frame, Framer, FramerConfig};
//! use scpi_protocol::program::ProgramMessage;
//! use scpi_protocol::response::Response;
//!
//! let query = ProgramMessage::command("MEAS:VOLT:DC?")?.channels(&[1]).message();
//! assert_eq!(query.to_bytes(), b"MEAS:VOLT:DC? (@1)");
//!
//! let mut framer = Framer::new(FramerConfig::default());
//! let mut from_the_wire: &[u8] = b"+4.95000000E+00\r\n";
//! if let Some(Frame::Line(line)) = framer.next(&mut from_the_wire)? {
//!     let answer = Response::new(line.to_vec());
//!     assert_eq!(answer.number()?.text, "+4.95000000E+00");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod address;
pub mod block;
mod channel_list;
pub mod error_queue;
mod escape;
mod fault;
pub mod framer;
pub mod hislip;
pub mod identity;
mod lexis;
pub mod mdns;
pub mod preamble;
pub mod program;
pub mod response;
pub mod session;
pub mod status;
pub mod vxi11;

pub use channel_list::{Channel, ChannelList, ChannelRange, MAX_LISTED_CHANNELS};
pub use escape::{Escaped, SHOWN_BYTES};
