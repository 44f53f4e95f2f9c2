//! What is wrong with a bench file, where, and what would be right.

use std::fmt;
use std::ops::Range;

/// One fault of a bench file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFault {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub right: String,
}

/// All faults of a bench file, in the order of their places.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SpecFaults {
    /// The file's name, as it was given.
    pub file: String,
    /// At least one.
    pub faults: Vec<SpecFault>,
}

/// One a line: `file:line:column: what; right`.
impl fmt::Display for SpecFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, SpecFault { line, column, what, right }) in self.faults.iter().enumerate() {
            let end = if index == 0 { "" } else { "\n" };
            write!(f, "{end}{}:{line}:{column}: {what}; {right}", self.file)?;
        }
        Ok(())
    }
}

/// Gathers faults.
pub(super) struct Faults<'t> {
    text: &'t str,
    found: Vec<SpecFault>,
}

impl<'t> Faults<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Notes one at a place of the text.
    pub(super) fn add(
        &mut self,
        place: &Range<usize>,
        what: impl Into<String>,
        right: impl Into<String>,
    ) {
        let (line, column) = self.line_and_column(place);
        self.found.push(SpecFault { line, column, what: what.into(), right: right.into() });
    }

    /// Line and column of a place of the text, from 1.
    pub(super) fn line_and_column(&self, place: &Range<usize>) -> (usize, usize) {
        let before = self.text.get(..place.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn into_error(mut self, file: &str) -> SpecFaults {
        self.found.sort_by_key(|fault| (fault.line, fault.column));
        SpecFaults { file: file.to_owned(), faults: self.found }
    }
}
