//! Several queries at once, and exchanges that allocate nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use peer::{Peer, SHORT, Step};
use scpi_client::{Cause, ClientConfig, Instrument};

async fn connected(peer: &Peer, config: ClientConfig) -> Instrument {
    Instrument::connect(&peer.address, config).await.unwrap()
}

#[tokio::test]
async fn as_many_queries_go_together_as_are_allowed() {
    for (pipelined, gap_ms) in [(1, 0), (2, 0), (3, 0), (100, 0), (100, 1)] {
        let script = match (pipelined, gap_ms) {
            // All three are there before anything is answered.
            (3 | 100, 0) => vec![
                Step::Expect("A?"),
                Step::Expect("*IDN?"),
                Step::Expect("C?"),
                Step::Bytewise(b"1\nACME, 'X,7,1\n#12\n,\n"),
            ],
            _ => vec![
                Step::Expect("A?"),
                Step::Send(b"1\n"),
                Step::Expect("*IDN?"),
                Step::Send(b"ACME, 'X,7,1\n"),
                Step::Expect("C?"),
                Step::Send(b"#12\n,\n"),
            ],
        };
        let peer = Peer::serve(vec![script]).await;
        let min_gap = std::time::Duration::from_millis(gap_ms);
        let meter = connected(&peer, ClientConfig { pipelined, min_gap, ..peer::config() }).await;
        let answers = meter.query_all(&["A?", "*IDN?", "C?"]).await.unwrap();
        assert_eq!(answers[0].integer(), Ok(1));
        assert_eq!(answers[1].text(), Ok("ACME, 'X,7,1"));
        assert_eq!(answers[2].block(), Ok(&b"\n,"[..]));
        assert_eq!(answers.len(), 3);
    }
}

/// One of several is not answered: nothing that comes later is taken for anything else.
#[tokio::test]
async fn a_gap_in_the_answers_puts_the_session_out_of_step() {
    let identity = [Step::Expect("*IDN?"), Step::Send(b"ACME,X,7,1\n")];
    let script = [
        &identity[..],
        &[Step::Expect("A?"), Step::Expect("FOO?"), Step::Expect("C?"), Step::Send(b"1\n")],
        &[Step::Wait, Step::Send(b"3\n")],
        &identity[..],
        &[Step::Expect("D?"), Step::Send(b"4\n")],
    ];
    let peer = Peer::serve(vec![script.concat()]).await;
    let config = ClientConfig { pipelined: 10, read_timeout: SHORT, ..peer::config() };
    let meter = connected(&peer, config).await;
    meter.identify().await.unwrap();
    let error = meter.query_all(&["A?", "FOO?", "C?"]).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::ReadTimeout(_)), "{error}");
    assert!(error.to_string().contains("'FOO?'"), "{error}");
    peer.go_on();
    assert_eq!(meter.query("D?").await.unwrap().integer(), Ok(4));
}

#[tokio::test]
async fn a_message_that_would_be_two_is_refused_among_many() {
    let peer = Peer::serve(vec![vec![Step::Drain]]).await;
    let meter = connected(&peer, ClientConfig { pipelined: 10, ..peer::config() }).await;
    let error = meter.query_all(&["A?", "B?\nC?"]).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::TwoMessages));
}

/// A block to values while it arrives, in any split.
#[tokio::test]
async fn a_block_becomes_values() {
    use scpi_protocol::preamble::{Preamble, Values};
    use scpi_protocol::response::Response;
    let script = vec![
        Step::Expect("CURV?"),
        Step::Bytewise(b"#14\x00\x02\x00\x04\n"),
        Step::Expect("CURV?"),
        Step::Send(b"#13\x00\x02\x00\n"),
        Step::Expect("CURV?"),
        Step::Send(b"1,2\n"),
    ];
    let peer = Peer::serve(vec![script]).await;
    let scope = connected(&peer, peer::config()).await;
    let answer = Response::new(b"1,2,2,1,1E-6,0,0,0.5,0,0".to_vec());
    let scale = Values::of(&Preamble::keysight(&answer).unwrap()).unwrap();
    let mut volts = vec![9.0];
    scope.query_values_into("CURV?", scale, &mut volts).await.unwrap();
    assert_eq!(volts, [1.0, 2.0]);
    let error = scope.query_values_into("CURV?", scale, &mut volts).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::PartOfASample), "{error}");
    let error = scope.query_values_into("CURV?", scale, &mut volts).await.unwrap_err();
    assert!(matches!(error.cause(), Cause::NotOneBlock { blocks: 0, .. }), "{error}");
}

/// Once buffers are large enough, an exchange allocates nothing.
#[test]
fn an_exchange_allocates_nothing_after_warm_up() {
    use std::io::{Read, Write};
    const WARM_UP: usize = 30;
    const MEASURED: usize = 100;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap()).parse().unwrap();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut query = [0; 64];
        while stream.read(&mut query).is_ok_and(|bytes| bytes > 0) {
            stream.write_all(b"+1.23456789E+00\n").unwrap();
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let meter = runtime.block_on(Instrument::connect(&address, peer::config())).unwrap();
    let mut answer = scpi_protocol::response::Response::default();
    let mut exchanges = |count| {
        runtime.block_on(async {
            for _ in 0..count {
                meter.query_into("MEAS:VOLT?", &mut answer).await.unwrap();
                assert_eq!(answer.number().unwrap().text, "+1.23456789E+00");
            }
        });
    };
    exchanges(WARM_UP);
    // A runtime may allocate when it is entered, once.
    let one = allocation_counter::measure(|| exchanges(1));
    let many = allocation_counter::measure(|| exchanges(MEASURED));
    assert_eq!(one.count_total, many.count_total, "{one:?}, {many:?}");
    drop(meter);
    served.join().unwrap();
}
