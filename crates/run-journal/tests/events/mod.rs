//! One session with every kind of event, every optional field once there and once not.

use bench_model::{Bound, Limit, Measured};
use bench_model::{
    CodeFormat, Coordinate, Dut, EVENT_FORMAT, InstrumentIdentity, InstrumentStatus, OutputSafety,
    Place, PlanText, Point, Presence, Reading, ReadingId, Record, ResultId, RoleBinding, RunEvent,
    SafeState, SessionEnd, SessionId, SessionStart, SessionStatus, SettingApplied, StepResult,
    Timestamp, Trigger, Unit, Verdict, VerdictCounts, Waveform, WaveformId,
};

pub(crate) const SESSION: &str = "0199c0de-5e55-7000-8000-000000000001";

pub(crate) fn session() -> SessionId {
    SESSION.parse().unwrap()
}

/// Records of these events, one millisecond apart.
pub(crate) fn numbered(events: impl IntoIterator<Item = RunEvent>) -> Vec<Record> {
    (1..)
        .zip(events)
        .map(|(seq, event)| Record { seq, at: at(i64::try_from(seq).unwrap()), event })
        .collect()
}

pub(crate) fn warning(message: &str) -> RunEvent {
    RunEvent::Warning { message: message.to_owned() }
}

/// A session with every kind of event.
pub(crate) fn every_kind() -> Vec<Record> {
    numbered([
        RunEvent::SessionStarted(Box::new(start())),
        RunEvent::InstrumentIdentified(Box::new(identity())),
        status(Presence::Online, None),
        RunEvent::StepStarted { step: "rail".into() },
        RunEvent::SettingApplied(Box::new(setting())),
        RunEvent::Reading(Box::new(reading("+4.99870000E+00", "+4.99870000E+00"))),
        RunEvent::Reading(Box::new(reading("9.9E37", "Infinity"))),
        RunEvent::Waveform(Box::new(waveform())),
        RunEvent::Judged(Box::new(judged())),
        RunEvent::Judged(Box::new(skipped())),
        RunEvent::StepFinished { step: "rail".into(), verdict: Verdict::Fail },
        status(Presence::Error, Some("-222,\"Data out of range\"")),
        warning("the meter is cold: 3 min of 30 min\n\"µΩ\" \u{1b}[0m \u{2028}"),
        RunEvent::SafeState(safe_state()),
        RunEvent::SessionFinished(end()),
    ])
}

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_760_000_000_000 + milliseconds).unwrap()
}

fn id(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0199_c0de_5e55_7000_8000_0000_0000_0000 + number)
}

fn place() -> Place {
    let coordinate =
        |axis: &str, value: &str| Coordinate { axis: axis.into(), value: value.parse().unwrap() };
    let point = Point(vec![coordinate("vi", "7 V"), coordinate("il", "500 mA")]);
    Place { path: "rail/vout".into(), point }
}

fn start() -> SessionStart {
    SessionStart {
        test_type: None,
        session: session(),
        format: EVENT_FORMAT,
        software: "0.1.0".into(),
        plan: PlanText {
            name: "5 V rail".into(),
            version: Some("1.3".into()),
            file: "rail.toml".into(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            text: "name = \"5 V rail\"\n".into(),
            files: std::collections::BTreeMap::new(),
        },
        dut: Dut { model: Some("CHG-05".into()), serial: Some("CHG05-000001".into()) },
        bench: "quickstart".into(),
        simulated: true,
        partial: false,
        trigger: Trigger::CiCd,
        operator: None,
        host: Some("bench-3".into()),
        parameters: [("load_max".into(), "500 mA".into())].into(),
        environment: [("ambient".into(), "23.0 °C".parse().unwrap())].into(),
        planned_results: 2,
        planned_readings: 2,
        origin: None,
    }
}

fn identity() -> InstrumentIdentity {
    InstrumentIdentity {
        instrument: "psu".into(),
        address: "tcp://127.0.0.1:5025".into(),
        class: "power_supply".into(),
        dialect: "generic".into(),
        idn: "MAKER,PSU-3,0,1.0".into(),
        maker: "MAKER".into(),
        model: "PSU-3".into(),
        serial: None,
        firmware: Some("1.0".into()),
        simulated: true,
        channels: 2,
        capabilities: vec!["dc_voltage".into()],
        max_voltage: Some("30 V".parse().unwrap()),
        max_current: None,
        max_power: None,
        roles: vec![RoleBinding { role: "vin".into(), channel: 1 }],
        dialect_sha256: None,
        calibration: None,
    }
}

fn status(presence: Presence, message: Option<&str>) -> RunEvent {
    let message = message.map(str::to_owned);
    RunEvent::InstrumentStatus(InstrumentStatus { instrument: "psu".into(), presence, message })
}

fn setting() -> SettingApplied {
    SettingApplied {
        step: "rail".into(),
        point: Point::default(),
        role: "vin".into(),
        setting: "voltage".into(),
        setpoint: "7 V".into(),
        programmed: Some("7.0000".into()),
    }
}

fn reading(raw: &str, value: &str) -> Reading {
    Reading {
        id: ReadingId(id(10)),
        result: ResultId(id(20)),
        place: place(),
        role: "dmm".into(),
        instrument: "dmm".into(),
        channel: 1,
        function: "dc_voltage".into(),
        raw: raw.into(),
        value: value.parse().unwrap(),
        unit: Unit::volt(),
        range: Some("10 V".into()),
        nplc: Some("10".parse().unwrap()),
        integration_s: Some("0.2".parse().unwrap()),
        sample: 0,
        attempt: 1,
        correction: None,
        taken_at: at(6),
    }
}

fn waveform() -> Waveform {
    let number = |text: &str| text.parse().unwrap();
    Waveform {
        id: WaveformId(id(30)),
        result: ResultId(id(21)),
        place: place(),
        role: "scope".into(),
        instrument: "scope".into(),
        channel: 1,
        codes: (0..=255).collect(),
        format: CodeFormat::U8,
        y_zero: number("128"),
        y_increment: number("1.9963E-02"),
        y_offset: number("-0.10"),
        y_unit: Unit::volt(),
        x_reference: number("0"),
        x_increment: number("2E-6"),
        x_origin: number("-0.001"),
        preamble: "0,2,256,1,2E-6,-0.001,0,1.9963E-02,0,128".into(),
        captured_at: at(8),
    }
}

fn judged() -> StepResult {
    let bound = |text: &str| Some(Bound::inclusive(text.parse().unwrap()));
    StepResult {
        device: None,
        service: None,
        id: ResultId(id(20)),
        place: place(),
        role: Some("dmm".into()),
        instrument: Some("dmm".into()),
        verdict: Verdict::Fail,
        limit_text: Some("5 V ± 0.02 %".into()),
        limit: Some(Limit::Range {
            low: bound("4.9990"),
            high: bound("5.0010"),
            unit: Unit::volt(),
        }),
        decision: None,
        actual: Some(Measured::number("+4.99870000E+00".parse().unwrap(), Unit::volt())),
        judged_on: Some("last".into()),
        margin: Some("-0.00030000 V".parse().unwrap()),
        reason: None,
        readings: vec![ReadingId(id(10))],
        waveforms: vec![],
        statistics: [("mean".into(), "4.99870000 V".parse().unwrap())].into(),
        analyses: vec![],
        attempts: 1,
        started_at: at(5),
        finished_at: at(9),
    }
}

fn skipped() -> StepResult {
    StepResult {
        device: None,
        service: None,
        id: ResultId(id(21)),
        verdict: Verdict::Skip,
        role: None,
        instrument: None,
        limit_text: None,
        limit: None,
        decision: None,
        actual: None,
        judged_on: None,
        margin: None,
        reason: Some("rail failed".into()),
        readings: vec![],
        waveforms: vec![WaveformId(id(30))],
        statistics: [].into(),
        analyses: vec![],
        ..judged()
    }
}

fn safe_state() -> SafeState {
    let output = |role: &str, confirmed_off, detail: Option<&str>| OutputSafety {
        role: role.into(),
        instrument: "psu".into(),
        channel: 1,
        confirmed_off,
        detail: detail.map(str::to_owned),
    };
    let outputs =
        vec![output("vin", true, None), output("vio", false, Some("no answer within 1s"))];
    SafeState { reason: "end of plan".into(), outputs }
}

fn end() -> SessionEnd {
    SessionEnd {
        status: SessionStatus::Completed,
        verdict: Some(Verdict::Fail),
        counts: VerdictCounts { fail: 1, skip: 1, ..VerdictCounts::default() },
        outputs_off: false,
        reason: None,
    }
}
