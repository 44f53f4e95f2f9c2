//! Readings: taken, told one by one, judged together.

use bench_instruments::{Answer, Channel, InstrumentError};
use bench_model::{Decimal, Judgement, Measured, Point, Reading, RunEvent, Unit, Value, Verdict};
use metrology::Summary;
use metrology::uncertainty::TypeA;
use test_plan::{Entry, Judge, Measure, ReadingSpec, RetryOn};

use crate::decide::{Decided, Deciding, accuracy_of, scatter_of};

use crate::execute::{Execution, Leaf};
use crate::halt::Halt;
use crate::precise::Precision;
use crate::scatter::{tell_scatter, tell_statistics};

/// Where a reading of the temperature around the bench lies.
const AMBIENT_PATH: &str = "environment/ambient";

/// What the readings of one attempt came to.
struct Attempt {
    judgement: Judgement,
    actual: Option<Measured>,
}

impl Attempt {
    fn error(reason: impl Into<String>) -> Self {
        Self { judgement: Judgement::error(reason), actual: None }
    }

    fn inconclusive(reason: impl Into<String>) -> Self {
        Self { judgement: Judgement::inconclusive(reason), actual: None }
    }
}

impl Execution<'_> {
    pub(crate) async fn measure(&mut self, measure: &Measure) -> Result<(), Halt> {
        let spec = &measure.reading;
        let mut leaf = Leaf::new(&measure.place, Some(&spec.role), measure.limit.as_ref());
        leaf.on_error = measure.on_error;
        leaf.judged_on = (spec.samples > 1).then(|| measure.judge.word().to_owned());
        if let Some(judgement) = self.is_blocked(&measure.place.point) {
            return self.finish(leaf, &judgement, None).await;
        }
        loop {
            let attempt = self.attempt(measure, &mut leaf).await?;
            let verdict = attempt.judgement.verdict();
            if leaf.attempts >= measure.attempts || !retries(measure.retry_on, verdict) {
                return self.finish(leaf, &attempt.judgement, attempt.actual).await;
            }
            self.tell_retry(&leaf, &attempt.judgement).await?;
            leaf.attempts += 1;
        }
    }

    /// The temperature around the bench in °C: as it was read, else as it was stated.
    fn celsius(&self) -> Option<Decimal> {
        let read = self.taken.at(AMBIENT_PATH, &Point::default()).and_then(Measured::quantity);
        let read = read.and_then(|own| own.in_base());
        read.or_else(|| self.ambient.clone())
    }

    /// A further attempt never goes unseen.
    pub(crate) async fn tell_retry(&mut self, leaf: &Leaf, judged: &Judgement) -> Result<(), Halt> {
        let reason = judged.reason().unwrap_or("outside its limit");
        let (place, number, verdict) = (&leaf.place, leaf.attempts, judged.verdict());
        let text = format!("{place}: attempt {number} came out as {verdict}: {reason}");
        Ok(self.emitter.warn(text).await?)
    }

    async fn attempt(&mut self, measure: &Measure, leaf: &mut Leaf) -> Result<Attempt, Halt> {
        let spec = &measure.reading;
        if let Some(entry) = &spec.entry {
            return self.attempt_by_hand(measure, entry, leaf).await;
        }
        let channel = match self.channel(&spec.role) {
            Ok(channel) => channel,
            Err(fault) => return Ok(Attempt::error(fault)),
        };
        if let Err(error) = self.configure(&channel, spec).await? {
            self.note_loss(&channel, &error).await?;
            return Ok(Attempt::error(error.to_string()));
        }
        let correcting = match self.correcting(spec) {
            Ok(correcting) => correcting,
            Err(missing) => return Ok(Attempt::inconclusive(missing)),
        };
        let numbers = correcting.numbers.clone();
        let known = accuracy_of(&channel, spec.settings.function);
        let deciding = Deciding::new(measure, Some(&channel), known, self.celsius(), numbers);
        let mut values = Vec::new();
        let mut precision = Precision::of(spec);
        for sample in 0..spec.samples {
            if precision.is_reached() {
                break;
            }
            match self.stop.guard(channel.read(&spec.settings)).await? {
                Ok(answer) => {
                    let value = in_base_units(&answer);
                    precision.add(&value);
                    let raw = self.tell_reading(measure, leaf, &channel, answer, sample).await?;
                    let value = correcting.of(&value);
                    self.tell_corrected(&correcting, leaf, &raw, &value).await?;
                    values.push(value);
                }
                Err(error) => {
                    self.note_loss(&channel, &error).await?;
                    return Ok(Attempt::error(error.to_string()));
                }
            }
        }
        if let Some(missed) = precision.missed() {
            self.emitter.warn(format!("{}: {missed}", leaf.place)).await?;
        }
        self.taken.note_samples(&leaf.place, &values);
        Ok(judge(measure, &deciding, leaf, &values))
    }

    /// A person reads.
    async fn attempt_by_hand(
        &mut self,
        measure: &Measure,
        entry: &Entry,
        leaf: &mut Leaf,
    ) -> Result<Attempt, Halt> {
        let spec = &measure.reading;
        let correcting = match self.correcting(spec) {
            Ok(correcting) => correcting,
            Err(missing) => return Ok(Attempt::inconclusive(missing)),
        };
        let numbers = correcting.numbers.clone();
        let deciding = Deciding::new(measure, None, (&[], None), self.celsius(), numbers);
        let name = self.hand_of(spec);
        let mut values = Vec::new();
        for sample in 0..spec.samples {
            let answer = match self.read_by_hand(leaf, entry).await? {
                Ok(answer) => answer,
                Err(fault) => return Ok(Attempt::error(fault)),
            };
            let value = in_base_units(&answer);
            let of = (spec.role.as_str(), name.as_str(), 1);
            let raw = leaf.reading_of(of, spec.settings.function.word(), answer);
            let raw = Reading { sample, ..raw };
            self.emitter.emit(RunEvent::Reading(Box::new(raw.clone()))).await?;
            let value = correcting.of(&value);
            self.tell_corrected(&correcting, leaf, &raw, &value).await?;
            values.push(value);
        }
        self.taken.note_samples(&leaf.place, &values);
        Ok(judge(measure, &deciding, leaf, &values))
    }

    /// Configures the channel, unless it is configured so already on this connection.
    pub(crate) async fn configure(
        &mut self,
        channel: &Channel,
        spec: &ReadingSpec,
    ) -> Result<Result<(), InstrumentError>, Halt> {
        let key = (channel.instrument().name().to_owned(), channel.number());
        let wanted = (channel.instrument().connections_made().await, spec.settings.clone());
        if self.configured.get(&key) == Some(&wanted) {
            return Ok(Ok(()));
        }
        let configured = self.stop.guard(channel.configure(&spec.settings)).await?;
        match configured {
            Ok(()) => {
                self.configured.insert(key, wanted);
            }
            Err(_) => {
                self.configured.remove(&key);
            }
        }
        Ok(configured)
    }

    async fn tell_reading(
        &mut self,
        measure: &Measure,
        leaf: &mut Leaf,
        channel: &Channel,
        answer: Answer,
        sample: u32,
    ) -> Result<Reading, Halt> {
        let settings = &measure.reading.settings;
        let reading = Reading {
            range: settings.range.as_ref().map(ToString::to_string),
            nplc: settings.nplc.clone(),
            integration_s: settings.nplc.as_ref().and_then(|nplc| self.bench.seconds_of(nplc)),
            sample,
            ..leaf.reading(channel, settings.function.word(), answer)
        };
        self.emitter.emit(RunEvent::Reading(Box::new(reading.clone()))).await?;
        Ok(reading)
    }
}

/// Whether there is a further attempt after this verdict.
pub(crate) fn retries(on: RetryOn, verdict: Verdict) -> bool {
    match on {
        RetryOn::Error => verdict == Verdict::Error,
        RetryOn::Fail => matches!(verdict, Verdict::Error | Verdict::Fail),
    }
}

/// Readings are judged in the function's own unit; an answer may come in a multiple of it.
pub(crate) fn in_base_units(answer: &Answer) -> Value {
    match &answer.value {
        Value::Finite(number) => {
            answer.unit.to_base(number).map_or(Value::NotANumber, Value::Finite)
        }
        other => other.clone(),
    }
}

/// Judges the readings of one attempt together.
fn judge(measure: &Measure, deciding: &Deciding<'_>, leaf: &mut Leaf, values: &[Value]) -> Attempt {
    let unit = measure.reading.unit();
    let number = |value: Value| Measured::number(value, unit.clone());
    // What is no number stands for the whole: no statistic counts it.
    let odd = values.iter().find(|value| value.finite().is_none());
    if let (Some(odd), true) = (odd, measure.judge != Judge::Each) {
        return decided(deciding, leaf, number(odd.clone()), None);
    }
    let finite: Vec<Decimal> = values.iter().filter_map(Value::finite).cloned().collect();
    let summary = Summary::of(&finite);
    if let Some(summary) = summary.as_ref().filter(|_| values.len() > 1 && odd.is_none()) {
        tell_statistics(leaf, summary, &unit);
        tell_scatter(leaf, &finite, &unit);
    }
    let judged = match measure.judge {
        Judge::Each => return judge_each(deciding, leaf, values, &unit),
        Judge::Mean if values.len() > 1 => summary.map(|summary| summary.mean),
        Judge::Min => summary.map(|summary| summary.minimum),
        Judge::Max => summary.map(|summary| summary.maximum),
        Judge::Mean | Judge::Last => finite.last().cloned(),
    };
    match judged.map(|value| number(Value::Finite(value))) {
        Some(actual) => {
            let scatter = scatter_of(&finite, measure.judge == Judge::Mean);
            decided(deciding, leaf, actual, scatter.as_ref())
        }
        None => Attempt::error("the readings pass the bounds of a decimal"),
    }
}

/// What is judged, with the decision noted for its record.
fn decided(
    deciding: &Deciding<'_>,
    leaf: &mut Leaf,
    actual: Measured,
    scatter: Option<&TypeA>,
) -> Attempt {
    let Decided { judgement, decision } = deciding.decide(&actual, scatter);
    leaf.decision = decision;
    Attempt { judgement, actual: Some(actual) }
}

/// The worst of the readings stands for all.
fn judge_each(deciding: &Deciding<'_>, leaf: &mut Leaf, values: &[Value], unit: &Unit) -> Attempt {
    let finite: Vec<Decimal> = values.iter().filter_map(Value::finite).cloned().collect();
    let scatter = scatter_of(&finite, false);
    let judged = values.iter().map(|value| {
        let actual = Measured::number(value.clone(), unit.clone());
        (deciding.decide(&actual, scatter.as_ref()), actual)
    });
    let worst = judged.reduce(|one, two| {
        let pair = [one.0.judgement.clone(), two.0.judgement.clone()];
        let kept = Judgement::worst(pair);
        if kept.as_ref() == Some(&one.0.judgement) { one } else { two }
    });
    match worst {
        Some((Decided { judgement, decision }, actual)) => {
            leaf.decision = decision;
            Attempt { judgement, actual: Some(actual) }
        }
        None => Attempt::error("no reading was taken"),
    }
}
