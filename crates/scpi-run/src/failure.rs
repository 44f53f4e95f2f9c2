//! What ends a command before its work is done: one text, one exit code.

use std::fmt;

use crate::exit::Exit;

/// Why a command ended, in words, and with which code.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    text: String,
}

/// What a command gives back.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, text: impl fmt::Display) -> Self {
        Self { exit, text: text.to_string() }
    }

    pub(crate) fn usage(text: impl fmt::Display) -> Self {
        Self::new(Exit::Usage, text)
    }

    pub(crate) fn internal(text: impl fmt::Display) -> Self {
        Self::new(Exit::Internal, text)
    }

    pub(crate) fn instrument(text: impl fmt::Display) -> Self {
        Self::new(Exit::Instrument, text)
    }

    pub(crate) fn store(text: impl fmt::Display) -> Self {
        Self::new(Exit::Store, text)
    }

    /// Says it on standard error.
    pub(crate) fn tell(self) -> Exit {
        say!("scpi-run: {}", self.text);
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
