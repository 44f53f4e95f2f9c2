//! What several sites of a bench cannot share, seen before anything is run.

use std::collections::{BTreeMap, BTreeSet};

use bench_catalog::{RoleTarget, site};
use test_plan::Schedule;

use crate::bench::ChosenBench;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::plan::LoadedPlan;

/// Whether sites can run a plan at the same time: an output belongs to one site alone, and what is used in turns is held
/// so that no two sites wait for each other. Each site with its own operations.
pub(crate) fn check(loaded: &LoadedPlan, sites: &[(ChosenBench, &Schedule)]) -> Result<()> {
    if sites.len() < 2 {
        return Ok(());
    }
    let targets: Vec<_> = sites.iter().map(|(bench, own)| targets(bench, own)).collect();
    let mut faults = common_outputs(loaded, sites, &targets);
    let shared = site::shared(targets.iter().map(|own| own.values().collect()));
    for ((_, schedule), own) in sites.iter().zip(&targets) {
        let is_shared = |role: &str| {
            !has_outputs(loaded, role)
                && own.get(role).is_some_and(|target| shared.contains(&target.instrument))
        };
        faults.extend(schedule.sharing_faults(&is_shared));
    }
    if faults.is_empty() {
        return Ok(());
    }
    let lines = faults.iter().map(|fault| format!("\n{}: {fault}", loaded.text.file));
    let lines = lines.collect::<String>();
    Err(Failure::new(
        Exit::PlanInvalid,
        format!("{}: not at several sites at the same time:{lines}", loaded.text.file),
    ))
}

fn targets(bench: &ChosenBench, schedule: &Schedule) -> BTreeMap<String, RoleTarget> {
    let target = |role: &String| Some((role.clone(), bench.target(role)?));
    schedule.roles_used.iter().filter_map(target).collect()
}

fn has_outputs(loaded: &LoadedPlan, role: &str) -> bool {
    loaded.plan.roles.get(role).is_some_and(|role| role.class.has_outputs())
}

/// Channels with an output that two sites would set.
fn common_outputs(
    loaded: &LoadedPlan,
    sites: &[(ChosenBench, &Schedule)],
    targets: &[BTreeMap<String, RoleTarget>],
) -> BTreeSet<String> {
    let mut owners = BTreeMap::<(&str, u32), &str>::new();
    let mut faults = BTreeSet::new();
    for ((bench, _), own) in sites.iter().zip(targets) {
        for (role, target) in own.iter().filter(|(role, _)| has_outputs(loaded, role)) {
            let RoleTarget { instrument, channel } = target;
            let owner = *owners.entry((instrument, *channel)).or_insert(bench.name());
            if owner != bench.name() {
                faults.insert(format!(
                    "'{role}' is channel {channel} of '{instrument}' at {owner} and at {}: an output belongs to one \
                     site; [sites.NAME.roles] gives each its own",
                    bench.name()
                ));
            }
        }
    }
    faults
}
