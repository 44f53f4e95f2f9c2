//! Timestamps as TIMESTAMPTZ.

use bench_model::Timestamp;
use bytes::{BufMut, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

/// Microseconds from 1970 to 2000, where PostgreSQL begins to count.
const EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;
/// The first moment that TIMESTAMPTZ has: 24 November 4714 BC. A clock beyond it is set to it.
const FIRST_MICROSECOND: i64 = -211_813_488_000_000_000;

/// A moment, to the microsecond, as far as TIMESTAMPTZ keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(i64);

impl From<Timestamp> for Moment {
    fn from(timestamp: Timestamp) -> Self {
        // A timestamp's own bounds keep this far from overflow.
        let microseconds = timestamp.as_microsecond() - EPOCH_MICROSECONDS;
        Self(microseconds.max(FIRST_MICROSECOND))
    }
}

impl ToSql for Moment {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.put_i64(self.0);
        Ok(IsNull::No)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Moment {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(i64::from_be_bytes(raw.try_into()?)))
    }

    accepts!(TIMESTAMPTZ);
}

impl Moment {
    /// The same; none for what lies beyond a timestamp, as the server's infinities do.
    pub(crate) fn timestamp(self) -> Option<Timestamp> {
        let microseconds = self.0.checked_add(EPOCH_MICROSECONDS)?;
        Timestamp::from_microsecond(microseconds).ok()
    }

    /// Microseconds since 1970.
    pub(crate) fn unix_microseconds(self) -> i64 {
        self.0.saturating_add(EPOCH_MICROSECONDS)
    }

    /// From microseconds since 1970.
    pub(crate) fn of_unix_microseconds(microseconds: i64) -> Self {
        Self(microseconds.saturating_sub(EPOCH_MICROSECONDS))
    }
}

/// In UTC; beyond what a calendar has, microseconds since 2000.
impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.timestamp() {
            Some(timestamp) => timestamp.fmt(f),
            None => self.0.fmt(f),
        }
    }
}
