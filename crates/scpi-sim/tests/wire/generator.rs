//! Generators as their guides have them, and what a meter and an oscilloscope see of them.

use crate::client::Bench;

/// Channel 1 into 50 Ω and a meter, channel 2 into the meter's current terminals through 50 Ω.
fn bench(model: &str) -> Bench {
    Bench::fast(&format!(
        r#"
        name = "generator"
        [instruments.gen]
        model = "{model}"
        serial = "SDG2XFBQ902599"
        channels = {{ 1 = ["out", "gnd"], 2 = ["loop", "gnd"] }}
        [instruments.dmm]
        model = "34461a"
        serial = "SIM2"
        channels = {{ 1 = ["out", "gnd"], 2 = ["loop", "end"] }}
        [instruments.scope]
        model = "mso5074"
        serial = "SIM3"
        channels = {{ 1 = ["out", "gnd"], 2 = ["loop", "gnd"] }}
        [circuit]
        termination = {{ kind = "resistor", nodes = ["out", "gnd"], value = "50 Ω" }}
        sink = {{ kind = "resistor", nodes = ["end", "gnd"], value = "49.9 Ω" }}
        "#
    ))
}

/// Answers as others measured them on an SDG2042X, and as its guide PG02-E05B has them.
#[test]
fn siglent_dialogue() {
    bench("sdg2042x").client("gen").dialogue(&[
        ("*IDN?", "Siglent Technologies,SDG2042X,SDG2XFBQ902599,2.01.01.38R4"),
        (
            "C1:BSWV?",
            "C1:BSWV WVTP,SINE,FRQ,1000HZ,PERI,0.001S,AMP,4V,AMPVRMS,1.414Vrms,OFST,0V,HLEV,2V,LLEV,-2V,PHSE,0",
        ),
        ("C1:OUTP?", "C1:OUTP OFF,LOAD,HZ,PLRT,NOR"),
        ("C1:OUTP ON;C2:OUTP ON,LOAD,75,PLRT,INVT", ""),
        ("C1:OUTP?", "C1:OUTP ON,LOAD,HZ,PLRT,NOR"),
        ("C2:OUTP?", "C2:OUTP ON,LOAD,75,PLRT,INVT"),
        ("C1:BSWV WVTP,RAMP,FRQ,2000,AMP,3", ""),
        (
            "C1:BSWV?",
            "C1:BSWV WVTP,RAMP,FRQ,2000HZ,PERI,0.0005S,AMP,3V,AMPVRMS,0.866051Vrms,OFST,0V,HLEV,1.5V,LLEV,-1.5V,PHSE,0,SYM,50",
        ),
        ("C1:BSWV WVTP,SINE,AMP,4,FRQ,1234.5678901;C1:OUTP LOAD,50", ""),
        (
            "C1:BASIC_WAVE?",
            "C1:BSWV WVTP,SINE,FRQ,1234.56789HZ,PERI,0.00081S,AMP,2V,AMPVRMS,0.707Vrms,OFST,0V,HLEV,1V,LLEV,-1V,PHSE,0",
        ),
        ("C1:OUTP LOAD,HZ;C1:BSWV FRQ,50E6,WVTP,NONSENSE,AMPVRMS,1Vrms,FOO,3", ""),
        (
            "C1:BSWV?",
            "C1:BSWV WVTP,SINE,FRQ,40000000HZ,PERI,2.5e-08S,AMP,2.82885V,AMPVRMS,1Vrms,OFST,0V,HLEV,1.41443V,LLEV,-1.41443V,PHSE,0",
        ),
        ("C1:BSWV WVTP,PULSE,FRQ,1KHZ,HLEV,2,LLEV,-2", ""),
        (
            "C1:BSWV?",
            "C1:BSWV WVTP,PULSE,FRQ,1000HZ,PERI,0.001S,AMP,4V,AMPVRMS,2Vrms,OFST,0V,HLEV,2V,LLEV,-2V,DUTY,20,WIDTH,0.0002,RISE,8.4e-09S,FALL,8.4e-09S,DLY,0",
        ),
        ("C1:BSWV WVTP,NOISE", ""),
        ("C1:BSWV?", "C1:BSWV WVTP,NOISE,STDEV,0.23V,MEAN,0V,BANDSTATE,OFF"),
        ("C1:BSWV WVTP,DC,OFST,1.5", ""),
        ("C1:BSWV?", "C1:BSWV WVTP,DC,OFST,1.5V"),
        ("*RST;C1:MDWV?", "C1:MDWV STATE,OFF"),
        ("C1:MDWV STATE,ON,AM", ""),
        (
            "C1:MDWV?",
            "C1:MDWV STATE,ON,AM,MDSP,SINE,SRC,INT,FRQ,100HZ,DEPTH,100,CARR,WVTP,SINE,FRQ,1000HZ,AMP,4V,AMPVRMS,1.414Vrms,OFST,0V,PHSE,0",
        ),
        ("C1:SWWV STATE,ON;C1:MDWV?", "C1:MDWV STATE,OFF"),
        (
            "C1:SWWV?",
            "C1:SWWV STATE,ON,TIME,1S,STOP,1500HZ,START,500HZ,TRSR,INT,TRMD,OFF,SWMD,LINE,DIR,UP,SYM,0.000000,CARR,WVTP,SINE,FRQ,1000HZ,AMP,4V,AMPVRMS,1.414Vrms,OFST,0V,PHSE,0",
        ),
        ("C1:BTWV STATE,ON,GATE_NCYC,NCYC,TIME,3,PRD,0.02,CARR,FRQ,500", ""),
        (
            "C1:BTWV?",
            "C1:BTWV STATE,ON,PRD,0.02S,STPS,0,TRSR,INT,TRMD,OFF,TIME,3,DLAY,2.4e-07S,GATE_NCYC,NCYC,CARR,WVTP,SINE,FRQ,500HZ,AMP,4V,AMPVRMS,1.414Vrms,OFST,0V,PHSE,0",
        ),
        ("C1:ARWV?", "C1:ARWV INDEX,2,NAME,StairUp"),
    ]);
}

#[test]
fn rigol_dialogue() {
    bench("dg1032z").client("gen").dialogue(&[
        ("*IDN?", "Rigol Technologies,DG1032Z,SDG2XFBQ902599,00.00.00"),
        (":OUTP1?;:OUTP2:LOAD?", "OFF;9.900000E+37"),
        (":SOUR1:FUNC?;FREQ?;VOLT?;VOLT:OFFS?", "SIN;1.000000E+03;5.000000E+00;0.000000E+00"),
        (":OUTP1:LOAD 50;LOAD?", "5.000000E+01"),
        (":SOUR1:VOLT?", "2.500000E+00"),
        (":SOUR1:VOLT:UNIT VPP;:SOUR1:VOLT 1;VOLT?", "1.000000E+00"),
        (
            ":SOUR1:APPL:SQU 500,2,0.5,90;:SOUR1:APPL?",
            "\"SQU,5.000000E+02,2.000000E+00,5.000000E-01,9.000000E+01\"",
        ),
        (":SOUR1:VOLT:HIGH?;LOW?", "1.500000E+00;-5.000000E-01"),
        (":SOUR1:FUNC:SQU:DCYC 20;DCYC?", "2.000000E+01"),
        (":SOUR2:BURS ON;BURS:NCYC 3;:SOUR2:BURS?", "ON"),
        (":SOUR2:MOD:TYP FM;:SOUR2:MOD ON;:SOUR2:BURS?;:SOUR2:MOD?", "OFF;ON"),
        (":SOUR2:FREQ MAX;FREQ?", "3.000000E+07"),
    ]);
}

#[test]
fn a_meter_reads_what_is_left_of_it() {
    let bench = bench("sdg2042x");
    let (mut generator, mut dmm) = (bench.client("gen"), bench.client("dmm"));
    generator.tell("C1:OUTP LOAD,50;C1:BSWV FRQ,1000,AMP,2,OFST,0.5;C1:OUTP ON");
    let near = |found: f64, wanted: f64, what: &str| {
        assert!((found / wanted - 1.0).abs() < 1e-3, "{what}: {found} is not {wanted}");
    };
    near(dmm.number("MEAS:VOLT:AC?"), 0.5_f64.sqrt(), "sine");
    near(dmm.number("MEAS:VOLT:DC?"), 0.5, "offset");
    near(dmm.number("MEAS:FREQ?"), 1e3, "frequency");
    near(dmm.number("MEAS:PER?"), 1e-3, "period");
    generator.tell("C1:BSWV WVTP,SQUARE,DUTY,20");
    near(dmm.number("MEAS:VOLT:AC?"), 2.0 * 0.16_f64.sqrt(), "square");
    // A fifth of the period above, four below: 0.3 of the amplitude below the offset.
    near(dmm.number("MEAS:VOLT:DC?"), 0.5 - 0.3 * 2.0, "mean of the square");
    generator.tell("C1:BSWV WVTP,NOISE,STDEV,0.1");
    near(dmm.number("MEAS:VOLT:AC?"), 0.1, "noise");
    // Open, the same setting is twice as much.
    generator.tell("C2:OUTP LOAD,HZ;C2:BSWV FRQ,100,AMP,2;C2:OUTP ON");
    near(dmm.number("CONF:CURR:AC 0.1;:READ?"), 0.5_f64.sqrt() / 100.0, "current");
    generator.tell("C1:OUTP OFF;C2:OUTP OFF");
    assert!(dmm.number("MEAS:VOLT:AC?").abs() < 1e-3);
    assert!(!bench.served.controls().output_on("gen", 1).unwrap());
}

#[test]
fn an_oscilloscope_shows_its_form() {
    let bench = bench("dg1032z");
    let (mut generator, mut scope) = (bench.client("gen"), bench.client("scope"));
    scope.tell(":CHAN1:PROB 1;COUP DC;SCAL 0.5;:TIM:SCAL 1E-3;:TRIG:EDGE:LEV 0");
    for (wave, vpp, vrms) in [
        (":SOUR1:APPL:SIN 1000,2,0,0", 2.0, 0.5_f64.sqrt()),
        (":SOUR1:APPL:SQU 1000,2,0,0", 2.0, 1.0),
        (":SOUR1:APPL:RAMP 1000,2,0,0", 2.0, 1.0 / 3.0_f64.sqrt()),
        (":SOUR1:DATA VOLATILE,1,-1,-1,-1;:SOUR1:APPL:USER 1000,2,0,0", 2.0, 1.0),
        (
            ":SOUR1:APPL:SIN 1000,2;:SOUR1:BURS:NCYC 3;INT:PER 1E-2;:SOUR1:BURS ON",
            2.0,
            0.15_f64.sqrt(),
        ),
        (
            ":SOUR1:APPL:SIN 1000,2;:SOUR1:MOD:TYP AM;AM:INT:FREQ 200;:SOUR1:MOD ON",
            2.0,
            0.1875_f64.sqrt(),
        ),
    ] {
        generator.tell(&format!(":OUTP1:LOAD 50;{wave};:OUTP1 ON"));
        scope.tell(":SING");
        assert_eq!(scope.ask(":TRIG:STAT?"), "STOP", "{wave}");
        let found = scope.number(":MEAS:ITEM? VPP,CHAN1");
        assert!((found / vpp - 1.0).abs() < 0.05, "{wave}: {found}");
        let found = scope.number(":MEAS:ITEM? VRMS,CHAN1");
        assert!((found / vrms - 1.0).abs() < 0.03, "{wave}: {found} is not {vrms}");
    }
}
