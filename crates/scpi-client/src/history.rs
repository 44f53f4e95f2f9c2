//! The last exchanges, kept without allocating anew.

use std::collections::VecDeque;
use std::time::Duration;

use scpi_protocol::Escaped;

use crate::config::REMEMBERED_EXCHANGES;

/// Bytes of a command or an answer that are kept.
const KEPT_BYTES: usize = 64;

/// The first bytes of something, and how many there were.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    bytes: Vec<u8>,
    total: u64,
}

impl Head {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.total = 0;
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let free = KEPT_BYTES.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..bytes.len().min(free)).unwrap_or_default());
        self.total += bytes.len() as u64;
    }

    /// More bytes came, which are not looked at.
    pub(crate) fn count(&mut self, bytes: usize) {
        self.total += bytes as u64;
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Takes the same, in the memory that is there.
    fn copy(&mut self, other: &Self) {
        self.bytes.clone_from(&other.bytes);
        self.total = other.total;
    }

    /// Whether it is this text and a terminator.
    pub(crate) fn is_line(&self, text: &[u8]) -> bool {
        let end = self.bytes.get(text.len()..).unwrap_or_default();
        self.bytes.starts_with(text) && !text.is_empty() && end.iter().all(u8::is_ascii_whitespace)
    }

    pub(crate) fn escaped(&self) -> String {
        let cut = if self.total > self.bytes.len() as u64 { "..." } else { "" };
        format!("{}{cut}", Escaped { bytes: &self.bytes, shown: KEPT_BYTES })
    }
}

#[derive(Clone, Debug, Default)]
struct Exchange {
    command: Head,
    answer: Option<Head>,
    took: Duration,
}

/// The last exchanges, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    exchanges: VecDeque<Exchange>,
}

impl History {
    pub(crate) fn push(&mut self, command: &[u8], answer: Option<&Head>, took: Duration) {
        let mut exchange = Exchange::default();
        if self.exchanges.len() >= REMEMBERED_EXCHANGES {
            exchange = self.exchanges.pop_front().unwrap_or_default();
        }
        exchange.command.clear();
        exchange.command.add(command);
        exchange.took = took;
        match (&mut exchange.answer, answer) {
            (Some(kept), Some(answer)) => kept.copy(answer),
            (kept, answer) => *kept = answer.cloned(),
        }
        self.exchanges.push_back(exchange);
    }

    /// Whether anything has been answered.
    pub(crate) fn has_answers(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.answer.is_some())
    }

    /// One line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |exchange: &Exchange| {
            let answer = exchange.answer.as_ref().map(Head::escaped);
            let answer = answer.map_or_else(|| "sent".to_owned(), |text| format!("-> {text}"));
            format!("{} {answer} ({:?})", exchange.command.escaped(), exchange.took)
        };
        self.exchanges.iter().map(line).collect()
    }
}
