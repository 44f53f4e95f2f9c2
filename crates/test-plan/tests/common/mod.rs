//! Fixtures: plans, and the texts that are expected of them beside them.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use test_plan::{Fault, Inputs, Plan, Schedule, Sources, check};

/// The plans of a folder of `fixtures/plans`.
pub(crate) fn plans(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/plans").join(folder);
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut plans: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect();
    plans.sort();
    plans
}

/// The text beside a plan, written anew where `UPDATE_FIXTURES` is set.
pub(crate) fn expected(plan: &Path, found: &str) -> String {
    let file = plan.with_extension("txt");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&file, found).unwrap();
    }
    std::fs::read_to_string(&file).unwrap_or_default()
}

/// The files beside the fixtures' plans.
struct Beside;

impl Sources for Beside {
    fn find(&self, name: &str) -> Result<(), String> {
        self.read(name).map(|_| ())
    }

    fn read(&self, name: &str) -> Result<String, String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/plans/files");
        std::fs::read_to_string(folder.join(name)).map_err(|_| format!("there is no file '{name}'"))
    }
}

/// Checks a plan whose files lie beside the fixtures.
pub(crate) fn check_beside(file: &str, text: &str) -> Result<Plan, Vec<Fault>> {
    check(file, text, &Beside)
}

/// A plan that must be right.
pub(crate) fn checked(text: &str) -> Plan {
    check_beside("plan.toml", text)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())
        .unwrap()
}

pub(crate) fn valid(name: &str) -> Plan {
    let all = plans("valid");
    let path = all.iter().find(|path| path.file_stem().is_some_and(|stem| stem == name)).unwrap();
    checked(&std::fs::read_to_string(path).unwrap())
}

/// Its operations on a simulated bench of which nothing else is known.
pub(crate) fn expanded(plan: &Plan) -> Schedule {
    plan.expand(&Inputs::of(&BTreeMap::new(), true)).unwrap()
}

/// The operations' lines.
pub(crate) fn lines(schedule: &Schedule) -> Vec<String> {
    schedule.operations().map(ToString::to_string).collect()
}
