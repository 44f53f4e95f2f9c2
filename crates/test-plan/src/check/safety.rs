//! What of the safe state is not its order: outputs that stay on, and how soon a run is taken for hung.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bench_catalog::Class;
use bench_model::Unit;

use crate::file::Node;

use super::Checker;

/// The shortest heartbeat: on a busy machine a shorter one would take a run for hung that is not.
const MIN_HEARTBEAT: Duration = Duration::from_millis(500);

/// The longest heartbeat: for so long a hung run may keep outputs on.
const MAX_HEARTBEAT: Duration = Duration::from_secs(60);

/// The longest ramp: so long an orderly end may take more.
const MAX_RAMP: Duration = Duration::from_secs(10);

impl Checker<'_> {
    /// Roles whose outputs stay on whatever happens, each with the reason.
    pub(super) fn kept_on(
        &mut self,
        node: Option<&Node>,
        ordered: &BTreeSet<String>,
    ) -> BTreeMap<String, String> {
        let mut kept = BTreeMap::new();
        for entry in node.into_iter().flat_map(|node| node.nodes("keep_on")) {
            let Some(name) = entry.text("role") else { continue };
            let span = name.span.clone();
            let Some(role) = self.role_named(name) else { continue };
            let reason = entry.owned("reason").unwrap_or_default();
            if !role.class.has_outputs() {
                self.fault(&span, format!("the {} '{}' has no output", role.class, role.name));
            } else if reason.trim().is_empty() {
                self.fault(&span, format!("why does '{}' stay on? A reason is wanted", role.name));
            } else if ordered.contains(&role.name) {
                self.fault(&span, format!("'{}' stands in the order of the safe state", role.name));
            } else if kept.insert(role.name.clone(), reason).is_some() {
                self.fault(&span, format!("'{}' is kept on already", role.name));
            }
        }
        kept
    }

    /// Supplies that are brought down in steps.
    pub(super) fn ramps(
        &mut self,
        node: Option<&Node>,
        kept_on: &BTreeMap<String, String>,
    ) -> BTreeMap<String, Duration> {
        let mut ramps = BTreeMap::new();
        for entry in node.into_iter().flat_map(|node| node.nodes("ramp")) {
            self.fixed_positive(entry, "within", &Unit::second());
            let (Some(name), Some(amount)) = (entry.text("role"), self.time(entry, "within"))
            else {
                continue;
            };
            let span = name.span.clone();
            let Some(role) = self.role_named(name) else { continue };
            let Some(time) = self.resolved(|resolver| resolver.duration(&amount)) else { continue };
            if role.class != Class::PowerSupply {
                self.fault(&span, format!("the {} '{}' is no supply", role.class, role.name));
            } else if kept_on.contains_key(&role.name) {
                self.fault(&span, format!("'{}' is kept on", role.name));
            } else if time > MAX_RAMP {
                self.fault(&span, format!("a ramp takes at most {MAX_RAMP:?}, not {time:?}"));
            } else if ramps.insert(role.name.clone(), time).is_some() {
                self.fault(&span, format!("'{}' has a ramp already", role.name));
            }
        }
        ramps
    }

    /// Loads that stay on until the DUT is discharged.
    pub(super) fn discharge_by(
        &mut self,
        node: Option<&Node>,
        ordered: &BTreeSet<String>,
        kept_on: &BTreeMap<String, String>,
    ) -> BTreeSet<String> {
        let mut loads = BTreeSet::new();
        let discharged = node.and_then(|node| node.node("discharged"));
        for name in discharged.into_iter().flat_map(|node| node.texts("by")) {
            let span = name.span.clone();
            let Some(role) = self.role_named(name) else { continue };
            if role.class != Class::Load {
                self.fault(&span, format!("the {} '{}' is no load", role.class, role.name));
            } else if ordered.contains(&role.name) || kept_on.contains_key(&role.name) {
                let name = &role.name;
                self.fault(
                    &span,
                    format!("'{name}' goes off last, and 'order' or 'keep_on' has it"),
                );
            } else {
                loads.insert(role.name.clone());
            }
        }
        loads
    }

    /// After which silence a run is taken for hung.
    pub(super) fn heartbeat(&mut self, node: Option<&Node>) -> Option<Duration> {
        let node = node?;
        self.fixed_positive(node, "heartbeat", &Unit::second())?;
        let amount = self.time(node, "heartbeat")?;
        let time = self.resolved(|resolver| resolver.duration(&amount))?;
        if !(MIN_HEARTBEAT..=MAX_HEARTBEAT).contains(&time) {
            let message =
                format!("a heartbeat is from {MIN_HEARTBEAT:?} to {MAX_HEARTBEAT:?}, not {time:?}");
            self.fault(&node.span_of("heartbeat"), message);
            return None;
        }
        Some(time)
    }
}
