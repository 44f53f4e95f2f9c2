//! The old database, which is only read and not trusted.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OpenFlags};

use super::BATCH_ROWS;
use crate::error::Cause;

/// Tables, without those of SQLite itself.
const TABLES: &str =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    ORDER BY name";

pub(super) struct OldDatabase {
    connection: Connection,
    file: std::path::PathBuf,
}

pub(super) struct OldTable {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: u64,
}

/// A row: its number, and its cells by the names of their columns in small letters.
pub(super) struct OldRow {
    number: i64,
    pub(super) cells: BTreeMap<String, Value>,
}

pub(super) struct Batch {
    pub(super) rows: Vec<OldRow>,
    /// The number of the last one.
    pub(super) last: i64,
}

impl OldRow {
    pub(super) fn get(&self, column: &str) -> Option<&Value> {
        self.cells.get(column).filter(|value| **value != Value::Null)
    }

    /// Its own `id`, where it has one, else its number.
    pub(super) fn id(&self) -> String {
        match self.get("id") {
            Some(Value::Integer(id)) => id.to_string(),
            Some(Value::Text(id)) => id.clone(),
            _ => self.number.to_string(),
        }
    }
}

impl OldDatabase {
    pub(super) fn open(file: &Path) -> Result<Self, Cause> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(file, flags).and_then(|connection| {
            // No function of a schema that somebody else wrote is run.
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(connection)
        });
        let connection = opened.map_err(|error| fault(file, &error))?;
        Ok(Self { connection, file: file.to_owned() })
    }

    /// Its tables, by their names.
    pub(super) fn tables(&self) -> Result<Vec<OldTable>, Cause> {
        let mut statement =
            self.connection.prepare(TABLES).map_err(|error| fault(&self.file, &error))?;
        let names = statement.query_map([], |row| row.get::<_, String>(0));
        let names: Result<Vec<String>, _> = names.and_then(Iterator::collect);
        let names = names.map_err(|error| fault(&self.file, &error))?;
        names.into_iter().map(|name| self.table(name)).collect()
    }

    fn table(&self, name: String) -> Result<OldTable, Cause> {
        let read = || {
            let query = format!("SELECT * FROM {} LIMIT 0", quoted(&name));
            let statement = self.connection.prepare(&query)?;
            let columns = statement.column_names();
            let columns = columns.map(str::to_lowercase).collect();
            let query = format!("SELECT count(*) FROM {}", quoted(&name));
            let rows: i64 = self.connection.query_row(&query, [], |row| row.get(0))?;
            Ok((columns, u64::try_from(rows).unwrap_or_default()))
        };
        let (columns, rows) = read().map_err(|error| fault(&self.file, &error))?;
        Ok(OldTable { name, columns, rows })
    }

    /// The rows after one, by their numbers; none at the end.
    pub(super) fn batch(&self, table: &OldTable, after: i64) -> Result<Option<Batch>, Cause> {
        let read = || {
            let query = format!(
                "SELECT rowid, * FROM {} WHERE rowid > ?1 ORDER BY rowid LIMIT {BATCH_ROWS}",
                quoted(&table.name)
            );
            let mut statement = self.connection.prepare(&query)?;
            let rows = statement.query_map([after], |row| one(&table.columns, row))?;
            rows.collect::<Result<Vec<OldRow>, _>>()
        };
        let rows = read().map_err(|error| fault(&self.file, &error))?;
        let last = rows.last().map(|row| row.number);
        Ok(last.map(|last| Batch { rows, last }))
    }
}

fn one(columns: &[String], row: &rusqlite::Row<'_>) -> rusqlite::Result<OldRow> {
    let mut cells = BTreeMap::new();
    for (at, name) in columns.iter().enumerate() {
        let value = match row.get_ref(at + 1)? {
            // Text of SQLite need not be UTF-8.
            ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        };
        cells.insert(name.clone(), value);
    }
    Ok(OldRow { number: row.get(0)?, cells })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn fault(file: &Path, error: &rusqlite::Error) -> Cause {
    Cause::File { file: file.to_owned(), why: error.to_string() }
}
