//! Settings: sent, waited for, read back, and the error queue read.

use bench_catalog::{Setting, SettingKind, SettingValue, SettingWords};
use bench_model::{Quantity, Value};
use scpi_protocol::Escaped;
use scpi_protocol::response::Response;
use tokio::time::{Duration, Instant, sleep};

use crate::answer;
use crate::channel::{Channel, Result};
use crate::error::InstrumentError;
use crate::setpoint::{Finding, Setpoint};

/// Between two questions whether a setting has taken effect, where the instrument answers that it has not.
const COMPLETION_PACE: Duration = Duration::from_millis(10);

/// Characters that an error shows of a value.
const SHOWN_VALUE_CHARS: usize = 40;

/// What was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The value sent, with its unit.
    pub sent: String,
    /// What the instrument says was set, with its unit, where it can be asked.
    pub programmed: Option<String>,
}

impl Channel {
    /// Sets something, reads it back and reads the error queue. A number is sent in base units, rounded half to
    /// even to the dialect's resolution.
    ///
    /// # Errors
    /// When the dialect has no words for it, the value does not fit, an exchange fails, the instrument refuses,
    /// or it says that something else was set.
    pub async fn set(&self, setting: Setting, value: &SettingValue) -> Result<Applied> {
        let (words, setpoint) = self.setpoint(setting, value)?;
        let values = self.values().with("value", setpoint.message_text());
        let messages = words.set_messages(&values);
        let _turn = self.turn().await;
        self.tell_all(&messages).await?;
        self.wait_for_completion().await?;
        let answer = match words.get_message(&self.values()) {
            Some(query) => Some((self.ask(&query).await?, query)),
            None => None,
        };
        self.refuse_on_errors(&messages.join("; ")).await?;
        let programmed = answer.map(|(answer, query)| {
            let finding = match answer::meant(&answer, words.part.as_ref(), self.number()) {
                Ok(meant) => setpoint.find_in(&meant, words),
                Err(wanted) => Finding::Unreadable(wanted),
            };
            self.programmed(setting, &setpoint, &query, &answer, finding)
        });
        Ok(Applied { sent: setpoint.plan_text(), programmed: programmed.transpose()? })
    }

    /// In which mode a source regulates: `cv` or `cc`, or the instrument's own word for something else.
    ///
    /// # Errors
    /// When the dialect cannot ask, or the exchange fails.
    pub async fn regulation(&self) -> Result<String> {
        let words = self.instrument().dialect.regulation.as_ref();
        let asked = words.and_then(|words| Some((words, words.get_message(&self.values())?)));
        let (words, query) = asked.ok_or_else(|| self.incapable("query for the regulation"))?;
        let _turn = self.turn().await;
        let answer = self.ask(&query).await?;
        let meant = answer::meant(&answer, words.part.as_ref(), self.number());
        let meant = meant.map_err(|wanted| self.wrong_answer(&query, answer.raw(), wanted))?;
        let own = answer::word(&meant).filter(|word| !word.is_empty());
        let own = own.ok_or_else(|| self.wrong_answer(&query, answer.raw(), "a word"))?;
        let known = words.words.iter().find(|(_, word)| word.eq_ignore_ascii_case(&own));
        Ok(known.map_or(own.clone(), |(plans, _)| plans.clone()))
    }

    /// What a setting that is a number stands at, in its base unit or the one that the answer has. None where the
    /// dialect has no such setting or cannot ask.
    ///
    /// # Errors
    /// When the exchange fails or the answer is no number.
    pub async fn stands_at(&self, setting: Setting) -> Result<Option<Quantity>> {
        let SettingKind::Quantity(unit) = setting.kind() else { return Ok(None) };
        let words = self.instrument().dialect.setting(setting);
        let asked = words.and_then(|words| Some((words, words.get_message(&self.values())?)));
        let Some((words, query)) = asked else { return Ok(None) };
        let _turn = self.turn().await;
        let answer = self.ask(&query).await?;
        let wrong = |wanted: String| self.wrong_answer(&query, answer.raw(), wanted);
        let meant = answer::meant(&answer, words.part.as_ref(), self.number()).map_err(wrong)?;
        match answer::number(&meant, &unit).map_err(wrong)? {
            (Value::Finite(value), unit) => Ok(Some(Quantity::new(value, unit))),
            _ => Err(wrong(format!("a number of {unit}"))),
        }
    }

    fn setpoint(
        &self,
        setting: Setting,
        value: &SettingValue,
    ) -> Result<(&SettingWords, Setpoint)> {
        let words = self.instrument().dialect.setting(setting);
        let words = words.ok_or_else(|| self.incapable(format!("setting '{setting}'")))?;
        let setpoint = Setpoint::new(setting, words, value);
        let setpoint = setpoint.map_err(|wanted| InstrumentError::Value {
            who: self.who(),
            what: setting.to_string(),
            value: value.to_string().chars().take(SHOWN_VALUE_CHARS).collect(),
            wanted,
        })?;
        Ok((words, setpoint))
    }

    /// Where the dialect has a query for it. Some answer 0 while they are busy (quirk Q17).
    async fn wait_for_completion(&self) -> Result<()> {
        let query = self.instrument().dialect.completion_query.as_deref();
        let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(()) };
        let deadline = Instant::now() + self.instrument().client.config().read_timeout;
        loop {
            let answer = self.ask(query).await?;
            match answer.integer() {
                Ok(1) => return Ok(()),
                Ok(0) if Instant::now() < deadline => sleep(COMPLETION_PACE).await,
                _ => return Err(self.wrong_answer(query, answer.raw(), "1")),
            }
        }
    }

    fn programmed(
        &self,
        setting: Setting,
        setpoint: &Setpoint,
        query: &str,
        answer: &Response,
        finding: Finding,
    ) -> Result<String> {
        match finding {
            Finding::Same(programmed) => Ok(programmed),
            Finding::Unreadable(wanted) => Err(self.wrong_answer(query, answer.raw(), wanted)),
            Finding::Other => Err(InstrumentError::ReadBack {
                who: self.who(),
                setting: setting.to_string(),
                sent: setpoint.plan_text(),
                query: query.to_owned(),
                programmed: Escaped::new(answer.raw()).to_string(),
            }),
        }
    }
}
