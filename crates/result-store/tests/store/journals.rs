//! Journals of sessions that never were.

use std::path::{Path, PathBuf};

use bench_model::{
    Bound, CodeFormat, Coordinate, Dut, EVENT_FORMAT, InstrumentIdentity, InstrumentStatus, Limit,
    Measured, OutputSafety, Place, PlanText, Point, Presence, Reading, ReadingId, Record, ResultId,
    RoleBinding, RunEvent, SafeState, SessionEnd, SessionId, SessionStart, SessionStatus,
    StepResult, Timestamp, Trigger, Unit, Verdict, VerdictCounts, Waveform, WaveformId,
};
use run_journal::{JournalFolder, JournalWriter};
use uuid::Uuid;

/// A folder of journals that goes with its value.
pub(crate) struct Journals {
    home: tempfile::TempDir,
}

impl Journals {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn writer(&self, session: SessionId) -> JournalWriter {
        JournalWriter::create(&JournalFolder::new(self.home.path()), session).unwrap()
    }

    /// Writes a whole journal.
    pub(crate) fn write(&self, session: SessionId, records: &[Record]) -> PathBuf {
        let mut writer = self.writer(session);
        records.iter().for_each(|record| writer.append(record).unwrap());
        writer.sync().unwrap();
        writer.path().to_owned()
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }
}

/// An id that tells which session it belongs to.
pub(crate) fn id(session: u32, number: u32) -> Uuid {
    Uuid::from_u128(
        0x0199_c0de_0000_7000_8000_0000_0000_0000
            + (u128::from(session) << 80)
            + u128::from(number),
    )
}

pub(crate) fn session(number: u32) -> SessionId {
    SessionId(id(number, 0))
}

pub(crate) fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_760_000_000_000 + milliseconds).unwrap()
}

/// Events with numbers, a millisecond apart.
pub(crate) fn numbered(events: impl IntoIterator<Item = RunEvent>) -> Vec<Record> {
    let numbers = 1_u32..;
    numbers
        .zip(events)
        .map(|(seq, event)| Record { seq: seq.into(), at: at(seq.into()), event })
        .collect()
}

pub(crate) fn start(number: u32) -> SessionStart {
    SessionStart {
        test_type: None,
        session: session(number),
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
        dut: Dut { model: Some("CHG-05".into()), serial: Some(format!("CHG05-{number}")) },
        bench: "charger".into(),
        simulated: false,
        partial: false,
        trigger: Trigger::Manual,
        operator: Some("ann".into()),
        host: Some("bench-7".into()),
        parameters: [("load_max".to_owned(), "500 mA".to_owned())].into(),
        environment: [("ambient".to_owned(), "23 °C".parse().unwrap())].into(),
        planned_results: 3,
        planned_readings: 3,
        origin: None,
    }
}

pub(crate) fn started(start: SessionStart) -> RunEvent {
    RunEvent::SessionStarted(Box::new(start))
}

/// The meter of the bench; `serial` may say nothing.
pub(crate) fn meter(serial: Option<&str>) -> InstrumentIdentity {
    InstrumentIdentity {
        instrument: "dmm".into(),
        address: "tcp://192.168.1.21:5025".into(),
        class: "multimeter".into(),
        dialect: "dm3000".into(),
        idn: format!("Rigol Technologies,DM3068,{},01.01", serial.unwrap_or("0")),
        maker: "Rigol Technologies".into(),
        model: "DM3068".into(),
        serial: serial.map(str::to_owned),
        firmware: Some("01.01".into()),
        simulated: false,
        channels: 1,
        capabilities: vec!["dc_voltage".into(), "dc_current".into()],
        max_voltage: Some("1 kV".parse().unwrap()),
        max_current: None,
        max_power: None,
        roles: vec![RoleBinding { role: "dmm".into(), channel: 1 }],
        dialect_sha256: None,
        calibration: None,
    }
}

pub(crate) fn supply() -> InstrumentIdentity {
    InstrumentIdentity {
        instrument: "psu".into(),
        address: "tcp://192.168.1.20:5025".into(),
        class: "power_supply".into(),
        idn: "Rigol Technologies,DP832,DP8B1,01".into(),
        model: "DP832".into(),
        serial: Some("DP8B1".into()),
        channels: 3,
        ..meter(None)
    }
}

pub(crate) fn identified(identity: InstrumentIdentity) -> RunEvent {
    RunEvent::InstrumentIdentified(Box::new(identity))
}

pub(crate) fn status(instrument: &str, presence: Presence, message: Option<&str>) -> RunEvent {
    let (instrument, message) = (instrument.to_owned(), message.map(str::to_owned));
    RunEvent::InstrumentStatus(InstrumentStatus { instrument, presence, message })
}

pub(crate) fn place(path: &str) -> Place {
    let coordinate = Coordinate { axis: "vi".into(), value: "7 V".parse().unwrap() };
    Place { path: path.into(), point: Point(vec![coordinate]) }
}

/// A reading of the meter, number `number` of its session.
pub(crate) fn reading(session: u32, number: u32, raw: &str, value: &str) -> Reading {
    Reading {
        id: ReadingId(id(session, 1000 + number)),
        result: ResultId(id(session, 2001)),
        place: place("rail/vout"),
        role: "dmm".into(),
        instrument: "dmm".into(),
        channel: 1,
        function: "dc_voltage".into(),
        raw: raw.into(),
        value: value.parse().unwrap(),
        unit: Unit::volt(),
        range: Some("10 V".into()),
        nplc: Some("10".parse().unwrap()),
        integration_s: Some("0.200".parse().unwrap()),
        sample: number,
        attempt: 1,
        correction: None,
        taken_at: at((10 + number).into()),
    }
}

pub(crate) fn read(reading: Reading) -> RunEvent {
    RunEvent::Reading(Box::new(reading))
}

pub(crate) fn limit() -> Limit {
    let bound = |text: &str| Some(Bound::inclusive(text.parse().unwrap()));
    Limit::Range { low: bound("4.95"), high: bound("5.05"), unit: Unit::volt() }
}

/// A result with this verdict; number `number` of its session.
pub(crate) fn result(session: u32, number: u32, verdict: Verdict) -> StepResult {
    StepResult {
        device: None,
        service: None,
        id: ResultId(id(session, 2000 + number)),
        place: place("rail/vout"),
        role: Some("dmm".into()),
        instrument: Some("dmm".into()),
        verdict,
        limit_text: Some("5 V ± 1 %".into()),
        limit: Some(limit()),
        decision: None,
        actual: Some(Measured::number("+5.00100000E+00".parse().unwrap(), Unit::volt())),
        judged_on: Some("mean".into()),
        margin: Some("0.049 V".parse().unwrap()),
        reason: None,
        readings: vec![ReadingId(id(session, 1000))],
        waveforms: Vec::new(),
        statistics: [("mean".to_owned(), "5.001 V".parse().unwrap())].into(),
        analyses: vec![],
        attempts: 1,
        started_at: at(5),
        finished_at: at(25),
    }
}

pub(crate) fn judged(result: StepResult) -> RunEvent {
    RunEvent::Judged(Box::new(result))
}

pub(crate) fn waveform(session: u32) -> Waveform {
    let number = |text: &str| text.parse().unwrap();
    Waveform {
        id: WaveformId(id(session, 3000)),
        result: ResultId(id(session, 2001)),
        place: place("ripple"),
        role: "dmm".into(),
        instrument: "dmm".into(),
        channel: 1,
        codes: vec![0, 78, 80, 255],
        format: CodeFormat::U8,
        y_zero: number("78"),
        y_increment: number("1.9963E-02"),
        y_offset: number("0.0"),
        y_unit: Unit::volt(),
        x_reference: number("0"),
        x_increment: number("2E-4"),
        x_origin: number("-0.1"),
        preamble: "0,2,4,1\n".into(),
        captured_at: at(30),
    }
}

pub(crate) fn ended(status: SessionStatus, counts: VerdictCounts) -> RunEvent {
    RunEvent::SessionFinished(SessionEnd {
        status,
        verdict: counts.worst(),
        counts,
        outputs_off: true,
        reason: None,
    })
}

/// A session with every kind of event.
pub(crate) fn every_kind(number: u32) -> Vec<Record> {
    let mut skipped = result(number, 2, Verdict::Skip);
    (skipped.actual, skipped.reason) = (None, Some("not asked for".into()));
    let mut unjudged = result(number, 3, Verdict::Recorded);
    (unjudged.limit, unjudged.limit_text) = (None, None);
    let mut failed = result(number, 4, Verdict::Error);
    failed.reason = Some("no answer within 5s".into());
    let counts =
        VerdictCounts { pass: 1, skip: 1, recorded: 1, error: 1, ..VerdictCounts::default() };
    numbered([
        started(start(number)),
        status("dmm", Presence::Online, None),
        identified(meter(Some("DM3O1"))),
        identified(supply()),
        status("psu", Presence::Online, None),
        RunEvent::StepStarted { step: "rail".into() },
        read(reading(number, 0, "+1.00000000E+00", "+1.00000000E+00")),
        read(reading(number, 1, "-3.2150E-07", "-3.2150E-07")),
        read(reading(number, 2, "9.9E37", "Infinity")),
        RunEvent::Waveform(Box::new(waveform(number))),
        judged(result(number, 1, Verdict::Pass)),
        judged(skipped),
        judged(unjudged),
        status("psu", Presence::Error, Some("-222,\"Data out of range\"")),
        judged(failed),
        RunEvent::StepFinished { step: "rail".into(), verdict: Verdict::Error },
        RunEvent::Warning { message: "the meter is cold".into() },
        RunEvent::SafeState(SafeState {
            reason: "end of plan".into(),
            outputs: vec![OutputSafety {
                role: "vin".into(),
                instrument: "psu".into(),
                channel: 1,
                confirmed_off: true,
                detail: None,
            }],
        }),
        status("dmm", Presence::Offline, None),
        ended(SessionStatus::Completed, counts),
    ])
}
