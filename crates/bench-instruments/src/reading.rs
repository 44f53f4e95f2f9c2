//! Quantities: how they are read, and one reading.

use std::time::Duration;

use bench_catalog::{FunctionWords, Range, ReadingSettings, Values, WaveformMeasure};
use bench_model::{Decimal, Unit, Value};
use scpi_protocol::response::Response;

use crate::answer;
use crate::channel::{Channel, Result};
use crate::error::list;

/// How often the integration time may pass before one reading is there: for auto-zero twice, and that again in
/// each range that is tried.
const INTEGRATIONS_PER_READING: f64 = 6.0;

/// The longest that is waited for an integration beyond the read timeout.
const MAX_INTEGRATION_WAIT: Duration = Duration::from_secs(600);

/// One reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// As it came.
    pub raw: String,
    /// The number in it, every digit kept.
    pub value: Value,
    /// Its unit: the one that the instrument wrote, else the function's base unit.
    pub unit: Unit,
}

impl Channel {
    /// Tells the instrument how a quantity is read, and reads the error queue.
    ///
    /// # Errors
    /// When the dialect has no words for something that is stated, an exchange fails, or the instrument refuses.
    pub async fn configure(&self, settings: &ReadingSettings) -> Result<()> {
        let (words, values) = self.reading(settings)?;
        let messages = words.configure_messages(&values);
        let _turn = self.turn().await;
        self.tell_all(&messages).await?;
        self.refuse_on_errors(&messages.join("; ")).await
    }

    /// Takes one reading of a quantity that has been [configured](Self::configure).
    ///
    /// # Errors
    /// When the exchange fails, or the answer is not one number of the function's dimension.
    pub async fn read(&self, settings: &ReadingSettings) -> Result<Answer> {
        let function = settings.function;
        let (words, values) = self.reading(settings)?;
        let query = words.read_message(&values);
        let query = query.ok_or_else(|| self.incapable(format!("query for '{function}'")))?;
        let _turn = self.turn().await;
        let answer = self.ask_within(&query, self.reading_wait(settings.nplc.as_ref())).await?;
        self.one_number(&query, answer, &function.unit())
    }

    /// Has the instrument itself take something from its waveform.
    ///
    /// # Errors
    /// When the dialect cannot ask, the exchange fails, or the answer is not one number of that dimension.
    pub async fn scope_measure(&self, measure: WaveformMeasure) -> Result<Answer> {
        let query = self.instrument().dialect.measure(measure, &self.values());
        let query = query.ok_or_else(|| self.incapable(format!("measurement of '{measure}'")))?;
        let _turn = self.turn().await;
        let answer = self.ask(&query).await?;
        self.one_number(&query, answer, &measure.unit())
    }

    fn one_number(&self, query: &str, answer: Response, usual: &Unit) -> Result<Answer> {
        match answer::number(&answer, usual) {
            Ok((value, unit)) => Ok(Answer { raw: self.text(query, answer)?, value, unit }),
            Err(wanted) => Err(self.wrong_answer(query, answer.raw(), wanted)),
        }
    }

    /// The words for a function, and the values for their places.
    fn reading(&self, settings: &ReadingSettings) -> Result<(&FunctionWords, Values)> {
        let function = settings.function;
        let words = self.instrument().dialect.function(function);
        let words = words.ok_or_else(|| self.incapable(format!("function '{function}'")))?;
        let mut values = self.values();
        let missing = |what: String, choices: String| {
            self.not_spoken(format!("{what} for '{function}'"), &choices)
        };
        if let Some(range) = settings.range.as_ref().filter(|range| !is_the_only_one(words, range))
        {
            let word = words.range_word(range);
            let (place, word) =
                word.ok_or_else(|| missing(format!("range {range}"), list(&words.ranges)))?;
            values = values.with(place, word);
        }
        if let Some(nplc) = &settings.nplc {
            if !words.nplc.contains(nplc) {
                return Err(missing(format!("nplc {nplc}"), list(&words.nplc)));
            }
            values = values.with("nplc", nplc.to_plain_string());
        }
        if let Some(is_on) = settings.auto_zero {
            if !words.auto_zero {
                return Err(missing("auto_zero".to_owned(), String::new()));
            }
            values = values.with("auto_zero", if is_on { "ON" } else { "OFF" });
        }
        if let Some(wanted) = &settings.input_impedance {
            let known = || list(words.input_impedance.keys());
            let own = words.input_impedance.get(wanted);
            let own = own.ok_or_else(|| missing(format!("input_impedance {wanted}"), known()))?;
            values = values.with("input_impedance", own);
        }
        Ok((words, values))
    }

    fn reading_wait(&self, nplc: Option<&Decimal>) -> Duration {
        let usual = self.instrument().client.config().read_timeout;
        let seconds = nplc.map_or(0.0, Decimal::to_f64)
            / f64::from(self.instrument().line_frequency_hz.max(1))
            * INTEGRATIONS_PER_READING;
        let integration = Duration::try_from_secs_f64(seconds).unwrap_or(MAX_INTEGRATION_WAIT);
        usual.saturating_add(integration.min(MAX_INTEGRATION_WAIT))
    }
}

/// Where there is one range only, nobody needs to be told to choose.
fn is_the_only_one(words: &FunctionWords, range: &Range) -> bool {
    *range == Range::Auto && words.ranges.is_empty() && words.auto_range.is_none()
}
