//! Exchanges with scripted peers: what goes well, and what fails at once or in time.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use peer::{Peer, SHORT, Step, config};
use scpi_client::{Cause, ClientConfig, ClientError, Instrument, Tape, TapeEntry, TapeEvent};
use scpi_protocol::framer::FrameError;

/// Far shorter than the deadlines of `config`, with room for a busy machine.
const PROMPT: Duration = Duration::from_secs(10);

async fn failure(script: Vec<Step>, query: &str) -> ClientError {
    let peer = Peer::serve(vec![script]).await;
    let start = Instant::now();
    let result = peer.instrument().await.query_within(query, SHORT).await;
    assert!(start.elapsed() < PROMPT, "{:?}", start.elapsed());
    result.unwrap_err()
}

#[tokio::test]
async fn an_answer_may_come_in_any_split() {
    for answer in [&b"+4.95000000E+00\n"[..], b"\0\r\n\n+4.95000000E+00\r\n"] {
        let peer = Peer::serve(vec![vec![Step::Expect("READ?"), Step::Bytewise(answer)]]).await;
        let reading = peer.instrument().await.query("READ?").await.unwrap();
        assert_eq!(reading.number().unwrap().text, "+4.95000000E+00");
    }
}

/// Both forms of an address in brackets; a machine without the protocol has nothing to try.
#[tokio::test]
async fn an_instrument_may_be_at_an_ipv6_address() {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    let Ok(listener) = tokio::net::TcpListener::bind("[::1]:0").await else { return };
    let port = listener.local_addr().unwrap().port();
    let addresses = [format!("tcp://[::1]:{port}"), format!("TCPIP::[::1]::{port}::SOCKET")];
    let count = addresses.len();
    let peer = tokio::spawn(async move {
        for _ in 0..count {
            let mut stream = BufReader::new(listener.accept().await.unwrap().0);
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            assert_eq!(line, "VOLT?\n");
            stream.write_all(b"5\n").await.unwrap();
        }
    });
    for address in addresses {
        let supply = Instrument::connect(&address.parse().unwrap(), config()).await.unwrap();
        assert_eq!(supply.query("VOLT?").await.unwrap().integer(), Ok(5));
    }
    peer.await.unwrap();
}

#[tokio::test]
async fn a_block_holds_line_feeds_and_fills_the_callers_buffer() {
    let script = vec![
        Step::Expect("CURV?"),
        Step::Bytewise(b"#15a\nb\nc\n"),
        Step::Expect("CURV?"),
        Step::Send(b"C1:WF ALL,#13d\ne\n\n"),
        Step::Expect("VOLT?"),
        Step::Send(b"5\n"),
        Step::Expect("CURV?"),
        Step::Send(b"1,2\n"),
    ];
    let peer = Peer::serve(vec![script]).await;
    let scope = peer.instrument().await;
    let mut data = vec![9; 4];
    scope.query_block_into("CURV?", &mut data).await.unwrap();
    assert_eq!(data, b"a\nb\nc");
    scope.query_block_into("CURV?", &mut data).await.unwrap();
    assert_eq!(data, b"d\ne");
    assert_eq!(scope.query("VOLT?").await.unwrap().integer(), Ok(5));
    let error = scope.query_block_into("CURV?", &mut data).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::NotOneBlock { blocks: 0, .. }), "{error}");
}

#[tokio::test]
async fn identity_and_error_queue() {
    let script = vec![
        Step::Expect("*IDN?"),
        Step::Send(b"ACME, 'X #15,SN7,1.0\n"),
        Step::Expect("SYST:ERR?"),
        Step::Send(b"-113,\"Undefined header\"\n"),
        Step::Expect("SYST:ERR?"),
        Step::Send(b"0 No Error\n"),
    ];
    let peer = Peer::serve(vec![script]).await;
    let meter = peer.instrument().await;
    assert_eq!(meter.identify().await.unwrap().serial.as_deref(), Some("SN7"));
    let drained = meter.drain_errors(10).await.unwrap();
    assert!(drained.is_empty_now);
    assert_eq!(drained.entries[0].to_string(), "-113,\"Undefined header\"");
}

#[tokio::test]
async fn an_error_queue_that_never_empties_is_left() {
    let entry = [Step::Expect("SYST:ERR?"), Step::Send(b"-350,\"Queue overflow\"\n")];
    let peer = Peer::serve(vec![entry.iter().cloned().cycle().take(200).collect()]).await;
    let drained = peer.instrument().await.drain_errors(usize::MAX).await.unwrap();
    assert_eq!((drained.entries.len(), drained.is_empty_now), (32, false));
}

#[tokio::test]
async fn a_refused_connection_is_seen_at_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let start = Instant::now();
    let error = Instrument::connect(&address, config()).await.unwrap_err();
    assert!(start.elapsed() < PROMPT);
    assert!(matches!(error.cause(), Cause::Connect(_)), "{error}");
    assert!(error.to_string().starts_with(&address.to_string()), "{error}");
}

#[tokio::test]
async fn an_end_of_stream_is_seen_at_once_and_says_what_had_come() {
    for (sent, text) in [
        (&b""[..], "the instrument closed the connection"),
        (b"+1.", "the instrument closed the connection in mid-answer, after '+1.'"),
        (b"#3100ab", "the instrument closed the connection in mid-answer, after '#3100ab'"),
    ] {
        let peer = Peer::serve(vec![vec![Step::Expect("READ?"), Step::Send(sent)]]).await;
        let meter = peer.instrument().await;
        let start = Instant::now();
        let error = meter.query("READ?").await.unwrap_err();
        assert!(start.elapsed() < PROMPT);
        assert_eq!(error.to_string(), format!("{}: 'READ?': {text}", peer.address));
        assert!(error.is_disconnected());
    }
}

#[tokio::test]
async fn silence_and_half_answers_explain_themselves() {
    for (sent, text) in [
        (&b""[..], "no answer within 120ms"),
        (b"+1.", "3 bytes, '+1.', waiting for a line feed"),
        (b"\"op", "3 bytes, '\"op', waiting for the closing \" of a string"),
        (b"#15ab", "5 bytes, '#15ab', waiting for 3 more bytes of a block of 5"),
    ] {
        let error =
            failure(vec![Step::Expect("READ?"), Step::Send(sent), Step::Drain], "READ?").await;
        assert!(error.is_timeout());
        assert!(error.to_string().ends_with(text), "{error}");
    }
}

#[tokio::test]
async fn whoever_sends_without_end_is_stopped_in_time() {
    for endless in [Step::Drip(b'1'), Step::Drip(b'\n'), Step::Forever(b'\n')] {
        let error = failure(vec![Step::Expect("READ?"), endless], "READ?").await;
        assert!(matches!(error.cause(), Cause::ReadTimeout(_)), "{error}");
    }
}

#[tokio::test]
async fn bounds_hold_against_hostile_lengths() {
    let error =
        failure(vec![Step::Expect("CURV?"), Step::Send(b"#9999999999"), Step::Drain], "CURV?")
            .await;
    assert!(matches!(error.cause(), Cause::Frame(FrameError::BlockTooLong { .. })), "{error}");
    let error =
        failure(vec![Step::Expect("CURV?"), Step::Send(b"#0abc\n"), Step::Drain], "CURV?").await;
    assert!(matches!(error.cause(), Cause::Frame(FrameError::IndefiniteBlock)), "{error}");

    let mut small = config();
    small.framing.max_line_bytes = 1000;
    let peer = Peer::serve(vec![vec![Step::Expect("READ?"), Step::Forever(b'1')]]).await;
    let meter = Instrument::connect(&peer.address, small).await.unwrap();
    let error = meter.query("READ?").await.unwrap_err();
    assert!(matches!(error.cause(), Cause::Frame(FrameError::LineTooLong { .. })), "{error}");
}

#[tokio::test]
async fn a_peer_that_never_reads_does_not_hold_a_write() {
    let peer = Peer::serve(vec![vec![Step::Hang]]).await;
    let hasty = ClientConfig { write_timeout: SHORT, ..config() };
    let generator = Instrument::connect(&peer.address, hasty).await.unwrap();
    let mut message = b"DATA ".to_vec();
    message.extend(scpi_protocol::block::definite(&vec![7; 32 << 20]));
    let start = Instant::now();
    let error = generator.write(&message).await.unwrap_err();
    assert!(start.elapsed() < PROMPT);
    assert!(matches!(error.cause(), Cause::WriteTimeout(_)), "{error}");
    assert!(error.command().len() < 1000);
}

#[tokio::test]
async fn a_message_that_would_be_two_is_refused() {
    let peer = Peer::serve(vec![vec![Step::Drain]]).await;
    let supply = peer.instrument().await;
    let error = supply.write("VOLT 5\nOUTP ON").await.unwrap_err();
    assert!(matches!(error.cause(), Cause::TwoMessages));
    supply.write("DISP \"a\nb\"").await.unwrap();
    supply.disconnect().await;
    assert_eq!(peer.lines().await, ["DISP \"a", "b\""]);
}

#[tokio::test]
async fn an_error_tells_the_last_ten_exchanges() {
    let mut script = Vec::new();
    for _ in 0..12 {
        script.extend([Step::ExpectAny, Step::Send(b"1\n")]);
    }
    script.extend([Step::Expect("OUTP ON"), Step::Expect("READ?"), Step::Drain]);
    let peer = Peer::serve(vec![script]).await;
    let meter = peer.instrument().await;
    for channel in 1..=12 {
        meter.query(format!("MEAS? (@{channel})")).await.unwrap();
    }
    meter.write("OUTP ON").await.unwrap();
    let explanation = meter.query_within("READ?", SHORT).await.unwrap_err().explanation();
    let lines: Vec<_> = explanation.lines().skip_while(|line| *line != "before it:").collect();
    assert_eq!(lines.len(), 11, "{explanation}");
    assert!(lines[1].starts_with("  MEAS? (@4) -> 1"), "{explanation}");
    assert!(lines[10].starts_with("  OUTP ON sent"), "{explanation}");
}

#[derive(Default)]
struct Kept(Mutex<Vec<(Duration, String)>>);

impl Tape for Kept {
    fn record(&self, entry: &TapeEntry<'_>) {
        let text = match entry.event {
            TapeEvent::Sent(bytes) => format!("> {}", bytes.escape_ascii()),
            TapeEvent::Received(bytes) => format!("< {}", bytes.escape_ascii()),
            TapeEvent::Note(note) => note.to_owned(),
            _ => String::new(),
        };
        self.0.lock().unwrap().push((entry.at, text));
    }
}

#[tokio::test]
async fn the_tape_has_every_byte_both_ways() {
    let peer = Peer::serve(vec![vec![Step::Expect("READ?"), Step::Send(b"1.50\r\n")]]).await;
    let tape = Arc::new(Kept::default());
    let meter =
        Instrument::connect_taped(&peer.address, config(), Some(tape.clone())).await.unwrap();
    meter.query("READ?").await.unwrap();
    let entries = tape.0.lock().unwrap();
    let texts: Vec<_> = entries.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["connected", "> READ?\\n", "< 1.50\\r\\n"]);
    assert!(entries.windows(2).all(|pair| pair[0].0 <= pair[1].0));
}

/// Quirk Q16: commands that come too fast are dropped.
#[tokio::test]
async fn messages_keep_their_distance() {
    let peer = Peer::serve(vec![vec![Step::Drain]]).await;
    let tape = Arc::new(Kept::default());
    let gap = Duration::from_millis(30);
    let slow = ClientConfig { min_gap: gap, ..config() };
    let supply = Instrument::connect_taped(&peer.address, slow, Some(tape.clone())).await.unwrap();
    for _ in 0..3 {
        supply.write("OUTP ON").await.unwrap();
    }
    let entries = tape.0.lock().unwrap();
    let sent: Vec<_> = entries.iter().filter(|(_, text)| text.starts_with('>')).collect();
    assert_eq!(sent.len(), 3);
    assert!(sent.windows(2).all(|pair| pair[1].0 - pair[0].0 >= gap), "{sent:?}");
}

/// A command and its terminator in two segments cost 44 ms each where the peer delays its acknowledgement.
#[tokio::test]
async fn a_message_is_one_write() {
    let script: Vec<_> = (0..3).flat_map(|_| [Step::ExpectAny, Step::Send(b"1\n")]).collect();
    let peer = Peer::serve(vec![script]).await;
    let tape = Arc::new(Kept::default());
    let meter =
        Instrument::connect_taped(&peer.address, config(), Some(tape.clone())).await.unwrap();
    for _ in 0..3 {
        meter.query("READ?").await.unwrap();
    }
    let entries = tape.0.lock().unwrap();
    let writes = entries.iter().filter(|(_, text)| text.starts_with('>'));
    assert!(writes.clone().all(|(_, text)| text == "> READ?\\n"));
    assert_eq!(writes.count(), 3);
}
