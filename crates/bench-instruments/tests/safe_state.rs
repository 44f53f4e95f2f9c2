//! Everything off: in its order, proved, and never held up by who is dead.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bench_instruments::safe_state::{READ_BACK_WAIT, STAGE_WAIT, Stage, default_stages, make_safe};
use bench_instruments::{Channel, OpenOptions, Opened};
use bench_model::OutputSafety;
use peer::{Kept, LOAD, METER, OTHER, Peer, SUPPLY, bench, channel, greeting, open_all, options};

/// Of instruments that are dead in a test; far below everybody's bounds.
const IMPATIENT: &str = "timeout_ms = 400";

fn of(opened: &Opened, name: &str, number: u32) -> Channel {
    assert!(opened.failed.is_empty(), "{:?}", opened.failed);
    opened.instruments[name].channel(name, number).unwrap()
}

fn states(outputs: &[OutputSafety]) -> Vec<(&str, u32, bool)> {
    outputs.iter().map(|it| (it.role.as_str(), it.channel, it.confirmed_off)).collect()
}

fn detail(output: &OutputSafety) -> &str {
    output.detail.as_deref().unwrap()
}

#[tokio::test]
async fn loads_go_off_before_supplies_and_nobody_is_asked_before_all_are_told() {
    let supply = Peer::of(
        SUPPLY,
        &["> :OUTP CH1,OFF", "> :OUTP CH2,OFF", "> :OUTP? CH1", "< OFF", "> :OUTP? CH2", "< OFF"],
    )
    .await;
    let load = Peer::of(LOAD, &["> :SOUR:INP:STAT OFF", "> :SOUR:INP:STAT?", "< 0"]).await;
    let meter = Peer::of(METER, &[]).await;
    let kept = Arc::new(Kept::default());
    let options = OpenOptions { tape: Some(kept.clone()), ..options() };
    let bench = bench(&[("psu", &supply, ""), ("sink", &load, ""), ("dmm", &meter, "")]);
    let opened = open_all(&bench, &options).await;
    let channels = [
        of(&opened, "psu", 1),
        of(&opened, "dmm", 1),
        of(&opened, "sink", 1),
        of(&opened, "psu", 2),
    ];
    let stages = default_stages(&channels);
    let roles = |stage: &Stage| {
        stage.0.iter().map(|it| (it.role().to_owned(), it.number())).collect::<Vec<_>>()
    };
    let named = |role: &str, number: u32| (role.to_owned(), number);
    assert_eq!(
        stages.iter().map(roles).collect::<Vec<_>>(),
        [vec![named("sink", 1)], vec![named("psu", 1), named("psu", 2)]]
    );
    kept.0.lock().unwrap().clear();

    let outputs = make_safe(&stages).await;
    assert_eq!(states(&outputs), [("sink", 1, true), ("psu", 1, true), ("psu", 2, true)]);
    assert!(outputs.iter().all(|it| it.detail.is_none()));
    let sent: Vec<_> = kept.0.lock().unwrap().iter().map(|(_, text)| text.clone()).collect();
    assert_eq!(sent[..3], [":SOUR:INP:STAT OFF", ":OUTP CH1,OFF", ":OUTP CH2,OFF"]);
    assert!(sent[3..].iter().all(|text| text.contains('?')), "{sent:?}");
    drop((opened, channels, stages));
    for peer in [supply, load, meter] {
        peer.finish().await;
    }
}

#[tokio::test]
async fn an_output_that_stays_on_is_told_again_and_then_named() {
    let told = ["> :OUTP CH1,OFF", "> :OUTP? CH1", "< ON"];
    for (last, is_off) in [("< OFF", true), ("< ON", false), ("< what", false)] {
        let again = ["> :OUTP CH1,OFF", "> :OUTP? CH1", last];
        let peer = Peer::of(SUPPLY, &[told, again].concat()).await;
        let outputs = make_safe(&[Stage(vec![channel(&peer, 1).await])]).await;
        assert_eq!(states(&outputs), [("it", 1, is_off)]);
        if !is_off {
            let answer = last.trim_start_matches("< ");
            assert_eq!(detail(&outputs[0]), format!("':OUTP? CH1' answers '{answer}'"));
        }
        peer.finish().await;
    }
}

#[tokio::test]
async fn who_is_dead_delays_nobody_and_is_named() {
    let mute = Peer::of(LOAD, &["silent"]).await;
    let gone = Peer::of(SUPPLY, &["close"]).await;
    let alive = Peer::of(SUPPLY, &["> :OUTP CH3,OFF", "> :OUTP? CH3", "< OFF"]).await;
    let kept = Arc::new(Kept::default());
    let options = OpenOptions {
        tape: Some(kept.clone()),
        connect_timeout: Duration::from_millis(400),
        ..options()
    };
    let bench =
        bench(&[("mute", &mute, IMPATIENT), ("gone", &gone, IMPATIENT), ("psu", &alive, "")]);
    let opened = open_all(&bench, &options).await;
    gone.finish().await;
    let first = Stage(vec![of(&opened, "mute", 1), of(&opened, "gone", 1)]);
    let stages = [first, Stage(vec![of(&opened, "psu", 3)])];
    let start = Instant::now();
    let outputs = make_safe(&stages).await;
    assert!(start.elapsed() < READ_BACK_WAIT, "{:?}", start.elapsed());
    assert_eq!(states(&outputs), [("mute", 1, false), ("gone", 1, false), ("psu", 3, true)]);
    assert!(
        detail(&outputs[1]).contains("':OUTP CH1,OFF': no connection"),
        "{}",
        detail(&outputs[1])
    );
    assert!(!detail(&outputs[0]).is_empty());
    let sent = kept.0.lock().unwrap().clone();
    assert!(sent.iter().any(|(at, text)| *at == mute.address && text == ":SOUR:INP:STAT OFF"));
    drop((opened, stages));
    alive.finish().await;
}

/// An instrument that takes no bytes any more holds its stage for the stage's wait, and no longer.
#[tokio::test]
async fn a_stage_waits_for_its_writes_and_no_longer() {
    let deaf = Peer::of(LOAD, &["deaf"]).await;
    let alive = Peer::of(SUPPLY, &["> :OUTP CH1,OFF", "> :OUTP? CH1", "< OFF"]).await;
    let bench = bench(&[("sink", &deaf, IMPATIENT), ("psu", &alive, "")]);
    let opened = open_all(&bench, &options()).await;
    let (sink, psu) = (of(&opened, "sink", 1), of(&opened, "psu", 1));
    let much = format!("DATA {}", "7".repeat(32 << 20));
    assert!(
        tokio::time::timeout(Duration::from_millis(50), sink.raw_command(&much)).await.is_err()
    );
    let start = Instant::now();
    let outputs = make_safe(&[Stage(vec![sink]), Stage(vec![psu])]).await;
    let took = start.elapsed();
    assert!(took >= STAGE_WAIT && took < READ_BACK_WAIT, "{took:?}");
    assert_eq!(states(&outputs), [("sink", 1, false), ("psu", 1, true)]);
    assert!(detail(&outputs[0]).contains("200ms"), "{}", detail(&outputs[0]));
}

/// The off command does not wait for an answer that is owed, and the read-back is the channel's own.
#[tokio::test]
async fn a_query_in_flight_holds_nothing_up() {
    let peer = Peer::of(
        SUPPLY,
        &["> :MEAS:VOLT? CH1", "> :OUTP CH1,OFF", "< 5.0114", "> :OUTP? CH1", "< OFF"],
    )
    .await;
    let supply = channel(&peer, 1).await;
    let asking =
        tokio::time::timeout(Duration::from_millis(20), supply.raw_query(":MEAS:VOLT? CH1"));
    assert!(asking.await.is_err());
    let outputs = make_safe(&[Stage(vec![supply])]).await;
    assert_eq!(states(&outputs), [("it", 1, true)]);
    peer.finish().await;
}

/// A connection that was lost in the run is made anew, and the instrument on it must be the known one.
#[tokio::test]
async fn a_lost_connection_is_made_anew() {
    let again = ["> :OUTP CH1,OFF", "> *IDN?", &format!("< {SUPPLY}"), "> :OUTP? CH1", "< OFF"];
    let scripts = vec![greeting(SUPPLY, &["> BOOM", "close"]), again.map(str::to_owned).to_vec()];
    let peer = Peer::serve(scripts).await;
    let supply = channel(&peer, 1).await;
    assert!(supply.raw_command("BOOM").await.unwrap_err().is_lost());
    let outputs = make_safe(&[Stage(vec![supply])]).await;
    assert_eq!(states(&outputs), [("it", 1, true)], "{outputs:?}");
    peer.finish().await;
}

#[tokio::test]
async fn what_cannot_be_switched_off_is_named_and_what_cannot_energise_is_not() {
    let (unknown, meter) = (Peer::of(OTHER, &[]).await, Peer::of(METER, &[]).await);
    let channels = [channel(&unknown, 1).await, channel(&meter, 1).await];
    assert!(channels.iter().all(|it| it.output().is_none()));
    assert!(default_stages(&channels).is_empty());
    let outputs = make_safe(&[Stage(channels.to_vec())]).await;
    assert_eq!(states(&outputs), [("it", 1, false)]);
    assert_eq!(outputs[0].instrument, "box");
    assert!(detail(&outputs[0]).contains("no output"), "{}", detail(&outputs[0]));
}
