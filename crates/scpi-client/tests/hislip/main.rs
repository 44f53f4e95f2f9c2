//! The promises of a session over HiSLIP, against peers that follow a script.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::future::Future;
use std::time::{Duration, Instant};

use peer::{Channel, Peer, SHORT, Step, config};
use scpi_client::{Cause, ClientConfig, Instrument, Resynchronised};
use scpi_protocol::hislip::Kind;
use scpi_protocol::status::StatusByte;
use tokio::net::TcpListener;

/// Less than the deadlines of other calls, with room for a busy machine.
const PROMPT: Duration = Duration::from_secs(10);

const IDENTITY: &[u8] = b"ACME,X,SN7,1.0\n";

fn script(parts: &[&[Step]]) -> Vec<Step> {
    parts.concat()
}

fn identify(control: u8) -> [Step; 2] {
    [Step::Expect("*IDN?", control), Step::Answer(IDENTITY)]
}

/// Polls a future so often, and drops it.
async fn poll_and_drop(future: impl Future, mut polls: u32) {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| match (polls, future.as_mut().poll(context)) {
        (0, _) | (_, std::task::Poll::Ready(_)) => std::task::Poll::Ready(()),
        _ => {
            polls -= 1;
            std::task::Poll::Pending
        }
    })
    .await;
}

#[tokio::test]
async fn answers_end_where_they_say_and_are_acknowledged() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("VOLT 5", 0),
        Step::Expect("VOLT?", 0),
        Step::Answer(b"5"),
        Step::Expect("LIST?", 1),
        Step::Piece(b"a\nb"),
        Step::Answer(b"\nc\n"),
        Step::Expect("OUTP ON", 1),
        Step::Expect("DATA?", 0),
        Step::Answer(b"#0a\n#9\n"),
    ]])
    .await;
    let supply = peer.instrument().await;
    supply.write("VOLT 5").await.unwrap();
    assert_eq!(supply.query("VOLT?").await.unwrap().raw(), b"5");
    assert_eq!(supply.query("LIST?").await.unwrap().raw(), b"a\nb\nc");
    supply.write("OUTP ON").await.unwrap();
    assert_eq!(supply.query("DATA?").await.unwrap().raw(), b"#0a\n#9");
    peer.done().await;
}

#[tokio::test]
async fn a_block_arrives_in_the_callers_buffer() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("CURV?", 0),
        Step::Piece(b"#15a\n"),
        Step::Answer(b"b\nc\n"),
    ]])
    .await;
    let mut data = Vec::new();
    peer.instrument().await.query_block_into("CURV?", &mut data).await.unwrap();
    assert_eq!(data, b"a\nb\nc");
}

#[tokio::test]
async fn an_answer_with_another_number_is_nobodys() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("A?", 0),
        Step::Answer(b"1\n"),
        Step::Expect("B?", 1),
        Step::AnswerOlder(1, b"stale\n"),
        Step::AnswerOlder(9, b"staler\n"),
        Step::Answer(b"2\n"),
        Step::AnswerOlder(0, b"twice\n"),
        Step::Expect("C?", 1),
        Step::Answer(b"3\n"),
    ]])
    .await;
    let meter = peer.instrument().await;
    for (query, answer) in [("A?", "1"), ("B?", "2"), ("C?", "3")] {
        assert_eq!(meter.query(query).await.unwrap().text(), Ok(answer));
    }
    assert_eq!(meter.connections_made().await, 1);
}

/// Clause 6.5: granted, held by another session for longer than it is waited for, granted at the second request, given
/// back, and not there to be given back.
#[tokio::test]
async fn the_lock_is_taken_waited_for_and_given_back() {
    let peer = Peer::serve(vec![vec![
        Step::Lock(1, 1),
        Step::Lock(0, 1),
        Step::Lock(1, 0),
        Step::Lock(1, 0),
        Step::Lock(1, 1),
        Step::Lock(0, 3),
        Step::Lock(1, 3),
    ]])
    .await;
    let scope = peer.instrument().await;
    assert_eq!(scope.lock(Duration::ZERO).await.unwrap(), Some(true));
    assert_eq!(scope.unlock().await.unwrap(), Some(true));
    assert_eq!(scope.lock(SHORT).await.unwrap(), Some(false));
    assert_eq!(scope.lock(PROMPT).await.unwrap(), Some(true));
    assert_eq!(scope.unlock().await.unwrap(), Some(false));
    assert!(scope.lock(SHORT).await.is_err(), "it is held already");
}

/// Numbers and flags begin anew after a device clear, and what was on the wire is thrown away.
#[tokio::test]
async fn a_timeout_is_followed_by_a_device_clear() {
    let peer = Peer::serve(vec![script(&[
        &identify(0),
        &[Step::Expect("READ?", 1), Step::Piece(b"+9.")],
        &[Step::Clear, Step::Expect("VOLT?", 0), Step::Answer(b"5\n")],
    ])])
    .await;
    let meter = peer.instrument().await;
    meter.identify().await.unwrap();
    let error = meter.query_within("READ?", SHORT).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("'+9.'"), "{error}");
    assert_eq!(meter.resynchronise().await.unwrap(), Resynchronised::ByDeviceClear);
    assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
    assert_eq!(meter.connections_made().await, 1);
    peer.done().await;
}

#[tokio::test]
async fn a_device_clear_that_is_not_answered_costs_a_new_connection() {
    let peer = Peer::serve(vec![
        script(&[&identify(0), &[Step::Expect("READ?", 1), Step::IgnoreClear]]),
        script(&[&identify(0), &[Step::Expect("VOLT?", 1), Step::Answer(b"5\n")]]),
    ])
    .await;
    let config = ClientConfig { probe_timeout: SHORT * 4, ..config() };
    let meter = Instrument::connect(&peer.address, config).await.unwrap();
    meter.identify().await.unwrap();
    assert!(meter.query_within("READ?", SHORT).await.unwrap_err().is_timeout());
    let how = meter.resynchronise().await.unwrap();
    assert!(matches!(how, Resynchronised::ByNewConnection { identity: Some(_) }), "{how:?}");
    assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
}

/// A device clear would throw away an off command that the instrument has not come to yet.
#[tokio::test]
async fn an_off_command_is_proved_executed_before_any_device_clear() {
    let peer = Peer::serve(vec![script(&[
        &identify(0),
        &[Step::Expect("READ?", 1), Step::Expect("OUTP OFF", 0)],
        &identify(0),
        &[Step::Expect("OUTP?", 1), Step::Answer(b"0\n")],
    ])])
    .await;
    let supply = peer.instrument().await;
    supply.identify().await.unwrap();
    assert!(supply.query_within("READ?", SHORT).await.unwrap_err().is_timeout());
    supply.write_now("OUTP OFF", PROMPT).await.unwrap();
    let how = supply.resynchronise().await.unwrap();
    assert_eq!(how, Resynchronised::ByProbe { thrown_away: 0 });
    assert_eq!(supply.query("OUTP?").await.unwrap().boolean(), Ok(false));
    peer.done().await;
}

#[tokio::test]
async fn an_interrupted_query_says_so_at_once_and_costs_nobody_an_answer() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("READ?", 0),
        Step::Interrupt,
        Step::Expect("VOLT?", 0),
        Step::Answer(b"5\n"),
    ]])
    .await;
    let supply = peer.instrument().await;
    let start = Instant::now();
    let error = supply.query("READ?").await.unwrap_err();
    assert!(start.elapsed() < PROMPT);
    assert!(matches!(error.cause(), Cause::Interrupted), "{error}");
    assert_eq!(supply.query("VOLT?").await.unwrap().text(), Ok("5"));
    assert_eq!(supply.connections_made().await, 1);
}

#[tokio::test]
async fn status_and_service_requests_come_beside_a_query() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("READ?", 0),
        Step::RequestService(0x60),
        Step::Status(0x44),
        Step::Answer(b"1\n"),
        Step::Hang,
    ]])
    .await;
    let meter = peer.instrument().await;
    let waiting = tokio::spawn({
        let meter = meter.clone();
        async move { meter.query("READ?").await }
    });
    tokio::task::yield_now().await;
    assert_eq!(meter.status_byte().await.unwrap(), StatusByte(0x44));
    assert_eq!(meter.service_request().await.unwrap(), Some(StatusByte(0x60)));
    assert_eq!(meter.service_request().await.unwrap(), None);
    assert_eq!(waiting.await.unwrap().unwrap().text(), Ok("1"));
}

#[tokio::test]
async fn a_status_query_that_is_dropped_leaves_the_next_one_its_own_reply() {
    let peer = Peer::serve(vec![vec![Step::Status(1), Step::Status(2), Step::Hang]]).await;
    let meter = peer.instrument().await;
    poll_and_drop(meter.status_byte(), 1).await;
    assert_eq!(meter.status_byte().await.unwrap(), StatusByte(2));
}

/// Dropped at every wait that a query has.
#[tokio::test]
async fn a_query_dropped_anywhere_leaves_the_next_one_its_own_answer() {
    for polls in 0..12_u32 {
        let own = [Step::Expect("VOLT?", 0), Step::Answer(b"5\n")];
        let first = [Step::Expect("READ?", 0), Step::Piece(b"#15a\nb"), Step::Answer(b"\nc\n")];
        let after = [Step::Expect("VOLT?", 1), Step::Answer(b"5\n")];
        let script = if polls == 0 { own.to_vec() } else { [&first[..], &after[..]].concat() };
        let peer = Peer::serve(vec![script]).await;
        let meter = peer.instrument().await;
        if polls > 0 {
            poll_and_drop(meter.query("READ?"), polls).await;
        }
        let answer = meter.query("VOLT?").await.unwrap();
        assert_eq!(answer.text(), Ok("5"), "dropped after {polls} polls");
    }
}

#[tokio::test]
async fn a_long_message_is_cut_as_the_instrument_takes_it() {
    let peer = Peer::serve_taking(
        256,
        vec![vec![Step::Expect(LONG, 0), Step::Answer(b"1\n"), Step::Expect("A?", 1)]],
    )
    .await;
    let generator = peer.instrument().await;
    assert_eq!(generator.query(LONG).await.unwrap().text(), Ok("1"));
    assert!(generator.query("A?").await.unwrap_err().is_disconnected());
}

const LONG: &str = "DATA? 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
    yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\
    zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz'";

#[tokio::test]
async fn a_broken_peer_is_told_at_once_and_costs_no_memory() {
    const ENORMOUS: &[u8] = b"HS\x07\0\xFF\xFF\xFF\0\x10\0\0\0\0\0\0\0";
    const FATAL: &[u8] = b"HS\x02\x01\0\0\0\0\0\0\0\0\0\0\0\x04poor";
    for (sent, text) in [
        (ENORMOUS, "a payload of 1152921504606846976 bytes is announced"),
        (b"HTTP/1.1 400 Bad Request", "a message begins with 'HT' instead of 'HS'"),
        (FATAL, "HiSLIP fatal error 1 of the instrument: 'poor'"),
        (b"", "the instrument closed the connection"),
        (b"HS\x07\0\xFF\xFF\xFF\0\0\0\0\0\0\0\0\x09+1.", "in mid-answer, after '+1.'"),
    ] {
        let peer = Peer::serve(vec![vec![Step::Expect("READ?", 0), Step::Raw(sent)]]).await;
        let meter = peer.instrument().await;
        let start = Instant::now();
        let error = meter.query("READ?").await.unwrap_err();
        assert!(start.elapsed() < PROMPT);
        assert!(error.is_disconnected() && error.to_string().contains(text), "{error}");
    }
}

#[tokio::test]
async fn a_session_that_is_refused_says_why_and_one_that_never_opens_ends_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let address = format!("TCPIP::127.0.0.1::hislip0,{port}::INSTR").parse().unwrap();
    let peer = tokio::spawn(async move {
        let mut channel = Channel::new(listener.accept().await.unwrap().0);
        channel.next().await;
        channel.say(Kind::FatalError, 4, 0, b"full").await;
        let silent = listener.accept().await;
        std::future::pending::<()>().await;
        drop(silent);
    });
    let error = Instrument::connect(&address, config()).await.unwrap_err();
    assert!(
        error.to_string().contains("HiSLIP fatal error 4 of the instrument: 'full'"),
        "{error}"
    );
    let hasty = ClientConfig { connect_timeout: SHORT, ..config() };
    let error = Instrument::connect(&address, hasty).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::ConnectTimeout(_)), "{error}");
    peer.abort();
}

/// A message that is cut has its number all the same: its rest goes before the next, which follows it.
#[tokio::test]
async fn a_cut_message_is_sent_to_its_end_before_the_next() {
    let long: &'static str = format!("DATA \"{}\"", "x".repeat(32 << 20)).leak();
    let peer = Peer::serve(vec![vec![Step::Expect(long, 0), Step::Expect("OUTP OFF", 0)]]).await;
    let generator = peer.instrument().await;
    poll_and_drop(generator.write(long), 1).await;
    generator.write("OUTP OFF").await.unwrap();
    peer.done().await;
}
