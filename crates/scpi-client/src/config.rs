//! How a connection behaves: its deadlines, its framing, its bounds.

use std::time::Duration;

use scpi_protocol::framer::FramerConfig;

use crate::login::Login;

/// Exchanges that an error tells about.
pub const REMEMBERED_EXCHANGES: usize = 10;

/// Times that a lost connection is tried again before the operation fails.
pub const RECONNECT_ATTEMPTS: u32 = 3;

/// Entries of an error queue that are read at most: a queue that never empties is broken.
pub const MAX_DRAINED_ERRORS: usize = scpi_protocol::error_queue::MAX_DRAINED_ENTRIES;

/// The slowest block that is still waited for, in bytes a second, beyond the read timeout.
pub const SLOWEST_BLOCK_BYTES_PER_SECOND: u32 = 100_000;

/// The longest answer, all its texts and blocks together, in bytes.
pub const DEFAULT_MAX_ANSWER_BYTES: usize = 512 << 20;

/// Deadlines, framing and bounds of one connection.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// For a connection to be made.
    pub connect_timeout: Duration,
    /// From a query's last byte sent to its answer's last byte; a block gets the time in addition that
    /// it takes at [`SLOWEST_BLOCK_BYTES_PER_SECOND`].
    pub read_timeout: Duration,
    /// For a message to be taken by the instrument.
    pub write_timeout: Duration,
    /// For the answer to a probe, after a timeout or on a new connection.
    pub probe_timeout: Duration,
    /// The least time between two messages (quirk Q16).
    pub min_gap: Duration,
    /// Queries that [`query_all`](crate::Instrument::query_all) sends before it reads their answers; 1 where the
    /// instrument cannot be trusted with more.
    pub pipelined: usize,
    /// What ends a message that is sent.
    pub write_terminator: &'static str,
    /// Whether the instrument has a control port beside its raw socket, on which it can be cleared:
    /// `SYST:COMM:TCPIP:CONTROL?` asks for its number. It is asked once a connection, after the identity.
    pub has_control_port: bool,
    /// How answers are framed.
    pub framing: FramerConfig,
    /// The longest answer, in bytes.
    pub max_answer_bytes: usize,
    /// What is said first on each new connection; on bare byte streams alone.
    pub login: Option<Login>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            read_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(3),
            probe_timeout: Duration::from_secs(2),
            min_gap: Duration::ZERO,
            pipelined: 1,
            write_terminator: "\n",
            has_control_port: false,
            framing: FramerConfig::default(),
            max_answer_bytes: DEFAULT_MAX_ANSWER_BYTES,
            login: None,
        }
    }
}
