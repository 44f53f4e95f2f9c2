//! The C instrument: compiled, started, and ended with this process.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/speed/instrument.c");

/// A running instrument; any number of connections each are one of its own.
pub(crate) struct Instrument {
    child: Child,
    pub(crate) at: SocketAddr,
}

impl Instrument {
    /// Nothing where there is no C compiler.
    pub(crate) fn start() -> Option<Self> {
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed-instrument");
        let compiled = Command::new("cc").args(["-O2", "-o"]).arg(&program).arg(SOURCE).status();
        if !compiled.is_ok_and(|status| status.success()) {
            return None;
        }
        let mut child = Command::new(program).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, line.trim().parse().unwrap()));
        Some(Self { child, at })
    }
}

impl Drop for Instrument {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
