//! Uncertainty and decision rules as a plan states them, on a simulated bench.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use bench_model::{Conformity, StepResult, Verdict};
use support::{Done, Home};

/// The supply gives 0.8 mV more than 5 V, and the meter, a 34461A, is good for ± 300 µV at it: U 285 µV.
const HEAD: &str = r#"
name = "metrology"
[dut]
serial = "SIM0000001"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "2.5 A" }
dmm = { class = "multimeter" }
[environment]
ambient = { ask = "Ambient temperature", sim = "23 °C" }
[readings.vout]
role = "dmm"
function = "dc_voltage"
range = "10 V"
nplc = 0.2
samples = 3
budget = [
  { name = "meter", data_sheet = true },
  { name = "leads", within = "2 °C", sensitivity = "5 µV/°C" },
]
[readings.quiet]
role = "dmm"
function = "dc_voltage"
range = "10 V"
nplc = 0.02
samples = 200
until = { half_width = "2 mV", at_least = 5 }
[readings.precise]
role = "dmm"
function = "dc_voltage"
range = "10 V"
nplc = 0.02
samples = 5
until = { half_width = "1 nV", at_least = 3 }
[[setup]]
id = "on"
apply = [{ role = "psu", voltage = "5 V", current_limit = "2 A", output = "on" }]
settle = "500 ms"
"#;

fn run(home: &Home, steps: &str, arguments: &[&str]) -> Done {
    let plan = home.write("plan.toml", &format!("{HEAD}{steps}"));
    let mut all = vec![plan.to_str().unwrap(), "--sim=quickstart", "--db", "none", "--json"];
    all.extend(arguments);
    home.run(&all)
}

/// Every result, as the journal on standard output has them.
fn results(done: &Done) -> Vec<StepResult> {
    let events = done.out.lines().filter(|line| line.contains("\"judged\""));
    let result = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        serde_json::from_value(record["event"].clone()).unwrap()
    };
    events.map(result).collect()
}

/// One reading by four rules: what each says of 5.0008 V within 1 mV.
const RULES: &str = r#"
[[steps]]
id = "simple"
measure = { reading = "vout", limit = "5 V ± 1 mV" }
[[steps]]
id = "guarded"
measure = { reading = "vout", limit = "5 V ± 1 mV", decision_rule = "ilac_g8_w_u", uncertainty = "data_sheet" }
[[steps]]
id = "conditional"
measure = { reading = "vout", limit = "5 V ± 1 mV", decision_rule = "non_binary", uncertainty = "budget" }
[[steps]]
id = "stated"
measure = { reading = "vout", limit = "<= 5.001 V", decision_rule = "iso_14253_1", uncertainty = "100 µV" }
"#;

#[test]
fn the_rule_decides_and_is_recorded_so_that_it_can_be_judged_again() {
    let home = Home::new();
    let html = home.path().join("report.html");
    let done = run(&home, RULES, &["--html", html.to_str().unwrap()]);
    assert_eq!(done.code, 10, "{}", done.err);
    let found = results(&done);
    let said: Vec<_> = found
        .iter()
        .map(|result| (result.verdict, result.decision.as_ref().unwrap().conformity.unwrap()))
        .collect();
    assert_eq!(
        said,
        [
            (Verdict::Pass, Conformity::Pass),
            (Verdict::Fail, Conformity::Fail),
            (Verdict::Pass, Conformity::ConditionalPass),
            (Verdict::Pass, Conformity::Pass),
        ]
    );
    for result in &found {
        let (decision, limit) = (result.decision.as_ref().unwrap(), result.limit.as_ref().unwrap());
        let actual = result.actual.as_ref().unwrap();
        assert_eq!(decision.judge(limit, actual).verdict(), result.verdict);
        assert_eq!(decision.stated(limit, actual), decision.conformity);
    }
    let guarded = found[1].decision.as_ref().unwrap();
    let own = guarded.uncertainty.as_ref().unwrap();
    assert_eq!(own.expanded.for_display(2), "290 µV");
    assert_eq!(own.factor.round_to_digits(3).to_plain_string(), "1.65");
    assert_eq!((own.components[0].kind.as_str(), own.components[1].kind.as_str()), ("B", "A"));
    let ratio = guarded.test_uncertainty_ratio.as_ref().unwrap().to_f64();
    assert!((3.4..3.6).contains(&ratio), "{ratio}");
    assert!(guarded.false_reject.as_ref().unwrap().to_f64() > 0.5, "it did lie inside");
    assert!(done.out.contains("test uncertainty ratio is 3.5"), "a warning");
    let report = std::fs::read_to_string(html).unwrap();
    for wanted in ["Uncertainty budget of guarded", "ilac_g8_w_u", "conditional pass", "290 µV"] {
        assert!(report.contains(wanted), "{wanted}");
    }
}

#[test]
fn a_rule_that_cannot_decide_is_refused_before_anything_is_switched_on() {
    let home = Home::new();
    let step = |limit: &str, uncertainty: &str| {
        format!(
            "\n[[steps]]\nid = 's'\nmeasure = {{ reading = 'vout', limit = '{limit}', \
             decision_rule = 'ilac_g8_w_u', uncertainty = '{uncertainty}' }}\n"
        )
    };
    let check = |steps: &str| {
        let plan = home.write("plan.toml", &format!("{HEAD}{steps}"));
        home.run(&["check", plan.to_str().unwrap()])
    };
    let refused = check(&step("5 V ± 1 mV", "2 mV"));
    assert_eq!(refused.code, 20);
    assert!(refused.err.contains("below 1 nothing can be decided"), "{}", refused.err);
    let warned = check(&step("5 V ± 1 mV", "500 µV"));
    assert_eq!(warned.code, 0);
    assert!(warned.out.contains("warning: ") && warned.out.contains("4 or more"), "{}", warned.out);
    let calm = check(&step("5 V ± 1 mV", "100 µV"));
    assert!(calm.code == 0 && !calm.out.contains("4 or more"), "{}", calm.out);
    // Only the bench knows the data sheet.
    let done = run(&home, &step("5 V ± 200 µV", "data_sheet"), &[]);
    assert_eq!(done.code, 30, "{}", done.err);
    assert!(!done.out.contains("setting_applied"));
    assert!(done.err.contains("nothing can be decided"), "{}", done.err);
}

#[test]
fn readings_are_taken_until_their_mean_is_precise_enough() {
    let home = Home::new();
    let done = run(
        &home,
        r#"
[[steps]]
id = "quiet"
measure = { reading = "quiet", limit = "5 V ± 10 mV" }
[[steps]]
id = "precise"
measure = { reading = "precise", limit = "5 V ± 10 mV" }
"#,
        &[],
    );
    assert_eq!(done.code, 0, "{}", done.err);
    let found = results(&done);
    assert_eq!(found[0].readings.len(), 5, "five were enough");
    assert_eq!(found[1].readings.len(), 5, "all were taken");
    assert!(done.out.contains("not to ± 1 nV"), "and that is said");
}

#[test]
fn the_shipped_gauge_study_runs_and_says_how_good_the_gauge_is() {
    let home = Home::new();
    let done = home.run(&["testplans/gauge-study.toml", "--sim", "--db", "none", "--json"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let found = results(&done);
    assert_eq!(found.len(), 10 * 3 * 3 + 5, "ten parts, three operators, three trials");
    let of = |path: &str| {
        let result = found.iter().find(|result| result.place.path == path).unwrap();
        result.actual.as_ref().unwrap().quantity().unwrap().in_base().unwrap().to_f64()
    };
    // Ten parts 10 mV apart: 30.3 mV.
    assert!((of("part_variation") - 0.0303).abs() < 0.0002, "{}", of("part_variation"));
    assert!(of("repeatability") > 0.0 && of("repeatability") < 1e-4);
    assert!(of("distinct_categories") >= 5.0 && of("gauge_to_tolerance") <= 0.1);
}

#[test]
fn the_shipped_process_study_says_what_the_process_is_capable_of() {
    let home = Home::new();
    let done = home.run(&["testplans/process-study.toml", "--sim", "--db", "none", "--json"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let found = results(&done);
    let of = |path: &str| found.iter().find(|result| result.place.path == path).unwrap();
    let analysis = |path: &str| of(path).analyses.first().unwrap();
    let capability = analysis("capable");
    for name in ["Cp", "Cpk", "Cpm", "Pp", "Ppk", "yield"] {
        let figure = capability.figure(name).unwrap();
        assert!(figure.low.is_some() && figure.high.is_some(), "{figure:?}");
    }
    assert!(capability.remarks[0].contains("Anderson-Darling"), "{capability:?}");
    assert_eq!(analysis("in_control").title, "Control chart, X-bar and R");
    assert_eq!(analysis("trend").title, "Straight line");
    // 128 readings, 20 ms apart: seven octaves below a second and beyond.
    let stability = analysis("averaging");
    assert!(stability.figure("τ 0.02 s").is_some() && stability.figure("τ 0.64 s").is_some());
    let noise = of("noise");
    for name in ["median", "lag_1", "effective_count", "outliers"] {
        assert!(noise.statistics.contains_key(name), "{name}");
    }
}

/// The span of three readings of one meter in one range: what they share counts once.
const PROPAGATED: &str = r#"
[[steps]]
id = "rail"
sweep = [{ axis = "vi", role = "psu", setting = "voltage", list = ["4 V", "5 V", "6 V"], settle = "60 ms" }]
measure = { reading = "vout", limit = "0 V .. 10 V", decision_rule = "iso_14253_1", uncertainty = "data_sheet", process = { mean = "5 V", deviation = "2 V" } }
[[steps]]
id = "span"
compute = { value = "max(rail, over = vi) - min(rail, over = vi)", limit = "2 V ± 1 %", decision_rule = "ilac_g8_w_u", uncertainty = "propagated", monte_carlo = { trials = 2000, seed = 4 } }
[[steps]]
id = "apart"
compute = { value = "max(rail, over = vi) - min(rail, over = vi)", limit = "2 V ± 1 %", decision_rule = "ilac_g8_w_u", uncertainty = "propagated", correlation = 0 }
[[steps]]
id = "half"
compute = { value = "span / 2 V", limit = "1 ± 1 %", decision_rule = "iso_14253_1", uncertainty = "propagated" }
"#;

#[test]
fn a_computed_value_is_decided_on_by_the_uncertainty_of_its_inputs() {
    let home = Home::new();
    let done = run(&home, PROPAGATED, &[]);
    assert_eq!(done.code, 0, "{} {}", done.out, done.err);
    let found = results(&done);
    let decision = |path: &str| {
        let result = found.iter().find(|result| result.place.path == path).unwrap();
        result.decision.as_deref().unwrap()
    };
    let standard = |path: &str| {
        let own = decision(path).uncertainty.as_deref().unwrap();
        (own.standard.in_base().unwrap().to_f64(), own)
    };
    let (shared, budget) = standard("span");
    let line = budget.components.iter().find(|line| line.kind == "B").unwrap();
    assert!(line.name.contains("shared by 3 results"), "{line:?}");
    assert!(standard("apart").0 > 2.0 * shared, "what is not shared does not cancel");
    assert!((standard("half").0 / shared - 0.5).abs() < 1e-6, "computed from what is computed");
    assert!(decision("span").guard_band.is_some() && decision("span").accepted.is_some());
    let span = found.iter().find(|result| result.place.path == "span").unwrap();
    assert!(span.analyses[0].remarks[0].starts_with("the budget agrees"), "{:?}", span.analyses);
    let global = decision("rail").global.as_deref().unwrap();
    let risks = [&global.false_accept, &global.false_reject].map(|risk| risk.to_f64());
    assert!(risks.iter().all(|risk| *risk > 0.0 && *risk < 0.01), "{global:?}");
}

#[test]
fn what_no_uncertainty_is_known_of_is_refused_before_the_run() {
    let home = Home::new();
    let steps = r#"
[[steps]]
id = "rail"
measure = { reading = "vout", limit = "0 V .. 10 V" }
[[steps]]
id = "double"
compute = { value = "2 * rail", limit = "10 V ± 1 %", decision_rule = "ilac_g8_w_u", uncertainty = "propagated" }
[[steps]]
id = "capable"
compute = { value = "cpk(rail, over = sample)", limit = ">= 1" }
[[steps]]
id = "one"
measure = { reading = "vout", process = { mean = "5 V", deviation = "1 mV" } }
"#;
    let done = run(&home, steps, &[]);
    assert_eq!(done.code, 20, "{}", done.err);
    for wanted in [
        "'rail' says not how uncertain it is",
        "a limit is wanted: low = .., high = .. or both",
        "global risks are of a limit and an uncertainty",
    ] {
        assert!(done.err.contains(wanted), "{wanted}: {}", done.err);
    }
}

#[test]
fn the_gauge_study_with_hands_names_part_operator_and_trial() {
    let home = Home::new();
    let plan = "testplans/gauge-study-hands.toml";
    let done = home.run(&["explain", plan]);
    assert!(done.out.contains("Operator 3: put in part 5 for trial 2"), "{}", done.out);
    let done = home.run(&[plan, "--sim", "--db", "none", "--json"]);
    assert_eq!(done.code, 0, "{} {}", done.out, done.err);
    let found = results(&done);
    let study = found.iter().find(|result| result.place.path == "gauge_to_tolerance").unwrap();
    let analysis = study.analyses.first().unwrap();
    for name in ["EV", "GRR", "%GRR of the tolerance"] {
        assert!(analysis.figure(name).is_some(), "{name}: {analysis:?}");
    }
}

/// Readings by hand are an axis too: what a person read three times, and how it moved.
#[test]
fn readings_by_hand_are_as_good_as_an_instruments() {
    let home = Home::new();
    let steps = r#"
[readings.height]
role = "gauge"
function = "entry"
unit = "mm"
ask = "Height above the plate"
sim = "12.42 mm"
samples = 3
[[steps]]
id = "height"
measure = { reading = "height" }
[[steps]]
id = "spread"
compute = { value = "delta(height, over = sample)", limit = "<= 0.01 mm" }
[[steps]]
id = "rise"
compute = { value = "slope(height, over = sample)", limit = "0 mm ± 0.01 mm" }
[[steps]]
id = "good"
compute = { value = "yield(height, over = sample, low = 12.4 mm)", limit = ">= 99 %" }
"#;
    let head = HEAD.replace(
        "dmm = { class = \"multimeter\" }",
        "dmm = { class = \"multimeter\" }\ngauge = { class = \"manual\" }",
    );
    let plan = home.write("plan.toml", &format!("{head}{steps}"));
    let done = home.run(&[plan.to_str().unwrap(), "--sim=quickstart", "--db", "none", "--json"]);
    assert_eq!(done.code, 0, "{} {}", done.out, done.err);
    let found = results(&done);
    let good = found.iter().find(|result| result.place.path == "good").unwrap();
    assert_eq!(good.actual.as_ref().unwrap().quantity().unwrap().in_base().unwrap().to_f64(), 1.0);
    assert!(good.analyses[0].figure("yield").is_some(), "{:?}", good.analyses);
}

#[test]
fn the_shipped_drift_study_sees_the_drift_of_its_bench() {
    let home = Home::new();
    let done = home.run(&["testplans/drift-study.toml", "--sim", "--db", "none", "--json"]);
    assert_eq!(done.code, 0, "{} {}", done.out, done.err);
    let found = results(&done);
    let analysis = |path: &str| {
        found.iter().find(|result| result.place.path == path).unwrap().analyses.first().unwrap()
    };
    let rise = analysis("rise_per_sample").figure("slope").unwrap();
    let low = rise.low.as_ref().unwrap().in_base().unwrap().to_f64();
    assert!(low > 0.0, "the interval leaves no doubt: {rise:?}");
    // What drifts has an Allan deviation that rises with τ; NIST SP 1065 gives τ to the first power.
    let last = analysis("long_term").remarks.last().unwrap();
    let slope = last.split("slope ").nth(1).unwrap().split(',').next().unwrap();
    assert!((slope.parse::<f64>().unwrap() - 1.0).abs() < 0.2, "{last}");
}
