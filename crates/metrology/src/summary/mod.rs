//! What several readings say together.

mod correlation;
mod flags;
mod moments;
mod order;
mod outlier;
mod reading_summary;
mod running_sums;

pub use correlation::{correlation, covariance_of_means, effective_count, lag1_autocorrelation};
pub use flags::{OutlierFlags, flag_outliers};
pub use moments::Moments;
pub use order::{QuantileDefinition, exact_median, median, quantile};
pub use outlier::{
    EsdStep, GrubbsResult, GrubbsSide, generalised_esd, generalised_esd_critical, grubbs,
    grubbs_critical,
};
pub use reading_summary::{MAX_READINGS, Summary, offsets_from_first};
pub use running_sums::RunningSums;
