//! Questions to the operator: what is asked, and what an answer may be.

use std::time::Duration;

use bench_model::{Measured, Place, Quantity, Unit, Value};

use crate::bounds::MAX_TEXT_BYTES;
use crate::operation::{OnError, PlannedLimit};
use crate::source::Located;
use crate::step::{Amount, LimitDraft};
use crate::suggest;
use crate::text::Template;

/// A question to the operator.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Where its result belongs.
    pub place: Place,
    /// What is asked.
    pub question: String,
    /// A picture that shows it: a path as the plan writes it.
    pub picture: Option<String>,
    /// What an answer may be.
    pub kind: AnswerKind,
    /// What the answer must be; recorded only where there is none.
    pub limit: Option<PlannedLimit>,
    /// How long an answer is waited for; for ever where it is not given.
    pub timeout: Option<Duration>,
    /// How it comes out when no answer comes in time.
    pub on_timeout: Unanswered,
    /// What is taken where nobody can be asked.
    pub default: Option<Measured>,
    /// What is taken on a simulated bench.
    pub sim: Option<Measured>,
    /// Whether outputs may be on while somebody is asked.
    pub energised: bool,
    /// What an error does.
    pub on_error: OnError,
}

/// What an answer may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// It is done: any key.
    Done,
    /// Any words.
    Text,
    /// A number with a unit of this dimension; without one it is of this unit.
    Number(Unit),
    /// One of these.
    Choice(Vec<String>),
    /// Yes or no.
    YesNo,
}

/// How a question comes out to which no answer came in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unanswered {
    /// Nothing can be said.
    #[default]
    Inconclusive,
    /// As if it had been left out.
    Skip,
    /// As a failure of the DUT.
    Fail,
    /// As an error of the equipment.
    Error,
}

impl Unanswered {
    /// The words of plans.
    pub(crate) const WORDS: [&str; 4] = ["inconclusive", "skip", "fail", "error"];

    pub(crate) fn of(word: &str) -> Self {
        match word {
            "skip" => Self::Skip,
            "fail" => Self::Fail,
            "error" => Self::Error,
            _ => Self::Inconclusive,
        }
    }
}

const DONE: &str = "done";
const YES: &str = "yes";
const NO: &str = "no";

impl AnswerKind {
    /// The words of plans.
    pub(crate) const WORDS: [&str; 5] = [DONE, "text", "number", "choice", "yes_no"];

    /// What an answer means.
    ///
    /// # Errors
    /// What is wanted instead.
    pub fn read(&self, answer: &str) -> Result<Measured, String> {
        let answer = answer.trim();
        if answer.len() > MAX_TEXT_BYTES || answer.chars().any(char::is_control) {
            return Err(format!(
                "an answer is one line of at most {MAX_TEXT_BYTES} bytes, without control characters"
            ));
        }
        match self {
            Self::Done => Ok(Measured::Text(DONE.to_owned())),
            Self::Text if answer.is_empty() => Err("a text is wanted".to_owned()),
            Self::Text => Ok(Measured::Text(answer.to_owned())),
            Self::Number(unit) => number(answer, unit),
            Self::Choice(all) => chosen(answer, all),
            Self::YesNo => yes_or_no(answer),
        }
    }

    /// What an answer may be, in words for who is asked.
    #[must_use]
    pub fn wanted(&self) -> String {
        match self {
            Self::Done => "Enter when it is done".to_owned(),
            Self::Text => "a text".to_owned(),
            Self::Number(unit) if unit.symbol().is_empty() => "a number".to_owned(),
            Self::Number(unit) => format!("a number in {unit}"),
            Self::Choice(all) => {
                let numbered = all.iter().enumerate();
                let numbered = numbered.map(|(at, choice)| format!("{} {choice}", at + 1));
                numbered.collect::<Vec<_>>().join(", ")
            }
            Self::YesNo => "yes or no".to_owned(),
        }
    }

    /// The unit of its answers; none where they are words.
    pub(crate) fn unit(&self) -> Option<&Unit> {
        match self {
            Self::Number(unit) => Some(unit),
            _ => None,
        }
    }
}

fn number(answer: &str, unit: &Unit) -> Result<Measured, String> {
    let quantity: Option<Quantity> = answer.parse().ok();
    let bare = |quantity: &Quantity| quantity.unit.symbol().is_empty();
    match quantity {
        Some(quantity) if bare(&quantity) => {
            Ok(Measured::number(Value::Finite(quantity.value), unit.clone()))
        }
        Some(quantity) if quantity.unit.dimension() == unit.dimension() => {
            Ok(Measured::number(Value::Finite(quantity.value), quantity.unit))
        }
        _ => Err(format!("'{answer}' is no number in {unit}")),
    }
}

/// A choice by its text or its place, counted from 1.
fn chosen(answer: &str, all: &[String]) -> Result<Measured, String> {
    let same = all.iter().find(|choice| choice.eq_ignore_ascii_case(answer));
    let place = answer.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
    let found = same.or_else(|| place.and_then(|place| all.get(place)));
    found.map(|choice| Measured::Text(choice.clone())).ok_or_else(|| {
        format!(
            "'{answer}' is none of them; {}",
            suggest::wanted(answer, all.iter().map(String::as_str))
        )
    })
}

fn yes_or_no(answer: &str) -> Result<Measured, String> {
    let word = match answer.to_lowercase().as_str() {
        "y" | YES | "true" | "1" => YES,
        "n" | NO | "false" | "0" => NO,
        _ => return Err(format!("'{answer}' is neither yes nor no")),
    };
    Ok(Measured::Text(word.to_owned()))
}

/// A question as it was checked.
#[derive(Clone, Debug)]
pub(crate) struct PromptDraft {
    pub(crate) question: Located<Template>,
    pub(crate) picture: Option<String>,
    pub(crate) kind: AnswerKind,
    pub(crate) limit: Option<LimitDraft>,
    pub(crate) timeout: Option<Amount>,
    pub(crate) on_timeout: Unanswered,
    pub(crate) default: Option<Measured>,
    pub(crate) sim: Option<Measured>,
    pub(crate) energised: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &AnswerKind, answer: &str) -> Result<String, String> {
        kind.read(answer).map(|measured| measured.to_string())
    }

    #[test]
    fn an_answer_is_what_was_asked_for() {
        let volts = AnswerKind::Number(Unit::volt());
        let choice = AnswerKind::Choice(vec!["intact".into(), "scratched".into()]);
        for (kind, answer, meant) in [
            (&AnswerKind::Done, "", "done"),
            (&AnswerKind::Text, " as new ", "as new"),
            (&volts, "4.980", "4.980 V"),
            (&volts, "4980 mV", "4980 mV"),
            (&choice, "Scratched", "scratched"),
            (&choice, "1", "intact"),
            (&AnswerKind::YesNo, "Y", "yes"),
            (&AnswerKind::YesNo, "no", "no"),
        ] {
            assert_eq!(read(kind, answer).as_deref(), Ok(meant), "{answer}");
        }
    }

    #[test]
    fn another_answer_is_refused_with_what_is_wanted() {
        let volts = AnswerKind::Number(Unit::volt());
        let choice = AnswerKind::Choice(vec!["intact".into(), "scratched".into()]);
        for (kind, answer, says) in [
            (&AnswerKind::Text, "  ", "a text is wanted"),
            (&AnswerKind::Text, "a\u{1b}[2J", "control characters"),
            (&volts, "5 A", "no number in V"),
            (&volts, "five", "no number in V"),
            (&choice, "scratchd", "did you mean 'scratched'?"),
            (&choice, "0", "is none of them"),
            (&AnswerKind::YesNo, "maybe", "neither yes nor no"),
        ] {
            let fault = read(kind, answer).unwrap_err();
            assert!(fault.contains(says), "{answer}: {fault}");
        }
    }
}
