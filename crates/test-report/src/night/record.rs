//! What a night was: written while it goes on, so that one that was cut is seen.

use bench_model::{RunRecord, SessionId, Timestamp};

use crate::past::Baseline;

/// The format of a night that this version writes.
pub const NIGHT_FORMAT: u32 = 1;

/// One sweep that was run.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Night {
    /// [`NIGHT_FORMAT`] of the writer.
    pub format: u32,
    /// The sweep's name.
    pub sweep: String,
    /// What began it: `scheduled`.
    pub trigger: String,
    /// Where it ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Which part of the sweep it was: `2/5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; none while it goes on, and of one that was cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Its jobs in their order.
    pub jobs: Vec<NightJob>,
    /// What else is to be said of it.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// One job of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct NightJob {
    /// What it is, in words.
    pub label: String,
    /// How far it came.
    pub state: JobState,
    /// The exit code of its run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<u8>,
    /// Its sessions.
    #[serde(default)]
    pub sessions: Vec<SessionId>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The last lines of what its run said beside its results.
    #[serde(default)]
    pub said: Vec<String>,
}

/// How far a job came.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JobState {
    /// Its turn has not come.
    Waiting,
    /// It runs.
    Running,
    /// It came to its own end.
    Ended,
    /// It was stopped.
    Stopped {
        /// Why.
        why: String,
    },
    /// It was not begun.
    NotBegun {
        /// Why.
        why: String,
    },
}

/// What is known of a job besides: what it measured, and what it is held against.
#[derive(Clone, Debug, Default)]
pub struct JobMaterial {
    /// Its runs of this night.
    pub runs: Vec<RunRecord>,
    /// Runs of the same job before, the oldest first.
    pub before: Vec<RunRecord>,
    /// The baseline that it was asked to be held against.
    pub baseline: Option<Baseline>,
    /// What is to be said of it: a baseline that is missing.
    pub notes: Vec<String>,
}
