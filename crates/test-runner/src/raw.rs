//! Raw SCPI: one message as the plan writes it.

use bench_catalog::SettingValue;
use bench_instruments::{Answer, Channel, InstrumentError, quantity_of, value_of};
use bench_model::{Judgement, Measured, Quantity, RunEvent, Unit};
use test_plan::Raw;

use crate::execute::{Execution, Leaf};
use crate::halt::Halt;
use crate::measure::retries;

type Judged = (Judgement, Option<Measured>);

impl Execution<'_> {
    pub(crate) async fn raw(&mut self, raw: &Raw) -> Result<(), Halt> {
        let mut leaf = Leaf::new(&raw.place, Some(&raw.role), raw.limit.as_ref());
        leaf.on_error = raw.on_error;
        if let Some(judgement) = self.is_blocked(&raw.place.point) {
            return self.finish(leaf, &judgement, None).await;
        }
        let channel = match self.channel(&raw.role) {
            Ok(channel) => channel,
            Err(fault) => return self.finish(leaf, &Judgement::error(fault), None).await,
        };
        // Any raw message may have changed how the instrument is configured.
        self.configured.clear();
        loop {
            let (judgement, actual) = self.raw_attempt(raw, &mut leaf, &channel).await?;
            if leaf.attempts >= raw.attempts || !retries(raw.retry_on, judgement.verdict()) {
                return self.finish(leaf, &judgement, actual).await;
            }
            self.tell_retry(&leaf, &judgement).await?;
            leaf.attempts += 1;
        }
    }

    async fn raw_attempt(
        &mut self,
        raw: &Raw,
        leaf: &mut Leaf,
        channel: &Channel,
    ) -> Result<Judged, Halt> {
        if !raw.is_query {
            return match self.stop.guard(channel.raw_command(&raw.message)).await? {
                Ok(()) => match self.beyond_cap(raw, channel).await? {
                    None => Ok((Judgement::recorded(), None)),
                    Some(fault) => Ok((self.switched_off_for(raw, channel, fault).await?, None)),
                },
                Err(error) => self.raw_failed(channel, &error).await,
            };
        }
        match self.stop.guard(channel.raw_query(&raw.message)).await? {
            Ok(answer) => self.answered(raw, leaf, channel, &answer).await,
            Err(error) => self.raw_failed(channel, &error).await,
        }
    }

    async fn answered(
        &mut self,
        raw: &Raw,
        leaf: &mut Leaf,
        channel: &Channel,
        answer: &str,
    ) -> Result<Judged, Halt> {
        if let Some(fault) = self.beyond_cap(raw, channel).await? {
            return Ok((self.switched_off_for(raw, channel, fault).await?, None));
        }
        let measured = measured(answer, raw);
        if let (Measured::Number { value, unit }, Some(_)) = (&measured, &raw.unit) {
            let (value, unit) = (value.clone(), unit.clone());
            let answer = Answer { raw: answer.to_owned(), value, unit };
            let reading = leaf.reading(channel, &raw.message, answer);
            self.emitter.emit(RunEvent::Reading(Box::new(reading))).await?;
        }
        Ok((leaf.judge(&measured), Some(measured)))
    }

    /// What stands beyond its cap after a message of which nobody knows what it sets.
    async fn beyond_cap(&mut self, raw: &Raw, channel: &Channel) -> Result<Option<String>, Halt> {
        for (setting, cap) in &raw.caps {
            match self.stop.guard(channel.stands_at(*setting)).await? {
                Ok(Some(found)) => {
                    let size = Quantity::new(found.value.abs(), found.unit.clone());
                    if size > *cap {
                        let (message, role) = (&raw.message, &raw.role);
                        return Ok(Some(format!(
                            "after '{message}' the {setting} of '{role}' is {found}, and at most {cap} is allowed"
                        )));
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    self.note_loss(channel, &error).await?;
                    return Ok(Some(format!(
                        "the {setting} of '{}' cannot be read back: {error}",
                        raw.role
                    )));
                }
            }
        }
        Ok(None)
    }

    /// What a message brought beyond its cap goes off, and nothing more is set or measured.
    async fn switched_off_for(
        &mut self,
        raw: &Raw,
        channel: &Channel,
        fault: String,
    ) -> Result<Judgement, Halt> {
        if let Some(output) = channel.output() {
            let off = SettingValue::Switch(false);
            if let Err(error) = self.stop.guard(channel.set(output, &off)).await? {
                self.note_loss(channel, &error).await?;
                self.emitter
                    .warn(format!("'{}' could not be switched off: {error}", raw.role))
                    .await?;
            }
        }
        self.block_session(&fault);
        Ok(Judgement::error(fault))
    }

    async fn raw_failed(
        &mut self,
        channel: &Channel,
        error: &InstrumentError,
    ) -> Result<Judged, Halt> {
        self.note_loss(channel, error).await?;
        Ok((Judgement::error(error.to_string()), None))
    }
}

/// Words where the limit is for words; else a number where the answer is one.
fn measured(answer: &str, raw: &Raw) -> Measured {
    let wants_words = raw.limit.as_ref().is_some_and(|planned| planned.limit.is_for_words());
    let number = match &raw.unit {
        Some(unit) => quantity_of(answer, unit),
        None => value_of(answer).map(|value| (value, Unit::none())),
    };
    match number {
        Some((value, unit)) if !wants_words => Measured::number(value, unit),
        _ => Measured::Text(answer.to_owned()),
    }
}
