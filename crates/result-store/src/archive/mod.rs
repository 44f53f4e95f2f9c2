//! Months of the time series that are taken out into Parquet files, and put back.
//!
//! A file holds one month of one table, every column under its name. A NUMERIC of any length has no type of Parquet's:
//! its text, every digit and zero as the database had it, is in the column of its name with `_text` behind, which is
//! what is put back; the column of its name is a DECIMAL of 38 digits for other programs, and empty where the number
//! has no place there (not a number, infinite, too long).

mod cells;
mod column;
mod decimal;
mod entry;
mod file;
mod restore;
mod rows;
mod take;

pub use entry::{Archive, ArchiveStatus};
pub use take::Archived;

/// Rows that are held at once, and in one row group of a file.
const BATCH_ROWS: usize = 10_000;
