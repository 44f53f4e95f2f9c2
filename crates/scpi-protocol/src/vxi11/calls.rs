//! What is asked of an instrument and what it replies (VXI-11 clause B.6 and appendix C), and the port mapper.

use std::fmt;

use super::rpc::Call;
use super::xdr::{NoXdr, Xdr, messages};

/// The program that talks to instruments, `DEVICE_CORE`.
pub const CORE_PROGRAM: u32 = 0x0006_07AF;
/// The program that aborts, `DEVICE_ASYNC`.
pub const ABORT_PROGRAM: u32 = 0x0006_07B0;
/// The program of a client that hears of service requests, `DEVICE_INTR`.
pub const INTERRUPT_PROGRAM: u32 = 0x0006_07B1;
/// The version of all three.
pub const CORE_VERSION: u32 = 1;

/// The port mapper's program (RFC 1833 clause 3).
pub const MAPPER_PROGRAM: u32 = 100_000;
/// Its version.
pub const MAPPER_VERSION: u32 = 2;
/// Its port.
pub const MAPPER_PORT: u16 = 111;

/// Operation flag (clause B.5.3): wait for a lock that another link holds.
pub const WAIT_FOR_LOCK: i32 = 1;
/// Operation flag: the message ends with the last byte written.
pub const END: i32 = 8;
/// Operation flag: a reading ends at the given character.
pub const TERM_CHARACTER_SET: i32 = 128;

/// Why a reading ended (clause B.6.4): as many bytes as asked for.
pub const REASON_COUNT: i32 = 1;
/// The given character came.
pub const REASON_CHARACTER: i32 = 2;
/// The answer is over.
pub const REASON_END: i32 = 4;

/// `Device_ErrorCode` of what is done.
pub const DONE: DeviceError = DeviceError(0);

/// The code with which an instrument replies (clause B.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceError(pub i32);

impl DeviceError {
    /// There is no such instrument.
    pub const NOT_ACCESSIBLE: Self = Self(3);
    /// There is no such link.
    pub const INVALID_LINK: Self = Self(4);
    /// What is asked makes no sense.
    pub const PARAMETER: Self = Self(5);
    /// There is no such connection.
    pub const NOT_ESTABLISHED: Self = Self(6);
    /// This is not done here.
    pub const NOT_SUPPORTED: Self = Self(8);
    /// There are too many links.
    pub const OUT_OF_RESOURCES: Self = Self(9);
    /// Another link holds the lock.
    pub const LOCKED: Self = Self(11);
    /// This link holds no lock.
    pub const NO_LOCK: Self = Self(12);
    /// It was not done in time.
    pub const TIMEOUT: Self = Self(15);
    /// The instrument has failed.
    pub const IO: Self = Self(17);
    /// It was aborted.
    pub const ABORT: Self = Self(23);
    /// There is such a connection already.
    pub const ESTABLISHED: Self = Self(29);
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            0 => "no error",
            1 => "syntax error",
            3 => "there is no such instrument",
            4 => "there is no such link",
            5 => "a parameter makes no sense",
            6 => "the channel is not established",
            8 => "this is not supported",
            9 => "there are too many links",
            11 => "another link holds the lock",
            12 => "this link holds no lock",
            15 => "it was not done in time",
            17 => "the instrument has failed",
            21 => "the address makes no sense",
            23 => "it was aborted",
            29 => "the channel is established already",
            _ => "an error that has no name",
        };
        write!(f, "VXI-11 error {}, {text}", self.0)
    }
}

impl Xdr for DeviceError {
    fn put(&self, to: &mut Vec<u8>) {
        self.0.put(to);
    }

    fn take(from: &mut &[u8]) -> Result<Self, NoXdr> {
        i32::take(from).map(Self)
    }
}

macro_rules! procedures {
    ($($name:ident = $program:ident, $number:literal, $meaning:literal;)*) => {
        /// What an instrument can be asked (appendix C).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Procedure {
            $(#[doc = $meaning] $name,)*
        }

        impl Procedure {
            /// Its program and its number there.
            #[must_use]
            pub fn numbers(self) -> (u32, u32) {
                match self {
                    $(Self::$name => ($program, $number),)*
                }
            }

            pub(super) fn of_numbers(program: u32, number: u32) -> Option<Self> {
                match (program, number) {
                    $(($program, $number) => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

procedures! {
    CreateLink = CORE_PROGRAM, 10, "Open a link.";
    Write = CORE_PROGRAM, 11, "Take a message, or a piece of one.";
    Read = CORE_PROGRAM, 12, "Give an answer, or a piece of one.";
    ReadStatus = CORE_PROGRAM, 13, "Give the status byte.";
    Trigger = CORE_PROGRAM, 14, "As `*TRG`.";
    Clear = CORE_PROGRAM, 15, "Forget what is under way.";
    Remote = CORE_PROGRAM, 16, "Lock the front panel.";
    Local = CORE_PROGRAM, 17, "Free the front panel.";
    Lock = CORE_PROGRAM, 18, "Lock the instrument for this link.";
    Unlock = CORE_PROGRAM, 19, "Give the lock back.";
    EnableServiceRequests = CORE_PROGRAM, 20, "Tell of service requests.";
    Command = CORE_PROGRAM, 22, "Commands of one interface alone.";
    DestroyLink = CORE_PROGRAM, 23, "Close a link.";
    CreateInterruptChannel = CORE_PROGRAM, 25, "Connect to tell of service requests.";
    DestroyInterruptChannel = CORE_PROGRAM, 26, "Close that connection.";
    TellServiceRequest = INTERRUPT_PROGRAM, 30, "Say to the client that service is requested; it says nothing back.";
    Abort = ABORT_PROGRAM, 1, "End what is under way on a link.";
    GetPort = MAPPER_PROGRAM, 3, "At which port is a program?";
}

messages! {
    /// Opens a link.
    pub CreateLink {
        /// Any number; it tells clients apart.
        client: i32,
        /// Whether the link wants the lock at once.
        lock: bool,
        /// How long to wait for the lock, in milliseconds.
        lock_timeout_ms: u32,
        /// The instrument: `inst0`.
        device: String,
    }

    /// The reply to [`CreateLink`].
    pub CreatedLink {
        /// Whether there is a link.
        error: DeviceError,
        /// The link; 0 is one as well.
        link: i32,
        /// The port where calls are aborted.
        abort_port: u32,
        /// The most bytes that one [`Write`] may have.
        max_receive_bytes: u32,
    }

    /// Takes a message, or a piece of one.
    pub Write {
        /// The link.
        link: i32,
        /// How long the instrument may take, in milliseconds.
        io_timeout_ms: u32,
        /// How long to wait for a lock, in milliseconds.
        lock_timeout_ms: u32,
        /// [`END`] with the last piece.
        flags: i32,
        /// The bytes.
        data: Vec<u8>,
    }

    /// The reply to [`Write`].
    pub WriteReply {
        /// Whether it was taken.
        error: DeviceError,
        /// How many bytes were.
        size: u32,
    }

    /// Gives an answer, or a piece of one.
    pub Read {
        /// The link.
        link: i32,
        /// The most bytes to give.
        request_bytes: u32,
        /// How long to wait for the answer, in milliseconds.
        io_timeout_ms: u32,
        /// How long to wait for a lock, in milliseconds.
        lock_timeout_ms: u32,
        /// [`TERM_CHARACTER_SET`] where it matters.
        flags: i32,
        /// Where a reading ends as well.
        term_character: i32,
    }

    /// The reply to [`Read`].
    pub ReadReply {
        /// Whether anything was read.
        error: DeviceError,
        /// Why the reading ended: [`REASON_END`] and others, together.
        reason: i32,
        /// The bytes.
        data: Vec<u8>,
    }

    /// Asks for the status byte, a trigger, a device clear, remote or local.
    pub Generic {
        /// The link.
        link: i32,
        /// [`WAIT_FOR_LOCK`] or none.
        flags: i32,
        /// How long to wait for a lock, in milliseconds.
        lock_timeout_ms: u32,
        /// How long the instrument may take, in milliseconds.
        io_timeout_ms: u32,
    }

    /// The status byte.
    pub StatusReply {
        /// Whether there is one.
        error: DeviceError,
        /// The byte, in a word.
        status: u32,
    }

    /// Asks for the lock.
    pub Lock {
        /// The link.
        link: i32,
        /// [`WAIT_FOR_LOCK`] or none.
        flags: i32,
        /// How long to wait for it, in milliseconds.
        lock_timeout_ms: u32,
    }

    /// Whether to tell of service requests.
    pub ServiceRequests {
        /// The link.
        link: i32,
        /// Whether to.
        enable: bool,
        /// What to tell with them, at most 40 bytes.
        handle: Vec<u8>,
    }

    /// Asks for a connection on which service requests are told (clause B.6.12).
    pub InterruptChannel {
        /// The client's IPv4 address, as a number.
        address: u32,
        /// Its port.
        port: u32,
        /// [`INTERRUPT_PROGRAM`].
        program: u32,
        /// 1.
        version: u32,
        /// 0 for TCP, 1 for UDP.
        family: i32,
    }

    /// Tells of a service request (clause B.6.15).
    pub ServiceRequest {
        /// What the client said that is to be told.
        handle: Vec<u8>,
    }

    /// Names a link: to give its lock back, to close it, to abort what is under way on it.
    pub ByLink {
        /// The link.
        link: i32,
    }

    /// Asks the port mapper (RFC 1833 clause 3.1, `mapping`).
    pub GetPort {
        /// The program.
        program: u32,
        /// Its version.
        version: u32,
        /// 6 for TCP, 17 for UDP.
        protocol: u32,
        /// Nothing.
        port: u32,
    }

    /// The port mapper's reply.
    pub Port {
        /// The port; 0 where there is no such program.
        port: u32,
    }
}

impl GetPort {
    /// TCP, as the port mapper numbers it.
    pub const TCP: u32 = 6;
}

/// A call as it goes on the wire.
#[must_use]
pub fn call(xid: u32, procedure: Procedure, asked: &impl Xdr) -> Vec<u8> {
    let (program, number) = procedure.numbers();
    let version = if program == MAPPER_PROGRAM { MAPPER_VERSION } else { CORE_VERSION };
    Call { xid, program, version, procedure: number }.to_bytes(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The port mapper's call for the core program, word by word as RFC 5531 and RFC 1833 have it.
    #[test]
    fn a_known_call_of_the_port_mapper() {
        let asked = GetPort { program: CORE_PROGRAM, version: 1, protocol: GetPort::TCP, port: 0 };
        let wire = call(1, Procedure::GetPort, &asked);
        let words: [u32; 15] = [0x8000_0038, 1, 0, 2, 100_000, 2, 3, 0, 0, 0, 0, 395_183, 1, 6, 0];
        assert_eq!(wire, words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>());
    }

    /// `*IDN?` to link 0, as clause B.6.3 has it.
    #[test]
    fn a_known_write() {
        let asked = Write {
            link: 0,
            io_timeout_ms: 10_000,
            lock_timeout_ms: 0,
            flags: END,
            data: b"*IDN?\n".to_vec(),
        };
        let wire = call(2, Procedure::Write, &asked);
        let tail = b"\0\0\0\0\0\0\x27\x10\0\0\0\0\0\0\0\x08\0\0\0\x06*IDN?\n\0\0";
        assert!(wire.ends_with(tail), "{}", wire.escape_ascii());
        assert_eq!(Write::of_bytes(tail), Ok(asked));
    }

    #[test]
    fn errors_have_names() {
        let text = DeviceError::TIMEOUT.to_string();
        assert_eq!(text, "VXI-11 error 15, it was not done in time");
        assert_eq!(Procedure::of_numbers(CORE_PROGRAM, 21), None);
    }
}
