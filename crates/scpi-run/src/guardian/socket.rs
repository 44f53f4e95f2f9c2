//! The socket between a run and its guardian: whole messages, each with at most one open file.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg,
    sendmsg, socketpair, sockopt,
};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// The longest message, in bytes.
const MAX_MESSAGE_BYTES: usize = 16 << 10;

/// One end of the socket. Needs a runtime.
pub(super) struct Socket {
    socket: UnixStream,
}

/// What came.
pub(super) struct Received {
    pub(super) bytes: Vec<u8>,
    pub(super) file: Option<OwnedFd>,
}

/// Both ends of a new socket. No other process inherits them.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?)
}

impl Socket {
    pub(super) fn new(end: OwnedFd) -> io::Result<Self> {
        let is_ours = sockopt::socket_domain(&end)? == AddressFamily::UNIX
            && sockopt::socket_type(&end)? == SocketType::SEQPACKET;
        if !is_ours {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // It is no stream; of the stream we use only that it says when there is something to be had.
        Ok(Self { socket: UnixStream::from_std(end.into())? })
    }

    /// Sends a message and what goes with it; it waits while the other end is behind.
    pub(super) async fn send(&self, bytes: &[u8], file: Option<BorrowedFd<'_>>) -> io::Result<()> {
        loop {
            self.socket.writable().await?;
            match self.socket.try_io(Interest::WRITABLE, || self.send_now(bytes, file)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return sent,
            }
        }
    }

    /// The same without waiting.
    pub(super) fn send_now(&self, bytes: &[u8], file: Option<BorrowedFd<'_>>) -> io::Result<()> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("an order of {} bytes; at most {MAX_MESSAGE_BYTES} are sent", bytes.len()),
            ));
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut along = SendAncillaryBuffer::new(&mut space);
        let files = file.map(|file| [file]);
        if let Some(files) = &files {
            along.push(SendAncillaryMessage::ScmRights(files));
        }
        sendmsg(&self.socket, &[IoSlice::new(bytes)], &mut along, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// The next message; none at the end.
    pub(super) async fn receive(&self) -> io::Result<Option<Received>> {
        loop {
            self.socket.readable().await?;
            match self.socket.try_io(Interest::READABLE, || self.receive_now()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                received => return received,
            }
        }
    }

    fn receive_now(&self) -> io::Result<Option<Received>> {
        let mut bytes = vec![0; MAX_MESSAGE_BYTES];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut along = RecvAncillaryBuffer::new(&mut space);
        let mut slices = [IoSliceMut::new(&mut bytes)];
        let flags = RecvFlags::CMSG_CLOEXEC;
        let received = recvmsg(&self.socket, &mut slices, &mut along, flags)?;
        if received.flags.intersects(ReturnFlags::TRUNC | ReturnFlags::CTRUNC) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let files = along.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(files) => Some(files),
            _ => None,
        });
        let file = files.flatten().next();
        bytes.truncate(received.bytes);
        Ok((received.bytes > 0).then_some(Received { bytes, file }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::AsFd;

    use super::*;

    #[tokio::test]
    async fn messages_stay_whole_and_carry_files() {
        let (one, other) = pair().unwrap();
        let (one, other) = (Socket::new(one).unwrap(), Socket::new(other).unwrap());
        let (mut reader, writer) = std::io::pipe().unwrap();
        one.send(b"first", Some(writer.as_fd())).await.unwrap();
        one.send(b"second", None).await.unwrap();
        drop(writer);
        let first = other.receive().await.unwrap().unwrap();
        assert_eq!(first.bytes, b"first");
        let mut writer = std::fs::File::from(first.file.unwrap());
        writer.write_all(b"!").unwrap();
        drop(writer);
        assert_eq!(std::io::read_to_string(&mut reader).unwrap(), "!");
        let second = other.receive().await.unwrap().unwrap();
        assert_eq!((second.bytes.as_slice(), second.file.is_none()), (&b"second"[..], true));
        assert!(one.send(&[0; MAX_MESSAGE_BYTES + 1], None).await.is_err());
        drop(one);
        assert!(other.receive().await.unwrap().is_none(), "the end");
    }

    #[tokio::test]
    async fn what_is_no_such_socket_is_refused() {
        let file = std::fs::File::open("/dev/null").unwrap();
        assert!(Socket::new(file.into()).is_err());
    }
}
