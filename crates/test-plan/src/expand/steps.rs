//! Steps with their sweeps.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{Class, Setting, SettingKind, SettingValue};
use bench_model::{Coordinate, Point, Quantity, Unit};

use crate::bounds::{MAX_OPERATIONS, MAX_POINTS};
use crate::caps::refused;
use crate::expression::AxisValues;
use crate::operation::{Operation, Set};
use crate::plan::Role;
use crate::series::{rounded, setpoints, tidy};
use crate::source::Span;
use crate::step::{Action, Amount, Applied, AppliedValue, Apply, Axis, Part, Step};

use super::Expander;

/// An axis that is ready to be walked.
struct ReadyAxis<'s> {
    axis: &'s Axis,
    values: Arc<[Quantity]>,
    settle: Option<Duration>,
}

/// Where settings are made.
#[derive(Clone, Copy)]
struct Site<'s> {
    step: &'s str,
    point: &'s Point,
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
        let before = Point::default();
        self.prepare(&step.own, Site { step: &id, point: &before });
        let axes: Option<Vec<_>> = step.sweep.iter().map(|axis| self.ready(axis)).collect();
        let axes = axes.filter(|axes| self.are_few(axes, step));
        let values =
            axes.as_deref().map(|axes| axes.iter().map(AxisValues::from).collect::<Vec<_>>());
        self.note_results(step, values.as_deref());
        match (&step.own.action, axes) {
            (Some(Action::Compute(draft)), _) => self.compute(&id, draft, step.own.on_error),
            (_, Some(axes)) => self.walk(step, &axes, &mut Point::default(), self.faults.len()),
            (_, None) => {}
        }
        self.push(Operation::StepFinished { step: id });
    }

    fn are_few(&mut self, axes: &[ReadyAxis<'_>], step: &Step) -> bool {
        let points =
            axes.iter().try_fold(1_usize, |points, axis| points.checked_mul(axis.values.len()));
        let are_few = points.is_some_and(|points| points <= MAX_POINTS);
        if !are_few {
            let message = format!("more than {MAX_POINTS} points with these parameters");
            self.fault(&step.id.span, message);
        }
        are_few
    }

    /// What is set before anything is measured, and the wait for it.
    fn prepare(&mut self, part: &Part, site: Site<'_>) {
        for apply in &part.apply {
            self.apply(apply, site);
        }
        if let Some(settle) = &part.settle {
            self.settle(settle, site);
        }
    }

    pub(super) fn settle_at(&mut self, amount: &Amount, step: &str, point: &Point) {
        self.settle(amount, Site { step, point });
    }

    fn settle(&mut self, amount: &Amount, site: Site<'_>) {
        if let Some(time) = self.resolved(|resolver| resolver.duration(amount)) {
            let (step, point) = (site.step.to_owned(), site.point.clone());
            self.push(Operation::Settle { step, point, time });
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
    fn as_sent(&self, role: &str, setting: Setting, value: &Quantity) -> Quantity {
        let resolution = self.dialect(role).and_then(|dialect| dialect.resolution(setting));
        let sent = resolution.and_then(|resolution| rounded(value, resolution));
        let tidied = || value.in_base().map(|base| tidy(base, &value.unit));
        sent.or_else(tidied).unwrap_or_else(|| value.clone())
    }

    fn set(
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

    fn ready<'s>(&mut self, axis: &'s Axis) -> Option<ReadyAxis<'s>> {
        let SettingKind::Quantity(unit) = axis.setting.kind() else { return None };
        let values = self.resolved(|resolver| setpoints(axis, &unit, &resolver))?;
        let sent: Vec<_> =
            values.iter().map(|value| self.as_sent(&axis.role, axis.setting, value)).collect();
        self.fault_if_same(axis, &sent, &unit)?;
        let settle = match &axis.settle {
            Some(settle) => Some(self.resolved(|resolver| resolver.duration(settle))?),
            None => None,
        };
        self.fault_unless_regulating(axis);
        Some(ReadyAxis { axis, values: sent.into(), settle })
    }

    /// Two setpoints that the instrument cannot tell apart would be one place with two results.
    fn fault_if_same(&mut self, axis: &Axis, sent: &[Quantity], unit: &Unit) -> Option<()> {
        let mut seen = BTreeSet::new();
        let twice = sent.iter().find(|value| !seen.insert(value.to_string()));
        let Some(twice) = twice else { return Some(()) };
        let dialect = self.dialect(&axis.role);
        let step = dialect.and_then(|dialect| dialect.resolution(axis.setting));
        let step = step.map_or_else(|| format!("1 {unit}"), ToString::to_string);
        self.fault(&axis.span, format!(
            "two setpoints of '{}' are {twice} when they are sent: the instrument's step is {step}", axis.name
        ));
        None
    }

    fn fault_unless_regulating(&mut self, axis: &Axis) {
        let Some(mode) = &axis.expect_mode else { return };
        let Some(dialect) = self.dialect(&axis.role) else { return };
        let knows = |words: &bench_catalog::RegulationWords| words.words.contains_key(&mode.value);
        if !dialect.regulation.as_ref().is_some_and(knows) {
            let message =
                format!("{} do not say that they regulate in {}", dialect.title, mode.value);
            self.fault(&mode.span, message);
        }
    }

    /// One axis after the other, the first outermost. The first fault of a sweep ends it: the others would be
    /// the same at other points.
    fn walk(&mut self, step: &Step, axes: &[ReadyAxis<'_>], point: &mut Point, faults: usize) {
        let Some((ready, inner)) = axes.split_first() else {
            self.at_point(step, point);
            return;
        };
        let Some(role) = self.plan.roles.get(&ready.axis.role).cloned() else { return };
        for value in ready.values.iter() {
            point.0.push(Coordinate { axis: ready.axis.name.clone(), value: value.clone() });
            let site = Site { step: &step.id.value, point };
            let sent = SettingValue::Quantity(value.clone());
            self.set(&role, ready.axis.setting, sent, site, &ready.axis.span);
            if let Some(time) = ready.settle {
                let (step, point) = (step.id.value.clone(), point.clone());
                self.push(Operation::Settle { step, point, time });
            }
            self.walk(step, inner, point, faults);
            point.0.pop();
            if self.faults.len() > faults || self.count > MAX_OPERATIONS {
                return;
            }
        }
    }

    fn at_point(&mut self, step: &Step, point: &Point) {
        let id = &step.id.value;
        for axis in &step.sweep {
            if let Some(mode) = &axis.expect_mode {
                let (role, mode) = (axis.role.clone(), mode.value.clone());
                let (step, point) = (id.clone(), point.clone());
                self.push(Operation::ExpectMode { step, point, role, mode });
            }
        }
        self.act(&step.own, id, point);
        for part in &step.each {
            self.prepare(part, Site { step: id, point });
            self.act(part, id, point);
        }
    }
}

impl From<&ReadyAxis<'_>> for AxisValues {
    fn from(ready: &ReadyAxis<'_>) -> Self {
        Self { name: ready.axis.name.clone(), values: Arc::clone(&ready.values) }
    }
}
