//! The 34461A as its guide has it, and what it reads from a circuit.

use std::time::{Duration, Instant};

use crate::client::Bench;

/// A supply, a divider of 3 to 1 at its output, a resistor apart from it, and a loop for current.
const METER: &str = r#"
    name = "meter"
    [instruments.psu]
    model = "dp832"
    serial = "SIM1"
    channels = { 1 = ["out", "gnd"], 2 = ["loop", "gnd"] }
    [instruments.dmm]
    model = "34461a"
    serial = "MY53212931"
    channels = { 1 = ["tap", "gnd"], 2 = ["loop", "shunt"] }
    noise = { voltage = "1 nV", current = "1 pA" }
    [instruments.ohms]
    model = "34461a"
    serial = "SIM3"
    channels = { 1 = ["a", "b"] }
    [circuit]
    upper = { kind = "resistor", nodes = ["out", "tap"], value = "3 kΩ" }
    lower = { kind = "resistor", nodes = ["tap", "gnd"], value = "1 kΩ" }
    unknown = { kind = "resistor", nodes = ["a", "b"], value = "4.7 kΩ" }
    anchor = { kind = "resistor", nodes = ["b", "gnd"], value = "1 Ω" }
    sink = { kind = "resistor", nodes = ["shunt", "gnd"], value = "99.9 Ω" }
    ripple = { kind = "ripple", nodes = ["tap", "gnd"], amplitude = "1 V", frequency = "1 kHz", shape = "sine" }
"#;

#[test]
fn dialogue() {
    Bench::fast(METER).client("dmm").dialogue(&[
        ("*IDN?", "Keysight Technologies,34461A,MY53212931,A.02.08-02.37-02.08-00.49-01-01"),
        ("*ESR?", "+128"),
        ("*OPC?", "1"),
        ("SYST:ERR?", "+0,\"No error\""),
        ("CONF?", "\"VOLT +1.00000000E+01,+1.00000000E-05\""),
        ("CONF:VOLT:DC 1", ""),
        ("CONF?", "\"VOLT +1.00000000E+00,+1.00000000E-06\""),
        ("VOLT:DC:RANG?;RANG:AUTO?", "+1.00000000E+00;0"),
        ("VOLT:DC:NPLC?", "+1.00000000E+01"),
        ("VOLT:NPLC 1;:VOLT:DC:NPLC?", "+1.00000000E+00"),
        ("VOLT:NPLC? MAX", "+1.00000000E+02"),
        ("SENS:VOLT:DC:ZERO:AUTO?", "1"),
        ("VOLT:ZERO:AUTO ONCE;AUTO?", "0"),
        ("VOLT:IMP:AUTO ON;AUTO?", "1"),
        ("FUNC?", "\"VOLT\""),
        ("FUNC \"CURR:AC\"", ""),
        ("FUNC?", "\"CURR:AC\""),
        ("CONF:RES 4700,0.1", ""),
        ("CONF?", "\"RES +1.00000000E+04,+1.00000000E-01\""),
        ("SAMP:COUN 3;:SAMP:COUN?", "+3"),
        ("TRIG:COUN?;SOUR?", "+1;IMM"),
        ("TRIG:SOUR BUS;SOUR?", "BUS"),
        ("CONF:VOLT:DC AUTO", ""),
        ("SAMP:COUN?;:TRIG:SOUR?;:VOLT:RANG:AUTO?", "+1;IMM;1"),
        ("DATA:POIN?", "+0"),
        ("CONF:CURR:DC 3;:CONF?", "\"CURR +3.00000000E+00,+3.00000000E-06\""),
        ("*RST", ""),
        ("CONF?", "\"VOLT +1.00000000E+01,+1.00000000E-05\""),
    ]);
}

#[test]
fn readings_follow_the_circuit() {
    let bench = Bench::fast(METER);
    bench.client("psu").tell(":APPL CH1,10,1;:OUTP CH1,ON;:APPL CH2,10,1;:OUTP CH2,ON");
    let mut dmm = bench.client("dmm");
    let mut near = |message: &str, wanted: f64, within: f64| {
        let found = dmm.number(message);
        assert!((found - wanted).abs() < within, "{message}: {found} is not {wanted}");
    };
    // 10 MΩ across 750 Ω of source: 75 ppm less.
    near("CONF:VOLT:DC 10;:READ?", 2.5 * (1.0 - 75e-6), 2e-6);
    near("VOLT:IMP:AUTO ON;:READ?", 2.5, 2e-6);
    near("MEAS:VOLT:DC?", 2.5 * (1.0 - 75e-6), 2e-6);
    near("MEAS:VOLT:AC?", 1.0 / 8.0_f64.sqrt(), 1e-4);
    near("MEAS:FREQ?", 1000.0, 1e-9);
    near("MEAS:PER?", 1e-3, 1e-9);
    // 10 V through 99.9 Ω and the shunt of 0.1 Ω.
    near("CONF:CURR:DC 1;:READ?", 0.1, 1e-6);
    near("MEAS:CURR:DC?", 10.0 / 100.0, 1e-6);
    let mut ohms = bench.client("ohms");
    let found = ohms.number("MEAS:RES?");
    assert!((found - 4700.0).abs() < 0.1, "{found}");
    assert_eq!(ohms.ask("CONF?"), "\"RES +1.00000000E+04,+1.00000000E-02\"");
    assert_eq!(ohms.ask("CONF:RES 1E3;:READ?"), "+9.90000000E+37");
}

#[test]
fn beyond_its_range_it_says_overload() {
    let bench = Bench::fast(METER);
    bench.client("psu").tell(":APPL CH1,10,1;:OUTP CH1,ON");
    let mut dmm = bench.client("dmm");
    assert_eq!(dmm.ask("CONF:VOLT:DC 1;:READ?"), "+9.90000000E+37");
    bench.client("psu").tell(":APPL CH1,4.4,1");
    assert!((dmm.number("READ?") - 1.1).abs() < 1e-3);
    // Not connected: nothing flows, an open resistance is an overload.
    let mut ohms = bench.client("ohms");
    assert_eq!(ohms.ask("MEAS:CURR?").len(), "+0.00000000E+00".len());
    dmm.send("CONF:VOLT:DC 2000");
    assert_eq!(dmm.ask("SYST:ERR?"), "-222,\"Data out of range\"");
}

#[test]
fn readings_are_triggered_kept_and_taken_out() {
    let bench = Bench::fast(METER);
    let mut dmm = bench.client("dmm");
    dmm.send("FETC?");
    assert_eq!(dmm.ask("SYST:ERR?"), "-230,\"Data corrupt or stale\"");
    dmm.tell("CONF:VOLT:DC 10;:SAMP:COUN 4;:INIT");
    let four = dmm.ask("FETC?");
    assert_eq!(four.split(',').count(), 4);
    assert_eq!(dmm.ask("DATA:POIN?"), "+4");
    let two: Vec<_> = four.split(',').take(2).collect();
    let block = two.join(",");
    assert_eq!(dmm.ask("R? 2"), format!("#2{}{block}", block.len()));
    assert_eq!(dmm.ask("DATA:POIN?"), "+2");
    dmm.tell("TRIG:SOUR BUS;:SAMP:COUN 1;:INIT");
    assert_eq!(dmm.ask("DATA:POIN?"), "+0");
    dmm.send("INIT");
    assert_eq!(dmm.ask("SYST:ERR?"), "-213,\"Init ignored\"");
    dmm.send("READ?");
    assert_eq!(dmm.ask("SYST:ERR?"), "-214,\"Trigger deadlock\"");
    dmm.tell("*TRG");
    assert_eq!(dmm.ask("FETC?").split(',').count(), 1);
    dmm.send("TRIG:SOUR IMM;COUN 1000;:SAMP:COUN 1000;:INIT");
    assert_eq!(dmm.ask("SYST:ERR?"), "-221,\"Settings conflict\"");
}

/// 0.2 power line cycles with auto-zero are 8 ms; `*OPC?` waits for all of them, and so does `FETC?`.
#[test]
fn integration_takes_its_time() {
    let bench = Bench::of(METER);
    let mut dmm = bench.client("dmm");
    let mut timed = |message: &str| {
        let start = Instant::now();
        dmm.ask(message);
        start.elapsed()
    };
    assert!(
        timed("CONF:VOLT:DC 10;:VOLT:NPLC 0.2;:SAMP:COUN 5;:READ?") >= Duration::from_millis(40)
    );
    assert!(timed("INIT;*OPC?") >= Duration::from_millis(40));
    assert_eq!(dmm.ask("FETC?"), dmm.ask("FETC?"));
    dmm.tell("*CLS;:INIT;*OPC");
    assert_eq!(dmm.ask("FETC?;*ESR?").split(';').next_back().unwrap(), "+1");
}

/// Readings after an `INIT` are taken when they are due, not when they are fetched.
#[test]
fn readings_are_taken_in_the_background() {
    let bench = Bench::of(METER);
    let mut psu = bench.client("psu");
    psu.tell(":APPL CH1,4,1;:OUTP CH1,ON");
    let mut dmm = bench.client("dmm");
    dmm.send("CONF:VOLT:DC 10;:VOLT:NPLC 0.02;:SAMP:COUN 2000;:INIT");
    while dmm.number("DATA:POIN?") < 2.0 {}
    psu.tell(":OUTP CH1,OFF");
    dmm.tell("ABOR");
    let kept = dmm.ask("R? 1");
    assert!(!kept.ends_with("+0.00000000E+00"), "{kept}");
}

#[test]
fn noise_falls_with_the_integration_time() {
    let bench =
        Bench::fast(&METER.replace("noise = { voltage = \"1 nV\", current = \"1 pA\" }", ""));
    bench.client("psu").tell(":APPL CH1,10,1;:OUTP CH1,ON");
    let mut dmm = bench.client("dmm");
    let mut spread = |nplc: &str| {
        let readings = dmm.ask(&format!("CONF:VOLT:DC 10;:VOLT:NPLC {nplc};:SAMP:COUN 200;:READ?"));
        let readings: Vec<f64> = readings.split(',').map(|text| text.parse().unwrap()).collect();
        let mean = readings.iter().sum::<f64>() / 200.0;
        (readings.iter().map(|reading| (reading - mean).powi(2)).sum::<f64>() / 200.0).sqrt()
    };
    let (fast, slow) = (spread("0.02"), spread("10"));
    assert!(fast > 10.0 * slow && slow > 0.0 && slow < 5e-6, "{fast} {slow}");
}

/// 10 V through 100 Ω and the shunt of 0.1 Ω: a reading does not open the circuit that it measures.
#[test]
fn a_current_is_the_same_at_every_reading() {
    let bench = Bench::of(METER);
    bench.client("psu").tell(":APPL CH2,10,1;:OUTP CH2,ON");
    let mut dmm = bench.client("dmm");
    dmm.send("CONF:CURR:DC 0.1;:CURR:NPLC 1;ZERO:AUTO OFF;:SAMP:COUN 5;:READ?");
    let readings: Vec<f64> = dmm.line().unwrap().split(',').map(|it| it.parse().unwrap()).collect();
    for reading in readings.iter().skip(2) {
        assert!((reading / 0.1 - 1.0).abs() < 1e-4, "{readings:?}");
    }
}

/// A platinum resistor of 138.51 Ω is at 100 °C (IEC 60751, table 1); 4.7 µF; and the statistics of five readings.
#[test]
fn temperature_capacitance_and_statistics() {
    let bench = Bench::fast(
        r#"
        name = "more"
        [instruments.dmm]
        model = "34461a"
        serial = "S"
        channels = { 1 = ["rtd", "gnd"] }
        [instruments.cap]
        model = "34461a"
        serial = "S"
        channels = { 1 = ["c", "gnd"] }
        [circuit]
        sensor = { kind = "resistor", nodes = ["rtd", "gnd"], value = "138.51 Ω" }
        unknown = { kind = "capacitor", nodes = ["gnd", "c"], value = "4.7 µF" }
    "#,
    );
    let mut dmm = bench.client("dmm");
    let degrees = dmm.number("MEAS:TEMP? FRTD,85");
    assert!((degrees - 100.0).abs() < 0.02, "{degrees}");
    let farads = bench.client("cap").number("MEAS:CAP? 10E-6");
    assert!((farads / 4.7e-6 - 1.0).abs() < 1e-3, "{farads}");
    dmm.tell("CONF:RES 1000;:CALC:AVER ON;:SAMP:COUN 5;:INIT;*WAI");
    assert_eq!(dmm.ask("CALC:AVER:COUN?"), "+5.00000000E+00");
    let mean = dmm.number("CALC:AVER:AVER?");
    assert!((mean - 138.51).abs() < 0.01, "{mean}");
    assert_eq!(dmm.ask("CALC:AVER:ALL?").split(',').count(), 4);
    assert_eq!(dmm.ask("CALC:AVER:CLE;:CALC:AVER:COUN?;:CALC:AVER?"), "+0.00000000E+00;1");
}
