//! What a person reads: by its identity, in the plan's unit, simulated, refused where nobody can be asked.

use super::support::Home;

const PLAN: &str = r#"
name = "by hand"
[instruments]
ruler = { class = "manual" }
[readings.height]
role = "ruler"
function = "entry"
unit = "mm"
sim = "12.40 mm"
[[steps]]
id = "height"
measure = { reading = "height", limit = "12 mm ± 0.5 mm" }
"#;

#[test]
fn a_simulated_person_reads_and_the_record_has_it() {
    let home = Home::new();
    let plan = home.write("plan.toml", PLAN);
    let done = home.run(&[plan.to_str().unwrap(), "--sim=quickstart", "--db", "none", "--json"]);
    let done = done.expect(0);
    assert!(done.out.contains(r#""class":"manual""#), "{}", done.out);
    assert!(done.out.contains(r#""raw":"12.40 mm","value":"12.40","unit":"mm""#), "{}", done.out);
    assert!(done.out.contains(r#""role":"ruler","instrument":"ruler""#), "{}", done.out);
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let home = Home::new();
    let plan = home.write("plan.toml", PLAN);
    let bench = home.write(
        "bench.toml",
        "name = 'lab'\n[manual.ruler]\nmaker = 'Mitutoyo'\nmodel = '500'\nserial = 'R1'\n",
    );
    let words = [plan.to_str().unwrap(), "--bench", bench.to_str().unwrap(), "--db", "none"];
    home.run(&words).expect(2).says("a person reads at height");
    let without = home.write("silent.toml", &PLAN.replace("sim = \"12.40 mm\"\n", ""));
    home.run(&[without.to_str().unwrap(), "--sim=quickstart", "--db", "none"])
        .expect(2)
        .says("Read height on ruler");
}
