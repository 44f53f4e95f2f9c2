//! DUT, parameters, environment.

use std::collections::BTreeMap;

use bench_model::{Pattern, Quantity};

use crate::file::Node;
use crate::plan::{DutSpec, EnvironmentSource, EnvironmentSpec, ParameterSpec, SerialSpec};
use crate::source::Located;
use crate::text::{Given, pattern_fault};

use super::Checker;

impl Checker<'_> {
    pub(super) fn dut(&mut self, root: &Node) -> DutSpec {
        let Some(dut) = root.node("dut") else { return DutSpec::default() };
        let serial = match (dut.owned("serial"), dut.node("serial")) {
            (Some(fixed), _) => Some(SerialSpec::Fixed(fixed)),
            (None, Some(node)) => self.serial(node),
            (None, None) => None,
        };
        DutSpec { model: dut.owned("model"), serial }
    }

    fn serial(&mut self, node: &Node) -> Option<SerialSpec> {
        let Located { value, span } = node.text("pattern")?;
        let pattern = match Pattern::new(value) {
            Ok(pattern) => pattern,
            Err(error) => {
                self.fault(&span, pattern_fault(&error.to_string()));
                return None;
            }
        };
        if let Some(sim) = node.text("sim")
            && !pattern.matches(sim.value)
        {
            let message = format!("'{}' does not match the pattern {value}", sim.value);
            self.fault(&sim.span, message);
        }
        Some(SerialSpec::Pattern { pattern, sim: node.owned("sim") })
    }

    pub(super) fn parameters(&mut self, root: &Node) -> BTreeMap<String, ParameterSpec> {
        let mut found = BTreeMap::new();
        for (name, node) in root.named("parameters") {
            let default = node.owned("default").unwrap_or_default();
            let given = Given::of(&default);
            self.parameters.set(name, given.clone());
            let [min, max] = ["min", "max"].map(|key| self.fixed_quantity(node, key));
            let help = node.owned("help");
            let span = node.span_of("default");
            let parameter = ParameterSpec { default, min, max, help, span };
            if node.has("default")
                && let Some(message) = parameter.refuses(name, &given)
            {
                self.fault(&parameter.span, message);
            }
            found.insert(name.value.clone(), parameter);
        }
        found
    }

    pub(super) fn environment(&mut self, root: &Node) -> BTreeMap<String, EnvironmentSpec> {
        let mut found = BTreeMap::new();
        for (name, node) in root.named("environment") {
            let is_parameter = root.node("parameters").is_some_and(|node| node.has_name(name));
            self.fault_if_twice(!is_parameter, "parameter", name, &name.span);
            if let Some(from) = self.environment_source(name, node) {
                let limit = self.environment_limit(node, &from);
                let span = node.span.clone();
                found.insert(name.value.clone(), EnvironmentSpec { from, limit, span });
            }
        }
        found
    }

    fn environment_source(&mut self, name: &str, node: &Node) -> Option<EnvironmentSource> {
        match (node.owned("ask"), node.text("reading")) {
            (Some(question), None) => {
                if !node.has("sim") {
                    let message = format!(
                        "{name} lacks 'sim': on a simulated bench nobody answers; \"23 °C\" is such"
                    );
                    self.fault(&node.span, message);
                }
                let sim = self.fixed_quantity(node, "sim")?;
                Some(EnvironmentSource::Ask { question, sim })
            }
            (None, Some(reading)) => {
                self.reading_named(reading.clone())?;
                Some(EnvironmentSource::Reading(reading.value.to_owned()))
            }
            _ => {
                let message =
                    format!("{name} is asked for or read: one of 'ask' and 'reading' is wanted");
                self.fault(&node.span, message);
                None
            }
        }
    }

    fn environment_limit(
        &mut self,
        node: &Node,
        from: &EnvironmentSource,
    ) -> Option<crate::step::LimitDraft> {
        match from {
            EnvironmentSource::Ask { sim, .. } => {
                self.limit(node, Some(&[]), None, Some(&sim.unit))
            }
            EnvironmentSource::Reading(reading) => {
                let reading = self.readings.get(reading).cloned().flatten()?;
                let range = self.range_of(&reading);
                self.limit(node, Some(&[]), range.as_ref(), Some(&reading.unit))
            }
        }
    }
}

impl ParameterSpec {
    /// Why a value cannot be given, where it cannot.
    pub(crate) fn refuses(&self, name: &str, given: &Given) -> Option<String> {
        let default: Option<Quantity> = self.default.parse().ok();
        match (&given.quantity, &default) {
            (Some(value), Some(default)) if value.unit.dimension() != default.unit.dimension() => {
                return Some(format!(
                    "{name} is a quantity such as {default}, and {value} is none"
                ));
            }
            (None, Some(default)) => {
                let text = &given.text;
                return Some(format!(
                    "{name} is a quantity such as {default}, and '{text}' is none"
                ));
            }
            _ if given.text.chars().any(char::is_control) => {
                return Some(format!("{name} has control characters in it"));
            }
            _ => {}
        }
        let bounds = [(&self.min, "least", true), (&self.max, "most", false)];
        bounds.into_iter().find_map(|(bound, word, is_min)| {
            let bound = bound.as_ref()?;
            let Some(value) = &given.quantity else {
                return Some(format!("{name} has bounds, and '{}' is no quantity", given.text));
            };
            match value.partial_cmp(bound) {
                None => Some(format!("{name} is {value}, and its bound is {bound}: another unit")),
                Some(order) if if is_min { order.is_lt() } else { order.is_gt() } => {
                    Some(format!("{name} is {value}; at {word} {bound} is allowed"))
                }
                Some(_) => None,
            }
        })
    }
}
