//! A plan to the operations of one run: parameters and setpoints in their places, limits resolved.
//!
//! | file | does |
//! | --- | --- |
//! | `inputs` | `--set`: parameters and surroundings |
//! | `selection` | `--step`, `--tag`, `--skip`, and what they depend on |
//! | `specs` | readings and captures, whole |
//! | `steps`, `sweeps` | the steps with what they set, and their sweeps |
//! | `actions`, `prompts`, `infrastructure` | what is done at a point |
//! | `corrections` | what readings are corrected by |
//! | `drift` | what makes limits wider: years since the calibration, the ambient |
//! | `decisions` | decision rules, and what they come to |
//! | `dialect` | what the instruments of the bench cannot do |

mod actions;
mod computed;
mod corrections;
mod decisions;
mod dialect;
mod drift;
mod infrastructure;
mod inputs;
mod prompts;
mod selection;
mod specs;
mod steps;
mod sweeps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bench_catalog::{Dialect, Function, Setting};
use bench_model::{Decimal, Quantity};

use crate::bounds::{MAX_FAULTS, MAX_OPERATIONS};
use crate::correction::Correction;
use crate::expression::Leaf;
use crate::fault::{Fault, Faults};
use crate::limit::Drift;
use crate::operation::{CaptureSpec, Operation, ReadingSpec, Schedule};
use crate::plan::Plan;
use crate::resolver::Resolver;
use crate::source::Span;
use crate::text::Parameters;
use crate::uncertainty::KnownAccuracy;

pub use decisions::AMBIENT;
pub use selection::Selection;

/// Years since the calibration of a role's instrument, where that is known.
pub type YearsOf<'a> = dyn Fn(&str) -> Option<Decimal> + 'a;

/// What one run is given besides its plan.
#[derive(Clone)]
pub struct Inputs<'a> {
    /// `--set`: values of parameters, and of the environment that is asked for.
    pub set: &'a BTreeMap<String, String>,
    /// Which steps.
    pub selection: Selection,
    /// The dialect that a role's instrument speaks, where it is known: setpoints are rounded to its
    /// resolution, and what it cannot do is a fault.
    pub dialect_of: &'a dyn Fn(&str) -> Option<&'a Dialect>,
    /// The channel that plays a role, where it is known: setpoints beyond its limits are a fault.
    pub channel_of: &'a dyn Fn(&str) -> Option<u32>,
    /// What the inventory says that a role's instrument may be set to at most, where it does.
    pub most_of: &'a dyn Fn(&str, Setting) -> Option<&'a Quantity>,
    /// Years since the calibration of the instrument that plays a role; one is assumed where no bench is known yet.
    pub years_of: Option<&'a YearsOf<'a>>,
    /// What the instrument that plays a role is accurate to, where it is known: a rule that cannot decide is a fault.
    pub accuracy_of: &'a dyn Fn(&str, Function) -> Option<KnownAccuracy<'a>>,
    /// Whether the bench is simulated, so that the environment's `sim` values hold.
    pub simulated: bool,
}

impl<'a> Inputs<'a> {
    /// These values on a bench of which nothing is known.
    #[must_use]
    pub fn of(set: &'a BTreeMap<String, String>, simulated: bool) -> Self {
        Self {
            set,
            selection: Selection::default(),
            dialect_of: &|_| None,
            channel_of: &|_| None,
            most_of: &|_, _| None,
            years_of: None,
            accuracy_of: &|_, _| None,
            simulated,
        }
    }
}

impl Plan {
    /// All operations of a run, in order.
    ///
    /// # Errors
    /// Every fault that shows with these inputs: a value of `--set` that is unknown or out of bounds, a step
    /// that is not there, a setpoint beyond a cap, something that an instrument of the bench cannot do.
    pub fn expand(&self, inputs: &Inputs<'_>) -> Result<Schedule, Vec<Fault>> {
        Expander::new(self, inputs).run()
    }

    /// Expands with the defaults, for the faults that only all points together show.
    pub(crate) fn rehearse(&self) -> Result<(), Vec<Fault>> {
        let set = BTreeMap::new();
        self.expand(&Inputs::of(&set, true)).map(|_| ())
    }
}

struct Expander<'p, 'i> {
    plan: &'p Plan,
    inputs: &'p Inputs<'i>,
    parameters: Parameters,
    faults: Faults,
    /// Results so far, by their paths.
    leaves: BTreeMap<String, Option<Leaf>>,
    readings: BTreeMap<String, Option<Arc<ReadingSpec>>>,
    captures: BTreeMap<String, Option<Arc<CaptureSpec>>>,
    corrections: BTreeMap<(String, bool), Arc<Correction>>,
    /// Roles whose over-voltage protection was set.
    protected: BTreeSet<String>,
    operations: Vec<Operation>,
    count: usize,
    planned_results: u64,
    planned_readings: u64,
    roles_used: BTreeSet<String>,
    read_by_hand: BTreeSet<String>,
    /// Degrees outside of where data sheets hold.
    degrees: Result<Decimal, String>,
    drifts: BTreeMap<String, Arc<Drift>>,
    /// The temperature around the bench in °C, where it was stated.
    ambient: Option<Decimal>,
    /// By what is warned of in the file; of several at one place the one with the lowest ratio.
    warnings: BTreeMap<usize, (f64, Fault)>,
}

impl<'p, 'i> Expander<'p, 'i> {
    fn new(plan: &'p Plan, inputs: &'p Inputs<'i>) -> Self {
        Self {
            plan,
            inputs,
            parameters: plan.defaults.clone(),
            faults: Faults::default(),
            leaves: BTreeMap::new(),
            readings: BTreeMap::new(),
            captures: BTreeMap::new(),
            corrections: BTreeMap::new(),
            protected: BTreeSet::new(),
            operations: Vec::new(),
            count: 0,
            planned_results: 0,
            planned_readings: 0,
            roles_used: BTreeSet::new(),
            read_by_hand: BTreeSet::new(),
            degrees: Ok(Decimal::zero()),
            drifts: BTreeMap::new(),
            ambient: None,
            warnings: BTreeMap::new(),
        }
    }

    fn run(mut self) -> Result<Schedule, Vec<Fault>> {
        self.set_parameters();
        let environment = self.environment();
        self.note_ambient(&environment);
        self.ambient = environment.get(AMBIENT).and_then(Quantity::in_base);
        let chosen = self.chosen();
        let plan = self.plan;
        self.timeout(plan.timeout.as_ref(), None);
        self.read_environment();
        let setup = self.steps(&plan.setup, None);
        let steps = self.steps(&plan.steps, chosen.as_ref());
        let cleanup = self.steps(&plan.cleanup, None);
        let discharged = plan.discharged.as_ref().and_then(|draft| self.discharged(draft));
        self.faults.into_result()?;
        let partial = chosen
            .is_some_and(|chosen| plan.steps.iter().any(|step| !chosen.contains(&step.id.value)));
        Ok(Schedule {
            setup,
            steps,
            cleanup,
            planned_results: self.planned_results,
            planned_readings: self.planned_readings,
            parameters: self.parameters.texts(),
            environment,
            partial,
            roles_used: self.roles_used,
            read_by_hand: self.read_by_hand,
            discharged,
            corrections: self.corrections.into_values().collect(),
            warnings: self.warnings.into_values().map(|(_, warning)| warning).collect(),
        })
    }

    fn fault(&mut self, span: &Span, message: impl Into<String>) {
        self.faults.add(self.plan.source.fault(span, message));
    }

    fn warn(&mut self, span: &Span, ratio: f64, message: String) {
        let is_worst = self.warnings.get(&span.start).is_none_or(|(known, _)| ratio < *known);
        if is_worst && self.warnings.len() <= MAX_FAULTS {
            let warning = self.plan.source.fault(span, message);
            self.warnings.insert(span.start, (ratio, warning));
        }
    }

    /// A result of a resolver, its fault noted.
    fn resolved<T>(&mut self, with: impl FnOnce(Resolver<'_>) -> Result<T, Fault>) -> Option<T> {
        let resolver = Resolver { source: &self.plan.source, parameters: &self.parameters };
        self.faults.keep(with(resolver))
    }

    /// One operation more, unless there are too many: then the rest of the run is only counted as a fault.
    fn push(&mut self, operation: Operation) {
        self.count += 1;
        if self.count <= MAX_OPERATIONS {
            self.operations.push(operation);
        } else {
            let message = format!("the plan expands to more than {MAX_OPERATIONS} operations");
            self.faults.add(Fault::of_whole(self.plan.source.file(), message));
        }
    }
}
