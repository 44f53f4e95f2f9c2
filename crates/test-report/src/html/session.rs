//! A session as a report needs it: everything by its place, nothing copied.

use std::collections::HashMap;

use bench_model::{
    InstrumentIdentity, Presence, Reading, Record, ResultId, Resumed, RunEvent, SafeState,
    SessionEnd, SessionStart, SessionStatus, StepResult, Timestamp, Verdict, VerdictCounts,
    Waveform,
};

use crate::phrase::is_bad;
use crate::text::count;

/// What the records tell.
pub(super) struct Session<'r> {
    pub(super) start: &'r SessionStart,
    pub(super) started_at: Timestamp,
    pub(super) end: Option<&'r SessionEnd>,
    /// When the last record was made.
    pub(super) last_at: Timestamp,
    pub(super) instruments: Vec<&'r InstrumentIdentity>,
    pub(super) results: Vec<&'r StepResult>,
    pub(super) counts: VerdictCounts,
    pub(super) readings: Readings<'r>,
    pub(super) waveforms: Vec<&'r Waveform>,
    pub(super) safe_states: Vec<(Timestamp, &'r SafeState)>,
    /// When it went on after it was cut, and how.
    pub(super) resumed: Vec<(Timestamp, &'r Resumed)>,
    pub(super) log: Vec<Entry<'r>>,
    pub(super) records: usize,
}

/// The readings of each result, in the order in which they were taken.
#[derive(Default)]
pub(super) struct Readings<'r> {
    by_result: HashMap<ResultId, Vec<&'r Reading>>,
    pub(super) count: usize,
    /// Those of them for which corrected ones stand.
    pub(super) corrected: usize,
}

impl<'r> Readings<'r> {
    fn add(&mut self, reading: &'r Reading) {
        let own = self.by_result.entry(reading.result).or_default();
        // A corrected reading stands for the one that it was made of.
        if let Some(correction) = &reading.correction {
            let before = own.len();
            own.retain(|raw| raw.id != correction.of);
            self.corrected += before - own.len();
        }
        own.push(reading);
        self.count += 1;
    }

    /// Those that were taken for a result and judged.
    pub(super) fn of(&self, result: &StepResult) -> &[&'r Reading] {
        self.by_result.get(&result.id).map_or(&[], Vec::as_slice)
    }
}

/// Whether it was to be judged.
pub(super) fn has_limit(result: &StepResult) -> bool {
    result.limit.is_some() || result.limit_text.is_some()
}

/// Something that was not in order.
pub(super) struct Entry<'r> {
    pub(super) at: Timestamp,
    /// What kind: `warning`, `instrument`, or a verdict.
    pub(super) kind: &'static str,
    /// Where or whose.
    pub(super) source: String,
    pub(super) message: &'r str,
}

/// How a session came out as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It ran to its end.
    Judged(Verdict),
    /// It ran to its end and judged nothing.
    NothingJudged,
    /// It was stopped.
    Aborted,
    /// It could not go on.
    NotCompleted,
    /// Its end is not in the record.
    Incomplete,
}

impl<'r> Session<'r> {
    /// Folds the records; nothing without a start.
    pub(super) fn of(records: &'r [Record]) -> Option<Self> {
        let (at, start) = records.iter().find_map(|record| match &record.event {
            RunEvent::SessionStarted(start) => Some((record.at, start)),
            _ => None,
        })?;
        let mut session = Self::begun(start, at);
        session.records = records.len();
        records.iter().for_each(|record| session.take(record));
        Some(session)
    }

    fn begun(start: &'r SessionStart, started_at: Timestamp) -> Self {
        Self {
            start,
            started_at,
            end: None,
            last_at: started_at,
            instruments: Vec::new(),
            results: Vec::new(),
            counts: VerdictCounts::default(),
            readings: Readings::default(),
            waveforms: Vec::new(),
            safe_states: Vec::new(),
            resumed: Vec::new(),
            log: Vec::new(),
            records: 0,
        }
    }

    fn take(&mut self, record: &'r Record) {
        let at = record.at;
        self.last_at = at;
        match &record.event {
            // A run that is resumed asks everybody again.
            RunEvent::InstrumentIdentified(identity) if self.instruments.contains(&&**identity) => {
            }
            RunEvent::InstrumentIdentified(identity) => self.instruments.push(identity),
            RunEvent::Reading(reading) => self.readings.add(reading),
            RunEvent::Waveform(waveform) => self.waveforms.push(waveform),
            RunEvent::Judged(result) => self.judged(at, result),
            RunEvent::SafeState(state) => self.safe_states.push((at, state)),
            RunEvent::SessionFinished(end) => self.end = Some(end),
            RunEvent::Resumed(resumed) => self.resumed.push((at, resumed)),
            RunEvent::Warning { message } => {
                self.log.push(Entry { at, kind: "warning", source: String::new(), message });
            }
            RunEvent::InstrumentStatus(status) if status.presence == Presence::Error => {
                let message = status.message.as_deref().unwrap_or("it refuses or fails");
                let source = status.instrument.clone();
                self.log.push(Entry { at, kind: "instrument", source, message });
            }
            _ => {}
        }
    }

    fn judged(&mut self, at: Timestamp, result: &'r StepResult) {
        self.counts.add(result.verdict);
        self.results.push(result);
        if let (true, Some(message)) = (is_bad(result.verdict), &result.reason) {
            let (kind, source) = (result.verdict.word(), result.place.to_string());
            self.log.push(Entry { at, kind, source, message });
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.end.map(|end| end.status) {
            None => Outcome::Incomplete,
            Some(SessionStatus::Aborted) => Outcome::Aborted,
            Some(SessionStatus::Failed) => Outcome::NotCompleted,
            Some(SessionStatus::Completed) => {
                self.counts.worst().map_or(Outcome::NothingJudged, Outcome::Judged)
            }
        }
    }

    /// How many of the planned results were made: those with a limit.
    pub(super) fn made(&self) -> u64 {
        count(self.results.iter().filter(|result| has_limit(result)).count())
    }

    /// Whether an output may still be on, as far as this record says.
    pub(super) fn outputs_in_doubt(&self) -> bool {
        let named =
            self.last_safe_state().is_some_and(|state| state.unconfirmed().next().is_some());
        named || self.end.is_some_and(|end| !end.outputs_off)
    }

    pub(super) fn last_safe_state(&self) -> Option<&'r SafeState> {
        self.safe_states.last().map(|(_, state)| *state)
    }
}

impl Outcome {
    /// The word that stands largest in the report.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Judged(verdict) => verdict.word(),
            Self::NothingJudged => "NOTHING JUDGED",
            Self::Aborted => "ABORTED",
            Self::NotCompleted => "NOT COMPLETED",
            Self::Incomplete => "INCOMPLETE",
        }
    }

    /// The verdict whose colour it has.
    pub(super) fn colour(self) -> &'static str {
        match self {
            Self::Judged(verdict) => verdict.word(),
            Self::NothingJudged => Verdict::Inconclusive.word(),
            Self::Aborted | Self::NotCompleted | Self::Incomplete => Verdict::Error.word(),
        }
    }
}
