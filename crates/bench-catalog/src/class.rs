//! Kinds of instruments.

use crate::word::words;

words! {
    /// What kind of instrument plays a role.
    pub enum Class, "class" {
        /// Measures voltage, current, resistance and the like.
        Multimeter = "multimeter",
        /// Supplies power.
        PowerSupply = "power_supply",
        /// Captures waveforms.
        Oscilloscope = "oscilloscope",
        /// Takes power.
        Load = "load",
        /// Generates signals.
        Generator = "generator",
        /// Connects routes.
        Switch = "switch",
        /// A person with something to read.
        Manual = "manual",
        /// Anything that speaks SCPI: raw queries only, unless the plan allows more.
        Instrument = "instrument",
    }
}

impl Class {
    /// Whether it can put energy somewhere, or take it from there. Of an unknown instrument nothing better
    /// is known.
    #[must_use]
    pub fn can_energise(self) -> bool {
        !matches!(self, Self::Multimeter | Self::Oscilloscope | Self::Manual)
    }

    /// Whether the safe state knows how to switch it off.
    #[must_use]
    pub fn has_outputs(self) -> bool {
        matches!(self, Self::PowerSupply | Self::Load | Self::Generator)
    }
}
