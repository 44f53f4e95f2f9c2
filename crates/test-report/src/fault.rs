//! An output that went away.

use std::io;
use std::sync::{Arc, OnceLock};

/// The first error of an output, to be asked for after the run: a closed pipe must not stop a run.
#[derive(Clone, Debug, Default)]
pub struct OutputFault(Arc<OnceLock<io::Error>>);

impl OutputFault {
    /// What went wrong; nothing while all was written.
    #[must_use]
    pub fn get(&self) -> Option<&io::Error> {
        self.0.get()
    }

    /// Does some writing, unless that failed before.
    pub(crate) fn attempt(&self, write: impl FnOnce() -> io::Result<()>) {
        if self.get().is_none()
            && let Err(error) = write()
        {
            self.0.get_or_init(|| error);
        }
    }
}
