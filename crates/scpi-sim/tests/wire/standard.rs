//! IEEE 488.2 and SCPI-99 by their own words: each line of a table is a message and the answer that a clause asks for.

use crate::client::Bench;

/// A meter whose readings take 0.4 s, and a supply.
const BENCH: &str = r#"
    name = "standard"
    [instruments.dmm]
    model = "34461a"
    serial = "S"
    [instruments.psu]
    model = "dp832"
    serial = "S"
    channels = { 1 = ["out", "gnd"] }
    [circuit]
    load = { kind = "resistor", nodes = ["out", "gnd"], value = "10 Ω" }
"#;

/// Clause 11.5.1: bit 7 at power on, 5 command, 4 execution, 3 device, 2 query error, 0 operation complete.
#[test]
fn event_status_register() {
    let bench = Bench::fast(BENCH);
    let mut dmm = bench.client("dmm");
    for (message, bits) in [
        ("*CLS", "+0"),
        ("FOO", "+32"),
        ("VOLT:NPLC 1000", "+16"),
        ("CONF:VOLT:DC 10;:FETC?", "+16"),
        ("*OPC", "+1"),
        ("*IDN?;*ESR?", "+4"),
        ("*ESE 300", "+16"),
    ] {
        dmm.send(message);
        if message.starts_with("*IDN") {
            dmm.line();
        }
        assert_eq!(dmm.ask("*ESR?"), bits, "{message}");
        assert_eq!(dmm.ask("*ESR?"), "+0", "reading clears");
    }
}

/// Clauses 10.3, 10.32 and 10.34: what *CLS and *RST touch, and what they leave alone.
#[test]
fn what_a_clear_and_a_reset_leave_alone() {
    Bench::fast(BENCH).client("psu").dialogue(&[
        ("*ESE 60;*SRE 32;:STAT:QUES:ENAB 3", ""),
        ("*CLS;*ESE?;*SRE?;:STAT:QUES:ENAB?", "60;32;3"),
        ("*RST;*ESE?;*SRE?;:STAT:QUES:ENAB?", "60;32;3"),
        ("*SRE 255;*SRE?", "191"),
        (":STAT:PRES;:STAT:QUES:ENAB?;:STAT:QUES:PTR?;:STAT:QUES:NTR?", "0;32767;0"),
        (":STAT:OPER:ENAB 65535;:STAT:OPER:ENAB?", "32767"),
        ("*PSC?;*PSC 0;*PSC?", "1;0"),
        ("*TST?", "0"),
        // Clause 10.18: an operation that is complete is so at once.
        ("*OPC;*ESR?", "1"),
    ]);
}

/// Clause 11.2: each summary in its bit, the master summary by the mask alone.
#[test]
fn status_byte() {
    let bench = Bench::fast(BENCH);
    let mut psu = bench.client("psu");
    // 0.4 A at 10 Ω: the current limit holds, and the voltage is questionable.
    psu.tell("*CLS;:STAT:QUES:ENAB 1;:APPL CH1,10,0.4;:OUTP CH1,ON");
    assert_eq!(psu.ask("*STB?"), "8");
    assert_eq!(psu.ask("*SRE 8;*STB?"), "72");
    assert_eq!(psu.ask(":STAT:QUES:COND?;:STAT:QUES?;:STAT:QUES?"), "1;1;0");
    assert_eq!(psu.ask("*STB?"), "0");
    psu.tell(":OUTP CH1,OFF;*SRE 0");
    assert_eq!(psu.ask(":STAT:QUES:COND?"), "0");
    psu.send("FOO?");
    assert_eq!(psu.ask("*STB?"), "4");
    assert_eq!(psu.ask("*ESE 32;*STB?"), "36");
    // MAV: what was answered before it in the same message waits.
    assert_eq!(psu.ask("*ESR?;*STB?"), "32;20");
}

/// Clauses 12.5 and 10.18 to 10.20: `INIT` overlaps, `*OPC?` and `*WAI` wait for it, `*OPC` tells when it is done.
#[test]
fn overlapped_commands() {
    let bench = Bench::of(BENCH);
    let mut dmm = bench.client("dmm");
    let start = std::time::Instant::now();
    assert_eq!(dmm.ask("*CLS;CONF:VOLT:DC 10;:INIT;*OPC;*ESR?"), "+0");
    assert!(start.elapsed().as_millis() < 390, "INIT does not wait");
    assert_eq!(dmm.ask(":STAT:OPER:COND?"), "+16");
    assert_eq!(dmm.ask("*OPC?"), "1");
    assert!(start.elapsed().as_millis() >= 390, "*OPC? does");
    assert_eq!(dmm.ask("*ESR?;:STAT:OPER:COND?"), "+1;+0");
    let start = std::time::Instant::now();
    assert_eq!(dmm.ask("INIT;*WAI;DATA:POIN?"), "+1");
    assert!(start.elapsed().as_millis() >= 390, "*WAI does");
    // What *OPC waits for is forgotten by *CLS (clause 10.3).
    assert_eq!(dmm.ask("INIT;*OPC;*CLS;*OPC?;*ESR?"), "1;+0");
}

/// Clauses 10.17, 10.29 and 10.33.
#[test]
fn learn_save_and_recall() {
    let bench = Bench::fast(BENCH);
    let mut psu = bench.client("psu");
    psu.tell("*RST;:APPL CH1,5,1;:APPL CH2,7,2;:OUTP CH1,ON;:APPL CH1,6,1;*SAV 3");
    let learned = psu.ask("*LRN?");
    assert_eq!(learned, "*RST;:APPL CH2,7,2;:OUTP CH1,ON;:APPL CH1,6,1");
    let state = ":APPL? CH1;:APPL? CH2;:OUTP? CH1";
    let before = psu.ask(state);
    psu.tell("*RST");
    assert_ne!(psu.ask(state), before);
    psu.tell("*RCL 3");
    assert_eq!(psu.ask(state), before);
    psu.tell("*RST");
    psu.tell(&learned);
    assert_eq!(psu.ask(state), before);
    psu.send("*SAV 10");
    assert_eq!(psu.ask("SYST:ERR?"), "-222,\"Data out of range\"");
}

/// SCPI-99 volume 2 clause 21.8.1: at most so many, and the last says that there were more.
#[test]
fn error_queue() {
    let bench = Bench::fast(BENCH);
    let mut dmm = bench.client("dmm");
    dmm.tell("*CLS");
    for _ in 0..25 {
        dmm.send("FOO");
    }
    assert_eq!(dmm.ask("SYST:ERR:COUN?"), "+20");
    let errors: Vec<_> = (0..21).map(|_| dmm.ask("SYST:ERR?")).collect();
    assert!(errors[..19].iter().all(|error| error.starts_with("-113,")), "{errors:?}");
    assert_eq!(errors[19..], ["-350,\"Queue overflow\"", "+0,\"No error\""]);
}
