//! TOML test plans, checked like a compiler would, and expanded to the operations of one run. Pure: no file,
//! no clock, no environment, nothing asynchronous.
//!
//! ```text
//! text --check--> Plan --expand--> Schedule of Operations
//! ```
//!
//! [`check`] reports every fault of a plan at once, each with its place and with what would be right. What it
//! lets through is whole: every name is known, every unit fits, every limit can be met, nothing is set beyond
//! its cap. [`Plan::expand`] puts one run's parameters, steps and instruments in; every setpoint and limit is
//! then an exact decimal.
//!
//! ```
//! use std::collections::BTreeMap;
//! use test_plan::{Inputs, NoSources, check};
//!
//! let text = r#"
//! name = "5 V rail"
//!
//! [instruments]
//! dmm = { class = "multimeter" }
//!
//! [readings.vout]
//! role = "dmm"
//! function = "dc_voltage"
//! range = "10 V"
//!
//! [[steps]]
//! id = "rail"
//! measure = { reading = "vout", limit = "5 V ± 1 %" }
//! "#;
//! let plan = check("rail.toml", text, &NoSources).map_err(|faults| faults[0].clone())?;
//! let schedule = plan.expand(&Inputs::of(&BTreeMap::new(), true)).map_err(|faults| faults[0].clone())?;
//! let lines: Vec<_> = schedule.operations().map(ToString::to_string).collect();
//! assert_eq!(lines[1], "measure rail by dmm dc_voltage, range 10 V; 4.95 V .. 5.05 V");
//!
//! let wrong = text.replace("5 V ± 1 %", "5 A ± 1 %");
//! let faults = check("rail.toml", &wrong, &NoSources).err().unwrap_or_default();
//! assert_eq!(faults[0].to_string(), "rail.toml:14:40: a limit in A, and what is judged is in V");
//! # Ok::<(), test_plan::Fault>(())
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `file` | TOML to tables of known keys; the one list of all keys, which is also the JSON Schema |
//! | `text` | numbers, units, parameters: the leaves of the languages inside texts |
//! | `limit`, `expression`, `condition` | these languages: grammar, units, values |
//! | `check` | tables to a [`Plan`] |
//! | `correction` | what a reading is corrected by, and the arithmetic of it |
//! | `plan`, `step`, `reading`, `prompt`, `infrastructure` | what a plan is once it is checked |
//! | `resolver`, `series`, `caps`, `scpi` | texts to values, setpoints of an axis, what may be set and sent |
//! | `axes`, `csv` | which axes move together and in which order; setpoints from a CSV file |
//! | `expand`, `operation`, `decision`, `show` | a plan to [`Operation`]s, and these as lines |
//! | `sharing` | what sites hold of the instruments that they share |
//! | `estimate` | how long a schedule takes |
//! | `uncertainty` | how uncertain a reading is, and by which rule it is decided on |
//! | `source`, `fault`, `suggest` | places in the file, what is wrong there, what was probably meant |
//! | `bounds` | how much a plan may hold |

mod axes;
mod bounds;
mod caps;
mod check;
mod condition;
mod correction;
mod csv;
mod decision;
mod estimate;
mod expand;
mod expression;
mod fault;
mod file;
mod infrastructure;
mod limit;
mod operation;
mod plan;
mod prompt;
mod reading;
mod resolver;
mod scpi;
mod series;
mod sharing;
mod show;
mod source;
mod step;
mod suggest;
mod text;
mod uncertainty;

pub use bounds::{
    LEAST_SAMPLES, LOG_POINT_DIGITS, MAX_AXES, MAX_AXIS_POINTS, MAX_BUDGET_LINES, MAX_CHOICES,
    MAX_CSV_BYTES, MAX_DEPTH, MAX_EVALUATIONS, MAX_FAULTS, MAX_FILES, MAX_INCLUDE_DEPTH,
    MAX_LIMIT_ROWS, MAX_MASK_POINTS, MAX_NAME_BYTES, MAX_OPERATIONS, MAX_PLAN_BYTES, MAX_POINTS,
    MAX_RETRIES, MAX_SAMPLES, MAX_STEPS, MAX_TEXT_BYTES, MAX_WAIT_S,
};
pub use check::{NoSources, Sources, check};
pub use correction::{Corrected, Correction, CorrectionBy};
pub use decision::{OnlyIf, PremiseClause, PremiseKind, State, StopWhen};
pub use estimate::Estimate;
pub use expand::{AMBIENT, Inputs, Selection, YearsOf};
pub use expression::{Computed, Expression, NotComputed, Results};
pub use fault::Fault;
pub use file::json_schema;
pub use infrastructure::{
    CONNECTED, HttpAddress, INSPECTION_TIMEOUT, Inspection, InspectionLatency, InspectionOwner,
    InspectionTarget,
};
pub use operation::{
    Capture, CaptureMeasure, CaptureSpec, Compute, Discharged, Entry, Judge, Measure, MeasuredBy,
    OnError, Operation, PlannedLimit, Precise, Raw, ReadingSpec, RetryOn, Schedule, Set, Stability,
};
pub use plan::{
    CalibrationRule, DutSpec, EnvironmentSource, EnvironmentSpec, ParameterSpec, Plan, Resume,
    Role, SafeStateOrder, Sense, SerialSpec, TestType,
};
pub use prompt::{AnswerKind, Prompt, Unanswered};
pub use sharing::held_by_step;
pub use uncertainty::{
    BudgetInput, BudgetLine, Circumstances, ComputedDecision, ComputedUncertainty, CorrectedFrom,
    ErrorSource, Evaluated, KnownAccuracy, MonteCarlo, PlannedBudget, PlannedDecision,
    PlannedProcess, Propagated, Propagation, UncertaintyError, UncertaintySource,
};
