//! Files of steps: run in their places, recorded with the session, their faults placed in them.

use super::support::Home;
use super::{HEAD, results};

#[test]
fn steps_of_another_file_run_in_their_place_and_are_recorded() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("common")).unwrap();
    let common = "[parameters]\nwanted = { default = \"5 V\" }\n[[steps]]\nid = \"supply\"\n\
                  measure = { reading = \"vout\", limit = \"$wanted ± 1 %\" }\n";
    home.write("common/supply.toml", common);
    let steps = "[[steps]]\ninclude = \"common/supply.toml\"\n[[steps]]\nid = \"last\"\n\
                 measure = { reading = \"vout\" }\n";
    let plan = home.write("plan.toml", &format!("{HEAD}{steps}"));
    let plan = plan.to_str().unwrap();
    let arguments = [plan, "--sim=quickstart", "--db", "none", "--json", "--set", "wanted=3 V"];
    let done = home.run(&arguments).expect(0);
    assert_eq!(results(&done), ["supply PASS", "last RECORDED"]);
    let start = done.out.lines().next().unwrap();
    let start: serde_json::Value = serde_json::from_str(start).unwrap();
    assert_eq!(start["event"]["plan"]["files"]["common/supply.toml"], common);

    home.write("common/supply.toml", &common.replace("± 1 %", "± 1 A"));
    home.run(&["check", plan])
        .expect(20)
        .says("common/supply.toml:5:50: a tolerance in A around a nominal of 5 V")
        .says("|                                                  ^^^");
}
