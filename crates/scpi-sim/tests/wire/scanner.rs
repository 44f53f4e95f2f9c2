//! The 34972A as its guide has it, scanning a divider.

use crate::client::Bench;

const SCANNER: &str = r#"
    name = "scanner"
    [instruments.psu]
    model = "dp832"
    serial = "SIM1"
    channels = { 1 = ["out", "gnd"] }
    [instruments.daq]
    model = "34972a"
    serial = "MY49008476"
    channels = { 101 = ["out", "gnd"], 102 = ["tap", "gnd"], 103 = ["a", "b"], 121 = ["tap", "gnd2"] }
    [roles]
    tap = { instrument = "daq", channel = 102 }
    [circuit]
    upper = { kind = "resistor", nodes = ["out", "tap"], value = "3 kΩ" }
    lower = { kind = "resistor", nodes = ["tap", "gnd"], value = "1 kΩ" }
    unknown = { kind = "resistor", nodes = ["a", "b"], value = "4.7 kΩ" }
    anchor = { kind = "resistor", nodes = ["b", "gnd"], value = "1 Ω" }
    back = { kind = "resistor", nodes = ["gnd2", "gnd"], value = "1 kΩ" }
"#;

#[test]
fn dialogue() {
    Bench::fast(SCANNER).client("daq").dialogue(&[
        ("*IDN?", "Agilent Technologies,34972A,MY49008476,1.17-1.12-02-02"),
        ("SYST:CTYP? 100", "Agilent Technologies,34901A,0,1.0"),
        ("ROUT:SCAN (@101:103)", ""),
        ("ROUT:SCAN?", "#214(@101,102,103)"),
        ("TRIG:COUN 2;COUN?", "+2"),
        ("ROUT:CLOS (@105);CLOS? (@105,106);OPEN? (@105)", "1,0;0"),
        ("ROUT:CHAN:DEL 0.5,(@101);DEL? (@101,102)", "+5.00000000E-01,+0.00000000E+00"),
        ("DATA:POIN?", "+0"),
        ("FORM:READ:CHAN ON;CHAN?", "1"),
    ]);
    let bench = Bench::fast(SCANNER);
    let mut daq = bench.client("daq");
    for (message, code) in [
        ("ROUT:SCAN (@131)", "-224"),
        ("INIT", "-221"),
        ("FETC?", "-230"),
        ("CONF:VOLT:DC (@121)", "-224"),
        ("CONF:CURR (@101)", "-224"),
    ] {
        daq.send(message);
        assert_eq!(daq.ask("SYST:ERR?").split(',').next(), Some(code), "{message}");
    }
}

#[test]
fn a_scan_and_what_is_taken_out_of_it() {
    let bench = Bench::fast(SCANNER);
    bench.client("psu").tell(":APPL CH1,8,1;:OUTP CH1,ON");
    let mut daq = bench.client("daq");
    daq.tell("CONF:VOLT:DC 10,DEF,(@101,102);:TRIG:COUN 2;:INIT;*WAI");
    assert_eq!(daq.ask("DATA:POIN?"), "+4");
    // Two readings of 15 characters and a comma.
    let block = daq.ask("R? 2");
    let text = block.strip_prefix("#231").unwrap_or_else(|| panic!("{block}"));
    let readings: Vec<f64> = text.split(',').map(|it| it.parse().unwrap()).collect();
    assert!((readings[0] - 8.0).abs() < 1e-3 && (readings[1] - 2.0).abs() < 1e-3, "{readings:?}");
    assert_eq!(daq.ask("DATA:POIN?"), "+2");
    daq.tell("FORM:READ:CHAN ON");
    let both = daq.ask("FETC?");
    assert!(both.contains(",101,") && both.ends_with(",102"), "{both}");
    daq.tell("FORM:READ:CHAN OFF");
    let ohms = daq.number("MEAS:RES? AUTO,(@103)");
    assert!((ohms - 4700.0).abs() < 1.0, "{ohms}");
    // From 2 V behind 750 Ω through 1 kΩ, now that the relay is closed.
    let amperes = daq.number("MEAS:CURR? 0.1,(@121)");
    assert!((amperes - 2.0 / 1750.0).abs() < 1e-5, "{amperes}");
    assert!((daq.number("MEAS:VOLT:DC? 10,(@102)") - 2.0).abs() < 1e-3);
}
