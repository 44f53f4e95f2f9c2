//! Never out of step: late answers, dropped queries, lost connections, other instruments.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::future::Future;
use std::time::{Duration, Instant};

use peer::{Peer, SHORT, Step};
use scpi_client::{Cause, ClientConfig, Instrument, Resynchronised};

/// Less than the deadlines of other calls, with room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

const IDENTITY: &[u8] = b"ACME,X,SN7,1.0\n";

/// Polls a future until it waits for the wire for the first time, and drops it.
async fn start_and_drop(future: impl Future) {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let _ = future.as_mut().poll(context);
        std::task::Poll::Ready(())
    })
    .await;
}

fn identify() -> [Step; 2] {
    [Step::Expect("*IDN?"), Step::Send(IDENTITY)]
}

fn script(parts: &[&[Step]]) -> Vec<Step> {
    parts.concat()
}

#[tokio::test]
async fn a_late_answer_is_proved_gone_by_a_probe() {
    let peer = Peer::serve(vec![script(&[
        &identify(),
        &[Step::Expect("READ?"), Step::Wait, Step::Send(b"+9.9\n")],
        &identify(),
        &[Step::Expect("VOLT?"), Step::Send(b"5\n")],
    ])])
    .await;
    let meter = peer.instrument().await;
    meter.identify().await.unwrap();
    assert!(meter.query_within("READ?", SHORT).await.unwrap_err().is_timeout());
    peer.go_on();
    let how = meter.resynchronise().await.unwrap();
    assert_eq!(how, Resynchronised::ByProbe { thrown_away: 1 });
    assert_eq!(meter.resynchronise().await.unwrap(), Resynchronised::WasInStep);
    assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
    assert_eq!(meter.connections_made().await, 1);
}

/// Quirk Q22: half a block comes in time, its rest late, and holds line feeds.
#[tokio::test]
async fn the_late_rest_of_a_block_is_no_answer() {
    let peer = Peer::serve(vec![script(&[
        &identify(),
        &[Step::Expect("CURV?"), Step::Send(b"#210a\nb"), Step::Wait, Step::Send(b"\n1\n2\n34\n")],
        &identify(),
        &[Step::Expect("VOLT?"), Step::Send(b"5\n")],
    ])])
    .await;
    let scope = peer.instrument().await;
    scope.identify().await.unwrap();
    assert!(scope.query_within("CURV?", SHORT).await.unwrap_err().is_timeout());
    peer.go_on();
    assert_eq!(scope.query("VOLT?").await.unwrap().text(), Ok("5"));
    assert_eq!(scope.connections_made().await, 1);
}

/// Quirk Q23: an unknown query is never answered; the next one is, with its own answer.
#[tokio::test]
async fn a_query_that_is_never_answered_costs_nobody_else_an_answer() {
    let peer = Peer::serve(vec![script(&[
        &identify(),
        &[Step::Expect("FOO?")],
        &identify(),
        &[Step::Expect("VOLT?"), Step::Send(b"5\n")],
    ])])
    .await;
    let meter = peer.instrument().await;
    meter.identify().await.unwrap();
    assert!(meter.query_within("FOO?", SHORT).await.unwrap_err().is_timeout());
    assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
}

#[tokio::test]
async fn without_a_proof_there_is_a_new_connection() {
    for query in ["READ?", "*IDN?"] {
        let first = match query {
            "READ?" => vec![Step::ExpectAny, Step::Drain], // nobody known: no probe
            _ => script(&[&identify(), &[Step::ExpectAny, Step::Drain]]), // the probe would look the same
        };
        let confirm = if query == "READ?" { vec![] } else { identify().to_vec() };
        let second = script(&[&confirm, &[Step::Expect("VOLT?"), Step::Send(b"5\n")]]);
        let peer = Peer::serve(vec![first, second]).await;
        let meter = peer.instrument().await;
        if query == "*IDN?" {
            meter.identify().await.unwrap();
        }
        assert!(meter.query_within(query, SHORT).await.unwrap_err().is_timeout());
        let how = meter.resynchronise().await.unwrap();
        assert!(matches!(how, Resynchronised::ByNewConnection { .. }), "{how:?}");
        assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
        assert_eq!(meter.connections_made().await, 2);
    }
}

/// Quirk Q18: the new connection gets what the old one was owed.
#[tokio::test]
async fn an_answer_that_survives_the_connection_is_passed_over() {
    let peer = Peer::serve(vec![
        script(&[&identify(), &[Step::Expect("READ?")]]),
        script(&[
            &[Step::Expect("*IDN?"), Step::Send(b"+9.9\n"), Step::Send(IDENTITY)],
            &[Step::Expect("VOLT?"), Step::Send(b"5\n")],
        ]),
    ])
    .await;
    let meter = peer.instrument().await;
    meter.identify().await.unwrap();
    assert!(meter.query("READ?").await.unwrap_err().is_disconnected());
    assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
}

#[tokio::test]
async fn another_instrument_at_the_address_is_refused() {
    let other = [Step::Expect("*IDN?"), Step::Send(b"ACME,X,SN8,1.0\n"), Step::Drain];
    let first = script(&[&identify(), &[Step::Expect("VOLT?")]]);
    let peer = Peer::serve(vec![first, other.to_vec()]).await;
    let supply = peer.instrument().await;
    supply.identify().await.unwrap();
    assert!(supply.query("VOLT?").await.unwrap_err().is_disconnected());
    let error = supply.write("OUTP ON").await.unwrap_err();
    assert!(matches!(error.cause(), Cause::OtherInstrument { .. }), "{error}");
    assert_eq!(peer.lines().await, ["*IDN?", "VOLT?", "*IDN?"]);
}

#[tokio::test]
async fn garbage_that_nothing_asked_for_is_noticed_before_the_next_query() {
    let peer = Peer::serve(vec![script(&[
        &identify(),
        &[Step::Expect("VOLT?"), Step::Send(b"5\n+9.9\n")],
        &identify(),
        &[Step::Expect("CURR?"), Step::Send(b"1\n")],
    ])])
    .await;
    let meter = peer.instrument().await;
    meter.identify().await.unwrap();
    assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
    assert_eq!(meter.query("CURR?").await.unwrap().text(), Ok("1"));
}

#[tokio::test]
async fn the_answer_to_a_dropped_query_is_thrown_away() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("READ?"),
        Step::Send(b"+9.9\n"),
        Step::Expect("VOLT?"),
        Step::Send(b"5\n"),
    ]])
    .await;
    let meter = peer.instrument().await;
    start_and_drop(meter.query("READ?")).await;
    assert_eq!(meter.query("VOLT?").await.unwrap().text(), Ok("5"));
    assert_eq!(meter.connections_made().await, 1);
}

/// Dropped at every wait that a query has, on either side of every byte of its answer.
#[tokio::test]
async fn a_query_dropped_anywhere_leaves_the_next_one_its_own_answer() {
    const LATE: &[u8] = b"#15a\nb\nc,\"x\ny\"\n";
    for polls in 0..40_u32 {
        let peer = Peer::serve(vec![vec![
            Step::ExpectAny,
            Step::Bytewise(LATE),
            Step::ExpectAny,
            Step::Send(b"5\n"),
        ]])
        .await;
        let meter = peer.instrument().await;
        {
            let mut query = std::pin::pin!(meter.query("READ?"));
            let mut left = polls;
            std::future::poll_fn(|context| match (left, query.as_mut().poll(context)) {
                (0, _) | (_, std::task::Poll::Ready(_)) => std::task::Poll::Ready(()),
                _ => {
                    left -= 1;
                    std::task::Poll::Pending
                }
            })
            .await;
        }
        let answer = meter.query("VOLT?").await.unwrap();
        assert_eq!(answer.text(), Ok("5"), "dropped after {polls} polls");
    }
}

#[tokio::test]
async fn a_cut_message_is_sent_to_its_end_before_the_next() {
    let peer = Peer::serve(vec![vec![Step::Wait, Step::Drain]]).await;
    let generator = peer.instrument().await;
    let long = format!("DATA \"{}\"", "x".repeat(32 << 20));
    start_and_drop(generator.write(&long)).await;
    peer.go_on();
    generator.write("OUTP OFF").await.unwrap();
    generator.disconnect().await;
    let lines = peer.lines().await;
    assert_eq!(lines.len(), 2);
    assert!(lines[0] == long, "{} bytes", lines[0].len());
    assert_eq!(lines[1], "OUTP OFF");
}

#[tokio::test]
async fn a_write_that_asks_all_the_same_owes_an_answer() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("VOLT 5;VOLT?"),
        Step::Send(b"5\n"),
        Step::Expect("CURR?"),
        Step::Send(b"1\n"),
    ]])
    .await;
    let supply = peer.instrument().await;
    supply.write("VOLT 5;VOLT?").await.unwrap();
    assert_eq!(supply.query("CURR?").await.unwrap().text(), Ok("1"));
}

#[tokio::test]
async fn off_goes_out_while_another_task_waits_for_an_answer() {
    let peer = Peer::serve(vec![vec![
        Step::Expect("READ?"),
        Step::Expect("OUTP OFF"),
        Step::Send(b"1\n"),
    ]])
    .await;
    let supply = peer.instrument().await;
    let waiting = tokio::spawn({
        let supply = supply.clone();
        async move { supply.query("READ?").await }
    });
    tokio::task::yield_now().await;
    supply.write_now("OUTP OFF", PATIENCE).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().text(), Ok("1"));
}

#[tokio::test]
async fn off_goes_out_on_a_new_connection_when_the_old_one_is_gone() {
    let peer = Peer::serve(vec![
        script(&[&identify(), &[Step::Expect("READ?")]]),
        script(&[
            &[Step::Expect("OUTP OFF")],
            &identify(),
            &[Step::Expect("OUTP?"), Step::Send(b"0\n")],
        ]),
    ])
    .await;
    let supply = peer.instrument().await;
    supply.identify().await.unwrap();
    supply.query("READ?").await.unwrap_err();
    supply.write_now("OUTP OFF", PATIENCE).await.unwrap();
    assert_eq!(supply.query("OUTP?").await.unwrap().boolean(), Ok(false));
    assert_eq!(supply.connections_made().await, 2);
}

#[tokio::test]
async fn off_that_cannot_go_out_says_so_by_its_deadline() {
    let peer = Peer::serve(vec![vec![Step::Hang]]).await;
    let supply = peer.instrument().await;
    let fill = "x".repeat(32 << 20);
    start_and_drop(supply.write(format!("DATA \"{fill}\""))).await;
    let start = Instant::now();
    let error = supply.write_now("OUTP OFF", SHORT).await.unwrap_err();
    assert!(start.elapsed() < PATIENCE);
    assert!(matches!(error.cause(), Cause::WriteTimeout(_)), "{error}");
    assert_eq!(error.command(), "OUTP OFF");
}

#[tokio::test]
async fn clones_take_turns_and_get_their_own_answers() {
    let peer =
        Peer::serve(vec![(0..100).flat_map(|_| [Step::ExpectAny, Step::Send(b"0\n")]).collect()])
            .await;
    let meter = peer.instrument().await;
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let meter = meter.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    assert_eq!(meter.query("READ?").await.unwrap().text(), Ok("0"));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Keysight's control port: `DCL` is sent there and comes back; then the probe proves that nothing older is left.
#[tokio::test]
async fn the_control_port_of_a_raw_socket_brings_it_into_step() {
    let control = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = control.local_addr().unwrap().port();
    let told: &'static str = Box::leak(format!("+{port}\n").into_boxed_str());
    let cleared = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = control.accept().await.unwrap();
        let mut clear = [0; 4];
        stream.read_exact(&mut clear).await.unwrap();
        stream.write_all(&clear).await.unwrap();
        clear
    });
    let peer = Peer::serve(vec![script(&[
        &identify(),
        &[Step::Expect("SYST:COMM:TCPIP:CONTROL?"), Step::Send(told.as_bytes())],
        &[Step::Expect("CURV?"), Step::Send(b"#3100ab")],
        &identify(),
        &[Step::Expect("VOLT?"), Step::Send(b"5\n")],
    ])])
    .await;
    let config = ClientConfig { has_control_port: true, ..peer::config() };
    let scope = Instrument::connect(&peer.address, config).await.unwrap();
    scope.identify().await.unwrap();
    assert!(scope.query_within("CURV?", SHORT).await.unwrap_err().is_timeout());
    let how = scope.resynchronise().await.unwrap();
    assert_eq!(how, Resynchronised::ByControlPort { thrown_away: 0 });
    assert_eq!(&cleared.await.unwrap(), b"DCL\n");
    assert_eq!(scope.query("VOLT?").await.unwrap().text(), Ok("5"));
    assert_eq!(scope.connections_made().await, 1);
}
