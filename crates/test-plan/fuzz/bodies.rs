//! What the fuzz targets do, and the test that replays their kept inputs on the stable compiler: a text is a plan or an
//! expression in one, and what must hold for any text is held.

#![allow(dead_code, reason = "each target uses one of them")]

use std::collections::BTreeMap;

use test_plan::{Inputs, MAX_FAULTS, NoSources, Plan, check};

/// Takes any bytes, and panics where something does not hold.
type Body = fn(&[u8]);

/// The bodies by the names of their targets.
pub(crate) const ALL: [(&str, Body); 2] = [("plan", plan), ("expression", expression)];

/// A plan with a place for an expression: results over two axes, over one, and alone.
const AROUND: &str = r#"
name = "around"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "2 A" }
load = { class = "load", max_current = "2 A" }
dmm = { class = "multimeter" }
[parameters]
nominal = { default = "5 V" }
[readings.vout]
role = "dmm"
function = "dc_voltage"
range = "10 V"
[[setup]]
id = "on"
apply = [
  { role = "psu", voltage = "5 V", current_limit = "1 A", output = "on" },
  { role = "load", mode = "cc", current = "0 A", input = "on" },
]
[[steps]]
id = "rail"
sweep = [
  { axis = "vi", role = "psu", setting = "voltage", list = ["5 V", "6 V"] },
  { axis = "il", role = "load", setting = "current", list = ["0 A", "0.5 A", "1 A"] },
]
measure = { reading = "vout", limit = "$nominal ± 20 %" }
[[steps]]
id = "line"
sweep = [{ axis = "vi", role = "psu", setting = "voltage", list = ["5 V", "6 V"] }]
measure = { reading = "vout" }
[[steps]]
id = "idle"
measure = { reading = "vout" }
[[steps]]
id = "made"
compute = { value = '''EXPRESSION''' }
"#;

/// Where TOML has a text and not its end.
const END: &str = "'''";

/// A plan is refused with faults that can be shown, or comes to the same operations each time.
pub(crate) fn plan(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let checked = check("plan.toml", &text, &NoSources);
    if let Ok(plan) = shown(&text, checked) {
        let set = BTreeMap::new();
        let inputs = Inputs::of(&set, true);
        let once = plan.expand(&inputs).map(|schedule| schedule.operations().count());
        let again = plan.expand(&inputs).map(|schedule| schedule.operations().count());
        assert_eq!(once, again);
    }
}

/// Any text in the place of an expression.
pub(crate) fn expression(data: &[u8]) {
    let expression = String::from_utf8_lossy(data);
    if !expression.contains(END) {
        plan(AROUND.replace("EXPRESSION", &expression).as_bytes());
    }
}

/// Each fault lies in the text, and there are not too many.
fn shown(text: &str, checked: Result<Plan, Vec<test_plan::Fault>>) -> Result<Plan, ()> {
    checked.map_err(|faults| {
        assert!((1..=MAX_FAULTS + 1).contains(&faults.len()));
        for fault in &faults {
            assert!(fault.line <= text.lines().count() + 1, "{fault}");
            assert!(!fault.underlined().is_empty());
        }
    })
}
