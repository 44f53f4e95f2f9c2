//! The circuit against answers that are known without it, on benches whose time is spent and not waited for.

use std::time::{Duration, Instant};

use crate::client::Bench;

const INSTRUMENTS: &str = r#"
    name = "physics"
    [instruments.psu]
    model = "dp832"
    serial = "SIM1"
    channels = { 1 = ["out", "gnd"] }
    noise = { voltage = "1 nV", current = "1 nA" }
    settling = "10 µs"
    [instruments.load]
    model = "dl3021"
    serial = "SIM2"
    channels = { 1 = ["rail", "gnd"] }
    noise = { voltage = "1 nV", current = "1 nA" }
    [instruments.dmm]
    model = "34461a"
    serial = "SIM3"
    channels = { 1 = ["rail", "gnd"] }
    noise = { voltage = "1 nV", current = "1 nA" }
    [circuit]
"#;

fn bench(circuit: &str) -> Bench {
    Bench::fast(&format!("{INSTRUMENTS}{circuit}"))
}

/// 10 V through 10 kΩ into 100 µF: one second is one time constant.
#[test]
fn a_capacitor_behind_a_resistor() {
    let bench = bench(
        r#"
        r = { kind = "resistor", nodes = ["out", "rail"], value = "10 kΩ" }
        c = { kind = "capacitor", nodes = ["rail", "gnd"], value = "100 µF" }
    "#,
    );
    let controls = bench.served.controls();
    bench.client("psu").tell(":APPL CH1,10,1;:OUTP CH1,ON");
    // Beside it there are the meter's 10 MΩ and the load's 300 kΩ.
    let parallel = 1.0 / (1.0 / 10e6 + 1.0 / 300e3);
    let (end, tau) = (10.0 * parallel / (parallel + 10e3), 1.0 / (1.0 + 10e3 / parallel));
    let mut time = 1e-4;
    for step in [0.1, 0.4, 0.5, 1.0, 3.0] {
        controls.advance(Duration::from_secs_f64(step));
        time += step;
        let wanted = end * (1.0 - f64::exp(-time / tau));
        let found = controls.voltage("rail").unwrap();
        assert!((found - wanted).abs() < 5e-3, "{time} s: {found} is not {wanted}");
    }
}

/// A battery of 0.5 Ah at 1 A ends after half an hour; what came out of it is found again by trapezoids.
#[test]
fn the_capacity_of_a_battery_by_trapezoid() {
    let bench = bench(
        r#"
        cell = { kind = "battery", nodes = ["rail", "gnd"], capacity = "0.5 Ah", resistance = "50 mΩ", empty = "2.5 V", full = "4.2 V" }
        link = { kind = "switch", nodes = ["out", "rail"] }
    "#,
    );
    let controls = bench.served.controls();
    let mut load = bench.client("load");
    load.tell(":SOUR:FUNC CURR;:SOUR:CURR 1;:SOUR:INP ON");
    let (mut last, mut coulombs, mut seconds) = (load.number(":MEAS:CURR?"), 0.0, 0.0);
    while load.number(":MEAS:VOLT?") > 2.5 && seconds < 4000.0 {
        controls.advance(Duration::from_secs(10));
        let amperes = load.number(":MEAS:CURR?");
        coulombs += 10.0 * f64::midpoint(last, amperes);
        (last, seconds) = (amperes, seconds + 10.0);
    }
    // The end voltage is reached when 1 A * 50 mΩ of 1.7 V are still in it.
    let wanted = 1800.0 * (1.0 - 0.05 / 1.7);
    assert!((coulombs - wanted).abs() < 15.0, "{coulombs} C are not {wanted} C");
    // Charged from the supply, it takes what the supply's limit gives.
    load.tell(":SOUR:INP OFF");
    controls.switch("link", true).unwrap();
    let mut psu = bench.client("psu");
    psu.tell(":APPL CH1,4.2,0.5;:OUTP CH1,ON");
    assert!((psu.number(":MEAS:CURR? CH1") - 0.5).abs() < 1e-3);
    assert_eq!(psu.ask(":OUTP:MODE? CH1"), "CC");
    controls.advance(Duration::from_secs(2 * 3600));
    assert_eq!(psu.ask(":OUTP:MODE? CH1"), "CV");
    assert!(psu.number(":MEAS:CURR? CH1") < 0.05);
    assert!(controls.switch("nothing", true).is_err());
}

/// The most that the data sheet of the LM1117-5.0 says: 1.30, 1.35, 1.40 V at 0.1, 0.5, 0.8 A, for 1 % less of output.
#[test]
fn the_dropout_of_a_regulator() {
    let bench = bench(
        r#"
        ldo = { kind = "regulator", input = "out", output = "rail", ground = "gnd", nominal = "5.003 V", dropout = "1.12 V", load_regulation = "9 mV/A", current_limit = "1.2 A" }
    "#,
    );
    let (mut psu, mut load, mut dmm) =
        (bench.client("psu"), bench.client("load"), bench.client("dmm"));
    for (amperes, most) in [(0.1, 1.30), (0.5, 1.35), (0.8, 1.40)] {
        load.tell(&format!(":SOUR:FUNC CURR;:SOUR:CURR {amperes};:SOUR:INP ON"));
        psu.tell(":APPL CH1,8,2;:OUTP CH1,ON");
        let start = dmm.number("MEAS:VOLT:DC?");
        assert!((4.8..5.2).contains(&start), "{start}");
        let mut volts = 7.0;
        let dropout = loop {
            psu.tell(&format!(":APPL CH1,{volts:.3},2"));
            let output = dmm.number("MEAS:VOLT:DC?");
            if output < 0.99 * start {
                break volts - output;
            }
            volts -= 0.01;
        };
        assert!((1.0..most).contains(&dropout), "{amperes} A: {dropout} V");
    }
}

/// A diode conducts one way, a light emitting one at its own voltage: (5 - 2) V / 300 Ω.
#[test]
fn diodes() {
    let bench = bench(
        r#"
        r = { kind = "resistor", nodes = ["out", "rail"], value = "300 Ω" }
        light = { kind = "led", nodes = ["rail", "gnd"], forward = "2 V", resistance = "1 mΩ" }
        back = { kind = "diode", nodes = ["gnd", "rail"] }
    "#,
    );
    bench.client("psu").tell(":APPL CH1,5,1;:OUTP CH1,ON");
    let amperes = bench.client("psu").number(":MEAS:CURR? CH1");
    assert!((amperes - 0.01).abs() < 1e-4, "{amperes}");
    assert!((bench.client("dmm").number("MEAS:VOLT:DC?") - 2.0).abs() < 1e-3);
}

/// 100 Ω of 1000 ppm/K at 100 K/W across 10 V: it ends where R = 100 Ω (1 + 0.1 * 100 Ω / R), a tenth less of a tenth more.
#[test]
fn a_resistor_drifts_as_it_warms_up() {
    let bench = bench(
        r#"
        hot = { kind = "resistor", nodes = ["out", "rail"], value = "100 Ω", ppm_per_kelvin = 1000, kelvin_per_watt = 100, warm_up = "60 s" }
        tail = { kind = "resistor", nodes = ["rail", "gnd"], value = "1 mΩ" }
    "#,
    );
    let mut psu = bench.client("psu");
    psu.tell(":APPL CH1,10,1;:OUTP CH1,ON");
    let mut ohms = |seconds| {
        bench.served.controls().advance(Duration::from_secs(seconds));
        10.0 / psu.number(":MEAS:CURR? CH1")
    };
    let (cold, at_tau, warm) = (ohms(0), ohms(60), ohms(1200));
    assert!((cold - 100.0).abs() < 0.2, "{cold}");
    assert!((105.0..107.0).contains(&at_tau), "{at_tau}");
    assert!((warm - (50.0 + f64::sqrt(3500.0))).abs() < 0.2, "{warm}");
}

/// A sine through 1 kΩ into 159.155 nF at 1 kHz, where both are the same: 3 dB less.
#[test]
fn a_low_pass_at_its_corner() {
    let bench = Bench::fast(
        r#"
        name = "low pass"
        [instruments.gen]
        model = "dg1032z"
        serial = "SIM1"
        channels = { 1 = ["in", "gnd"] }
        [instruments.dmm]
        model = "34461a"
        serial = "SIM2"
        channels = { 1 = ["out", "gnd"] }
        [circuit]
        r = { kind = "resistor", nodes = ["in", "out"], value = "950 Ω" }
        c = { kind = "capacitor", nodes = ["out", "gnd"], value = "159.155 nF" }
    "#,
    );
    bench.client("gen").tell(":SOUR1:APPL:SIN 1000,2;:OUTP1 ON");
    let found = bench.client("dmm").number("MEAS:VOLT:AC?");
    assert!((found / 0.5 - 1.0).abs() < 1e-3, "{found}");
}

/// An hour of the shipped charger, a reading each second, and three of a battery: neither is waited for.
#[test]
fn an_hour_in_seconds() {
    let file = format!("{}/../../sim/charger.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).unwrap().replace("time = \"real\"", "time = \"fast\"");
    let readings = || {
        let bench = Bench::of(&text);
        bench.client("psu").tell(":APPL CH2,3.3,0.1;:OUTP CH2,ON;:APPL CH1,9,1.2;:OUTP CH1,ON");
        bench.client("load").tell(":SOUR:FUNC CURR;:SOUR:CURR 0.5;:SOUR:INP ON");
        let mut dmm = bench.client("dmm");
        let hour = (0..3600).map(|_| {
            bench.served.controls().advance(Duration::from_millis(600));
            dmm.ask("READ?")
        });
        hour.collect::<Vec<_>>()
    };
    let start = Instant::now();
    let first = readings();
    // Unoptimised and beside other tests; optimised it takes a tenth of that.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(first, readings(), "the same seed and the same dialogue give the same bytes");
}
