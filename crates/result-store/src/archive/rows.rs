//! Rows of a month: what they sum up to, and how they go in.

use tokio_postgres::GenericClient;

use super::cells::{Cells, Parameter};
use super::column::Column;
use crate::error::Cause;
use crate::recorder::from_sql;

/// The same rows have the same texts, whoever asks; for a transaction.
pub(super) const SETTINGS: &str = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = ISO;
    SET LOCAL IntervalStyle = iso_8601; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = hex;
    SET LOCAL lock_timeout = '5s'; SET LOCAL search_path = pg_catalog, pg_temp";

/// How many rows, and the sum of the hashes of their texts, in which their order does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) rows: u64,
    pub(super) hash: String,
}

/// What these columns of a table sum up to.
pub(super) async fn sum(
    client: &impl GenericClient,
    table: &str,
    columns: &[Column],
) -> Result<Sum, Cause> {
    let names = names(columns);
    let query = format!(
        "SELECT count(*), coalesce(sum(hashtextextended(ROW({names})::text, 0)), 0)::text FROM {table}"
    );
    let row = client.query_one(&query, &[]).await?;
    Ok(Sum { rows: from_sql(row.try_get(0)?), hash: row.try_get(1)? })
}

/// Whether one is the other two together.
pub(super) async fn is_sum_of(
    client: &impl GenericClient,
    whole: &Sum,
    parts: [&Sum; 2],
) -> Result<bool, Cause> {
    let [one, two] = parts;
    let query = "SELECT $1::text::numeric = $2::text::numeric + $3::text::numeric";
    let row = client.query_one(query, &[&whole.hash, &one.hash, &two.hash]).await?;
    Ok(whole.rows == one.rows + two.rows && row.try_get(0)?)
}

/// Writes rows.
pub(super) async fn insert(
    client: &impl GenericClient,
    table: &str,
    columns: &[Column],
    batch: Vec<Cells>,
) -> Result<u64, Cause> {
    let arrays = columns.iter().enumerate().map(|(at, column)| column.parameter(at + 1));
    let statement = format!(
        "INSERT INTO {table} ({names}) SELECT {} FROM unnest({}) AS one ({names})",
        joined(columns.iter().map(Column::cast)),
        joined(arrays),
        names = names(columns),
    );
    let parameters: Vec<Parameter> = batch.into_iter().map(Cells::parameter).collect();
    let parameters: Vec<&(dyn postgres_types::ToSql + Sync)> =
        parameters.iter().map(|one| one.as_ref() as &(dyn postgres_types::ToSql + Sync)).collect();
    Ok(client.execute(&statement, &parameters).await?)
}

fn names(columns: &[Column]) -> String {
    joined(columns.iter().map(|column| format!("\"{}\"", column.name)))
}

pub(super) fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
