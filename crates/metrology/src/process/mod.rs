//! A process over time: control charts, trends, changes, and when enough was measured.

mod change;
mod chart;
mod constants;
mod cusum;
mod ewma;
mod fit;
mod rules;
mod stopping;

pub use change::{ChangePoint, MAX_SERIES, pettitt};
pub use chart::{
    ControlLimits, IndividualsChart, SubgroupChart, individuals, mean_and_deviation,
    mean_and_range, moving_range_freedom,
};
pub use constants::{ControlConstants, MAX_SUBGROUP};
pub use cusum::{Cusum, CusumPoint, cusum};
pub use ewma::{Ewma, EwmaPoint, ewma};
pub use fit::{CorrelatedTrend, LinearFit};
pub use rules::{Signal, SignalRule, western_electric};
pub use stopping::{Sampling, StoppingRule};
