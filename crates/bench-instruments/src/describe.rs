//! What is recorded of an instrument.

use bench_catalog::ChannelLimits;
use bench_model::{InstrumentIdentity, Quantity, RoleBinding};

use crate::instrument::BenchedInstrument;

impl BenchedInstrument {
    /// Its identity, and what its bench file and its dialect know of it.
    #[must_use]
    pub fn describe(&self, roles: Vec<RoleBinding>) -> InstrumentIdentity {
        InstrumentIdentity {
            instrument: self.name.clone(),
            address: self.address(),
            class: self.dialect.class.word().to_owned(),
            dialect: self.dialect.name.clone(),
            idn: self.identity.raw.clone(),
            maker: self.identity.maker.clone(),
            model: self.identity.model.clone(),
            serial: self.identity.serial.clone(),
            firmware: self.identity.firmware.clone(),
            simulated: self.simulated(),
            channels: self.dialect.channel_count(),
            capabilities: self.dialect.capabilities(),
            max_voltage: self.most(|limits| limits.max_voltage.as_ref()),
            max_current: self.most(|limits| limits.max_current.as_ref()),
            max_power: self.most(|limits| limits.max_power.as_ref()),
            roles,
            dialect_sha256: Some(self.dialect.sha256.clone()),
            calibration: None,
        }
    }

    /// The largest among the channels.
    fn most(&self, of: fn(&ChannelLimits) -> Option<&Quantity>) -> Option<Quantity> {
        let limits = self.dialect.channels.iter().filter_map(of);
        limits.reduce(|most, next| if next > most { next } else { most }).cloned()
    }
}
