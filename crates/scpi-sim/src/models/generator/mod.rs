//! Generators: two makes of them over the same kind of channel.
//!
//! Bursts that wait for a trigger give nothing here, and modulating signals are sines.
//!
//! | file | holds |
//! | --- | --- |
//! | `channel` | how a channel is set, and what it makes of the circuit |
//! | `siglent`, `siglent_words` | Siglent SDG2042X |
//! | `rigol` | Rigol DG1032Z |

mod channel;
pub(crate) mod rigol;
pub(crate) mod siglent;
mod siglent_words;

use crate::circuit::{Errors, GeneratorSetting, Outlet};
use crate::noise::Noise;
use channel::Channel;

/// How many channels either make has.
pub(crate) const CHANNELS: usize = 2;

/// How either make holds its end of the circuit after a reset.
pub(crate) fn initial() -> GeneratorSetting {
    GeneratorSetting { on: false, ohms: channel::OUTPUT_OHMS, volts: 0.0, wave: None }
}

/// The channels of a generator and where they go.
struct Outputs {
    channels: [Channel; CHANNELS],
    outlets: [Outlet; CHANNELS],
    errors: Errors,
    /// Of the noise of each channel.
    streams: [u64; CHANNELS],
}

impl Outputs {
    fn new(
        initial: Channel,
        outlets: [Outlet; CHANNELS],
        mut noise: Noise,
        errors: Errors,
    ) -> Self {
        let streams = [noise.bits(), noise.bits()];
        Self { channels: [initial.clone(), initial], outlets, errors, streams }
    }

    fn channel(&mut self, index: usize) -> &mut Channel {
        &mut self.channels[index.min(CHANNELS - 1)]
    }

    /// Lets the circuit follow a channel.
    fn follow(&self, index: usize) {
        let index = index.min(CHANNELS - 1);
        let setting = self.channels[index].of_circuit(&self.errors, self.streams[index]);
        self.outlets[index].change(setting);
    }

    fn reset(&mut self, initial: &Channel) {
        for index in 0..CHANNELS {
            self.channels[index] = initial.clone();
            self.follow(index);
        }
    }
}

/// The channel of a numeric suffix, from 0.
fn index_of(suffixes: &[u32]) -> usize {
    let number = suffixes.first().copied().unwrap_or(1);
    usize::try_from(number).unwrap_or(1).clamp(1, CHANNELS) - 1
}
