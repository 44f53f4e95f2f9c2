//! Roles and the safe state.

use std::collections::BTreeSet;
use std::sync::Arc;

use bench_catalog::Class;
use bench_model::Unit;

use crate::file::{Node, Value};
use crate::plan::{CalibrationRule, Role, SafeStateOrder, Sense};
use crate::source::Located;
use crate::step::DischargedDraft;

use super::{Checker, Known};

impl Checker<'_> {
    pub(super) fn roles(&mut self, root: &Node) -> Known<Role> {
        let mut found = Known::new();
        for (name, node) in root.named("instruments") {
            let role = self.role(name, node).map(Arc::new);
            found.insert(name.value.clone(), role);
        }
        if root.has("instruments") && found.is_empty() {
            self.fault(&root.span_of("instruments"), "there is no role; one at least is wanted");
        }
        found
    }

    fn role(&mut self, name: &str, node: &Node) -> Option<Role> {
        let class: Option<Class> = node.text("class").and_then(|text| text.value.parse().ok());
        let max_voltage = self.fixed_positive(node, "max_voltage", &Unit::volt());
        let max_current = self.fixed_positive(node, "max_current", &Unit::ampere());
        let warm_up = self.fixed_positive(node, "warm_up", &Unit::second());
        let warm_up = warm_up.and_then(|_| self.time(node, "warm_up"));
        let warm_up = warm_up.and_then(|time| self.resolved(|resolver| resolver.duration(&time)));
        let class = class?;
        self.fault_without_caps(name, class, node);
        Some(Role {
            name: name.to_owned(),
            class,
            max_voltage,
            max_current,
            sense: node.text("sense").map(|text| match text.value {
                "remote" => Sense::Remote,
                _ => Sense::Local,
            }),
            calibration: node.text("calibration").map(|text| match text.value {
                "required" => CalibrationRule::Required,
                _ => CalibrationRule::Waived,
            }),
            warm_up,
            raw_allowed: node.switch("raw_allowed").unwrap_or_default(),
            any_identity: node.text("identity").is_some_and(|text| text.value == "any"),
        })
    }

    fn fault_without_caps(&mut self, name: &str, class: Class, node: &Node) {
        for cap in caps_of(class) {
            if !node.has(cap) {
                self.fault(&node.span, format!(
                    "the {class} '{name}' lacks '{cap}': the most that it may ever be set to, such as \"{}\"",
                    if *cap == "max_voltage" { "13 V" } else { "1.5 A" }
                ));
            }
        }
    }

    pub(super) fn safe_state(&mut self, root: &Node) -> (SafeStateOrder, Option<DischargedDraft>) {
        let node = root.node("safe_state");
        let mut stages = node.map(|node| self.stages(node)).unwrap_or_default();
        let listed: BTreeSet<String> = stages.iter().flatten().cloned().collect();
        let kept_on = self.kept_on(node, &listed);
        let heartbeat = self.heartbeat(node);
        let keeps_on_in_pause =
            node.and_then(|node| node.owned("pause")).is_some_and(|word| word == "keep");
        let ramps = self.ramps(node, &kept_on);
        let discharge_by = self.discharge_by(node, &listed, &kept_on);
        // Who is in no stage is switched off too: what drives signals, what takes power, what supplies it.
        for class in [Class::Generator, Class::Load, Class::PowerSupply] {
            let roles = self.roles.values().flatten().filter(|role| role.class == class);
            let names = roles.map(|role| role.name.clone());
            let is_meant = |name: &String| {
                !listed.contains(name)
                    && !kept_on.contains_key(name)
                    && !discharge_by.contains(name)
            };
            stages.push(names.filter(is_meant).collect());
        }
        stages.push(discharge_by.iter().cloned().collect());
        stages.retain(|stage| !stage.is_empty());
        let discharged = node.and_then(|node| node.node("discharged"));
        let discharged = discharged.and_then(|node| self.discharged(node));
        let order =
            SafeStateOrder { stages, kept_on, heartbeat, ramps, discharge_by, keeps_on_in_pause };
        (order, discharged)
    }

    fn stages(&mut self, node: &Node) -> Vec<Vec<String>> {
        let mut listed = BTreeSet::new();
        let mut stages = Vec::new();
        for stage in node.items("order") {
            let Value::List(names) = &stage.value else { continue };
            let names = names.iter().filter_map(Located::as_text);
            let stage = names.filter_map(|name| self.switched_off(&name, &mut listed));
            stages.push(stage.collect());
        }
        stages
    }

    fn switched_off(
        &mut self,
        name: &Located<&str>,
        listed: &mut BTreeSet<String>,
    ) -> Option<String> {
        let role = self.role_named(name.clone())?;
        if !role.class.has_outputs() {
            let message = format!("the {} '{}' has nothing to switch off", role.class, role.name);
            self.fault(&name.span, message);
            return None;
        }
        if !listed.insert(role.name.clone()) {
            self.fault(&name.span, format!("'{}' stands in the order already", role.name));
            return None;
        }
        Some(role.name.clone())
    }

    fn discharged(&mut self, node: &Node) -> Option<DischargedDraft> {
        let within = self.time(node, "within");
        let name = node.text("reading")?;
        self.fault_if_by_hand(&name);
        let reading = self.reading_named(name)?;
        let range = self.range_of(&reading);
        let unit = reading.function.unit();
        let limit = self.limit(node, Some(&[]), range.as_ref(), Some(&unit))?;
        Some(DischargedDraft { reading: reading.name.clone(), limit, within: within? })
    }
}

/// The caps that a class must have.
fn caps_of(class: Class) -> &'static [&'static str] {
    match class {
        Class::PowerSupply => &["max_voltage", "max_current"],
        Class::Load => &["max_current"],
        Class::Generator => &["max_voltage"],
        _ => &[],
    }
}
