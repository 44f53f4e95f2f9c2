//! The values of one column in one batch of rows: from the server, into a file, out of it, and back.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;
use postgres_types::{FromSql, ToSql};
use tokio_postgres::Row;

use super::column::Kind;
use super::decimal;
use crate::moment::Moment;

/// What goes to the server as one parameter.
pub(super) type Parameter = Box<dyn ToSql + Sync + Send>;

/// The values, one for each row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cells {
    Boolean(Vec<Option<bool>>),
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Timestamp(Vec<Option<Moment>>),
    Text(Vec<Option<String>>),
}

impl Cells {
    /// One column of rows that were read.
    pub(super) fn of_rows(
        kind: Kind,
        rows: &[Row],
        at: usize,
    ) -> Result<Self, tokio_postgres::Error> {
        Ok(match kind {
            Kind::Boolean => Self::Boolean(values(rows, at)?),
            Kind::Int32 => Self::Int32(values(rows, at)?),
            Kind::Int64 => Self::Int64(values(rows, at)?),
            Kind::Timestamp => Self::Timestamp(values(rows, at)?),
            Kind::Numeric { .. } | Kind::Json | Kind::Text => Self::Text(values(rows, at)?),
        })
    }

    /// As an array for the server.
    pub(super) fn parameter(self) -> Parameter {
        match self {
            Self::Boolean(values) => Box::new(values),
            Self::Int32(values) => Box::new(values),
            Self::Int64(values) => Box::new(values),
            Self::Timestamp(values) => Box::new(values),
            Self::Text(values) => Box::new(values),
        }
    }

    /// Into a column of a file.
    pub(super) fn write(
        &self,
        column: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        match self {
            Self::Boolean(values) => write(column.typed::<BoolType>(), values.iter().copied()),
            Self::Int32(values) => write(column.typed::<Int32Type>(), values.iter().copied()),
            Self::Int64(values) => write(column.typed::<Int64Type>(), values.iter().copied()),
            Self::Timestamp(values) => {
                let values = values.iter().map(|value| value.map(Moment::unix_microseconds));
                write(column.typed::<Int64Type>(), values)
            }
            Self::Text(values) => {
                let values = values.iter().map(|value| value.as_deref().map(ByteArray::from));
                write(column.typed::<ByteArrayType>(), values)
            }
        }
    }

    /// Into the column for other programs, where the values are numbers.
    pub(super) fn write_decimals(
        &self,
        scale: u32,
        column: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        let Self::Text(values) = self else { return Ok(()) };
        let bytes = |text: &String| decimal::bytes(text, scale).map(ByteArray::from);
        let values = values.iter().map(|value| value.as_ref().and_then(bytes));
        write(column.typed::<ByteArrayType>(), values)
    }

    /// Out of a column of a file.
    pub(super) fn read(
        kind: Kind,
        reader: ColumnReader,
        rows: usize,
    ) -> Result<Self, ParquetError> {
        match (kind, reader) {
            (Kind::Boolean, ColumnReader::BoolColumnReader(one)) => {
                read(one, rows, Ok).map(Self::Boolean)
            }
            (Kind::Int32, ColumnReader::Int32ColumnReader(one)) => {
                read(one, rows, Ok).map(Self::Int32)
            }
            (Kind::Int64, ColumnReader::Int64ColumnReader(one)) => {
                read(one, rows, Ok).map(Self::Int64)
            }
            (Kind::Timestamp, ColumnReader::Int64ColumnReader(one)) => {
                read(one, rows, |value| Ok(Moment::of_unix_microseconds(value)))
                    .map(Self::Timestamp)
            }
            (
                Kind::Numeric { .. } | Kind::Json | Kind::Text,
                ColumnReader::ByteArrayColumnReader(one),
            ) => read(one, rows, |value| value.as_utf8().map(str::to_owned)).map(Self::Text),
            (kind, _) => Err(ParquetError::General(format!("a column is no {kind:?}"))),
        }
    }
}

fn values<'a, T: FromSql<'a>>(
    rows: &'a [Row],
    at: usize,
) -> Result<Vec<Option<T>>, tokio_postgres::Error> {
    rows.iter().map(|row| row.try_get(at)).collect()
}

fn write<T: DataType>(
    column: &mut ColumnWriterImpl<'_, T>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    column.write_batch(&values, Some(&levels), None).map(|_| ())
}

fn read<T: DataType, V>(
    mut reader: ColumnReaderImpl<T>,
    rows: usize,
    value: impl Fn(T::T) -> Result<V, ParquetError>,
) -> Result<Vec<Option<V>>, ParquetError> {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    while levels.len() < rows {
        let before = levels.len();
        reader.read_records(rows - before, Some(&mut levels), None, &mut values)?;
        if levels.len() == before {
            return Err(ParquetError::General("a column has too few values".to_owned()));
        }
    }
    let mut values = values.into_iter();
    let cell = |level: &i16| match level {
        0 => Ok(None),
        _ => values.next().map(&value).transpose(),
    };
    levels.iter().map(cell).collect()
}
