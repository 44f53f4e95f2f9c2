//! Waits that end.

use std::time::{Duration, Instant};

/// How long to sleep between two looks.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Looks until there is an answer, or `limit` is over.
pub(crate) fn poll<T, E>(
    limit: Duration,
    mut look: impl FnMut() -> Result<Option<T>, E>,
) -> Result<Option<T>, E> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = look()? {
            return Ok(Some(answer));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}
