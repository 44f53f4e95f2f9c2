//! Readings: taken, told one by one, judged together.

use bench_instruments::{Answer, Channel, InstrumentError};
use bench_model::{
    Decimal, Judgement, Measured, Quantity, Reading, RunEvent, Unit, Value, Verdict,
};
use metrology::Summary;
use test_plan::{Judge, Measure, ReadingSpec, RetryOn};

use crate::execute::{Execution, Leaf};
use crate::halt::Halt;

/// What the readings of one attempt came to.
struct Attempt {
    judgement: Judgement,
    actual: Option<Measured>,
}

impl Attempt {
    fn error(reason: impl Into<String>) -> Self {
        Self { judgement: Judgement::error(reason), actual: None }
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

    /// A further attempt never goes unseen.
    pub(crate) async fn tell_retry(&mut self, leaf: &Leaf, judged: &Judgement) -> Result<(), Halt> {
        let reason = judged.reason().unwrap_or("outside its limit");
        let (place, number, verdict) = (&leaf.place, leaf.attempts, judged.verdict());
        let text = format!("{place}: attempt {number} came out as {verdict}: {reason}");
        Ok(self.emitter.warn(text).await?)
    }

    async fn attempt(&mut self, measure: &Measure, leaf: &mut Leaf) -> Result<Attempt, Halt> {
        let spec = &measure.reading;
        let channel = match self.channel(&spec.role) {
            Ok(channel) => channel,
            Err(fault) => return Ok(Attempt::error(fault)),
        };
        if let Err(error) = self.configure(&channel, spec).await? {
            self.note_loss(&channel, &error).await?;
            return Ok(Attempt::error(error.to_string()));
        }
        let mut values = Vec::new();
        for sample in 0..spec.samples {
            match self.stop.guard(channel.read(&spec.settings)).await? {
                Ok(answer) => {
                    values.push(in_base_units(&answer));
                    self.tell_reading(measure, leaf, &channel, answer, sample).await?;
                }
                Err(error) => {
                    self.note_loss(&channel, &error).await?;
                    return Ok(Attempt::error(error.to_string()));
                }
            }
        }
        Ok(judge(measure, leaf, &values))
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
    ) -> Result<(), Halt> {
        let settings = &measure.reading.settings;
        let reading = Reading {
            range: settings.range.as_ref().map(ToString::to_string),
            nplc: settings.nplc.clone(),
            integration_s: settings.nplc.as_ref().and_then(|nplc| self.bench.seconds_of(nplc)),
            sample,
            ..leaf.reading(channel, settings.function.word(), answer)
        };
        Ok(self.emitter.emit(RunEvent::Reading(Box::new(reading))).await?)
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
fn judge(measure: &Measure, leaf: &mut Leaf, values: &[Value]) -> Attempt {
    let unit = measure.reading.settings.function.unit();
    let number = |value: Value| Measured::number(value, unit.clone());
    // What is no number stands for the whole: no statistic counts it.
    let odd = values.iter().find(|value| value.finite().is_none());
    if let (Some(odd), true) = (odd, measure.judge != Judge::Each) {
        let actual = number(odd.clone());
        return Attempt { judgement: leaf.judge(&actual), actual: Some(actual) };
    }
    let finite: Vec<Decimal> = values.iter().filter_map(Value::finite).cloned().collect();
    let summary = Summary::of(&finite);
    if let Some(summary) = summary.as_ref().filter(|_| values.len() > 1 && odd.is_none()) {
        tell_statistics(leaf, summary, &unit);
    }
    let judged = match measure.judge {
        Judge::Each => return judge_each(leaf, values, &unit),
        Judge::Mean if values.len() > 1 => summary.map(|summary| summary.mean),
        Judge::Min => summary.map(|summary| summary.minimum),
        Judge::Max => summary.map(|summary| summary.maximum),
        Judge::Mean | Judge::Last => finite.last().cloned(),
    };
    match judged.map(|value| number(Value::Finite(value))) {
        Some(actual) => Attempt { judgement: leaf.judge(&actual), actual: Some(actual) },
        None => Attempt::error("the readings pass the bounds of a decimal"),
    }
}

/// The worst of the readings stands for all.
fn judge_each(leaf: &Leaf, values: &[Value], unit: &Unit) -> Attempt {
    let judged = values.iter().map(|value| {
        let actual = Measured::number(value.clone(), unit.clone());
        (leaf.judge(&actual), actual)
    });
    let worst = judged.reduce(|one, two| {
        let kept = Judgement::worst([one.0.clone(), two.0.clone()]);
        if kept.as_ref() == Some(&one.0) { one } else { two }
    });
    match worst {
        Some((judgement, actual)) => Attempt { judgement, actual: Some(actual) },
        None => Attempt::error("no reading was taken"),
    }
}

fn tell_statistics(leaf: &mut Leaf, summary: &Summary, unit: &Unit) {
    let count = u64::try_from(summary.count).unwrap_or(u64::MAX);
    let mut add = |name: &str, value: Option<Decimal>, unit: &Unit| {
        if let Some(value) = value {
            leaf.statistics.insert(name.to_owned(), Quantity::new(value, unit.clone()));
        }
    };
    add("count", Some(Decimal::from(count)), &Unit::none());
    add("mean", Some(summary.mean.clone()), unit);
    add("min", Some(summary.minimum.clone()), unit);
    add("max", Some(summary.maximum.clone()), unit);
    add("sd", summary.standard_deviation(), unit);
    add("mean_interval_95", summary.mean_interval_95(), unit);
}
