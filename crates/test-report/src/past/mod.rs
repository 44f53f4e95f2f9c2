//! Past runs beside each other: what has moved, since when, and what else was different.

mod baseline;
mod changes;
mod compare;
mod level;
mod moved;
mod trend;
mod trend_analyses;
mod trend_words;
pub(crate) mod words;

pub use baseline::{BASELINE_FORMAT, Baseline, BaselineError, Check};
pub use changes::{Change, Circumstances};
pub use compare::Comparison;
pub use moved::Moved;
pub use trend::{ChangedAt, Trend, TrendPlace, TrendSpot};
