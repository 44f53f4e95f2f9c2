//! VXI-11 (VXIbus TCP/IP instrument protocol, revision 1.0): messages to bytes and back, both sides of the wire.
//!
//! Every step is a remote procedure call (ONC RPC, RFC 5531) over TCP: a link is created, a message is written, an
//! answer is read until its END. Calls and replies are records (RFC 5531 clause 11) of big-endian words (XDR,
//! RFC 4506). A port mapper (RFC 1833) at port 111 says at which port the calls are taken.
//!
//! | file | holds |
//! | --- | --- |
//! | `xdr` | words, texts, bytes |
//! | `record` | bytes in any split to records |
//! | `rpc` | calls and replies, without what is asked |
//! | `calls` | what is asked and replied: links, writing, reading, clearing, the port mapper |
//!
//! ```
//! use scpi_protocol::vxi11::{CreateLink, Procedure, Records, Xdr, call, Call};
//!
//! let asked = CreateLink { client: 1, lock: false, lock_timeout_ms: 0, device: "inst0".to_owned() };
//! let wire = call(7, Procedure::CreateLink, &asked);
//!
//! let mut input = wire.as_slice();
//! let record = Records::new(1 << 10).next(&mut input)?.unwrap_or_default();
//! let (header, rest) = Call::parse(&record)?;
//! assert_eq!((header.xid, header.procedure()), (7, Some(Procedure::CreateLink)));
//! assert_eq!(CreateLink::of_bytes(rest)?, asked);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod calls;
mod record;
mod rpc;
mod xdr;

pub use calls::{
    ABORT_PROGRAM, ByLink, CORE_PROGRAM, CORE_VERSION, CreateLink, CreatedLink, DONE, DeviceError,
    END, Generic, GetPort, INTERRUPT_PROGRAM, InterruptChannel, Lock, MAPPER_PORT, MAPPER_PROGRAM,
    MAPPER_VERSION, Port, Procedure, REASON_CHARACTER, REASON_COUNT, REASON_END, Read, ReadReply,
    ServiceRequest, ServiceRequests, StatusReply, TERM_CHARACTER_SET, WAIT_FOR_LOCK, Write,
    WriteReply, call,
};
pub use record::{RecordTooLong, Records, record};
pub use rpc::{Call, Refused, Reply, ReplyError, refusal, reply};
pub use xdr::{NoXdr, Xdr};
