//! The dialects that are built in, read once in a process.

use std::sync::{Arc, OnceLock};

use bench_catalog::Dialects;

use crate::failure::{Failure, Result};

/// The dialects that are built in.
pub(crate) fn dialects() -> Result<Arc<Dialects>> {
    static READ: OnceLock<Arc<Dialects>> = OnceLock::new();
    if let Some(read) = READ.get() {
        return Ok(Arc::clone(read));
    }
    let read = Arc::new(Dialects::built_in().map_err(Failure::internal)?);
    Ok(Arc::clone(READ.get_or_init(|| read)))
}
