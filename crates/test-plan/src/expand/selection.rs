//! Which steps are run.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::Fault;
use crate::step::Step;
use crate::suggest;

use super::Expander;

/// Which steps are asked for; all where nothing is said. Setup and cleanup always run, and so does what a
/// chosen step computes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Steps by their ids.
    pub steps: Vec<String>,
    /// Steps by one of their tags.
    pub tags: Vec<String>,
    /// Tags of steps that are left out.
    pub skip: Vec<String>,
}

impl Selection {
    fn is_all(&self) -> bool {
        self.steps.is_empty() && self.tags.is_empty() && self.skip.is_empty()
    }

    fn takes(&self, step: &Step) -> bool {
        let tagged = |tags: &[String]| step.tags.iter().any(|tag| tags.contains(tag));
        let unasked = self.steps.is_empty() && self.tags.is_empty();
        let asked = unasked || self.steps.contains(&step.id.value) || tagged(&self.tags);
        asked && !tagged(&self.skip)
    }
}

impl Expander<'_, '_> {
    /// The ids of the steps that are run; none where all are.
    pub(super) fn chosen(&mut self) -> Option<BTreeSet<String>> {
        let plan = self.plan;
        let selection = &self.inputs.selection;
        if selection.is_all() {
            return None;
        }
        self.fault_if_unknown();
        let by_id: BTreeMap<_, _> =
            plan.steps.iter().map(|step| (step.id.value.as_str(), step)).collect();
        let chosen = plan.steps.iter().filter(|step| selection.takes(step));
        let mut open: Vec<&Step> = chosen.chain(&plan.cleanup).collect();
        let mut found = BTreeSet::new();
        while let Some(step) = open.pop() {
            if found.insert(step.id.value.clone()) {
                open.extend(step.depends_on().filter_map(|id| by_id.get(id).copied()));
            }
        }
        Some(found)
    }

    fn fault_if_unknown(&mut self) {
        let plan = self.plan;
        let ids: Vec<_> = plan.steps.iter().map(|step| step.id.value.as_str()).collect();
        let tags = plan.steps.iter().flat_map(|step| step.tags.iter().map(String::as_str));
        let tags: Vec<_> = tags.collect::<BTreeSet<_>>().into_iter().collect();
        let Selection { steps, tags: asked, skip } = &self.inputs.selection;
        let unknown = [
            ("--step", "step", steps, &ids),
            ("--tag", "tag", asked, &tags),
            ("--skip", "tag", skip, &tags),
        ];
        for (argument, what, names, known) in unknown {
            for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
                let instead = suggest::instead(name, known.iter().copied());
                let message = format!("the plan has no {what} '{name}'{instead}");
                self.faults.add(Fault::of_whole(argument, message));
            }
        }
    }
}
