//! Waveforms: captured once, measured by us and by the scope.

use bench_instruments::{Captured, Channel, InstrumentError};
use bench_model::{
    Judgement, Measured, RunEvent, Timestamp, Unit, Value, Verdict, Waveform, WaveformId,
};
use metrology::{MeasureError, mask_violations, measure_waveform};
use test_plan::{Capture, CaptureMeasure, MeasuredBy};
use uuid::Uuid;

use crate::execute::{Execution, Leaf};
use crate::halt::Halt;
use crate::measure::retries;

/// A leaf with what it came to.
struct Judged {
    leaf: Leaf,
    judgement: Judgement,
    actual: Option<Measured>,
}

impl Judged {
    /// The same, where there is no doubt; an error of the equipment stays one.
    fn doubted(mut self, doubt: Option<String>) -> Self {
        if let Some(doubt) = doubt.filter(|_| self.judgement.verdict() != Verdict::Error) {
            self.judgement = Judgement::inconclusive(doubt);
        }
        self
    }
}

impl Execution<'_> {
    pub(crate) async fn capture(&mut self, capture: &Capture) -> Result<(), Halt> {
        if let Some(judgement) = self.is_blocked(&capture.place.point) {
            return self.finish_all(all(leaves(capture, 1), &judgement)).await;
        }
        let mut attempt = 1;
        loop {
            let judged = self.capture_attempt(capture, attempt).await?;
            let again = judged
                .iter()
                .find(|judged| retries(capture.retry_on, judged.judgement.verdict()))
                .filter(|_| attempt < capture.attempts);
            let Some(again) = again else { return self.finish_all(judged).await };
            self.tell_retry(&again.leaf, &again.judgement).await?;
            attempt += 1;
        }
    }

    async fn finish_all(&mut self, judged: Vec<Judged>) -> Result<(), Halt> {
        for Judged { leaf, judgement, actual } in judged {
            self.finish(leaf, &judgement, actual).await?;
        }
        Ok(())
    }

    async fn capture_attempt(
        &mut self,
        capture: &Capture,
        attempt: u32,
    ) -> Result<Vec<Judged>, Halt> {
        let leaves = leaves(capture, attempt);
        let channel = match self.channel(&capture.capture.role) {
            Ok(channel) => channel,
            Err(fault) => return Ok(all(leaves, &Judgement::error(fault))),
        };
        match self.acquire(capture, &channel).await? {
            Ok(captured) => self.measure_all(capture, leaves, &channel, captured).await,
            Err(error) if error.is_untriggered() => {
                Ok(all(leaves, &Judgement::inconclusive(error.to_string())))
            }
            Err(error) => {
                self.note_loss(&channel, &error).await?;
                Ok(all(leaves, &Judgement::error(error.to_string())))
            }
        }
    }

    /// Arms, sets what is set meanwhile, and waits for the trigger.
    async fn acquire(
        &mut self,
        capture: &Capture,
        channel: &Channel,
    ) -> Result<Result<Captured, InstrumentError>, Halt> {
        let settings = &capture.capture.settings;
        if capture.meanwhile.is_empty() {
            return Ok(self.stop.guard(channel.capture(settings)).await?);
        }
        if let Err(error) = self.stop.guard(channel.arm(settings)).await? {
            return Ok(Err(error));
        }
        for set in &capture.meanwhile {
            self.set(set).await?;
        }
        Ok(self.stop.guard(channel.captured(settings)).await?)
    }

    async fn measure_all(
        &mut self,
        capture: &Capture,
        mut leaves: Vec<Leaf>,
        channel: &Channel,
        captured: Captured,
    ) -> Result<Vec<Judged>, Halt> {
        let Some(first) = leaves.first() else { return Ok(Vec::new()) };
        let triggered = captured.triggered;
        let waveform = waveform_of(capture, first, channel, captured);
        for leaf in &mut leaves {
            leaf.waveforms.push(waveform.id);
        }
        self.emitter.emit(RunEvent::Waveform(Box::new(waveform.clone()))).await?;
        let mut judged = Vec::new();
        for (measure, leaf) in capture.measures.iter().zip(leaves) {
            let doubt = doubt(capture, measure, &waveform, triggered);
            let found = match measure.by {
                MeasuredBy::Samples => by_samples(measure, leaf, &waveform),
                MeasuredBy::Scope => self.by_scope(measure, leaf, channel).await?,
            };
            judged.push(found.doubted(doubt));
        }
        Ok(judged)
    }

    async fn by_scope(
        &mut self,
        measure: &CaptureMeasure,
        mut leaf: Leaf,
        channel: &Channel,
    ) -> Result<Judged, Halt> {
        match self.stop.guard(channel.scope_measure(measure.quantity)).await? {
            Ok(answer) => {
                let actual = Measured::number(answer.value.clone(), answer.unit.clone());
                let reading = leaf.reading(channel, measure.quantity.word(), answer);
                self.emitter.emit(RunEvent::Reading(Box::new(reading))).await?;
                Ok(Judged { judgement: leaf.judge(&actual), leaf, actual: Some(actual) })
            }
            Err(error) => {
                self.note_loss(channel, &error).await?;
                Ok(Judged { leaf, judgement: Judgement::error(error.to_string()), actual: None })
            }
        }
    }
}

/// Why nothing can be said of a measure, whatever it is: an average hides extremes, a forced acquisition may lack
/// them, and a scope measures its screen where the signal leaves it.
fn doubt(
    capture: &Capture,
    measure: &CaptureMeasure,
    waveform: &Waveform,
    triggered: bool,
) -> Option<String> {
    let quantity = measure.quantity;
    if quantity.is_extreme() && capture.capture.settings.acquisition == "average" {
        return Some(format!("{quantity} of an averaged acquisition: averaging hides extremes"));
    }
    if quantity.is_extreme() && !triggered {
        return Some(format!("{quantity} of a forced acquisition: no trigger came"));
    }
    match measure_waveform(waveform, quantity.word()) {
        Err(error @ MeasureError::Clipped { .. }) if measure.by == MeasuredBy::Scope => {
            Some(error.to_string())
        }
        _ => None,
    }
}

fn from_samples(
    measure: &CaptureMeasure,
    waveform: &Waveform,
) -> Result<(Value, Unit), MeasureError> {
    match &measure.mask {
        Some(mask) => {
            mask_violations(waveform, mask).map(|count| (Value::Finite(count), Unit::none()))
        }
        None => measure_waveform(waveform, measure.quantity.word()),
    }
}

fn by_samples(measure: &CaptureMeasure, leaf: Leaf, waveform: &Waveform) -> Judged {
    match from_samples(measure, waveform) {
        Ok((value, unit)) => {
            let actual = Measured::number(value, unit);
            Judged { judgement: leaf.judge(&actual), leaf, actual: Some(actual) }
        }
        Err(error) => {
            Judged { leaf, judgement: Judgement::inconclusive(error.to_string()), actual: None }
        }
    }
}

/// All of them come out alike.
fn all(leaves: Vec<Leaf>, judgement: &Judgement) -> Vec<Judged> {
    let alike = |leaf| Judged { leaf, judgement: judgement.clone(), actual: None };
    leaves.into_iter().map(alike).collect()
}

fn leaves(capture: &Capture, attempt: u32) -> Vec<Leaf> {
    let leaf = |measure: &CaptureMeasure| {
        let role = Some(capture.capture.role.as_str());
        let mut leaf = Leaf::new(&measure.place, role, measure.limit.as_ref());
        leaf.on_error = capture.on_error;
        leaf.attempts = attempt;
        leaf.judged_on = Some(measure.by.word().to_owned());
        leaf
    };
    capture.measures.iter().map(leaf).collect()
}

fn waveform_of(capture: &Capture, first: &Leaf, channel: &Channel, captured: Captured) -> Waveform {
    Waveform {
        id: WaveformId(Uuid::now_v7()),
        result: first.id,
        place: capture.place.clone(),
        role: capture.capture.role.clone(),
        instrument: channel.instrument().name().to_owned(),
        channel: channel.number(),
        codes: captured.codes,
        format: captured.format,
        y_zero: captured.y_zero,
        y_increment: captured.y_increment,
        y_offset: captured.y_offset,
        y_unit: captured.y_unit,
        x_reference: captured.x_reference,
        x_increment: captured.x_increment,
        x_origin: captured.x_origin,
        preamble: captured.preamble,
        captured_at: Timestamp::now(),
    }
}
