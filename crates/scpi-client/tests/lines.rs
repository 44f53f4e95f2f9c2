//! Serial lines and USBTMC device files, played by pseudo-terminals.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use scpi_client::{ClientConfig, Instrument};

/// For what the test wants to see pass.
const SHORT: Duration = Duration::from_millis(120);

/// A terminal whose other end answers line by line; nothing more is answered after the last. The path of this end.
fn terminal(answers: Vec<(&'static str, &'static [u8])>) -> (String, JoinHandle<()>) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    raw(&master);
    let played = std::thread::spawn(move || play(master, answers));
    (path, played)
}

fn raw(line: &OwnedFd) {
    let mut settings = tcgetattr(line).unwrap();
    settings.make_raw();
    tcsetattr(line, OptionalActions::Now, &settings).unwrap();
}

fn play(master: OwnedFd, answers: Vec<(&'static str, &'static [u8])>) {
    let file = std::fs::File::from(master);
    let mut lines = BufReader::new(&file).lines();
    for (wanted, answer) in answers {
        assert_eq!(lines.next().unwrap().unwrap(), wanted);
        (&file).write_all(answer).unwrap();
    }
    // Until the other end goes.
    while let Some(Ok(_)) = lines.next() {}
}

fn config() -> ClientConfig {
    let long = Duration::from_secs(30);
    ClientConfig { read_timeout: long, probe_timeout: long, ..ClientConfig::default() }
}

#[tokio::test]
async fn a_serial_line_carries_exchanges() {
    let (path, played) = terminal(vec![
        ("*IDN?", b"ACME,X,7,1\r\n"),
        ("CURV?", b"#15a\nb\r\x03\n"),
        ("FOO?", b""),
        ("*IDN?", b"ACME,X,7,1\r\n"),
        ("READ?", b"+1.5\r\n"),
    ]);
    for address in [format!("serial://{path}?baud=115200")] {
        let meter = Instrument::connect(&address.parse().unwrap(), config()).await.unwrap();
        assert_eq!(meter.identify().await.unwrap().model, "X");
        let mut block = Vec::new();
        meter.query_block_into("CURV?", &mut block).await.unwrap();
        assert_eq!(block, b"a\nb\r\x03");
        assert!(meter.query_within("FOO?", SHORT).await.unwrap_err().is_timeout());
        assert_eq!(meter.query("READ?").await.unwrap().number().unwrap().text, "+1.5");
    }
    played.join().unwrap();
}

#[tokio::test]
async fn a_usbtmc_device_file_carries_messages() {
    let (path, played) =
        terminal(vec![("*IDN?", b"ACME,X,7,1\n"), ("CURV?", b"#15a\nb\nc\n"), ("READ?", b"+1.5")]);
    // The kernel's device hands bytes on as they are.
    raw(&rustix::fs::open(&path, rustix::fs::OFlags::RDWR, rustix::fs::Mode::empty()).unwrap());
    let address = format!("usbtmc://{path}").parse().unwrap();
    let meter = Instrument::connect(&address, config()).await.unwrap();
    assert_eq!(meter.identify().await.unwrap().model, "X");
    let mut block = Vec::new();
    meter.query_block_into("CURV?", &mut block).await.unwrap();
    assert_eq!(block, b"a\nb\nc");
    // The end of the transfer ends an answer, with or without a terminator.
    assert_eq!(meter.query("READ?").await.unwrap().number().unwrap().text, "+1.5");
    drop(meter);
    played.join().unwrap();
}

#[tokio::test]
async fn devices_that_are_not_there_are_said() {
    for address in
        ["usbtmc:///dev/usbtmc99", "USB::0x1AB1::0x0588::NOBODY::INSTR", "serial:///dev/ttyNONE0"]
    {
        let error = Instrument::connect(&address.parse().unwrap(), config()).await.unwrap_err();
        assert!(error.is_disconnected() && error.to_string().contains("no connection"), "{error}");
    }
}
