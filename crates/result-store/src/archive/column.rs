//! Which columns a table has, and what they are in a file.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::schema::types::{PrimitiveTypeBuilder, Type, TypePtr};
use tokio_postgres::{GenericClient, Row};

use super::decimal::PRECISION;
use crate::error::Cause;

/// The columns of a table, in their order.
const QUERY: &str = "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
    WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
/// The most decimals of the finite numbers of a column.
const SCALE: &str =
    "coalesce(max(scale(nullif(nullif(nullif(\"{}\", 'NaN'), 'Infinity'), '-Infinity'))), 0)";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Boolean,
    Int32,
    Int64,
    /// Microseconds since 1970.
    Timestamp,
    /// Numbers, with so many decimals in the column for other programs.
    Numeric {
        scale: u32,
    },
    Json,
    /// Anything else, as the server writes it.
    Text,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Its type, as the server calls it.
    pub(super) type_name: String,
    pub(super) kind: Kind,
}

/// The columns of a table; how many decimals its numbers have is read from its rows.
pub(super) async fn columns_of(
    client: &impl GenericClient,
    table: &str,
) -> Result<Vec<Column>, Cause> {
    let rows = client.query(QUERY, &[&table]).await?;
    let mut columns = rows.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    for column in &mut columns {
        if let Kind::Numeric { scale } = &mut column.kind {
            let asked = SCALE.replace("{}", &column.name);
            let query = format!("SELECT {asked}::bigint FROM {table}");
            let most: i64 = client.query_one(&query, &[]).await?.try_get(0)?;
            *scale = u32::try_from(most).unwrap_or(0).min(PRECISION - 1);
        }
    }
    Ok(columns)
}

fn column(row: &Row) -> Result<Column, tokio_postgres::Error> {
    let (name, type_name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let kind = match type_name.as_str() {
        "boolean" => Kind::Boolean,
        "integer" => Kind::Int32,
        "bigint" => Kind::Int64,
        "timestamp with time zone" => Kind::Timestamp,
        "numeric" => Kind::Numeric { scale: 0 },
        "jsonb" => Kind::Json,
        _ => Kind::Text,
    };
    Ok(Column { name, type_name, kind })
}

impl Column {
    /// How it is read, so that nothing of it is lost.
    pub(super) fn selected(&self) -> String {
        let name = &self.name;
        match self.kind {
            Kind::Boolean | Kind::Int32 | Kind::Int64 | Kind::Timestamp => format!("\"{name}\""),
            Kind::Numeric { .. } | Kind::Json | Kind::Text => format!("\"{name}\"::text"),
        }
    }

    /// How it is written, from an array that is the parameter of this number.
    pub(super) fn parameter(&self, number: usize) -> String {
        let kind = match self.kind {
            Kind::Boolean | Kind::Int32 | Kind::Int64 | Kind::Timestamp => self.type_name.as_str(),
            Kind::Numeric { .. } | Kind::Json | Kind::Text => "text",
        };
        format!("${number}::{kind}[]")
    }

    /// Its value in a row of those arrays.
    pub(super) fn cast(&self) -> String {
        format!("one.\"{}\"::{}", self.name, self.type_name)
    }

    /// Where all of it is in a file.
    pub(super) fn stored_name(&self) -> String {
        match self.kind {
            Kind::Numeric { .. } => format!("{}_text", self.name),
            _ => self.name.clone(),
        }
    }

    /// What it is in a file: two columns for a number, the one with all of it last.
    fn fields(&self) -> Result<Vec<TypePtr>, ParquetError> {
        let name = self.name.as_str();
        let one = match self.kind {
            Kind::Boolean => field(name, Physical::BOOLEAN, None),
            Kind::Int32 => field(name, Physical::INT32, None),
            Kind::Int64 => field(name, Physical::INT64, None),
            Kind::Timestamp => {
                let logical = LogicalType::timestamp(true, TimeUnit::MICROS);
                field(name, Physical::INT64, Some(logical))
            }
            Kind::Json => field(name, Physical::BYTE_ARRAY, Some(LogicalType::Json)),
            Kind::Text => field(name, Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Numeric { scale } => return numeric_fields(name, scale),
        };
        Ok(vec![Arc::new(one.build()?)])
    }
}

fn field(name: &str, physical: Physical, logical: Option<LogicalType>) -> PrimitiveTypeBuilder<'_> {
    let builder = Type::primitive_type_builder(name, physical);
    builder.with_repetition(Repetition::OPTIONAL).with_logical_type(logical)
}

fn numeric_fields(name: &str, scale: u32) -> Result<Vec<TypePtr>, ParquetError> {
    let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let (scale, precision) = (whole(scale), whole(PRECISION));
    let logical = LogicalType::decimal(scale, precision);
    let decimal = field(name, Physical::BYTE_ARRAY, Some(logical));
    let decimal = decimal.with_scale(scale).with_precision(precision).build()?;
    let text_name = format!("{name}_text");
    let text = field(&text_name, Physical::BYTE_ARRAY, Some(LogicalType::String)).build()?;
    Ok(vec![Arc::new(decimal), Arc::new(text)])
}

/// The form of a file with these columns.
pub(super) fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let mut fields = Vec::new();
    for column in columns {
        fields.extend(column.fields()?);
    }
    Ok(Arc::new(Type::group_type_builder("month").with_fields(fields).build()?))
}
