//! Waveforms: what is taken from them, and when nothing can be said.

use super::results;
use super::support::Home;

const HEAD: &str = r#"
name = "captures"
[instruments]
psu = { class = "power_supply", max_voltage = "6 V", max_current = "2.5 A" }
load = { class = "load", max_current = "2 A" }
scope = { class = "oscilloscope" }
[[setup]]
id = "on"
apply = [
  { role = "psu", voltage = "5 V", current_limit = "2.2 A", output = "on" },
  { role = "load", mode = "cc", current = "1 A", input = "on" },
]
settle = "50 ms"
"#;

fn capture(name: &str, scale: &str, acquisition: &str, trigger: &str) -> String {
    format!(
        "[captures.{name}]\nrole = \"scope\"\nprobe = \"1x\"\ncoupling = \"ac\"\nbandwidth = \"20 MHz\"\n\
         scale = \"{scale}\"\ntime_base = \"10 µs\"\nacquisition = \"{acquisition}\"\ntrigger = {{ {trigger} }}\n"
    )
}

#[test]
fn what_is_averaged_clipped_or_forced_says_nothing_of_extremes() {
    let home = Home::new();
    let edge = "level = \"0 V\", timeout = \"2 s\"";
    let mut plan = HEAD.to_owned();
    for (name, scale, acquisition, trigger) in [
        ("plain", "5 mV", "normal", edge),
        ("averaged", "5 mV", "average", edge),
        ("clipped", "1 mV\"\noffset = \"3 mV", "normal", edge),
        ("forced", "5 mV", "normal", "mode = \"auto\", level = \"18 mV\", timeout = \"100 ms\""),
    ] {
        plan += &capture(name, scale, acquisition, trigger);
        plan += &format!(
            "[[steps]]\nid = \"{name}\"\n[steps.capture]\ncapture = \"{name}\"\nmeasure = [\n\
             {{ id = \"vpp\", quantity = \"peak_to_peak\", by = \"samples\", limit = \"<= 15 mV\" }},\n\
             {{ id = \"scope\", quantity = \"peak_to_peak\", by = \"scope\", limit = \"<= 15 mV\" }},\n\
             {{ id = \"mean\", quantity = \"mean\", by = \"samples\", limit = \"0 V ± 5 mV\" }},\n\
             {{ id = \"inside\", quantity = \"mask_violations\", by = \"samples\", \
             mask = [[\"-30 µs\", \"-9 mV\", \"9 mV\"], [\"30 µs\", \"-9 mV\", \"9 mV\"]] }},\n\
             {{ id = \"outside\", quantity = \"mask_violations\", by = \"samples\", \
             mask = [[\"-30 µs\", \"-1 mV\", \"1 mV\"], [\"30 µs\", \"-1 mV\", \"1 mV\"]] }},\n]\n"
        );
    }
    let plan = home.write("plan.toml", &plan);
    let plan = plan.to_str().unwrap();
    let done = home.run(&[plan, "--sim=scope-ripple", "--db", "none", "--json"]);
    let done = done.expect(10).says("averaging hides extremes").says("the signal is clipped");
    let found = results(&done);
    let of = |capture: &str| {
        let own = found.iter().filter_map(|line| line.strip_prefix(&format!("{capture}/")));
        own.map(str::to_owned).collect::<Vec<_>>()
    };
    let named = |verdicts: [&str; 5]| {
        let names = ["vpp", "scope", "mean", "inside", "outside"];
        names.iter().zip(verdicts).map(|(name, it)| format!("{name} {it}")).collect::<Vec<_>>()
    };
    let none = "INCONCLUSIVE";
    assert_eq!(of("plain"), named(["PASS", "PASS", "PASS", "PASS", "FAIL"]));
    assert_eq!(of("averaged"), named([none, none, "PASS", none, none]));
    assert_eq!(of("clipped"), named([none; 5]));
    assert_eq!(of("forced"), named([none, none, "PASS", none, none]));
}

#[test]
fn a_limit_that_grows_with_age_wants_the_date_of_the_calibration() {
    let home = Home::new();
    let steps = "[[steps]]\nid = \"v\"\nmeasure = { reading = \"vout\", limit = \"3 V ± (1 % + 1 %/year)\" }\n";
    let done = super::run(&home, steps);
    // The simulated meter says when it was calibrated; whether that was a year ago, the day of the test says.
    assert_eq!(results(&done), ["v PASS"]);
}
