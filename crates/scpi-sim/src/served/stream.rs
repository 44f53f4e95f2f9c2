//! Conversations over a bare stream of bytes, be it a socket or a serial line: a line feed ends a message.

use std::future::{Future, pending};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Served;
use super::messages::{INPUT_BUFFER_OVERRUN, Messages};
use super::prompt::Prompt;
use crate::instrument::{How, Next, Sent};

/// After how long a silence a message without a line feed is one too, with quirk Q12.
const SILENCE: Duration = Duration::from_millis(20);

/// How long a connection lives with quirk Q21, and at least, whatever the pace.
const LIFE: Duration = Duration::from_secs(60);
const SHORT_LIFE: Duration = Duration::from_millis(50);

/// Where bytes come from and go to.
pub(super) trait Line: Send {
    /// Whatever has come; `None` at the end.
    fn chunk(&self) -> impl Future<Output = io::Result<Option<Vec<u8>>>> + Send;

    /// Sends all of it.
    fn put(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>> + Send;

    /// Lets the end of it be one that the other side sees as a reset.
    fn reset(&self);
}

/// One client and what there is of it.
struct Conversation {
    served: Arc<Served>,
    messages: Messages,
    /// Answers that go with the next ones.
    held: Vec<u8>,
    /// What was sent last, for whom comes next where this one did not read it (quirk Q18).
    given: Vec<u8>,
    prompt: Option<Prompt>,
    /// Whether it said what it must say first.
    is_in: bool,
}

/// Talks to one client until it goes, or is made to go.
pub(super) async fn converse<L: Line>(served: Arc<Served>, mut line: L, has_prompt: bool) {
    let prompt = (has_prompt || served.quirks.has(13)).then(Prompt::default);
    let (messages, is_in) = (Messages::default(), served.login.is_none());
    let mut conversation =
        Conversation { served, messages, held: Vec::new(), given: Vec::new(), prompt, is_in };
    match conversation.talk(&mut line).await {
        Next::GoOn | Next::Close => {}
        Next::Reset | Next::Crash(_) => line.reset(),
        Next::HalfOpen => while let Ok(Some(_)) = line.chunk().await {},
        Next::Deaf => pending().await,
    }
}

impl Conversation {
    async fn talk<L: Line>(&mut self, line: &mut L) -> Next {
        let mut clears = self.served.clears.subscribe();
        if self.greet(line).await.is_err() {
            return Next::Close;
        }
        let end = self.end_of_life();
        loop {
            let chunk = tokio::select! {
                chunk = self.chunk(line) => chunk,
                _ = clears.changed() => {
                    self.forget();
                    continue;
                }
                () = until(end) => return Next::Reset,
            };
            let chunk = match chunk {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Next::Close,
                Err(_) => {
                    self.leave_behind();
                    return Next::Close;
                }
            };
            let next = self.take(line, &chunk, &mut clears).await;
            if next != Next::GoOn {
                return next;
            }
        }
    }

    /// What comes next; a message without an end has one after a while, where the instrument is of that kind.
    async fn chunk<L: Line>(&mut self, line: &L) -> io::Result<Option<Vec<u8>>> {
        if self.served.quirks.has(12) && self.messages.is_within_one() {
            return timeout(SILENCE, line.chunk()).await.unwrap_or(Ok(Some(b"\n".to_vec())));
        }
        line.chunk().await
    }

    /// Executes the messages that are complete, and sends the answers of each in one piece.
    async fn take<L: Line>(
        &mut self,
        line: &mut L,
        chunk: &[u8],
        clears: &mut watch::Receiver<u64>,
    ) -> Next {
        let plain = self.prompt.as_mut().map(|prompt| prompt.plain(chunk));
        let mut chunk = plain.as_deref().unwrap_or(chunk);
        loop {
            let message = match self.messages.next(&mut chunk) {
                Ok(Some(message)) => message,
                Ok(None) => return Next::GoOn,
                Err(_) => {
                    // What follows would be taken for commands that nobody sent.
                    self.served.report(INPUT_BUFFER_OVERRUN).await;
                    return Next::Close;
                }
            };
            if !self.is_in {
                self.is_in = self.served.login.as_deref().map(str::as_bytes) == Some(message);
                // Nothing is executed for who did not log in.
                match self.is_in {
                    true => continue,
                    false => return Next::Close,
                }
            }
            let echo =
                (self.prompt.is_some() && self.served.quirks.has(13)).then(|| message.to_vec());
            let sent = tokio::select! {
                sent = self.served.execute(message) => sent,
                _ = clears.changed() => {
                    self.forget();
                    return Next::GoOn;
                }
            };
            let next = sent.next;
            if self.send(line, sent, echo).await.is_err() {
                return Next::Close;
            }
            if next != Next::GoOn {
                return next;
            }
        }
    }

    async fn send<L: Line>(
        &mut self,
        line: &mut L,
        sent: Sent,
        echo: Option<Vec<u8>>,
    ) -> io::Result<()> {
        let mut bytes = sent.bytes;
        if let Some(prompt) = &self.prompt {
            bytes = prompt.around(&bytes, echo.as_deref());
        }
        if sent.how == How::Later {
            self.held.extend_from_slice(&bytes);
            return Ok(());
        }
        if !self.held.is_empty() {
            self.held.extend_from_slice(&bytes);
            bytes = std::mem::take(&mut self.held);
        }
        if self.served.quirks.has(18) {
            self.given.clone_from(&bytes);
        }
        let written = match sent.how {
            How::ByteByByte(pause) => byte_by_byte(line, &bytes, pause).await,
            _ => line.put(&bytes).await,
        };
        if written.is_err() {
            self.leave_behind();
        }
        written
    }

    /// What a client sees first: a greeting, or what was meant for another.
    async fn greet<L: Line>(&mut self, line: &mut L) -> io::Result<()> {
        if self.served.quirks.has(18)
            && let Some(bytes) = self.served.replace_undelivered(None)
        {
            line.put(&bytes).await?;
        }
        match &self.prompt {
            Some(prompt) => line.put(&prompt.greeting()).await,
            None => Ok(()),
        }
    }

    /// What was not read is there for whom comes next (quirk Q18).
    fn leave_behind(&mut self) {
        if !self.given.is_empty() {
            self.served.replace_undelivered(Some(std::mem::take(&mut self.given)));
        }
    }

    /// A device clear.
    fn forget(&mut self) {
        self.messages.forget();
        self.held.clear();
    }

    /// When a connection is reset with quirk Q21.
    fn end_of_life(&self) -> Option<Instant> {
        let life = self.served.pace.cost(LIFE).max(SHORT_LIFE);
        self.served.quirks.has(21).then(|| Instant::now() + life)
    }
}

async fn until(end: Option<Instant>) {
    match end {
        Some(end) => sleep_until(end).await,
        None => pending().await,
    }
}

async fn byte_by_byte<L: Line>(line: &mut L, bytes: &[u8], pause: Duration) -> io::Result<()> {
    for byte in bytes {
        line.put(std::slice::from_ref(byte)).await?;
        if pause > Duration::ZERO {
            sleep(pause).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}
