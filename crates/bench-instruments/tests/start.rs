//! The start of a session with one instrument: its preset and its front panel.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::sync::Arc;

use bench_catalog::Dialects;
use bench_instruments::OpenOptions;
use peer::{METER, OTHER, Peer, bench, only, open_all, options};

const WITH_PRESET: &str = r#"
name = "ref"
title = "a reference"
source = "this test"
class = "multimeter"
identities = ["ACME Instruments,*"]
channels = [{}]
preset = ["*CLS", "SYST:PRES"]
[front_panel]
lockout = ["SYST:RWL"]
local = ["SYST:LOC"]
"#;

fn with_preset() -> OpenOptions {
    let dialects = Dialects::built_in().unwrap().with("ref.toml", WITH_PRESET).unwrap();
    OpenOptions { dialects: Arc::new(dialects), ..options() }
}

#[tokio::test]
async fn a_dialect_says_how_it_is_brought_into_a_known_state_and_who_turns_its_knobs() {
    let script = [
        "> *CLS",
        "> SYST:PRES",
        "> SYST:ERR?",
        "< -221,\"Settings conflict\"",
        "ok",
        "> SYST:RWL",
        "ok",
        "> SYST:LOC",
    ];
    let peer = Peer::of(OTHER, &script).await;
    let opened = open_all(&bench(&[("it", &peer, "")]), &with_preset()).await;
    let it = only(opened);
    let refused = it.preset().await.unwrap();
    assert_eq!(refused[0].to_string(), "-221,\"Settings conflict\"");
    assert!(it.lock_panel().await.unwrap());
    it.free_panel().await.unwrap();
    drop(it);
    peer.finish().await;
}

#[tokio::test]
async fn who_has_no_words_for_it_is_sent_nothing() {
    let peer = Peer::of(METER, &[]).await;
    let it = only(open_all(&bench(&[("it", &peer, "")]), &options()).await);
    assert!(it.preset().await.unwrap().is_empty());
    assert!(!it.lock_panel().await.unwrap());
    it.free_panel().await.unwrap();
    drop(it);
    peer.finish().await;
}

#[tokio::test]
async fn another_instrument_is_used_where_that_is_allowed_and_is_named() {
    let more = "serial = 'SN00002'";
    let peer = Peer::of(OTHER, &[]).await;
    let any_identity = ["it".to_owned()].into();
    let allowed = OpenOptions { any_identity, ..options() };
    let it = only(open_all(&bench(&[("it", &peer, more)]), &allowed).await);
    assert!(it.unexpected().unwrap().contains("the serial number 'SN00002'"));
    drop(it);
    peer.finish().await;
}
