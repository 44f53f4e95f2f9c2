//! The exchange of messages, whatever the model: IEEE 488.2 clause 6, faults, hostile clients.

use crate::client::{Bench, Client};
use scpi_sim::{BenchSpec, ControlError, Fault, FaultAction};

const BENCH: &str = r#"
    name = "exchange"
    [instruments.psu]
    model = "dp832"
    serial = "SIM1"
    channels = { 1 = ["out", "gnd"] }
    [instruments.dmm]
    model = "34461a"
    serial = "SIM2"
    channels = { 1 = ["out", "gnd"] }
"#;

#[test]
fn answers_of_a_message_come_in_one_line() {
    let bench = Bench::fast(BENCH);
    let mut psu = bench.client("psu");
    assert_eq!(psu.ask("*OPC?;VOLT?;*STB?"), "1;0.000;16");
    psu.send_bytes(b"*OPC?\r\nVOL");
    assert_eq!(psu.line().unwrap(), "1");
    psu.send_bytes(b"T?\n\n\nCURR?\n");
    assert_eq!((psu.line().unwrap(), psu.line().unwrap()), ("0.000".into(), "3.000".into()));
}

/// Quirk Q23; and an error in the middle of a message: what came before it is answered, nothing after it.
#[test]
fn what_is_not_understood_is_not_answered() {
    let bench = Bench::fast(BENCH);
    let mut psu = bench.client("psu");
    psu.send("FOO?");
    assert_eq!(psu.ask("SYST:ERR?"), "-113,\"Undefined header\"");
    assert_eq!(psu.ask("*OPC?;FOO?;*OPC?"), "1");
    assert_eq!(psu.ask("SYST:ERR?"), "-113,\"Undefined header\"");
    assert_eq!(psu.ask("*OPC?;:VOLT 99;*OPC?"), "1;1");
    assert_eq!(psu.ask("SYST:ERR?"), "-222,\"Data out of range\"");
}

/// After arbitrary ASCII nothing can follow in a message.
#[test]
fn identity_is_the_last_answer() {
    let bench = Bench::fast(BENCH);
    let mut dmm = bench.client("dmm");
    let identity = "Keysight Technologies,34461A,SIM2,A.02.08-02.37-02.08-00.49-01-01";
    assert_eq!(dmm.ask("*OPC?;*IDN?"), format!("1;{identity}"));
    assert_eq!(dmm.ask("*IDN?;*OPC?"), identity);
    assert_eq!(dmm.ask("SYST:ERR?"), "-440,\"Query UNTERMINATED after indefinite response\"");
    assert_eq!(dmm.ask("SYST:ERR?"), "+0,\"No error\"");
}

#[test]
fn registers_and_a_bounded_queue() {
    let bench = Bench::fast(BENCH);
    let mut psu = bench.client("psu");
    psu.tell("*CLS;*ESE 48;*SRE 32");
    psu.send("VOLT 99");
    assert_eq!(psu.ask("*ESE?;*SRE?;*STB?"), "48;32;116");
    assert_eq!(psu.ask("*ESR?;*ESR?"), "16;0");
    psu.tell("*CLS");
    for _ in 0..30 {
        psu.send("VOLT 99");
    }
    assert_eq!(psu.ask("SYST:ERR:COUN?"), "20");
    let entries: Vec<_> = (0..21).map(|_| psu.ask("SYST:ERR?")).collect();
    assert_eq!(entries[19..], ["-350,\"Queue overflow\"", "0,\"No error\""]);
    psu.tell("*OPC");
    assert_eq!(psu.ask("*ESR?"), "25");
    let mut dmm = bench.client("dmm");
    assert_eq!(dmm.ask("*ESR?;*STB?"), "+128;+16");
}

#[test]
fn clients_share_one_instrument() {
    let bench = Bench::fast(BENCH);
    let (mut one, mut two) = (bench.client("psu"), bench.client("psu"));
    one.tell("VOLT 3");
    assert_eq!(two.ask("VOLT?"), "3.000");
    drop(one);
    assert_eq!(two.ask("VOLT?"), "3.000");
    let messages = bench.served.controls().messages("psu").unwrap();
    assert_eq!(*messages.borrow(), 3);
}

/// The fault at its header and its number, and nothing but it.
#[test]
fn faults_of_the_file() {
    let file = format!(
        "{BENCH}
        [[faults]]
        instrument = \"dmm\"
        on = \"READ?\"
        nth = 2
        do = \"close\"
        [[faults]]
        instrument = \"psu\"
        on = \"MEASure:VOLTage?\"
        do = \"overload\""
    );
    let bench = Bench::fast(&file);
    let mut dmm = bench.client("dmm");
    assert!(dmm.number("READ?").abs() < 1.0);
    dmm.send("read?");
    assert_eq!(dmm.line(), None);
    assert!(bench.client("dmm").number("READ?").abs() < 1.0);
    assert_eq!(bench.client("psu").ask("MEAS? CH1;:MEAS:CURR? CH1"), "9.9E37;0.0000");
}

#[test]
fn faults_by_hand() {
    let bench = Bench::fast(BENCH);
    let controls = bench.served.controls();
    let mut psu = bench.client("psu");
    let mut struck = |action, answer: Option<&str>| {
        let fault = Fault { on: Some("VOLT?".into()), nth: Some(1), action };
        controls.inject("psu", &fault).unwrap();
        psu.send("VOLT?");
        match answer {
            Some(answer) => assert_eq!(psu.line().as_deref(), Some(answer)),
            None => assert_eq!(psu.ask("*OPC?"), "1"),
        }
        controls.clear_faults("psu").unwrap();
    };
    struck(FaultAction::Silent, None);
    struck(FaultAction::Error(-310), None);
    struck(FaultAction::Late(std::time::Duration::from_millis(1)), Some("0.000"));
    let cut = Fault { on: Some("VOLT?".into()), nth: None, action: FaultAction::Cut };
    controls.inject("psu", &cut).unwrap();
    psu.send("VOLT?");
    assert_eq!(psu.ask("*OPC?"), "0.1");
    assert_eq!(psu.ask("SYST:ERR?"), "-310,\"System error\"");
    controls.clear_faults("psu").unwrap();
    let garbage = Fault { on: None, nth: Some(1), action: FaultAction::Garbage };
    controls.inject("psu", &garbage).unwrap();
    assert!(psu.ask("VOLT?").parse::<f64>().is_err());
}

#[test]
fn a_port_that_refuses() {
    let file = format!("{BENCH}\n[[faults]]\ninstrument = \"dmm\"\ndo = \"refuse\"");
    let bench = Bench::fast(&file);
    let refused = || Client::connect(bench.address("dmm")).is_err();
    assert!(refused());
    let mut psu = bench.client("psu");
    let closed = Fault { on: None, nth: None, action: FaultAction::Refuse };
    bench.served.controls().inject("psu", &closed).unwrap();
    assert_eq!(psu.line(), None);
    assert!(Client::connect(bench.address("psu")).is_err());
    bench.served.controls().clear_faults("psu").unwrap();
    bench.served.controls().clear_faults("dmm").unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let opens = |name| loop {
        match Client::connect(bench.address(name)) {
            Ok(mut client) => break client.ask("*OPC?") == "1",
            Err(_) if std::time::Instant::now() > deadline => break false,
            Err(_) => std::thread::yield_now(),
        }
    };
    assert!(opens("psu") && opens("dmm"));
}

#[test]
fn controls_know_what_there_is() {
    let bench = Bench::fast(BENCH);
    let controls = bench.served.controls();
    assert_eq!(controls.voltage("nowhere"), Err(ControlError::NoNode("nowhere".into())));
    assert!(matches!(controls.output_on("dmm", 1), Err(ControlError::NoOutput { .. })));
    assert!(matches!(controls.messages("x"), Err(ControlError::NoInstrument { .. })));
    let fault = Fault { on: Some("FOO?".into()), nth: None, action: FaultAction::Cut };
    assert!(matches!(controls.inject("psu", &fault), Err(ControlError::NoCommand { .. })));
}

/// A megabyte without an end closes that connection and disturbs nobody else.
#[test]
fn hostile_clients_are_cut_off() {
    let bench = Bench::fast(BENCH);
    let mut other = bench.client("psu");
    for bytes in [vec![b'A'; 1 << 20], b"DATA #9999999999".to_vec()] {
        let mut client = bench.client("psu");
        // It may be closed while it still sends.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| client.send_bytes(&bytes))).ok();
        assert_eq!(client.line(), None);
        assert!(other.ask("SYST:ERR?").starts_with("-363,"));
    }
    other.send_bytes(b"\x00\xff\x80;;;\x01\n*OPC?\n");
    assert_eq!(other.line().unwrap(), "1");
    let many: Vec<_> = (0..200).map(|_| bench.client("psu")).collect();
    assert_eq!(other.ask("VOLT?"), "0.000");
    drop(many);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let dialogue = |seed: u32| {
        let bench = Bench::fast(&format!("seed = {seed}\n{BENCH}"));
        bench.client("psu").tell(":APPL CH1,5,1;:OUTP CH1,ON");
        let mut dmm = bench.client("dmm");
        (0..5).map(|_| dmm.ask("SAMP:COUN 3;:READ?")).collect::<Vec<_>>()
    };
    assert_eq!(dialogue(7), dialogue(7));
    assert_ne!(dialogue(7), dialogue(8));
}

#[test]
fn a_stopped_bench_gives_its_ports_back() {
    let bench = Bench::fast(BENCH);
    let address = bench.address("psu");
    let mut client = bench.client("psu");
    assert_eq!(client.ask("*OPC?"), "1");
    bench.runtime.block_on(bench.served.stop());
    assert_eq!(client.line(), None);
    let file = BENCH.replacen("serial", &format!("port = {}\n    serial", address.port()), 1);
    assert_eq!(Bench::fast(&file).client("psu").ask("*OPC?"), "1");
}

/// Everything happens on one thread too.
#[test]
fn a_current_thread_runtime_is_enough() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let spec = BenchSpec::parse("x.toml", BENCH).unwrap();
    let served = runtime.block_on(scpi_sim::serve(spec)).unwrap();
    let address = served.instruments()[1].address;
    let asking = std::thread::spawn(move || Client::connect(address).unwrap().ask("*OPC?"));
    let mut messages = served.controls().messages("psu").unwrap();
    runtime.block_on(async { messages.wait_for(|count| *count == 1).await.map(|_| ()) }).unwrap();
    runtime.block_on(tokio::task::yield_now());
    assert_eq!(asking.join().unwrap(), "1");
}

#[test]
fn a_wrong_identity_and_a_calibration() {
    let file = BENCH.replacen(
        "serial",
        "idn = \"ACME,WRONG,0,0\"\n    calibration = { due = \"2020-01-01\" }\n    serial",
        1,
    );
    let bench = Bench::fast(&file);
    assert_eq!(bench.client("psu").ask("*IDN?"), "ACME,WRONG,0,0");
    let [dmm, psu] = &bench.served.instruments()[..] else { panic!() };
    assert_eq!((dmm.serial.as_str(), &dmm.calibration), ("SIM2", &None));
    assert_eq!(psu.calibration.as_ref().unwrap().due.as_deref(), Some("2020-01-01"));
}
