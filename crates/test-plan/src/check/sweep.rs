//! Axes.

use std::collections::BTreeSet;
use std::sync::Arc;

use bench_catalog::{Class, Setting, SettingKind};
use bench_model::{Quantity, Unit};

use crate::bounds::{MAX_AXES, MAX_POINTS};
use crate::caps::refused;
use crate::expression::AxisValues;
use crate::file::Node;
use crate::plan::Role;
use crate::series::setpoints;
use crate::source::{Located, Span};
use crate::step::{Axis, Series};
use crate::suggest;

use super::Checker;

impl Checker {
    /// The axes of a step, with their setpoints where all of them are right.
    pub(super) fn sweep(&mut self, node: &Node) -> (Vec<Axis>, Option<Vec<AxisValues>>) {
        let mut axes = Vec::new();
        let mut values = Some(Vec::new());
        let mut names = BTreeSet::new();
        for axis in node.nodes("sweep") {
            if let Some(name) = axis.text("axis") {
                let is_new = names.insert(name.value.to_owned());
                self.fault_if_twice(is_new, "axis", name.value, &name.span);
            }
            let own = self.axis(axis);
            values = values.zip(own.as_ref()).map(|(mut all, (_, own)): (Vec<_>, _)| {
                all.push(own.clone());
                all
            });
            axes.extend(own.map(|(axis, _)| axis));
        }
        self.fault_if_too_many(node, values.as_deref().unwrap_or_default());
        (axes, values)
    }

    fn fault_if_too_many(&mut self, node: &Node, axes: &[AxisValues]) {
        let span = node.span_of("sweep");
        let count = node.items("sweep").len();
        if count > MAX_AXES {
            self.fault(&span, format!("{count} axes; at most {MAX_AXES} make a sweep"));
        }
        let points =
            axes.iter().try_fold(1_usize, |points, axis| points.checked_mul(axis.values.len()));
        if points.is_none_or(|points| points > MAX_POINTS) {
            let shown = points.map_or("far too many".to_owned(), |points| points.to_string());
            self.fault(&span, format!("{shown} points; at most {MAX_POINTS} make a sweep"));
        }
    }

    fn axis(&mut self, node: &Node) -> Option<(Axis, AxisValues)> {
        let role = node.text("role").and_then(|role| self.role_named(role));
        let setting = node.text("setting");
        let setting: Option<Located<Setting>> =
            setting.and_then(|text| Some(Located::new(text.value.parse().ok()?, text.span)));
        let faults = self.faults.len();
        let series = self.series(node);
        let settle = self.time(node, "settle");
        let expect_mode = node.text("expect_mode");
        let expect_mode = expect_mode.map(|mode| Located::new(mode.value.to_owned(), mode.span));
        let (name, role, setting) = (node.text("axis")?, role?, setting?);
        let unit = self.setting_unit(&role, &setting)?;
        self.fault_unless_regulating(&role, expect_mode.as_ref());
        let series = series?;
        for amount in series.amounts() {
            self.resolved(|resolver| resolver.quantity(amount, &unit));
        }
        if self.faults.len() > faults {
            return None;
        }
        let axis = Axis {
            name: name.value.to_owned(),
            role: role.name.clone(),
            setting: *setting,
            series,
            settle,
            expect_mode,
            span: name.span,
        };
        let values = self.resolved(|resolver| setpoints(&axis, &unit, &resolver))?;
        self.fault_beyond_cap(&axis, &role, &values, node);
        self.stated.entry(role.name.clone()).or_default().insert(*setting);
        let values = AxisValues { name: axis.name.clone(), values: values.into() };
        Some((axis, values))
    }

    /// The unit of a setting, where the role has it.
    fn setting_unit(&mut self, role: &Arc<Role>, setting: &Located<Setting>) -> Option<Unit> {
        let own = Setting::of_class(role.class);
        match setting.kind() {
            SettingKind::Quantity(unit) if own.contains(setting) => Some(unit),
            _ => {
                self.fault(&setting.span, no_setting(role, setting.word()));
                None
            }
        }
    }

    fn fault_unless_regulating(&mut self, role: &Role, mode: Option<&Located<String>>) {
        if let Some(mode) = mode
            && role.class != Class::PowerSupply
        {
            let message = format!(
                "only a power_supply says how it regulates; '{}' is a {}",
                role.name, role.class
            );
            self.fault(&mode.span, message);
        }
    }

    fn fault_beyond_cap(&mut self, axis: &Axis, role: &Role, values: &[Quantity], node: &Node) {
        let mut names = BTreeSet::new();
        for (index, value) in values.iter().enumerate() {
            let span = place(axis, index, node);
            if let Some(message) = refused(role, axis.setting, value) {
                self.fault(&span, message);
                // Of a long axis the first is enough.
                return;
            }
            if !names.insert(value.to_string()) {
                self.fault(&span, format!("{value} stands in the axis '{}' already", axis.name));
            }
        }
    }

    fn series(&mut self, node: &Node) -> Option<Series> {
        let has = |key: &str| node.has(key);
        match (has("list"), has("from") && has("to"), has("points"), has("step")) {
            (true, false, false, false) if !has("from") && !has("to") && !has("spacing") => {
                self.listed(node)
            }
            (false, true, true, false) => self.points(node),
            (false, true, false, true) if !has("spacing") => self.stepped(node),
            _ => {
                let message = "an axis is a 'list', or 'from', 'to' and 'points', or 'from', 'to' and 'step' \
                               ('spacing' goes with 'points')";
                self.fault(&node.span, message);
                None
            }
        }
    }

    fn listed(&mut self, node: &Node) -> Option<Series> {
        if node.items("list").is_empty() {
            self.fault(&node.span_of("list"), "an empty list; one setpoint at least is wanted");
            return None;
        }
        let texts: Vec<_> = node.texts("list").collect();
        Some(Series::List(texts.into_iter().filter_map(|text| self.amount_of(text)).collect()))
    }

    fn points(&mut self, node: &Node) -> Option<Series> {
        let [from, to] = ["from", "to"].map(|key| self.amount(node, key));
        let logarithmic = node.text("spacing").is_some_and(|spacing| spacing.value == "log");
        let points = *node.whole("points")?;
        Some(Series::Points { from: from?, to: to?, points, logarithmic })
    }

    fn stepped(&mut self, node: &Node) -> Option<Series> {
        let [from, to, step] = ["from", "to", "step"].map(|key| self.amount(node, key));
        Some(Series::Step { from: from?, to: to?, step: step? })
    }
}

/// Where a setpoint of an axis comes from.
fn place(axis: &Axis, index: usize, node: &Node) -> Span {
    match &axis.series {
        Series::List(amounts) => amounts.get(index).map(|amount| amount.span.clone()),
        Series::Points { from, .. } | Series::Step { from, .. } if index == 0 => {
            Some(from.span.clone())
        }
        Series::Points { to, .. } | Series::Step { to, .. } => Some(to.span.clone()),
    }
    .unwrap_or_else(|| node.span.clone())
}

/// That a role's class has no such setting.
pub(super) fn no_setting(role: &Role, word: &str) -> String {
    let (class, name) = (role.class, &role.name);
    let own = Setting::of_class(class).iter().map(|setting| setting.word());
    format!("the {class} '{name}' has no '{word}'{}", suggest::instead(word, own))
}
