//! The simulated models.

pub(crate) mod catalog;
pub(crate) mod dl3021;
pub(crate) mod dp832;
pub(crate) mod generator;
pub(crate) mod multimeter;
pub(crate) mod oscilloscope;
