//! The DP832 as its programming guide and published dialogues have it, and what it drives.

use crate::client::Bench;

const SUPPLY: &str = r#"
    name = "supply"
    [instruments.psu]
    model = "dp832"
    serial = "DP8C194205678"
    firmware = "00.01.14"
    channels = { 1 = ["out", "gnd"] }
    noise = { voltage = "1 nV", current = "1 nA" }
    [circuit]
    r = { kind = "resistor", nodes = ["out", "gnd"], value = "10 Ω" }
"#;

#[test]
fn dialogue() {
    Bench::fast(SUPPLY).client("psu").dialogue(&[
        ("*IDN?", "RIGOL TECHNOLOGIES,DP832,DP8C194205678,00.01.14"),
        ("*ESR?", "128"),
        ("*OPC?", "1"),
        ("*TST?", "0"),
        ("SYST:ERR?", "0,\"No error\""),
        (":APPL? CH1", "CH1:30V/3A,0.000,3.000"),
        (":APPL CH1,5,0.1", ""),
        (":APPL? CH1", "CH1:30V/3A,5.000,0.100"),
        (":APPL? CH1,CURR", "0.100"),
        (":APPLY CH3,MAX,DEF", ""),
        ("appl? ch3", "CH3:5V/3A,5.300,3.000"),
        (":INST?", "CH3"),
        (":INST:NSEL 2", ""),
        (":INST:NSEL?", "2"),
        (":VOLT 1.2341;:CURR 500 MA", ""),
        (":VOLT?;CURR?", "1.234;0.500"),
        (":SOUR2:VOLT:LEV:IMM:AMPL?", "1.234"),
        (":VOLT? MAX", "32.000"),
        (":SOUR1:VOLT?", "5.000"),
        (":OUTP? CH1", "OFF"),
        (":OUTP CH1,ON", ""),
        (":OUTP? CH1", "ON"),
        (":OUTP:MODE? CH1", "CC"),
        (":SOUR1:CURR 1", ""),
        (":OUTP:MODE? CH1", "CV"),
        (":MEAS:ALL? CH1", "4.9999,0.5000,2.500"),
        (":MEAS? CH1", "4.9999"),
        (":MEAS:CURR? CH1", "0.5000"),
        (":MEAS:POWE? CH1", "2.500"),
        (":MEAS:ALL? CH2", "0.0000,0.0000,0.000"),
        (":OUTP:OVP:VAL CH1,8.8", ""),
        (":OUTP:OVP:VAL? CH1", "8.800"),
        (":OUTP:OVP CH1,ON", ""),
        (":OUTP:OVP? CH1", "ON"),
        (":OUTP:OVP:QUES? CH1", "NO"),
        (":OUTP:OCP:VAL CH1,0.5", ""),
        (":OUTP:OCP:VAL? CH1", "0.5000"),
        (":OUTP:OCP? CH1", "OFF"),
        ("*RST", ""),
        (":OUTP? CH1;:OUTP:OVP? CH1;:APPL? CH1", "OFF;OFF;CH1:30V/3A,0.000,3.000"),
    ]);
}

#[test]
fn refusals_have_the_standards_numbers() {
    let bench = Bench::fast(SUPPLY);
    let mut psu = bench.client("psu");
    for (message, error) in [
        ("VOLT 40", "-222,\"Data out of range\""),
        ("VOLT", "-109,\"Missing parameter\""),
        ("VOLT 1,2", "-108,\"Parameter not allowed\""),
        ("VOLT 5 A", "-131,\"Invalid suffix\""),
        ("VOLT FOO", "-224,\"Illegal parameter value\""),
        ("VOLT 'x'", "-104,\"Data type error\""),
        (":OUTP CH4,ON", "-224,\"Illegal parameter value\""),
        ("FOO", "-113,\"Undefined header\""),
        ("SOUR4:VOLT 1", "-114,\"Header suffix out of range\""),
        ("VOLT 5 5", "-103,\"Invalid separator\""),
        ("*TRG", "-211,\"Trigger ignored\""),
    ] {
        psu.send(message);
        assert_eq!(psu.ask("SYST:ERR?"), error, "{message}");
    }
    assert_eq!(psu.ask("SYST:ERR?"), "0,\"No error\"");
    assert_eq!(psu.ask("APPL? CH1"), "CH1:30V/3A,0.000,3.000");
}

/// 5 V into 10 Ω: 0.5 A, 5 V - 0.3 mΩ * 0.5 A; a limit of 0.2 A gives 2 V.
#[test]
fn crossover_from_voltage_to_current() {
    let bench = Bench::fast(SUPPLY);
    let mut psu = bench.client("psu");
    psu.tell(":APPL CH1,5,1;:OUTP CH1,ON");
    let voltage = |node| bench.served.controls().voltage(node).unwrap();
    assert!((voltage("out") - (5.0 - 0.5 * 3e-4)).abs() < 1e-5, "{}", voltage("out"));
    assert_eq!(psu.ask(":OUTP:MODE? CH1"), "CV");
    psu.tell(":SOUR1:CURR 0.2");
    assert!((voltage("out") - 2.0).abs() < 1e-5, "{}", voltage("out"));
    assert_eq!(psu.ask(":OUTP:MODE? CH1;:MEAS:ALL? CH1"), "CC;2.0000,0.2000,0.400");
}

#[test]
fn protection_switches_off_and_holds() {
    let bench = Bench::fast(SUPPLY);
    let mut psu = bench.client("psu");
    let is_on = || bench.served.controls().output_on("psu", 1).unwrap();
    psu.tell(":APPL CH1,5,1;:OUTP:OVP:VAL CH1,6;:OUTP:OVP CH1,ON;:OUTP CH1,ON");
    assert!(is_on());
    psu.tell(":SOUR1:VOLT 6.5");
    assert!(!is_on());
    assert_eq!(psu.ask(":OUTP:OVP:QUES? CH1;:OUTP? CH1"), "YES;OFF");
    psu.send(":OUTP CH1,ON");
    assert_eq!(psu.ask("SYST:ERR?"), "-221,\"Settings conflict\"");
    psu.tell(":SOUR1:VOLT 5;:OUTP:OVP:CLE CH1;:OUTP CH1,ON");
    assert!(is_on());
    psu.tell(":OUTP:OCP:VAL CH1,0.4;:OUTP:OCP CH1,ON");
    assert_eq!(psu.ask(":OUTP:OCP:QUES? CH1;:OUTP? CH1"), "YES;OFF");
}

/// Straight after a step the output is still on its way; 5 ms are its time constant.
#[test]
fn a_step_takes_its_time() {
    let slow = SUPPLY.replace("firmware = ", "settling = \"30 s\"\n    firmware = ");
    let bench = Bench::of(&slow);
    let mut psu = bench.client("psu");
    psu.tell(":APPL CH1,5,1;:OUTP CH1,ON");
    let now = bench.served.controls().voltage("out").unwrap();
    assert!(now > 0.0 && now < 2.5, "{now}");
    assert_eq!(
        Bench::fast(&slow).client("psu").ask(":APPL CH1,5,1;:OUTP CH1,ON;:MEAS? CH1"),
        "4.9999"
    );
}

#[test]
fn two_channels_that_track() {
    Bench::fast(SUPPLY).client("psu").dialogue(&[
        (":OUTP:TRAC? CH1", "OFF"),
        (":APPL CH2,3,1;:OUTP:TRAC CH1,ON;TRAC? CH2", "ON"),
        (":APPL CH1,5,0.5;:APPL? CH2", "CH2:30V/3A,5.000,0.500"),
        (":SOUR2:VOLT 6;:APPL? CH1,VOLT", "6.000"),
        (":OUTP? CH2", "OFF"),
        ("*RST;:OUTP:TRAC? CH1", "OFF"),
    ]);
}
