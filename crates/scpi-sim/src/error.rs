//! Why a bench cannot be served.

use std::io;

/// A bench that cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// The port of an instrument cannot be had.
    #[error(
        "{place}: the port {port} for '{instrument}' on 127.0.0.1 cannot be had; port = 0 takes any free one"
    )]
    Bind {
        /// File, line and column of the port, or the file alone.
        place: String,
        /// The instrument.
        instrument: String,
        /// The port; 0 is any.
        port: u16,
        /// Why not.
        source: io::Error,
    },
    /// There is no pseudo terminal to be had.
    #[error("instrument '{instrument}': there is no pseudo terminal for its serial line")]
    Serial {
        /// Its name.
        instrument: String,
        /// What the system says.
        source: io::Error,
    },
    /// A fault of the bench file names a header that its instrument does not know.
    #[error("a fault that the bench describes cannot be armed")]
    Fault(#[from] crate::controls::ControlError),
}
