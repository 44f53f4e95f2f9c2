//! A login before anything else, on every new connection, and in no error, tape or debug text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::sync::{Arc, Mutex};

use peer::{Peer, Step, config};
use scpi_client::{ClientConfig, Instrument, Login, Tape, TapeEntry};

const SECRET: &str = "w0rd";

fn with_login(answer: Option<&str>) -> ClientConfig {
    let login = Login::new(format!("login {SECRET}"), answer.map(str::to_owned));
    ClientConfig { login: Some(login), ..config() }
}

#[derive(Default)]
struct Kept(Mutex<String>);

impl Tape for Kept {
    fn record(&self, entry: &TapeEntry<'_>) {
        self.0.lock().unwrap().push_str(&format!("{entry:?}{:?}", entry.event));
    }
}

#[tokio::test]
async fn each_connection_is_logged_in_to_and_nothing_of_it_is_kept() {
    let greet = || vec![Step::Expect("login w0rd"), Step::Bytewise(b"WELCOME ann\r\n")];
    let identify = || vec![Step::Expect("*IDN?"), Step::Send(b"ACME,X,SN7,1.0\n")];
    let scripts = vec![
        [greet(), identify(), vec![Step::ExpectAny]].concat(),
        [greet(), identify(), identify(), vec![Step::Drain]].concat(),
    ];
    let peer = Peer::serve(scripts).await;
    let tape = Arc::new(Kept::default());
    let config = with_login(Some("WELCOME"));
    assert!(!format!("{config:?}").contains(SECRET));
    let meter = Instrument::connect_taped(&peer.address, config, Some(tape.clone())).await.unwrap();
    meter.identify().await.unwrap();
    // The peer takes this question and closes.
    let lost = meter.query("READ?").await.unwrap_err();
    assert!(!format!("{lost} {lost:?}").contains(SECRET));
    meter.resynchronise().await.unwrap();
    assert_eq!(meter.identify().await.unwrap().serial.as_deref(), Some("SN7"));
    assert!(!tape.0.lock().unwrap().contains(SECRET));
}

#[tokio::test]
async fn a_refusal_is_told_without_what_came() {
    for (answer, words) in [
        (&b"login w0rd: no\n"[..], "not answered with 'WELCOME'"),
        (&[b'x'; 2000], "has no end"),
        (b"", "end of file"),
    ] {
        let peer = Peer::serve(vec![vec![Step::ExpectAny, Step::Send(answer)]]).await;
        let refused = Instrument::connect(&peer.address, with_login(Some("WELCOME"))).await;
        let refused = refused.err().unwrap();
        let text = format!("{refused} {refused:?}");
        assert!(!text.contains(SECRET), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn other_carriers_have_none() {
    let refused =
        Instrument::connect(&"TCPIP::127.0.0.1::hislip0::INSTR".parse().unwrap(), with_login(None))
            .await;
    assert!(refused.err().unwrap().to_string().contains("login"));
}
