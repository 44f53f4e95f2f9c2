//! What an instrument may be set to at most.

use bench_model::Quantity;

use crate::setting::Setting;

/// What the inventory of the lab says that an instrument can do at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maxima {
    /// In volts, of its outputs and its input.
    pub voltage: Option<Quantity>,
    /// In amperes.
    pub current: Option<Quantity>,
    /// In watts.
    pub power: Option<Quantity>,
}

impl Maxima {
    /// The one that bounds a setting, where it is known.
    #[must_use]
    pub fn of(&self, setting: Setting) -> Option<&Quantity> {
        match setting {
            Setting::Voltage | Setting::Amplitude | Setting::Offset => self.voltage.as_ref(),
            Setting::CurrentLimit | Setting::Current => self.current.as_ref(),
            Setting::Power => self.power.as_ref(),
            _ => None,
        }
    }
}
