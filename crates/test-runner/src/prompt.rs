//! Questions to the operator: outputs off, asked, answered, outputs on again.

use bench_catalog::{Setting, SettingValue};
use bench_instruments::safe_state::make_safe;
use bench_model::{Judgement, Measured, OutputSafety, Point, RunEvent, SettingApplied};
use test_plan::{OnError, Prompt, Set, Unanswered};

use crate::execute::{Execution, Leaf};
use crate::halt::Halt;
use crate::operator::Question;

/// Answers to one question that may be wrong before it is given up.
const MAX_WRONG_ANSWERS: u32 = 20;

/// How a question was answered.
enum Answered {
    /// By whom, and what.
    With(&'static str, Measured),
    /// Nobody answered in time.
    TooLate,
    /// No answer will come.
    Never(String),
}

impl Execution<'_> {
    pub(crate) async fn prompt(&mut self, prompt: &Prompt) -> Result<(), Halt> {
        let mut leaf = Leaf::new(&prompt.place, None, prompt.limit.as_ref());
        leaf.on_error = prompt.on_error;
        if let Some(judgement) = self.is_blocked(&prompt.place.point) {
            return self.finish(leaf, &judgement, None).await;
        }
        let switched_off = match self.switch_off_for(prompt).await? {
            Ok(sets) => sets,
            Err(fault) => {
                leaf.on_error = OnError::Stop;
                self.block_session(&format!("{} could not be asked: {fault}", prompt.place));
                return self.finish(leaf, &Judgement::error(fault), None).await;
            }
        };
        match self.answer_to(prompt).await? {
            Answered::With(by, actual) => {
                leaf.judged_on = Some(by.to_owned());
                let judgement = leaf.judge(&actual);
                self.finish(leaf, &judgement, Some(actual)).await?;
                self.switch_on_again(&switched_off).await
            }
            Answered::TooLate => {
                let reason =
                    format!("nobody answered within {:?}", prompt.timeout.unwrap_or_default());
                if !switched_off.is_empty() {
                    let left = format!("{}: {reason}, and outputs stay off", prompt.place);
                    self.block_session(&left);
                }
                self.finish(leaf, &unanswered(prompt.on_timeout, reason), None).await
            }
            Answered::Never(fault) => {
                self.block_session(&format!("{} was not answered: {fault}", prompt.place));
                self.finish(leaf, &Judgement::error(fault), None).await
            }
        }
    }

    async fn answer_to(&mut self, prompt: &Prompt) -> Result<Answered, Halt> {
        if let (true, Some(sim)) = (self.attended.simulated, &prompt.sim) {
            return Ok(Answered::With("simulated", sim.clone()));
        }
        if !self.attended.operator.is_there() {
            return Ok(match &prompt.default {
                Some(default) => Answered::With("default", default.clone()),
                None => Answered::Never(
                    "nobody is there to answer, and the plan gives no default".to_owned(),
                ),
            });
        }
        match prompt.timeout {
            None => self.asked(prompt).await,
            Some(time) => match tokio::time::timeout(time, self.asked(prompt)).await {
                Ok(answered) => answered,
                Err(_) => Ok(Answered::TooLate),
            },
        }
    }

    /// Asks until an answer is what is wanted.
    async fn asked(&mut self, prompt: &Prompt) -> Result<Answered, Halt> {
        let operator = self.attended.operator;
        let mut question = Question {
            place: prompt.place.to_string(),
            text: prompt.question.clone(),
            picture: prompt.picture.clone(),
            wanted: prompt.kind.wanted(),
            complaint: None,
        };
        for _ in 0..MAX_WRONG_ANSWERS {
            let answer = match self.stop.guard(operator.ask(&question)).await? {
                Ok(answer) => answer,
                Err(fault) => return Ok(Answered::Never(fault)),
            };
            match prompt.kind.read(&answer) {
                Ok(actual) => return Ok(Answered::With("operator", actual)),
                Err(fault) => question.complaint = Some(fault),
            }
        }
        Ok(Answered::Never(format!("{MAX_WRONG_ANSWERS} answers were none of what is wanted")))
    }

    /// Everything off before a hand comes near; says what is to be switched on again.
    async fn switch_off_for(&mut self, prompt: &Prompt) -> Result<Result<Vec<Set>, String>, Halt> {
        if prompt.energised || self.attended.stages.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let outputs = make_safe(self.attended.stages).await;
        if let Some(output) = outputs.iter().find(|output| !output.confirmed_off) {
            let detail = output.detail.as_deref().unwrap_or("it does not say so");
            return Ok(Err(format!("{} is not off: {detail}", output.role)));
        }
        for output in &outputs {
            self.tell_switched_off(&prompt.place.point, output).await?;
        }
        Ok(Ok(std::mem::take(&mut self.switched_on)))
    }

    pub(crate) async fn tell_switched_off(
        &mut self,
        point: &Point,
        output: &OutputSafety,
    ) -> Result<(), Halt> {
        let channel = self.channels.get(&output.role);
        let setting = channel.and_then(|channel| channel.output()).unwrap_or(Setting::Output);
        let event = SettingApplied {
            step: self.step().to_owned(),
            point: point.clone(),
            role: output.role.clone(),
            setting: setting.word().to_owned(),
            setpoint: "off".to_owned(),
            programmed: Some("off".to_owned()),
        };
        Ok(self.emitter.emit(RunEvent::SettingApplied(Box::new(event))).await?)
    }

    /// In the order in which they were switched on before.
    pub(crate) async fn switch_on_again(&mut self, sets: &[Set]) -> Result<(), Halt> {
        for set in sets {
            let again =
                Set { step: self.step().to_owned(), point: Point::default(), ..set.clone() };
            self.set(&again).await?;
        }
        Ok(())
    }

    /// Keeps in mind which outputs the plan has switched on.
    pub(crate) fn note_output(&mut self, set: &Set) {
        if !set.setting.is_output() {
            return;
        }
        self.switched_on.retain(|own| own.role != set.role);
        if set.value == SettingValue::Switch(true) {
            self.switched_on.push(set.clone());
        }
    }
}

fn unanswered(verdict: Unanswered, reason: String) -> Judgement {
    match verdict {
        Unanswered::Inconclusive => Judgement::inconclusive(reason),
        Unanswered::Skip => Judgement::skipped(reason),
        Unanswered::Fail => Judgement::failed(reason),
        Unanswered::Error => Judgement::error(reason),
    }
}
