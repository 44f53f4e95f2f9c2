//! HiSLIP (IVI-6.1, versions 1.0 to 2.0, without encryption): messages to bytes and back, both sides of the wire.
//!
//! A session is two TCP connections: the synchronous channel carries what is said and answered, the asynchronous
//! channel everything that must not wait: status, device clear, locks, service requests. On either, a message is
//! a header of 16 bytes (clause 2.2) and a payload of stated length. Unlike on a bare byte stream, an answer is
//! labelled with the [`MessageId`] of what it answers, and `DataEnd` says where it ends.
//!
//! | file | holds |
//! | --- | --- |
//! | `kind` | the numbers of messages, their channels, the codes of errors |
//! | `header` | 16 bytes |
//! | `id` | which message is which |
//! | `splitter` | bytes in any split to headers and payloads |
//! | `outgoing` | a program message cut into messages that the other side takes |
//!
//! ```
//! use scpi_protocol::hislip::{Header, Kind, MessageId, Piece, Splitter};
//!
//! let header = Header::new(Kind::DataEnd, 0, MessageId::FIRST.number(), 6);
//! let mut wire = header.to_bytes().to_vec();
//! wire.extend_from_slice(b"*IDN?\n");
//!
//! let (mut splitter, mut input) = (Splitter::new(1 << 20), wire.as_slice());
//! assert_eq!(splitter.next(&mut input)?, Some(Piece::Begin(header)));
//! assert_eq!(splitter.next(&mut input)?, Some(Piece::Payload(b"*IDN?\n")));
//! assert_eq!(splitter.next(&mut input)?, Some(Piece::End));
//! # Ok::<(), scpi_protocol::hislip::HislipError>(())
//! ```

mod header;
mod id;
mod kind;
mod outgoing;
mod splitter;

pub use header::{HEADER_BYTES, Header, Opening, SessionOffer, Version};
pub use id::MessageId;
pub use kind::{
    Channel, ErrorCode, FatalCode, Kind, LOCK_RELEASE, LOCK_REQUEST, LockAnswer, OVERLAP,
    RMT_DELIVERED,
};
pub use outgoing::{LEAST_MESSAGE_BYTES, Labels, Outgoing};
pub use splitter::{HislipError, MAX_CONTROL_BYTES, Message, Messages, Piece, Splitter};
