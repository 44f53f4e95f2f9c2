//! The dialects that are built in: who speaks them, and what exactly is sent for what a plan states.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

use bench_catalog::{
    Class, Dialect, Dialects, Function, Range, Setting, SettingKind, Values, WaveformMeasure,
};

/// Identities as instruments gave them, and who speaks what; `-` where nothing better is known than SCPI.
const PUBLISHED: &[(&str, &str)] = &[
    ("RIGOL TECHNOLOGIES,DS1054Z,DS1ZA000000000,00.04.02.SP4", "rigol_ds1000z"),
    ("RIGOL TECHNOLOGIES,DP832,DP8C277M00511,00.01.19", "rigol_dp800"),
    ("RIGOL TECHNOLOGIES,DL3021,DL3A204800938,00.01.05.00.01", "rigol_dl3000"),
    ("RIGOL TECHNOLOGIES,DHO924,DHO9A254401474,00.01.01", "-"),
    ("Siglent Technologies,SDS2504X Plus,SDS2PEEX7R1702,5.4.0.1.6.2R5", "siglent_sds2000x_plus"),
    ("Siglent Technologies,SDM3055,SDM35HBC900580,1.02.01.28", "siglent_sdm3055"),
    ("Siglent Technologies,SDM3055-SC,SDM35GBQ6R1882,1.01.01.25", "siglent_sdm3055"),
    ("Siglent Technologies,SDG2042X,SDG2XFBQ902599,2.01.01.38R4", "siglent_sdg2000x"),
    (
        "Keysight Technologies,34465A,MY59008389,A.03.01-03.15-03.01-00.52-03-02",
        "keysight_truevolt",
    ),
    ("Keysight Technologies,E36312A,MY59002391,2.1.0-1.0.4-1.12", "keysight_e36300"),
    ("Agilent Technologies,34972A,MY49008476,1.17-1.12-02-02", "-"),
    ("AGILENT TECHNOLOGIES,MSO-X 3014A,MY52160892,02.41.2015102200", "keysight_infiniivision"),
    ("KEYSIGHT TECHNOLOGIES,DSO-X 3024T,MY57452230,07.30.2019051434", "keysight_infiniivision"),
    ("Agilent Technologies,N9010A,MY48030221,A.13.07", "-"),
    ("FLUKE,8846A,3821015,08", "-"),
];

/// The same of `fixtures/transcripts/identities.txt`, by the beginning of each.
const TRANSCRIBED: &[(&str, &str)] = &[
    ("RIGOL TECHNOLOGIES,DS1104Z", "rigol_ds1000z"),
    ("RIGOL TECHNOLOGIES,DP832", "rigol_dp800"),
    ("RIGOL TECHNOLOGIES,MSO5074", "rigol_mso5000"),
    ("Siglent Technologies,SPD3303X-E", "siglent_spd3000x"),
    ("Siglent Technologies,SDS1104X-E", "siglent_sds1000x_e"),
    ("Keysight Technologies,34461A", "keysight_truevolt"),
    ("Agilent Technologies,E3649A", "-"),
    ("KEITHLEY INSTRUMENTS,MODEL DMM6500", "keithley_dmm6500"),
    ("KEITHLEY INSTRUMENTS INC.,MODEL SYSTEM 46", "-"),
    ("TEKTRONIX,TDS 3014B", "-"),
    ("Rohde&Schwarz,HMC8043", "-"),
    ("THURLBY THANDAR, QPX1200", "-"),
];

const TRANSCRIPT: &str = include_str!("../../../fixtures/transcripts/identities.txt");

fn dialects() -> Dialects {
    Dialects::built_in().unwrap()
}

fn speaker(dialects: &Dialects, idn: &str) -> String {
    let found = dialects.for_identity(&idn.parse().unwrap());
    found.map_or("-", |found| found.name.as_str()).to_owned()
}

#[test]
fn published_identities_find_their_dialect() {
    let all = dialects();
    for (idn, dialect) in PUBLISHED {
        assert_eq!(speaker(&all, idn), *dialect, "{idn}");
    }
}

#[test]
fn transcribed_identities_find_their_dialect() {
    let all = dialects();
    let answers = TRANSCRIPT.lines().filter_map(|line| line.strip_prefix("< "));
    let answers: Vec<_> =
        answers.map(|line| line.trim_end_matches(r"\n").trim_end_matches(r"\r")).collect();
    assert_eq!(answers.len(), TRANSCRIBED.len());
    for (answer, (start, dialect)) in answers.into_iter().zip(TRANSCRIBED) {
        assert!(answer.starts_with(start), "{answer}");
        assert_eq!(speaker(&all, answer), *dialect, "{answer}");
    }
}

#[test]
fn a_model_has_its_own_channels() {
    let all = dialects();
    for (idn, channels, second) in [
        ("RIGOL TECHNOLOGIES,DP832A,0,0", 3, "32 V"),
        ("RIGOL TECHNOLOGIES,DP821A,0,0", 2, "8 V"),
        ("RIGOL TECHNOLOGIES,DP831A,0,0", 3, "30 V"),
        ("Rohde&Schwarz,NGE102B,0,0", 2, "32.05 V"),
        ("Rohde&Schwarz,NGE103B,0,0", 3, "32.05 V"),
        ("HAMEG,HMP4030,0,0", 3, "32.05 V"),
        ("ROHDE&SCHWARZ,HMP4040,0,0", 4, "32.05 V"),
        ("Keysight Technologies,E36313A,0,0", 3, "25.75 V"),
        ("RIGOL TECHNOLOGIES,MSO5072,0,0", 2, "400 V"),
    ] {
        let identity = idn.parse().unwrap();
        let own = all.for_identity(&identity).unwrap().of_model(&identity);
        assert_eq!(own.channel_count(), channels, "{idn}");
        let limit = own.channel(2).unwrap().max_voltage.as_ref();
        assert_eq!(limit.map(ToString::to_string).as_deref(), Some(second), "{idn}");
    }
    for (idn, channels) in [
        ("KEYSIGHT TECHNOLOGIES,DSOX1102G,0,0", 2),
        ("KEYSIGHT TECHNOLOGIES,DSOX1204G,0,0", 4),
        ("AGILENT TECHNOLOGIES,DSO-X 2012A,0,0", 2),
        ("KEYSIGHT TECHNOLOGIES,MSO-X 3034T,0,0", 4),
    ] {
        let identity = idn.parse().unwrap();
        let own = all.for_identity(&identity).unwrap().of_model(&identity);
        assert_eq!(own.channel_count(), channels, "{idn}");
    }
}

/// Dialect, channel, setting, the value as it is sent, the messages, and what reads it back.
type Sent = (&'static str, u32, &'static str, &'static str, &'static [&'static str], &'static str);

const SETTINGS: &[Sent] = &[
    ("siglent_spd3000x", 2, "voltage", "5.00", &["CH2:VOLT 5.00"], "CH2:VOLT?"),
    ("siglent_spd3000x", 1, "current_limit", "0.50", &["CH1:CURR 0.50"], "CH1:CURR?"),
    ("siglent_spd3000x", 2, "output", "ON", &["OUTP CH2,ON"], "SYST:STAT?"),
    ("keysight_e36300", 3, "voltage", "12.000", &["VOLT 12.000,(@3)"], "VOLT? (@3)"),
    ("keysight_e36300", 1, "current_limit", "1.000", &["CURR 1.000,(@1)"], "CURR? (@1)"),
    ("keysight_e36300", 2, "ovp", "13.000", &["VOLT:PROT 13.000,(@2)"], "VOLT:PROT? (@2)"),
    ("keysight_e36300", 2, "ocp", "ON", &["CURR:PROT:STAT ON,(@2)"], "CURR:PROT:STAT? (@2)"),
    ("keysight_e36300", 2, "output", "OFF", &["OUTP OFF,(@2)"], "OUTP? (@2)"),
    ("rs_hmp", 4, "voltage", "5.000", &["INST:NSEL 4;:VOLT 5.000"], "INST:NSEL 4;:VOLT?"),
    ("rs_hmp", 2, "current_limit", "1.000", &["INST:NSEL 2;:CURR 1.000"], "INST:NSEL 2;:CURR?"),
    ("rs_hmp", 1, "output", "OFF", &["INST:NSEL 1;:OUTP OFF"], "INST:NSEL 1;:OUTP:SEL?"),
    ("rs_hmp", 1, "ocp", "ON", &["INST:NSEL 1;:FUSE:STAT ON"], "INST:NSEL 1;:FUSE:STAT?"),
    (
        "rs_nge100",
        3,
        "ovp",
        "6.000",
        &["INST:NSEL 3;:VOLT:PROT:LEV 6.000", "INST:NSEL 3;:VOLT:PROT:STAT ON"],
        "INST:NSEL 3;:VOLT:PROT:LEV?",
    ),
    ("owon_p4000", 1, "output", "0", &["OUTP 0"], "OUTP?"),
    ("owon_spe", 1, "ovp", "13.00", &["VOLT:LIM 13.00"], "VOLT:LIM?"),
    ("siglent_sdl1000x", 1, "mode", "CURRENT", &["SOUR:FUNC CURRENT"], "SOUR:FUNC?"),
    ("siglent_sdl1000x", 1, "current", "2.000", &["SOUR:CURR:LEV:IMM 2.000"], "SOUR:CURR:LEV:IMM?"),
    ("siglent_sdl1000x", 1, "input", "OFF", &["SOUR:INP:STAT OFF"], "SOUR:INP:STAT?"),
    ("siglent_sdg2000x", 2, "frequency", "1000", &["C2:BSWV FRQ,1000"], "C2:BSWV?"),
    ("siglent_sdg2000x", 1, "load_impedance", "HZ", &["C1:OUTP LOAD,HZ"], "C1:OUTP?"),
    ("siglent_sdg2000x", 1, "output", "OFF", &["C1:OUTP OFF"], "C1:OUTP?"),
    ("rigol_dg1000z", 1, "waveform", "SIN", &[":SOUR1:FUNC SIN"], ":SOUR1:FUNC?"),
    (
        "rigol_dg1000z",
        2,
        "amplitude",
        "2.5",
        &[":SOUR2:VOLT:UNIT VPP", ":SOUR2:VOLT 2.5"],
        ":SOUR2:VOLT?",
    ),
    ("rigol_dg1000z", 2, "output", "OFF", &[":OUTP2 OFF"], ":OUTP2?"),
    ("scpi_power_supply", 1, "voltage", "5", &["SOUR:VOLT 5"], "SOUR:VOLT?"),
    ("scpi_power_supply", 1, "output", "OFF", &["OUTP:STAT OFF"], "OUTP:STAT?"),
    ("scpi_load", 1, "mode", "CURR", &["SOUR:FUNC:MODE CURR"], "SOUR:FUNC:MODE?"),
    ("scpi_load", 1, "input", "OFF", &["INP:STAT OFF"], "INP:STAT?"),
];

#[test]
fn settings_are_these_messages() {
    let all = dialects();
    for (name, channel, setting, value, set, get) in SETTINGS {
        let setting: Setting = setting.parse().unwrap();
        let words = all.named(name).unwrap().setting(setting).unwrap();
        let values = Values::of_channel(*channel).with("value", *value);
        assert_eq!(words.set_messages(&values), *set, "{name} {setting}");
        assert_eq!(words.get_message(&values).as_deref(), Some(*get), "{name} {setting}");
    }
}

/// Dialect, function, range (`auto` or a quantity), further places: the messages.
type Reading = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const READINGS: &[(Reading, &[&str])] = &[
    (
        ("siglent_sdm3055", "dc_voltage", "20 V", &[("nplc", "10")]),
        &["CONF:VOLT:DC 20", "VOLT:DC:NPLC 10"],
    ),
    (
        ("siglent_sdm3055", "dc_voltage", "auto", &[("input_impedance", "10G")]),
        &["CONF:VOLT:DC AUTO", "VOLT:DC:IMP 10G"],
    ),
    (("siglent_sdm3045x", "dc_current", "600 µA", &[]), &["CONF:CURR:DC 0.000600"]),
    (
        ("siglent_sdm3065x", "resistance_4w", "2 kΩ", &[("nplc", "100")]),
        &["CONF:FRES 2000", "FRES:NPLC 100"],
    ),
    (
        (
            "keithley_dmm6500",
            "dc_voltage",
            "10 V",
            &[("nplc", "1"), ("auto_zero", "ON"), ("input_impedance", "MOHM10")],
        ),
        &[
            "*RST",
            ":SENS:FUNC \"VOLT:DC\"",
            ":SENS:VOLT:DC:RANG 10",
            ":SENS:VOLT:DC:NPLC 1",
            ":SENS:VOLT:DC:AZER ON",
            ":SENS:VOLT:DC:INP MOHM10",
        ],
    ),
    (
        ("keithley_dmm6500", "resistance_2w", "auto", &[]),
        &["*RST", ":SENS:FUNC \"RES\"", ":SENS:RES:RANG:AUTO ON"],
    ),
    (
        ("rigol_dm3000", "dc_voltage", "200 mV", &[]),
        &["CMDSET AGILENT", "CONF:VOLT:DC", "SENS:VOLT:DC:RANG 0.200"],
    ),
    (
        ("rigol_dm3000", "resistance_2w", "auto", &[]),
        &["CMDSET AGILENT", "CONF:RES", "SENS:RES:RANG:AUTO ON"],
    ),
    (("keysight_truevolt", "capacitance", "1 µF", &[]), &["CONF:CAP 0.000001"]),
    (
        ("scpi_multimeter", "dc_voltage", "10 V", &[("nplc", "1")]),
        &["CONF:VOLT:DC", "SENS:VOLT:DC:RANG 10", "SENS:VOLT:DC:NPLC 1"],
    ),
    (
        ("scpi_multimeter", "ac_current", "auto", &[]),
        &["CONF:CURR:AC", "SENS:CURR:AC:RANG:AUTO ON"],
    ),
];

#[test]
fn readings_are_configured_by_these_messages() {
    let all = dialects();
    for ((name, function, range, places), messages) in READINGS {
        let function: Function = function.parse().unwrap();
        let words = all.named(name).unwrap().function(function).unwrap();
        let range = match *range {
            "auto" => Range::Auto,
            range => Range::Fixed(range.parse().unwrap()),
        };
        let (place, word) = words.range_word(&range).unwrap();
        let values = Values::of_channel(1).with(place, word);
        let values = places.iter().fold(values, |values, (place, word)| values.with(place, *word));
        assert_eq!(words.configure_messages(&values), *messages, "{name} {function}");
        assert!(words.read_message(&values).is_some_and(|read| read.ends_with("READ?")), "{name}");
    }
    let words = all.named("siglent_sdm3055").unwrap().function(Function::DcVoltage).unwrap();
    assert_eq!(words.range_word(&Range::Fixed("10 V".parse().unwrap())), None);
}

#[test]
fn scopes_are_asked_by_these_messages() {
    let all = dialects();
    for (name, measure, query) in [
        ("rigol_ds1000z", WaveformMeasure::PeakToPeak, ":MEAS:ITEM? VPP,CHAN3"),
        ("keysight_infiniivision", WaveformMeasure::PeakToPeak, ":MEAS:VPP? CHAN3"),
        ("keysight_infiniivision", WaveformMeasure::Rms, ":MEAS:VRMS? DISP,DC,CHAN3"),
        ("keysight_infiniivision", WaveformMeasure::Mean, ":MEAS:VAV? DISP,CHAN3"),
    ] {
        let found = all.named(name).unwrap().measure(measure, &Values::of_channel(3));
        assert_eq!(found.as_deref(), Some(query), "{name}");
    }
    let capture = all.named("keysight_infiniivision").unwrap().capture.as_ref().unwrap();
    let values = Values::of_channel(2).with("middle", "-1.5").with("level", "0.5");
    assert_eq!(
        capture.configure_messages(&values),
        [
            ":CHAN2:DISP ON",
            ":CHAN2:OFFS -1.5",
            ":TIM:MODE MAIN",
            ":TRIG:MODE EDGE",
            ":TRIG:SWE NORM",
            ":TRIG:EDGE:SOUR CHAN2",
            ":TRIG:EDGE:LEV 0.5",
        ]
    );
}

#[test]
fn every_dialect_is_cited_and_named_like_its_file() {
    let all = dialects();
    let names: Vec<_> = all.names().collect();
    assert!(names.len() >= 20, "{names:?}");
    for name in names {
        let dialect = all.named(name).unwrap();
        let file = format!("{}/dialects/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        assert!(std::path::Path::new(&file).is_file(), "{file}");
        assert!(dialect.source.len() > 30 && dialect.title.len() > 10, "{name}");
        assert_eq!(dialect.identities.is_empty(), name.starts_with("scpi_"), "{name}");
    }
}

#[test]
fn every_word_is_one_of_the_plan_and_every_supply_can_be_made_safe() {
    let all = dialects();
    for name in all.names() {
        let dialect = all.named(name).unwrap();
        for setting in Setting::of_class(dialect.class) {
            check_words(dialect, *setting);
        }
        if let Some(regulation) = &dialect.regulation {
            assert!(
                regulation.words.keys().all(|mode| ["cv", "cc"].contains(&mode.as_str())),
                "{name}"
            );
        }
        assert_eq!(dialect.capture.is_some(), dialect.class == Class::Oscilloscope, "{name}");
    }
}

/// No place of a message stays empty, on any channel.
fn check_words(dialect: &Dialect, setting: Setting) {
    let Some(words) = dialect.setting(setting) else { return };
    let plans: &[&str] = match setting.kind() {
        SettingKind::Switch => &["on", "off"],
        SettingKind::Words(known) => known,
        _ => &[],
    };
    let mut values: Vec<_> = plans.iter().filter_map(|plan| words.word(plan)).collect();
    if plans.is_empty() {
        values.push("1.5");
    }
    for channel in 1..=dialect.channel_count() {
        for value in &values {
            let values = Values::of_channel(channel).with("value", *value);
            let messages = words.set_messages(&values);
            assert!(!messages.is_empty(), "{} {setting}", dialect.name);
            let mut all = messages
                .iter()
                .chain(words.get_message(&values).as_ref())
                .cloned()
                .collect::<Vec<_>>();
            all.retain(|message| message.contains('{') || message.contains('\n'));
            assert!(all.is_empty(), "{all:?}");
        }
    }
}
