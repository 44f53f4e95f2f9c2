//! A session that was cut: what of its steps is still to be done, and what must be set before.

use std::collections::BTreeMap;
use std::time::Duration;

use bench_catalog::Setting;
use bench_model::{InstrumentIdentity, Place, Point, Reading, Resumed, StepResult};
use test_plan::{Operation, Set};

/// A session as far as it came.
#[derive(Clone, Debug)]
pub struct Continuation {
    /// How it goes on; the first event.
    pub resumed: Resumed,
    /// The number of its last event.
    pub last_seq: u64,
    /// The results that are kept, in their order.
    pub results: Vec<StepResult>,
    /// The readings behind them, where there were several.
    pub readings: Vec<Reading>,
    /// Steps that are done.
    pub finished: Vec<String>,
    /// Who had played the roles.
    pub instruments: Vec<InstrumentIdentity>,
}

/// What is still to be done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest {
    /// What the steps that are done had set, and the time that it takes to settle.
    pub(crate) restore: Vec<Operation>,
    /// The operations of the steps that are left.
    pub(crate) operations: Vec<Operation>,
    /// Raw commands of what is done, which are not sent again: who knows what they did?
    pub(crate) unsent: Vec<Place>,
}

/// The settings of what is done, the last of each role's.
#[derive(Default)]
struct Done {
    sets: BTreeMap<(String, Setting), (usize, Set)>,
    taken: usize,
    settle: Duration,
    unsent: Vec<Place>,
}

impl Done {
    fn take(&mut self, operation: &Operation) {
        self.taken += 1;
        match operation {
            Operation::Set(set) => {
                let key = (set.role.clone(), set.setting);
                self.sets.insert(key, (self.taken, set.as_ref().clone()));
            }
            Operation::Settle { time, .. } => self.settle = self.settle.max(*time),
            Operation::Raw(raw) if !raw.is_query => self.unsent.push(raw.place.clone()),
            _ => {}
        }
    }

    /// In the order of one `apply`: limits, protection, levels, outputs.
    fn restore(self, step: &str) -> (Vec<Operation>, Vec<Place>) {
        let mut sets: Vec<_> = self.sets.into_values().collect();
        sets.sort_by_key(|(order, set)| (set.setting.rank(), *order));
        let set = |(_, set): (usize, Set)| {
            Operation::Set(Box::new(Set { step: step.to_owned(), point: Point::default(), ..set }))
        };
        let mut restore: Vec<_> = sets.into_iter().map(set).collect();
        if !restore.is_empty() && !self.settle.is_zero() {
            let (step, point) = (step.to_owned(), Point::default());
            restore.push(Operation::Settle { step, point, time: self.settle });
        }
        (restore, self.unsent)
    }
}

/// What is left of the steps of a plan.
pub(crate) fn rest(steps: &[Operation], continuation: &Continuation) -> Rest {
    let mut done = Done::default();
    let mut operations = Vec::new();
    for step in steps.split_inclusive(|it| matches!(it, Operation::StepFinished { .. })) {
        let id = step.iter().find_map(|operation| match operation {
            Operation::StepStarted { step } => Some(step),
            _ => None,
        });
        let Some(id) = id else { continue };
        if continuation.finished.contains(id) {
            step.iter().for_each(|operation| done.take(operation));
        } else if operations.is_empty() && continuation.resumed.at_point {
            operations = from_point(step, &continuation.results, &mut done);
        } else {
            operations.extend_from_slice(step);
        }
    }
    let next = continuation.resumed.step.as_deref().unwrap_or_default();
    let (restore, unsent) = done.restore(next);
    Rest { restore, operations, unsent }
}

/// The operations of the step that was cut, from its first result that was not judged.
fn from_point(step: &[Operation], results: &[StepResult], done: &mut Done) -> Vec<Operation> {
    let mut judged = BTreeMap::<String, usize>::new();
    for result in results {
        *judged.entry(result.place.to_string()).or_default() += 1;
    }
    let mut is_next = |operation: &&Operation| {
        let places = places_of(operation);
        !places.is_empty() && !places.iter().all(|place| take(&mut judged, place))
    };
    let next = step.iter().position(|operation| is_next(&operation)).unwrap_or(step.len());
    let (before, after) = step.split_at(next);
    let target = after.first().and_then(|next| places_of(next).first().map(|it| it.point.clone()));
    let target = target.unwrap_or_default();
    let mut operations = Vec::new();
    for operation in before {
        if leads_to(operation, &target) {
            operations.push(operation.clone());
        } else {
            done.take(operation);
        }
    }
    operations.extend_from_slice(after);
    operations
}

/// Whether an operation of a step is made again on the way to a point: what was set and waited for there and on the
/// axes around it, and what decides whether a point is run at all.
fn leads_to(operation: &Operation, target: &Point) -> bool {
    let is_around =
        |point: &Point| point.0.iter().all(|it| target.get(&it.axis) == Some(&it.value));
    match operation {
        Operation::StepStarted { .. } | Operation::OnlyIf(_) | Operation::StopWhen(_) => true,
        Operation::Set(set) => is_around(&set.point),
        Operation::ExpectMode { point, .. }
        | Operation::Settle { point, .. }
        | Operation::Pace { around: point, .. }
        | Operation::SettleUntilStable { point, .. } => is_around(point),
        _ => false,
    }
}

/// Each place is judged as often as its point is visited.
fn take(judged: &mut BTreeMap<String, usize>, place: &Place) -> bool {
    let left = judged.get_mut(&place.to_string()).filter(|left| **left > 0);
    left.map(|left| *left -= 1).is_some()
}

/// The results of an operation.
fn places_of(operation: &Operation) -> Vec<&Place> {
    match operation {
        Operation::Measure(measure) => vec![&measure.place],
        Operation::Compute(compute) => vec![&compute.place],
        Operation::Raw(raw) => vec![&raw.place],
        Operation::Prompt(prompt) => vec![&prompt.place],
        Operation::Inspection(asked) => {
            let latency = asked.latency.as_ref().map(|latency| &latency.place);
            std::iter::once(&asked.place).chain(latency).collect()
        }
        Operation::Capture(capture) => capture.measures.iter().map(|it| &it.place).collect(),
        _ => Vec::new(),
    }
}
