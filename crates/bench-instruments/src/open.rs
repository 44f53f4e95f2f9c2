//! A bench opened. Nothing that changes the state of an instrument is written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{Bench, BenchInstrument, Dialect, Dialects, WireWords, identity_fits};
use futures_util::future::join_all;
use scpi_client::{ClientConfig, ClientError, DrainedErrors, Instrument, Login, Tape};
use scpi_protocol::identity::Identity;
use tokio::sync::Mutex;

use crate::error::{InstrumentError, Who, list};
use crate::instrument::{BenchedInstrument, error_query};

/// How a bench is opened.
#[derive(Clone)]
pub struct OpenOptions {
    /// The dialects that are known.
    pub dialects: Arc<Dialects>,
    /// For each connection to be made.
    pub connect_timeout: Duration,
    /// For each answer, where the bench file does not say.
    pub read_timeout: Duration,
    /// Instruments that may be another model or serial number than the bench file says, by their names.
    pub any_identity: BTreeSet<String>,
    /// What records every byte both ways.
    pub tape: Option<Arc<dyn Tape>>,
    /// The logins of those instruments that want one, by their names.
    pub logins: BTreeMap<String, Login>,
}

impl OpenOptions {
    /// With the timeouts of [`ClientConfig`], and no tape.
    #[must_use]
    pub fn new(dialects: Arc<Dialects>) -> Self {
        let ClientConfig { connect_timeout, read_timeout, .. } = ClientConfig::default();
        let (any_identity, logins) = (BTreeSet::new(), BTreeMap::new());
        Self { dialects, connect_timeout, read_timeout, any_identity, logins, tape: None }
    }
}

/// What became of the instruments that were wanted.
#[derive(Debug, Default)]
pub struct Opened {
    /// Those that can be used, by their names.
    pub instruments: BTreeMap<String, Arc<BenchedInstrument>>,
    /// Those that cannot: name and why, in the order of their names.
    pub failed: Vec<(String, InstrumentError)>,
}

/// Opens instruments of a bench, by their names, all at the same time: connects, asks who is there, finds the
/// dialect, and takes what stands in the error queue.
pub async fn open(bench: &Bench, wanted: &BTreeSet<String>, options: &OpenOptions) -> Opened {
    let one = |name| open_named(bench, name, options);
    let results = join_all(wanted.iter().map(String::as_str).map(one)).await;
    let mut opened = Opened::default();
    for (name, result) in wanted.iter().zip(results) {
        match result {
            Ok(instrument) => {
                opened.instruments.insert(name.clone(), Arc::new(instrument));
            }
            Err(error) => opened.failed.push((name.clone(), error)),
        }
    }
    opened
}

async fn open_named(
    bench: &Bench,
    name: &str,
    options: &OpenOptions,
) -> Result<BenchedInstrument, InstrumentError> {
    let entry = bench.instruments.get(name).ok_or_else(|| InstrumentError::NotOnBench {
        instrument: name.to_owned(),
        known: list(bench.instruments.keys()),
    })?;
    let opening = Opening { name, entry, options };
    let (client, identity, dialect) = opening.reach().await?;
    let old_errors = opening.empty_error_queue(&client, &dialect).await?;
    Ok(BenchedInstrument {
        name: name.to_owned(),
        entry: entry.clone(),
        line_frequency_hz: bench.line_frequency_hz,
        unexpected: opening.check(&identity).err().map(|error| error.to_string()),
        identity,
        dialect,
        client,
        old_errors: old_errors.entries,
        turn: Mutex::default(),
    })
}

/// One instrument on its way.
struct Opening<'a> {
    name: &'a str,
    entry: &'a BenchInstrument,
    options: &'a OpenOptions,
}

impl Opening<'_> {
    async fn reach(&self) -> Result<(Instrument, Identity, Dialect), InstrumentError> {
        let named = self.entry.dialect.as_deref().map(|name| self.named(name)).transpose()?;
        let manner = named.map(Manner::of).unwrap_or_default();
        let (client, identity) = self.connect(manner).await?;
        let dialect = named.or_else(|| self.options.dialects.for_identity(&identity));
        let dialect = match dialect.or_else(|| self.options.dialects.plain()) {
            Some(dialect) => dialect,
            None => return Err(self.no_dialect(&identity.model)),
        };
        if Manner::of(dialect) == manner {
            let own = dialect.of_model(&identity);
            return Ok((client, identity, own));
        }
        // Only now it is known how this model wants to be spoken to; some take one client only.
        client.disconnect().await;
        let (client, identity) = self.connect(Manner::of(dialect)).await?;
        let own = dialect.of_model(&identity);
        Ok((client, identity, own))
    }

    async fn connect(&self, manner: Manner) -> Result<(Instrument, Identity), InstrumentError> {
        if let Some(login) = &self.entry.login
            && !self.options.logins.contains_key(self.name)
        {
            let credential = login.credential.clone();
            return Err(InstrumentError::NoLogin { who: self.who(), credential });
        }
        let tape = self.options.tape.clone();
        let config = self.config(manner);
        let client = Instrument::connect_taped(&self.entry.address, config, tape).await;
        let client = client.map_err(|error| self.failure(error))?;
        let identity = client.identify().await.map_err(|error| self.failure(error))?;
        match self.check(&identity) {
            Err(error) if !self.options.any_identity.contains(self.name) => Err(error),
            _ => Ok((client, identity)),
        }
    }

    fn config(&self, manner: Manner) -> ClientConfig {
        let own = self.entry.timeout_ms.map(Duration::from_millis);
        let read_timeout = own.unwrap_or(self.options.read_timeout);
        let usual = ClientConfig::default();
        manner.applied_to(ClientConfig {
            connect_timeout: self.options.connect_timeout,
            read_timeout,
            write_timeout: usual.write_timeout.min(read_timeout),
            probe_timeout: usual.probe_timeout.min(read_timeout),
            login: self.options.logins.get(self.name).cloned(),
            ..usual
        })
    }

    fn check(&self, found: &Identity) -> Result<(), InstrumentError> {
        let wrong = |wanted: String| InstrumentError::WrongIdentity {
            who: self.who(),
            wanted,
            found: found.raw.escape_debug().to_string(),
        };
        if let Some(wanted) = self.entry.identity.as_deref().filter(|w| !identity_fits(w, found)) {
            return Err(wrong(format!("'{wanted}'")));
        }
        match self.entry.serial.as_deref() {
            Some(serial) if found.serial.as_deref() != Some(serial.trim()) => {
                Err(wrong(format!("the serial number '{serial}'")))
            }
            _ => Ok(()),
        }
    }

    async fn empty_error_queue(
        &self,
        client: &Instrument,
        dialect: &Dialect,
    ) -> Result<DrainedErrors, InstrumentError> {
        let Some(query) = error_query(dialect) else { return Ok(DrainedErrors::default()) };
        let drained = client.drain_errors_by(query, usize::MAX).await;
        let drained = drained.map_err(|error| self.failure(error))?;
        match drained.entries.last() {
            Some(last) if !drained.is_empty_now => Err(InstrumentError::EndlessErrors {
                who: self.who(),
                query: query.to_owned(),
                read: drained.entries.len(),
                last: last.to_string().escape_debug().to_string(),
            }),
            _ => Ok(drained),
        }
    }

    fn named(&self, name: &str) -> Result<&Dialect, InstrumentError> {
        self.options.dialects.named(name).ok_or_else(|| self.no_dialect(name))
    }

    fn no_dialect(&self, name: &str) -> InstrumentError {
        let known = list(self.options.dialects.names());
        InstrumentError::NoDialect { who: self.who(), dialect: name.to_owned(), known }
    }

    fn failure(&self, error: ClientError) -> InstrumentError {
        InstrumentError::Exchange { who: self.who(), error }
    }

    fn who(&self) -> Box<Who> {
        let address = self.entry.address.to_string();
        Box::new(Who { role: None, instrument: self.name.to_owned(), address })
    }
}

/// What of a dialect the connection itself must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Manner {
    min_gap_ms: u64,
    pipelined: usize,
    wire: WireWords,
}

impl Default for Manner {
    fn default() -> Self {
        Self { min_gap_ms: 0, pipelined: 1, wire: WireWords::default() }
    }
}

impl Manner {
    fn of(dialect: &Dialect) -> Self {
        let Dialect { min_gap_ms, pipelined, wire, .. } = *dialect;
        Self { min_gap_ms, pipelined, wire }
    }

    fn applied_to(self, config: ClientConfig) -> ClientConfig {
        ClientConfig {
            min_gap: Duration::from_millis(self.min_gap_ms),
            pipelined: self.pipelined,
            write_terminator: self.wire.write_terminator(),
            framing: self.wire.framing(),
            has_control_port: self.wire.control_port,
            ..config
        }
    }
}

/// How a connection behaves towards an instrument that speaks a dialect: its gap between messages and its framing,
/// the rest as given.
#[must_use]
pub fn spoken(dialect: &Dialect, config: ClientConfig) -> ClientConfig {
    Manner::of(dialect).applied_to(config)
}
