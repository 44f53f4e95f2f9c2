//! What only some dialects do: one message that selects a channel and asks it, answers of which a part is meant,
//! bits, a range in a message of its own, and a screen that is set by its middle.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod peer;

use std::time::Duration;

use bench_catalog::{
    CaptureSettings, Function, Range, ReadingSettings, Setting, SettingKind, SettingValue,
    TriggerSettings,
};
use bench_instruments::safe_state::{default_stages, make_safe};
use bench_instruments::{Applied, InstrumentError};
use peer::{Peer, bench, channel, greeting, only, open_all, options};

const HMP: &str = "ROHDE&SCHWARZ,HMP4040,000000/000000000,HW00000000/SW2.62";
const SPD: &str = "Siglent Technologies,SPD3303X-E,SPD3XIDQ5R5553,1.01.01.02.07R2,V3.0";
const SDG: &str = "Siglent Technologies,SDG2042X,SDG2XFBQ902599,2.01.01.38R4";
const DG: &str = "Rigol Technologies,DG1062Z,DG1ZA000000000,03.01.12";
const DMM6500: &str = "KEITHLEY INSTRUMENTS,MODEL DMM6500,04592448,1.7.12b";
const INFINIIVISION: &str = "KEYSIGHT TECHNOLOGIES,DSO-X 3024T,MY57452230,07.30.2019051434";

/// The waveform that a published SDG2000X session shows.
const BSWV: &str =
    "< C1:BSWV WVTP,SINE,FRQ,1000HZ,PERI,0.001S,AMP,4V,OFST,0V,HLEV,2V,LLEV,-2V,PHSE,0";

/// A peer whose dialect has no error queue is not asked for it.
async fn quiet(idn: &str, script: &[&str]) -> Peer {
    let start = ["> *IDN?".to_owned(), format!("< {idn}")];
    Peer::serve(vec![
        start.into_iter().chain(script.iter().map(|line| (*line).to_owned())).collect(),
    ])
    .await
}

/// A peer that wants its messages apart is left, and met again with the gap that its dialect asks for.
async fn spaced(idn: &str, script: &[&str]) -> Peer {
    let met = ["> *IDN?".to_owned(), format!("< {idn}")];
    Peer::serve(vec![met.to_vec(), greeting(idn, script)]).await
}

fn value(setting: Setting, text: &str) -> SettingValue {
    match setting.kind() {
        SettingKind::Quantity(_) => SettingValue::Quantity(text.parse().unwrap()),
        SettingKind::Switch => SettingValue::Switch(text == "on"),
        _ => SettingValue::Word(text.to_owned()),
    }
}

async fn set(
    peer: Peer,
    number: u32,
    setting: &str,
    text: &str,
) -> Result<Applied, InstrumentError> {
    let setting = setting.parse().unwrap();
    let result = channel(&peer, number).await.set(setting, &value(setting, text)).await;
    peer.finish().await;
    result
}

#[tokio::test]
async fn a_channel_is_selected_in_the_message_that_means_it() {
    let script = ["> INST:NSEL 3;:VOLT 5.000", "done", "> INST:NSEL 3;:VOLT?", "< 5.000", "ok"];
    let applied = set(Peer::of(HMP, &script).await, 3, "voltage", "5 V").await.unwrap();
    assert_eq!(applied.programmed.as_deref(), Some("5.000 V"));

    let peer = Peer::of(HMP, &["> INST:NSEL 2;:MEAS:VOLT?", "< 4.998"]).await;
    let reading = ReadingSettings {
        function: Function::DcVoltage,
        range: None,
        nplc: None,
        auto_zero: None,
        input_impedance: None,
    };
    let answer = channel(&peer, 2).await.read(&reading).await.unwrap();
    assert_eq!(answer.raw, "4.998");
    peer.finish().await;
}

#[tokio::test]
async fn channels_of_one_instrument_go_off_without_tearing_their_messages_apart() {
    let script = [
        "> INST:NSEL 1;:OUTP OFF",
        "> INST:NSEL 2;:OUTP OFF",
        "> INST:NSEL 1;:OUTP:SEL?",
        "< 0",
        "> INST:NSEL 2;:OUTP:SEL?",
        "< 0",
    ];
    let peer = Peer::of(HMP, &script).await;
    let box_of_four = only(open_all(&bench(&[("box", &peer, "")]), &options()).await);
    let channels = [1, 2].map(|number| box_of_four.channel("it", number).unwrap());
    for output in make_safe(&default_stages(&channels)).await {
        assert!(output.confirmed_off, "{output:?}");
    }
    drop((box_of_four, channels));
    peer.finish().await;
}

#[tokio::test]
async fn bits_say_which_channel_is_on_and_how_it_regulates() {
    for (number, status, is_on) in [(2, "0x0224", true), (2, "0x0214", false), (1, "0x10", true)] {
        let switch = format!("> OUTP CH{number},ON");
        let answer = format!("< {status}");
        let peer = spaced(SPD, &[&switch, "> SYST:STAT?", &answer, "ok"]).await;
        let result = set(peer, number, "output", "on").await;
        assert_eq!(result.is_ok(), is_on, "{status} {result:?}");
    }
    for (idn, number, query, status, mode) in [
        (SPD, 1, "> SYST:STAT?", "< 0x0232", "cv"),
        (SPD, 2, "> SYST:STAT?", "< 0x0232", "cc"),
        (HMP, 3, "> STAT:QUES:INST:ISUM3:COND?", "< 2", "cv"),
        (HMP, 3, "> STAT:QUES:INST:ISUM3:COND?", "< 513", "cc"),
        (HMP, 3, "> STAT:QUES:INST:ISUM3:COND?", "< 0", "0"),
    ] {
        let peer = if idn == SPD {
            spaced(idn, &[query, status]).await
        } else {
            Peer::of(idn, &[query, status]).await
        };
        assert_eq!(channel(&peer, number).await.regulation().await.unwrap(), mode, "{status}");
        peer.finish().await;
    }
    let peer = spaced(SPD, &["> SYST:STAT?", "< CV"]).await;
    let error = channel(&peer, 1).await.regulation().await.unwrap_err().to_string();
    assert!(
        error.ends_with("'SYST:STAT?': 'CV' is not a whole number whose bits say it"),
        "{error}"
    );
}

#[tokio::test]
async fn off_is_proved_by_the_bit_of_the_channel() {
    for (status, is_off) in [("< 0x0214", true), ("< 0x0224", false), ("< ?", false)] {
        let twice = ["> OUTP CH2,OFF", "> SYST:STAT?", status];
        let script = if is_off { twice.to_vec() } else { twice.repeat(2) };
        let peer = spaced(SPD, &script).await;
        let outputs = make_safe(&default_stages(&[channel(&peer, 2).await])).await;
        assert_eq!(outputs[0].confirmed_off, is_off, "{:?}", outputs[0]);
        peer.finish().await;
    }
}

#[tokio::test]
async fn an_order_to_switch_off_knows_its_bit() {
    let peer = spaced(SPD, &[]).await;
    let order = channel(&peer, 2).await.off_order();
    assert_eq!(order.part.as_ref().unwrap().of("0x20", order.channel).as_deref(), Some("1"));
    peer.finish().await;
}

#[tokio::test]
async fn a_value_stands_behind_its_name() {
    for (setting, text, message, query, answer, programmed) in [
        ("frequency", "1 kHz", "> C1:BSWV FRQ,1000", "> C1:BSWV?", BSWV, Some("1000 Hz")),
        ("amplitude", "4 V", "> C1:BSWV AMP,4", "> C1:BSWV?", BSWV, Some("4 V")),
        ("offset", "0 V", "> C1:BSWV OFST,0", "> C1:BSWV?", BSWV, Some("0 V")),
        ("waveform", "sine", "> C1:BSWV WVTP,SINE", "> C1:BSWV?", BSWV, Some("sine")),
        ("waveform", "ramp", "> C1:BSWV WVTP,RAMP", "> C1:BSWV?", BSWV, None),
        ("frequency", "2 kHz", "> C1:BSWV FRQ,2000", "> C1:BSWV?", BSWV, None),
        (
            "load_impedance",
            "high",
            "> C1:OUTP LOAD,HZ",
            "> C1:OUTP?",
            "< C1:OUTP OFF,LOAD,HZ,PLRT,NOR",
            Some("high"),
        ),
        ("output", "on", "> C1:OUTP ON", "> C1:OUTP?", "< C1:OUTP ON,LOAD,HZ,PLRT,NOR", Some("on")),
        ("output", "on", "> C1:OUTP ON", "> C1:OUTP?", "< C1:OUTP OFF,LOAD,HZ,PLRT,NOR", None),
    ] {
        let peer = quiet(SDG, &[message, "done", query, answer]).await;
        let result = set(peer, 1, setting, text).await;
        let found = result.as_ref().ok().and_then(|applied| applied.programmed.as_deref());
        assert_eq!(found, programmed, "{setting} {result:?}");
    }
    let noise = "< C1:BSWV WVTP,NOISE,STDEV,0.5V,MEAN,0V";
    let peer = quiet(SDG, &["> C1:BSWV FRQ,1000", "done", "> C1:BSWV?", noise]).await;
    let error = set(peer, 1, "frequency", "1 kHz").await.unwrap_err().to_string();
    assert!(error.ends_with("is not a list with a value behind 'FRQ'"), "{error}");
}

#[tokio::test]
async fn a_word_that_is_a_number_may_be_answered_as_another_way_to_write_it() {
    for (text, sent, answer, is_confirmed) in [
        ("50 Ω", "50", "5.000000E+01", true),
        ("high", "INF", "9.900000E+37", true),
        ("50 Ω", "50", "9.900000E+37", false),
        ("high", "INF", "5.000000E+01", false),
    ] {
        let message = format!("> :OUTP2:LOAD {sent}");
        let answer = format!("< {answer}");
        let script = [&message, "done", "> :OUTP2:LOAD?", &answer, "ok"];
        let result = set(Peer::of(DG, &script).await, 2, "load_impedance", text).await;
        assert_eq!(result.is_ok(), is_confirmed, "{result:?}");
    }
}

#[tokio::test]
async fn a_range_that_the_meter_chooses_may_be_a_message_of_its_own() {
    for (range, messages) in [
        (Range::Auto, ["> :SENS:VOLT:DC:RANG:AUTO ON"]),
        (Range::Fixed("10 V".parse().unwrap()), ["> :SENS:VOLT:DC:RANG 10"]),
    ] {
        let script = [&["> *RST", "> :SENS:FUNC \"VOLT:DC\""][..], &messages, &["ok"]].concat();
        let peer = Peer::of(DMM6500, &script).await;
        let settings = ReadingSettings {
            function: Function::DcVoltage,
            range: Some(range),
            nplc: None,
            auto_zero: None,
            input_impedance: None,
        };
        channel(&peer, 1).await.configure(&settings).await.unwrap();
        peer.finish().await;
    }
}

#[tokio::test]
async fn a_screen_is_set_by_its_middle_and_a_bit_says_that_the_acquisition_runs() {
    let script = [
        "> :CHAN1:DISP ON",
        "> :CHAN1:PROB 10",
        "> :CHAN1:COUP DC",
        "> :CHAN1:BWL OFF",
        "> :CHAN1:SCAL 1",
        "> :CHAN1:OFFS 2.5",
        "> :TIM:MODE MAIN",
        "> :TIM:SCAL 0.001",
        "> :ACQ:TYPE HRES",
        "> :TRIG:MODE EDGE",
        "> :TRIG:SWE NORM",
        "> :TRIG:EDGE:SOUR CHAN1",
        "> :TRIG:EDGE:SLOP NEG",
        "> :TRIG:EDGE:LEV 2",
        "ok",
        "> :SING",
        "> :OPER:COND?",
        "< +552",
        "> :OPER:COND?",
        "< +544",
        "> :WAV:SOUR CHAN1",
        "> :WAV:FORM BYTE",
        "> :WAV:UNS ON",
        "> :WAV:POIN:MODE NORM",
        "> :WAV:PRE?",
        "< +0,+0,+5,+1,+1.0E-06,-2.5E-06,+0,+4.0E-02,+2.5E+00,+128",
        "> :WAV:DATA?",
        "< #800000005hello",
        "ok",
    ];
    let settings = CaptureSettings {
        probe: "10".parse().unwrap(),
        coupling: "dc".to_owned(),
        bandwidth: "full".to_owned(),
        scale: "1 V".parse().unwrap(),
        offset: "-2.5 V".parse().unwrap(),
        time_base: "1 ms".parse().unwrap(),
        acquisition: "high_resolution".to_owned(),
        trigger: TriggerSettings {
            level: Some("2 V".parse().unwrap()),
            slope: "falling".to_owned(),
            timeout: Duration::from_secs(30),
            forced_after_timeout: false,
        },
    };
    let peer = Peer::of(INFINIIVISION, &script).await;
    let captured = channel(&peer, 1).await.capture(&settings).await.unwrap();
    assert_eq!((captured.codes.as_slice(), captured.triggered), (&b"hello"[..], true));
    assert_eq!(captured.y_zero, "128".parse().unwrap());
    assert_eq!(captured.y_offset, "2.5".parse().unwrap());
    peer.finish().await;
}
