//! Runs built from events, judged by the real limits.

use std::io;
use std::sync::{Arc, Mutex};

use bench_model::{
    Bound, CodeFormat, Coordinate, Dut, EVENT_FORMAT, InstrumentIdentity, Judgement, Limit,
    Measured, OutputSafety, Place, PlanText, Point, Quantity, Reading, ReadingId, Record, ResultId,
    RoleBinding, RunEvent, RunRecord, SafeState, SessionEnd, SessionId, SessionStart,
    SessionStatus, StepResult, Timestamp, Trigger, Unit, Value, VerdictCounts, Waveform,
    WaveformId,
};
use uuid::Uuid;

/// Milliseconds from one event to the next.
const STEP_MS: i64 = 100;

/// The events of a run so far.
pub(crate) struct Run {
    pub(crate) records: Vec<Record>,
    counts: VerdictCounts,
    next_id: u128,
    unconfirmed: bool,
}

/// A leaf at a point, before it is judged.
pub(crate) struct Leaf {
    result: StepResult,
}

pub(crate) fn quantity(text: &str) -> Quantity {
    text.parse().unwrap()
}

pub(crate) fn range(low: Option<&str>, high: Option<&str>, unit: &str) -> Limit {
    let bound = |text: &str| Bound::inclusive(text.parse().unwrap());
    Limit::Range { low: low.map(bound), high: high.map(bound), unit: unit.parse().unwrap() }
}

pub(crate) fn start(session: u128) -> SessionStart {
    SessionStart {
        test_type: None,
        session: SessionId(Uuid::from_u128(
            0x0199_c0de_0000_7000_8000_0000_0000_0000 + (session << 80) + session,
        )),
        format: EVENT_FORMAT,
        software: "0.1.0".into(),
        plan: PlanText {
            name: "quickstart".into(),
            version: Some("1.0".into()),
            file: "testplans/quickstart.toml".into(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015".into(),
            text: String::new(),
            files: std::collections::BTreeMap::new(),
        },
        dut: Dut { model: Some("CHG-05".into()), serial: Some("CHG05-000001".into()) },
        bench: "quickstart".into(),
        simulated: true,
        partial: false,
        trigger: Trigger::Manual,
        operator: Some("ada".into()),
        host: Some("bench-3".into()),
        parameters: [("load_max".into(), "1 A".into())].into(),
        environment: [("ambient".into(), quantity("23.0 °C"))].into(),
        planned_results: 21,
        planned_readings: 90,
        origin: None,
    }
}

pub(crate) fn leaf(path: &str, point: &[(&str, &str)]) -> Leaf {
    let coordinate = |(axis, value): &(&str, &str)| Coordinate {
        axis: (*axis).to_owned(),
        value: quantity(value),
    };
    let point = Point(point.iter().map(coordinate).collect());
    let judgement = Judgement::recorded();
    Leaf {
        result: StepResult {
            device: None,
            service: None,
            id: ResultId(Uuid::nil()),
            place: Place { path: path.to_owned(), point },
            role: None,
            instrument: None,
            verdict: judgement.verdict(),
            limit_text: None,
            limit: None,
            decision: None,
            actual: None,
            judged_on: None,
            margin: None,
            reason: None,
            readings: vec![],
            waveforms: vec![],
            statistics: [].into(),
            analyses: vec![],
            attempts: 1,
            started_at: Timestamp::UNIX_EPOCH,
            finished_at: Timestamp::UNIX_EPOCH,
        },
    }
}

impl Leaf {
    pub(crate) fn by(mut self, role: &str, instrument: &str) -> Self {
        self.result.role = Some(role.to_owned());
        self.result.instrument = Some(instrument.to_owned());
        self
    }

    pub(crate) fn attempts(mut self, attempts: u32) -> Self {
        self.result.attempts = attempts;
        self
    }

    pub(crate) fn mean_of(mut self, samples: u32) -> Self {
        let id = |sample| ReadingId(Uuid::from_u128(u128::from(sample)));
        self.result.readings = (0..samples).map(id).collect();
        self.result.judged_on = Some("mean".to_owned());
        self
    }

    pub(crate) fn measured(self, value: &str, unit: &str) -> Self {
        self.answered(Measured::number(value.parse().unwrap(), unit.parse().unwrap()))
    }

    pub(crate) fn answered(mut self, actual: Measured) -> Self {
        self.result.actual = Some(actual);
        self
    }

    pub(crate) fn within(mut self, limit: Limit) -> Self {
        let judgement = limit.judge(self.result.actual.as_ref().unwrap());
        self.result.limit = Some(limit);
        self.judged(&judgement)
    }

    pub(crate) fn judged(mut self, judgement: &Judgement) -> Self {
        self.result.verdict = judgement.verdict();
        self.result.margin = judgement.margin().cloned();
        self.result.reason = judgement.reason().map(str::to_owned);
        self
    }
}

impl Run {
    pub(crate) fn begin(start: SessionStart) -> Self {
        let mut run = Self {
            records: vec![],
            counts: VerdictCounts::default(),
            next_id: 0,
            unconfirmed: false,
        };
        run.event(RunEvent::SessionStarted(Box::new(start)));
        run
    }

    pub(crate) fn event(&mut self, event: RunEvent) -> &mut Self {
        let (seq, at) = (u64::try_from(self.records.len()).unwrap() + 1, self.now());
        self.records.push(Record { seq, at, event });
        self
    }

    fn now(&self) -> Timestamp {
        let events = i64::try_from(self.records.len()).unwrap();
        Timestamp::from_millisecond(1_760_000_000_000 + events * STEP_MS).unwrap()
    }

    fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    pub(crate) fn leaf(&mut self, leaf: Leaf) -> &mut Self {
        let mut result = leaf.result;
        result.id = ResultId(self.id());
        result.started_at = self.now();
        result.finished_at = self.now();
        self.counts.add(result.verdict);
        self.event(RunEvent::Judged(Box::new(result)))
    }

    pub(crate) fn reading(&mut self, place: &Leaf, raw: &str) -> &mut Self {
        let reading = Reading {
            id: ReadingId(self.id()),
            result: ResultId(Uuid::nil()),
            place: place.result.place.clone(),
            role: "dmm".into(),
            instrument: "dmm".into(),
            channel: 1,
            function: "dc_voltage".into(),
            raw: raw.into(),
            value: raw.parse::<Value>().unwrap(),
            unit: Unit::volt(),
            range: None,
            nplc: None,
            integration_s: None,
            sample: 0,
            attempt: 1,
            correction: None,
            taken_at: self.now(),
        };
        self.event(RunEvent::Reading(Box::new(reading)))
    }

    /// A leaf judged on the mean of readings that are recorded for it.
    pub(crate) fn sampled(&mut self, leaf: Leaf, raws: &[&str]) -> &mut Self {
        let id = ResultId(self.id());
        let mut leaf = leaf;
        for (sample, raw) in (0..).zip(raws) {
            self.reading(&leaf, raw);
            let Some(RunEvent::Reading(reading)) = self.records.last_mut().map(|r| &mut r.event)
            else {
                unreachable!("a reading was just recorded");
            };
            reading.result = id;
            reading.sample = sample;
            leaf.result.readings.push(reading.id);
        }
        let mut result = leaf.result;
        result.id = id;
        let count = Quantity::new(u64::try_from(raws.len()).unwrap().into(), Unit::none());
        result.statistics = [
            ("count".to_owned(), count),
            ("mean".to_owned(), result.actual.as_ref().unwrap().quantity().unwrap()),
            ("sd".to_owned(), quantity("0.00003044667469527666 V")),
            ("mean_interval_95".to_owned(), quantity("0.00007563373280793133 V")),
        ]
        .into();
        result.judged_on = Some("mean".to_owned());
        self.counts.add(result.verdict);
        self.event(RunEvent::Judged(Box::new(result)))
    }

    /// Codes of a scope whose step is 1 mV and whose sample is 1 µs.
    pub(crate) fn waveform(&mut self, place: &Leaf, codes: Vec<u8>) -> &mut Self {
        let number = |text: &str| text.parse().unwrap();
        let waveform = Waveform {
            id: WaveformId(self.id()),
            result: ResultId(Uuid::nil()),
            place: place.result.place.clone(),
            role: "scope".into(),
            instrument: "mso".into(),
            channel: 1,
            codes,
            format: CodeFormat::U8,
            y_zero: number("128"),
            y_increment: number("1E-3"),
            y_offset: number("0"),
            y_unit: Unit::volt(),
            x_reference: number("0"),
            x_increment: number("1E-6"),
            x_origin: number("0"),
            preamble: "0,2,1000,1".into(),
            captured_at: self.now(),
        };
        self.event(RunEvent::Waveform(Box::new(waveform)))
    }

    pub(crate) fn warning(&mut self, message: &str) -> &mut Self {
        self.event(RunEvent::Warning { message: message.to_owned() })
    }

    pub(crate) fn instrument(&mut self, name: &str, maker: &str) -> &mut Self {
        self.event(RunEvent::InstrumentIdentified(Box::new(InstrumentIdentity {
            instrument: name.into(),
            address: "tcp://127.0.0.1:5025".into(),
            class: "power_supply".into(),
            dialect: "generic".into(),
            idn: format!("{maker},PSU-3,S1,1.0"),
            maker: maker.into(),
            model: "PSU-3".into(),
            serial: Some("S1".into()),
            firmware: None,
            simulated: true,
            channels: 2,
            capabilities: vec![],
            max_voltage: None,
            max_current: None,
            max_power: None,
            roles: vec![RoleBinding { role: "vin".into(), channel: 1 }],
            dialect_sha256: None,
            calibration: None,
        })))
    }

    /// The outputs of `psu`; what has a text beside it could not be confirmed off.
    pub(crate) fn safe_state(&mut self, outputs: &[(&str, Option<&str>)]) -> &mut Self {
        let outputs: Vec<_> = (1..)
            .zip(outputs)
            .map(|(channel, (role, detail))| OutputSafety {
                role: (*role).into(),
                instrument: "psu".into(),
                channel,
                confirmed_off: detail.is_none(),
                detail: detail.map(str::to_owned),
            })
            .collect();
        self.unconfirmed = outputs.iter().any(|output| !output.confirmed_off);
        let reason = "end of plan".to_owned();
        self.event(RunEvent::SafeState(SafeState { reason, outputs }))
    }

    pub(crate) fn end(&mut self, status: SessionStatus, reason: Option<&str>) -> &mut Self {
        let end = SessionEnd {
            status,
            verdict: self.counts.worst(),
            counts: self.counts,
            outputs_off: !self.unconfirmed,
            reason: reason.map(str::to_owned),
        };
        self.event(RunEvent::SessionFinished(end))
    }

    pub(crate) fn record(&self) -> RunRecord {
        RunRecord::of(self.records.clone())
    }
}

/// All in order but one point of the load regulation.
pub(crate) fn one_failure() -> Run {
    let mut run = Run::begin(start(1));
    run.instrument("psu", "MAKER");
    for (vset, low, high) in
        [("3.3 V", "3.2934", "3.3066"), ("5 V", "4.99", "5.01"), ("12 V", "11.976", "12.024")]
    {
        for (iload, drop) in [("0 A", "0.0001"), ("500 mA", "0.0007"), ("1 A", "0.0013")] {
            let leaf = leaf("accuracy/vout", &[("vset", vset), ("iload", iload)]);
            let set = quantity(vset).value;
            let value = set.checked_sub(&drop.parse().unwrap()).unwrap().to_string();
            run.reading(&leaf, &value);
            run.leaf(leaf.by("dmm", "dmm").measured(&value, "V").mean_of(5).within(range(
                Some(low),
                Some(high),
                "V",
            )));
        }
    }
    let regulation = |vset, value| {
        let limit = range(None, Some("0.4"), "%");
        leaf("load_regulation", &[("vset", vset)]).measured(value, "%").within(limit)
    };
    run.leaf(regulation("3.3 V", "0.03636363636363636363636363636363636"));
    run.leaf(regulation("5 V", "0.512"));
    run.leaf(regulation("12 V", "0.0100"));
    run.safe_state(&[("vin", None), ("sink", None)]);
    run.end(SessionStatus::Completed, None);
    run
}

/// Every verdict, warnings, retries, and an output that stays on.
pub(crate) fn everything() -> Run {
    let mut start = start(2);
    start.partial = true;
    let mut run = Run::begin(start);
    run.instrument("psu", "MAKER");
    run.warning("the meter warmed up for 3 min of 30 min");
    let volts = || range(Some("4.95"), Some("5.05"), "V");
    run.leaf(
        leaf("retried", &[]).by("vout", "dmm").measured("5.001", "V").attempts(2).within(volts()),
    );
    run.leaf(leaf("high", &[]).by("vout", "dmm").measured("+5.05200000E+00", "V").within(volts()));
    run.leaf(leaf("overload", &[]).by("dmm", "dmm").measured("Infinity", "V").within(volts()));
    run.leaf(leaf("unknown", &[]).by("dmm", "dmm").measured("NaN", "V").within(volts()));
    let refused = Judgement::error("psu: VOLT 99: -222,\"Data out of range\"");
    run.leaf(leaf("refused", &[("vi", "99 V")]).by("vin", "psu").judged(&refused));
    let words = Limit::Text(vec!["CV".into()]);
    run.leaf(
        leaf("mode", &[]).by("vin", "psu").answered(Measured::Text("CC".into())).within(words),
    );
    for il in ["0 A", "1 A"] {
        run.leaf(leaf("later", &[("il", il)]).judged(&Judgement::skipped("high failed")));
    }
    run.leaf(leaf("idle", &[]).by("dmm", "dmm").measured("1.2300E-04", "A"));
    run.safe_state(&[("vin", None), ("vio", Some("no answer within 1s"))]);
    run.end(SessionStatus::Aborted, Some("interrupted"));
    run
}

/// Names and answers that try to act on a terminal or to break XML.
pub(crate) fn hostile() -> Run {
    let evil = "\u{1b}[2J\u{7}\u{0}]]>&<\"\u{9b}31m\u{202e}\u{ffff}\n";
    let mut start = start(3);
    start.plan.name = format!("plan{evil}");
    start.plan.version = Some(evil.into());
    start.plan.file = evil.into();
    start.bench = evil.into();
    start.dut.serial = Some(evil.into());
    start.operator = Some(evil.into());
    start.host = Some(evil.into());
    start.parameters = [(evil.into(), evil.into())].into();
    let mut run = Run::begin(start);
    run.instrument(evil, evil);
    run.warning(evil);
    let text = || Limit::Text(vec![evil.to_owned()]);
    let answer = || Measured::Text(format!("x{evil}"));
    run.leaf(leaf(evil, &[(evil, "1 V")]).by(evil, "dmm").answered(answer()).within(text()));
    run.leaf(leaf("a", &[]).by(evil, evil).judged(&Judgement::error(evil)));
    run.leaf(leaf("b", &[]).judged(&Judgement::skipped(evil)));
    run.leaf(leaf("c", &[]).answered(answer()));
    run.safe_state(&[(evil, Some(evil))]);
    run.end(SessionStatus::Failed, Some(evil));
    run
}

/// What was written, shared with the test.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
