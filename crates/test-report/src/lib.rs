//! Run events for people and for CI.
//!
//! Nothing here prints by itself: whoever owns the screen gives a writer and says how wide it is.
//!
//! ```
//! use run_journal::Observer;
//! use test_report::{Console, JsonLines, Look, Progress};
//!
//! // Both hear of a record once it is in the journal.
//! let console = Console::new(Look::default(), Progress::Plain, Box::new(std::io::sink()));
//! let lines = JsonLines::new(std::io::sink());
//! let closed = lines.fault();
//! let observers: Vec<Box<dyn Observer>> = vec![Box::new(console), Box::new(lines)];
//! # drop(observers);
//! assert!(closed.get().is_none());
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `console`, `summary` | a run while it happens, and at its end |
//! | `html` | one file to read, send and print |
//! | `csv`, `parquet_file`, `json_lines`, `junit` | for spreadsheets, for programs, for CI servers |
//! | `axes` | the axes of sweeps as columns |
//! | `history`, `show` | past runs: all, one |
//! | `past` | past runs beside each other: comparisons, baselines, trends |
//! | `leaf`, `between` | the results of one leaf together, one between its bounds |
//! | `night` | a sweep of many runs, summed up for the morning |
//! | `leaf` | the results of one leaf together |
//! | `phrase`, `text`, `table`, `look` | words, harmless text, columns, colours |
//! | `fault` | an output that went away |

mod analysed;
mod axes;
mod between;
mod console;
mod csv;
mod decided;
mod fault;
mod history;
mod html;
mod json_lines;
mod junit;
mod leaf;
mod look;
mod night;
mod parquet_file;
mod past;
mod phrase;
mod show;
mod summary;
mod table;
mod text;

pub use crate::console::{Console, Progress};
pub use crate::csv::{CsvError, csv};
pub use fault::OutputFault;
pub use history::history_table;
pub use html::{Amendment, HtmlError, HtmlOptions, REPORT_PLACE, html};
pub use indicatif::ProgressDrawTarget;
pub use json_lines::JsonLines;
pub use junit::{JunitError, junit};
pub use look::Look;
pub use night::{
    CalibrationSoon, FailedPlace, FlakyPlace, JobMaterial, JobState, MORNING_FORMAT, Morning,
    MorningJob, MorningMove, MorningOptions, NIGHT_FORMAT, Night, NightJob, NightLine, OtherThan,
    SlowerJob,
};
pub use parquet_file::{ParquetError, parquet};
pub use past::{
    BASELINE_FORMAT, Baseline, BaselineError, Change, ChangedAt, Check, Circumstances, Comparison,
    Moved, Trend, TrendPlace, TrendSpot,
};
pub use show::show_run;
