//! What is known before anything is sent, and what is looked at after a raw command.

use super::support::Home;
use super::{HEAD, results, run};

#[test]
fn what_nothing_uses_is_warned_of_and_no_fault() {
    let home = Home::new();
    let more = "[parameters]\nold = { default = \"1 V\" }\nkept = { default = \"3 V\" }\n";
    let steps = "[readings.spare]\nrole = \"dmm\"\nfunction = \"dc_voltage\"\nrange = \"10 V\"\n[[steps]]\nid = \"a\"\n\
                 measure = { reading = \"vout\", limit = \"$kept ± 1 V\" }\n[[steps]]\nid = \"b\"\n\
                 only_if = \"a passed\"\nskip_if = \"a passed\"\nmeasure = { reading = \"vout\" }\n";
    let text = HEAD.replace(
        "[instruments]",
        &format!("{more}[instruments]\nspare = {{ class = \"multimeter\" }}"),
    );
    let plan = home.write("plan.toml", &(text + steps));
    home.run(&["check", plan.to_str().unwrap()])
        .expect(0)
        .says("no fault")
        .says("warning: ")
        .says("nothing uses the role 'spare'")
        .says("nothing uses the reading 'spare'")
        .says("nothing uses the parameter 'old'")
        .says("'b' is never run: it is to be run only if a passed, and not if a passed");
}

#[test]
fn a_bench_file_alone_says_what_cannot_be() {
    let home = Home::new();
    let steps = "[[steps]]\nid = \"a\"\nmeasure = { reading = \"vout\", limit = \"3 V ± (1 % + 1 %/year)\" }\n";
    let text = HEAD.replace(
        "{ class = \"multimeter\" }",
        "{ class = \"multimeter\", calibration = \"required\" }",
    );
    let plan = home.write("plan.toml", &(text + steps));
    let psu = "[instruments.psu]\naddress = \"tcp://127.0.0.1:1\"\nidentity = \"RIGOL TECHNOLOGIES,DP821A\"\n";
    let load = "[instruments.load]\naddress = \"tcp://127.0.0.1:2\"\ndialect = \"rigol_dl3000\"\n";
    let dmm =
        "[instruments.dmm]\naddress = \"tcp://127.0.0.1:3\"\ndialect = \"keysight_truevolt\"\n";
    let check = |bench: &str| {
        let bench = home.write("bench.toml", &format!("name = \"lab\"\n{bench}"));
        home.run(&["check", plan.to_str().unwrap(), "--bench", bench.to_str().unwrap()])
    };
    check(&format!("{psu}{load}"))
        .expect(20)
        .says(
            "2 A lies beyond what the instrument of 'psu' (Rigol DP800 power supplies) can do, 1 A",
        )
        .says("it grows with the years since the calibration of 'dmm'");
    let dated = format!("{dmm}calibration = {{ last = \"2020-01-01\", due = \"2021-01-01\" }}\n");
    let swapped = format!("{load}{dated}[roles]\npsu = {{ instrument = \"load\" }}\n");
    check(&swapped).expect(20).says("the instrument of 'psu' has no current_limit");
    let large = psu.replace("DP821A", "DP832A");
    check(&format!("{large}{load}{dated}"))
        .expect(20)
        .says("the role 'dmm': dmm was due for calibration on 2021-01-01");
    let fresh = dated.replace("2021", "2999");
    check(&format!("{large}{load}{fresh}")).expect(0).says("no fault");
}

/// Two supplies of a lab: one that gives more than the plan asks for, and one of 2.5 V and 1 A.
const INVENTORY: &str = r#"
[[devices]]
name = "Strong"
type = "physical"
manufacturer = "RIGOL TECHNOLOGIES"
[devices.equipment]
address = "TCPIP::127.0.0.1::1::SOCKET"
max_voltage = "30 V"
max_current = "3 A"
[[devices]]
name = "Weak"
type = "physical"
[devices.equipment]
address = "tcp://127.0.0.1:2"
max_voltage = "2500 mV"
max_current = "1 A"
"#;

const BEYOND_THE_INVENTORY: &str = "\
plan.toml: the plan is not run, 2 faults:
plan.toml:17:29: 3 V lies beyond what the inventory has of the instrument of 'psu', 2500 mV
 17 |   { role = \"psu\", voltage = \"3 V\", current_limit = \"2 A\", output = \"on\" },
    |                             ^^^^^
plan.toml:17:52: 2 A lies beyond what the inventory has of the instrument of 'psu', 1 A
 17 |   { role = \"psu\", voltage = \"3 V\", current_limit = \"2 A\", output = \"on\" },
    |                                                    ^^^^^
";

#[test]
fn nothing_is_set_beyond_what_the_inventory_has() {
    let home = Home::new();
    let steps = "[[steps]]\nid = \"a\"\nmeasure = { reading = \"vout\", limit = \"< 4 V\" }\n";
    let text =
        HEAD.replace("load = {", "# load = {").replace("{ role = \"load\"", "# { role = \"load\"");
    let plan = home.write("plan.toml", &(text + steps));
    home.write("lab.toml", INVENTORY);
    let with = |word: &str, port: u16, inventory: &str| {
        let text = format!(
            "name = \"lab\"\ninventory = \"{inventory}\"\n[instruments.psu]\naddress = \"tcp://127.0.0.1:{port}\"\n\
             [manual.dmm]\nmaker = \"Fluke\"\nmodel = \"87\"\n"
        );
        let bench = home.write("bench.toml", &text);
        home.run(&[word, plan.to_str().unwrap(), "--bench", bench.to_str().unwrap()])
    };
    let folder = format!("{}/", plan.parent().unwrap().display());
    let said = |word: &str| with(word, 2, "lab.toml").expect(20).err.replace(&folder, "");
    for word in ["check", "explain"] {
        assert!(said(word).contains(BEYOND_THE_INVENTORY), "{}", said(word));
    }
    with("check", 3, "lab.toml")
        .expect(2)
        .says("no equipment at tcp://127.0.0.1:3, where 'psu' is");
    with("check", 1, "../lab.toml").expect(2).says("inventory: '../lab.toml'");
    let strong = with("check", 1, "lab.toml");
    assert!(!strong.err.contains("inventory"), "{}", strong.err);
}

#[test]
fn an_explanation_says_how_long_it_takes_and_how_long_it_took() {
    let home = Home::new();
    let steps = "[[steps]]\nid = \"a\"\nwait = \"200 ms\"\n[[steps]]\nid = \"b\"\n\
                 prompt = { ask = \"Ready?\", answer = \"done\", sim = \"\" }\n";
    let plan = home.write("plan.toml", &format!("{HEAD}{steps}"));
    let explain = ["explain", plan.to_str().unwrap()];
    let done = home
        .run(&explain)
        .expect(0)
        .says("time: about 0.3 s (0.2 s waiting, 0.1 s measuring), 1 question\n");
    assert!(!done.out.contains("the last time"));
    run(&home, steps).expect(0);
    home.run(&explain).expect(0).says(" s the last time");
}

#[test]
fn a_raw_command_beyond_a_cap_switches_the_source_off() {
    let home = Home::new();
    let head =
        HEAD.replace("max_current = \"2.5 A\" }", "max_current = \"2.5 A\", raw_allowed = true }");
    let steps = "[[steps]]\nid = \"inside\"\nscpi = { role = \"psu\", command = \":SOUR1:VOLT 12\" }\n\
                 [[steps]]\nid = \"beyond\"\nscpi = { role = \"psu\", command = \":SOUR1:VOLT 20\" }\n\
                 [[steps]]\nid = \"after\"\nmeasure = { reading = \"vout\", limit = \"< 1 V\" }\n";
    let plan = home.write("plan.toml", &format!("{head}{steps}"));
    let plan = plan.to_str().unwrap();
    home.run(&["explain", plan])
        .expect(0)
        .says("send beyond to psu: :SOUR1:VOLT 20; caps read back");
    let done = home.run(&[plan, "--sim=quickstart", "--db", "none", "--json"]).expect(30).says(
        "after ':SOUR1:VOLT 20' the voltage of 'psu' is 20.000 V, and at most 15 V is allowed",
    );
    assert_eq!(results(&done), ["inside RECORDED", "beyond ERROR", "after SKIP"]);
}

#[test]
fn what_is_not_done_in_time_is_not_done() {
    let home = Home::new();
    let sweep = "sweep = [{ axis = \"v\", role = \"psu\", setting = \"voltage\", list = [\"2 V\", \"3 V\"], settle = \"10 s\" }]";
    let steps = format!(
        "[[steps]]\nid = \"slow\"\ntimeout = \"200 ms\"\non_error = \"continue\"\n{sweep}\n\
         measure = {{ reading = \"vout\", limit = \"< 4 V\" }}\n\
         [[steps]]\nid = \"after\"\nmeasure = {{ reading = \"vout\", limit = \"< 4 V\" }}\n\
         [[steps]]\nid = \"long\"\nwait = \"60 s\"\n[[steps]]\nid = \"never\"\n\
         measure = {{ reading = \"vout\", limit = \"< 4 V\" }}\n"
    );
    let plan = HEAD.replace("name = \"language\"", "name = \"language\"\ntimeout = \"2 s\"");
    let plan = home.write("plan.toml", &format!("{plan}{steps}"));
    let started = std::time::Instant::now();
    let done = home.run(&[plan.to_str().unwrap(), "--sim=quickstart", "--db", "none", "--json"]);
    let done = done
        .expect(30)
        .says("the step's time of 200ms is over")
        .says("the plan's time of 2s is over");
    let wanted = ["slow[v=2 V] ERROR", "slow[v=3 V] ERROR", "after PASS", "never SKIP"];
    assert_eq!(results(&done), wanted);
    assert!(started.elapsed() < std::time::Duration::from_secs(30));
}
