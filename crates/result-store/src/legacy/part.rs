//! What came of an import.

use std::fmt;

use super::old::OldTable;
use super::target::Target;

/// Skipped rows of a table that are told one by one.
const MAX_TOLD: usize = 1000;

/// A row that was left where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The number that it has; none for all rows of a table.
    pub id: Option<String>,
    /// Why.
    pub why: String,
}

/// What came of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyPart {
    /// The old table.
    pub table: String,
    /// Ours.
    pub into: &'static str,
    /// Rows of the old one.
    pub rows: u64,
    /// Those that are new.
    pub made: u64,
    /// Those that were here under their name.
    pub matched: u64,
    /// Those that are before the window.
    pub before: u64,
    /// Those that cannot be.
    pub left_out: u64,
    /// Which and why, of the first thousand.
    pub skipped: Vec<Skipped>,
}

/// What came of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyImport {
    /// Table by table.
    pub parts: Vec<LegacyPart>,
    /// Tables that have no place here, and how many rows each has.
    pub unknown: Vec<(String, u64)>,
}

impl LegacyPart {
    pub(super) fn of(target: &Target, table: &OldTable) -> Self {
        Self {
            table: table.name.clone(),
            into: target.into,
            rows: table.rows,
            made: 0,
            matched: 0,
            before: 0,
            left_out: 0,
            skipped: Vec::new(),
        }
    }

    pub(super) fn skip(&mut self, id: String, why: String) {
        self.left_out += 1;
        if self.skipped.len() < MAX_TOLD {
            self.skipped.push(Skipped { id: Some(id), why });
        }
    }

    pub(super) fn skip_all(&mut self, why: String) {
        self.left_out = self.rows;
        self.skipped.push(Skipped { id: None, why });
    }

    /// Rows that an import before this one brought.
    #[must_use]
    pub fn known(&self) -> u64 {
        self.rows.saturating_sub(self.made + self.matched + self.before + self.left_out)
    }
}

/// `equipment: 7 rows; 4 new in infrastructure.devices, 0 matched by name, 0 known, 0 before, 3 skipped`.
impl fmt::Display for LegacyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, into, rows, made, matched, before, left_out, .. } = self;
        write!(
            f,
            "{table}: {rows} rows; {made} new in {into}, {matched} matched by name, {} known, {before} before, \
             {left_out} skipped",
            self.known()
        )
    }
}
