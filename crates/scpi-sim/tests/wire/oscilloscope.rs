//! The MSO5074 as its programming guide and a published dialogue have it, and what it shows of a circuit.

use crate::client::{Bench, Client};
use scpi_protocol::preamble::Preamble;
use scpi_protocol::response::Response;

const SCOPE: &str = r#"
    name = "scope"
    [instruments.psu]
    model = "dp832"
    serial = "SIM1"
    channels = { 1 = ["out", "gnd"] }
    [instruments.scope]
    model = "mso5074"
    serial = "MS5A221301338"
    channels = { 1 = ["out", "gnd"], 2 = ["out", "gnd"] }
    [circuit]
    ripple = { kind = "ripple", nodes = ["out", "gnd"], amplitude = "8 mV", frequency = "100 kHz", shape = "sawtooth" }
"#;

/// As a plan sets it for ripple: AC coupled, 20 MHz, 2 mV and 5 µs a division, on the rising edge.
const FOR_RIPPLE: &str = ":CHAN1:DISP ON;PROB 1;COUP AC;BWL 20M;SCAL 2E-3;OFFS 0;:TIM:MAIN:SCAL 5E-6;\
    :TRIG:MODE EDGE;:TRIG:EDGE:SOUR CHAN1;SLOP POS;LEV 0";

fn bench() -> Bench {
    let bench = Bench::fast(SCOPE);
    bench.client("psu").tell(":APPL CH1,5,1;:OUTP CH1,ON");
    bench
}

#[test]
fn dialogue() {
    Bench::fast(SCOPE).client("scope").dialogue(&[
        ("*IDN?", "RIGOL TECHNOLOGIES,MSO5074,MS5A221301338,00.01.03.00.01"),
        (":CHAN1:DISP?;:CHAN2:DISP?", "1;0"),
        (":CHAN1:PROB?", "1.000000E1"),
        (":CHAN1:PROB 1;PROB?;SCAL?", "1.000000E0;1.000000E-1"),
        (":CHAN1:SCAL 0.02;SCAL?", "2.000000E-2"),
        (":CHAN1:COUP?;COUP AC;COUP?", "DC;AC"),
        (":CHAN1:BWL?;BWL 20M;BWL?", "OFF;20M"),
        (":CHAN1:OFFS -0.5;OFFS?", "-5.000000E-1"),
        (":TIM:SCAL 1E-3;:TIM:MAIN:SCAL?", "1.000000E-3"),
        (":TIM:OFFS 2E-3;OFFS?", "2.000000E-3"),
        (":ACQ:TYPE?;TYPE HRESolution;TYPE?", "NORM;HRES"),
        (":ACQ:AVER 500;AVER?", "256"),
        (":ACQ:MDEP?;MDEP 1k;MDEP?", "AUTO;1.0000E+03"),
        (":ACQ:SRAT?", "1.000000E5"),
        (":TRIG:MODE?;MODE EDGE", "EDGE"),
        (":TRIG:EDGE:SOUR CHANnel2;SOUR?", "CHAN2"),
        (":TRIG:EDGE:SLOP NEG;SLOP?", "NEG"),
        (":TRIG:EDGE:LEV 0.1;LEV?", "1.000000E-1"),
        (":TRIG:SWE?;SWE NORM;SWE?", "AUTO;NORM"),
        (":WAV:SOUR?;MODE?;FORM?;STAR?;STOP?", "CHAN1;NORM;BYTE;1;1000"),
        ("*RST", ""),
        (":STOP;:TRIG:STAT?", "STOP"),
        (":MEAS:ITEM? VPP,CHAN3", "9.9E37"),
    ]);
}

#[test]
fn refusals() {
    let bench = Bench::fast(SCOPE);
    let mut scope = bench.client("scope");
    for (message, code) in [
        (":CHAN1:SCAL 1000", "-222"),
        (":CHAN5:DISP ON", "-114"),
        (":CHAN1:BWL 30M", "-224"),
        (":CHAN1:PROB 1;SCAL 0.02;OFFS 5", "-222"),
        (":ACQ:MDEP 3k", "-224"),
        (":TRIG:MODE PULS", "-224"),
        (":MEAS:ITEM? FOO,CHAN1", "-224"),
        (":MEAS:ITEM?", "-109"),
        (":WAV:STOP 2000", "-222"),
    ] {
        scope.send(message);
        assert_eq!(scope.ask("SYST:ERR?").split(',').next(), Some(code), "{message}");
    }
}

/// The samples of a capture by the preamble, as a client computes them.
fn volts(scope: &mut Client) -> Vec<f64> {
    let answer = scope.ask(":WAV:PRE?");
    let preamble = Preamble::rigol(&Response::new(answer.into_bytes())).unwrap();
    let codes = preamble.encoding.codes(&scope.block(":WAV:DATA?")).unwrap();
    assert_eq!(u64::try_from(codes.len()).unwrap(), preamble.samples);
    codes.iter().map(|code| preamble.vertical.value(*code).unwrap().to_f64()).collect()
}

#[test]
fn a_single_capture_of_ripple() {
    let bench = bench();
    let mut scope = bench.client("scope");
    scope.tell(FOR_RIPPLE);
    scope.tell(":SING");
    assert_eq!(scope.ask(":TRIG:STAT?"), "STOP");
    scope.tell(":WAV:SOUR CHAN1;MODE NORM;FORM BYTE");
    let pre = ":WAV:PRE?";
    assert_eq!(scope.ask(pre), "0,0,1000,1,5.000000E-8,-2.500000E-5,0.000000,8.0000E-05,0,128");
    let volts = volts(&mut scope);
    let (low, high) = volts.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    assert!((0.008..0.0093).contains(&(high - low)), "{low} {high}");
    // The trigger lies in the middle, on the rising edge, at the level.
    assert!(volts[500].abs() < 6e-4 && volts[450] < volts[550], "{}", volts[500]);
    let vpp = scope.number(":MEAS:ITEM? VPP,CHAN1");
    assert!((vpp - (high - low)).abs() < 1e-9, "{vpp}");
    let frequency = scope.number(":MEAS:ITEM? FREQ,CHAN1");
    assert!((frequency / 100e3 - 1.0).abs() < 0.01, "{frequency}");
    assert!(scope.number(":MEAS:ITEM? VAVG,CHAN1").abs() < 2e-4);
    let rms = scope.number(":MEAS:ITEM? VRMS,CHAN1");
    assert!((rms / (8e-3 / 12.0_f64.sqrt()) - 1.0).abs() < 0.02, "{rms}");
    assert_eq!(scope.ask(":MEAS:ITEM? VPP,CHAN2"), "9.9E37");
}

#[test]
fn direct_coupling_shows_the_steady_part_and_clips() {
    let bench = bench();
    let mut scope = bench.client("scope");
    scope.tell(":CHAN1:PROB 1;SCAL 1;OFFS -2;:STOP");
    let mean = scope.number(":MEAS:ITEM? VAVG,CHAN1");
    assert!((mean - 5.0).abs() < 0.03, "{mean}");
    assert_eq!(scope.ask(":WAV:PRE?").split(',').nth(8), Some("-50"));
    scope.tell(":RUN;:CHAN1:OFFS 0;SCAL 0.5;:STOP");
    assert!(scope.block(":WAV:DATA?").iter().all(|code| *code == 255));
    scope.tell(":RUN;:CHAN1:COUP GND;:STOP");
    assert!(scope.block(":WAV:DATA?").iter().all(|code| (126..=130).contains(code)));
}

#[test]
fn without_a_crossing_it_waits_until_it_is_forced() {
    let bench = bench();
    let mut scope = bench.client("scope");
    scope.tell(FOR_RIPPLE);
    scope.tell(":TRIG:EDGE:LEV 8E-3;:SING");
    assert_eq!(scope.ask(":TRIG:STAT?"), "WAIT");
    assert_eq!(scope.block(":WAV:DATA?"), b"");
    assert_eq!(scope.ask(":MEAS:ITEM? VPP,CHAN1"), "9.9E37");
    scope.tell(":TFOR");
    assert_eq!(scope.ask(":TRIG:STAT?"), "STOP");
    assert_eq!(scope.block(":WAV:DATA?").len(), 1000);
    scope.tell(":TRIG:EDGE:LEV 0;:RUN");
    assert_eq!(scope.ask(":TRIG:SWE?;STAT?"), "AUTO;TD");
    scope.tell(":TRIG:EDGE:LEV 8E-3");
    assert_eq!(scope.ask(":TRIG:STAT?"), "AUTO");
}

/// Deep memory, read in parts; every part is the same when it is read again.
#[test]
fn memory_is_read_in_parts() {
    let bench = bench();
    let mut scope = bench.client("scope");
    scope.tell(FOR_RIPPLE);
    scope.tell(":ACQ:MDEP 1M;:TIM:SCAL 1E-3;:SING");
    scope.tell(":WAV:SOUR CHAN1;MODE RAW;FORM BYTE;STAR 1;STOP 250000");
    let first = scope.block(":WAV:DATA?");
    assert_eq!(first.len(), 250_000);
    scope.tell(":WAV:STAR 249001;STOP 250000");
    assert_eq!(scope.block(":WAV:DATA?"), first[249_000..]);
    let preamble = scope.ask(":WAV:PRE?");
    assert_eq!(preamble.split(',').nth(4), Some("1.000000E-8"));
    scope.tell(":WAV:FORM WORD;STAR 1;STOP 2");
    assert_eq!(scope.block(":WAV:DATA?"), [first[0], 0, first[1], 0]);
    scope.tell(":RUN");
    assert_eq!(scope.block(":WAV:DATA?"), b"");
}

#[test]
fn the_bandwidth_limit_and_averaging_lower_the_noise() {
    let bench = Bench::fast(SCOPE);
    let mut scope = bench.client("scope");
    scope.tell(":CHAN1:PROB 1;SCAL 500E-6;COUP GND");
    let mut noise = |setup: &str| {
        scope.tell(&format!(":RUN;{setup};:STOP"));
        scope.number(":MEAS:ITEM? VRMS,CHAN1")
    };
    let (full, limited) = (noise(":CHAN1:BWL OFF"), noise(":CHAN1:BWL 20M"));
    let averaged = noise(":ACQ:TYPE AVER;:ACQ:AVER 16");
    assert!(full > 1.5 * limited && limited > 2.0 * averaged, "{full} {limited} {averaged}");
}

/// A sine that begins at the trigger's level triggers too, and a time base that goes fast shows it slow.
#[test]
fn a_sine_of_10_khz_by_a_clock_that_goes_fast() {
    let file =
        SCOPE.replace("8 mV", "2 V").replace("100 kHz", "10 kHz").replace("sawtooth", "sine");
    let off = "serial = \"MS5A221301338\"\n errors = { clock_ppm = 20_000 }";
    let bench = Bench::fast(&file.replace("serial = \"MS5A221301338\"", off));
    bench.client("psu").tell(":APPL CH1,5,1;:OUTP CH1,ON");
    let mut scope = bench.client("scope");
    scope.tell(":CHAN1:PROB 1;COUP AC;SCAL 0.5;:TIM:SCAL 2E-4;:TRIG:EDGE:LEV 0;:SING");
    assert_eq!(scope.ask(":TRIG:STAT?"), "STOP");
    let frequency = scope.number(":MEAS:ITEM? FREQ,CHAN1");
    assert!((frequency * 1.02 / 10e3 - 1.0).abs() < 2e-3, "{frequency}");
}
