//! One plan on oscilloscopes of four makers: the same waveform comes out of each, with its axes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use support::Home;

/// A square wave of 1 kHz between -0.5 V and 1.5 V.
const PLAN: &str = r#"
name = "makers"
version = "1"

[dut]
model = "none"
serial = { pattern = "^.*$", sim = "SIM0000001" }

[instruments]
source = { class = "generator", max_voltage = "5 V" }
scope = { class = "oscilloscope" }

[captures.wave]
role = "scope"
probe = "10x"
coupling = "dc"
bandwidth = "full"
scale = "0.5 V"
offset = "-0.5 V"
time_base = "0.5 ms"
acquisition = "normal"
trigger = { level = "0.5 V", slope = "rising", timeout = "20 s" }

[[setup]]
id = "on"
apply = [
  { role = "source", load_impedance = "high", waveform = "square", frequency = "1 kHz", amplitude = "2 V", offset = "0.5 V", output = "on" },
]
settle = "10 ms"

[[steps]]
id = "wave"
[steps.capture]
capture = "wave"
measure = [
  { id = "vpp", quantity = "peak_to_peak", by = "samples", limit = "2 V ± 5 %" },
  { id = "maximum", quantity = "maximum", by = "samples", limit = "1.5 V ± 5 %" },
  { id = "mean", quantity = "mean", by = "samples", limit = "0.5 V ± 10 %" },
  { id = "frequency", quantity = "frequency", by = "samples", limit = "1 kHz ± 1 %" },
]
"#;

const BENCH: &str = r#"
name = "makers"
seed = 4
time = "fast"
[instruments.gen]
model = "dg1032z"
serial = "SIM0000001"
channels = { 1 = ["out", "gnd"] }
[instruments.scope]
model = "MODEL"
serial = "SIM0000002"
channels = { 1 = ["out", "gnd"] }
[roles]
source = { instrument = "gen", channel = 1 }
scope = { instrument = "scope", channel = 1 }
"#;

#[test]
fn every_maker_gives_the_same_waveform() {
    for model in ["mso5074", "dsox3024t", "mso54", "sds824x"] {
        let home = Home::new();
        let plan = home.write("makers.toml", PLAN);
        let bench = home.write("bench.toml", &BENCH.replace("MODEL", model));
        let sim = format!("--sim={}", bench.display());
        let ran = home.run(&[plan.to_str().unwrap(), &sim, "--db", "none", "--json"]);
        assert_eq!(ran.code, 0, "{model}: {ran:?}");
    }
}
