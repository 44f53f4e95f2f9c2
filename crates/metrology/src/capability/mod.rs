//! Whether a process keeps within its limits: capability indices, tolerance intervals, yield, normality.

mod index;
mod normality;
mod tolerance;
mod yields;

pub use index::{Capability, Index, Sample, SpecificationLimits, capability};
pub use normality::{AndersonDarling, anderson_darling};
pub use tolerance::{
    howe_tolerance_factor, one_sided_tolerance_factor, two_sided_tolerance_factor,
};
pub use yields::{expected_outside, wilson_interval};
