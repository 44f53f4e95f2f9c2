//! A connection shared with a second process, which goes on with it when the first no longer can.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use scpi_protocol::address::Address;
use scpi_protocol::identity::Identity;
use scpi_protocol::session::OutOfStep;
use tokio::sync::Mutex;

use crate::config::ClientConfig;
use crate::instrument::{Instrument, Shared};
use crate::link::Link;
use crate::tape::Recorder;
use crate::transport;
use crate::writer::Writer;

impl Instrument {
    /// A duplicate of the connection for another process, with the connection's number, if there is one newer
    /// than `than`; the first is 1. It never waits: none also while a message is being sent, and none where
    /// the carrier is more than one socket.
    #[must_use]
    pub fn duplicate_newer(&self, than: u64) -> Option<(u64, OwnedFd)> {
        self.shared.writer.try_lock().ok()?.duplicate_newer(than)
    }

    /// The instrument behind a connection that another process made and has left in any state. Nothing is
    /// believed of it: the first message ends one that was left half sent, an off command goes out at once, and
    /// before anything is asked, the known instrument must have proved itself. Without a usable socket, the first call makes a connection. Needs a runtime.
    #[must_use]
    pub fn taken_over(
        address: &Address,
        config: ClientConfig,
        socket: Option<OwnedFd>,
        known: Option<Identity>,
    ) -> Self {
        let mut writer = Writer::default();
        let mut link = Link::new(&config);
        if let Some(halves) = socket.and_then(|socket| transport::taken_over(socket).ok()) {
            writer.take_over(halves);
            link.take(writer.claim());
            link.session.lose(OutOfStep::Unasked);
        }
        link.known = known;
        let shared = Shared {
            address: address.clone(),
            recorder: Recorder::new(address.to_string(), None),
            writer: Mutex::new(writer),
            link: Mutex::new(link),
            config,
        };
        Self { shared: Arc::new(shared) }
    }
}
