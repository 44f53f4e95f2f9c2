//! The start and the end of a session with one instrument: a known state, and who may turn its knobs.

use scpi_client::ClientError;
use scpi_protocol::error_queue::ErrorEntry;

use crate::error::InstrumentError;
use crate::instrument::BenchedInstrument;

impl BenchedInstrument {
    /// Brings it from whatever state it is in to a known one, where its dialect says how, and gives what it puts
    /// into its error queue over that. Whatever it can energise must be off before.
    ///
    /// # Errors
    /// When an exchange fails.
    pub async fn preset(&self) -> Result<Vec<ErrorEntry>, InstrumentError> {
        self.send_all(&self.dialect.preset).await
    }

    /// Locks its front panel. Whether its dialect can.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn lock_panel(&self) -> Result<bool, InstrumentError> {
        let messages = &self.dialect.front_panel.lockout;
        self.send_all(messages).await.map(|_| !messages.is_empty())
    }

    /// Gives its front panel back to whoever stands before it.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn free_panel(&self) -> Result<(), InstrumentError> {
        for message in &self.dialect.front_panel.local {
            self.client.write(message).await.map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    async fn send_all(&self, messages: &[String]) -> Result<Vec<ErrorEntry>, InstrumentError> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let _turn = self.turn.lock().await;
        for message in messages {
            self.client.write(message).await.map_err(|error| self.failed(error))?;
        }
        self.take_errors().await.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: ClientError) -> InstrumentError {
        InstrumentError::Exchange { who: self.who(None), error }
    }
}
