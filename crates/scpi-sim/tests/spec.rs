//! Bench files: those that are shipped, and every fault with its place.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

use scpi_sim::BenchSpec;

/// `line:column what` of every fault.
fn faults(text: &str) -> Vec<String> {
    let faults = BenchSpec::parse("x.toml", text).unwrap_err();
    assert!(faults.faults.iter().all(|fault| !fault.right.is_empty()), "{faults}");
    faults
        .faults
        .iter()
        .map(|fault| format!("{}:{} {}", fault.line, fault.column, fault.what))
        .collect()
}

#[test]
fn every_fault_is_told_with_its_place() {
    let text = r#"seed = -1
time = "slow"
colour = "red"
[instruments.psu]
model = "dp833"
serial = 5
[instruments.dmm]
model = "34461a"
serial = "S"
firmwear = "1"
transports = ["tcp", "gpib"]
vxi11_port = 1024
channels = { 1 = ["out", "out"], 7 = ["a", "b"], 2 = ["x"] }
errors = { gain_ppm = "1", offset = "1 A" }
[roles]
v = { instrument = "psu2", channel = 1 }
w = { instrument = "dmm", channel = 9 }
u = { instrument = "dmm", chanel = 1 }
[circuit]
r = { kind = "resistor", nodes = ["out", "nowhere"], value = "-5 Ω" }
c = { kind = "coil" }
l = { kind = "ripple", nodes = ["out", "gnd"], amplitude = "8", frequency = "1 kHz", shape = "round" }
[[faults]]
instrument = "dmm"
on = "FOO?"
do = "explode"
"#;
    let found = faults(text).join("\n");
    for wanted in [
        "1:1 the bench has no 'name'",
        "1:8 'seed' of the bench is out of bounds",
        "2:8 'time' is none that there is",
        "3:1 the bench has no key 'colour'",
        "5:9 there is no model 'dp833'",
        "6:10 'serial' of [instruments.psu] is an integer",
        "10:1 [instruments.dmm] has no key 'firmwear'",
        "11:22 there is no transport 'gpib'",
        "12:14 'vxi11_port' is of no transport of it",
        "13:18 channel 1 is between 'out' and itself",
        "13:34 there is no channel '7'",
        "13:54 channel 2 has 1 nodes",
        "14:23 'gain_ppm' of 'errors' of [instruments.dmm] is no number",
        "14:37 'offset' of 'errors' of [instruments.dmm] is in 'A'",
        "16:5 the role 'v' is played by 'psu2', which is not there",
        "17:5 the role 'w' is channel 9 of 'dmm'",
        "18:27 the role 'u': unknown field `chanel`",
        "20:42 nothing else is connected to the node 'nowhere'",
        "20:62 'value' of the element 'r' is not above 0",
        "21:14 the element 'c' is of the kind 'coil'",
        "22:60 'amplitude' of the element 'l' is in ''",
        "22:94 the shape of the element 'l' is 'round'",
        "26:6 'explode' is nothing that can go wrong",
    ] {
        assert!(found.lines().any(|line| line.starts_with(wanted)), "{wanted} is not in\n{found}");
    }
}

#[test]
fn a_fault_must_fit_its_instrument() {
    let bench = "name = 'x'\n[instruments.dmm]\nmodel = '34461a'\nserial = 'S'\n[[faults]]\n";
    for (fault, wanted) in [
        ("instrument = 'dmm'\non = 'OUTP?'\ndo = 'close'", "7:6 'dmm' has no 'OUTP?'"),
        ("instrument = 'dmm'\non = 'READ? 1'\ndo = 'close'", "7:6 'dmm' has no 'READ? 1'"),
        ("instrument = 'psu'\ndo = 'close'", "6:14 there is no instrument 'psu'"),
        ("instrument = 'dmm'\ndo = 'late'", "5:1 [[faults]] has no 'delay'"),
        ("instrument = 'dmm'\ndo = 'error'\ncode = 0", "8:8 'code' is no error number"),
    ] {
        assert_eq!(faults(&format!("{bench}{fault}\n")), [wanted]);
    }
    let right = "instrument = 'dmm'\non = 'fetch?'\nnth = 2\ndo = 'late'\ndelay = '2 s'\n";
    assert!(BenchSpec::parse("x.toml", &format!("{bench}{right}")).is_ok());
}

/// What feeds, bridged by a wire, a chain of them, or a switch that is closed at the beginning; each told once.
#[test]
fn short_circuits_are_told() {
    let bench = "name = 'x'\n[instruments.psu]\nmodel = 'dp832'\nserial = 'S'\n\
        channels = { 1 = ['a', 'gnd'] }\n[circuit]\n";
    for (circuit, wanted) in [
        (
            "r = { kind = 'resistor', nodes = ['a', 'gnd'], value = '1 mΩ' }",
            "7:5 the element 'r' is a short circuit of channel 1",
        ),
        (
            "s = { kind = 'switch', nodes = ['b', 'gnd'], closed = true }\n\
             w = { kind = 'resistor', nodes = ['b', 'a'], value = '5 mΩ' }",
            "8:5 the element 'w' is a short circuit of channel 1",
        ),
        (
            "c = { kind = 'battery', nodes = ['a', 'b'], capacity = '1 Ah', resistance = '0.1 Ω', empty = '3 V', full = '4.2 V' }\n\
             w = { kind = 'resistor', nodes = ['b', 'a'], value = '1 mΩ' }",
            "8:5 the element 'w' is a short circuit of the element 'c'",
        ),
    ] {
        assert_eq!(faults(&format!("{bench}{circuit}\n")), [wanted]);
    }
    for right in [
        "s = { kind = 'switch', nodes = ['a', 'gnd'] }",
        "r = { kind = 'resistor', nodes = ['a', 'gnd'], value = '50 mΩ' }",
    ] {
        assert!(BenchSpec::parse("x.toml", &format!("{bench}{right}\n")).is_ok(), "{right}");
    }
}

#[test]
fn a_port_is_asked_for_once() {
    let bench = "name = 'x'\n[instruments.a]\nmodel = '34461a'\nserial = 'S'\nport = 5025\n\
        [instruments.b]\nmodel = '34461a'\nserial = 'T'\ntransports = ['tcp', 'telnet']\nport = 5026\n";
    let twice = format!("{bench}telnet_port = 5025\n");
    assert_eq!(faults(&twice), ["11:15 the port 5025 is taken already, in line 5"]);
    assert!(BenchSpec::parse("x.toml", &format!("{bench}telnet_port = 0\n")).is_ok());
}

/// File, line and column of a port that somebody else has.
#[tokio::test]
async fn a_port_in_use_is_told_with_its_place() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let bench =
        format!("name = 'x'\n[instruments.a]\nmodel = '34461a'\nserial = 'S'\nport = {port}\n");
    let spec = BenchSpec::parse("lab.toml", &bench).unwrap();
    let error = scpi_sim::serve(spec).await.unwrap_err().to_string();
    let wanted = format!("lab.toml:5:8: the port {port} for 'a' on 127.0.0.1 cannot be had");
    assert!(error.starts_with(&wanted), "{error}");
}

#[test]
fn what_is_no_toml_says_where() {
    let found = faults("name = \"x\"\n[instruments.psu\nmodel = 5 5\n");
    assert!(found[0].starts_with("2:17 "), "{found:?}");
    let shown = BenchSpec::parse("x.toml", "name = ").unwrap_err().to_string();
    assert!(shown.starts_with("x.toml:1:"), "{shown}");
    assert_eq!(faults("name = \"x\""), ["1:1 there is no instrument"]);
}

#[test]
fn the_shipped_benches_are_right() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sim");
    for (name, roles) in [
        ("quickstart", "dmm load psu"),
        ("scope-ripple", "load psu scope"),
        ("charger", "dmm sink vin vio"),
        ("failing", "dmm sink vin vio"),
    ] {
        let text = std::fs::read_to_string(format!("{folder}/{name}.toml")).unwrap();
        let spec = BenchSpec::parse(name, &text).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(spec.name(), name);
        let found: Vec<_> = spec.roles().keys().map(String::as_str).collect();
        assert_eq!(found.join(" "), roles);
        assert_eq!(spec.instrument_names().len(), 3);
    }
}
