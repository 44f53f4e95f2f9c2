//! The same square wave on oscilloscopes of four makers, by the preamble and the block of each.

use scpi_protocol::preamble::Preamble;
use scpi_protocol::response::Response;

use crate::client::{Bench, Client};

const BENCH: &str = r#"
    name = "makers"
    [instruments.gen]
    model = "dg1032z"
    serial = "SIM1"
    channels = { 1 = ["out", "gnd"] }
    [instruments.scope]
    model = "MODEL"
    serial = "SIM2"
    channels = { 1 = ["out", "gnd"] }
"#;

fn bench(model: &str) -> (Bench, Client) {
    let bench = Bench::fast(&BENCH.replace("MODEL", model));
    bench.client("gen").tell(":SOUR1:APPL:SQU 1000,2,0.5,0;:OUTP1 ON");
    let scope = bench.client("scope");
    (bench, scope)
}

/// Of 1000 samples of 10 ms: half of them at 1.5 V and half at -0.5 V, the first one at -5 ms, rising in the middle.
fn check(preamble: &Preamble, block: &[u8]) {
    let codes = preamble.encoding.codes(block).unwrap();
    assert_eq!(u64::try_from(codes.len()).unwrap(), preamble.samples);
    let volts: Vec<f64> =
        codes.iter().map(|code| preamble.vertical.value(*code).unwrap().to_f64()).collect();
    let high = volts.iter().filter(|volts| (**volts - 1.5).abs() < 0.08).count();
    let low = volts.iter().filter(|volts| (**volts + 0.5).abs() < 0.08).count();
    assert!((480..=520).contains(&high) && high + low == 1000, "{high} {low} {:?}", &volts[..20]);
    assert!(volts[490] < 0.5 && volts[510] > 0.5);
    let first = preamble.horizontal.time(0).unwrap().to_f64();
    let step = preamble.horizontal.time(1).unwrap().to_f64() - first;
    assert!((first + 5e-3).abs() < 1e-8 && (step - 1e-5).abs() < 1e-10, "{first} {step}");
}

#[test]
fn keysight() {
    let (_bench, mut scope) = bench("dsox3024t");
    scope.dialogue(&[
        ("*IDN?", "KEYSIGHT TECHNOLOGIES,DSO-X 3024T,SIM2,07.30.2019051434"),
        (":CHAN1:DISP ON;PROB 1;COUP DC;BWL OFF;SCAL 0.5;OFFS 0.5", ""),
        (":CHAN1:OFFS?;RANG?", "+5.00000000E-01;+4.00000000E+00"),
        (":TIM:MODE MAIN;SCAL 1E-3;:TRIG:MODE EDGE;SWE NORM;EDGE:SOUR CHAN1;SLOP POS;LEV 0.5", ""),
        (":OPER:COND?", "+8"),
        (":SING;*OPC?", "1"),
        (":OPER:COND?", "+0"),
        (":WAV:SOUR CHAN1;FORM BYTE;UNS ON;POIN:MODE NORM", ""),
    ]);
    let answer = scope.ask(":WAV:PRE?");
    assert!(answer.starts_with("+0,+0,+1000,+1,"), "{answer}");
    let preamble = Preamble::keysight(&Response::new(answer.into_bytes())).unwrap();
    scope.send(":WAV:DATA?");
    check(&preamble, &scope.any_block());
    scope.send(":WAV:FORM WORD;PRE?");
    let answer = scope.line().unwrap();
    let preamble = Preamble::keysight(&Response::new(answer.into_bytes())).unwrap();
    scope.send(":WAV:DATA?");
    check(&preamble, &scope.any_block());
    let vpp = scope.number(":MEAS:VPP? CHAN1");
    assert!((vpp - 2.0).abs() < 0.1, "{vpp}");
    let mean = scope.number(":MEAS:VAV? DISP,CHAN1");
    assert!((mean - 0.5).abs() < 0.05, "{mean}");
}

#[test]
fn tektronix() {
    let (_bench, mut scope) = bench("mdo3104");
    scope.dialogue(&[
        ("*IDN?", "TEKTRONIX,MDO3104,SIM2,CF:91.1CT FV:v1.30"),
        ("HEADER?", ":HEADER 1"),
        ("CH1:SCA 0.5;:CH1:OFFS 0.5;:SEL:CH1 ON;:HOR:SCA 1E-3", ""),
        ("TRIG:A:EDGE:SOU CH1;SLO RIS;:TRIG:A:LEV 0.5;MOD NORM", ""),
        ("ACQ:STOPA SEQ;STATE RUN;*OPC?", "1"),
        ("ACQ:STATE?", ":ACQUIRE:STATE 0"),
        ("DAT:SOU CH1;ENC RIB;WID 1;STAR 1;STOP 100000", ""),
    ]);
    for (header, encoding) in [("ON", "RIB"), ("OFF", "RPB"), ("OFF", "SRI"), ("OFF", "ASCI")] {
        for width in [1, 2] {
            scope.send(&format!("HEAD {header};:DAT:ENC {encoding};WID {width};:WFMO?"));
            let answer = scope.line().unwrap();
            assert_eq!(answer.starts_with(":WFMOUTPRE:BYT_NR "), header == "ON", "{answer}");
            let preamble = Preamble::tektronix(&Response::new(answer.into_bytes())).unwrap();
            scope.send("CURV?");
            if encoding == "ASCI" {
                assert_eq!(scope.line().unwrap().split(',').count(), 1000);
            } else {
                check(&preamble, &scope.any_block());
            }
        }
    }
}

/// What only one of two series has, and what a probe says of itself.
#[test]
fn tektronix_5_series() {
    let (_bench, mut scope) = bench("mso54");
    scope.dialogue(&[
        ("CH2:PRO:GAIN?", ":CH2:PROBE:GAIN 1.0000"),
        ("HEAD OFF;:DIS:GLO:CH2:STATE ON;:CH2:PROBEF:EXTA 10;:CH2:PROBEF:EXTA?", "10.0000"),
        ("CH2:BAN 20E6;BAN?", "20.0000E+6"),
        ("CH2:BAN FUL;BAN?", "1.0000E+9"),
        ("CH2:SCA 50;SCA?", "50.0000"),
        ("SYST:ERR?", "0,\"No error\""),
        ("SEL:CH2 ON", ""),
        ("SYST:ERR?", "-113,\"Undefined header\""),
    ]);
    let (_bench, mut other) = bench("mdo3104");
    other.dialogue(&[
        ("HEAD OFF;:CH2:PROBEF:EXTA 10", ""),
        ("SYST:ERR?", "-113,\"Undefined header\""),
    ]);
}

#[test]
fn siglent() {
    let (_bench, mut scope) = bench("sds824x");
    scope.dialogue(&[
        (":CHAN1:SWIT ON;SCAL 0.5;OFFS -0.5;COUP DC;SCAL?", "5.00E-01"),
        (":TIM:SCAL 1E-3;:TRIG:TYPE EDGE;EDGE:SOUR C1;SLOP RIS;LEV 0.5", ""),
        (":TRIG:MODE SING;*OPC?;:TRIG:STAT?", "1;Stop"),
        (":WAV:SOUR C1;STAR 0;POIN 0;WIDT WORD", ""),
        (":ACQ:POIN?", "1.00E+03"),
    ]);
    scope.send(":WAV:PRE?");
    let record = scope.any_block();
    assert_eq!(record.len(), 346);
    let preamble = Preamble::siglent(&record, &"1E-3".parse().unwrap(), 10).unwrap();
    scope.send(":WAV:DATA?");
    check(&preamble, &scope.any_block());
    // Quirk Q1: another line feed behind it.
    assert_eq!(scope.line().as_deref(), Some(""));
}
