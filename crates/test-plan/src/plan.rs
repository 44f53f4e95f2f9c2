//! A checked plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bench_catalog::Class;
use bench_model::{Pattern, Quantity};

use crate::fault::Fault;
use crate::reading::{CaptureDraft, ReadingDraft};
use crate::source::{Source, Span};
use crate::step::{Amount, DischargedDraft, LimitDraft, Step};
use crate::text::Parameters;

/// A plan whose every part was checked; [`expand`](Self::expand) makes its operations.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is tested, for people.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// What kind of test its sessions are.
    pub test_type: TestType,
    /// The simulated bench that runs it when there is no lab: a name, no path.
    pub sim: Option<String>,
    /// Where a session that was cut goes on.
    pub resume: Resume,
    /// What is tested.
    pub dut: DutSpec,
    /// What `--set` changes.
    pub parameters: BTreeMap<String, ParameterSpec>,
    /// The surroundings.
    pub environment: BTreeMap<String, EnvironmentSpec>,
    /// The roles.
    pub roles: BTreeMap<String, Arc<Role>>,
    /// How everything is switched off.
    pub safe_state: SafeStateOrder,
    /// The files that it was read from besides its own, with their texts: of steps, of setpoints.
    pub files: BTreeMap<String, String>,
    /// What is no fault, and probably not meant: names that nothing uses, steps that are never run.
    pub warnings: Vec<Fault>,
    /// How long all of it may take.
    pub(crate) timeout: Option<Amount>,
    pub(crate) source: Arc<Source>,
    pub(crate) defaults: Parameters,
    pub(crate) discharged: Option<DischargedDraft>,
    pub(crate) readings: BTreeMap<String, Arc<ReadingDraft>>,
    pub(crate) captures: BTreeMap<String, Arc<CaptureDraft>>,
    pub(crate) setup: Vec<Step>,
    pub(crate) steps: Vec<Step>,
    pub(crate) cleanup: Vec<Step>,
}

/// What kind of test a plan is: the vocabulary of `testing.test_sessions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestType {
    /// Instruments measure a DUT.
    Scpi,
    /// Ports, addresses and names are looked at.
    Infrastructure,
    /// Parts are tested together.
    Integration,
    /// A person does it.
    Manual,
}

impl TestType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Scpi, Self::Infrastructure, Self::Integration, Self::Manual];

    /// The word of plans and records.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Scpi => "scpi_automated",
            Self::Infrastructure => "infrastructure",
            Self::Integration => "integration",
            Self::Manual => "manual",
        }
    }
}

/// Where a session that was cut goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// At the first point of the step that was cut.
    #[default]
    Step,
    /// At the point.
    Point,
}

/// What is tested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DutSpec {
    /// Its model.
    pub model: Option<String>,
    /// Its serial number, or what one looks like.
    pub serial: Option<SerialSpec>,
}

/// What is known of the serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SerialSpec {
    /// This one.
    Fixed(String),
    /// One that looks like this.
    Pattern {
        /// All of it matches.
        pattern: Pattern,
        /// That of a simulated DUT.
        sim: Option<String>,
    },
}

impl SerialSpec {
    /// Whether a serial number is what the plan asks for.
    #[must_use]
    pub fn accepts(&self, serial: &str) -> bool {
        match self {
            Self::Fixed(own) => own == serial,
            Self::Pattern { pattern, .. } => pattern.matches(serial),
        }
    }
}

/// A value that `--set` changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterSpec {
    /// Its value where none is set.
    pub default: String,
    /// The least that it may be.
    pub min: Option<Quantity>,
    /// The most that it may be.
    pub max: Option<Quantity>,
    /// What it is for.
    pub help: Option<String>,
    pub(crate) span: Span,
}

/// Something of the surroundings.
#[derive(Clone, Debug)]
pub struct EnvironmentSpec {
    /// How it becomes known.
    pub from: EnvironmentSource,
    pub(crate) limit: Option<LimitDraft>,
    pub(crate) span: Span,
}

/// How something of the surroundings becomes known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentSource {
    /// It is stated, by `--set NAME=VALUE`.
    Ask {
        /// What is asked for.
        question: String,
        /// What it is on a simulated bench.
        sim: Quantity,
    },
    /// It is read: the reading's name.
    Reading(String),
}

/// One channel of one instrument by its part in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What kind of instrument plays it.
    pub class: Class,
    /// The most voltage that is ever set.
    pub max_voltage: Option<Quantity>,
    /// The most current that is ever set.
    pub max_current: Option<Quantity>,
    /// Where the voltage is sensed.
    pub sense: Option<Sense>,
    /// Whether its calibration must be valid.
    pub calibration: Option<CalibrationRule>,
    /// How long it must have been on.
    pub warm_up: Option<Duration>,
    /// Whether raw commands may be sent to it.
    pub raw_allowed: bool,
    /// Whether it may be another model or serial number than the bench file says.
    pub any_identity: bool,
}

/// Where a voltage is sensed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// At the load, over wires of its own.
    Remote,
    /// At the terminals.
    Local,
}

/// Whether a calibration must be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalibrationRule {
    /// Without a valid one nothing is run.
    Required,
    /// It does not matter here.
    Waived,
}

/// The order in which everything is switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeStateOrder {
    /// Roles that are switched off at once, stage after stage. Every role with an output is in one, but for
    /// those that are kept on.
    pub stages: Vec<Vec<String>>,
    /// Roles whose outputs are never switched off, each with the reason.
    pub kept_on: BTreeMap<String, String>,
    /// After which silence a run is taken for hung, where the plan says.
    pub heartbeat: Option<Duration>,
    /// Supplies whose voltage comes down in steps first, and how long that takes.
    pub ramps: BTreeMap<String, Duration>,
    /// Loads that stay on until the DUT is discharged; they are the last stage.
    pub discharge_by: BTreeSet<String>,
    /// Whether outputs stay as they are while somebody has the run pause.
    pub keeps_on_in_pause: bool,
}
