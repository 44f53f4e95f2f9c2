//! Back into step: by a device clear or a proof on the same connection, else by a new one.

use std::time::Duration;

use scpi_protocol::identity::Identity;
use scpi_protocol::response::Response;
use scpi_protocol::session::{OutOfStep, Probe, ProbeStep, Standing};
use tokio::time::{Instant, sleep, timeout_at};

use crate::config::RECONNECT_ATTEMPTS;
use crate::error::Cause;
use crate::instrument::Shared;
use crate::link::Link;
use crate::sink::Whole;
use crate::tape::TapeEvent;
use crate::transport;
use crate::transport::control::{self, CONTROL_PORT_QUERY};

/// The wait before the second attempt to connect; doubled before each further one.
const FIRST_BACK_OFF: Duration = Duration::from_millis(50);

/// How a connection was brought into step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resynchronised {
    /// It was in step.
    WasInStep,
    /// The instrument's own answer to `*IDN?` came: everything older has come, and was thrown away.
    ByProbe {
        /// Answers thrown away.
        thrown_away: u32,
    },
    /// The instrument was made to forget what was under way (device clear): nothing older can come.
    ByDeviceClear,
    /// The instrument was cleared on its control port, and then its own answer to `*IDN?` came.
    ByControlPort {
        /// Answers thrown away.
        thrown_away: u32,
    },
    /// A new connection was made, and the instrument on it is the known one, where one was known.
    ByNewConnection {
        /// Who answers there; none where nobody had been identified before.
        identity: Option<Identity>,
    },
}

impl Shared {
    /// Makes the link fit to ask: connected, in step, nothing owed.
    pub(crate) async fn make_ready(&self, link: &mut Link) -> Result<Resynchronised, Cause> {
        self.follow_writer(link).await;
        if link.is_unconfirmed {
            if let Ok(identity) = self.confirm(link).await {
                return Ok(Resynchronised::ByNewConnection { identity });
            }
            self.disconnect(link).await;
        }
        self.settle_debts(link).await;
        match link.session.standing() {
            _ if link.current.is_none() => self.reconnect(link).await,
            Standing::InStep => Ok(Resynchronised::WasInStep),
            Standing::Awaiting { .. } => Err(Cause::NotInStep("answers are still owed")),
            Standing::OutOfStep(why) => self.resynchronise(link, why).await,
        }
    }

    /// Sends what is cut, takes what is owed, looks at what came to nothing. The link says how it ended.
    async fn settle_debts(&self, link: &mut Link) {
        if link.session.owed() > 0 && matches!(link.session.standing(), Standing::Awaiting { .. }) {
            if let Err(cause) = self.finish_cut_message().await {
                self.note(&format!("closed: {cause}"));
                return link.take(None);
            }
            if let Err(cause) = link.discard_owed(&self.config, &self.recorder).await {
                self.note(&format!("the answer to a dropped query: {cause}"));
            }
        }
        if link.current.is_some() && link.session.standing() == Standing::InStep {
            link.notice_unasked(&self.recorder);
        }
    }

    async fn finish_cut_message(&self) -> Result<(), Cause> {
        let deadline = Instant::now() + self.config.write_timeout;
        self.writer.lock().await.finish_cut_message(deadline, &self.recorder).await
    }

    /// The writer may have made a new connection, or closed the one at hand.
    async fn follow_writer(&self, link: &mut Link) {
        let mut writer = self.writer.lock().await;
        match (writer.claim(), writer.is_open(), link.current.is_some()) {
            (Some(new), _, _) => link.take(Some(new)),
            (None, false, true) => link.take(None),
            // What the receiving half has found closed is closed.
            (None, true, false) => writer.close(),
            _ => {}
        }
    }

    async fn resynchronise(
        &self,
        link: &mut Link,
        why: OutOfStep,
    ) -> Result<Resynchronised, Cause> {
        if let Some(thrown_away) = self.clear_on_control_port(link).await {
            self.note("in step again by the control port and *IDN?");
            return Ok(Resynchronised::ByControlPort { thrown_away });
        }
        // A device clear may drop an off command that waits in the instrument: its execution is proved first.
        let proves_off = self.take_unproved_off().await;
        if (proves_off || !link.has_device_clear())
            && let Some(thrown_away) = self.probe_where_possible(link, why).await
        {
            link.session.proved();
            link.owed.clear();
            self.note(&format!("in step again by *IDN?, {thrown_away} older answers thrown away"));
            return Ok(Resynchronised::ByProbe { thrown_away });
        }
        if link.has_device_clear() && self.device_clear(link).await {
            link.session.proved();
            link.forget();
            self.note("in step again by a device clear");
            return Ok(Resynchronised::ByDeviceClear);
        }
        self.reconnect(link).await
    }

    /// Clears the instrument past its raw socket. What was on its way is then read away up to a proof.
    async fn clear_on_control_port(&self, link: &mut Link) -> Option<u32> {
        let port = link.control_port?;
        let is_off_unproved = self.writer.lock().await.is_off_unproved;
        let known = link.known.clone().filter(|_| !is_off_unproved)?;
        let deadline = Instant::now() + self.config.probe_timeout;
        match control::device_clear(&self.address, port, deadline).await {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => {
                self.note(&format!("no device clear on control port {port}: {error}"));
                return None;
            }
        }
        link.owed.clear();
        link.restart_framing();
        let thrown_away = self.probe(link, &known).await?;
        link.session.proved();
        link.owed.clear();
        Some(thrown_away)
    }

    /// Asks where this connection can be cleared, where the configuration says that it can.
    pub(crate) async fn learn_control_port(&self, link: &mut Link) {
        if !self.config.has_control_port || link.control_port.is_some() {
            return;
        }
        let mut answer = Whole::default();
        let (query, wait) = (CONTROL_PORT_QUERY.as_bytes(), self.config.read_timeout);
        if self.ask_and_receive(link, query, wait, &mut answer).await.is_ok() {
            let port = Response::new(answer.bytes).integer().ok();
            link.control_port = port.and_then(|port| u16::try_from(port).ok());
        }
    }

    async fn take_unproved_off(&self) -> bool {
        std::mem::take(&mut self.writer.lock().await.is_off_unproved)
    }

    /// `false` where the connection is of no use any more.
    async fn device_clear(&self, link: &mut Link) -> bool {
        let deadline = Instant::now() + self.config.probe_timeout;
        let Ok(mut writer) = timeout_at(deadline, self.writer.lock()).await else { return false };
        let Ok(sender) = writer.idle_half(deadline, &self.recorder).await else { return false };
        let Some(receiver) = &mut link.current else { return false };
        match receiver.device_clear(sender, deadline).await {
            Ok(is_cleared) => is_cleared,
            Err(error) => {
                self.note(&format!("no device clear: {error}"));
                false
            }
        }
    }

    async fn probe_where_possible(&self, link: &mut Link, why: OutOfStep) -> Option<u32> {
        let can_probe = matches!(why, OutOfStep::NoAnswer | OutOfStep::Unasked);
        let known = link.known.clone().filter(|_| can_probe)?;
        self.probe(link, &known).await
    }

    /// Asks `*IDN?` and passes over older answers; how many, or none when nothing was proved.
    async fn probe(&self, link: &mut Link, known: &Identity) -> Option<u32> {
        let owed: Vec<_> = link.owed.iter().map(|query| String::from_utf8_lossy(query)).collect();
        let owed: Vec<&str> = owed.iter().map(AsRef::as_ref).collect();
        let mut probe = Probe::new(known, &owed)?;
        link.set_content(self.config.framing.content);
        link.owed.push_back(Probe::QUERY.as_bytes().to_vec());
        self.send_probe(link).await.ok()?;
        let end = Instant::now() + self.config.probe_timeout;
        for thrown_away in 0.. {
            let mut answer = Whole::default();
            let left = end.checked_duration_since(Instant::now())?;
            link.receive(left, &self.config, &self.recorder, &mut answer).await.ok()?;
            match probe.look_at(&answer.bytes) {
                ProbeStep::InStep => return Some(thrown_away),
                ProbeStep::Older => {}
                ProbeStep::Hopeless => return None,
            }
        }
        None
    }

    async fn send_probe(&self, link: &mut Link) -> Result<(), Cause> {
        let mut writer = self.writer.lock().await;
        let mut listen = |labels| link.listen_for(labels);
        writer.send(Probe::QUERY.as_bytes(), &self.config, &self.recorder, &mut listen).await
    }

    /// Connects anew, a bounded number of times, and has the known instrument identify itself.
    pub(crate) async fn reconnect(&self, link: &mut Link) -> Result<Resynchronised, Cause> {
        let mut back_off = FIRST_BACK_OFF;
        let mut attempt = 1;
        loop {
            let cause = match self.connect_and_confirm(link).await {
                Ok(identity) => {
                    self.note("in step on a new connection");
                    return Ok(Resynchronised::ByNewConnection { identity });
                }
                Err(cause) => cause,
            };
            if attempt >= RECONNECT_ATTEMPTS || !is_worth_another_try(&cause) {
                return Err(cause);
            }
            sleep(back_off).await;
            back_off *= 2;
            attempt += 1;
        }
    }

    /// One connection. It stays unconfirmed until the known identity has answered.
    async fn connect_and_confirm(&self, link: &mut Link) -> Result<Option<Identity>, Cause> {
        self.connect(link).await?;
        let confirmed = self.confirm(link).await;
        if confirmed.is_err() {
            self.disconnect(link).await;
        }
        confirmed
    }

    /// Has the instrument on a new connection identify itself, where one is known.
    async fn confirm(&self, link: &mut Link) -> Result<Option<Identity>, Cause> {
        let Some(known) = link.known.clone() else { return Ok(None) };
        link.set_content(self.config.framing.content);
        self.send_probe(link).await?;
        let found = self.first_identity(link).await?;
        if !found.is_same_equipment(&known) {
            return Err(Cause::OtherInstrument { known: known.raw, found: found.raw });
        }
        link.session.proved();
        link.is_unconfirmed = false;
        self.learn_control_port(link).await;
        Ok(Some(found))
    }

    /// Some instruments deliver what the old connection was owed (quirk Q18): it is passed over.
    async fn first_identity(&self, link: &mut Link) -> Result<Identity, Cause> {
        let end = Instant::now() + self.config.probe_timeout;
        for _ in 0..scpi_protocol::session::MAX_PROBED_ANSWERS {
            let mut answer = Whole::default();
            let left = end.saturating_duration_since(Instant::now());
            link.receive(left, &self.config, &self.recorder, &mut answer).await?;
            if let Ok(found) = String::from_utf8_lossy(&answer.bytes).parse::<Identity>() {
                return Ok(found);
            }
        }
        Err(Cause::NotInStep("no identity among the answers of a new connection"))
    }

    pub(crate) async fn connect(&self, link: &mut Link) -> Result<(), Cause> {
        let mut writer = self.writer.lock().await;
        // Some instruments take one client only: the old connection goes before the new one comes.
        writer.close();
        link.take(None);
        writer.open(
            transport::connect(&self.address, &self.config, self.config.connect_timeout).await?,
        );
        link.take(writer.claim());
        self.note("connected");
        Ok(())
    }

    pub(crate) async fn disconnect(&self, link: &mut Link) {
        link.take(None);
        self.writer.lock().await.close();
    }

    pub(crate) fn note(&self, text: &str) {
        self.recorder.record(TapeEvent::Note(text));
    }
}

fn is_worth_another_try(cause: &Cause) -> bool {
    matches!(cause, Cause::Connect(_) | Cause::Closed { .. } | Cause::Broken(_))
}
