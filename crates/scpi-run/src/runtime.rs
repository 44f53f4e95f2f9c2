//! Asynchronous work on this thread: a run costs what the instruments cost, and needs no other threads.

use std::future::Future;

use crate::failure::{Failure, Result};

/// Runs it to its end.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::internal(format!("no runtime: {error}")))?.block_on(work)
}
