//! A value as it is sent, and whether an answer confirms it.

use bench_catalog::{Setting, SettingKind, SettingValue, SettingWords};
use bench_model::{Decimal, Quantity, Unit, Value};
use scpi_protocol::response::Response;

use crate::answer;

/// The largest power of ten, up or down, of a number that is sent: no text of a million zeros.
const MAX_SENT_ORDER: i32 = 15;

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Setpoint {
    /// A number in base units.
    Number { value: Decimal, step: Option<Decimal>, unit: Unit },
    /// On or off, and the instrument's word for it.
    Switch { is_on: bool, own: String },
    /// A word of the plan, and the instrument's for it.
    Word { plans: String, own: String },
}

/// What an answer says about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The same, in the words of the plan.
    Same(String),
    /// Something else.
    Other,
    /// Nothing that can be read; this is wanted.
    Unreadable(String),
}

impl Setpoint {
    /// # Errors
    /// What is wanted instead.
    pub(crate) fn new(
        setting: Setting,
        words: &SettingWords,
        value: &SettingValue,
    ) -> Result<Self, String> {
        match (setting.kind(), value) {
            (SettingKind::Quantity(unit), SettingValue::Quantity(quantity)) => {
                number(quantity, unit, words.resolution.as_ref())
            }
            (SettingKind::Switch, SettingValue::Switch(is_on)) => {
                let own = words.word(if *is_on { "on" } else { "off" });
                let own = own.ok_or("a switch that the dialect has words for")?.to_owned();
                Ok(Self::Switch { is_on: *is_on, own })
            }
            (SettingKind::Words(all), SettingValue::Word(plans)) => {
                let own = words.word(plans).ok_or_else(|| known_words(words, all))?.to_owned();
                Ok(Self::Word { plans: plans.clone(), own })
            }
            (kind, _) => Err(wanted(&kind)),
        }
    }

    /// As it stands in a message.
    pub(crate) fn message_text(&self) -> String {
        match self {
            Self::Number { value, .. } => value.to_plain_string(),
            Self::Switch { own, .. } | Self::Word { own, .. } => own.clone(),
        }
    }

    /// As the plan says it, with its unit.
    pub(crate) fn plan_text(&self) -> String {
        match self {
            Self::Number { value, unit, .. } => {
                Quantity::new(value.clone(), unit.clone()).to_string()
            }
            Self::Switch { is_on, .. } => SettingValue::Switch(*is_on).to_string(),
            Self::Word { plans, .. } => plans.clone(),
        }
    }

    /// Whether an answer says that this was set.
    pub(crate) fn find_in(&self, answer: &Response, words: &SettingWords) -> Finding {
        match self {
            Self::Number { value, step, unit } => find_number(value, step.as_ref(), unit, answer),
            Self::Switch { is_on, own } => match answer::switch(answer, words) {
                Some(found) if found == *is_on => Finding::Same(self.plan_text()),
                Some(_) => Finding::Other,
                None => Finding::Unreadable(format!("1, 0, ON or OFF, or '{own}'")),
            },
            Self::Word { plans, own } => match answer::word(answer) {
                Some(found) if [own, plans].iter().any(|word| means_the_same(word, &found)) => {
                    Finding::Same(plans.clone())
                }
                Some(_) => Finding::Other,
                None => Finding::Unreadable(format!("a word such as '{own}'")),
            },
        }
    }
}

/// The same word, or another way to write the same number: `5.000000E+01` for `50`, `9.9E37` for `INF`.
fn means_the_same(word: &str, found: &str) -> bool {
    let same_number = || Some(answer::value_of(word)? == answer::value_of(found)?);
    word.eq_ignore_ascii_case(found) || same_number() == Some(true)
}

fn number(quantity: &Quantity, unit: Unit, step: Option<&Quantity>) -> Result<Setpoint, String> {
    let wanted = || format!("a value in {unit} that can be sent");
    let fits = quantity.unit.dimension() == unit.dimension();
    let exact = quantity.in_base().filter(|_| fits).ok_or_else(wanted)?;
    if exact.order().abs() > MAX_SENT_ORDER {
        return Err(wanted());
    }
    let step = step.and_then(Quantity::in_base);
    let value = match &step {
        Some(step) => multiple_of(step, &exact).ok_or_else(wanted)?,
        None => exact,
    };
    Ok(Setpoint::Number { value, step, unit })
}

/// The nearest multiple of a step, half to even, with the decimals of the step.
fn multiple_of(step: &Decimal, value: &Decimal) -> Option<Decimal> {
    let steps = value.checked_div(step).ok()?.round_to_exponent(0);
    let no_steps = step.checked_sub(step).ok()?;
    steps.checked_mul(step).ok()?.checked_add(&no_steps).ok()
}

fn find_number(sent: &Decimal, step: Option<&Decimal>, unit: &Unit, answer: &Response) -> Finding {
    match answer::number(answer, unit) {
        Err(wanted) => Finding::Unreadable(wanted),
        Ok((Value::Finite(value), unit)) => {
            let found = Quantity::new(value, unit);
            if agree(sent, step, &found) == Some(true) {
                Finding::Same(found.to_string())
            } else {
                Finding::Other
            }
        }
        Ok(_) => Finding::Other,
    }
}

/// Within half a step, or half of the last digit that the instrument shows, whichever is larger.
fn agree(sent: &Decimal, step: Option<&Decimal>, found: &Quantity) -> Option<bool> {
    // A last digit above the ones is no resolution, but a way of writing zeros: 0E5.
    let last_digit = found.value.exponent().min(0);
    let half_digit = Decimal::from(5).scale_by_power_of_ten(last_digit.checked_sub(1)?)?;
    let half_digit = found.unit.to_base(&half_digit)?;
    let half_step = step.and_then(half);
    let tolerance = half_step.map_or(half_digit.clone(), |step| step.max(half_digit)).abs();
    let apart = found.in_base()?.checked_sub(sent).ok()?.abs();
    Some(apart <= tolerance)
}

fn half(value: &Decimal) -> Option<Decimal> {
    value.checked_mul(&Decimal::from(5)).ok()?.scale_by_power_of_ten(-1)
}

fn known_words(words: &SettingWords, all: &[&str]) -> String {
    let known: Vec<_> = all.iter().filter(|word| words.word(word).is_some()).copied().collect();
    format!("one of {}", known.join(", "))
}

fn wanted(kind: &SettingKind) -> String {
    match kind {
        SettingKind::Quantity(unit) => format!("a value in {unit}"),
        SettingKind::Switch => "on or off".to_owned(),
        SettingKind::Words(words) => format!("one of {}", words.join(", ")),
        _ => "another kind of value".to_owned(),
    }
}
