//! What a run tells its guardian. An order may come with an open file: a connection, or the run itself.

use std::time::Duration;

use bench_catalog::WireWords;
use bench_instruments::{BenchedInstrument, OffOrder};
use scpi_client::ClientConfig;

/// One message to the guardian.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// Who is guarded, with its pidfd.
    Runner {
        /// The file for what the guardian does, as the bytes of its path.
        report: Vec<u8>,
        /// After this time without a beat the run is taken for hung.
        heartbeat: Duration,
    },
    /// A file for what the guardian does at one more site.
    Site {
        /// As the bytes of its path.
        report: Vec<u8>,
    },
    /// The lock of an instrument, which is held until everything is off.
    Lock,
    /// One instrument, with its connection where that can be shared.
    Instrument(InstrumentOrder),
    /// A newer connection of an instrument.
    Connection {
        /// Its name.
        instrument: String,
    },
    /// One channel that is to be switched off.
    Off {
        /// In which stage, from 0; stages come in their order.
        stage: usize,
        /// At which site, from 0.
        site: usize,
        /// How.
        order: OffOrder,
    },
    /// Everything has been said: from now on the guardian guards. It answers.
    Arm,
    /// The run's loop turns. The guardian answers.
    Beat,
    /// All is off: the guardian goes.
    Release,
}

/// How an instrument is reached.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct InstrumentOrder {
    pub(super) name: String,
    pub(super) address: String,
    /// What it answers to `*IDN?`.
    pub(super) identity: String,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) probe_timeout: Duration,
    pub(super) min_gap: Duration,
    /// How it frames its messages.
    pub(super) wire: WireWords,
}

impl InstrumentOrder {
    pub(super) fn of(instrument: &BenchedInstrument) -> Self {
        let config = instrument.config();
        Self {
            name: instrument.name().to_owned(),
            address: instrument.address(),
            identity: instrument.identity().raw.clone(),
            connect_timeout: config.connect_timeout,
            read_timeout: config.read_timeout,
            write_timeout: config.write_timeout,
            probe_timeout: config.probe_timeout,
            min_gap: config.min_gap,
            wire: instrument.dialect().wire,
        }
    }

    pub(super) fn config(&self) -> ClientConfig {
        ClientConfig {
            connect_timeout: self.connect_timeout,
            read_timeout: self.read_timeout,
            write_timeout: self.write_timeout,
            probe_timeout: self.probe_timeout,
            min_gap: self.min_gap,
            write_terminator: self.wire.write_terminator(),
            framing: self.wire.framing(),
            ..ClientConfig::default()
        }
    }
}
