//! Axes.

use std::collections::BTreeSet;
use std::sync::Arc;

use bench_catalog::{Class, Setting, SettingKind};
use bench_model::{Quantity, Unit};

use crate::axes::{AxisValues, Order, arranged, direction_name};
use crate::bounds::{MAX_AXES, MAX_POINTS};
use crate::caps::refused;
use crate::file::Node;
use crate::plan::Role;
use crate::series::setpoints;
use crate::source::Located;
use crate::step::{Axis, AxisSetting, Series};
use crate::suggest;

use super::Checker;
use super::series::place;

impl Checker<'_> {
    /// The axes of a step, with their setpoints where all of them are right.
    pub(super) fn sweep(&mut self, node: &Node) -> (Vec<Axis>, Option<Vec<AxisValues>>) {
        let nodes: Vec<_> = node.nodes("sweep").collect();
        let mut are_whole = true;
        self.fault_if_axis_twice(&nodes);
        let (mut axes, mut dimensions) = (Vec::new(), Vec::new());
        for group in nodes.chunk_by(|_, next| is_zipped(next)) {
            let own: Vec<_> =
                group.iter().filter_map(|axis| self.axis(axis, group.len() == 1)).collect();
            let found = (own.len() == group.len()).then(|| self.dimension(group, &own)).flatten();
            are_whole &= found.is_some();
            dimensions.extend(found.into_iter().flatten());
            axes.extend(own.into_iter().map(|(axis, _)| axis));
        }
        self.fault_if_too_many(node, &dimensions);
        (axes, are_whole.then_some(dimensions))
    }

    fn fault_if_axis_twice(&mut self, nodes: &[&Node]) {
        let mut names = BTreeSet::new();
        for axis in nodes {
            let Some(name) = axis.text("axis") else { continue };
            let is_new = names.insert(name.value.to_owned());
            self.fault_if_twice(is_new, "axis", name.value, &name.span);
        }
        for axis in nodes {
            let (Some(name), Some(direction)) = (axis.text("axis"), axis.text("direction")) else {
                continue;
            };
            let own = direction_name(name.value);
            if direction.value == "both" && names.contains(&own) {
                self.fault(
                    &direction.span,
                    format!("'{own}' tells up from down, and is the name of an axis"),
                );
            }
        }
    }

    /// Axes that move together, arranged; none where they do not fit to each other.
    fn dimension(
        &mut self,
        nodes: &[&Node],
        axes: &[(Axis, Vec<Quantity>)],
    ) -> Option<Vec<AxisValues>> {
        let faults = self.faults.len();
        let (lead, values) = axes.first()?;
        if lead.zipped {
            let message = "'zip' goes with the axis before it, and this is the first";
            self.fault(&lead.span, message);
        }
        for (node, (axis, own)) in nodes.iter().zip(axes).skip(1) {
            if own.len() != values.len() {
                let (own, others, lead) = (own.len(), values.len(), &lead.name);
                self.fault(&axis.span, format!(
                    "{own} setpoints, and '{lead}', with which it moves, has {others}; as many are wanted"
                ));
            }
            for key in ["direction", "shuffle"].iter().filter(|key| node.has(key)) {
                let message = format!("the order is that of '{}', with which it moves", lead.name);
                self.fault(&node.span_of(key), message);
            }
        }
        let members = axes.iter().map(|(axis, values)| (axis.name.clone(), values.clone()));
        let (direction, values) = arranged(members.collect(), lead.order);
        if let (Some((_, at)), Some((last, _)), 2..) = (values.same(), axes.last(), axes.len()) {
            self.fault(&last.span, format!("{at} stands in these axes twice"));
        }
        (self.faults.len() == faults).then(|| direction.into_iter().chain([values]).collect())
    }

    fn fault_if_too_many(&mut self, node: &Node, axes: &[AxisValues]) {
        let span = node.span_of("sweep");
        let count = node.items("sweep").len();
        if count > MAX_AXES {
            self.fault(&span, format!("{count} axes; at most {MAX_AXES} make a sweep"));
        }
        let points = axes.iter().try_fold(1_usize, |points, axis| points.checked_mul(axis.len()));
        if points.is_none_or(|points| points > MAX_POINTS) {
            let shown = points.map_or("far too many".to_owned(), |points| points.to_string());
            self.fault(&span, format!("{shown} points; at most {MAX_POINTS} make a sweep"));
        }
    }

    fn axis(&mut self, node: &Node, is_alone: bool) -> Option<(Axis, Vec<Quantity>)> {
        let role = node.text("role").and_then(|role| self.role_named(role));
        let setting = node.text("setting");
        let setting: Option<Located<Setting>> =
            setting.and_then(|text| Some(Located::new(text.value.parse().ok()?, text.span)));
        let faults = self.faults.len();
        let series = self.series(node);
        let settle = self.settle(node);
        let order = self.order(node);
        let expect_mode = node.text("expect_mode");
        let expect_mode = expect_mode.map(|mode| Located::new(mode.value.to_owned(), mode.span));
        let name = node.text("axis")?;
        let sets = match node.has("role") || node.has("setting") {
            true => Some((
                role.or_else(|| self.lacking(node, "role"))?,
                setting.or_else(|| self.lacking(node, "setting"))?,
            )),
            false => None,
        };
        let unit = match &sets {
            Some((role, setting)) => self.setting_unit(role, setting)?,
            None => self.own_unit(series.as_ref()?)?,
        };
        self.fault_unless_regulating(sets.as_ref().map(|(role, _)| &**role), expect_mode.as_ref());
        let series = series?;
        for amount in series.amounts() {
            self.resolved(|resolver| resolver.quantity(amount, &unit));
        }
        if self.faults.len() > faults {
            return None;
        }
        let axis = Axis {
            name: name.value.to_owned(),
            sets: sets
                .as_ref()
                .map(|(role, setting)| AxisSetting { role: role.name.clone(), setting: **setting }),
            series,
            order,
            zipped: is_zipped(node),
            settle,
            expect_mode,
            span: name.span,
        };
        let values = self.resolved(|resolver| setpoints(&axis, &unit, &resolver))?;
        if let Some((role, setting)) = &sets {
            self.fault_beyond_cap(&axis, (role, **setting), &values, node);
            self.stated.entry(role.name.clone()).or_default().insert(**setting);
        }
        if is_alone {
            self.fault_if_same_setpoint(&axis, &values, node);
        }
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

    /// The unit of an axis that sets nothing: that of its first setpoint.
    fn own_unit(&mut self, series: &Series) -> Option<Unit> {
        let Some(first) = series.amounts().into_iter().next() else { return Some(Unit::none()) };
        let first = self.resolved(|resolver| resolver.any(first))?;
        Some(Unit::base(first.unit.dimension()))
    }

    /// An axis sets something with both keys, or nothing with none of them.
    fn lacking<T>(&mut self, node: &Node, key: &str) -> Option<T> {
        if !node.has(key) {
            let message = format!(
                "the axis lacks '{key}'; with role and setting it sets something, with none of them it counts"
            );
            self.fault(&node.span, message);
        }
        None
    }

    fn fault_unless_regulating(&mut self, role: Option<&Role>, mode: Option<&Located<String>>) {
        let Some(mode) = mode else { return };
        match role {
            Some(role) if role.class == Class::PowerSupply => {}
            Some(role) => {
                let message = format!(
                    "only a power_supply says how it regulates; '{}' is a {}",
                    role.name, role.class
                );
                self.fault(&mode.span, message);
            }
            None => self.fault(&mode.span, "this axis sets nothing that could regulate"),
        }
    }

    fn fault_beyond_cap(
        &mut self,
        axis: &Axis,
        (role, setting): (&Role, Setting),
        values: &[Quantity],
        node: &Node,
    ) {
        let refusals = values.iter().map(|value| refused(role, setting, value));
        // Of a long axis the first is enough.
        if let Some((index, message)) =
            refusals.enumerate().find_map(|(index, refusal)| Some((index, refusal?)))
        {
            self.fault(&place(axis, index, node), message);
        }
    }

    fn fault_if_same_setpoint(&mut self, axis: &Axis, values: &[Quantity], node: &Node) {
        let mut names = BTreeSet::new();
        for (index, value) in values.iter().enumerate() {
            if !names.insert(value.to_string()) {
                let span = place(axis, index, node);
                self.fault(&span, format!("{value} stands in the axis '{}' already", axis.name));
            }
        }
    }

    fn order(&mut self, node: &Node) -> Order {
        let direction = node.text("direction").map(|direction| direction.value);
        match (direction, node.whole("shuffle")) {
            (Some(_), Some(seed)) => {
                self.fault(
                    &seed.span,
                    "'shuffle' stands beside 'direction'; one of them is an order",
                );
                Order::AsWritten
            }
            (None, Some(seed)) => Order::Shuffled(*seed),
            (Some("up"), None) => Order::Up,
            (Some("down"), None) => Order::Down,
            (Some(_), None) => Order::Both,
            (None, None) => Order::AsWritten,
        }
    }
}

pub(super) fn is_zipped(node: &Node) -> bool {
    node.switch("zip").unwrap_or_default()
}

/// That a role's class has no such setting.
pub(super) fn no_setting(role: &Role, word: &str) -> String {
    let (class, name) = (role.class, &role.name);
    let own = Setting::of_class(class).iter().map(|setting| setting.word());
    format!("the {class} '{name}' has no '{word}'{}", suggest::instead(word, own))
}
