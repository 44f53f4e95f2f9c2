//! An instrument at a serial line: the far end of a pseudo terminal, whose near end is a device file for the client.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe;

use super::Served;
use super::messages::READ_BYTES;
use super::stream::{Line, converse};

/// Both ends: the near one is held open, so that a client that closes it does not end the line.
pub(crate) struct Pty {
    far: OwnedFd,
    near: OwnedFd,
    /// The device file that clients open.
    pub(crate) path: String,
}

impl Pty {
    /// A pseudo terminal that changes nothing of what goes through it.
    pub(crate) fn open() -> io::Result<Self> {
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&far)?;
        unlockpt(&far)?;
        let path = ptsname(&far, Vec::new())?.into_string().map_err(io::Error::other)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let near = rustix::fs::open(&*path, flags, rustix::fs::Mode::empty())?;
        let mut settings = tcgetattr(&near)?;
        settings.make_raw();
        tcsetattr(&near, OptionalActions::Now, &settings)?;
        rustix::io::ioctl_fionbio(&far, true)?;
        Ok(Self { far, near, path })
    }
}

struct Serial {
    from: pipe::Receiver,
    to: pipe::Sender,
    _near: OwnedFd,
}

impl Serial {
    /// What tokio knows of as the two ends of a pipe is read and written in the same way.
    fn new(pty: Pty) -> io::Result<Self> {
        let from = pipe::Receiver::from_owned_fd_unchecked(pty.far.try_clone()?)?;
        let to = pipe::Sender::from_owned_fd_unchecked(pty.far)?;
        Ok(Self { from, to, _near: pty.near })
    }
}

impl Line for Serial {
    async fn chunk(&self) -> io::Result<Option<Vec<u8>>> {
        loop {
            self.from.readable().await?;
            let mut chunk = Vec::with_capacity(READ_BYTES);
            match self.from.try_read_buf(&mut chunk) {
                Ok(_) => return Ok(Some(chunk)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes).await
    }

    /// A line has no connection that could be reset.
    fn reset(&self) {}
}

/// Serves an instrument at a serial line until the task is dropped; what ends a connection elsewhere does nothing here.
pub(crate) async fn serve(served: Arc<Served>, pty: Pty) {
    let Ok(mut line) = Serial::new(pty) else { return };
    loop {
        converse(Arc::clone(&served), Borrowed(&mut line), false).await;
    }
}

/// The line for one conversation.
struct Borrowed<'l>(&'l mut Serial);

impl Line for Borrowed<'_> {
    async fn chunk(&self) -> io::Result<Option<Vec<u8>>> {
        self.0.chunk().await
    }

    async fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.put(bytes).await
    }

    fn reset(&self) {
        self.0.reset();
    }
}
