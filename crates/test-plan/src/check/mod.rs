//! A plan file to a plan: every text read, every name known, every unit right. A fault is noted and the
//! checking goes on; a part that is broken is known to be, so that it is not blamed twice.
//!
//! | file | checks |
//! | --- | --- |
//! | `head` | DUT, parameters, environment |
//! | `roles`, `safety` | roles and the safe state |
//! | `readings` | readings and captures |
//! | `corrections` | what readings are corrected by |
//! | `entries` | readings that a person takes |
//! | `decisions` | decision rules and uncertainty budgets |
//! | `steps` | steps, what each sets and what it waits for |
//! | `settle` | what is waited for |
//! | `sweep`, `series` | axes and their setpoints |
//! | `conditions` | when a step is run |
//! | `stopping` | what ends an axis early |
//! | `actions`, `prompts` | what a step does, what it asks the operator |
//! | `infrastructure` | what it asks of ports, addresses and names |
//! | `masks` | masks for waveforms |
//! | `unused` | names that nothing uses, steps that are never run |
//! | `values`, `limits` | quantities, names and limits, wherever they stand |

mod actions;
mod computed;
mod conditions;
mod corrections;
mod decisions;
mod entries;
mod head;
mod infrastructure;
mod limits;
mod masks;
mod prompts;
mod readings;
mod roles;
mod safety;
mod series;
mod settle;
mod steps;
mod stopping;
mod sweep;
mod unused;
mod values;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bench_catalog::Setting;

use crate::bounds::MAX_FILES;
use crate::expression::Leaf;
use crate::fault::{Fault, Faults};
use crate::file::{Node, PlanFile};
use crate::plan::{Plan, Resume, Role, TestType};
use crate::reading::{CaptureDraft, CorrectionDraft, ReadingDraft};
use crate::resolver::Resolver;
use crate::source::{Source, Span};
use crate::step::{Action, Step};
use crate::text::Parameters;

pub(crate) use conditions::faults_of;
pub(crate) use steps::ENVIRONMENT_STEP;

/// Where the texts come from that a plan names: lists of setpoints, files of steps. The plan itself touches
/// no file.
pub trait Sources {
    /// The text of a file by its name in the plan.
    ///
    /// # Errors
    /// Says why there is none.
    fn read(&self, name: &str) -> Result<String, String>;

    /// Whether there is a file of this name, of whatever kind.
    ///
    /// # Errors
    /// Says why there is none.
    fn find(&self, name: &str) -> Result<(), String> {
        Err(format!("'{name}' cannot be looked for here"))
    }
}

/// No other texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn read(&self, name: &str) -> Result<String, String> {
        Err(format!("'{name}' cannot be read here: a plan stands alone"))
    }
}

/// The files of a plan that was recorded with them. Pictures are not recorded, and not missed.
impl Sources for BTreeMap<String, String> {
    fn read(&self, name: &str) -> Result<String, String> {
        self.get(name).cloned().ok_or_else(|| format!("'{name}' was not recorded with the plan"))
    }

    fn find(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

/// Keeps what it gives out: the record of a session has all that its plan was made of.
struct Kept<'s> {
    sources: &'s dyn Sources,
    read: RefCell<BTreeMap<String, String>>,
}

impl Sources for Kept<'_> {
    fn read(&self, name: &str) -> Result<String, String> {
        let mut read = self.read.borrow_mut();
        if read.len() >= MAX_FILES && !read.contains_key(name) {
            return Err(format!("a plan reads at most {MAX_FILES} files"));
        }
        let text = self.sources.read(name)?;
        read.insert(name.to_owned(), text.clone());
        Ok(text)
    }

    fn find(&self, name: &str) -> Result<(), String> {
        self.sources.find(name)
    }
}

/// Reads and checks a plan.
///
/// # Errors
/// Every fault that it has, in the order of the file. A text that is no TOML has one.
pub fn check(file: &str, text: &str, sources: &dyn Sources) -> Result<Plan, Vec<Fault>> {
    let mut faults = Faults::default();
    let sources = Kept { sources, read: RefCell::default() };
    let Some(PlanFile { source, root }) = PlanFile::parse(file, text, &sources, &mut faults) else {
        faults.into_result()?;
        return Err(vec![Fault::of_whole(file, "the plan cannot be read")]);
    };
    let checker = Checker::new(Arc::clone(&source), faults, &sources);
    let mut plan = checker.plan(&root)?;
    plan.files = sources.read.into_inner();
    // What can only be seen of all points together: limits at setpoints, the number of operations.
    plan.rehearse()?;
    Ok(plan)
}

/// Parts of a plan by their names; none of a name is a part that is broken.
type Known<T> = BTreeMap<String, Option<Arc<T>>>;

struct Checker<'s> {
    sources: &'s dyn Sources,
    source: Arc<Source>,
    faults: Faults,
    parameters: Parameters,
    roles: Known<Role>,
    corrections: Known<CorrectionDraft>,
    readings: Known<ReadingDraft>,
    captures: Known<CaptureDraft>,
    /// Results so far, by their paths.
    leaves: BTreeMap<String, Option<Leaf>>,
    step_ids: BTreeSet<String>,
    /// Results with a limit, by their paths.
    limited: BTreeSet<String>,
    steps: usize,
    /// Kinds and names of what is used.
    used: BTreeSet<(&'static str, String)>,
    /// What was set so far, by role.
    stated: BTreeMap<String, BTreeSet<Setting>>,
}

impl<'s> Checker<'s> {
    fn new(source: Arc<Source>, faults: Faults, sources: &'s dyn Sources) -> Self {
        Self {
            sources,
            source,
            faults,
            parameters: Parameters::default(),
            roles: BTreeMap::new(),
            corrections: BTreeMap::new(),
            readings: BTreeMap::new(),
            captures: BTreeMap::new(),
            leaves: BTreeMap::new(),
            step_ids: BTreeSet::new(),
            limited: BTreeSet::new(),
            steps: 0,
            used: BTreeSet::new(),
            stated: BTreeMap::new(),
        }
    }

    fn plan(mut self, root: &Node) -> Result<Plan, Vec<Fault>> {
        let dut = self.dut(root);
        let parameters = self.parameters(root);
        let timeout = self.time_above_zero(root, "timeout");
        self.roles = self.roles(root);
        self.corrections = self.corrections(root);
        self.readings = self.readings(root);
        self.captures = self.captures(root);
        let environment = self.environment(root);
        let (safe_state, discharged) = self.safe_state(root);
        let [setup, steps, cleanup] =
            ["setup", "steps", "cleanup"].map(|key| self.steps(root, key));
        if root.has("steps") && root.items("steps").is_empty() {
            self.fault(&root.span_of("steps"), "there is no step; one at least is wanted");
        }
        let mut warnings = self.unused(root);
        warnings.extend(self.unreachable(setup.iter().chain(&steps).chain(&cleanup)));
        self.faults.into_result()?;
        let resume = root.text("resume").map_or("step", |text| text.value);
        let test_type = test_type(root, &steps);
        Ok(Plan {
            test_type,
            timeout,
            name: root.owned("name").unwrap_or_default(),
            version: root.owned("version"),
            sim: root.owned("sim"),
            resume: if resume == "point" { Resume::Point } else { Resume::Step },
            dut,
            parameters,
            environment,
            roles: whole(self.roles),
            safe_state,
            files: BTreeMap::new(),
            warnings,
            source: self.source,
            defaults: self.parameters,
            discharged,
            readings: whole(self.readings),
            captures: whole(self.captures),
            setup,
            steps,
            cleanup,
        })
    }

    fn fault(&mut self, span: &Span, message: impl Into<String>) {
        self.faults.add(self.source.fault(span, message));
    }

    /// A result of a resolver, its fault noted.
    fn resolved<T>(&mut self, with: impl FnOnce(Resolver<'_>) -> Result<T, Fault>) -> Option<T> {
        let resolver = Resolver { source: &self.source, parameters: &self.parameters };
        self.faults.keep(with(resolver))
    }
}

/// As the plan says, else by what its steps do.
fn test_type(root: &Node, steps: &[Step]) -> TestType {
    let stated = root.text("type").map(|text| text.value);
    let looks = |step: &Step| {
        let parts = || std::iter::once(&step.own).chain(&step.each);
        let mut actions = parts().filter_map(|part| part.action.as_ref()).peekable();
        actions.peek().is_some() && actions.all(|action| matches!(action, Action::Inspection(_)))
    };
    let usual = if steps.iter().all(looks) { TestType::Infrastructure } else { TestType::Scpi };
    TestType::ALL.into_iter().find(|own| Some(own.word()) == stated).unwrap_or(usual)
}

fn whole<T>(known: Known<T>) -> BTreeMap<String, Arc<T>> {
    known.into_iter().filter_map(|(name, part)| Some((name, part?))).collect()
}
