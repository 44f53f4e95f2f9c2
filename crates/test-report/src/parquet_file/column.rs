//! A column: its name, its values, and what it is in a file (Apache Parquet, `LogicalTypes.md`).

use std::sync::Arc;

use bench_model::Decimal;
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedColumnWriter;
use parquet::schema::types::{PrimitiveTypeBuilder, Type, TypePtr};

/// Digits of a DECIMAL that every reader knows.
const PRECISION: u32 = 38;

/// A column with its values, one for each row.
pub(super) struct Column {
    name: String,
    cells: Cells,
}

/// The values; none is null.
pub(super) enum Cells {
    Text(Vec<Option<String>>),
    Whole(Vec<Option<i64>>),
    /// Nanoseconds since 1970.
    Time(Vec<Option<i64>>),
    Decimal(Vec<Option<Decimal>>),
}

impl Column {
    pub(super) fn new(name: &str, cells: Cells) -> Self {
        Self { name: name.to_owned(), cells }
    }

    fn field(&self) -> Result<TypePtr, ParquetError> {
        let field = |physical, logical| {
            let builder = Type::primitive_type_builder(&self.name, physical);
            builder.with_repetition(Repetition::OPTIONAL).with_logical_type(logical)
        };
        let builder: PrimitiveTypeBuilder<'_> = match &self.cells {
            Cells::Text(_) => field(Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Cells::Whole(_) => field(Physical::INT64, None),
            Cells::Time(_) => {
                field(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::NANOS)))
            }
            Cells::Decimal(values) => {
                let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
                let (scale, precision) = (whole(scale(values)), whole(PRECISION));
                let logical = LogicalType::decimal(scale, precision);
                let decimal = field(Physical::BYTE_ARRAY, Some(logical));
                decimal.with_scale(scale).with_precision(precision)
            }
        };
        Ok(Arc::new(builder.build()?))
    }

    /// Into its column of a file.
    pub(super) fn write(
        &self,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), ParquetError> {
        match &self.cells {
            Cells::Text(values) => {
                let bytes = |text: &String| ByteArray::from(text.as_bytes().to_vec());
                let values: Vec<_> = values.iter().map(|own| own.as_ref().map(bytes)).collect();
                write::<ByteArrayType>(writer, &values)
            }
            Cells::Whole(values) | Cells::Time(values) => write::<Int64Type>(writer, values),
            Cells::Decimal(values) => {
                let scale = scale(values);
                let bytes = |value: &Decimal| value.to_unscaled_bytes(scale, PRECISION);
                let bytes = values.iter().map(|own| own.as_ref().and_then(bytes));
                let values: Vec<_> = bytes.map(|own| own.map(ByteArray::from)).collect();
                write::<ByteArrayType>(writer, &values)
            }
        }
    }
}

/// The most decimals of the values, as far as a DECIMAL goes.
fn scale(values: &[Option<Decimal>]) -> u32 {
    let scales = values.iter().flatten().map(Decimal::scale);
    scales.max().unwrap_or(0).min(PRECISION - 1)
}

/// Values, and before them for each row whether it has one.
fn write<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &[Option<T::T>],
) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<T::T> = values.iter().flatten().cloned().collect();
    writer.typed::<T>().write_batch(&present, Some(&levels), None).map(|_| ())
}

/// The form of a file with these columns.
pub(super) fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let fields = columns.iter().map(Column::field).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder("readings").with_fields(fields).build()?))
}
