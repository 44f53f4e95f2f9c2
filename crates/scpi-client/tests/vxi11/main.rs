//! The promises of a session over VXI-11, against peers that follow a script.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::future::Future;
use std::time::{Duration, Instant};

use peer::{Peer, SHORT, Step, config};
use scpi_client::{Cause, ClientConfig, Instrument, Resynchronised};
use scpi_protocol::status::StatusByte;

/// Less than the deadlines of other calls, with room for a busy machine.
const PROMPT: Duration = Duration::from_secs(10);

const IDENTITY: &[u8] = b"ACME,X,SN7,1.0\n";

/// The reason of the last piece of an answer, and of one that is not the last.
const LAST: i32 = 4;
const FULL: i32 = 1;

fn identify() -> [Step; 2] {
    [Step::Expect("*IDN?"), Step::Read(IDENTITY, LAST)]
}

fn script(parts: &[&[Step]]) -> Vec<Step> {
    parts.concat()
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

/// Quirk Q36: link 0, no bound on what is taken, a last word that is not filled up.
#[tokio::test]
async fn answers_end_where_they_say_on_link_0() {
    const UNFILLED: &[u8] = b"\x80\0\0\x26\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
        \0\0\0\0\0\0\0\x04\0\0\0\x021\n";
    let peer = Peer::serve(vec![vec![
        Step::Expect("A?"),
        Step::ReadNothing,
        Step::Read(b"a\nb", FULL),
        Step::Read(b"\nc\n", LAST | FULL),
        Step::Expect("B?"),
        Step::Raw(true, UNFILLED),
        Step::Expect("C?"),
        Step::ReadAfterStale(b"3"),
        Step::Expect("D?"),
        Step::Read(b"#0a\n#9\n", LAST),
    ]])
    .await;
    let meter = peer.instrument().await;
    for (query, answer) in [("A?", "a\nb\nc"), ("B?", "1"), ("C?", "3"), ("D?", "#0a\n#9")] {
        assert_eq!(meter.query(query).await.unwrap().raw(), answer.as_bytes());
    }
    peer.done().await;
}

#[tokio::test]
async fn a_message_is_cut_as_the_instrument_takes_it() {
    let pieces: &[&str] = &["VOL", "T 5", "\n"];
    let peer = Peer::serve_taking(3, vec![vec![Step::ExpectPieces(pieces)]]).await;
    peer.instrument().await.write("VOLT 5").await.unwrap();
    peer.done().await;
    let peer = Peer::serve_taking(0, vec![vec![Step::Expect("VOLT 5")]]).await;
    peer.instrument().await.write("VOLT 5").await.unwrap();
    peer.done().await;
}

#[tokio::test]
async fn a_timeout_is_followed_by_a_device_clear() {
    let peer = Peer::serve(vec![script(&[
        &identify(),
        &[Step::Expect("READ?"), Step::Read(b"+9.", FULL), Step::NothingUntilClear],
        &[Step::Expect("VOLT?"), Step::Read(b"5\n", LAST)],
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
async fn a_peer_that_no_longer_replies_costs_a_new_link() {
    let peer = Peer::serve(vec![
        script(&[&identify(), &[Step::Expect("READ?")]]),
        script(&[&identify(), &[Step::Expect("VOLT?"), Step::Read(b"5\n", LAST)]]),
    ])
    .await;
    let config = ClientConfig { probe_timeout: SHORT * 4, ..config() };
    let meter = Instrument::connect(&peer.address, config).await.unwrap();
    meter.identify().await.unwrap();
    assert!(meter.query_within("READ?", SHORT).await.is_err());
    assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
    assert_eq!(meter.connections_made().await, 2);
}

#[tokio::test]
async fn a_silent_peer_is_left_in_time() {
    let peer = Peer::serve(vec![vec![Step::Expect("READ?"), Step::Hang]]).await;
    let meter = peer.instrument().await;
    let start = Instant::now();
    let error = meter.query_within("READ?", SHORT).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::ReadTimeout(_)), "{error}");
    assert!(start.elapsed() < PROMPT);
}

#[tokio::test]
async fn a_broken_peer_is_told_at_once_and_costs_no_memory() {
    for (step, text) in [
        (Step::Raw(false, b"\xFF\xFF\xFF\xFF"), "a record of more than"),
        (Step::Raw(true, b"\x80\0\0\x0C\0\0\0\x01\0\0\0\x01"), "the call was denied"),
        (Step::Raw(true, b"\x80\0\0\x08\0\0\0\x01"), "a word is wanted"),
        (Step::Read(b"", 0), "closed"),
        (Step::Read(b"+1.", FULL), "after '+1.'"),
    ] {
        let peer = Peer::serve(vec![vec![Step::Expect("READ?"), step]]).await;
        let meter = peer.instrument().await;
        let start = Instant::now();
        let error = meter.query("READ?").await.unwrap_err();
        assert!(start.elapsed() < PROMPT);
        assert!(error.is_disconnected() && error.to_string().contains(text), "{text}: {error}");
    }
}

#[tokio::test]
async fn what_the_instrument_refuses_it_gives_a_reason_for() {
    let peer = Peer::serve(vec![vec![Step::RefuseWrite(11)]]).await;
    let error = peer.instrument().await.write("VOLT 5").await.unwrap_err();
    let wanted = "'VOLT 5': the connection broke: VXI-11 error 11, another link holds the lock";
    assert!(error.to_string().ends_with(wanted), "{error}");
}

#[tokio::test]
async fn off_goes_out_between_two_readings() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("READ?"),
        Step::ExpectAmidReadings("OUTP OFF\n"),
        Step::Read(b"1\n", LAST),
        Step::Status(0x44),
    ]])
    .await;
    let supply = peer.instrument().await;
    let waiting = tokio::spawn({
        let supply = supply.clone();
        async move { supply.query("READ?").await }
    });
    tokio::task::yield_now().await;
    supply.write_now("OUTP OFF", PROMPT).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().text(), Ok("1"));
    assert_eq!(supply.status_byte().await.unwrap(), StatusByte(0x44));
}

/// Asked for once, told without being waited for, and the byte asked for when there was one: two calls are one request.
#[tokio::test]
async fn service_requests_come_over_a_connection_of_their_own() {
    let peer = Peer::serve(vec![vec![
        Step::Interrupts,
        Step::Expect("VOLT 5"),
        Step::Tell(2),
        Step::Expect("VOLT?"),
        Step::Read(b"5\n", LAST),
        Step::Status(0x44),
        Step::Expect("VOLT?"),
        Step::Read(b"6\n", LAST),
    ]])
    .await;
    let supply = peer.instrument().await;
    assert_eq!(supply.service_request().await.unwrap(), None);
    supply.write("VOLT 5").await.unwrap();
    // The answer comes behind the calls.
    assert_eq!(supply.query("VOLT?").await.unwrap().raw(), b"5");
    let mut told = None;
    while told.is_none() {
        told = supply.service_request().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(told, Some(StatusByte(0x44)));
    assert_eq!(supply.service_request().await.unwrap(), None);
    assert_eq!(supply.query("VOLT?").await.unwrap().raw(), b"6");
    peer.done().await;

    let without = Peer::serve(vec![vec![Step::NoInterrupts]]).await;
    let supply = without.instrument().await;
    assert_eq!(supply.service_request().await.unwrap(), None);
    assert_eq!(supply.service_request().await.unwrap(), None);
}

/// Errors 11 (another link holds it) and 12 (this one does not).
#[tokio::test]
async fn the_lock_is_taken_waited_for_and_given_back() {
    let peer = Peer::serve(vec![vec![
        Step::Lock(0),
        Step::Unlock(0),
        Step::Unlock(12),
        Step::Lock(11),
        Step::Lock(11),
        Step::Lock(0),
        Step::Lock(3),
    ]])
    .await;
    let supply = peer.instrument().await;
    assert_eq!(supply.lock(Duration::ZERO).await.unwrap(), Some(true));
    assert_eq!(supply.unlock().await.unwrap(), Some(true));
    assert_eq!(supply.unlock().await.unwrap(), Some(false));
    assert_eq!(supply.lock(Duration::ZERO).await.unwrap(), Some(false));
    assert_eq!(supply.lock(PROMPT).await.unwrap(), Some(true));
    assert!(supply.lock(Duration::ZERO).await.is_err(), "the device is not accessible");
}

/// Dropped at every wait that a query has.
#[tokio::test]
async fn a_query_dropped_anywhere_leaves_the_next_one_its_own_answer() {
    for polls in 1..16_u32 {
        let peer = Peer::serve(vec![vec![
            Step::Expect("READ?"),
            Step::ReadNothing,
            Step::Read(b"#15a\nb", FULL),
            Step::Read(b"\nc\n", LAST),
            Step::Expect("VOLT?"),
            Step::Read(b"5\n", LAST),
        ]])
        .await;
        let meter = peer.instrument().await;
        poll_and_drop(meter.query("READ?"), polls).await;
        let answer = meter.query("VOLT?").await.unwrap();
        assert_eq!(answer.text(), Ok("5"), "dropped after {polls} polls");
        assert_eq!(meter.connections_made().await, 1);
    }
}
