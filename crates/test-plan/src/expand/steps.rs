//! Steps: what each sets, and what it waits for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{Class, Setting, SettingKind, SettingValue};
use bench_model::{Point, Quantity};

use crate::caps::refused;
use crate::check::faults_of;
use crate::condition::{Clause, ClauseKind};
use crate::decision::{OnlyIf, PremiseClause, PremiseKind};
use crate::expression::bind;
use crate::operation::{Operation, Set, Stability};
use crate::plan::Role;
use crate::series::{rounded, tidy};
use crate::source::Span;
use crate::step::{Action, Amount, Applied, AppliedValue, Apply, Part, Premise, Settle, Step};

use super::Expander;
use super::sweeps::Dimension;

/// Where settings are made.
#[derive(Clone, Copy)]
pub(super) struct Site<'s> {
    pub(super) step: &'s str,
    pub(super) point: &'s Point,
}

/// A settle with its parameters in their places.
#[derive(Clone)]
pub(super) enum ReadySettle {
    For(Duration),
    UntilStable(Arc<Stability>),
}

impl ReadySettle {
    pub(super) fn operation(&self, step: &str, point: &Point) -> Operation {
        let (step, point) = (step.to_owned(), point.clone());
        match self {
            Self::For(time) => Operation::Settle { step, point, time: *time },
            Self::UntilStable(stability) => {
                let until = Arc::clone(stability);
                Operation::SettleUntilStable { step, point, until }
            }
        }
    }
}

impl Expander<'_, '_> {
    /// The operations of some steps; of those alone that are chosen, where some are.
    pub(super) fn steps(
        &mut self,
        steps: &[Step],
        chosen: Option<&BTreeSet<String>>,
    ) -> Vec<Operation> {
        for step in steps {
            if chosen.is_none_or(|chosen| chosen.contains(&step.id.value)) {
                self.step(step);
            }
        }
        std::mem::take(&mut self.operations)
    }

    fn step(&mut self, step: &Step) {
        let id = step.id.value.clone();
        self.push(Operation::StepStarted { step: id.clone() });
        self.premises(step);
        self.timeout(step.timeout.as_ref(), Some(&id));
        let before = Point::default();
        self.prepare(&step.own, Site { step: &id, point: &before });
        let sweep = self.ready(step);
        let results = sweep
            .as_deref()
            .map(|sweep| sweep.iter().flat_map(Dimension::of_results).cloned().collect::<Vec<_>>());
        self.note_results(step, results.as_deref());
        match (&step.own.action, sweep) {
            (Some(Action::Compute(draft)), _) => self.compute(&id, draft, step.own.on_error),
            (_, Some(sweep)) => self.walk(step, &sweep),
            (_, None) => {}
        }
        self.push(Operation::StepFinished { step: id });
    }

    /// What is not done by then is not done any more.
    pub(super) fn timeout(&mut self, timeout: Option<&Amount>, step: Option<&str>) {
        let time = timeout.and_then(|time| self.resolved(|resolver| resolver.duration(time)));
        if let Some(time) = time {
            self.push(Operation::Timeout { step: step.map(str::to_owned), time });
        }
    }

    fn premises(&mut self, step: &Step) {
        let parts = || std::iter::once(&step.own).chain(&step.each);
        let has_results = parts().any(|part| !matches!(part.action, None | Some(Action::Wait(_))));
        for premise in &step.premises {
            let clauses = premise.condition.clauses.iter();
            let Some(clauses) = clauses.map(|clause| self.clause(clause, premise)).collect() else {
                continue;
            };
            self.push(Operation::OnlyIf(Box::new(OnlyIf {
                step: step.id.value.clone(),
                text: premise.text.clone(),
                wanted: premise.wanted,
                clauses,
                is_any: premise.condition.is_any,
                has_results,
            })));
        }
    }

    fn clause(&mut self, clause: &Clause, premise: &Premise) -> Option<PremiseClause> {
        let kind = match &clause.kind {
            ClauseKind::Came { path, state, negated } => {
                let (path, state, negated) = (path.clone(), *state, *negated);
                PremiseKind::Came { path, state, negated }
            }
            ClauseKind::Holds(term) => {
                let bound = bind(&clause.text, term, &self.leaves, &self.parameters);
                let faults = faults_of(clause, bound.clone());
                for fault in &faults {
                    self.faults.add(self.plan.source.fault_inside(&premise.span, fault));
                }
                PremiseKind::Holds(Arc::new(bound.ok().flatten().filter(|_| faults.is_empty())?))
            }
        };
        Some(PremiseClause { text: clause.text.clone(), kind })
    }

    /// The settings of some roles, not yet among the operations.
    pub(super) fn sets_of(&mut self, applies: &[Apply], site: Site<'_>) -> Vec<Set> {
        let before = std::mem::take(&mut self.operations);
        for apply in applies {
            self.apply(apply, site);
        }
        let set = |operation| match operation {
            Operation::Set(set) => Some(*set),
            _ => None,
        };
        std::mem::replace(&mut self.operations, before).into_iter().filter_map(set).collect()
    }

    /// What is set before anything is measured, and the wait for it.
    pub(super) fn prepare(&mut self, part: &Part, site: Site<'_>) {
        for apply in &part.apply {
            self.apply(apply, site);
        }
        if let Some(settle) = &part.settle {
            self.settle(settle, site);
        }
    }

    fn settle(&mut self, settle: &Settle, site: Site<'_>) {
        if let Some(settled) = self.ready_settle(settle) {
            self.push(settled.operation(site.step, site.point));
        }
    }

    pub(super) fn wait(&mut self, amount: &Amount, step: &str, point: &Point) {
        if let Some(time) = self.resolved(|resolver| resolver.duration(amount)) {
            self.push(ReadySettle::For(time).operation(step, point));
        }
    }

    pub(super) fn ready_settle(&mut self, settle: &Settle) -> Option<ReadySettle> {
        match settle {
            Settle::For(time) => {
                self.resolved(|resolver| resolver.duration(time)).map(ReadySettle::For)
            }
            Settle::UntilStable(draft) => {
                self.stability(draft).map(Arc::new).map(ReadySettle::UntilStable)
            }
        }
    }

    fn apply(&mut self, apply: &Apply, site: Site<'_>) {
        let Some(role) = self.plan.roles.get(&apply.role).cloned() else { return };
        let protection = self.default_protection(&role, apply);
        let level = Setting::Ovp.rank();
        let (first, last): (Vec<_>, Vec<_>) =
            apply.settings.iter().partition(|applied| applied.setting.rank() <= level);
        for applied in first {
            self.applied(&role, applied, site);
        }
        if let Some(protection) = protection {
            self.set(&role, Setting::Ovp, SettingValue::Quantity(protection), site, &apply.span);
        }
        for applied in last {
            self.applied(&role, applied, site);
        }
    }

    /// Over-voltage protection that the plan does not state is that of the role, before its output goes on.
    fn default_protection(&mut self, role: &Role, apply: &Apply) -> Option<Quantity> {
        let goes_on = |applied: &Applied| {
            applied.setting == Setting::Output
                && matches!(applied.value, AppliedValue::Switch(true))
        };
        let stated = apply.settings.iter().any(|applied| applied.setting == Setting::Ovp);
        let wanted = role.class == Class::PowerSupply
            && !stated
            && apply.settings.iter().any(goes_on)
            && !self.protected.contains(&role.name)
            && self.has_setting(&role.name, Setting::Ovp);
        let cap = role.max_voltage.as_ref().filter(|_| wanted)?;
        Some(self.as_sent(&role.name, Setting::Ovp, cap))
    }

    fn applied(&mut self, role: &Role, applied: &Applied, site: Site<'_>) {
        let (value, span) = match &applied.value {
            AppliedValue::Switch(on) => (Some(SettingValue::Switch(*on)), &applied.span),
            AppliedValue::Word(word) => {
                let filled = self.resolved(|resolver| resolver.fill(word));
                (filled.and_then(|filled| self.word(applied, filled)), &word.span)
            }
            AppliedValue::Amount(amount) => {
                let SettingKind::Quantity(unit) = applied.setting.kind() else { return };
                let quantity = self.resolved(|resolver| resolver.quantity(amount, &unit));
                let sent = quantity.map(|value| self.as_sent(&role.name, applied.setting, &value));
                (sent.map(SettingValue::Quantity), &amount.span)
            }
        };
        if let Some(value) = value {
            self.set(role, applied.setting, value, site, span);
        }
    }

    /// A parameter may have brought a word that cannot be set.
    fn word(&mut self, applied: &Applied, word: String) -> Option<SettingValue> {
        match applied.setting.kind() {
            SettingKind::Words(words) if words.contains(&word.as_str()) => {
                Some(SettingValue::Word(word))
            }
            _ => {
                self.fault(&applied.span, format!("'{word}' cannot be set as {}", applied.setting));
                None
            }
        }
    }

    /// The value that is sent: a multiple of what the instrument can resolve.
    pub(super) fn as_sent(&self, role: &str, setting: Setting, value: &Quantity) -> Quantity {
        let resolution = self.dialect(role).and_then(|dialect| dialect.resolution(setting));
        let sent = resolution.and_then(|resolution| rounded(value, resolution));
        let tidied = || value.in_base().map(|base| tidy(base, &value.unit));
        sent.or_else(tidied).unwrap_or_else(|| value.clone())
    }

    pub(super) fn set(
        &mut self,
        role: &Role,
        setting: Setting,
        value: SettingValue,
        site: Site<'_>,
        span: &Span,
    ) {
        if let SettingValue::Quantity(quantity) = &value {
            let refusal = refused(role, setting, quantity);
            let refusal = refusal.or_else(|| self.unsettable(&role.name, setting, quantity));
            if let Some(message) = refusal {
                self.fault(span, message);
                return;
            }
        }
        if !self.has_setting(&role.name, setting) {
            self.fault(span, format!("the instrument of '{}' has no {setting}", role.name));
            return;
        }
        if setting == Setting::Ovp {
            self.protected.insert(role.name.clone());
        }
        self.roles_used.insert(role.name.clone());
        let (step, point) = (site.step.to_owned(), site.point.clone());
        self.push(Operation::Set(Box::new(Set {
            step,
            point,
            role: role.name.clone(),
            setting,
            value,
        })));
    }
}
