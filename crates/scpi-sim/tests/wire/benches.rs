//! The shipped benches do what their plans ask of them, with margin.

use crate::client::Bench;

fn shipped(name: &str) -> Bench {
    let file = format!("{}/../../sim/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).unwrap();
    Bench::of(&text.replace("time = \"real\"", "time = \"fast\""))
}

/// Within half of ± (0.05 % + 10 mV), and a load regulation below half of 0.1 %, from 1 V up.
#[test]
fn quickstart() {
    let bench = shipped("quickstart");
    let (mut psu, mut load, mut dmm) =
        (bench.client("psu"), bench.client("load"), bench.client("dmm"));
    psu.tell(":APPL CH1,0,2;:OUTP CH1,ON");
    load.tell(":SOUR:FUNC CURR;:SOUR:CURR 0;:SOUR:INP ON");
    for volts in [1.0, 3.3, 5.0, 12.0, 24.0] {
        psu.tell(&format!(":SOUR1:VOLT {volts}"));
        let mut readings = Vec::new();
        for amperes in [0.0, 0.25, 0.5, 1.0] {
            load.tell(&format!(":SOUR:CURR {amperes}"));
            let reading = dmm.number("CONF:VOLT:DC AUTO;:READ?");
            assert!((reading - volts).abs() < (0.0005 * volts + 0.01) / 2.0, "{volts}: {reading}");
            readings.push(reading);
        }
        let spread = readings.iter().copied().fold(f64::MIN, f64::max)
            - readings.iter().copied().fold(f64::MAX, f64::min);
        assert!(spread / volts < 0.001 / 2.0, "{volts}: {readings:?}");
    }
}

fn rail(name: &str) -> Vec<f64> {
    let bench = shipped(name);
    let (mut psu, mut load, mut dmm) =
        (bench.client("psu"), bench.client("load"), bench.client("dmm"));
    psu.tell(":APPL CH2,3.3,0.1;:OUTP CH2,ON;:APPL CH1,9,1.2;:OUTP CH1,ON");
    load.tell(":SOUR:FUNC CURR;:SOUR:INP ON");
    let mut readings = Vec::new();
    for volts in [7, 9, 12] {
        for amperes in ["0", "0.1", "0.2", "0.3", "0.4", "0.5", "1"] {
            psu.tell(&format!(":SOUR1:VOLT {volts}"));
            load.tell(&format!(":SOUR:CURR {amperes}"));
            assert_eq!(psu.ask(":OUTP:MODE? CH1;MODE? CH2"), "CV;CV");
            readings.push(dmm.number("CONF:VOLT:DC 10;:READ?"));
        }
    }
    load.tell(":SOUR:INP OFF");
    psu.tell(":OUTP CH1,OFF;:OUTP CH2,OFF");
    assert!(bench.served.controls().voltage("vout").unwrap() < 0.1);
    readings
}

#[test]
fn the_charger_holds_its_rail() {
    for reading in rail("charger") {
        assert!((reading - 5.0).abs() < 0.01, "{reading}");
    }
}

#[test]
fn the_failing_one_lies_too_high() {
    for reading in rail("failing") {
        assert!((5.058..5.066).contains(&reading), "{reading}");
    }
}

#[test]
fn ripple_is_there_while_the_output_is_on() {
    let bench = shipped("scope-ripple");
    let mut scope = bench.client("scope");
    let setup = ":CHAN1:PROB 1;COUP AC;BWL 20M;SCAL 2E-3;:TIM:SCAL 5E-6;:TRIG:EDGE:LEV 0;:SING";
    scope.tell(setup);
    assert_eq!(scope.ask(":TRIG:STAT?"), "WAIT");
    bench.client("psu").tell(":APPL CH1,5,1;:OUTP CH1,ON");
    assert_eq!(scope.ask(":TRIG:STAT?"), "STOP");
    let vpp = scope.number(":MEAS:ITEM? VPP,CHAN1");
    assert!((7.5e-3..9.5e-3).contains(&vpp), "{vpp}");
}
