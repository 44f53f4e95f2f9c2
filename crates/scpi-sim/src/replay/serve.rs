//! The turns of a tape on a port.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use super::ReplayOptions;
use super::tape::Turn;

/// Clients at a time; more are closed at once.
const MAX_CLIENTS: usize = 16;

/// The longest message that is taken, in bytes.
const MAX_MESSAGE_BYTES: usize = 16 << 20;

/// Until the next attempt to take a connection, where the system has no handle for one.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

const READ_BYTES: usize = 4 << 10;

/// A dialogue, and where it is.
pub(super) struct Spoken {
    turns: Vec<Turn>,
    options: ReplayOptions,
    /// The turn that comes next.
    next: Mutex<usize>,
}

impl Spoken {
    pub(super) fn new(turns: Vec<Turn>, options: ReplayOptions) -> Self {
        Self { turns, options, next: Mutex::new(0) }
    }

    /// The turn of a message: the next one if the order counts, otherwise the next one that says so, from the beginning
    /// again where there is none. What was never said is `None`.
    fn turn(&self, message: &[u8]) -> Option<&Turn> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let places = (*next..self.turns.len()).chain(0..*next);
        let is_it = |turn: &Turn| {
            if self.options.exact { turn.sent == message } else { same(&turn.sent, message) }
        };
        let mut tried = if self.options.exact { 1 } else { self.turns.len() };
        let found = places.into_iter().find_map(|place| {
            tried = tried.checked_sub(1)?;
            let turn = self.turns.get(place)?;
            is_it(turn).then_some((place, turn))
        });
        let (place, turn) = found?;
        *next = if place + 1 < self.turns.len() { place + 1 } else { 0 };
        Some(turn)
    }
}

/// Whether two messages differ in nothing but case and space around them.
fn same(one: &[u8], two: &[u8]) -> bool {
    one.trim_ascii().eq_ignore_ascii_case(two.trim_ascii())
}

pub(super) async fn serve(listener: TcpListener, spoken: Arc<Spoken>) {
    let mut clients = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                while clients.try_join_next().is_some() {}
                if clients.len() < MAX_CLIENTS && stream.set_nodelay(true).is_ok() {
                    clients.spawn(client(stream, Arc::clone(&spoken)));
                }
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Talks to one client until it goes, or says what was not said.
async fn client(mut stream: TcpStream, spoken: Arc<Spoken>) {
    let mut waiting = Vec::new();
    loop {
        while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
            let message: Vec<u8> = waiting.drain(..=end).collect();
            let came = Instant::now();
            let said = match spoken.turn(&message) {
                Some(turn) => say(&mut stream, turn, came, spoken.options).await,
                None if spoken.options.exact => return,
                None => Ok(()),
            };
            if said.is_err() {
                return;
            }
        }
        if waiting.len() > MAX_MESSAGE_BYTES || stream.readable().await.is_err() {
            return;
        }
        waiting.reserve(READ_BYTES);
        match stream.try_read_buf(&mut waiting) {
            Ok(0) => return,
            Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return,
            _ => {}
        }
    }
}

async fn say(
    stream: &mut TcpStream,
    turn: &Turn,
    came: Instant,
    options: ReplayOptions,
) -> std::io::Result<()> {
    for (after, bytes) in &turn.came {
        if options.original_timing {
            sleep_until(came + *after).await;
        }
        stream.write_all(bytes).await?;
    }
    Ok(())
}
