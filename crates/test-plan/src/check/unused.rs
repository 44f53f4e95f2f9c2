//! Names that nothing uses, and steps that nothing reaches: no faults, and probably not meant.

use std::collections::BTreeSet;

use crate::fault::Fault;
use crate::file::Node;
use crate::step::{Premise, Step};

use super::Checker;

impl Checker<'_> {
    /// What is defined in the plan's own file and used nowhere.
    pub(super) fn unused(&self, root: &Node) -> Vec<Fault> {
        let kinds = [
            ("instruments", "role"),
            ("readings", "reading"),
            ("captures", "capture"),
            ("corrections", "correction"),
        ];
        let mut found = Vec::new();
        for (key, what) in kinds {
            for (name, _) in root.named(key) {
                if !self.used.contains(&(what, name.value.clone())) {
                    found.push(
                        self.source
                            .fault(&name.span, format!("nothing uses the {what} '{}'", name.value)),
                    );
                }
            }
        }
        for (name, _) in root.named("parameters") {
            if !self.source.mentions_parameter(name) {
                let message = format!("nothing uses the parameter '{}'", name.value);
                found.push(self.source.fault(&name.span, message));
            }
        }
        let own = self.source.file();
        found.retain(|fault| fault.file == own);
        found
    }

    /// Steps that are to be run and left out for the same reason.
    pub(super) fn unreachable<'p>(&self, steps: impl Iterator<Item = &'p Step>) -> Vec<Fault> {
        let clauses = |premise: &'p Premise| {
            premise.condition.clauses.iter().map(|clause| clause.text.trim())
        };
        let all: fn(&&Premise) -> bool = |premise| premise.wanted && !premise.condition.is_any;
        let mut found = Vec::new();
        for step in steps {
            let wanted: BTreeSet<_> = step.premises.iter().filter(all).flat_map(clauses).collect();
            let unwanted = step.premises.iter().filter(|premise| {
                let alone = premise.condition.is_any || premise.condition.clauses.len() == 1;
                !premise.wanted && alone
            });
            for premise in unwanted {
                if let Some(both) = clauses(premise).find(|clause| wanted.contains(clause)) {
                    let message = format!(
                        "'{}' is never run: it is to be run only if {both}, and not if {both}",
                        step.id.value
                    );
                    found.push(self.source.fault(&premise.span, message));
                }
            }
        }
        found
    }
}
