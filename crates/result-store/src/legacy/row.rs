//! A row of the old database as ours takes it.

use std::collections::HashMap;

use bench_model::Timestamp;
use rusqlite::types::Value;
use serde_json::{Map, Value as Json, json};
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::moment::moment;
use super::old::OldRow;
use super::target::{Field, Kind, Target};
use crate::error::Cause;
use crate::numeric::number;

const KNOWN: &str = "SELECT device.metadata ->> 'legacy_id', device_id, equipment_id IS NOT NULL
    FROM infrastructure.devices AS device LEFT JOIN scpi.equipment ON equipment_id = device_id
    WHERE device.metadata ? 'legacy_id'";

/// What came from the old database, by the number that it had there: its id, and whether it is an instrument.
pub(super) struct Devices(HashMap<String, (Uuid, bool)>);

impl Devices {
    pub(super) async fn read(transaction: &Transaction<'_>) -> Result<Self, Cause> {
        let rows = transaction.query(KNOWN, &[]).await?;
        let device =
            |row: &tokio_postgres::Row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)));
        Ok(Self(rows.iter().map(device).collect::<Result<_, tokio_postgres::Error>>()?))
    }
}

/// A row that is ready to be written.
pub(super) struct Row {
    /// The number that it had.
    pub(super) id: String,
    /// When it was, for history.
    pub(super) at: Option<Timestamp>,
    /// Its members, as the statements name them.
    pub(super) members: Json,
}

/// Reads a row, or says why it cannot be.
pub(super) fn read(target: &Target, row: &OldRow, devices: &Devices) -> Result<Row, String> {
    let id = row.id();
    let mut members = Map::new();
    for field in target.fields {
        match row.get(field.column) {
            Some(cell) => {
                members.insert(field.column.to_owned(), value(field, cell, devices)?);
            }
            None if field.is_needed => return Err(format!("it has no {}", field.column)),
            None => {}
        }
    }
    members.insert("legacy_id".to_owned(), json!(id));
    members.insert("metadata".to_owned(), metadata(target, row, &id));
    let at = row.get("timestamp").filter(|_| target.is_history());
    let at = at.map(moment).transpose()?;
    Ok(Row { id, at, members: members.into() })
}

fn value(field: &Field, cell: &Value, devices: &Devices) -> Result<Json, String> {
    let text = plain(cell).ok_or_else(|| format!("{} is no text", field.column))?;
    let fault = |what: &str| format!("{} '{text}' is no {what}", field.column);
    match field.kind {
        Kind::Text => {}
        Kind::Number => {
            number(&text).map_err(|_| fault("number"))?;
        }
        Kind::Whole => {
            text.parse::<i32>().map_err(|_| fault("whole number"))?;
        }
        Kind::Time => return Ok(json!(moment(cell)?.to_string())),
        Kind::Device | Kind::Instrument => {
            return device(&text, field.kind == Kind::Instrument, devices);
        }
    }
    Ok(json!(text))
}

fn device(id: &str, must_be_instrument: bool, devices: &Devices) -> Result<Json, String> {
    match devices.0.get(id) {
        None => Err(format!("its equipment {id} was not imported")),
        Some((_, false)) if must_be_instrument => {
            Err(format!("its equipment {id} has no scpi_address, so it is no instrument"))
        }
        Some((id, _)) => Ok(json!(id)),
    }
}

/// A value as text; a float is the shortest that gives it.
fn plain(cell: &Value) -> Option<String> {
    match cell {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(number.to_string()),
        Value::Null | Value::Blob(_) => None,
    }
}

/// Its own, the number that it had, and the columns that have no other place.
fn metadata(target: &Target, row: &OldRow, id: &str) -> Json {
    let own = row.get("metadata").and_then(plain).unwrap_or_default();
    let mut all = match serde_json::from_str(&own) {
        Ok(Json::Object(members)) => members,
        Ok(_) | Err(_) if own.is_empty() => Map::new(),
        Ok(other) => Map::from_iter([("legacy_metadata".to_owned(), other)]),
        Err(_) => Map::from_iter([("legacy_metadata".to_owned(), json!(own))]),
    };
    let known = |name: &str| ["id", "metadata"].contains(&name) || target.field(name).is_some();
    let rest = row.cells.iter().filter(|(name, cell)| !known(name) && **cell != Value::Null);
    let rest: Map<String, Json> = rest.map(|(name, cell)| (name.clone(), kept(cell))).collect();
    if !rest.is_empty() {
        all.insert("legacy".to_owned(), rest.into());
    }
    all.insert("legacy_id".to_owned(), json!(id));
    all.into()
}

/// A value of a column that we do not know; bytes as hexadecimal digits.
fn kept(cell: &Value) -> Json {
    match cell {
        Value::Null => Json::Null,
        Value::Integer(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Blob(bytes) => {
            json!(bytes.iter().map(|one| format!("{one:02x}")).collect::<String>())
        }
    }
}
