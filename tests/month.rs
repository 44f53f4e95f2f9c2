//! A month of nights on a simulated bench: a meter that drifts slowly, another whose firmware is changed once, and what the
//! morning reports say of them, held against arithmetic of the test's own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod support;

use run_journal::read_run;
use serde_json::Value;
use support::Home;

/// Runs of the baseline.
const BASELINE: u32 = 10;
/// Nights after it.
const NIGHTS: u32 = 24;
/// The night on which the firmware is another one, and reads otherwise.
const STEP: u32 = 16;
/// How far the first meter drifts in a night, in volts.
const DRIFT: f64 = 0.000_000_6;
/// t for 0.25 % on each side and 9 degrees of freedom, as tables print it: 1 % over two places and both sides.
const T_9: f64 = 3.690;

/// Two meters at one supply.
const PLAN: &str = r#"
name = "month"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A", sense = "local" }
drifting = { class = "multimeter" }
steady = { class = "multimeter" }
[readings.drifting]
role = "drifting"
function = "dc_voltage"
range = "10 V"
nplc = 1
auto_zero = false
samples = 5
judge = "mean"
[readings.steady]
role = "steady"
function = "dc_voltage"
range = "10 V"
nplc = 1
auto_zero = false
samples = 5
judge = "mean"
[[setup]]
id = "on"
apply = [{ role = "psu", voltage = "5 V", current_limit = "1 A", output = "on" }]
settle = "300 ms"
[[steps]]
id = "drifting"
measure = { reading = "drifting", limit = "4.99995 V .. 5.00005 V" }
[[steps]]
id = "steady"
measure = { reading = "steady", limit = "4.99995 V .. 5.00005 V" }
"#;

/// The bench as it is on a night: its noise is another one, the first meter is so far off, the second has this firmware.
fn bench(seed: u32, off: f64, firmware: &str, gain_ppm: u32) -> String {
    format!(
        "name = \"month\"\nseed = {seed}\n\
         [instruments.psu]\nmodel = \"dp832\"\nserial = \"SIM0000001\"\nchannels = {{ 1 = [\"out\", \"gnd\"] }}\n\
         [instruments.drifting]\nmodel = \"34461a\"\nserial = \"SIM0000003\"\nchannels = {{ 1 = [\"out\", \"gnd\"] }}\n\
         errors = {{ offset = \"{:.3} µV\" }}\n\
         [instruments.steady]\nmodel = \"34461a\"\nserial = \"SIM0000004\"\nfirmware = \"{firmware}\"\n\
         channels = {{ 1 = [\"out\", \"gnd\"] }}\nerrors = {{ gain_ppm = {gain_ppm} }}\n\
         [roles]\npsu = \"psu\"\ndrifting = \"drifting\"\nsteady = \"steady\"\n",
        off * 1e6
    )
}

/// What the newest run measured at its two places, and whether it passed.
fn measured(home: &Home) -> ([f64; 2], bool) {
    let run = read_run(home.journals().last().unwrap()).unwrap();
    let value = |path: &str| {
        let result = run.results.iter().find(|result| result.place.path == path).unwrap();
        result.actual.as_ref().unwrap().quantity().unwrap().value.to_f64()
    };
    ([value("drifting"), value("steady")], run.verdict() == Some(bench_model::Verdict::Pass))
}

/// How far from the mean a value may be before it is called moved: the interval of one further value.
fn bound(baseline: &[f64]) -> (f64, f64) {
    let n = f64::from(BASELINE);
    let mean = baseline.iter().sum::<f64>() / n;
    let variance = baseline.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, T_9 * variance.sqrt() * (1.0 + 1.0 / n).sqrt())
}

fn says(summary: &Value, part: &str, key: &str, what: &str) -> bool {
    summary[part].as_array().unwrap().iter().any(|one| one[key] == what)
}

#[test]
fn a_drift_is_flagged_before_a_limit_fails_and_a_step_on_its_night() {
    let home = Home::new();
    let plan = home.write("month.toml", PLAN);
    let lines =
        "name = \"month\"\n[[jobs]]\nplan = 'month.toml'\nsim = 'bench.toml'\nbaseline = 'good'\n";
    let sweep = home.write("month.sweep.toml", lines);
    let mut values: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    for seed in 1..=BASELINE {
        let file = home.write("bench.toml", &bench(seed, 0.0, "A.01", 0));
        let sim = format!("--sim={}", file.display());
        let words = [plan.to_str().unwrap(), &sim, "--db", "none", "--progress", "none"];
        home.run(&words).expect(0);
        let (now, _) = measured(&home);
        values.iter_mut().zip(now).for_each(|(all, one)| all.push(one));
    }
    let ids: Vec<String> = home
        .journals()
        .iter()
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut set = vec!["baseline", "set", "good", "--db", "none"];
    set.extend(ids.iter().map(String::as_str));
    home.run(&set).expect(0);
    let bounds = [bound(&values[0]), bound(&values[1])];
    let (mut wanted, mut flagged) = (Vec::new(), Vec::new());
    for night in 1..=NIGHTS {
        let has_new = night >= STEP;
        let (firmware, gain) = if has_new { ("A.02", 5) } else { ("A.01", 0) };
        home.write("bench.toml", &bench(100 + night, f64::from(night) * DRIFT, firmware, gain));
        let words = ["schedule", "run", sweep.to_str().unwrap(), "--db", "none", "--json"];
        let ran = home.run(&words).expect(0);
        let summary: Value = serde_json::from_str(&ran.out).unwrap();
        let (now, passed) = measured(&home);
        assert!(passed, "no limit fails in this month: night {night}");
        let is_beyond = |at: usize| (now[at] - bounds[at].0).abs() > bounds[at].1;
        for (at, place) in ["drifting", "steady"].into_iter().enumerate() {
            if is_beyond(at) {
                wanted.push((place, night));
            }
            if says(&summary, "moved", "place", place) {
                flagged.push((place, night));
            }
        }
        assert_eq!(
            says(&summary, "changed", "what", "firmware of steady"),
            has_new,
            "night {night}"
        );
        assert_eq!(
            summary["nights"].as_array().unwrap().len(),
            usize::try_from(night - 1).unwrap()
        );
    }
    let first =
        |all: &[(&str, u32)], place: &str| all.iter().find(|one| one.0 == place).map(|one| one.1);
    assert!(first(&flagged, "drifting") > Some(3), "it is too easy: {flagged:?}");
    println!("bounds {bounds:?}, flagged {flagged:?}");
    for place in ["drifting", "steady"] {
        assert_eq!(
            first(&flagged, place),
            first(&wanted, place),
            "{place}: {flagged:?} {wanted:?}"
        );
    }
    assert_eq!(first(&flagged, "steady"), Some(STEP));
    // In the mean the drift passes the bound after bound / DRIFT nights; the noise of one night moves that by its share.
    let expected = bounds[0].1 / DRIFT;
    let found = f64::from(first(&flagged, "drifting").unwrap());
    assert!(
        (found - expected).abs() <= bounds[0].1 / T_9 * 3.0 / DRIFT + 1.0,
        "{found} {expected}"
    );
}
