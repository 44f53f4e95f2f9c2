//! One channel of an instrument in its role: exchanges, and the error queue after them.

use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{Setting, Values};
use scpi_client::{Cause, ClientError};
use scpi_protocol::Escaped;
use scpi_protocol::error_queue::ErrorEntry;
use scpi_protocol::response::Response;
use tokio::sync::MutexGuard;
use tokio::time::timeout;

use crate::error::{InstrumentError, Who};
use crate::instrument::BenchedInstrument;

pub(crate) type Result<T> = std::result::Result<T, InstrumentError>;

/// How long the error queue is asked why a query was not answered.
const EXPLANATION_WAIT: Duration = Duration::from_secs(1);

/// One channel of an instrument, in the role that it plays. Cheap to clone. Requests to the same instrument
/// take turns.
#[derive(Clone, Debug)]
pub struct Channel {
    role: Arc<str>,
    number: u32,
    instrument: Arc<BenchedInstrument>,
}

impl Channel {
    pub(crate) fn new(role: &str, number: u32, instrument: Arc<BenchedInstrument>) -> Self {
        Self { role: role.into(), number, instrument }
    }

    /// The role.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }

    /// The channel's number, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Whose channel it is.
    #[must_use]
    pub fn instrument(&self) -> &BenchedInstrument {
        &self.instrument
    }

    /// What the safe state switches off, where there is something.
    #[must_use]
    pub fn output(&self) -> Option<Setting> {
        let dialect = &self.instrument.dialect;
        Setting::output_of(dialect.class).filter(|output| dialect.setting(*output).is_some())
    }

    /// Asks something in the instrument's own words; the answer's text as it came.
    ///
    /// # Errors
    /// When the exchange fails, the answer is no text, or the instrument refuses.
    pub async fn raw_query(&self, message: &str) -> Result<String> {
        let _turn = self.turn().await;
        let answer = self.ask(message).await?;
        self.refuse_on_errors(message).await?;
        self.text(message, answer)
    }

    /// Sends a command in the instrument's own words.
    ///
    /// # Errors
    /// When it cannot be sent, or the instrument refuses.
    pub async fn raw_command(&self, message: &str) -> Result<()> {
        let _turn = self.turn().await;
        self.tell(message).await?;
        self.refuse_on_errors(message).await
    }

    /// Empties the error queue, as far as its bound; the oldest entry comes first.
    ///
    /// # Errors
    /// When an exchange fails, or an answer is no entry.
    pub async fn drain_errors(&self) -> Result<Vec<ErrorEntry>> {
        let _turn = self.turn().await;
        self.instrument.take_errors().await.map_err(|error| self.failure(error))
    }

    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.instrument.turn.lock().await
    }

    pub(crate) fn values(&self) -> Values {
        Values::of_channel(self.number)
    }

    pub(crate) async fn tell(&self, message: &str) -> Result<()> {
        self.instrument.client.write(message).await.map_err(|error| self.failure(error))
    }

    pub(crate) async fn tell_all(&self, messages: &[String]) -> Result<()> {
        for message in messages {
            self.tell(message).await?;
        }
        Ok(())
    }

    pub(crate) async fn ask(&self, query: &str) -> Result<Response> {
        self.ask_within(query, self.instrument.client.config().read_timeout).await
    }

    pub(crate) async fn ask_within(&self, query: &str, wait: Duration) -> Result<Response> {
        match self.instrument.client.query_within(query, wait).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.explained(query, error).await),
        }
    }

    /// Most instruments do not answer a query that they do not understand (quirk Q23): the error queue says
    /// more than the silence, and must be empty before something else is asked.
    pub(crate) async fn explained(&self, query: &str, error: ClientError) -> InstrumentError {
        if !matches!(error.cause(), Cause::ReadTimeout(_)) {
            return self.failure(error);
        }
        let says = match timeout(EXPLANATION_WAIT, self.instrument.take_errors()).await {
            Ok(Ok(entries)) if !entries.is_empty() => return self.refused(query, entries),
            Ok(Ok(_)) => "empty, or there is none".to_owned(),
            Ok(Err(failure)) => failure.cause().to_string(),
            Err(_) => format!("no answer within {EXPLANATION_WAIT:?}"),
        };
        self.failure(error.with_error_queue(says))
    }

    /// Reads the error queue once; an entry is a refusal.
    pub(crate) async fn refuse_on_errors(&self, command: &str) -> Result<()> {
        let entries = self.instrument.take_errors().await;
        match entries.map_err(|error| self.failure(error))? {
            entries if entries.is_empty() => Ok(()),
            entries => Err(self.refused(command, entries)),
        }
    }

    fn refused(&self, command: &str, entries: Vec<ErrorEntry>) -> InstrumentError {
        let command = Escaped::new(command.as_bytes()).to_string();
        InstrumentError::Refused { who: self.who(), command, entries }
    }

    pub(crate) fn who(&self) -> Box<Who> {
        self.instrument.who(Some(&self.role))
    }

    pub(crate) fn failure(&self, error: ClientError) -> InstrumentError {
        InstrumentError::Exchange { who: self.who(), error }
    }

    pub(crate) fn wrong_answer(
        &self,
        command: &str,
        answer: &[u8],
        wanted: impl Into<String>,
    ) -> InstrumentError {
        InstrumentError::Answer {
            who: self.who(),
            command: command.to_owned(),
            answer: Escaped::new(answer).to_string(),
            wanted: wanted.into(),
        }
    }

    pub(crate) fn not_spoken(&self, what: impl Into<String>, choices: &str) -> InstrumentError {
        InstrumentError::NotSpoken {
            who: self.who(),
            dialect: self.instrument.dialect.name.clone(),
            what: what.into(),
            choices: if choices.is_empty() { "none" } else { choices }.to_owned(),
        }
    }

    /// The dialect has nothing of the kind at all.
    pub(crate) fn incapable(&self, what: impl Into<String>) -> InstrumentError {
        self.not_spoken(what, &self.instrument.dialect.capabilities().join(", "))
    }

    /// The answer as it came; an answer that is no text is an error.
    pub(crate) fn text(&self, command: &str, answer: Response) -> Result<String> {
        let text = String::from_utf8(answer.into_raw());
        text.map_err(|error| self.wrong_answer(command, error.as_bytes(), "text"))
    }
}
