//! A bench opened: who is there, what it speaks, and everything that can be wrong with it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bench_instruments::{InstrumentError, OpenOptions, open};
use bench_model::RoleBinding;
use peer::{LOAD, METER, OTHER, Peer, SCOPE, SUPPLY, bench, greeting, only, open_all, options};

async fn failure(peer: Peer, more: &str, options: OpenOptions) -> InstrumentError {
    let mut opened = open_all(&bench(&[("psu", &peer, more)]), &options).await;
    assert!(opened.instruments.is_empty());
    let (name, error) = opened.failed.pop().unwrap();
    assert_eq!(name, "psu");
    assert!(error.to_string().contains(&peer.address), "{error}");
    error
}

#[tokio::test]
async fn every_identity_finds_its_dialect_and_nothing_else_is_written() {
    for (idn, dialect) in [
        (SUPPLY, "rigol_dp800"),
        (LOAD, "rigol_dl3000"),
        (SCOPE, "rigol_mso5000"),
        (METER, "keysight_truevolt"),
        (OTHER, "scpi_instrument"),
    ] {
        let peer = Peer::of(idn, &[]).await;
        let instrument = only(open_all(&bench(&[("box", &peer, "")]), &options()).await);
        assert_eq!(instrument.dialect().name, dialect);
        assert_eq!((instrument.name(), instrument.address()), ("box", peer.address.clone()));
        assert_eq!(instrument.identity().raw, idn);
        assert_eq!(instrument.connections_made().await, 1);
        assert!(!instrument.simulated() && instrument.old_errors().is_empty());
        drop(instrument);
        peer.finish().await;
    }
}

#[tokio::test]
async fn the_bench_file_names_the_dialect_and_knows_the_instrument() {
    let peer = Peer::of(OTHER, &[]).await;
    let more = "dialect = 'rigol_dp800'\nserial = 'SN00001'\nidentity = 'acme*, REF-*'\n\
                calibration = { due = '2027-05-01' }";
    let instrument = only(open_all(&bench(&[("psu", &peer, more)]), &options()).await);
    assert_eq!(instrument.dialect().name, "rigol_dp800");
    assert_eq!(instrument.calibration().unwrap().due.as_deref(), Some("2027-05-01"));
}

#[tokio::test]
async fn old_errors_are_taken_and_kept_apart() {
    let script = [
        "> *IDN?",
        "< RIGOL TECHNOLOGIES,DP832,1,2",
        "> SYST:ERR?",
        "< -113,\"Undefined header\"",
        "> SYST:ERR?",
        "< -222,\"Data out of range\"",
        "ok",
    ];
    let peer = Peer::serve(vec![script.map(str::to_owned).to_vec()]).await;
    let instrument = only(open_all(&bench(&[("psu", &peer, "")]), &options()).await);
    let codes: Vec<_> = instrument.old_errors().iter().map(|entry| entry.code).collect();
    assert_eq!(codes, [-113, -222]);
}

#[tokio::test]
async fn an_error_queue_that_never_empties_is_broken() {
    let mut script = vec!["> *IDN?".to_owned(), format!("< {SUPPLY}")];
    for _ in 0..40 {
        script.extend(["> SYST:ERR?", "< -350,\"Queue overflow\""].map(str::to_owned));
    }
    let error = failure(Peer::serve(vec![script]).await, "", options()).await;
    assert!(matches!(error, InstrumentError::EndlessErrors { read: 32, .. }), "{error}");
    assert!(error.to_string().contains("'SYST:ERR?'"), "{error}");
}

#[tokio::test]
async fn another_instrument_than_the_bench_file_says_is_refused_by_both_names() {
    for (idn, more, wanted) in [
        (SUPPLY, "serial = 'DP8C000000001'", "the serial number 'DP8C000000001'"),
        ("ACME,REF-1,0,1", "serial = '7'", "the serial number '7'"),
        (SUPPLY, "identity = 'RIGOL TECHNOLOGIES,DP711'", "'RIGOL TECHNOLOGIES,DP711'"),
        (SUPPLY, "identity = 'Siglent*'", "'Siglent*'"),
    ] {
        let script = vec!["> *IDN?".to_owned(), format!("< {idn}")];
        let error = failure(Peer::serve(vec![script]).await, more, options()).await;
        assert!(matches!(error, InstrumentError::WrongIdentity { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains(idn) && text.contains(wanted) && text.starts_with("psu at "),
            "{text}"
        );
        assert!(!error.is_lost() && !error.is_refusal() && !error.is_timeout());
    }
}

#[tokio::test]
async fn an_unknown_dialect_is_told_before_anything_is_connected() {
    let peer = Peer::serve(Vec::new()).await;
    let error = failure(peer, "dialect = 'rigol'", options()).await.to_string();
    assert!(error.contains("no dialect 'rigol'") && error.contains("rigol_dp800"), "{error}");
}

#[tokio::test]
async fn lost_silent_and_garbled_instruments_say_so() {
    let short = || OpenOptions { read_timeout: Duration::from_millis(400), ..options() };
    for (script, lost, timeout, wanted) in [
        (vec!["> *IDN?", "close"], true, false, "'*IDN?': the instrument closed the connection"),
        (vec!["silent"], false, true, "'*IDN?': no answer within 400ms"),
        (vec!["> *IDN?", "< +1.5E+00"], false, false, "'+1.5E+00' is no identity"),
    ] {
        let script = script.into_iter().map(str::to_owned).collect();
        let error = failure(Peer::serve(vec![script]).await, "", short()).await;
        assert_eq!((error.is_lost(), error.is_timeout()), (lost, timeout), "{error}");
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let peer = Peer::serve(Vec::new()).await;
    while !peer.is_closed() {
        tokio::task::yield_now().await;
    }
    let error = failure(peer, "", short()).await;
    assert!(error.is_lost() && error.to_string().contains("no connection"), "{error}");
}

#[tokio::test]
async fn instruments_are_opened_side_by_side_and_fail_alone() {
    let (supply, load) = (Peer::of(SUPPLY, &[]).await, Peer::of(LOAD, &[]).await);
    let wrong = Peer::serve(vec![vec!["> *IDN?".to_owned(), "close".to_owned()]]).await;
    let bench = bench(&[("psu", &supply, ""), ("sink", &load, ""), ("gone", &wrong, "")]);
    let wanted = ["psu", "sink", "gone", "nobody"].map(str::to_owned);
    let opened = open(&bench, &BTreeSet::from(wanted), &options()).await;
    assert_eq!(opened.instruments.keys().collect::<Vec<_>>(), ["psu", "sink"]);
    let failed: Vec<_> = opened.failed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(failed, ["gone", "nobody"]);
    assert!(opened.failed[1].1.to_string().contains("gone, psu, sink"), "{}", opened.failed[1].1);
}

/// Quirk Q16. The distance is known once the instrument has said what it is; the connection is made anew then.
#[tokio::test]
async fn a_dialect_that_wants_distance_gets_it() {
    let text = "name='slow'\ntitle='x'\nsource='x'\nclass='instrument'\nidentities=['SLOW,*']\n\
                channels=[{}]\nmin_gap_ms=1";
    let dialects = bench_catalog::Dialects::built_in().unwrap().with("slow.toml", text).unwrap();
    let options = OpenOptions { dialects: Arc::new(dialects), ..options() };
    let first = vec!["> *IDN?".to_owned(), "< SLOW,A,1,1".to_owned()];
    let peer = Peer::serve(vec![first, greeting("SLOW,A,1,1", &[])]).await;
    drop(only(open_all(&bench(&[("box", &peer, "")]), &options).await));
    peer.finish().await;
    let peer = Peer::of("SLOW,A,1,1", &[]).await;
    drop(only(open_all(&bench(&[("box", &peer, "dialect='slow'")]), &options).await));
    peer.finish().await;
}

#[tokio::test]
async fn what_is_recorded_of_an_instrument() {
    let peer = Peer::of(SUPPLY, &[]).await;
    let instrument = only(open_all(&bench(&[("psu", &peer, "")]), &options()).await);
    let roles = vec![RoleBinding { role: "vin".to_owned(), channel: 2 }];
    let record = instrument.describe(roles.clone());
    assert_eq!((record.class.as_str(), record.dialect.as_str()), ("power_supply", "rigol_dp800"));
    assert_eq!((record.maker.as_str(), record.model.as_str()), ("RIGOL TECHNOLOGIES", "DP832"));
    assert_eq!(record.serial.as_deref(), Some("DP8C194205678"));
    assert_eq!((record.idn.as_str(), record.address), (SUPPLY, peer.address.clone()));
    assert_eq!((record.channels, record.roles), (3, roles));
    assert_eq!(record.max_voltage.unwrap().to_string(), "32 V");
    assert_eq!(record.max_power.unwrap().to_string(), "102.4 W");
    assert!(record.capabilities.contains(&"current_limit".to_owned()));
    let error = instrument.channel("vin", 4).unwrap_err().to_string();
    assert!(error.starts_with("vin (psu at ") && error.ends_with("channels 1 to 3"), "{error}");
    assert!(instrument.channel("vin", 0).is_err());
}
