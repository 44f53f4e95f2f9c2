//! A night's sweep for the morning: what failed, what moved, what got slower, what is new, flaky or due.

mod findings;
mod merge;
mod morning;
mod moves;
mod record;
pub(crate) mod words;

pub use morning::{
    CalibrationSoon, FailedPlace, FlakyPlace, MORNING_FORMAT, Morning, MorningJob, MorningMove,
    MorningOptions, NightLine, OtherThan, SlowerJob,
};
pub use record::{JobMaterial, JobState, NIGHT_FORMAT, Night, NightJob};
