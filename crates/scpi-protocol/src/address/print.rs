//! How an address is written.

use super::{Address, HISLIP_PORT};
use std::fmt;

/// The form in which we write it; it reads back.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "tcp://{}:{port}", Bracketed(host)),
            Self::Vxi11 { host, port: None, device } => {
                write!(f, "TCPIP::{}::{device}::INSTR", Bracketed(host))
            }
            Self::Vxi11 { host, port: Some(port), device } => {
                write!(f, "vxi11://{}:{port}/{device}", Bracketed(host))
            }
            Self::Hislip { host, port: HISLIP_PORT, device } => {
                write!(f, "TCPIP::{}::{device}::INSTR", Bracketed(host))
            }
            Self::Hislip { host, port, device } => {
                write!(f, "TCPIP::{}::{device},{port}::INSTR", Bracketed(host))
            }
            Self::Usbtmc { vendor, product, serial } => {
                write!(f, "USB::0x{vendor:04X}::0x{product:04X}::{serial}::INSTR")
            }
            Self::UsbtmcFile { path } => write!(f, "usbtmc://{path}"),
            Self::Serial { port, baud } => write!(f, "serial://{port}?baud={baud}"),
        }
    }
}

/// An IPv6 address in brackets, anything else as it is.
struct Bracketed<'h>(&'h str);

impl fmt::Display for Bracketed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') { write!(f, "[{}]", self.0) } else { f.write_str(self.0) }
    }
}
