//! Why a statistic has no value.

/// What was asked for lies outside the domain of the formula.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatisticsError {
    /// Too little to say anything.
    #[error("{what}: {found} given; at least {wanted} are wanted")]
    TooFew {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many it takes.
        wanted: usize,
    },
    /// More than is computed at once.
    #[error("{what}: {found} given; at most {most} are taken")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are taken.
        most: usize,
    },
    /// Infinite, or not a number.
    #[error("{what}: number {position} is not finite; finite numbers are wanted")]
    NotFinite {
        /// Of what.
        what: &'static str,
        /// Which one, counted from 1.
        position: usize,
    },
    /// A parameter that the formula does not hold for.
    #[error("{what} is {found}; {wanted} is wanted")]
    OutOfDomain {
        /// Which parameter.
        what: &'static str,
        /// Its value.
        found: f64,
        /// What would be right.
        wanted: &'static str,
    },
    /// All values are the same, and the formula divides by their spread.
    #[error("{what}: all values are equal; values that differ are wanted")]
    NoSpread {
        /// Of what.
        what: &'static str,
    },
    /// Series that belong together differ in length.
    #[error("{what}: {first} and {second} values; as many of each are wanted")]
    UnequalLengths {
        /// Which series.
        what: &'static str,
        /// How many of the first.
        first: usize,
        /// How many of the second.
        second: usize,
    },
    /// The result passes what a float can hold.
    #[error("{what} passes the bounds of a floating point number; smaller values are wanted")]
    Bounds {
        /// Which result.
        what: &'static str,
    },
    /// A limit that the formula needs is not there.
    #[error("{what}: {missing} is missing")]
    Missing {
        /// What was to be computed.
        what: &'static str,
        /// What it needs.
        missing: &'static str,
    },
    /// The guard bands meet: nothing could be accepted.
    #[error(
        "the guard bands leave no acceptance zone; a smaller uncertainty or a wider tolerance is wanted"
    )]
    NoAcceptanceZone,
}

/// The result of a statistic.
pub type Result<T> = std::result::Result<T, StatisticsError>;

/// A computed value, if it is finite.
pub(crate) fn finite(what: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(StatisticsError::Bounds { what }) }
}

/// Values of which at least `wanted` are there, all of them finite.
pub(crate) fn enough(what: &'static str, values: &[f64], wanted: usize) -> Result<()> {
    at_least(what, values.len(), wanted)?;
    all_finite(what, values)
}

/// A count that is large enough.
pub(crate) fn at_least(what: &'static str, found: usize, wanted: usize) -> Result<()> {
    if found < wanted { Err(StatisticsError::TooFew { what, found, wanted }) } else { Ok(()) }
}

/// A count that is small enough.
pub(crate) fn at_most(what: &'static str, found: usize, most: usize) -> Result<()> {
    if found > most { Err(StatisticsError::TooMany { what, found, most }) } else { Ok(()) }
}

/// As many of one as of the other.
pub(crate) fn paired(what: &'static str, first: usize, second: usize) -> Result<()> {
    let equal = first == second;
    if equal { Ok(()) } else { Err(StatisticsError::UnequalLengths { what, first, second }) }
}

pub(crate) fn all_finite(what: &'static str, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatisticsError::NotFinite { what, position: index + 1 }),
        None => Ok(()),
    }
}

/// A parameter for which `holds` is true; what is not finite holds nowhere.
pub(crate) fn domain(
    what: &'static str,
    found: f64,
    holds: bool,
    wanted: &'static str,
) -> Result<f64> {
    if holds { Ok(found) } else { Err(StatisticsError::OutOfDomain { what, found, wanted }) }
}

/// A number above zero.
pub(crate) fn positive(what: &'static str, found: f64) -> Result<f64> {
    domain(what, found, found.is_finite() && found > 0.0, "a finite number above 0")
}

/// A finite number.
pub(crate) fn number(what: &'static str, found: f64) -> Result<f64> {
    domain(what, found, found.is_finite(), "a finite number")
}

/// A number of zero or above.
pub(crate) fn not_negative(what: &'static str, found: f64) -> Result<f64> {
    domain(what, found, found.is_finite() && found >= 0.0, "a finite number of 0 or above")
}

/// A probability that is neither 0 nor 1.
pub(crate) fn probability(what: &'static str, found: f64) -> Result<f64> {
    domain(what, found, found > 0.0 && found < 1.0, "a number between 0 and 1")
}

/// Degrees of freedom: 1 or more, infinitely many too.
pub(crate) fn freedom(what: &'static str, found: f64) -> Result<f64> {
    domain(what, found, found >= 1.0, "a number of 1 or above")
}
