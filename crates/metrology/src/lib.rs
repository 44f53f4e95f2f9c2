//! Statistics over readings that a calibration laboratory would sign, and what is taken from waveforms: pure
//! functions of numbers.
//!
//! Sums, minimum, maximum and differences of readings are exact; a mean is the exact sum over n, to 34 digits, half
//! to even. Everything else is computed in f64 from exact deviations and turned once into its shortest round-trip
//! text, which is then what is judged, shown and stored.
//!
//! Every function names its formula, where it was published, and the domain in which it holds. Outside of it there
//! is a [`StatisticsError`], never an infinity or a not-a-number. What each was checked against lies with its source
//! in `fixtures/published`, or stands in the test beside it.
//!
//! ```
//! use metrology::Summary;
//! use metrology::uncertainty::{Budget, Component, CoverageMethod, Shape, TypeA};
//!
//! let readings: Vec<exact_decimal::Decimal> =
//!     ["10000001", "10000003", "10000002"].iter().flat_map(|text| text.parse()).collect();
//! let summary = Summary::of(&readings).ok_or("no readings")?; // NIST StRD, NumAcc1
//! assert_eq!(summary.mean.to_string(), "10000002");
//! assert_eq!(summary.standard_deviation().map(|sd| sd.to_string()).as_deref(), Some("1"));
//!
//! let scatter = TypeA::independent(&[100.1, 100.1, 100.1])?; // a meter that shows 0.1 V
//! let budget = Budget::new(vec![
//!     Component::from_readings("scatter", &scatter)?,
//!     Component::bounded("resolution", 0.05, Shape::Rectangular)?,
//! ])?;
//! let expanded = budget.expanded(0.95, CoverageMethod::Dominant)?;
//! assert_eq!(format!("{:.2}", expanded.factor), "1.65"); // not 2
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | [`summary`] | n, mean, standard deviation, extremes, median, quantiles, autocorrelation, outliers; in parts that can be merged |
//! | [`uncertainty`] | Type A and B, budgets, coverage factors, Monte Carlo |
//! | [`decision`] | decision rules, guard bands, risks of false accept and reject |
//! | [`capability`] | Cp to Cpm with intervals, tolerance intervals, yield, normality |
//! | [`gauge`] | analysis of variance, gauge repeatability and reproducibility |
//! | [`process`] | control charts, signals, straight lines, change of level, when to stop measuring |
//! | [`comparison`] | whether a level has moved: differences of means, and of one further value |
//! | [`allan`] | Allan, modified, Hadamard and time deviation with noise and intervals |
//! | [`distribution`] | normal, t, chi squared, F, non-central t |
//! | `waveform`, `mask` | peak to peak, mean, root mean square, frequency of samples; samples outside of a mask |

mod error;
mod mask;
mod numeric;
mod transition;
mod waveform;

pub mod allan;
pub mod capability;
pub mod comparison;
pub mod decision;
pub mod distribution;
pub mod gauge;
pub mod process;
pub mod summary;
pub mod uncertainty;

pub use error::{Result, StatisticsError};
pub use mask::{MaskPoint, mask_violations};
pub use summary::{MAX_READINGS, Summary};
pub use waveform::{MeasureError, measure_waveform};
