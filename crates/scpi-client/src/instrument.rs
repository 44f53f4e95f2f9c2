//! The handle that everybody holds.

use std::sync::Arc;
use std::time::Duration;

use scpi_protocol::address::Address;
use scpi_protocol::error_queue::{ErrorEntry, NEXT_ERROR_QUERY};
use scpi_protocol::framer::Content;
use scpi_protocol::identity::Identity;
use scpi_protocol::preamble::Values;
use scpi_protocol::response::Response;
use scpi_protocol::status::StatusByte;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::config::{ClientConfig, MAX_DRAINED_ERRORS};
use crate::error::{Cause, ClientError, Told};
use crate::hint;
use crate::link::Link;
use crate::message;
use crate::resync::Resynchronised;
use crate::sink::{Converted, OneBlock, Sink, Whole};
use crate::tape::{Recorder, Tape};
use crate::transport::{self, SideWay};
use crate::writer::{Writer, in_time};

/// One instrument at one address. Cheap to clone; clones share the connection and take turns.
///
/// Every call may be dropped at any of its waits: the next call finds the connection as it must be.
#[derive(Clone)]
pub struct Instrument {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) address: Address,
    pub(crate) config: ClientConfig,
    pub(crate) recorder: Recorder,
    pub(crate) writer: Mutex<Writer>,
    pub(crate) link: Mutex<Link>,
}

/// The longest that an instrument's lock is waited for.
pub const MAX_LOCK_WAIT: Duration = Duration::from_secs(600);

/// How long one request for it waits in the instrument: nothing else is asked of it meanwhile.
const LOCK_SLICE: Duration = Duration::from_millis(200);

/// The entries taken out of an error queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrainedErrors {
    /// Oldest first; `No error` is not among them.
    pub entries: Vec<ErrorEntry>,
    /// Whether the queue said that it is empty; `false` when the bound was reached first.
    pub is_empty_now: bool,
}

/// `empty`, or its entries.
impl std::fmt::Display for DrainedErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.entries.is_empty() {
            return f.write_str("empty");
        }
        let entries: Vec<_> = self.entries.iter().map(ToString::to_string).collect();
        f.write_str(&entries.join("; "))
    }
}

type Result<T> = std::result::Result<T, ClientError>;

impl Instrument {
    /// Connects.
    ///
    /// # Errors
    /// No connection, at once where it is refused, else within the connect timeout.
    pub async fn connect(address: &Address, config: ClientConfig) -> Result<Self> {
        Self::connect_taped(address, config, None).await
    }

    /// Connects, and records every byte both ways.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub async fn connect_taped(
        address: &Address,
        config: ClientConfig,
        tape: Option<Arc<dyn Tape>>,
    ) -> Result<Self> {
        let shared = Shared {
            address: address.clone(),
            recorder: Recorder::new(address.to_string(), tape),
            writer: Mutex::default(),
            link: Mutex::new(Link::new(&config)),
            config,
        };
        let mut link = shared.link.lock().await;
        let connected = shared.connect(&mut link).await;
        connected.map_err(|cause| shared.error(b"", cause, &link))?;
        drop(link);
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Its address, as text.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.shared.recorder.address
    }

    /// How its connection behaves.
    #[must_use]
    pub fn config(&self) -> &ClientConfig {
        &self.shared.config
    }

    /// Sends a message: a command, or several. An answer that it asks for all the same is thrown away
    /// when it comes.
    ///
    /// # Errors
    /// When it could not be sent whole. Whether the instrument understood it, its error queue says.
    pub async fn write(&self, message: impl AsRef<[u8]>) -> Result<()> {
        let message = message.as_ref();
        let shared = &self.shared;
        let mut link = shared.ready(message).await?;
        let start = Instant::now();
        let sent = shared.send(&mut link, message, message::asks(message)).await;
        sent.map_err(|cause| shared.error(message, cause, &link))?;
        link.remember(message, false, start.elapsed());
        Ok(())
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// No answer in time, no whole answer, no connection. After a timeout the session is out of step;
    /// the next call brings it into step first.
    pub async fn query(&self, query: impl AsRef<[u8]>) -> Result<Response> {
        self.query_within(query, self.shared.config.read_timeout).await
    }

    /// As [`query`](Self::query), with a read timeout of its own, for what takes long.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn query_within(
        &self,
        query: impl AsRef<[u8]>,
        read_timeout: Duration,
    ) -> Result<Response> {
        let mut answer = Whole::default();
        self.shared.exchange(query.as_ref(), read_timeout, &mut answer).await?;
        Ok(Response::new(answer.bytes))
    }

    /// As [`query`](Self::query); the answer replaces that in `answer`, whose memory is used again: once it is
    /// large enough, an exchange allocates nothing.
    ///
    /// # Errors
    /// As [`query`](Self::query); `answer` is empty then.
    pub async fn query_into(&self, query: impl AsRef<[u8]>, answer: &mut Response) -> Result<()> {
        let mut bytes = std::mem::take(answer).into_raw();
        bytes.clear();
        let mut whole = Whole { bytes };
        self.shared.exchange(query.as_ref(), self.shared.config.read_timeout, &mut whole).await?;
        *answer = Response::new(whole.bytes);
        Ok(())
    }

    /// Asks for one block; its bytes replace those in `data`, which keeps its capacity.
    ///
    /// # Errors
    /// As [`query`](Self::query), and when the answer is not one block.
    pub async fn query_block_into(
        &self,
        query: impl AsRef<[u8]>,
        data: &mut Vec<u8>,
    ) -> Result<()> {
        let query = query.as_ref();
        let mut sink = OneBlock::into(data);
        self.shared.exchange(query, self.shared.config.read_timeout, &mut sink).await?;
        self.one_block(query, sink).await
    }

    /// Asks for the block of a waveform; its samples as values replace those in `values`, which keeps its
    /// capacity. They are made while the block arrives.
    ///
    /// # Errors
    /// As [`query`](Self::query), when the answer is not one block, and when the block ends inside a sample.
    pub async fn query_values_into(
        &self,
        query: impl AsRef<[u8]>,
        scale: Values,
        values: &mut Vec<f64>,
    ) -> Result<()> {
        let query = query.as_ref();
        values.clear();
        let mut nothing = Vec::new();
        let block = OneBlock::into(&mut nothing);
        let mut sink = Converted { values: scale, to: values, block };
        self.shared.exchange(query, self.shared.config.read_timeout, &mut sink).await?;
        let Converted { values: scale, block, .. } = sink;
        self.one_block(query, block).await?;
        if scale.is_whole() {
            return Ok(());
        }
        Err(self.error(query, Cause::PartOfASample).await)
    }

    async fn one_block(&self, query: &[u8], sink: OneBlock<'_>) -> Result<()> {
        if sink.is_whole() {
            return Ok(());
        }
        let text = scpi_protocol::Escaped::new(&[sink.before, sink.after].concat()).to_string();
        let cause = Cause::NotOneBlock { blocks: sink.blocks, text };
        Err(self.error(query, cause).await)
    }

    /// Asks who it is. The answer is what a later connection must find again.
    ///
    /// # Errors
    /// As [`query`](Self::query), and when the answer is no identity.
    pub async fn identify(&self) -> Result<Identity> {
        let query = "*IDN?";
        let answer = self.query(query).await?;
        let text = String::from_utf8_lossy(answer.raw()).into_owned();
        match text.parse::<Identity>() {
            Ok(identity) => {
                let mut link = self.shared.link.lock().await;
                link.known = Some(identity.clone());
                self.shared.learn_control_port(&mut link).await;
                Ok(identity)
            }
            Err(error) => Err(self.error(query.as_bytes(), Cause::Identity(error)).await),
        }
    }

    /// Takes entries out of the error queue until it is empty, at most `bound` of them and never more
    /// than [`MAX_DRAINED_ERRORS`].
    ///
    /// # Errors
    /// As [`query`](Self::query), and when an answer is no entry.
    pub async fn drain_errors(&self, bound: usize) -> Result<DrainedErrors> {
        self.drain_errors_by(NEXT_ERROR_QUERY, bound).await
    }

    /// As [`drain_errors`](Self::drain_errors), for an instrument that has another query for it.
    ///
    /// # Errors
    /// As [`drain_errors`](Self::drain_errors).
    pub async fn drain_errors_by(&self, query: &str, bound: usize) -> Result<DrainedErrors> {
        let mut drained = DrainedErrors::default();
        for _ in 0..bound.min(MAX_DRAINED_ERRORS) {
            let answer = self.query(query).await?;
            let entry = String::from_utf8_lossy(answer.raw()).parse::<ErrorEntry>();
            match entry {
                Ok(entry) if entry.is_no_error() => {
                    drained.is_empty_now = true;
                    break;
                }
                Ok(entry) => drained.entries.push(entry),
                Err(error) => {
                    return Err(self.error(query.as_bytes(), Cause::ErrorEntry(error)).await);
                }
            }
        }
        Ok(drained)
    }

    /// What the instrument's error queue says about an exchange that failed, added to the error. It brings the
    /// session into step first; where that or the queue takes too long, that is what is added.
    pub async fn ask_why(&self, error: ClientError, query: &str, within: Duration) -> ClientError {
        let asking = timeout_at(Instant::now() + within, self.drain_errors_by(query, usize::MAX));
        let says = match asking.await {
            Err(_) => format!("no answer to {query} within {within:?}"),
            Ok(Err(failure)) => failure.cause().to_string(),
            Ok(Ok(drained)) => drained.to_string(),
        };
        error.with_error_queue(says)
    }

    /// Sends a command at once, for switching off: it waits for no answer that somebody else is owed and
    /// for no resynchronisation, only for a message that is half sent. Without a connection, it makes one.
    ///
    /// # Errors
    /// When it could not be sent whole by the deadline. That it was sent does not prove that it was obeyed.
    pub async fn write_now(&self, message: impl AsRef<[u8]>, within: Duration) -> Result<()> {
        let message = message.as_ref();
        let sent = self.shared.send_now(message, within).await;
        sent.map_err(|cause| self.shared.error_alone(message, cause))
    }

    /// The status byte (IEEE 488.2 clause 11.2). Where the carrier has a way of its own for it, no answer that
    /// somebody waits for delays it; else it is asked for with `*STB?`.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn status_byte(&self) -> Result<StatusByte> {
        let query = "*STB?";
        let way = self.shared.side_way().await?;
        let Some(way) = way else {
            let answer = self.query(query).await?;
            return match message::status_byte(&answer) {
                Ok(byte) => Ok(byte),
                Err(error) => Err(self.error(query.as_bytes(), error.into()).await),
            };
        };
        let within = self.shared.config.read_timeout;
        let told = way.status_byte(Instant::now() + within).await;
        let cause = match told {
            Ok(Some(byte)) => return Ok(StatusByte(byte)),
            Ok(None) => Cause::NoStatus(within),
            Err(error) => Cause::Broken(error),
        };
        Err(self.shared.error_alone(b"", cause))
    }

    /// The status byte of the last service request that the instrument told by itself, once; nothing where it
    /// told none, or where the carrier has no service requests. It does not wait for one. Over VXI-11 the instrument is
    /// asked to tell by the first call on a connection: make it before what is to be told of.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn service_request(&self) -> Result<Option<StatusByte>> {
        let Some(way) = self.shared.side_way().await? else { return Ok(None) };
        let deadline = Instant::now() + self.shared.config.read_timeout;
        let told = way.service_request(deadline).await;
        let told = told.map_err(|error| self.shared.error_alone(b"", Cause::Broken(error)))?;
        Ok(told.map(StatusByte))
    }

    /// Takes the instrument for this connection alone, waiting so long for others to give it back: whether it was to be
    /// had. Nothing where the carrier has no locks. It goes with the connection.
    ///
    /// # Errors
    /// The connection is broken, or the instrument refuses.
    pub async fn lock(&self, wait: Duration) -> Result<Option<bool>> {
        let until = Instant::now() + wait.min(MAX_LOCK_WAIT);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let told = self.lock_or_unlock(true, left.min(LOCK_SLICE)).await?;
            if told != Some(false) || left <= LOCK_SLICE {
                return Ok(told);
            }
        }
    }

    /// Gives the lock back: whether this connection held it. Nothing where the carrier has no locks.
    ///
    /// # Errors
    /// As [`lock`](Self::lock).
    pub async fn unlock(&self) -> Result<Option<bool>> {
        self.lock_or_unlock(false, Duration::ZERO).await
    }

    async fn lock_or_unlock(&self, take: bool, wait: Duration) -> Result<Option<bool>> {
        let Some(way) = self.shared.side_way().await? else { return Ok(None) };
        let deadline = Instant::now() + wait + self.shared.config.read_timeout;
        let done = way.lock(take, wait, deadline).await;
        done.map(Some).map_err(|error| self.shared.error_alone(b"", Cause::Broken(error)))
    }

    /// Brings the connection into step, and says how. Every other call does so by itself where it must.
    ///
    /// # Errors
    /// When there is no connection to be had, or another instrument answers on it.
    pub async fn resynchronise(&self) -> Result<Resynchronised> {
        let mut link = self.shared.link.lock().await;
        let ready = self.shared.make_ready(&mut link).await;
        ready.map_err(|cause| self.shared.error(b"", cause, &link))
    }

    /// Closes the connection; the next call makes a new one.
    pub async fn disconnect(&self) {
        let mut link = self.shared.link.lock().await;
        self.shared.disconnect(&mut link).await;
    }

    /// How many connections have been made, the first included: when it grows, the instrument may have
    /// lost its settings.
    pub async fn connections_made(&self) -> u64 {
        self.shared.writer.lock().await.generation()
    }

    async fn error(&self, command: &[u8], cause: Cause) -> ClientError {
        let link = self.shared.link.lock().await;
        self.shared.error(command, cause, &link)
    }
}

impl std::fmt::Debug for Instrument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instrument").field("address", &self.address()).finish_non_exhaustive()
    }
}

impl Shared {
    /// The way past all messages, on a connection that is there.
    async fn side_way(&self) -> Result<Option<SideWay>> {
        let is_open = self.writer.lock().await.is_open();
        if !is_open {
            let mut link = self.link.lock().await;
            let ready = self.make_ready(&mut link).await;
            ready.map_err(|cause| self.error(b"", cause, &link))?;
        }
        Ok(self.writer.lock().await.side_way())
    }

    /// The link, in step, for this message; which is one message.
    pub(crate) async fn ready(&self, message: &[u8]) -> Result<MutexGuard<'_, Link>> {
        let mut link = self.link.lock().await;
        if !message::is_one(message, &self.config) {
            return Err(self.error(message, Cause::TwoMessages, &link));
        }
        let ready = self.make_ready(&mut link).await;
        ready.map_err(|cause| self.error(message, cause, &link))?;
        Ok(link)
    }

    async fn exchange(&self, query: &[u8], timeout: Duration, sink: &mut dyn Sink) -> Result<()> {
        let mut link = self.ready(query).await?;
        let start = link.begin();
        if let Err(cause) = self.ask_and_receive(&mut link, query, timeout, sink).await {
            self.close_dead_writer(&link).await;
            return Err(self.error(query, cause, &link));
        }
        link.remember(query, true, start.elapsed());
        Ok(())
    }

    pub(crate) async fn ask_and_receive(
        &self,
        link: &mut Link,
        query: &[u8],
        timeout: Duration,
        sink: &mut dyn Sink,
    ) -> std::result::Result<(), Cause> {
        let plain = message::is_answered_in_plain_text(query);
        link.set_content(if plain { Content::PlainText } else { self.config.framing.content });
        self.send(link, query, true).await?;
        link.receive(timeout, &self.config, &self.recorder, sink).await?;
        link.refuse_echo(query)
    }

    async fn send(
        &self,
        link: &mut Link,
        message: &[u8],
        is_query: bool,
    ) -> std::result::Result<(), Cause> {
        let mut writer = self.writer.lock().await;
        let mut on_first_byte = |labels| {
            if is_query {
                link.ask(message);
                link.listen_for(labels);
            }
        };
        let sent = writer.send(message, &self.config, &self.recorder, &mut on_first_byte).await;
        if sent.is_err() {
            link.take(None);
        }
        sent
    }

    async fn send_now(&self, message: &[u8], within: Duration) -> std::result::Result<(), Cause> {
        let deadline = Instant::now() + within;
        // A connection that its other end has closed is noticed here, if nobody is reading it.
        if let Ok(mut link) = self.link.try_lock() {
            self.notice_closed(&mut link, deadline).await;
        }
        let late = |_| Cause::WriteTimeout(within);
        let mut writer = timeout_at(deadline, self.writer.lock()).await.map_err(late)?;
        if !writer.is_open() {
            let left = deadline.saturating_duration_since(Instant::now());
            writer.open(transport::connect(&self.address, &self.config, left).await?);
        }
        let config = ClientConfig {
            write_timeout: deadline.saturating_duration_since(Instant::now()),
            min_gap: self.config.min_gap.min(within / 4),
            ..self.config.clone()
        };
        writer.is_off_unproved = true;
        let sent = writer.send(message, &config, &self.recorder, &mut |_| {}).await;
        sent.map_err(|cause| in_time(cause, within))
    }

    async fn notice_closed(&self, link: &mut Link, deadline: Instant) {
        if link.current.is_some() && link.session.owed() == 0 {
            link.notice_unasked(&self.recorder);
        }
        // The lock may be late; then the send is as well, and says so.
        let _ = timeout_at(deadline, self.close_dead_writer(link)).await;
    }

    /// Of a connection that the receiving half has found closed, the sending half is of no use.
    pub(crate) async fn close_dead_writer(&self, link: &Link) {
        if link.current.is_none() {
            self.writer.lock().await.close_generation(link.generation);
        }
    }

    pub(crate) fn error(&self, command: &[u8], cause: Cause, link: &Link) -> ClientError {
        let hints = hint::of(&cause, command, &self.config, link.before());
        let told = Told { exchanges: link.history(), hints };
        ClientError::new(&self.recorder.address, command, cause, told)
    }

    fn error_alone(&self, command: &[u8], cause: Cause) -> ClientError {
        ClientError::new(&self.recorder.address, command, cause, Told::default())
    }
}
