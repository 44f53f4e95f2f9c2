//! Stability over time: the Allan deviation and its family (IEEE Std 1139; Riley, Handbook of Frequency Stability
//! Analysis, NIST SP 1065).
//!
//! Readings of a voltage or a temperature are taken as frequencies ([`PhaseSeries::from_frequencies`]); their Allan
//! deviation is then in the unit of the readings. It falls with -1/2 while averaging helps, is flat where it no
//! longer does, and rises where drift takes over.

mod deviation;
mod freedom;
mod noise;
mod series;

pub use deviation::{AllanKind, Stability};
pub use noise::{LEAST_FOR_NOISE, Noise};
pub use series::{MAX_PHASES, PhaseSeries};
