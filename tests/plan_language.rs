//! What a plan can say, on a simulated bench: ways through a sweep, what is waited for, what is left out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

#[path = "plan_language/captures.rs"]
mod captures;
#[path = "plan_language/corrections.rs"]
mod corrections;
#[path = "plan_language/includes.rs"]
mod includes;
#[path = "plan_language/infrastructure.rs"]
mod infrastructure;
#[path = "plan_language/knowledge.rs"]
mod knowledge;
#[path = "plan_language/manual.rs"]
mod manual;
#[path = "plan_language/prompts.rs"]
mod prompts;
#[path = "plan_language/secure.rs"]
mod secure;
mod support;

use support::{Done, Home};

/// A supply, a load at the end of a lead, a meter at the supply's terminals, all switched on.
const HEAD: &str = r#"
name = "language"
[dut]
serial = "SIM0000001"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "2.5 A" }
load = { class = "load", max_current = "2 A" }
dmm = { class = "multimeter" }
[readings.vout]
role = "dmm"
function = "dc_voltage"
range = "100 V"
nplc = 0.2
[[setup]]
id = "on"
apply = [
  { role = "psu", voltage = "3 V", current_limit = "2 A", output = "on" },
  { role = "load", mode = "cc", current = "0 A", input = "on" },
]
"#;

fn run(home: &Home, steps: &str) -> Done {
    let plan = home.write("plan.toml", &format!("{HEAD}{steps}"));
    home.run(&[plan.to_str().unwrap(), "--sim=quickstart", "--db", "none", "--json"])
}

/// `place verdict` of every result, as the journal on standard output has them.
fn results(done: &Done) -> Vec<String> {
    let events = done.out.lines().filter(|line| line.contains("\"judged\""));
    let shown = events.map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let event = &record["event"];
        let place: bench_model::Place = serde_json::from_value(event["place"].clone()).unwrap();
        format!("{place} {}", event["verdict"].as_str().unwrap())
    });
    shown.collect()
}

#[test]
fn a_sweep_goes_up_and_down_over_setpoints_of_a_file() {
    let home = Home::new();
    home.write("loads.csv", "load,note\n0 A,none\n\"0.2 A\",some\n");
    let done = run(
        &home,
        r#"
[[steps]]
id = "lead"
sweep = [
  { axis = "il", role = "load", setting = "current", csv = { file = "loads.csv", column = "load" } },
  { axis = "v", role = "psu", setting = "voltage", list = ["5 V", "3 V"], direction = "both", settle = { until_stable = "2 mV", window = "20 ms", within = "5 s", reading = "vout" } },
]
measure = { reading = "vout", limit = "setpoint.v ± 1 %" }
[[steps]]
id = "hysteresis"
compute = { value = "delta(lead, over = v_direction)", limit = "<= 10 mV" }
"#,
    )
    .expect(0);
    let wanted = [
        "lead[il=0 A, v_direction=1, v=3 V] PASS",
        "lead[il=0 A, v_direction=1, v=5 V] PASS",
        "lead[il=0 A, v_direction=-1, v=5 V] PASS",
        "lead[il=0 A, v_direction=-1, v=3 V] PASS",
        "lead[il=200 mA, v_direction=1, v=3 V] PASS",
        "lead[il=200 mA, v_direction=1, v=5 V] PASS",
        "lead[il=200 mA, v_direction=-1, v=5 V] PASS",
        "lead[il=200 mA, v_direction=-1, v=3 V] PASS",
        "hysteresis[il=0 A, v=3 V] PASS",
        "hysteresis[il=0 A, v=5 V] PASS",
        "hysteresis[il=200 mA, v=3 V] PASS",
        "hysteresis[il=200 mA, v=5 V] PASS",
    ];
    assert_eq!(results(&done), wanted);
}

#[test]
fn what_never_comes_to_rest_makes_its_point_an_error() {
    let home = Home::new();
    let done = run(
        &home,
        r#"
[[steps]]
id = "restless"
on_error = "continue"
sweep = [
  { axis = "v", role = "psu", setting = "voltage", list = ["3 V", "5 V"], settle = { until_stable = "1 pV", window = "100 ms", within = "150 ms", reading = "vout" } },
]
measure = { reading = "vout", limit = "setpoint ± 1 %" }
"#,
    )
    .expect(30)
    .says("vout is not stable: the last readings lie");
    assert_eq!(results(&done), ["restless[v=3 V] ERROR", "restless[v=5 V] ERROR"]);
}

/// The data sheet's way: the input falls until the output has lost 1 %; what lies between input and output there.
#[test]
fn an_axis_ends_early_and_the_crossing_is_computed() {
    let home = Home::new();
    let plan = home.write(
        "dropout.toml",
        r#"
name = "dropout"
[instruments]
vin = { class = "power_supply", max_voltage = "13 V", max_current = "1.5 A" }
sink = { class = "load", max_current = "1.2 A" }
dmm = { class = "multimeter" }
[readings.vout]
role = "dmm"
function = "dc_voltage"
range = "10 V"
nplc = 0.2
[[setup]]
id = "on"
apply = [
  { role = "vin", voltage = "7 V", current_limit = "1.4 A", output = "on" },
  { role = "sink", mode = "cc", current = "0 A", input = "on" },
]
[[steps]]
id = "fall"
sweep = [
  { axis = "il", role = "sink", setting = "current", list = ["0.1 A", "0.5 A"] },
  { axis = "vin", role = "vin", setting = "voltage", from = "6.4 V", to = "5.6 V", step = "-0.05 V", settle = "60 ms", stop_when = { leaf = "vout", below = "99 % of first" } },
]
[[steps.each]]
id = "vout"
measure = { reading = "vout", limit = ">= 4.5 V" }
[[steps]]
id = "dropout"
compute = { value = "crossing(fall.vout, over = vin, at = 0.99 * first(fall.vout, over = vin)) - 0.99 * first(fall.vout, over = vin)", limit = "1.09 V .. 1.12 V" }
[[steps]]
id = "mean"
compute = { value = "mean(fall.vout, over = vin)" }
"#,
    );
    let plan = plan.to_str().unwrap();
    let done = home.run(&[plan, "--sim=charger", "--dut", "X", "--db", "none", "--json"]);
    let done = done.expect(11).says("vin was stopped at 6.05 V: fall/vout is 4.9");
    let results = results(&done);
    for wanted in [
        "fall/vout[il=100 mA, vin=6.05 V] PASS",
        "fall/vout[il=100 mA, vin=6 V] SKIP",
        "fall/vout[il=100 mA, vin=5.6 V] SKIP",
        "fall/vout[il=500 mA, vin=6.4 V] PASS",
        "fall/vout[il=500 mA, vin=6 V] SKIP",
        "dropout[il=100 mA] PASS",
        "dropout[il=500 mA] PASS",
        // One missing point leaves nothing to say of a mean.
        "mean[il=100 mA] INCONCLUSIVE",
    ] {
        assert!(results.contains(&wanted.to_owned()), "{wanted}: {results:#?}");
    }
}

#[test]
fn a_step_is_left_out_for_what_came_before_it_and_says_so() {
    let home = Home::new();
    let steps = r#"
[[steps]]
id = "good"
measure = { reading = "vout", limit = "2.9 V .. 3.1 V" }
[[steps]]
id = "bad"
measure = { reading = "vout", limit = "> 4 V" }
[[steps]]
id = "after_good"
only_if = "good passed and good < 4 V"
measure = { reading = "vout", limit = "< 4 V" }
[[steps]]
id = "after_bad"
only_if = "bad passed"
apply = [{ role = "psu", voltage = "15 V" }]
measure = { reading = "vout", limit = "< 4 V" }
[[steps]]
id = "unless_bad"
skip_if = "bad failed"
apply = [{ role = "psu", voltage = "15 V" }]
"#;
    let done = run(&home, steps)
        .expect(10)
        .says("to be run only if bad passed, and bad is FAIL")
        .says("unless_bad is skipped: to be run not if bad failed, and bad is FAIL");
    let wanted = ["good PASS", "bad FAIL", "after_good PASS", "after_bad SKIP"];
    assert_eq!(results(&done), wanted);
    let voltages = done.out.matches("\"setting\":\"voltage\"").count();
    assert_eq!(voltages, 1, "nothing is set in a step that is left out: {}", done.out);
}
