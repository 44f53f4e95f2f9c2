//! Arithmetic that the statistics share.

pub(crate) mod quadrature;
pub(crate) mod random;
pub(crate) mod root;
pub(crate) mod twofold;

/// A count as a float: exact up to 2^53, far beyond what fits into memory.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn real(count: usize) -> f64 {
    count as f64
}

/// The whole part of a float, as an index; 0 of what is negative or not a number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float becomes an integer by saturation: negative and not-a-number become 0"
)]
pub(crate) fn whole(value: f64) -> usize {
    value as usize
}
