//! Corrected readings: the raw one keeps its row, and the corrected one names it, its formula and its inputs.

use super::support::Home;

const STEPS: &str = r#"
name = "corrections"
sim = "shunt"
[dut]
serial = "SIM0000071"
[instruments]
psu = { class = "power_supply", max_voltage = "6 V", max_current = "3.2 A" }
sink = { class = "load", max_current = "3.2 A" }
dmm = { class = "multimeter" }
[corrections]
leads = { zero = "shorted" }
shunt = { shunt = "10 mΩ", uncertainty = "0.1 %", certificate = "S-1", due = "DUE" }
[readings.volts]
role = "dmm"
function = "dc_voltage"
range = "100 mV"
nplc = 0.2
[readings.current]
role = "dmm"
function = "dc_voltage"
range = "100 mV"
nplc = 0.2
corrections = ["leads", "shunt"]
[[setup]]
id = "on"
apply = [
  { role = "psu", voltage = "5 V", current_limit = "3 A", output = "on" },
  { role = "sink", mode = "cc", current = "0 A", input = "on" },
]
[[steps]]
id = "shorted"
measure = { reading = "volts" }
[[steps]]
id = "loaded"
apply = [{ role = "sink", current = "2 A" }]
settle = "100 ms"
measure = { reading = "current", limit = "2 A ± 1 %", uncertainty = "data_sheet" }
"#;

fn run(home: &Home, due: &str, words: &[&str]) -> super::support::Done {
    let plan = home.write("plan.toml", &STEPS.replace("DUE", due));
    let start = [plan.to_str().unwrap(), "--sim=shunt", "--db", "none", "--json"];
    home.run(&start.iter().chain(words).copied().collect::<Vec<_>>())
}

fn readings(out: &str) -> Vec<bench_model::Reading> {
    let records =
        out.lines().map(|line| serde_json::from_str::<bench_model::Record>(line).unwrap());
    let readings = records.filter_map(|record| match record.event {
        bench_model::RunEvent::Reading(reading) => Some(*reading),
        _ => None,
    });
    readings.collect()
}

#[test]
fn a_corrected_reading_stands_beside_the_raw_one() {
    let home = Home::new();
    // Chosen alone, the step brings its zero with it.
    let done = run(&home, "2999-12-31", &["--step", "loaded"]).expect(0);
    let readings = readings(&done.out);
    let [zero, raw, corrected] = readings.as_slice() else { panic!("{readings:?}") };
    let correction = corrected.correction.as_ref().unwrap();
    assert_eq!((correction.of, raw.correction.as_ref()), (raw.id, None));
    assert_eq!(correction.formula, "(raw - leads) / shunt");
    let numbers = [raw, zero].map(|reading| reading.value.finite().unwrap().clone());
    let difference = numbers[0].checked_sub(&numbers[1]).unwrap();
    let current = difference.checked_mul(&"100".parse().unwrap()).unwrap();
    assert_eq!(corrected.value.finite(), Some(&current));
    assert_eq!((corrected.unit.symbol(), raw.unit.symbol()), ("A", "V"));
    let [leads, shunt] = correction.inputs.as_slice() else { panic!("{correction:?}") };
    assert_eq!(leads.result.as_deref(), Some("shorted"));
    assert_eq!(shunt.certificate.as_deref(), Some("S-1"));
    // What the certificate leaves open is a line of the budget.
    assert!(done.out.contains(r#""name":"shunt","kind":"B""#), "{}", done.out);
}

#[test]
fn a_certificate_that_is_over_is_said() {
    let home = Home::new();
    let done = run(&home, "2020-01-31", &[]).expect(0);
    assert!(done.out.contains("the correction 'shunt' was due on 2020-01-31"), "{}", done.out);
    let strict = STEPS
        .replace("DUE", "2020-01-31")
        .replace(r#"class = "multimeter""#, r#"class = "multimeter", calibration = "required""#);
    let plan = home.write("strict.toml", &strict);
    home.run(&[plan.to_str().unwrap(), "--sim=shunt", "--db", "none"])
        .expect(30)
        .says("the correction 'shunt' was due on 2020-01-31");
}
