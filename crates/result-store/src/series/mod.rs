//! Time series of the lab, written in batches and read back by time.

mod ai_ml;
mod audit;
mod network;
mod scpi;
mod virtualization;

use std::pin::pin;

use bench_model::Timestamp;
use postgres_types::{ToSql, Type};
use tokio_postgres::Row;
use tokio_postgres::binary_copy::BinaryCopyInWriter;

use crate::connection::Connection;
use crate::error::{Cause, Doing, StoreError};
use crate::moment::Moment;
use crate::numeric::{Numeric, number};
use crate::store::Store;
use crate::text::Jsonb;

pub use ai_ml::Inference;
pub use audit::{EventType, Severity, SystemEvent};
pub use network::HealthSample;
pub use scpi::Measurement;
pub use virtualization::VmMetrics;

/// The most rows that are read at once.
pub const MAX_SERIES_ROWS: u32 = 100_000;

/// A row of a time series; the columns of its table but for the number that the server gives it.
pub trait SeriesRow: sealed::Row {}

/// Every row that is one.
impl<T: sealed::Row> SeriesRow for T {}

mod sealed {
    use super::{Row as ServerRow, Timestamp, ToSql, Type};
    use crate::error::Cause;

    /// The cells of a row that was read, one after another.
    pub struct Cells<'a> {
        pub(super) row: &'a ServerRow,
        pub(super) next: usize,
    }

    /// What a table wants of its rows.
    pub trait Row: Sized {
        /// The table.
        const TABLE: &'static str;
        /// The number that the server gives each row.
        const ID: &'static str;
        /// Its columns and their types, the timestamp first.
        const COLUMNS: &'static [(&'static str, Type)];
        /// When it was.
        fn at(&self) -> Timestamp;
        /// The cells after the timestamp.
        fn cells(&self) -> Result<Vec<Box<dyn ToSql + Sync + Send>>, Cause>;
        /// The row from its cells.
        fn read(at: Timestamp, cells: &mut Cells<'_>) -> Result<Self, Cause>;
    }
}
use sealed::{Cells, Row as Sealed};

/// What goes into a column.
type Cell = Box<dyn ToSql + Sync + Send>;

impl Cells<'_> {
    fn take<'a, T: postgres_types::FromSql<'a>>(&'a mut self) -> Result<T, Cause> {
        let at = self.next;
        self.next += 1;
        Ok(self.row.try_get(at)?)
    }

    /// A number, every digit kept.
    fn number(&mut self) -> Result<Option<bench_model::Value>, Cause> {
        let text: Option<&str> = self.take()?;
        let read = text.map(number).transpose();
        read.map_err(|text| Cause::Unfit(format!("the server wrote a number as '{text}'")))
    }
}

impl Store {
    /// Writes rows in one transaction, by COPY; the months that they lie in are made first. How many.
    ///
    /// # Errors
    ///
    /// When a value is outside its list, what a row refers to is missing, or this role may not. Nothing is written
    /// then.
    pub async fn write_series<T: SeriesRow>(&mut self, rows: &[T]) -> Result<u64, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        self.make_months(rows.iter().map(Sealed::at)).await?;
        let place = self.place().to_owned();
        copy(self.connection_mut(), rows).await.doing(&place, "write a time series")
    }

    /// Rows from one moment on, and before another; the earliest first, and at most [`MAX_SERIES_ROWS`].
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn read_series<T: SeriesRow>(
        &mut self,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<T>, StoreError> {
        let read = read(self.connection_mut(), (from, until), limit.min(MAX_SERIES_ROWS)).await;
        read.doing(self.place(), "read a time series")
    }
}

async fn copy<T: Sealed>(connection: &mut Connection, rows: &[T]) -> Result<u64, Cause> {
    let columns: Vec<_> = T::COLUMNS.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let types: Vec<_> = T::COLUMNS.iter().map(|(_, kind)| kind.clone()).collect();
    let statement = format!("COPY {} ({}) FROM STDIN BINARY", T::TABLE, columns.join(", "));
    let transaction = connection.transaction().await?;
    let sink = transaction.copy_in(&statement).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
    for row in rows {
        let (at, cells) = (Moment::from(row.at()), row.cells()?);
        let mut line: Vec<&(dyn ToSql + Sync)> = vec![&at];
        line.extend(cells.iter().map(|cell| cell.as_ref() as &(dyn ToSql + Sync)));
        writer.as_mut().write(&line).await?;
    }
    let written = writer.finish().await?;
    transaction.commit().await?;
    Ok(written)
}

async fn read<T: Sealed>(
    connection: &mut Connection,
    (from, until): (Timestamp, Timestamp),
    limit: u32,
) -> Result<Vec<T>, Cause> {
    // A NUMERIC comes as the text that has all of its digits.
    let columns = T::COLUMNS.iter().map(|(name, kind)| match kind {
        &Type::NUMERIC => format!("\"{name}\"::text"),
        _ => format!("\"{name}\""),
    });
    let query = format!(
        "SELECT {} FROM {} WHERE \"timestamp\" >= $1 AND \"timestamp\" < $2 ORDER BY \"timestamp\", {} LIMIT $3",
        columns.collect::<Vec<_>>().join(", "),
        T::TABLE,
        T::ID
    );
    let (from, until) = (Moment::from(from), Moment::from(until));
    let rows = connection.query(&query, &[&from, &until, &i64::from(limit)]).await?;
    let row = |row: &Row| {
        let at: Moment = row.try_get(0)?;
        let at = at.timestamp().ok_or_else(|| Cause::Unfit("a time beyond all clocks".into()))?;
        T::read(at, &mut Cells { row, next: 1 })
    };
    rows.iter().map(row).collect()
}

/// What a number is in its column.
fn numeric(value: &Option<bench_model::Value>) -> Cell {
    Box::new(value.as_ref().map(|value| Numeric::of(value).unwrap_or(Numeric::NAN)))
}

fn json(value: &Option<serde_json::Value>) -> Result<Cell, Cause> {
    Ok(Box::new(value.as_ref().map(Jsonb::of).transpose()?))
}

fn text(value: &Option<String>) -> Cell {
    Box::new(value.as_ref().map(|value| crate::text::storable(value).into_owned()))
}
