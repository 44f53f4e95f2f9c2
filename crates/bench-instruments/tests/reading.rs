//! Readings: what is sent for what the plan states, and what is made of every answer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::time::Duration;

use bench_catalog::{Function, Range, ReadingSettings, WaveformMeasure};
use bench_instruments::{Answer, InstrumentError};
use peer::{LOAD, METER, OTHER, Peer, SCOPE, SUPPLY, channel, channel_within};

fn plain(function: Function) -> ReadingSettings {
    ReadingSettings { function, range: None, nplc: None, auto_zero: None, input_impedance: None }
}

fn stated(range: &str, nplc: &str) -> ReadingSettings {
    ReadingSettings {
        range: Some(Range::Fixed(range.parse().unwrap())),
        nplc: Some(nplc.parse().unwrap()),
        auto_zero: Some(true),
        input_impedance: Some("10 MΩ".to_owned()),
        ..plain(Function::DcVoltage)
    }
}

#[tokio::test]
async fn what_is_stated_is_sent_and_nothing_else() {
    let auto = ReadingSettings { range: Some(Range::Auto), ..plain(Function::Resistance2w) };
    for (settings, script) in [
        (
            stated("10 V", "10"),
            &[
                "> CONF:VOLT:DC 10",
                "> VOLT:DC:NPLC 10",
                "> VOLT:DC:ZERO:AUTO ON",
                "> VOLT:DC:IMP:AUTO OFF",
                "ok",
            ][..],
        ),
        (
            ReadingSettings { nplc: None, ..stated("0.1 V", "1") },
            &["> CONF:VOLT:DC 0.100", "> VOLT:DC:ZERO:AUTO ON", "> VOLT:DC:IMP:AUTO OFF", "ok"],
        ),
        (auto, &["> CONF:RES AUTO", "ok"]),
        (plain(Function::Frequency), &["> CONF:FREQ", "ok"]),
    ] {
        let peer = Peer::of(METER, script).await;
        channel(&peer, 1).await.configure(&settings).await.unwrap();
        peer.finish().await;
    }
    for (idn, function) in [(SUPPLY, Function::Power), (LOAD, Function::DcCurrent)] {
        let peer = Peer::of(idn, &["ok"]).await;
        let auto = ReadingSettings { range: Some(Range::Auto), ..plain(function) };
        channel(&peer, 1).await.configure(&auto).await.unwrap();
        peer.finish().await;
    }
}

#[tokio::test]
async fn what_the_instrument_has_not_is_told_with_what_it_has() {
    let high = |own: &str| ReadingSettings {
        input_impedance: Some(own.to_owned()),
        ..plain(Function::DcVoltage)
    };
    let zero = ReadingSettings { auto_zero: Some(true), ..plain(Function::AcVoltage) };
    for (idn, settings, wanted) in [
        (METER, stated("20 V", "10"), "no range 20 V for 'dc_voltage'; it has 100 mV, 1 V, 10 V,"),
        (METER, stated("10 V", "3"), "no nplc 3 for 'dc_voltage'; it has 0.02, 0.2, 1, 10, 100"),
        (METER, high("1 GΩ"), "no input_impedance 1 GΩ for 'dc_voltage'; it has 10 MΩ, high"),
        (METER, zero, "no auto_zero for 'ac_voltage'; it has none"),
        (METER, plain(Function::Power), "no function 'power'; it has dc_voltage, ac_voltage,"),
        (SUPPLY, stated("10 V", "10"), "no range 10 V for 'dc_voltage'; it has none"),
        (OTHER, plain(Function::DcVoltage), "no function 'dc_voltage'; it has none"),
    ] {
        let peer = Peer::of(idn, &[]).await;
        let it = channel(&peer, 1).await;
        for error in [it.configure(&settings).await.err(), it.read(&settings).await.err()] {
            let error = error.unwrap().to_string();
            assert!(error.contains(wanted), "{error}");
        }
        drop(it);
        peer.finish().await;
    }
}

#[tokio::test]
async fn a_configuration_that_is_refused_says_so() {
    let script = ["> CONF:FREQ", "> SYST:ERR?", "< -221,\"Settings conflict\"", "ok"];
    let peer = Peer::of(METER, &script).await;
    let error = channel(&peer, 1).await.configure(&plain(Function::Frequency)).await.unwrap_err();
    assert!(error.is_refusal() && error.to_string().contains("'CONF:FREQ'"), "{error}");
}

async fn read(idn: &str, number: u32, function: Function, script: &[&str]) -> Answer {
    let peer = Peer::of(idn, script).await;
    let answer = channel(&peer, number).await.read(&plain(function)).await.unwrap();
    peer.finish().await;
    answer
}

#[tokio::test]
async fn a_reading_keeps_every_digit_and_its_text() {
    for (idn, number, function, script, raw, value, unit) in [
        (
            METER,
            1,
            Function::DcVoltage,
            ["> READ?", "< +4.95000000E+00"],
            "+4.95000000E+00",
            "4.95000000",
            "V",
        ),
        (
            METER,
            1,
            Function::Resistance4w,
            ["> READ?", "< +9.90000000E+37"],
            "+9.90000000E+37",
            "Infinity",
            "Ω",
        ),
        (
            SUPPLY,
            3,
            Function::DcVoltage,
            ["> :MEAS:VOLT? CH3", "< 5.0114"],
            "5.0114",
            "5.0114",
            "V",
        ),
        (SUPPLY, 1, Function::DcCurrent, ["> :MEAS:CURR? CH1", "< 0.6A"], "0.6A", "0.6", "A"),
        (SUPPLY, 2, Function::Power, ["> :MEAS:POWE? CH2", "< 9.91E37"], "9.91E37", "NaN", "W"),
        (
            LOAD,
            1,
            Function::DcVoltage,
            ["> :MEAS:VOLT:DC?", "< -3.2150E-07"],
            "-3.2150E-07",
            "-0.00000032150",
            "V",
        ),
        (LOAD, 1, Function::DcCurrent, ["> :MEAS:CURR:DC?", "<  500mA"], " 500mA", "500", "mA"),
        (LOAD, 1, Function::Power, ["> :MEAS:POW:DC?", "< overload"], "overload", "Infinity", "W"),
    ] {
        let answer = read(idn, number, function, &script).await;
        assert_eq!((answer.raw.as_str(), answer.value.to_string().as_str()), (raw, value));
        assert_eq!(answer.unit.symbol(), unit);
    }
}

#[tokio::test]
async fn garbage_names_command_and_answer() {
    for answer in ["+1.0E+00,+1.1E+00", "+1.0E+00;+1.1E+00", "error", "1.0 A", "5 MV", "#15hello"] {
        let peer = Peer::of(METER, &["> READ?", &format!("< {answer}")]).await;
        let error = channel(&peer, 1).await.read(&plain(Function::DcVoltage)).await.unwrap_err();
        assert!(matches!(error, InstrumentError::Answer { .. }), "{error}");
        let wanted = format!("'READ?': '{answer}' is not one number of V");
        assert!(error.to_string().ends_with(&wanted), "{error}");
    }
}

/// 0.02 power line cycles add 2.4 ms, 0.2 add 24 ms.
#[tokio::test]
async fn a_long_integration_is_waited_for() {
    for (nplc, waited) in [("0.02", "402.4ms"), ("0.2", "424ms")] {
        let peer = Peer::of(METER, &["> READ?", "silent"]).await;
        let meter = channel_within(&peer, 1, Duration::from_millis(400)).await;
        let error = meter.read(&stated("10 V", nplc)).await.unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert!(error.to_string().contains(&format!("no answer within {waited}")), "{error}");
    }
}

#[tokio::test]
async fn a_line_that_closes_in_a_reading_is_lost() {
    let peer = Peer::of(METER, &["> READ?", "close"]).await;
    let error = channel(&peer, 1).await.read(&plain(Function::DcVoltage)).await.unwrap_err();
    assert!(error.is_lost() && error.to_string().contains("'READ?'"), "{error}");
}

#[tokio::test]
async fn a_scope_measures_by_itself() {
    for (measure, item, answer, value, unit) in [
        (WaveformMeasure::PeakToPeak, "VPP", "1.9960E-02", "0.019960", "V"),
        (WaveformMeasure::Rms, "VRMS", "7.07E-1", "0.707", "V"),
        (WaveformMeasure::Frequency, "FREQ", "1.000000E+05", "100000.0", "Hz"),
        (WaveformMeasure::Mean, "VAVG", "****", "NaN", "V"),
    ] {
        let script = [format!("> :MEAS:ITEM? {item},CHAN2"), format!("< {answer}")];
        let peer = Peer::of(SCOPE, &[&script[0], &script[1]]).await;
        let found = channel(&peer, 2).await.scope_measure(measure).await.unwrap();
        assert_eq!((found.raw.as_str(), found.value.to_string().as_str()), (answer, value));
        assert_eq!(found.unit.symbol(), unit);
        peer.finish().await;
    }
    let peer = Peer::of(METER, &[]).await;
    let error = channel(&peer, 1).await.scope_measure(WaveformMeasure::Rms).await.unwrap_err();
    assert!(error.to_string().contains("no measurement of 'rms'"), "{error}");
}
