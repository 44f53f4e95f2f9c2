//! Every plan in `fixtures/plans/invalid` is refused with exactly the faults that stand in the text beside it.
//! `UPDATE_FIXTURES=1` writes those texts anew; read what changed.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod common;

use std::path::Path;

use test_plan::{NoSources, check};

fn faults_of(plan: &Path) -> String {
    let name = plan.file_name().unwrap().to_str().unwrap();
    let text = std::fs::read_to_string(plan).unwrap();
    let faults = common::check_beside(name, &text).unwrap_err();
    faults.iter().map(|fault| fault.underlined() + "\n").collect()
}

#[test]
fn every_invalid_plan_is_refused_with_all_of_its_faults() {
    let plans = common::plans("invalid");
    assert!(plans.len() >= 80, "{} plans", plans.len());
    for plan in plans {
        let found = faults_of(&plan);
        assert_eq!(found, common::expected(&plan, &found), "{}", plan.display());
    }
}

#[test]
fn a_plan_that_is_too_large_is_not_read() {
    let text = format!("# {}", "x".repeat(test_plan::MAX_PLAN_BYTES));
    let faults = check("large.toml", &text, &NoSources).unwrap_err();
    assert!(faults[0].message.contains("bytes"), "{}", faults[0]);
}

#[test]
fn deep_nesting_and_many_faults_are_bounded() {
    let deep = format!("name = {}1{}", "[".repeat(50_000), "]".repeat(50_000));
    assert_eq!(check("deep.toml", &deep, &NoSources).unwrap_err().len(), 1);
    let unknown: String = (0..10_000).map(|n| format!("x{n} = 1\n")).collect();
    let faults = check("many.toml", &unknown, &NoSources).unwrap_err();
    assert_eq!(faults.len(), test_plan::MAX_FAULTS + 1);
    assert!(faults.iter().any(|fault| fault.message.ends_with("more faults")));
}
