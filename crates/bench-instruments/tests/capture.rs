//! Waveforms: the whole dialogue, the trigger that does not come, and what is wrong with preambles and blocks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::time::Duration;

use bench_catalog::{CaptureSettings, TriggerSettings};
use bench_instruments::{Captured, InstrumentError};
use bench_model::CodeFormat;
use peer::{METER, Peer, SCOPE, channel};

/// The preamble that a Rigol MSO5074 gives, as published.
const PREAMBLE: &str = "0,2,1000,1,2.000000E-4,-1.000000E-1,0.000000,1.9963E-02,-50,128";

const CONFIGURED: [&str; 13] = [
    "> :CHAN2:DISP ON",
    "> :CHAN2:PROB 1",
    "> :CHAN2:COUP AC",
    "> :CHAN2:BWL 20M",
    "> :CHAN2:SCAL 0.010",
    "> :CHAN2:OFFS 0",
    "> :TIM:MAIN:SCAL 0.000010",
    "> :ACQ:TYPE NORM",
    "> :TRIG:MODE EDGE",
    "> :TRIG:EDGE:SOUR CHAN2",
    "> :TRIG:EDGE:SLOP POS",
    "> :TRIG:EDGE:LEV 0.005",
    "ok",
];

fn settings(timeout_ms: u64, forced_after_timeout: bool) -> CaptureSettings {
    CaptureSettings {
        probe: "1".parse().unwrap(),
        coupling: "ac".to_owned(),
        bandwidth: "20 MHz".to_owned(),
        scale: "10 mV".parse().unwrap(),
        offset: "0 V".parse().unwrap(),
        time_base: "10 µs".parse().unwrap(),
        acquisition: "normal".to_owned(),
        trigger: TriggerSettings {
            level: Some("5 mV".parse().unwrap()),
            slope: "rising".to_owned(),
            timeout: Duration::from_millis(timeout_ms),
            forced_after_timeout,
        },
    }
}

async fn capture(
    settings: &CaptureSettings,
    acquiring: &[&str],
    fetching: &[&str],
) -> Result<Captured, InstrumentError> {
    let script = [&CONFIGURED[..], acquiring, fetching].concat();
    let peer = Peer::of(SCOPE, &script).await;
    let result = channel(&peer, 2).await.capture(settings).await;
    peer.finish().await;
    result
}

const TRIGGERED: [&str; 5] = ["> :SING", "> :TRIG:STAT?", "< WAIT", "> :TRIG:STAT?", "< STOP"];

fn fetching<'s>(preamble: &'s str, block: &'s str) -> Vec<&'s str> {
    let asked = ["> :WAV:SOUR CHAN2", "> :WAV:MODE NORM", "> :WAV:FORM BYTE", "> :WAV:PRE?"];
    [&asked[..], &[preamble, "> :WAV:DATA?", block, "ok"]].concat()
}

#[tokio::test]
async fn a_waveform_from_configuration_to_block() {
    let preamble = format!("< {PREAMBLE}");
    let script = fetching(&preamble, "< #15N\nP;,");
    let captured = capture(&settings(30_000, false), &TRIGGERED, &script).await.unwrap();
    assert_eq!(captured.codes, b"N\nP;,");
    assert_eq!((captured.format, captured.triggered), (CodeFormat::U8, true));
    assert_eq!(captured.preamble, PREAMBLE);
    for (value, wanted) in [
        (&captured.y_zero, "78"),
        (&captured.y_increment, "0.019963"),
        (&captured.y_offset, "0"),
        (&captured.x_reference, "0"),
        (&captured.x_increment, "0.0002"),
        (&captured.x_origin, "-0.1"),
    ] {
        assert_eq!(*value, wanted.parse().unwrap());
    }
    assert_eq!(captured.y_unit.symbol(), "V");
}

/// Two bytes a sample, where the preamble says so.
#[tokio::test]
async fn the_format_is_the_preambles_and_the_length_the_blocks() {
    let words = "< 1,2,1000,1,1E-6,0,0,1E-3,0,0";
    let script = fetching(words, "< #14abcd");
    let captured = capture(&settings(30_000, false), &TRIGGERED, &script).await.unwrap();
    assert_eq!((captured.format, captured.codes.len()), (CodeFormat::U16Le, 4));
}

#[tokio::test]
async fn a_level_that_is_not_stated_is_not_sent() {
    let mut free = settings(30_000, true);
    free.trigger.level = None;
    let preamble = format!("< {PREAMBLE}");
    let configured: Vec<_> = CONFIGURED.into_iter().filter(|line| !line.contains("LEV")).collect();
    let script = [&configured[..], &TRIGGERED, &fetching(&preamble, "< #11N")].concat();
    let peer = Peer::of(SCOPE, &script).await;
    assert!(channel(&peer, 2).await.capture(&free).await.unwrap().triggered);
    peer.finish().await;
}

#[tokio::test]
async fn without_a_trigger_the_acquisition_is_forced_where_the_plan_says_so() {
    let acquiring = ["> :SING", "> :TRIG:STAT?", "< WAIT", "> :TFOR", "> :TRIG:STAT?", "< STOP"];
    let preamble = format!("< {PREAMBLE}");
    let script = fetching(&preamble, "< #11N");
    let captured = capture(&settings(0, true), &acquiring, &script).await.unwrap();
    assert!(!captured.triggered);
}

#[tokio::test]
async fn without_a_trigger_it_fails_where_it_is_not_forced() {
    let acquiring = ["> :SING", "> :TRIG:STAT?", "< WAIT", "> :STOP", "ok"];
    let error = capture(&settings(0, false), &acquiring, &[]).await.unwrap_err();
    assert!(matches!(error, InstrumentError::NoTrigger { .. }), "{error}");
    assert!(error.is_untriggered() && !error.is_lost() && !error.is_refusal());
    let wanted = "no trigger within 0ns: ':TRIG:STAT?' answers 'WAIT' and not STOP";
    assert!(error.to_string().ends_with(wanted), "{error}");
    let refused =
        ["> :SING", "> :TRIG:STAT?", "< WAIT", "> :STOP", "> SYST:ERR?", "< -213,\"x\"", "ok"];
    assert!(capture(&settings(0, false), &refused, &[]).await.unwrap_err().is_refusal());
}

#[tokio::test]
async fn a_refused_configuration_is_not_armed() {
    let mut script = CONFIGURED.to_vec();
    script.pop();
    script.extend(["> SYST:ERR?", "< -222,\"Data out of range\"", "ok"]);
    let peer = Peer::of(SCOPE, &script).await;
    let error = channel(&peer, 2).await.capture(&settings(0, true)).await.unwrap_err();
    assert!(error.is_refusal() && error.to_string().len() < 400, "{error}");
    peer.finish().await;
}

#[tokio::test]
async fn broken_preambles_and_blocks_say_what_is_wrong() {
    let good = format!("< {PREAMBLE}");
    let two_bytes = "< 1,2,1000,1,1E-6,0,0,1E-3,0,0";
    for (preamble, block, wanted) in [
        ("< 1,2,3", "", "':WAV:PRE?': the preamble has 3 fields, 10 are wanted: '1,2,3'"),
        ("< 2,2,10,1,1,1,1,1,1,1", "", "format of the preamble is not BYTE or WORD"),
        (good.as_str(), "< 1,2,3", "':WAV:DATA?': no block came instead of one block"),
        (good.as_str(), "< #10", "a block of 0 bytes came; samples of 1 bytes"),
        (two_bytes, "< #13abc", "a block of 3 bytes came; samples of 2 bytes"),
    ] {
        let mut script = fetching(preamble, block);
        script.truncate(if block.is_empty() { 5 } else { 7 });
        let error = capture(&settings(30_000, false), &TRIGGERED, &script).await.unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(error.to_string().starts_with("it (box at "), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_captured_is_told_before_anything_is_sent() {
    let odd = CaptureSettings { bandwidth: "1 GHz".to_owned(), ..settings(0, true) };
    let ampere = CaptureSettings { scale: "1 A".parse().unwrap(), ..settings(0, true) };
    for (idn, settings, wanted) in [
        (METER, settings(0, true), "keysight_truevolt has no waveform"),
        (SCOPE, odd, "no bandwidth 1 GHz; it has 20 MHz, full"),
        (SCOPE, ampere, "scale cannot be 1 A; a value in V"),
    ] {
        let peer = Peer::of(idn, &[]).await;
        let error = channel(&peer, 1).await.capture(&settings).await.unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
        peer.finish().await;
    }
}
