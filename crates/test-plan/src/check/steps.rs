//! Steps: what each sets and waits for.

use std::collections::BTreeSet;
use std::sync::Arc;

use bench_catalog::{Class, Setting, SettingKind};

use crate::axes::AxisValues;
use crate::bounds::MAX_STEPS;
use crate::caps::refused;
use crate::file::{Node, Value};
use crate::operation::OnError;
use crate::plan::Role;
use crate::source::{Located, Span};
use crate::step::{Applied, AppliedValue, Apply, Part, Step};
use crate::suggest;

use super::Checker;
use super::sweep::no_setting;

/// The path under which the surroundings are read.
pub(crate) const ENVIRONMENT_STEP: &str = "environment";

impl Checker<'_> {
    pub(super) fn steps(&mut self, root: &Node, key: &str) -> Vec<Step> {
        let mut steps = Vec::new();
        for node in root.nodes(key) {
            self.steps += 1 + node.items("each").len();
            if self.steps > MAX_STEPS {
                let message = format!("more than {MAX_STEPS} steps, those of 'each' included");
                self.fault(&node.span, message);
                break;
            }
            steps.extend(self.step(node));
        }
        steps
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        let id = node.text("id");
        let premises = self.premises(node);
        let timeout = self.time_above_zero(node, "timeout");
        if let Some(id) = &id {
            let is_new = id.value != ENVIRONMENT_STEP && self.step_ids.insert(id.value.to_owned());
            self.fault_if_twice(is_new, "step", id.value, &id.span);
        }
        let path = id.as_ref().map_or("", |id| id.value);
        let apply = self.applies(node);
        let settle = self.settle(node);
        let (sweep, axes) = self.sweep(node);
        let on_error = on_error(node).unwrap_or_default();
        self.fault_unless_one_thing(node);
        let action = self.action(node, path, axes.as_deref());
        let each = self.each(node, path, axes.as_deref(), on_error);
        let stop = self.stopping(node, path, &sweep);
        let own = Part { path: path.to_owned(), apply, settle, action, on_error };
        let tags = node.texts("tags").map(|tag| tag.value.to_owned()).collect();
        let id = id.map(|id| Located::new(id.value.to_owned(), id.span))?;
        let step = Step { id, tags, premises, sweep, timeout, stop, own, each };
        self.note_limits(&step);
        Some(step)
    }

    fn each(
        &mut self,
        node: &Node,
        path: &str,
        axes: Option<&[AxisValues]>,
        on_error_of_step: OnError,
    ) -> Vec<Part> {
        let mut names = BTreeSet::new();
        let mut parts = Vec::new();
        for node in node.nodes("each") {
            let Some(id) = node.text("id") else { continue };
            let is_new = names.insert(id.value.to_owned());
            self.fault_if_twice(is_new, "part of this step", id.value, &id.span);
            let path = format!("{path}/{}", id.value);
            let apply = self.applies(node);
            let settle = self.settle(node);
            self.fault_unless_one_action(node, &ACTIONS_OF_EACH);
            let action = self.action(node, &path, axes);
            let on_error = on_error(node).unwrap_or(on_error_of_step);
            parts.push(Part { path, apply, settle, action, on_error });
        }
        parts
    }

    fn fault_unless_one_thing(&mut self, node: &Node) {
        self.fault_unless_one_action(node, &ACTIONS);
        let acts = ACTIONS.iter().find(|key| node.has(key));
        if let Some(action) = acts
            && node.has("each")
        {
            let message =
                format!("'{action}' stands beside 'each'; one of them is done at every point");
            self.fault(&node.span_of(action), message);
        }
        if node.has("compute") && node.has("sweep") {
            let message =
                "a computation has the axes of what it refers to, and no sweep of its own";
            self.fault(&node.span_of("sweep"), message);
        }
        let does = ["each", "apply", "sweep", "settle"].iter().any(|key| node.has(key));
        if acts.is_none() && !does {
            self.fault(
                &node.span,
                format!("a step that does nothing; one of {} is wanted", {
                    let all = ACTIONS.into_iter().chain(["each", "apply"]);
                    suggest::listed(all).unwrap_or_default()
                }),
            );
        }
    }

    fn fault_unless_one_action(&mut self, node: &Node, actions: &[&str]) {
        let mut found = actions.iter().filter(|key| node.has(key));
        if let (Some(first), Some(second)) = (found.next(), found.next()) {
            let message = format!("'{second}' stands beside '{first}'; a step does one of them");
            self.fault(&node.span_of(second), message);
        }
    }

    pub(super) fn applies(&mut self, node: &Node) -> Vec<Apply> {
        self.apply_under(node, "apply")
    }

    pub(super) fn apply_under(&mut self, node: &Node, key: &str) -> Vec<Apply> {
        let nodes: Vec<_> = node.nodes(key).collect();
        nodes.into_iter().filter_map(|node| self.apply(node)).collect()
    }

    fn apply(&mut self, node: &Node) -> Option<Apply> {
        let role = node.text("role")?;
        let role = self.role_named(role)?;
        let mut settings = Vec::new();
        for (setting, entry) in node.settings() {
            settings.extend(self.applied(&role, setting, &entry.key.span, &entry.value));
        }
        settings.sort_by_key(|applied| applied.setting.rank());
        let stated = self.stated.entry(role.name.clone()).or_default();
        // Stated is stated: what is wrong with the value was said.
        stated.extend(Setting::ALL.iter().filter(|setting| node.has_setting(**setting)));
        self.fault_if_unstated(&role, &settings);
        Some(Apply { role: role.name.clone(), settings, span: node.span.clone() })
    }

    fn applied(
        &mut self,
        role: &Arc<Role>,
        setting: Setting,
        key: &Span,
        value: &Located<Value>,
    ) -> Option<Applied> {
        if !Setting::of_class(role.class).contains(&setting) {
            self.fault(key, no_setting(role, setting.word()));
            return None;
        }
        let value = match (setting.kind(), &value.value) {
            (SettingKind::Quantity(unit), Value::Text(text)) => {
                let amount = self.amount_of(Located::new(text, value.span.clone()))?;
                let quantity = self.resolved(|resolver| resolver.quantity(&amount, &unit))?;
                if let Some(message) = refused(role, setting, &quantity) {
                    self.fault(&value.span, message);
                    return None;
                }
                AppliedValue::Amount(amount)
            }
            (SettingKind::Switch, Value::Switch(on)) => AppliedValue::Switch(*on),
            (SettingKind::Switch, Value::Text(text)) if text == "on" => AppliedValue::Switch(true),
            (SettingKind::Switch, Value::Text(text)) if text == "off" => {
                AppliedValue::Switch(false)
            }
            (SettingKind::Words(words), Value::Text(text)) => {
                AppliedValue::Word(self.word(words, text, &value.span)?)
            }
            (kind, _) => {
                self.fault(&value.span, format!("'{setting}' is {}", wanted(&kind)));
                return None;
            }
        };
        Some(Applied { setting, value, span: key.clone() })
    }

    fn word(
        &mut self,
        words: &[&str],
        text: &str,
        span: &Span,
    ) -> Option<Located<crate::text::Template>> {
        let template = self.template(Located::new(text, span.clone()))?;
        let word = self.resolved(|resolver| resolver.fill(&template))?;
        if !words.contains(&word.as_str()) {
            let instead = suggest::instead(&word, words.iter().copied());
            self.fault(span, format!("'{word}' cannot be set{instead}"));
            return None;
        }
        Some(template)
    }

    /// Nothing that an output does is inherited from the front panel.
    fn fault_if_unstated(&mut self, role: &Role, settings: &[Applied]) {
        let goes_on = settings.iter().find(|applied| {
            matches!(applied.value, AppliedValue::Switch(true)) && applied.setting.is_output()
        });
        let (Some(output), Class::PowerSupply) = (goes_on, role.class) else { return };
        let stated = self.stated.get(&role.name).cloned().unwrap_or_default();
        for setting in [Setting::CurrentLimit, Setting::Voltage] {
            if !stated.contains(&setting) {
                self.fault(&output.span, format!(
                    "the output of '{}' goes on and no {setting} was stated, here or before: add {setting} = ..",
                    role.name
                ));
            }
        }
    }
}

const ACTIONS: [&str; 7] =
    ["measure", "capture", "compute", "scpi", "prompt", "infrastructure", "wait"];
const ACTIONS_OF_EACH: [&str; 6] =
    ["measure", "capture", "scpi", "prompt", "infrastructure", "wait"];

fn wanted(kind: &SettingKind) -> String {
    match kind {
        SettingKind::Quantity(unit) => format!("a quantity in {unit}"),
        SettingKind::Words(words) => format!("one of {}", words.join(", ")),
        _ => "\"on\" or \"off\"".to_owned(),
    }
}

fn on_error(node: &Node) -> Option<OnError> {
    node.text("on_error").map(|text| match text.value {
        "continue" => OnError::Continue,
        _ => OnError::Stop,
    })
}
