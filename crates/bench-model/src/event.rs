//! What happens in a session, as the one stream from which everything else is made: the journal, the
//! screen, the reports and the database.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::analysis::Analysis;
use crate::correction::Correction;
use crate::decision::Decision;
use crate::ids::{ReadingId, ResultId, SessionId, WaveformId};
use crate::limit::Limit;
use crate::origin::Origin;
use crate::path::{Place, Point};
use crate::prepared::{CalibrationState, Prepared};
use crate::quantity::Quantity;
use crate::resumed::Resumed;
use crate::unit::Unit;
use crate::value::{Measured, Value};
use crate::verdict::{Verdict, VerdictCounts};
use crate::waveform::Waveform;

/// The format of the events that this version writes. Readers refuse a newer one.
pub const EVENT_FORMAT: u32 = 1;

/// One event with its number and time.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: RunEvent,
}

/// What happened. No event of a step comes after its [`RunEvent::StepFinished`], unless the session is resumed and
/// the step begun again.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunEvent {
    /// The first of a session.
    SessionStarted(Box<SessionStart>),
    /// An instrument said who it is.
    InstrumentIdentified(Box<InstrumentIdentity>),
    /// An instrument came, went or failed.
    InstrumentStatus(InstrumentStatus),
    /// All that a plan uses was brought into a known state, before anything was set.
    Prepared(Box<Prepared>),
    /// A step begins, at all points of its sweep.
    StepStarted {
        /// Its path.
        step: String,
    },
    /// A source, load or generator was set and read back.
    SettingApplied(Box<SettingApplied>),
    /// An instrument answered with a value.
    Reading(Box<Reading>),
    /// A waveform was captured.
    Waveform(Box<Waveform>),
    /// A leaf was judged at a point.
    Judged(Box<StepResult>),
    /// A step is over.
    StepFinished {
        /// Its path.
        step: String,
        /// The worst of its leaves.
        verdict: Verdict,
    },
    /// Everything that can energise was put into the safe state.
    SafeState(SafeState),
    /// Something that people should know and that changes no verdict.
    Warning {
        /// What.
        message: String,
    },
    /// The last of a session, unless it is resumed.
    SessionFinished(SessionEnd),
    /// A session that was cut goes on.
    Resumed(Box<Resumed>),
}

/// What is tested.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dut {
    /// Its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
}

/// The plan as it was run.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PlanText {
    /// Its name.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The file that it came from.
    pub file: String,
    /// SHA-256, in hexadecimal: of its text, and where it reads files, of their names and texts behind it.
    pub sha256: String,
    /// All of it.
    pub text: String,
    /// The files that it reads, by the names that it gives them: of steps, of setpoints.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
}

/// Who or what began a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A person.
    Manual,
    /// A program.
    Automated,
    /// A timer.
    Scheduled,
    /// A CI job.
    CiCd,
}

impl Trigger {
    /// The word that is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Automated => "automated",
            Self::Scheduled => "scheduled",
            Self::CiCd => "ci_cd",
        }
    }
}

/// How a session begins.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SessionStart {
    /// Its id.
    pub session: SessionId,
    /// [`EVENT_FORMAT`] of the writer.
    pub format: u32,
    /// The version of the writer.
    pub software: String,
    /// The plan.
    pub plan: PlanText,
    /// What kind of test it is: a word of `testing.test_sessions`; none before there were several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_type: Option<String>,
    /// What is tested.
    pub dut: Dut,
    /// The bench's name.
    pub bench: String,
    /// Whether any instrument of it is simulated.
    pub simulated: bool,
    /// Whether only a part of the plan was asked for.
    pub partial: bool,
    /// Who began it.
    pub trigger: Trigger,
    /// Who runs it, and on which host.
    pub operator: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// The parameters in force.
    pub parameters: BTreeMap<String, String>,
    /// The environment as stated or read.
    pub environment: BTreeMap<String, Quantity>,
    /// How many leaves will be judged, each point counted.
    pub planned_results: u64,
    /// How many readings they take.
    pub planned_readings: u64,
    /// What else it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
}

/// An instrument's identity and what its bench file and dialect know of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct InstrumentIdentity {
    /// Its name in the bench file.
    pub instrument: String,
    /// `tcp://host:port`.
    pub address: String,
    /// Its class: `multimeter`, `power_supply`, ...
    pub class: String,
    /// The dialect that it speaks.
    pub dialect: String,
    /// `*IDN?`, as it came.
    pub idn: String,
    /// Field 1.
    pub maker: String,
    /// Field 2.
    pub model: String,
    /// Field 3.
    pub serial: Option<String>,
    /// Field 4.
    pub firmware: Option<String>,
    /// Whether it is simulated.
    pub simulated: bool,
    /// How many channels it has.
    pub channels: u32,
    /// What it can measure or set.
    pub capabilities: Vec<String>,
    /// The most that it can supply or take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_voltage: Option<Quantity>,
    /// The most that it can supply or take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_current: Option<Quantity>,
    /// The most that it can supply or take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_power: Option<Quantity>,
    /// The roles that are its channels.
    pub roles: Vec<RoleBinding>,
    /// SHA-256 of the dialect's file, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect_sha256: Option<String>,
    /// When it was calibrated, where the bench file says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationState>,
}

/// A role and the channel that plays it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RoleBinding {
    /// Its name in the plan.
    pub role: String,
    /// The instrument's channel.
    pub channel: u32,
}

/// Whether an instrument is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It answers.
    Online,
    /// The session is done with it, or it is gone.
    Offline,
    /// It refuses or fails.
    Error,
}

impl Presence {
    /// The word that is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Error => "error",
        }
    }
}

/// An instrument came, went or failed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct InstrumentStatus {
    /// Its name in the bench file.
    pub instrument: String,
    /// What it is now.
    pub presence: Presence,
    /// Why, where it is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A setting that was sent to a channel.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SettingApplied {
    /// The step that did it.
    pub step: String,
    /// Where in its sweep.
    #[serde(default, skip_serializing_if = "Point::is_empty")]
    pub point: Point,
    /// The role.
    pub role: String,
    /// What was set: `voltage`, `current_limit`, `output`.
    pub setting: String,
    /// The value sent.
    pub setpoint: String,
    /// What the instrument says was set, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programmed: Option<String>,
}

/// One answer with its unit, and all that is needed to take it again.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Reading {
    /// Its id.
    pub id: ReadingId,
    /// The result that it was taken for.
    pub result: ResultId,
    /// Where in the plan.
    pub place: Place,
    /// The role that was asked.
    pub role: String,
    /// The instrument that plays it.
    pub instrument: String,
    /// Its channel.
    pub channel: u32,
    /// What was measured: `dc_voltage`.
    pub function: String,
    /// The answer, as it came.
    pub raw: String,
    /// The number in it.
    pub value: Value,
    /// Its unit.
    pub unit: Unit,
    /// The range in force, as the instrument was told; `auto` where it chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// Integration in power line cycles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nplc: Option<exact_decimal::Decimal>,
    /// Integration in seconds: NPLC over the line frequency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_s: Option<exact_decimal::Decimal>,
    /// Which of several at the same place, from 0.
    pub sample: u32,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How it was made of another reading, where it is a corrected one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Box<Correction>>,
    /// When it was taken.
    pub taken_at: Timestamp,
}

impl Reading {
    /// What a limit judges.
    #[must_use]
    pub fn measured(&self) -> Measured {
        Measured::number(self.value.clone(), self.unit.clone())
    }
}

/// A leaf's verdict at a point with everything needed to judge it again.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StepResult {
    /// Its id.
    pub id: ResultId,
    /// Where in the plan.
    pub place: Place,
    /// The role that was asked, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The instrument that plays it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// The device of the inventory that was looked at, where it is no instrument of the bench.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The service of the inventory that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// How it came out.
    pub verdict: Verdict,
    /// The limit as the plan writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_text: Option<String>,
    /// The limit, resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// How the limit was applied, where it is one of numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Box<Decision>>,
    /// What was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<Measured>,
    /// Which of several readings was judged: `mean`, `each`, `min`, `max`, `last`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_on: Option<String>,
    /// How far inside the nearest bound, below zero outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<Quantity>,
    /// Why, where the verdict alone does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The readings behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<ReadingId>,
    /// The waveforms behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waveforms: Vec<WaveformId>,
    /// Statistics over the readings, by name: `mean`, `sd`, `min`, `max`, `count`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub statistics: BTreeMap<String, Quantity>,
    /// What was found of several values together: capability, a gauge study, a chart, outliers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analyses: Vec<Analysis>,
    /// How many attempts it took.
    pub attempts: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was judged.
    pub finished_at: Timestamp,
}

/// What the safe state found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SafeState {
    /// Why it was made: `end of plan`, `interrupted`, ...
    pub reason: String,
    /// Every channel that can energise.
    pub outputs: Vec<OutputSafety>,
}

impl SafeState {
    /// Those that could not be confirmed off.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &OutputSafety> {
        self.outputs.iter().filter(|output| !output.confirmed_off)
    }
}

/// Whether one output is off.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OutputSafety {
    /// The role.
    pub role: String,
    /// The instrument.
    pub instrument: String,
    /// Its channel.
    pub channel: u32,
    /// Whether the instrument says that it is off.
    pub confirmed_off: bool,
    /// What stood in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// How a session ended, whatever its verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// It ran to its end.
    Completed,
    /// It could not.
    Failed,
    /// It was stopped.
    Aborted,
}

impl SessionStatus {
    /// The word that is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
        }
    }
}

/// How a session ends.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SessionEnd {
    /// How.
    pub status: SessionStatus,
    /// The worst verdict, where anything was judged.
    pub verdict: Option<Verdict>,
    /// How many came out how.
    pub counts: VerdictCounts,
    /// Whether every output was confirmed off.
    pub outputs_off: bool,
    /// Why it failed or was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
