//! A connection that another process has left in any state: off goes out at once, and no old answer is believed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::time::Duration;

use peer::{Peer, Step, config};
use scpi_client::{ClientError, Instrument};
use scpi_protocol::identity::Identity;

/// Less than the deadlines of other calls, with room for a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// The first process: it has identified the instrument.
async fn first(peer: &Peer) -> (Instrument, Identity) {
    let supply = peer.instrument().await;
    let known = supply.identify().await.unwrap();
    (supply, known)
}

fn identify() -> [Step; 2] {
    [Step::Expect("*IDN?"), Step::Send(b"ACME,X,SN7,1.0\n")]
}

fn off_and_proof() -> [Step; 5] {
    let [ask, answer] = identify();
    [Step::Expect("OUTP OFF"), ask, answer, Step::Expect("OUTP?"), Step::Send(b"0\n")]
}

#[tokio::test]
async fn an_answer_that_the_first_process_was_owed_is_thrown_away() {
    let [ask, answer] = identify();
    let script = [
        vec![ask.clone(), answer.clone(), Step::Expect("READ?")],
        // What the first process may have begun is ended before anything else.
        vec![Step::Expect("")],
        vec![Step::Expect("OUTP OFF"), Step::Send(b"1\n"), ask, answer],
        vec![Step::Expect("OUTP?"), Step::Send(b"0\n")],
    ];
    let peer = Peer::serve(vec![script.concat()]).await;
    let (supply, known) = first(&peer).await;
    let (number, socket) = supply.duplicate_newer(0).unwrap();
    assert_eq!(number, 1);
    assert!(supply.duplicate_newer(number).is_none(), "there is none newer");
    supply.write("READ?").await.unwrap();
    let second = Instrument::taken_over(&peer.address, config(), Some(socket), Some(known));
    second.write_now("OUTP OFF", PATIENCE).await.unwrap();
    assert_eq!(second.query("OUTP?").await.unwrap().boolean(), Ok(false));
    assert_eq!(second.connections_made().await, 1);
    peer.lines().await;
}

#[tokio::test]
async fn a_connection_that_is_gone_is_made_anew() {
    for is_given in [true, false] {
        let scripts = vec![identify().to_vec(), off_and_proof().to_vec()];
        let peer = Peer::serve(scripts).await;
        let (supply, known) = first(&peer).await;
        let socket = supply.duplicate_newer(0).map(|(_, socket)| socket).filter(|_| is_given);
        supply.disconnect().await;
        assert!(supply.duplicate_newer(0).is_none(), "closed");
        let second = Instrument::taken_over(&peer.address, config(), socket, Some(known));
        // Whether a connection is gone is known at once, or by the first write to it.
        let mut sent = second.write_now("OUTP OFF", PATIENCE).await;
        if sent.as_ref().is_err_and(ClientError::is_disconnected) && is_given {
            sent = second.write_now("OUTP OFF", PATIENCE).await;
        }
        sent.unwrap();
        assert_eq!(second.query("OUTP?").await.unwrap().boolean(), Ok(false));
        peer.lines().await;
    }
}
