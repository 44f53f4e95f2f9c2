//! Several queries on their way at once, where an instrument takes them.

use scpi_protocol::framer::Content;
use scpi_protocol::response::Response;
use tokio::time::Instant;

use crate::error::{Cause, ClientError};
use crate::instrument::{Instrument, Shared};
use crate::link::Link;
use crate::message;
use crate::sink::Whole;

/// Queries that are on their way at once at most, whatever the configuration says: their bytes and those of their
/// answers must fit into what the system keeps, or both sides wait for each other.
pub const MAX_PIPELINED: usize = 100;

impl Instrument {
    /// Asks several things; the answers in the same order. As many queries as the configuration says are sent
    /// in one piece before their answers are read. Each must be one query with one answer.
    ///
    /// # Errors
    /// As [`query`](Self::query), for the first that fails; the answers to the others are thrown away.
    pub async fn query_all<Q: AsRef<[u8]>>(
        &self,
        queries: &[Q],
    ) -> Result<Vec<Response>, ClientError> {
        let mut answers = Vec::with_capacity(queries.len());
        let depth = self.shared.depth();
        for batch in queries.chunks(depth) {
            self.shared.batch(batch, &mut answers).await?;
        }
        Ok(answers)
    }
}

impl Shared {
    /// Who wants its messages apart, or labels them, gets them one by one.
    fn depth(&self) -> usize {
        let is_stream = matches!(
            self.address,
            scpi_protocol::address::Address::Tcp { .. }
                | scpi_protocol::address::Address::Serial { .. }
        );
        let is_apart = !self.config.min_gap.is_zero() || !is_stream;
        if is_apart { 1 } else { self.config.pipelined.clamp(1, MAX_PIPELINED) }
    }

    async fn batch<Q: AsRef<[u8]>>(
        &self,
        queries: &[Q],
        answers: &mut Vec<Response>,
    ) -> Result<(), ClientError> {
        let first = queries.first().map(AsRef::as_ref).unwrap_or_default();
        let mut link = self.ready(first).await?;
        if let Some(two) = queries.iter().find(|one| !message::is_one(one.as_ref(), &self.config)) {
            return Err(self.error(two.as_ref(), Cause::TwoMessages, &link));
        }
        let start = link.begin();
        let mut current = first;
        let sent = self.send_together(&mut link, queries).await;
        let mut received = sent;
        for query in queries {
            if received.is_err() {
                break;
            }
            current = query.as_ref();
            received = self.next_answer(&mut link, current, start, answers).await;
        }
        if let Err(cause) = received {
            self.close_dead_writer(&link).await;
            return Err(self.error(current, cause, &link));
        }
        Ok(())
    }

    async fn send_together<Q: AsRef<[u8]>>(
        &self,
        link: &mut Link,
        queries: &[Q],
    ) -> Result<(), Cause> {
        let terminator = self.config.write_terminator.as_bytes();
        let parts: Vec<&[u8]> = queries.iter().map(AsRef::as_ref).collect();
        let together = parts.join(terminator);
        let mut writer = self.writer.lock().await;
        let mut on_first_byte = |labels| {
            for query in &parts {
                link.ask(query);
            }
            link.listen_for(labels);
        };
        let sent = writer.send(&together, &self.config, &self.recorder, &mut on_first_byte).await;
        if sent.is_err() {
            link.take(None);
        }
        sent
    }

    async fn next_answer(
        &self,
        link: &mut Link,
        query: &[u8],
        start: Instant,
        answers: &mut Vec<Response>,
    ) -> Result<(), Cause> {
        let is_plain = message::is_answered_in_plain_text(query);
        let content = self.config.framing.content;
        link.set_content(if is_plain { Content::PlainText } else { content });
        let mut answer = Whole::default();
        link.receive(self.config.read_timeout, &self.config, &self.recorder, &mut answer).await?;
        link.refuse_echo(query)?;
        link.remember(query, true, start.elapsed());
        answers.push(Response::new(answer.bytes));
        Ok(())
    }
}
