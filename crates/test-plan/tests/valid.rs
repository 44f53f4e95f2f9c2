//! Every plan in `fixtures/plans/valid` expands to exactly the operations that stand in the text beside it.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod common;

use std::collections::BTreeMap;

use bench_model::{Limit, Measured, Point, Unit, Value, Verdict};
use test_plan::{Compute, Operation, Results};

#[test]
fn every_valid_plan_expands_to_its_operations() {
    for plan in common::plans("valid") {
        let schedule = common::expanded(&common::checked(&std::fs::read_to_string(&plan).unwrap()));
        let found: String =
            common::lines(&schedule).iter().map(|line| format!("{line}\n")).collect();
        assert_eq!(found, common::expected(&plan, &found), "{}", plan.display());
    }
}

/// The meter sees 5 V less 10 mV for each 100 mA; at 12 V one reading is missing.
struct Meter(Vec<(Point, Measured)>);

impl Results for Meter {
    fn of(&self, path: &str) -> Vec<(Point, Measured)> {
        if path == "rail/vout" { self.0.clone() } else { Vec::new() }
    }
}

fn measured(operations: &[Operation]) -> Meter {
    let places = operations.iter().filter_map(|operation| match operation {
        Operation::Measure(measure) => Some(measure.place.point.clone()),
        _ => None,
    });
    let volts = |point: Point| {
        let load = point.get("il").unwrap().in_base().unwrap();
        let drop = load.checked_mul(&"0.1".parse().unwrap()).unwrap();
        let value =
            "5.0000000".parse::<bench_model::Decimal>().unwrap().checked_sub(&drop).unwrap();
        (point, Measured::number(Value::Finite(value), Unit::volt()))
    };
    Meter(places.map(volts).take(17).collect())
}

fn computed(operations: &[Operation]) -> Vec<&Compute> {
    let computed = operations.iter().filter_map(|operation| match operation {
        Operation::Compute(compute) => Some(&**compute),
        _ => None,
    });
    computed.collect()
}

#[test]
fn the_chargers_plan_gives_its_verdicts() {
    let plan = common::valid("charger");
    let schedule = common::expanded(&plan);
    assert_eq!((schedule.planned_results, schedule.planned_readings), (18 + 3 + 1, 90 + 1));
    assert_eq!(plan.safe_state.stages, [vec!["sink"], vec!["vin", "vio"]]);
    assert_eq!(schedule.environment["ambient"].to_string(), "23 °C");
    assert_eq!(schedule.parameters["load_max"], "500 mA");
    let meter = measured(&schedule.steps);
    let computed = computed(&schedule.steps);
    assert_eq!(computed.len(), 3);
    let (complete, missing) = computed.split_at(2);
    for compute in complete {
        let value = compute.expression.evaluate(&compute.place.point, &meter).unwrap();
        let limit: &Limit = &compute.limit.as_ref().unwrap().limit;
        assert_eq!(limit.judge(&value).verdict(), Verdict::Fail);
        assert!(value.to_string().starts_with("1.005"), "{value}");
        assert!(value.to_string().ends_with(" %"), "{value}");
    }
    let reason = missing[0].expression.evaluate(&missing[0].place.point, &meter).unwrap_err();
    assert_eq!(reason.to_string(), "rail/vout[vi=12 V, il=500 mA] has no value");
}

#[test]
fn a_plan_keeps_what_others_need_of_it() {
    let plan = common::valid("charger");
    let vin = &plan.roles["vin"];
    assert_eq!(vin.max_voltage.as_ref().unwrap().to_string(), "13 V");
    let serial = plan.dut.serial.as_ref().unwrap();
    assert!(serial.accepts("CHG05-123456") && !serial.accepts("CHG05-12345"));
    let everything = common::valid("everything");
    // Who is in no stage comes after those who are.
    assert_eq!(everything.safe_state.stages, [vec!["psu"], vec!["sink"]]);
    let schedule = common::expanded(&everything);
    let discharged = schedule.discharged.unwrap();
    assert_eq!((discharged.within.as_secs(), discharged.reading.name.as_str()), (5, "vout"));
    let used: Vec<_> = schedule.roles_used.iter().map(String::as_str).collect();
    assert_eq!(used, ["box", "dmm", "psu", "scope", "sink"]);
    assert_eq!(BTreeMap::from_iter(schedule.environment).len(), 1);
}
