//! Imports only point down: the allowed arrows between our crates, and nothing else.

use crate::finding::Finding;
use crate::workspace::{Package, Workspace};

/// One crate, the layer that it lies in, and the crates of ours that it may import.
struct Row {
    layer: u8,
    name: &'static str,
    may_import: &'static [&'static str],
}

const fn row(layer: u8, name: &'static str, may_import: &'static [&'static str]) -> Row {
    Row { layer, name, may_import }
}

/// The layers, from the top; `ARCHITECTURE.md` shows the same table.
const LAYERS: &[Row] = &[
    row(5, "xtask", &[]),
    row(5, "scpi-run", EVERYTHING),
    row(
        4,
        "test-runner",
        &[
            "bench-catalog",
            "bench-instruments",
            "bench-model",
            "exact-decimal",
            "metrology",
            "run-journal",
            "test-plan",
        ],
    ),
    row(
        4,
        "result-store",
        &["bench-model", "exact-decimal", "metrology", "private-postgres", "run-journal"],
    ),
    row(4, "test-report", &["bench-model", "exact-decimal", "metrology", "run-journal"]),
    row(
        3,
        "bench-instruments",
        &["bench-catalog", "bench-model", "exact-decimal", "scpi-client", "scpi-protocol"],
    ),
    row(3, "scpi-sim", &["bench-catalog", "bench-model", "exact-decimal", "scpi-protocol"]),
    row(
        3,
        "test-plan",
        &["bench-catalog", "bench-model", "exact-decimal", "metrology", "scpi-protocol"],
    ),
    row(2, "bench-catalog", &["bench-model", "exact-decimal", "scpi-protocol"]),
    row(2, "metrology", &["bench-model", "exact-decimal"]),
    row(2, "run-journal", &["bench-model", "exact-decimal"]),
    row(2, "scpi-client", &["exact-decimal", "scpi-protocol"]),
    row(1, "bench-model", &["exact-decimal"]),
    row(1, "scpi-protocol", &["exact-decimal"]),
    row(0, "exact-decimal", &[]),
    row(0, "night-shift", &[]),
    row(0, "private-postgres", &[]),
];

/// What the front may import: it is the only place where all meets.
const EVERYTHING: &[&str] = &[
    "bench-catalog",
    "bench-instruments",
    "bench-model",
    "exact-decimal",
    "metrology",
    "night-shift",
    "private-postgres",
    "result-store",
    "run-journal",
    "scpi-client",
    "scpi-protocol",
    "scpi-sim",
    "test-plan",
    "test-report",
    "test-runner",
];

/// An arrow that only the tests of a crate have, and why.
struct TestArrow {
    from: &'static str,
    to: &'static str,
    reason: &'static str,
}

/// What tests may import beyond the table.
const TEST_ARROWS: &[TestArrow] = &[
    TestArrow {
        from: "bench-instruments",
        to: "scpi-sim",
        reason: "a dialect is tried on an instrument that speaks it",
    },
    TestArrow {
        from: "test-runner",
        to: "scpi-sim",
        reason: "a run is tried on a bench whose outputs can be looked at",
    },
];

/// Every arrow between our crates is in the table.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    workspace.packages.iter().flat_map(|package| check_package(workspace, package)).collect()
}

fn check_package(workspace: &Workspace, package: &Package) -> Vec<Finding> {
    let manifest = format!("{}/Cargo.toml", package.folder);
    let Some(row) = LAYERS.iter().find(|row| row.name == package.name) else {
        let fault = format!("{} has no layer; give it one in xtask/src/layers.rs", package.name);
        return vec![Finding::of(&manifest, fault)];
    };
    let ours = |name: &str| workspace.packages.iter().any(|other| other.name == name);
    let dependencies = package.dependencies.iter().filter(|dependency| ours(&dependency.name));
    dependencies
        .filter(|to| !row.may_import.contains(&to.name.as_str()))
        .filter(|to| !(to.is_dev && is_test_arrow(&package.name, &to.name)))
        .map(|to| Finding::of(&manifest, forbidden(row, &to.name)))
        .collect()
}

/// A crate's tests may turn on the crate's own test helpers, which is an arrow to itself.
fn is_test_arrow(from: &str, to: &str) -> bool {
    from == to || TEST_ARROWS.iter().any(|arrow| (arrow.from, arrow.to) == (from, to))
}

fn forbidden(row: &Row, to: &str) -> String {
    let allowed = if row.may_import.is_empty() {
        "nothing of ours".into()
    } else {
        row.may_import.join(", ")
    };
    format!("{} (layer {}) imports {to}; it may import {allowed}", row.name, row.layer)
}

/// The arrows of tests that are in use beyond the table.
pub(crate) fn report(workspace: &Workspace) -> String {
    let in_use =
        |arrow: &&TestArrow| {
            workspace.packages.iter().filter(|package| package.name == arrow.from).any(|package| {
                package.dependencies.iter().any(|to| to.is_dev && to.name == arrow.to)
            })
        };
    let line =
        |arrow: &TestArrow| format!("{} -> {}, in tests: {}\n", arrow.from, arrow.to, arrow.reason);
    TEST_ARROWS.iter().filter(in_use).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::samples::arrows;

    #[test]
    fn the_table_only_points_down() {
        let layer = |name: &str| LAYERS.iter().find(|row| row.name == name).map(|row| row.layer);
        for row in LAYERS {
            for to in row.may_import {
                assert!(layer(to).unwrap() < row.layer, "{} -> {to}", row.name);
            }
        }
    }

    #[test]
    fn the_front_may_import_every_crate() {
        let below = LAYERS.iter().filter(|row| row.layer < 5);
        let mut names: Vec<_> = below.map(|row| row.name).collect();
        names.sort_unstable();
        assert_eq!(EVERYTHING, names);
    }

    #[test]
    fn an_arrow_that_is_not_in_the_table_is_found() {
        for (from, to, found) in [
            ("scpi-run", "scpi-sim", None),
            ("test-plan", "dev:exact-decimal", None),
            ("test-runner", "dev:scpi-sim", None),
            ("result-store", "dev:result-store", None),
            ("test-runner", "scpi-sim", Some("test-runner (layer 4) imports scpi-sim")),
            ("metrology", "test-plan", Some("it may import bench-model, exact-decimal")),
            ("exact-decimal", "dev:bench-model", Some("it may import nothing of ours")),
            ("dashboard", "bench-model", Some("dashboard has no layer")),
        ] {
            let bare_to = to.trim_start_matches("dev:");
            let workspace = arrows(&[(from, &[to, "serde"]), (bare_to, &[])]);
            let findings = check(&workspace);
            let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
            assert_eq!(shown.len(), usize::from(found.is_some()), "{shown:?}");
            assert!(shown.iter().all(|text| text.contains(found.unwrap())), "{shown:?}");
        }
    }

    #[test]
    fn a_test_arrow_is_reported_where_it_is_used() {
        let workspace = arrows(&[("test-runner", &["dev:scpi-sim"]), ("scpi-sim", &[])]);
        assert_eq!(report(&workspace).lines().count(), 1);
    }
}
