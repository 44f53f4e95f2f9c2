//! A serial line: eight bits, no parity, one stop bit, no flow control, at the address's rate.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{self, ControlModes, OptionalActions, SpecialCodeIndex};
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, timeout_at};

use super::Arrived;

/// An open line; both directions go over it.
pub(crate) type Line = Arc<AsyncFd<OwnedFd>>;

/// Opens a line: a device file, or the number of a `/dev/ttyS`, as VISA counts them from 1.
pub(super) fn open(port: &str, baud: u32) -> io::Result<Line> {
    let path = match port.parse::<u32>() {
        Ok(number) => format!("/dev/ttyS{}", number.saturating_sub(1)),
        Err(_) => port.to_owned(),
    };
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let line = rustix::fs::open(path, flags, Mode::empty())?;
    set_up(&line, baud)?;
    #[expect(
        deprecated,
        reason = "the line is an OwnedFd, which keeps what the new, unsafe function asks for"
    )]
    let line = AsyncFd::new(line)?;
    Ok(Arc::new(line))
}

fn set_up(line: &OwnedFd, baud: u32) -> io::Result<()> {
    let mut settings = termios::tcgetattr(line)?;
    settings.make_raw();
    settings.control_modes.remove(ControlModes::CSTOPB | ControlModes::CRTSCTS);
    settings.control_modes.insert(ControlModes::CREAD | ControlModes::CLOCAL);
    settings.special_codes[SpecialCodeIndex::VMIN] = 1;
    settings.special_codes[SpecialCodeIndex::VTIME] = 0;
    settings.set_speed(baud)?;
    termios::tcsetattr(line, OptionalActions::Now, &settings)?;
    // What came before we were there answers nothing of ours.
    termios::tcflush(line, termios::QueueSelector::IOFlush)?;
    Ok(())
}

/// Reads into the free capacity of `buffer`; nothing when the deadline passed first.
pub(super) async fn read(
    line: &Line,
    buffer: &mut Vec<u8>,
    deadline: Instant,
) -> io::Result<Option<Arrived>> {
    loop {
        let Ok(ready) = timeout_at(deadline, line.readable()).await else { return Ok(None) };
        let mut ready = ready?;
        match read_now(line, buffer)? {
            Some(arrived) => return Ok(Some(arrived)),
            None => ready.clear_ready(),
        }
    }
}

/// The same without waiting.
pub(super) fn read_now(line: &Line, buffer: &mut Vec<u8>) -> io::Result<Option<Arrived>> {
    match rustix::io::read(line.as_fd(), rustix::buffer::spare_capacity(buffer)) {
        Ok(0) => Ok(Some(Arrived::Closed)),
        Ok(_) => Ok(Some(Arrived::Bytes)),
        Err(Errno::AGAIN | Errno::INTR) => Ok(None),
        // The other end of a pseudo-terminal is gone, or the adapter is pulled.
        Err(Errno::IO) => Ok(Some(Arrived::Closed)),
        Err(error) => Err(error.into()),
    }
}

/// Gives the line what it takes; nothing when the deadline passed first.
pub(super) async fn send(
    line: &Line,
    bytes: &[u8],
    deadline: Instant,
) -> io::Result<Option<usize>> {
    loop {
        match rustix::io::write(line.as_fd(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => return Ok(Some(sent)),
            Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        match timeout_at(deadline, line.writable()).await {
            Ok(ready) => ready?.clear_ready(),
            Err(_) => return Ok(None),
        }
    }
}
