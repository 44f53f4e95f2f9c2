//! Statistics over readings, and what is taken from waveforms: pure functions of exact numbers.
//!
//! Sums, minimum, maximum and differences are exact; a mean is the exact sum over n, to 34 digits, half to
//! even. Everything else is computed in f64 from exact deviations and turned once into its shortest
//! round-trip text, which is then what is judged, shown and stored.
//!
//! ```
//! use metrology::Summary;
//!
//! let readings = ["10000001", "10000003", "10000002"].map(|text| text.parse().unwrap_or(exact_decimal::Decimal::zero()));
//! let summary = Summary::of(&readings).ok_or("no readings")?; // NIST StRD, NumAcc1
//! assert_eq!(summary.mean.to_string(), "10000002");
//! assert_eq!(summary.standard_deviation().map(|sd| sd.to_string()).as_deref(), Some("1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `summary` | n, mean, standard deviation, extremes of a few readings |
//! | `waveform` | peak to peak, mean, root mean square, frequency of samples |

mod summary;
mod waveform;

pub use summary::{MAX_READINGS, Summary};
pub use waveform::{MeasureError, measure_waveform};
