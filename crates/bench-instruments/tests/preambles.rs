//! Oscilloscopes whose waveform is more than a line of ten numbers: the dialogue with Siglent's older ones and with
//! Tektronix's, whose probes tell their gain.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::time::Duration;

use bench_catalog::{CaptureSettings, TriggerSettings};
use bench_instruments::{Captured, InstrumentError};
use bench_model::CodeFormat;
use peer::{Peer, channel};

const SDS1000X_E: &str = "Siglent Technologies,SDS1104X-E,SDSMMEBC4R1275,8.1.6.1.35R2";
const MSO54: &str = "TEKTRONIX,MSO54,C000000,CF:91.1CT FV:1.0.0.0";

fn settings() -> CaptureSettings {
    CaptureSettings {
        probe: "10".parse().unwrap(),
        coupling: "dc".to_owned(),
        bandwidth: "20 MHz".to_owned(),
        scale: "1 V".parse().unwrap(),
        offset: "-2.5 V".parse().unwrap(),
        time_base: "1 ms".parse().unwrap(),
        acquisition: "normal".to_owned(),
        trigger: TriggerSettings {
            level: Some("2 V".parse().unwrap()),
            slope: "rising".to_owned(),
            timeout: Duration::from_secs(30),
            forced_after_timeout: false,
        },
    }
}

async fn capture(idn: &str, script: &[String]) -> Result<Captured, InstrumentError> {
    let greeting = ["> *IDN?".to_owned(), format!("< {idn}")];
    let script = greeting.into_iter().chain(script.iter().cloned()).collect();
    let peer = Peer::serve(vec![script]).await;
    let captured = channel(&peer, 2).await.capture(&settings()).await;
    peer.finish().await;
    captured
}

fn script(sent: &[&str], asked: &[(&str, &str)]) -> Vec<String> {
    let sent = sent.iter().map(|line| format!("> {line}"));
    let asked =
        asked.iter().flat_map(|(query, answer)| [format!("> {query}"), format!("< {answer}")]);
    sent.chain(asked).collect()
}

const OLDER: [&str; 14] = [
    "CHDR OFF",
    "C2:TRA ON",
    "C2:ATTN 10",
    "C2:CPL D1M",
    "BWL C2,ON",
    "C2:VDIV 1",
    "C2:OFST -2.5",
    "TDIV 0.001",
    "TRDL 0",
    "ACQW SAMPLING",
    "TRSE EDGE,SR,C2,HT,OFF",
    "C2:TRSL POS",
    "C2:TRLV 2",
    "TRMD SINGLE",
];

/// The header of the data is there whatever `CHDR` says (quirk Q3).
#[tokio::test]
async fn siglents_older_ones_are_asked_for_their_scales() {
    let states = [("SAST?", "Ready"), ("SAST?", "Stop")];
    let scales = [
        ("C2:VDIV?", "1.00E+00"),
        ("C2:OFST?", "-2.50E+00"),
        ("TDIV?", "1.00E-03"),
        ("SARA?", "1.00E+09"),
    ];
    let mut dialogue = script(&OLDER, &states);
    dialogue.extend(script(&["WFSU SP,1,NP,0,FP,0"], &scales));
    dialogue.extend(["> C2:WF? DAT2".to_owned(), "< DAT2,#9000000002AB".to_owned()]);
    let captured = capture(SDS1000X_E, &dialogue).await.unwrap();
    assert_eq!((captured.codes.as_slice(), captured.format), (&b"AB"[..], CodeFormat::I8));
    assert_eq!(captured.y_increment, "0.04".parse().unwrap());
    assert_eq!(captured.y_offset, "2.5".parse().unwrap());
    // 14 divisions, half of them before the trigger.
    assert_eq!(captured.x_origin, "-0.007".parse().unwrap());
    assert_eq!(captured.x_increment, "1E-9".parse().unwrap());
    assert_eq!(captured.preamble, "1.00E+00; -2.50E+00; 1.00E-03; 1.00E+09");

    let mut broken = script(&OLDER, &states[1..]);
    broken.extend(script(&["WFSU SP,1,NP,0,FP,0"], &scales[..3]));
    broken.extend(script(&[], &[("SARA?", "much")]));
    let error = capture(SDS1000X_E, &broken).await.unwrap_err().to_string();
    assert!(error.contains("SARA of the preamble is not a number"), "{error}");
}

const TEKTRONIX: [&str; 19] = [
    "HEAD ON",
    "DIS:GLO:CH2:STATE ON",
    "CH2:PROBEF:EXTA 1",
    "CH2:COUP DC",
    "CH2:BAN 20E6",
    "CH2:SCA 1",
    "CH2:POS 0",
    "CH2:OFFS 2.5",
    "HOR:DEL:MOD OFF",
    "HOR:POS 50",
    "HOR:SCA 0.001",
    "ACQ:MOD SAM",
    "TRIG:A:TYP EDGE",
    "TRIG:A:MOD NORM",
    "TRIG:A:EDGE:SOU CH2",
    "TRIG:A:EDGE:SLO RIS",
    "TRIG:A:LEV:CH2 2",
    "ACQ:STOPA SEQ",
    "ACQ:STATE ON",
];

const FETCHED: [&str; 5] =
    ["DAT:SOU CH2", "DAT:ENC RIB", "DAT:WID 2", "DAT:STAR 1", "DAT:STOP 1000000000"];

/// The fields of the manual's example by their names, binary, with one that this model alone has (quirk Q33).
const NAMED: &str = ":WFMOUTPRE:BYT_NR 2;BIT_NR 16;ENCDG BINARY;BN_FMT RI;BYT_OR MSB;WFID \"Ch2, DC coupling\";\
    NR_PT 2;PT_FMT Y;PT_ORDER LINEAR;XUNIT \"s\";XINCR 4.0000E-9;XZERO -20.0000E-6;PT_OFF 0;YUNIT \"V\";YMULT 15.6250E-6;\
    YOFF 6.4000E+3;YZERO 0.0000";

/// A probe of 10 that says so leaves nothing to be set as external.
#[tokio::test]
async fn a_probe_that_tells_its_gain_is_counted_once() {
    for (gain, external) in [("100.0000E-3", "1"), ("1.0000", "10"), ("0.01", "0.1")] {
        let answer = format!(":CH2:PROBE:GAIN {gain}");
        let mut dialogue = script(&[], &[("CH2:PRO:GAIN?", &answer)]);
        let own = format!("CH2:PROBEF:EXTA {external}");
        let sent = TEKTRONIX.map(|line| if line.contains("EXTA") { own.as_str() } else { line });
        let states = [("ACQ:STATE?", ":ACQUIRE:STATE 1"), ("ACQ:STATE?", ":ACQUIRE:STATE 0")];
        dialogue.extend(script(&sent, &states));
        dialogue.extend(script(&FETCHED, &[("WFMO?", NAMED), ("CURV?", ":CURVE #14abcd")]));
        let captured = capture(MSO54, &dialogue).await.unwrap();
        assert_eq!((captured.codes.len(), captured.format), (4, CodeFormat::I16Be));
        assert_eq!(captured.y_zero, "6400".parse().unwrap());
        assert_eq!(captured.y_increment, "15.6250E-6".parse().unwrap());
        assert_eq!(captured.x_origin, "-20E-6".parse().unwrap());
        assert_eq!(captured.preamble, NAMED);
    }
    let strange = script(&[], &[("CH2:PRO:GAIN?", ":CH2:PROBE:GAIN 0")]);
    let error = capture(MSO54, &strange).await.unwrap_err().to_string();
    assert!(error.contains("the gain of a probe"), "{error}");
}
