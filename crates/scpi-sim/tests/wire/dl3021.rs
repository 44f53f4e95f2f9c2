//! The DL3021 as its programming guide has it, and what it takes out of a circuit.

use crate::client::Bench;

const LOAD: &str = r#"
    name = "load"
    [instruments.psu]
    model = "dp832"
    serial = "SIM1"
    channels = { 1 = ["out", "gnd"] }
    [instruments.load]
    model = "dl3021"
    serial = "DL3A204800938"
    channels = { 1 = ["out", "gnd"] }
    noise = { voltage = "1 nV", current = "1 nA" }
"#;

#[test]
fn dialogue() {
    Bench::fast(LOAD).client("load").dialogue(&[
        ("*IDN?", "RIGOL TECHNOLOGIES,DL3021,DL3A204800938,00.01.05.00.01"),
        (":SOUR:FUNC?", "CC"),
        (":SOUR:FUNC RES", ""),
        (":SOUR:FUNC?", "CR"),
        (":FUNC VOLTage;FUNC?", "CV"),
        (":SOUR:FUNC POW;FUNC?", "CP"),
        (":SOUR:FUNC:MODE?", "FIX"),
        (":SOUR:CURR:LEV:IMM 1.5", ""),
        (":SOUR:CURR:LEV:IMM?", "1.500000"),
        (":SOUR:CURR? MAX", "40.000000"),
        (":SOUR:VOLT:LEV?", "150.000000"),
        (":SOUR:RES?", "15000.000000"),
        (":SOUR:CURR:RANG 3;RANG?", "4.000000"),
        (":SOUR:INP:STAT?", "0"),
        (":SOUR:INP:STAT ON", ""),
        (":SOUR:INP?", "1"),
        (":SOUR:SENS ON;SENS?", "1"),
        ("*RST", ""),
        (":SOUR:INP:STAT?;:SOUR:FUNC?;:SOUR:CURR?", "0;CC;0.000000"),
        (":MEAS:VOLT:DC?", "0.000000"),
        (":MEAS:RES?", "9.9E+37"),
    ]);
}

/// 10 V from 0.3 mΩ: 1 A, 2 Ω, 20 W; and 8 V held against a limit of 3 A.
#[test]
fn what_it_keeps_constant() {
    let bench = Bench::fast(LOAD);
    bench.client("psu").tell(":APPL CH1,10,3;:OUTP CH1,ON");
    let mut load = bench.client("load");
    for (mode, volts, amperes) in [
        (":SOUR:FUNC CURR;:SOUR:CURR 1;:SOUR:INP ON", 10.0 - 3e-4, 1.0),
        (":SOUR:FUNC RES;:SOUR:RES 5", 10.0 - 6e-4, 2.0),
        (":SOUR:FUNC POW;:SOUR:POW 20", 10.0 - 6e-4, 2.0),
        (":SOUR:FUNC VOLT;:SOUR:VOLT 8", 8.0 + 3.0 * 0.0325, 3.0),
        (":SOUR:INP OFF", 10.0, 0.0),
    ] {
        load.tell(mode);
        let (v, i) = (load.number(":MEAS:VOLT?"), load.number(":MEAS:CURR?"));
        assert!((v - volts).abs() < 1e-3 && (i - amperes).abs() < 1e-3, "{mode}: {v} V, {i} A");
    }
    assert!(!bench.served.controls().output_on("load", 1).unwrap());
    load.send(":SOUR:CURR 41");
    assert_eq!(load.ask("SYST:ERR?"), "-222,\"Data out of range\"");
}

/// 1 Ah from 4.2 V to 3 V behind 0.1 Ω, at 1 A: from 4.1 V it falls to 3.5 V in 1800 s, which is 0.5 Ah at a mean of 3.8 V,
/// 1.9 Wh. The trapezoid over readings agrees.
#[test]
fn a_battery_is_discharged_until_it_is_enough() {
    let bench = Bench::fast(
        r#"
        name = "battery"
        [instruments.load]
        model = "dl3021"
        serial = "DL3A204800938"
        channels = { 1 = ["cell", "gnd"] }
        noise = { voltage = "1 nV", current = "1 nA" }
        [circuit]
        cell = { kind = "battery", nodes = ["cell", "gnd"], capacity = "1 Ah", resistance = "0.1 Ω", empty = "3 V", full = "4.2 V" }
        "#,
    );
    let mut load = bench.client("load");
    load.dialogue(&[
        (":SOUR:FUNC:MODE BATT;MODE?", "BATT"),
        (":SOUR:BATT:LEV:IMM 1;:SOUR:BATT:VST 3.5;VEN ON;VST?;VEN?", "3.500000;1"),
        (":SOUR:BATT:CEN?;TEN?", "0;0"),
        (":SOUR:INP ON;INP?", "1"),
    ]);
    let (mut hours, mut before) = (0.0, load.number(":MEAS:CURR?"));
    for _ in 0..40 {
        bench.served.controls().advance(std::time::Duration::from_secs(60));
        let now = load.number(":MEAS:CURR?");
        hours += (before + now) / 2.0 / 60.0;
        before = now;
    }
    assert_eq!(load.ask(":SOUR:INP?"), "0");
    let (charge, energy) = (load.number(":MEAS:CAP?"), load.number(":MEAS:WATT?"));
    let seconds = load.number(":MEAS:DISC?");
    assert!((charge - 0.5).abs() < 1e-3 && (hours - charge).abs() < 0.01, "{charge} {hours}");
    assert!((energy - 1.9).abs() < 5e-3, "{energy}");
    assert!((seconds - 1800.0).abs() <= 2.0, "{seconds}");
    // The next one begins anew, and ends by its charge.
    load.tell(":SOUR:BATT:VEN OFF;CST 0.1;CEN ON;:SOUR:INP ON");
    bench.served.controls().advance(std::time::Duration::from_secs(600));
    assert_eq!(load.ask(":SOUR:INP?"), "0");
    let charge = load.number(":MEAS:CAP?");
    assert!((charge - 0.1).abs() < 1e-3, "{charge}");
}

/// 0.2 A and 1.2 A through 1 Ω: the oscilloscope sees 1 V of a square wave about the mean, the meters the mean.
#[test]
fn transients_are_seen_by_an_oscilloscope() {
    let bench = Bench::fast(
        r#"
        name = "transients"
        [instruments.psu]
        model = "dp832"
        serial = "SIM1"
        channels = { 1 = ["in", "gnd"] }
        [instruments.load]
        model = "dl3021"
        serial = "DL3A204800938"
        channels = { 1 = ["out", "gnd"] }
        noise = { voltage = "1 nV", current = "1 nA" }
        [instruments.scope]
        model = "mso5074"
        serial = "SIM2"
        channels = { 1 = ["out", "gnd"] }
        [circuit]
        lead = { kind = "resistor", nodes = ["in", "out"], value = "1 Ω" }
        "#,
    );
    bench.client("psu").tell(":APPL CH1,10,3;:OUTP CH1,ON");
    let mut load = bench.client("load");
    load.dialogue(&[
        (":SOUR:CURR:TRAN:MODE?;ALEV 1.2;BLEV 0.2;AWID 0.0005;BWID 0.0005;ALEV?", "CONT;1.200000"),
        (":SOUR:TRAN ON;:SOUR:INP ON;:SOUR:TRAN?", "1"),
    ]);
    let amperes = load.number(":MEAS:CURR?");
    assert!((amperes - 0.7).abs() < 1e-3, "{amperes}");
    let mut scope = bench.client("scope");
    scope.tell(":CHAN1:PROB 1;SCAL 2;OFFS -6;:TIM:MAIN:SCAL 5E-4;:TRIG:EDGE:SOUR CHAN1;LEV 9.3");
    scope.tell(":SING");
    let vpp = scope.number(":MEAS:ITEM? VPP,CHAN1");
    assert!((vpp - 1.0).abs() < 0.3, "{vpp}");
    let frequency = scope.number(":MEAS:ITEM? FREQ,CHAN1");
    assert!((frequency - 1000.0).abs() < 20.0, "{frequency}");
    for (message, amperes) in [
        (":SOUR:CURR:TRAN:MODE TOGG", 0.2),
        (":TRIG", 1.2),
        ("*TRG", 0.2),
        (":SOUR:CURR:TRAN:MODE PULS;:TRIG", 0.2),
        (":SOUR:TRAN OFF", 0.0),
    ] {
        load.tell(message);
        let found = load.number(":MEAS:CURR?");
        assert!((found - amperes).abs() < 1e-3, "{message}: {found}");
    }
    load.send(":TRIG");
    assert_eq!(load.ask("SYST:ERR?"), "-211,\"Trigger ignored\"");
}
