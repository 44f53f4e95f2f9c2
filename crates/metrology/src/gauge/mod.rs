//! What a measuring system adds to what it measures: analysis of variance and gauge repeatability and
//! reproducibility.

mod anova;
mod average_range;
mod interval;
mod one_way;
mod study;
mod variation;

pub use anova::{AnovaRow, GaugeAnova, PooledOrNot};
pub use interval::VarianceInterval;
pub use one_way::{OneWay, one_way};
pub use study::{MAX_READINGS_OF_STUDY, Study};
pub use variation::Variation;
