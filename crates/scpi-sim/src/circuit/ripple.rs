//! What moves on a node beside its steady voltage, whoever feeds it: seen by oscilloscopes and by alternating functions.

use super::law::Pair;
use super::wave::Wave;

/// An alternating voltage between two nodes, there while something feeds them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ripple {
    /// Where it is.
    pub(crate) nodes: Pair,
    /// In volts.
    pub(crate) wave: Wave,
}
