//! Settings: the exact dialogue of each dialect, and what is made of every answer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::time::Duration;

use bench_catalog::{Setting, SettingKind, SettingValue};
use bench_instruments::{Applied, InstrumentError};
use peer::{LOAD, METER, Peer, SUPPLY, channel, channel_within};

/// For what a test wants to see pass; what must come in time has room on a busy machine.
const SHORT: Duration = Duration::from_millis(400);

fn value(setting: Setting, text: &str) -> SettingValue {
    match setting.kind() {
        SettingKind::Quantity(_) => SettingValue::Quantity(text.parse().unwrap()),
        SettingKind::Switch => SettingValue::Switch(text == "on"),
        _ => SettingValue::Word(text.to_owned()),
    }
}

async fn set(
    idn: &str,
    number: u32,
    setting: &str,
    text: &str,
    script: &[&str],
) -> Result<Applied, InstrumentError> {
    let peer = Peer::of(idn, script).await;
    let setting = setting.parse().unwrap();
    let result = channel(&peer, number).await.set(setting, &value(setting, text)).await;
    peer.finish().await;
    result
}

async fn failure(setting: &str, text: &str, script: &[&str]) -> InstrumentError {
    set(SUPPLY, 1, setting, text, script).await.unwrap_err()
}

#[tokio::test]
async fn every_setting_of_a_supply_in_its_own_words() {
    for (number, setting, text, script, sent, programmed) in [
        (
            2,
            "voltage",
            "5 V",
            &["> :SOUR2:VOLT 5.000", "done", "> :SOUR2:VOLT?", "< 5.000", "ok"][..],
            "5.000 V",
            "5.000 V",
        ),
        (
            1,
            "current_limit",
            "100 mA",
            &["> :SOUR1:CURR 0.100", "done", "> :SOUR1:CURR?", "< 0.1000", "ok"],
            "0.100 A",
            "0.1000 A",
        ),
        (
            3,
            "ovp",
            "3.6 V",
            &[
                "> :OUTP:OVP:VAL CH3,3.600",
                "> :OUTP:OVP CH3,ON",
                "done",
                "> :OUTP:OVP:VAL? CH3",
                "< 3.6",
                "ok",
            ],
            "3.600 V",
            "3.6 V",
        ),
        (
            1,
            "ocp",
            "on",
            &["> :OUTP:OCP CH1,ON", "done", "> :OUTP:OCP? CH1", "< YES", "ok"],
            "",
            "",
        ),
        (1, "output", "on", &["> :OUTP CH1,ON", "done", "> :OUTP? CH1", "< ON", "ok"], "on", "on"),
        (
            1,
            "output",
            "off",
            &["> :OUTP CH1,OFF", "done", "> :OUTP? CH1", "< 0", "ok"],
            "off",
            "off",
        ),
    ] {
        match set(SUPPLY, number, setting, text, script).await {
            Ok(applied) => {
                assert_eq!(applied.sent, sent);
                assert_eq!(applied.programmed.as_deref(), Some(programmed));
            }
            Err(error) => {
                let text = error.to_string();
                assert!(sent.is_empty(), "{text}");
                assert!(text.contains("':OUTP:OCP? CH1': 'YES' is not 1, 0, ON or OFF"), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn every_setting_of_a_load_in_its_own_words() {
    for (setting, text, script, sent) in [
        ("mode", "cc", &["> :SOUR:FUNC CURR", "done", "> :SOUR:FUNC?", "< curr", "ok"], "cc"),
        ("mode", "cr", &["> :SOUR:FUNC RES", "done", "> :SOUR:FUNC?", "< CR", "ok"], "cr"),
        (
            "current",
            "0.5 A",
            &["> :SOUR:CURR:LEV:IMM 0.500", "done", "> :SOUR:CURR:LEV:IMM?", "< 0.500000", "ok"],
            "0.500 A",
        ),
        (
            "voltage",
            "1500 mV",
            &["> :SOUR:VOLT:LEV:IMM 1.500", "done", "> :SOUR:VOLT:LEV:IMM?", "< 1.5", "ok"],
            "1.500 V",
        ),
        (
            "resistance",
            "1 kΩ",
            &["> :SOUR:RES:LEV:IMM 1000.000", "done", "> :SOUR:RES:LEV:IMM?", "< 1000OHM", "ok"],
            "1000.000 Ω",
        ),
        (
            "power",
            "10 W",
            &["> :SOUR:POW:LEV:IMM 10.000", "done", "> :SOUR:POW:LEV:IMM?", "< 10.0004", "ok"],
            "10.000 W",
        ),
        ("input", "on", &["> :SOUR:INP:STAT ON", "done", "> :SOUR:INP:STAT?", "< 1", "ok"], "on"),
    ] {
        let applied = set(LOAD, 1, setting, text, script).await.unwrap();
        assert_eq!(applied.sent, sent);
    }
}

#[tokio::test]
async fn numbers_are_rounded_half_to_even_to_what_can_be_set() {
    for (given, sent) in [
        ("0.1005 V", "0.100"),
        ("0.1015 V", "0.102"),
        ("0.10051 V", "0.101"),
        ("1E-9 V", "0.000"),
        ("3.3 V", "3.300"),
        ("0.333333333333333333333 V", "0.333"),
    ] {
        let command = format!("> :SOUR1:VOLT {sent}");
        let answer = format!("< {sent}");
        let script = [command.as_str(), "done", "> :SOUR1:VOLT?", answer.as_str(), "ok"];
        let applied = set(SUPPLY, 1, "voltage", given, &script).await.unwrap();
        assert_eq!(applied.sent, format!("{sent} V"));
    }
}

#[tokio::test]
async fn what_is_read_back_agrees_within_half_a_step_or_half_its_last_digit() {
    for (answer, agrees) in [
        ("5.000", true),
        ("+5.00000000E+00", true),
        ("5.0005", true),
        ("5.00051", false),
        ("4.9995", true),
        ("4.999", false),
        ("5", true),
        ("5.0", true),
        ("5.1", false),
        ("4.9V", false),
        ("5000mV", true),
        ("0E5", false),
        ("9.9E37", false),
        ("1E999999", false),
    ] {
        let answered = format!("< {answer}");
        let script = ["> :SOUR1:VOLT 5.000", "done", "> :SOUR1:VOLT?", answered.as_str(), "ok"];
        match set(SUPPLY, 1, "voltage", "5 V", &script).await {
            Ok(_) => assert!(agrees, "{answer}"),
            Err(error) => {
                assert!(!agrees, "{error}");
                assert!(matches!(error, InstrumentError::ReadBack { .. }), "{error}");
                let wanted =
                    format!("voltage was set to 5.000 V, but ':SOUR1:VOLT?' answers '{answer}'");
                assert!(error.to_string().contains(&wanted), "{error}");
                assert!(error.to_string().starts_with("it (box at tcp://127.0.0.1:"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn switches_and_words_that_did_not_take_are_told() {
    let error =
        failure("output", "on", &["> :OUTP CH1,ON", "done", "> :OUTP? CH1", "< OFF", "ok"]).await;
    assert!(error.to_string().contains("output was set to on, but ':OUTP? CH1' answers 'OFF'"));
    let script = ["> :SOUR:FUNC CURR", "done", "> :SOUR:FUNC?", "< VOLT", "ok"];
    let error = set(LOAD, 1, "mode", "cc", &script).await.unwrap_err();
    assert!(matches!(error, InstrumentError::ReadBack { .. }), "{error}");
}

/// The error queue explains what the read-back only shows.
#[tokio::test]
async fn a_refusal_is_data_and_comes_before_the_read_back() {
    let script = [
        "> :SOUR1:VOLT 40.000",
        "done",
        "> :SOUR1:VOLT?",
        "< 5.000",
        "> SYST:ERR?",
        "< -222,\"Data out of range\"",
        "ok",
    ];
    let error = failure("voltage", "40 V", &script).await;
    assert!(error.is_refusal() && !error.is_lost() && !error.is_timeout());
    let InstrumentError::Refused { entries, command, .. } = &error else { panic!("{error}") };
    assert_eq!((entries[0].code, command.as_str()), (-222, ":SOUR1:VOLT 40.000"));
    assert!(error.to_string().ends_with("refuses: -222,\"Data out of range\""), "{error}");
}

#[tokio::test]
async fn garbage_names_command_and_answer() {
    for answer in ["5.000,1.000", "CH1:30V", "5.0 A", "\u{1}\u{2}"] {
        let answered = format!("< {answer}");
        let script = ["> :SOUR1:VOLT 5.000", "done", "> :SOUR1:VOLT?", answered.as_str(), "ok"];
        let error = failure("voltage", "5 V", &script).await;
        assert!(matches!(error, InstrumentError::Answer { .. }), "{error}");
        let shown = scpi_protocol::Escaped::new(answer.as_bytes()).to_string();
        let wanted = format!("':SOUR1:VOLT?': '{shown}' is not one number of V");
        assert!(error.to_string().ends_with(&wanted), "{error}");
    }
}

/// Quirk Q17.
#[tokio::test]
async fn an_instrument_that_is_busy_is_asked_again() {
    let script = [
        "> :SOUR1:VOLT 5.000",
        "> *OPC?",
        "< 0",
        "> *OPC?",
        "< 0",
        "done",
        "> :SOUR1:VOLT?",
        "< 5.000",
        "ok",
    ];
    assert!(set(SUPPLY, 1, "voltage", "5 V", &script).await.is_ok());
    let error = failure("voltage", "5 V", &["> :SOUR1:VOLT 5.000", "> *OPC?", "< what"]).await;
    assert!(error.to_string().ends_with("'*OPC?': 'what' is not 1"), "{error}");
}

#[tokio::test]
async fn what_does_not_fit_is_told_before_anything_is_sent() {
    for (idn, setting, given, wanted) in [
        (SUPPLY, Setting::Voltage, "5 A", "voltage cannot be 5 A; a value in V"),
        (SUPPLY, Setting::Voltage, "1E900000 V", "that can be sent"),
        (SUPPLY, Setting::Mode, "cc", "rigol_dp800 has no setting 'mode'; it has dc_voltage"),
        (METER, Setting::Output, "on", "keysight_truevolt has no setting 'output'"),
        (LOAD, Setting::Mode, "cx", "mode cannot be cx; one of cc, cv, cr, cp is wanted"),
    ] {
        let peer = Peer::of(idn, &[]).await;
        let error = channel(&peer, 1).await.set(setting, &value(setting, given)).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(wanted) && text.len() < 400, "{text}");
        peer.finish().await;
    }
    let peer = Peer::of(SUPPLY, &[]).await;
    let word = SettingValue::Word("off".to_owned());
    let error = channel(&peer, 1).await.set(Setting::Output, &word).await.unwrap_err();
    assert!(error.to_string().ends_with("output cannot be off; on or off is wanted"), "{error}");
}

#[tokio::test]
async fn a_closed_line_is_lost_and_a_silence_is_a_timeout() {
    let peer = Peer::of(SUPPLY, &["> :SOUR1:VOLT 5.000", "> *OPC?", "close"]).await;
    let voltage = value(Setting::Voltage, "5 V");
    let error = channel(&peer, 1).await.set(Setting::Voltage, &voltage).await.unwrap_err();
    assert!(error.is_lost() && !error.is_timeout() && !error.is_refusal(), "{error}");
    assert!(error.to_string().contains("'*OPC?': the instrument closed"), "{error}");

    let peer = Peer::of(SUPPLY, &["> :SOUR1:VOLT 5.000", "silent"]).await;
    let supply = channel_within(&peer, 1, SHORT).await;
    let error = supply.set(Setting::Voltage, &voltage).await.unwrap_err();
    assert!(error.is_timeout() && !error.is_refusal(), "{error}");
    assert!(error.to_string().contains("'*OPC?': no answer within 400ms"), "{error}");
    assert!(error.explanation().contains(":SOUR1:VOLT 5.000 sent"), "{}", error.explanation());
}

/// Quirk Q23: what is not understood is not answered; the queue says why, and is empty for the next request.
#[tokio::test]
async fn a_silence_that_the_error_queue_explains_is_a_refusal() {
    let script = [
        "> FOO?",
        "> *IDN?",
        &format!("< {SUPPLY}"),
        "> SYST:ERR?",
        "< -113,\"Undefined header\"",
        "ok",
        "> VERS?",
        "< 1999.0",
        "ok",
    ];
    let peer = Peer::of(SUPPLY, &script).await;
    let supply = channel_within(&peer, 1, SHORT).await;
    let error = supply.raw_query("FOO?").await.unwrap_err();
    assert!(error.is_refusal() && error.to_string().contains("-113"), "{error}");
    assert_eq!(supply.raw_query("VERS?").await.unwrap(), "1999.0");
    drop(supply);
    peer.finish().await;
}

#[tokio::test]
async fn the_regulation_in_the_words_of_the_plan() {
    for (answer, word) in [("CV", "cv"), ("cc", "cc"), ("\"CC\"", "cc"), ("UR", "UR")] {
        let answered = format!("< {answer}");
        let peer = Peer::of(SUPPLY, &["> :OUTP:MODE? CH2", &answered]).await;
        assert_eq!(channel(&peer, 2).await.regulation().await.unwrap(), word);
        peer.finish().await;
    }
    let peer = Peer::of(SUPPLY, &["> :OUTP:MODE? CH2", "<  "]).await;
    let error = channel(&peer, 2).await.regulation().await.unwrap_err();
    assert!(error.to_string().ends_with("is not a word"), "{error}");
    let peer = Peer::of(LOAD, &[]).await;
    let error = channel(&peer, 1).await.regulation().await.unwrap_err();
    assert!(error.to_string().contains("no query for the regulation"), "{error}");
}

#[tokio::test]
async fn raw_messages_and_the_error_queue_after_them() {
    let script = [
        "> :MEAS:ALL? CH1",
        "<  5.0114,0.0000,0.000",
        "ok",
        "> :DISP:TEXT \"hi\"",
        "> SYST:ERR?",
        "< -113,\"Undefined header\"",
        "ok",
        "> SYST:ERR?",
        "< +7,\"own\"",
        "ok",
    ];
    let peer = Peer::of(SUPPLY, &script).await;
    let supply = channel(&peer, 1).await;
    assert_eq!(supply.raw_query(":MEAS:ALL? CH1").await.unwrap(), " 5.0114,0.0000,0.000");
    assert!(supply.raw_command(":DISP:TEXT \"hi\"").await.unwrap_err().is_refusal());
    let drained = supply.drain_errors().await.unwrap();
    assert_eq!(drained.iter().map(|entry| entry.code).collect::<Vec<_>>(), [7]);
    drop(supply);
    peer.finish().await;
}

/// An entry of the error queue is laid at the door of the request that made it.
#[tokio::test]
async fn requests_to_one_instrument_take_turns() {
    let script = ["> A?", "< 1", "ok", "> B 2", "> SYST:ERR?", "< -113,\"Undefined header\"", "ok"];
    let peer = Peer::of(SUPPLY, &script).await;
    let first = channel(&peer, 1).await;
    let second = first.clone();
    let asking = tokio::spawn(async move { first.raw_query("A?").await });
    let telling = tokio::spawn(async move { second.raw_command("B 2").await });
    assert_eq!(asking.await.unwrap().unwrap(), "1");
    assert!(telling.await.unwrap().unwrap_err().is_refusal());
    peer.finish().await;
}
