//! Journals of sessions that never were: many events, over a month's end, by a clock that is set back.

use bench_model::{
    CodeFormat, Coordinate, Dut, EVENT_FORMAT, InstrumentIdentity, Measured, Place, PlanText,
    Point, Reading, ReadingId, Record, ResultId, RunEvent, SessionEnd, SessionId, SessionStart,
    SessionStatus, StepResult, Timestamp, Trigger, Unit, Verdict, VerdictCounts, Waveform,
    WaveformId,
};
use run_journal::{JournalFolder, JournalWriter};
use uuid::Uuid;

use crate::support::Home;
use crate::support::Random;

/// Events between start and end: some transactions of the recorder.
pub(crate) const EVENTS: u64 = 2500;
/// A reading is judged after so many events, and a waveform captured.
const JUDGED_EVERY: u64 = 10;
const CAPTURED_EVERY: u64 = 500;
/// From one event to the next.
const STEP_MS: i64 = 7;
/// How far the clock is set back, once.
const SET_BACK_MS: i64 = 3_600_000;

/// Writes a journal into the home of a machine, and leaves it there whole or, now and then, cut.
pub(crate) fn write(home: &Home, random: &mut Random) -> SessionId {
    let session = SessionId(Uuid::now_v7());
    let made = Made { session, clock: Clock::new(random) };
    let folder = JournalFolder::new(home.path().join("data/scpi-run/journals"));
    let mut writer = JournalWriter::create(&folder, session).unwrap();
    let last = if random.below(4) == 0 { random.below(EVENTS) } else { EVENTS + 2 };
    for record in made.records().take(usize::try_from(2 + last).unwrap()) {
        writer.append(&record).unwrap();
    }
    writer.sync().unwrap();
    session
}

/// Goes over the end of a month, and is set back once.
#[derive(Clone, Copy)]
struct Clock {
    start_ms: i64,
    back_at: u64,
}

impl Clock {
    fn new(random: &mut Random) -> Self {
        let month = 1 + i16::try_from(random.below(12)).unwrap();
        let year = 2021 + i16::try_from(random.below(5)).unwrap();
        let text = format!("{year}-{month:02}-01T00:00:00Z");
        let end: Timestamp = text.parse().unwrap();
        let before = i64::try_from(random.below(EVENTS)).unwrap() * STEP_MS;
        Self { start_ms: end.as_millisecond() - before, back_at: random.below(EVENTS) }
    }

    fn at(self, number: u64) -> Timestamp {
        let steps = i64::try_from(number).unwrap() * STEP_MS;
        let back = if number > self.back_at { SET_BACK_MS } else { 0 };
        Timestamp::from_millisecond(self.start_ms + steps - back).unwrap()
    }
}

struct Made {
    session: SessionId,
    clock: Clock,
}

impl Made {
    fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let first = [started(self.session), identified()];
        let between = (0..EVENTS).map(|number| self.event(number));
        let results = EVENTS / JUDGED_EVERY;
        let counts = VerdictCounts { pass: results, ..VerdictCounts::default() };
        let events = first.into_iter().chain(between).chain([ended(counts)]);
        (1..).zip(events).map(|(seq, event)| Record { seq, at: self.clock.at(seq), event })
    }

    /// An id that is this session's and this number's.
    fn id(&self, number: u64) -> Uuid {
        Uuid::from_u128(self.session.0.as_u128() ^ (u128::from(number + 1) << 64))
    }

    fn event(&self, number: u64) -> RunEvent {
        if number % CAPTURED_EVERY == 1 {
            return RunEvent::Waveform(Box::new(self.waveform(number)));
        }
        if number % JUDGED_EVERY == JUDGED_EVERY - 1 {
            return RunEvent::Judged(Box::new(self.result(number)));
        }
        RunEvent::Reading(Box::new(self.reading(number)))
    }

    fn reading(&self, number: u64) -> Reading {
        Reading {
            id: ReadingId(self.id(number)),
            result: ResultId(self.id(number - number % JUDGED_EVERY + JUDGED_EVERY - 1)),
            place: place(number),
            role: "meter".into(),
            instrument: "dmm".into(),
            channel: 1,
            function: "dc_voltage".into(),
            raw: format!("+5.{number:07}0E+00"),
            value: format!("5.{number:07}0").parse().unwrap(),
            unit: Unit::volt(),
            range: Some("10 V".into()),
            nplc: Some("10".parse().unwrap()),
            integration_s: Some("0.200".parse().unwrap()),
            sample: 1,
            attempt: 1,
            correction: None,
            taken_at: self.clock.at(number),
        }
    }

    fn result(&self, number: u64) -> StepResult {
        StepResult {
            id: ResultId(self.id(number)),
            place: place(number),
            role: Some("meter".into()),
            instrument: Some("dmm".into()),
            verdict: Verdict::Pass,
            limit_text: Some("5 V ± 1 %".into()),
            limit: None,
            actual: Some(Measured::number("5.0010".parse().unwrap(), Unit::volt())),
            judged_on: Some("mean".into()),
            decision: None,
            margin: Some("0.049 V".parse().unwrap()),
            reason: None,
            readings: vec![ReadingId(self.id(number - 1))],
            waveforms: Vec::new(),
            statistics: [("mean".to_owned(), "5.001 V".parse().unwrap())].into(),
            analyses: vec![],
            attempts: 1,
            started_at: self.clock.at(number - 5),
            finished_at: self.clock.at(number),
            device: None,
            service: None,
        }
    }

    fn waveform(&self, number: u64) -> Waveform {
        let decimal = |text: &str| text.parse().unwrap();
        Waveform {
            id: WaveformId(self.id(number)),
            result: ResultId(self.id(number)),
            place: place(number),
            role: "meter".into(),
            instrument: "dmm".into(),
            channel: 1,
            codes: (0..4000_u32).map(|code| code.to_le_bytes()[0]).collect(),
            format: CodeFormat::U8,
            y_zero: decimal("128"),
            y_increment: decimal("1.9963E-02"),
            y_offset: decimal("0.0"),
            y_unit: Unit::volt(),
            x_reference: decimal("0"),
            x_increment: decimal("2E-4"),
            x_origin: decimal("-0.1"),
            preamble: "0,2,4,1\n".into(),
            captured_at: self.clock.at(number),
        }
    }
}

fn place(number: u64) -> Place {
    let value = format!("{} V", number % 12).parse().unwrap();
    let coordinate = Coordinate { axis: "vi".into(), value };
    Place { path: "rail/vout".into(), point: Point(vec![coordinate]) }
}

fn started(session: SessionId) -> RunEvent {
    RunEvent::SessionStarted(Box::new(SessionStart {
        session,
        format: EVENT_FORMAT,
        software: "0.1.0".into(),
        plan: PlanText {
            name: "made".into(),
            version: None,
            file: "made.toml".into(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            text: "name = \"made\"\n".into(),
            files: Default::default(),
        },
        dut: Dut { model: None, serial: Some("M-1".into()) },
        bench: "made".into(),
        origin: None,
        simulated: true,
        partial: false,
        trigger: Trigger::CiCd,
        operator: None,
        host: None,
        parameters: Default::default(),
        environment: Default::default(),
        planned_results: EVENTS / JUDGED_EVERY,
        planned_readings: EVENTS,
        test_type: None,
    }))
}

fn identified() -> RunEvent {
    RunEvent::InstrumentIdentified(Box::new(InstrumentIdentity {
        instrument: "dmm".into(),
        address: "tcp://127.0.0.1:5025".into(),
        class: "multimeter".into(),
        dialect: "dm3000".into(),
        dialect_sha256: None,
        calibration: None,
        idn: "Made,DM1,M1,1.0".into(),
        maker: "Made".into(),
        model: "DM1".into(),
        serial: Some("M1".into()),
        firmware: None,
        simulated: true,
        channels: 1,
        capabilities: vec!["dc_voltage".into()],
        max_voltage: None,
        max_current: None,
        max_power: None,
        roles: Vec::new(),
    }))
}

fn ended(counts: VerdictCounts) -> RunEvent {
    RunEvent::SessionFinished(SessionEnd {
        status: SessionStatus::Completed,
        verdict: Some(Verdict::Pass),
        counts,
        outputs_off: true,
        reason: None,
    })
}
