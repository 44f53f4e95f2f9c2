//! What goes wrong on a wire, by a fault of the bench file and by a quirk: told from the bytes alone.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use scpi_sim::{Fault, FaultAction};

use crate::client::{Bench, Client};

const BENCH: &str = r#"
    name = "trouble"
    [instruments.psu]
    model = "dp832"
    serial = "S"
    idn = "ACME,X,S,1"
    transports = ["tcp", "telnet", "control"]
    [instruments.scope]
    model = "mso5074"
    serial = "S"
    idn = "ACME,Y,S,1"
"#;

fn struck(action: FaultAction, on: &str) -> Bench {
    let bench = Bench::fast(BENCH);
    let fault = Fault { on: Some(on.to_owned()), nth: Some(1), action };
    bench.served.controls().inject("psu", &fault).unwrap();
    bench
}

fn quirky(instrument: &str, number: u8) -> Bench {
    let bench = Bench::fast(BENCH);
    bench.served.controls().quirk(instrument, number, true).unwrap();
    bench
}

/// So many bytes, and what comes after them for a moment.
fn read_all(stream: &mut TcpStream, at_least: usize) -> Vec<u8> {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let wait = if all.len() < at_least { 20_000 } else { 30 };
        stream.set_read_timeout(Some(Duration::from_millis(wait))).unwrap();
        match stream.read(&mut piece) {
            Ok(count @ 1..) => all.extend_from_slice(&piece[..count]),
            _ => return all,
        }
    }
}

/// What is said to a message, of which so many bytes are waited for.
fn said(bench: &Bench, instrument: &str, message: &str, at_least: usize) -> Vec<u8> {
    let mut stream = bench.connection(instrument, 0);
    stream.write_all(message.as_bytes()).unwrap();
    read_all(&mut stream, at_least)
}

#[test]
fn answers_that_come_in_another_way() {
    for (action, wanted) in [
        (FaultAction::Split, "ACME,X,S,1\n1\n"),
        (FaultAction::Drip(Duration::from_millis(1)), "ACME,X,S,1\n1\n"),
        (FaultAction::Hold, "ACME,X,S,1\n1\n"),
        (FaultAction::Echo, "*IDN?\nACME,X,S,1\n1\n"),
        (FaultAction::Silent, "1\n"),
        (FaultAction::Cut, "ACME,1\n"),
        (FaultAction::HalfOpen, ""),
        (FaultAction::Deaf, ""),
    ] {
        let bench = struck(action, "*IDN?");
        let found = said(&bench, "psu", "*IDN?\n*OPC?\n", wanted.len());
        assert_eq!(String::from_utf8_lossy(&found), wanted, "{action:?}");
    }
}

#[test]
fn a_reset_is_one() {
    for action in [FaultAction::Reset, FaultAction::Crash(Duration::from_millis(50))] {
        let bench = struck(action, "*IDN?");
        let mut stream = bench.connection("psu", 0);
        stream.write_all(b"*IDN?\n").unwrap();
        let error = stream.read(&mut [0; 16]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{action:?}");
    }
}

/// After a crash nothing is as it was, and it can be reached again after a while.
#[test]
fn a_crash_forgets_everything() {
    let bench = struck(FaultAction::Crash(Duration::from_millis(50)), "*IDN?");
    let mut psu = bench.client("psu");
    psu.tell("*CLS;:APPL CH1,5,1;:OUTP CH1,ON");
    psu.send(":FOO");
    psu.send("*IDN?");
    assert_eq!(psu.line(), None);
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    let answer = loop {
        let again = Client::connect(bench.address("psu")).ok();
        let answer = again.and_then(|mut psu| psu.try_ask(":OUTP? CH1;:SYST:ERR?;*ESR?"));
        if answer.is_some() {
            break answer;
        }
        std::thread::yield_now();
        assert!(std::time::Instant::now() < deadline, "it did not come back");
    };
    assert_eq!(answer.as_deref(), Some("OFF;0,\"No error\";128"));
}

#[test]
fn a_stale_answer_is_the_one_before() {
    let bench = struck(FaultAction::Stale, "SYST:VERS?");
    let mut psu = bench.client("psu");
    assert_eq!(psu.ask("*OPC?"), "1");
    assert_eq!(psu.ask("SYST:VERS?"), "1");
    assert_eq!(psu.ask("SYST:VERS?"), "1999.0");
}

#[test]
fn an_error_storm_fills_the_queue() {
    let bench = struck(FaultAction::ErrorStorm, "*OPC?");
    let mut psu = bench.client("psu");
    assert_eq!(psu.ask("*CLS;*OPC?"), "1");
    assert_eq!(psu.ask("SYST:ERR:COUN?"), "20");
}

/// Each quirk that one line shows: what is sent, and the bytes that come.
#[test]
fn quirks_of_single_lines() {
    for (number, message, wanted) in [
        (9, "*OPC?\n", "\n1\n"),
        (10, "*OPC?\n", "\x001\n"),
        (11, "*OPC?\n", "1\r\n"),
        (12, "*OPC?", "1\n"),
        (14, "*OPC?\n", "\x02\x00\x00\x001\n"),
        (15, "*OPC?\n", "1\n"),
        (16, "*OPC?\n:APPL CH1,5,1\n:APPL? CH1,VOLT\n", "1\n0.000\n"),
        (20, "*RST\n*OPC?\n", ""),
        (21, "*OPC?\n", "1\n"),
        (23, ":FOO?\n*OPC?\n", "1\n"),
        (24, ":MEASURE:VOLTAGE?\n:APPL? CH1,VOLT\n", "0.000\n"),
        (26, ":APPL CH1,500,1\n:SYST:ERR?\n", "0,\"No error\"\n"),
        (27, ":APPL? CH1,VOLT\n", "0.000\n"),
        (27, ":VOLT?\n", "0.000V\n"),
        (28, ":VOLT?\n", "VOLT 0.000\n"),
        (29, ":INST:NSEL?\n", "1.0000E+00\n"),
        (31, ":FOO\n:SYST:ERR?\n", "-113 Undefined header\n"),
        (32, "*IDN?\n", "ACME,X,S\n"),
        (39, ":APPL CH1,5,1\n", "0\n"),
    ] {
        let found = said(&quirky("psu", number), "psu", message, wanted.len());
        assert_eq!(String::from_utf8_lossy(&found), wanted, "Q{number} {message}");
    }
}

#[test]
fn quirks_of_blocks() {
    for (number, begin, length) in [
        (1, "#41000", 6 + 1000 + 2),
        (2, "#9000000500", 11 + 1000 + 1),
        (3, "WAV:DATA #9000001000", 20 + 1000 + 1),
        (4, "#9000001000", 11 + 900 + 1),
        (5, "#9000000000", 12),
        (6, "#9000001001", 11 + 1000 + 1),
        (35, "#9000001000", 11 + 1000 + 1),
    ] {
        let found = said(&quirky("scope", number), "scope", ":STOP;:WAV:DATA?\n", length);
        let shown = String::from_utf8_lossy(found.get(..begin.len()).unwrap()).into_owned();
        assert_eq!((shown.as_str(), found.len()), (begin, length), "Q{number}");
    }
    assert_eq!(said(&quirky("scope", 7), "scope", ":STOP;:WAV:DATA?\n", 1001).len(), 1001);
    assert_eq!(
        said(&quirky("scope", 25), "scope", ":STOP;:WAV:DATA?\n*IDN?\n", 11),
        b"ACME,Y,S,1\n"
    );
    // Q22: the block comes in the place of what is asked next.
    let late = said(&quirky("scope", 22), "scope", ":STOP;:WAV:DATA?\n*IDN?\n", 1012);
    assert_eq!((late.get(..11), late.len()), (Some(b"#9000001000".as_slice()), 11 + 1000 + 1));
}

#[test]
fn one_client_at_a_time() {
    let bench = quirky("psu", 19);
    let mut first = bench.client("psu");
    assert_eq!(first.ask("*OPC?"), "1");
    let mut second = bench.client("psu");
    second.send("*OPC?");
    assert_eq!(second.line(), None);
    assert_eq!(first.ask("*OPC?"), "1");
}

/// Q18: who goes without reading leaves the answer for whom comes next.
#[test]
fn an_answer_outlives_its_client() {
    let bench = quirky("psu", 18);
    let mut messages = bench.served.controls().messages("psu").unwrap();
    let mut first = bench.client("psu");
    first.send("*IDN?");
    bench.runtime.block_on(messages.wait_for(|count| *count >= 1)).unwrap();
    drop(first);
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        let mut next = bench.client("psu");
        let answer = next.ask("*OPC?");
        if answer == "ACME,X,S,1" {
            assert_eq!(next.line().as_deref(), Some("1"));
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{answer}");
    }
}

#[test]
fn a_port_with_a_prompt() {
    let bench = Bench::fast(BENCH);
    let mut stream = bench.connection("psu", 1);
    stream.write_all(b"\xff\xfd\x03*IDN?\r\n").unwrap();
    let wanted = "Welcome to a simulated instrument\r\nSCPI> ACME,X,S,1\r\nSCPI> ";
    let found = read_all(&mut stream, wanted.len());
    assert_eq!(String::from_utf8_lossy(&found), wanted);
}

/// As Keysight's guides have it: the number of the port is asked for, `DCL` is said back, `SRQ` comes by itself.
#[test]
fn device_clear_and_service_request_beside_a_socket() {
    let bench = Bench::fast(BENCH);
    let mut psu = bench.client("psu");
    let port: u16 = psu.ask("SYST:COMM:TCP:CONT?").parse().unwrap();
    let mut control = Client::connect(([127, 0, 0, 1], port).into()).unwrap();
    psu.send_bytes(b"*OPC?\n:APPL CH1,5");
    assert_eq!(psu.line().as_deref(), Some("1"));
    control.send("DCL");
    assert_eq!(control.line().as_deref(), Some("DCL"));
    // What was begun before the clear is gone.
    psu.tell("*CLS;*ESE 1;*SRE 32");
    psu.send("*OPC");
    assert_eq!(control.line().as_deref(), Some("SRQ +96"));
}
