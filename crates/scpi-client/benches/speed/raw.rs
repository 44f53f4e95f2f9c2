//! The references: a blocking socket, and one epoll loop over many.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

pub(crate) fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// One exchange whose answer fits into one read.
pub(crate) fn query(stream: &mut TcpStream) {
    stream.write_all(b"READ?\n").unwrap();
    let mut answer = [0; 64];
    let bytes = stream.read(&mut answer).unwrap();
    assert!(answer[..bytes].ends_with(b"\n"));
}

/// Asks, and receives so many bytes into one buffer again and again: the limit.
pub(crate) fn receive(stream: &mut TcpStream, query: &[u8], bytes: usize, buffer: &mut [u8]) {
    stream.write_all(query).unwrap();
    let mut left = bytes;
    while left > 0 {
        let most = left.min(buffer.len());
        left -= stream.read(&mut buffer[..most]).unwrap();
    }
}

/// Exchanges on many connections at the same time, so many on each.
pub(crate) fn many(streams: &mut [TcpStream], exchanges: usize) {
    let poll = epoll::create(CreateFlags::CLOEXEC).unwrap();
    for (at, stream) in streams.iter_mut().enumerate() {
        epoll::add(&poll, &*stream, EventData::new_u64(at as u64), EventFlags::IN).unwrap();
        stream.write_all(b"READ?\n").unwrap();
    }
    let mut left = vec![exchanges; streams.len()];
    let mut open = streams.len();
    let mut events = Vec::with_capacity(512);
    while open > 0 {
        epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), None).unwrap();
        for event in events.drain(..) {
            let at = event.data.u64() as usize;
            let mut answer = [0; 64];
            let bytes = streams[at].read(&mut answer).unwrap();
            assert!(answer[..bytes].ends_with(b"\n"));
            left[at] -= 1;
            if left[at] == 0 {
                open -= 1;
            } else {
                streams[at].write_all(b"READ?\n").unwrap();
            }
        }
    }
}
