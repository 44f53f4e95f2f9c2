//! What one run changes: parameters, selection, the instruments of the bench.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod common;

use std::collections::BTreeMap;

use bench_catalog::{Dialect, Dialects};
use test_plan::{Inputs, Operation, Plan, Schedule, Selection};

const SUPPLY: &str = r#"
name = "supply"
[parameters]
top = { default = "6 V" }
[instruments]
psu = { class = "power_supply", max_voltage = "13 V", max_current = "1.5 A" }
dmm = { class = "multimeter" }
[readings.vout]
role = "dmm"
function = "dc_voltage"
range = "10 V"
[[setup]]
id = "on"
apply = [{ role = "psu", output = "on", voltage = "5.00049 V", current_limit = "1 A" }]
[[steps]]
id = "line"
tags = ["fast"]
sweep = [{ axis = "v", role = "psu", setting = "voltage", from = "5 V", to = "$top", points = 4 }]
measure = { reading = "vout", limit = "setpoint ± 10 mV" }
[[steps]]
id = "regulation"
compute = { value = "delta(line, over = v)", limit = "<= 1 V" }
[[steps]]
id = "slow"
tags = ["slow"]
wait = "1 s"
"#;

fn set(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with_set(plan: &Plan, values: &[(&str, &str)]) -> Result<Schedule, String> {
    let faults = plan.expand(&Inputs::of(&set(values), true));
    faults.map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// The lines of a run on a bench of these roles and dialects, or the faults.
fn on_bench(plan: &Plan, roles: &[(&str, &str)]) -> Result<Vec<String>, Vec<String>> {
    let dialects = Dialects::built_in().unwrap();
    let dialect = |role: &str| -> Option<&Dialect> {
        let (_, name) = roles.iter().find(|(own, _)| *own == role)?;
        dialects.named(name)
    };
    let none = BTreeMap::new();
    let inputs =
        Inputs { dialect_of: &dialect, channel_of: &|_| Some(3), ..Inputs::of(&none, true) };
    let schedule = plan.expand(&inputs);
    schedule
        .map(|schedule| common::lines(&schedule))
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn selected(plan: &Plan, selection: Selection) -> Result<Schedule, String> {
    let none = BTreeMap::new();
    let schedule = plan.expand(&Inputs { selection, ..Inputs::of(&none, true) });
    schedule.map_err(|faults| faults[0].to_string())
}

fn started(schedule: &Schedule) -> Vec<&str> {
    let started = schedule.operations().filter_map(|operation| match operation {
        Operation::StepStarted { step } => Some(step.as_str()),
        _ => None,
    });
    started.collect()
}

#[test]
fn parameters_change_setpoints_and_their_limits() {
    let plan = common::checked(SUPPLY);
    let schedule = with_set(&plan, &[("top", "8 V")]).unwrap();
    assert_eq!(schedule.parameters["top"], "8 V");
    let lines = common::lines(&schedule);
    let wanted = "measure line[v=7 V] by dmm dc_voltage, range 10 V; 6.99 V .. 7.01 V";
    assert!(lines.contains(&wanted.to_owned()), "{lines:#?}");
}

#[test]
fn a_wrong_parameter_is_an_error_and_never_ignored() {
    let plan = common::checked(SUPPLY);
    for (name, value, wanted) in [
        ("tpo", "8 V", "--set: the plan has no parameter 'tpo'; did you mean 'top'?"),
        ("top", "8 A", "--set: top is a quantity such as 6 V, and 8 A is none"),
        ("top", "high", "--set: top is a quantity such as 6 V, and 'high' is none"),
        ("top", "14 V", "14 V lies beyond the max_voltage of 'psu', 13 V"),
        ("top", "5 V", "two setpoints of 'v' are 5 V"),
    ] {
        let faults = with_set(&plan, &[(name, value)]).unwrap_err();
        assert!(faults.contains(wanted), "{name}={value}: {faults}");
    }
    let everything = common::valid("everything");
    for (name, value, wanted) in [
        ("nominal", "13 V", "at most 12 V"),
        ("nominal", "0 V", "at least 1 V"),
        ("humidity", "80 %", "humidity is 80 %, and < 70 % is wanted"),
        ("humidity", "80 V", "such as 45 %"),
        ("load_mode", "ccc", "cannot be set as mode"),
        ("screen", "A\nB", "control characters"),
        ("tolerance", "-20 %", "below zero"),
    ] {
        let faults = with_set(&everything, &[(name, value)]).unwrap_err();
        assert!(faults.contains(wanted), "{name}={value}: {faults}");
    }
    let lines = common::lines(&with_set(&everything, &[("screen", "HELLO")]).unwrap());
    assert!(lines.contains(&"send text to box: DISP:TEXT \"HELLO\"".to_owned()), "{lines:#?}");
}

#[test]
fn a_parameter_never_turns_a_query_into_a_command() {
    let plan = common::checked(
        r#"
name = "x"
[parameters]
what = { default = "VOLT" }
[instruments]
psu = { class = "power_supply", max_voltage = "13 V", max_current = "1.5 A" }
[[steps]]
id = "ask"
scpi = { role = "psu", query = "MEAS:${what}?" }
"#,
    );
    assert!(with_set(&plan, &[("what", "CURR")]).is_ok());
    let faults = with_set(&plan, &[("what", "VOLT?;:OUTP ON;:MEAS:VOLT")]).unwrap_err();
    assert!(faults.contains("plan.toml:9:") && faults.contains("not allowed"), "{faults}");
}

#[test]
fn what_is_asked_for_must_be_stated_on_a_real_bench() {
    let plan = common::valid("charger");
    let none = BTreeMap::new();
    let faults = plan.expand(&Inputs::of(&none, false)).unwrap_err();
    assert!(faults[0].message.contains("--set ambient=\"23 °C\""), "{}", faults[0]);
    let stated = set(&[("ambient", "21.5 °C")]);
    let schedule = plan.expand(&Inputs::of(&stated, false)).unwrap();
    assert_eq!(schedule.environment["ambient"].to_string(), "21.5 °C");
}

#[test]
fn a_selection_brings_what_it_depends_on() {
    let plan = common::checked(SUPPLY);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let all = Selection::default();
    for (selection, steps, partial) in [
        (all.clone(), &["on", "line", "regulation", "slow"][..], false),
        (
            Selection { steps: names(&["regulation"]), ..all.clone() },
            &["on", "line", "regulation"],
            true,
        ),
        (Selection { tags: names(&["slow"]), ..all.clone() }, &["on", "slow"], true),
        (Selection { skip: names(&["slow"]), ..all.clone() }, &["on", "line", "regulation"], true),
        (
            Selection { skip: names(&["fast"]), ..all.clone() },
            &["on", "line", "regulation", "slow"],
            false,
        ),
        (
            Selection { tags: names(&["slow"]), steps: names(&["line"]), ..all.clone() },
            &["on", "line", "slow"],
            true,
        ),
    ] {
        let schedule = selected(&plan, selection.clone()).unwrap();
        assert_eq!(started(&schedule), steps, "{selection:?}");
        assert_eq!(schedule.partial, partial, "{selection:?}");
    }
    let conditions = common::valid("conditions");
    let long = Selection { steps: names(&["higher"]), ..all.clone() };
    let schedule = selected(&conditions, long).unwrap();
    assert_eq!(started(&schedule), ["on", "rail", "idle", "long", "higher", "down"]);
    let unknown = selected(&plan, Selection { steps: names(&["lime"]), ..all.clone() });
    assert_eq!(unknown.unwrap_err(), "--step: the plan has no step 'lime'; did you mean 'line'?");
    assert!(selected(&plan, Selection { tags: names(&["x"]), ..all }).is_err());
}

#[test]
fn what_is_sent_is_what_the_instrument_can_resolve() {
    let plan = common::checked(SUPPLY);
    let lines = on_bench(&plan, &[("psu", "rigol_dp800"), ("dmm", "keysight_truevolt")]);
    // Channel 3 of a DP832 ends at 5.3 V.
    let faults = lines.unwrap_err();
    assert!(faults[0].contains("plan.toml:") && faults[0].contains("5.3 V"), "{faults:?}");
    let low = common::checked(&SUPPLY.replace("6 V", "5.2 V"));
    let lines = on_bench(&low, &[("psu", "rigol_dp800"), ("dmm", "keysight_truevolt")]).unwrap();
    let sets: Vec<_> = lines.iter().filter(|line| line.contains("  set ")).collect();
    assert_eq!(
        sets,
        [
            "on  set psu current_limit 1 A",
            "on  set psu ovp 13 V",
            "on  set psu voltage 5 V",
            "on  set psu output on",
            "line[v=5 V]  set psu voltage 5 V",
            "line[v=5.067 V]  set psu voltage 5.067 V",
            "line[v=5.133 V]  set psu voltage 5.133 V",
            "line[v=5.2 V]  set psu voltage 5.2 V",
        ]
    );
    let wanted = "measure line[v=5.067 V] by dmm dc_voltage, range 10 V; 5.057 V .. 5.077 V";
    assert!(lines.contains(&wanted.to_owned()), "{lines:#?}");
}

#[test]
fn what_an_instrument_cannot_do_is_said_before_anything_is_sent() {
    let plan = common::valid("everything");
    let bench = [
        ("psu", "rigol_dp800"),
        ("dmm", "keysight_truevolt"),
        ("scope", "rigol_mso5000"),
        ("sink", "rigol_dl3000"),
    ];
    let faults = on_bench(&plan, &bench).unwrap_err();
    for wanted in [
        "the instrument has no range of 5 V; it can: 100 mV, 1 V, 10 V",
        "the instrument of 'psu' (Rigol DP800 power supplies) can do, 5.3 V",
    ] {
        assert!(faults.iter().any(|fault| fault.contains(wanted)), "{wanted}: {faults:#?}");
    }
    let finer = common::checked(&SUPPLY.replace("range = \"10 V\"", "range = \"10 V\"\nnplc = 3"));
    let faults = on_bench(&finer, &[("dmm", "keysight_truevolt")]).unwrap_err();
    assert!(faults[0].contains("integrate over 3 cycles; it can: 0.02"), "{faults:?}");
}

#[test]
fn protection_that_the_plan_does_not_state_is_that_of_the_role() {
    let ovps = |text: &str| {
        let lines = common::lines(&common::expanded(&common::checked(text)));
        lines.into_iter().filter(|line| line.contains(" ovp ")).collect::<Vec<_>>()
    };
    assert_eq!(ovps(SUPPLY), ["on  set psu ovp 13 V"]);
    let stated = SUPPLY.replace("output = \"on\"", "output = \"on\", ovp = \"6 V\"");
    assert_eq!(ovps(&stated), ["on  set psu ovp 6 V"]);
    let before = SUPPLY.replace(
        "apply = [",
        "apply = [{ role = \"psu\", ovp = \"7 V\" }, { role = \"psu\", output = \"off\" }, ",
    );
    assert_eq!(ovps(&before), ["on  set psu ovp 7 V"]);
}

#[test]
fn a_run_is_bounded_whatever_its_parameters_are() {
    let plan = common::checked(
        &SUPPLY
            .replace("points = 4", "step = \"$by\"")
            .replace("[parameters]", "[parameters]\nby = { default = \"1 V\" }"),
    );
    let faults = with_set(&plan, &[("by", "1 µV")]).unwrap_err();
    assert!(faults.contains("at most 100000 points"), "{faults}");
}
