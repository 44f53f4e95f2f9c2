//! How a session finds its instruments, and in which state it puts them before anything is set.

use crate::event::OutputSafety;

/// All that a plan uses was brought into a known state.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Prepared {
    /// Every channel that can energise was switched off.
    pub outputs: Vec<OutputSafety>,
    /// The instruments, by their names in the bench file.
    pub instruments: Vec<PreparedInstrument>,
}

/// How one instrument was found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PreparedInstrument {
    /// Its name in the bench file.
    pub instrument: String,
    /// What stood in its error queue from before the run, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors_before: Vec<String>,
    /// The messages that brought it into a known state, where its dialect has some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preset: Vec<String>,
    /// Whether its front panel was locked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
}

/// A calibration as the bench file states it, and whether it holds on the day of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CalibrationState {
    /// When: `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Until when it holds: `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// The certificate's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Whether it is past its due date; none where no date is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<bool>,
}
