//! Waveforms: configured, armed, waited for, and their block read.

use std::time::Duration;

use bench_catalog::{CaptureSettings, CaptureWords, TriggerSettings, Values};
use bench_model::{CodeFormat, Decimal, Quantity, Unit};
use scpi_protocol::Escaped;
use scpi_protocol::response::{NumericValue, Response};
use tokio::time::{Instant, sleep};

use crate::answer;
use crate::channel::{Channel, Result};
use crate::error::{InstrumentError, list};
use crate::preamble::Described;

/// Between two questions for the state of an acquisition.
const STATE_PACE: Duration = Duration::from_millis(10);

/// Divisions of the longest acquisition: before the trigger, on the screen and behind it.
const ACQUIRED_DIVISIONS: f64 = 30.0;

/// The longest that a forced acquisition is waited for, beyond its own length.
const FORCED_WAIT: Duration = Duration::from_secs(2);

/// The longest acquisition that is waited for.
const MAX_ACQUISITION: Duration = Duration::from_secs(600);

/// A waveform as it came. A sample is `(code - y_zero) x y_increment + y_offset`, at
/// `(index - x_reference) x x_increment + x_origin` seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Captured {
    /// The bytes of the block, which alone says how many samples there are.
    pub codes: Vec<u8>,
    /// How the codes lie in them.
    pub format: CodeFormat,
    /// The code of zero.
    pub y_zero: Decimal,
    /// Units per code.
    pub y_increment: Decimal,
    /// The value of the zero code.
    pub y_offset: Decimal,
    /// Of the samples.
    pub y_unit: Unit,
    /// The sample that lies at the origin.
    pub x_reference: Decimal,
    /// Seconds per sample.
    pub x_increment: Decimal,
    /// The time of the reference, in seconds.
    pub x_origin: Decimal,
    /// The preamble, as it came.
    pub preamble: String,
    /// Whether a trigger came; else the acquisition was forced.
    pub triggered: bool,
}

impl Channel {
    /// Captures a waveform: configures, arms, waits for the trigger, reads preamble and block.
    ///
    /// # Errors
    /// When the dialect has no words for something that is stated, an exchange fails, the instrument refuses, no
    /// trigger comes, or preamble and block are not what they should be.
    pub async fn capture(&self, settings: &CaptureSettings) -> Result<Captured> {
        self.arm(settings).await?;
        self.captured(settings).await
    }

    /// Configures and arms an acquisition, which [`captured`](Self::captured) waits for.
    ///
    /// # Errors
    /// As for [`capture`](Self::capture), where they show before the trigger.
    pub async fn arm(&self, settings: &CaptureSettings) -> Result<()> {
        let words = self.capture_words()?;
        let values = self.capture_values(words, settings)?;
        let _turn = self.turn().await;
        let values = self.with_external(words, values, &settings.probe).await?;
        let messages = words.configure_messages(&values);
        self.tell_all(&messages).await?;
        self.refuse_on_errors(&messages.join("; ")).await?;
        self.tell_all(&words.arm_messages(&values)).await
    }

    /// Waits for the trigger of an acquisition that was armed, and reads preamble and block.
    ///
    /// # Errors
    /// As for [`capture`](Self::capture), where they show behind arming.
    pub async fn captured(&self, settings: &CaptureSettings) -> Result<Captured> {
        let words = self.capture_words()?;
        let values = self.capture_values(words, settings)?;
        let _turn = self.turn().await;
        let triggered = self.acquire(words, &settings.trigger, &settings.time_base).await?;
        let captured = self.fetch(words, &values, triggered).await?;
        self.refuse_on_errors("the waveform's query").await?;
        Ok(captured)
    }

    fn capture_words(&self) -> Result<&CaptureWords> {
        let words = self.instrument().dialect.capture.as_ref();
        words.ok_or_else(|| self.incapable("waveform"))
    }

    fn capture_values(&self, words: &CaptureWords, settings: &CaptureSettings) -> Result<Values> {
        let mut values = self.values().with("probe", settings.probe.to_plain_string());
        for (what, plans) in [
            ("coupling", &settings.coupling),
            ("bandwidth", &settings.bandwidth),
            ("acquisition", &settings.acquisition),
            ("slope", &settings.trigger.slope),
        ] {
            let own = words.word(what, plans);
            let missing = || self.not_spoken(format!("{what} {plans}"), &list(words.choices(what)));
            values = values.with(what, own.ok_or_else(missing)?);
        }
        for (what, quantity, unit) in [
            ("scale", Some(&settings.scale), Unit::volt()),
            ("offset", Some(&settings.offset), Unit::volt()),
            ("time_base", Some(&settings.time_base), Unit::second()),
            ("level", settings.trigger.level.as_ref(), Unit::volt()),
        ] {
            if let Some(quantity) = quantity {
                values = values.with(what, self.base_text(what, quantity, &unit)?);
            }
        }
        Ok(values
            .with("middle", self.base_text("offset", &negated(&settings.offset), &Unit::volt())?))
    }

    /// With what the plan's attenuation has more than the probe says of itself.
    async fn with_external(
        &self,
        words: &CaptureWords,
        values: Values,
        probe: &Decimal,
    ) -> Result<Values> {
        let Some(query) = words.probe_gain_message(&values) else { return Ok(values) };
        let answer = self.ask(&query).await?;
        let gain = match answer.numeric() {
            Ok(NumericValue::Finite(gain)) if !gain.is_zero() && !gain.is_negative() => gain,
            _ => return Err(self.wrong_answer(&query, answer.raw(), "the gain of a probe")),
        };
        let external = probe.checked_mul(&gain);
        let external = external.map_err(|_| self.wrong_answer(&query, answer.raw(), "a gain"))?;
        Ok(values.with("external", external.without_trailing_zeros().to_plain_string()))
    }

    fn base_text(&self, what: &str, quantity: &Quantity, unit: &Unit) -> Result<String> {
        let text = in_base_text(quantity, unit);
        text.ok_or_else(|| InstrumentError::Value {
            who: self.who(),
            what: what.to_owned(),
            value: quantity.to_string(),
            wanted: format!("a value in {unit} that can be sent"),
        })
    }

    /// Waits until the acquisition is complete; whether a trigger came, or it had to be forced.
    async fn acquire(
        &self,
        words: &CaptureWords,
        trigger: &TriggerSettings,
        time_base: &Quantity,
    ) -> Result<bool> {
        let mut waited = trigger.timeout;
        let mut state = self.wait_for_state(words, waited).await?;
        if state.is_none() {
            return Ok(true);
        }
        if trigger.forced_after_timeout {
            self.tell(&words.force).await?;
            let forced = FORCED_WAIT + acquisition_time(time_base);
            state = self.wait_for_state(words, forced).await?;
            waited = waited.saturating_add(forced);
        }
        let Some(state) = state else { return Ok(false) };
        self.tell(&words.abort).await?;
        self.refuse_on_errors(&words.abort).await?;
        Err(InstrumentError::NoTrigger {
            who: self.who(),
            waited,
            query: words.state.clone(),
            state,
            done: words.done.join(" or "),
        })
    }

    /// Nothing once the acquisition is complete; the last state where it is not in time.
    async fn wait_for_state(&self, words: &CaptureWords, wait: Duration) -> Result<Option<String>> {
        let deadline = Instant::now() + wait.min(MAX_ACQUISITION);
        loop {
            let answer = self.ask(&words.state).await?;
            let state = self.state(words, &answer)?;
            if words.done.iter().any(|done| done.eq_ignore_ascii_case(&state)) {
                return Ok(None);
            }
            if Instant::now() >= deadline {
                return Ok(Some(Escaped::new(answer.raw()).to_string()));
            }
            sleep(STATE_PACE).await;
        }
    }

    fn state(&self, words: &CaptureWords, answer: &Response) -> Result<String> {
        let meant = answer::meant(answer, words.state_part.as_ref(), self.number());
        let meant =
            meant.map_err(|wanted| self.wrong_answer(&words.state, answer.raw(), wanted))?;
        Ok(answer::word(&meant).unwrap_or_default())
    }

    async fn fetch(
        &self,
        words: &CaptureWords,
        values: &Values,
        triggered: bool,
    ) -> Result<Captured> {
        self.tell_all(&words.waveform_messages(values)).await?;
        let Described { preamble, format, text } = self.describe_waveform(words, values).await?;
        let data = words.data_message(values).ok_or_else(|| self.incapable("waveform"))?;
        let codes = self.block(&data, format).await?;
        let (vertical, horizontal) = (preamble.vertical, preamble.horizontal);
        let y_unit = vertical.unit.as_deref().and_then(|unit| unit.parse().ok());
        Ok(Captured {
            codes,
            format,
            y_zero: vertical.zero,
            y_increment: vertical.increment,
            y_offset: vertical.offset,
            y_unit: y_unit.unwrap_or_else(Unit::volt),
            x_reference: horizontal.reference,
            x_increment: horizontal.increment,
            x_origin: horizontal.origin,
            preamble: text,
            triggered,
        })
    }

    /// Preambles lie about the number of samples (quirk Q34): the block has the last word.
    async fn block(&self, query: &str, format: CodeFormat) -> Result<Vec<u8>> {
        let mut codes = Vec::new();
        if let Err(error) = self.instrument().client.query_block_into(query, &mut codes).await {
            return Err(self.explained(query, error).await);
        }
        let (bytes, width) = (codes.len(), format.width());
        if bytes > 0 && bytes.is_multiple_of(width) {
            return Ok(codes);
        }
        let (who, command) = (self.who(), query.to_owned());
        Err(InstrumentError::Block { who, command, bytes, width })
    }
}

/// Some makers set the voltage at the middle of the screen, others what is added to the signal.
fn negated(quantity: &Quantity) -> Quantity {
    Quantity::new(-quantity.value.clone(), quantity.unit.clone())
}

fn in_base_text(quantity: &Quantity, unit: &Unit) -> Option<String> {
    let fits = quantity.unit.dimension() == unit.dimension();
    quantity.in_base().filter(|_| fits).map(|value| value.to_plain_string())
}

fn acquisition_time(time_base: &Quantity) -> Duration {
    let seconds = time_base.in_base().map_or(0.0, |seconds| seconds.to_f64()) * ACQUIRED_DIVISIONS;
    Duration::try_from_secs_f64(seconds).unwrap_or(MAX_ACQUISITION).min(MAX_ACQUISITION)
}
