//! One instrument of a bench: who it is, what it speaks, and its connection.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use bench_catalog::{AccuracyTable, BenchInstrument, Calibration, Dialect, Function};
use bench_model::Timestamp;
use scpi_client::{ClientConfig, ClientError, Instrument};
use scpi_protocol::error_queue::ErrorEntry;
use scpi_protocol::identity::Identity;
use tokio::sync::Mutex;

use crate::channel::Channel;
use crate::error::{InstrumentError, Who};

/// An instrument that has said who it is.
#[derive(Debug)]
pub struct BenchedInstrument {
    pub(crate) name: String,
    pub(crate) entry: BenchInstrument,
    pub(crate) line_frequency_hz: u32,
    pub(crate) identity: Identity,
    pub(crate) dialect: Dialect,
    pub(crate) client: Instrument,
    pub(crate) old_errors: Vec<ErrorEntry>,
    pub(crate) unexpected: Option<String>,
    /// Held from the first message of a request to its error queue, so that an entry is laid at the right door.
    pub(crate) turn: Mutex<()>,
}

impl BenchedInstrument {
    /// Its name in the bench file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> String {
        self.client.address().to_owned()
    }

    /// What it says of itself.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it speaks.
    #[must_use]
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// Whether it is simulated.
    #[must_use]
    pub fn simulated(&self) -> bool {
        self.entry.simulated
    }

    /// When it was calibrated, where the bench file says so.
    #[must_use]
    pub fn calibration(&self) -> Option<&Calibration> {
        self.entry.calibration.as_ref()
    }

    /// Since when it has been on, where the bench file says so.
    #[must_use]
    pub fn on_since(&self) -> Option<Timestamp> {
        self.entry.on_since
    }

    /// What its readings are accurate to: as the bench file says, else as the data sheet of its model does.
    #[must_use]
    pub fn accuracy(&self, function: Function) -> &[AccuracyTable] {
        self.entry.accuracy(function, Some(&self.dialect))
    }

    /// How many connections have been made to it: when it grows, it may have lost its settings.
    pub async fn connections_made(&self) -> u64 {
        self.client.connections_made().await
    }

    /// How its connection behaves.
    #[must_use]
    pub fn config(&self) -> &ClientConfig {
        self.client.config()
    }

    /// A duplicate of its connection for another process, if there is one newer than `than`; see
    /// [`Instrument::duplicate_newer`].
    #[must_use]
    pub fn duplicate_newer(&self, than: u64) -> Option<(u64, OwnedFd)> {
        self.client.duplicate_newer(than)
    }

    /// In words, where it is another than the bench file says and is used all the same.
    #[must_use]
    pub fn unexpected(&self) -> Option<&str> {
        self.unexpected.as_deref()
    }

    /// What stood in its error queue before it was asked for anything.
    #[must_use]
    pub fn old_errors(&self) -> &[ErrorEntry] {
        &self.old_errors
    }

    /// One of its channels, from 1, in a role.
    ///
    /// # Errors
    /// When it has no such channel.
    pub fn channel(self: &Arc<Self>, role: &str, channel: u32) -> Result<Channel, InstrumentError> {
        if self.dialect.channel(channel).is_some() {
            return Ok(Channel::new(role, channel, Arc::clone(self)));
        }
        Err(InstrumentError::NoChannel {
            who: self.who(Some(role)),
            channel,
            dialect: self.dialect.name.clone(),
            channels: self.dialect.channel_count(),
        })
    }

    pub(crate) fn who(&self, role: Option<&str>) -> Box<Who> {
        Box::new(Who {
            role: role.map(str::to_owned),
            instrument: self.name.clone(),
            address: self.address(),
        })
    }

    /// Empties the error queue, as far as its bound; nothing where there is no queue.
    pub(crate) async fn take_errors(&self) -> Result<Vec<ErrorEntry>, ClientError> {
        match error_query(&self.dialect) {
            Some(query) => {
                let drained = self.client.drain_errors_by(query, usize::MAX).await?;
                Ok(drained.entries)
            }
            None => Ok(Vec::new()),
        }
    }
}

/// A dialect says with an empty text that there is no error queue.
pub(crate) fn error_query(dialect: &Dialect) -> Option<&str> {
    dialect.error_query.as_deref().filter(|query| !query.is_empty())
}
