//! Instruments that several sites share: what a site holds of them and for how long, and whether that can work at all.

use std::collections::BTreeSet;

use crate::infrastructure::InspectionTarget;
use crate::operation::{Operation, Schedule};

impl Operation {
    /// The role whose instrument it uses.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        match self {
            Self::Set(set) => Some(&set.role),
            Self::ExpectMode { role, .. } => Some(role),
            Self::SettleUntilStable { until, .. } => Some(&until.reading.role),
            Self::Measure(measure) => Some(&measure.reading.role),
            Self::Capture(capture) => Some(&capture.capture.role),
            Self::Raw(raw) => Some(&raw.role),
            Self::Inspection(inspection) => match &inspection.target {
                InspectionTarget::Identity(role) => Some(role),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether what it does to its instrument is still there afterwards. What a reading configures is not relied on.
    #[must_use]
    pub fn lasts(&self) -> bool {
        match self {
            Self::Set(_) => true,
            Self::Raw(raw) => !raw.is_query,
            _ => false,
        }
    }

    fn step(&self) -> Option<&str> {
        match self {
            Self::StepStarted { step } => Some(step),
            _ => None,
        }
    }
}

/// The roles that a step, as the operations from its beginning on, has for itself until its end: where it sets a shared
/// one, all shared ones that it uses.
#[must_use]
pub fn held_by_step<'o>(
    from_step: &'o [Operation],
    is_shared: &dyn Fn(&str) -> bool,
) -> BTreeSet<&'o str> {
    let end = |operation: &Operation| matches!(operation, Operation::StepFinished { .. });
    let step = from_step.split_inclusive(end).next().unwrap_or_default();
    let shared = |operation: &'o Operation| operation.role().filter(|role| is_shared(role));
    match step.iter().any(|operation| operation.lasts() && shared(operation).is_some()) {
        true => step.iter().filter_map(shared).collect(),
        false => BTreeSet::new(),
    }
}

impl Schedule {
    /// Why several sites cannot run this at the same time, each reason with what would be right.
    ///
    /// A site holds what it shares from the first setting of a step to its end, takes all of it at once, and holds
    /// nothing else meanwhile: so no two sites can wait for each other, unless a setting must outlast its step, or a
    /// person is waited for while others wait for the instrument.
    #[must_use]
    pub fn sharing_faults(&self, is_shared: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut faults = Vec::new();
        for operation in self.setup.iter().chain(&self.cleanup) {
            if let Some(role) = operation.role().filter(|role| operation.lasts() && is_shared(role))
            {
                faults.push(format!(
                    "'{role}' is shared by several sites, and what setup or cleanup sets of it would have to be held \
                     until the end, while all others wait: set it in the steps that read it"
                ));
            }
        }
        let end = |operation: &Operation| matches!(operation, Operation::StepFinished { .. });
        for step in self.steps.split_inclusive(end) {
            let asks = step.iter().any(|operation| matches!(operation, Operation::Prompt(_)));
            let id = step.iter().find_map(Operation::step).unwrap_or_default();
            let held = held_by_step(step, is_shared);
            if let (Some(role), true) = (held.first(), asks) {
                faults.push(format!(
                    "the step '{id}' asks somebody while it holds '{role}', for which other sites wait: ask in a step \
                     of its own"
                ));
            }
            faults.extend(left_over(id, step, &held, &self.steps, is_shared));
        }
        faults.dedup();
        faults
    }
}

/// A step that reads what another step has set.
fn left_over(
    id: &str,
    step: &[Operation],
    held: &BTreeSet<&str>,
    all: &[Operation],
    is_shared: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let uses_only = |operation: &&Operation| {
        operation.role().is_some_and(|role| is_shared(role) && !held.contains(role))
    };
    let role = step.iter().find(uses_only)?.role()?;
    let sets = |operation: &Operation| matches!(operation, Operation::Set(set) if set.role == role);
    all.iter().any(sets).then(|| {
        format!(
            "the step '{id}' uses '{role}', which several sites share, as another step has set it: another site may \
             have it in between; set it in '{id}'"
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Inputs, NoSources, check};

    const HEAD: &str = "name = 's'\n[instruments]\nload = { class = 'load', max_current = '2 A', sense = 'local' }\ndmm = { class = 'multimeter' }\n\
        [readings.v]\nrole = 'dmm'\nfunction = 'dc_voltage'\nrange = '10 V'\n";

    fn schedule(rest: &str) -> Schedule {
        let plan = check("s.toml", &format!("{HEAD}{rest}"), &NoSources).unwrap();
        plan.expand(&Inputs::of(&BTreeMap::new(), true)).unwrap()
    }

    #[test]
    fn a_step_holds_what_it_sets_and_reads_and_a_reading_alone_holds_nothing() {
        let apply = "apply = [{ role = 'load', current = '1 A' }]\n";
        for (rest, shared, held) in [
            ("", "dmm", vec![]),
            (apply, "dmm", vec![]),
            (apply, "load dmm", vec!["dmm", "load"]),
            (apply, "load", vec!["load"]),
        ] {
            let text = format!("[[steps]]\nid = 'one'\n{rest}measure = {{ reading = 'v' }}\n");
            let schedule = schedule(&text);
            let is_shared = |role: &str| shared.split(' ').any(|own| own == role);
            let found = held_by_step(&schedule.steps, &is_shared);
            assert_eq!(found.into_iter().collect::<Vec<_>>(), held, "{rest} {shared}");
            assert_eq!(schedule.sharing_faults(&is_shared), Vec::<String>::new());
        }
    }

    #[test]
    fn what_would_be_held_too_long_is_a_fault() {
        let set = "apply = [{ role = 'load', current = '1 A' }]\n";
        let read = "measure = { reading = 'v' }\n";
        let raw = "scpi = { role = 'load', query = 'CURR?' }\n";
        let asks = "prompt = { ask = 'Ready?', answer = 'done', energised = true }\n";
        for (rest, part) in [
            (
                format!("[[setup]]\nid = 's'\n{set}[[steps]]\nid = 'one'\n{read}"),
                "setup or cleanup",
            ),
            (format!("[[steps]]\nid = 'one'\n{set}{asks}"), "asks somebody"),
            (
                format!("[[steps]]\nid = 'one'\n{set}{read}[[steps]]\nid = 'two'\n{raw}"),
                "set it in 'two'",
            ),
        ] {
            let faults = schedule(&rest).sharing_faults(&|role| role == "load");
            assert_eq!(faults.len(), 1, "{rest}: {faults:?}");
            assert!(faults[0].contains(part), "{faults:?}");
            assert!(schedule(&rest).sharing_faults(&|role| role == "dmm").is_empty());
        }
    }
}
