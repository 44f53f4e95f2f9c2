//! `scpi-run query`: one exchange.

use std::time::Duration;

use scpi_client::{ClientConfig, Instrument};
use scpi_protocol::Escaped;
use scpi_protocol::address::Address;
use scpi_protocol::error_queue::NEXT_ERROR_QUERY;
use scpi_protocol::response::Response;

use crate::commands::print;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// Bytes of an answer that are shown where it is no text.
const SHOWN_BYTES: usize = 4096;

/// How long the error queue is waited for, once something else has failed.
pub(super) const EXPLANATION_WAIT: Duration = Duration::from_secs(3);

/// Entries of the error queue that are shown.
const SHOWN_ERRORS: usize = 32;

/// Sends one message. After a command, what the instrument has to complain about is shown; after a query, its
/// answer alone.
pub(crate) fn query(address: &str, message: &str, timeout_ms: u64) -> Result<Exit> {
    let address: Address = address.parse().map_err(Failure::usage)?;
    let config =
        ClientConfig { read_timeout: Duration::from_millis(timeout_ms), ..ClientConfig::default() };
    block_on(async {
        let instrument =
            Instrument::connect(&address, config).await.map_err(Failure::instrument)?;
        if message.contains('?') {
            ask(&instrument, message).await
        } else {
            tell(&instrument, message).await
        }
    })
}

async fn ask(instrument: &Instrument, message: &str) -> Result<Exit> {
    match instrument.query(message).await {
        Ok(answer) => {
            print(&format!("{}\n", shown(&answer)));
            Ok(Exit::Pass)
        }
        Err(error) => {
            // Most often the instrument did not know the query, and says so in its error queue.
            let told = instrument.ask_why(error, NEXT_ERROR_QUERY, EXPLANATION_WAIT).await;
            Err(Failure::instrument(told.explanation()))
        }
    }
}

/// An answer as text; bytes that are none are escaped, and cut.
pub(super) fn shown(answer: &Response) -> String {
    let escaped = |_| Escaped { bytes: answer.raw(), shown: SHOWN_BYTES }.to_string();
    answer.text().map_or_else(escaped, str::to_owned)
}

async fn tell(instrument: &Instrument, message: &str) -> Result<Exit> {
    instrument.write(message).await.map_err(Failure::instrument)?;
    match complaints(instrument).await {
        none if none.is_empty() => Ok(Exit::Pass),
        some => Err(Failure::instrument(format!("{}: '{message}'{some}", instrument.address()))),
    }
}

/// What is in the error queue, where there is one.
async fn complaints(instrument: &Instrument) -> String {
    let drained = instrument.drain_errors(SHOWN_ERRORS).await;
    let entries = drained.map(|drained| drained.entries).unwrap_or_default();
    entries.iter().map(|entry| format!("; the instrument says {entry}")).collect()
}
