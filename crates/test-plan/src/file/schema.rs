//! The shape of a plan as JSON Schema, for editors.

use std::collections::BTreeMap;

use bench_catalog::{Setting, SettingKind};
use serde_json::{Map, Value, json};

use super::keys::{Key, Kind, Table};
use super::vocabulary::{PLAN, STEP_FILE};

/// A name as [`is_name`](super::is_name) takes it.
const NAME_PATTERN: &str = "^[A-Za-z][A-Za-z0-9_]*$";

/// The name of a bench.
const BENCH_PATTERN: &str = "^[A-Za-z][A-Za-z0-9_-]*$";

/// The JSON Schema (draft 2020-12) of a plan file: every table, every key, with its help. That of a file of steps is
/// `#/$defs/step_file` in it.
#[must_use]
pub fn json_schema() -> Value {
    let mut tables = BTreeMap::new();
    collect(&PLAN, &mut tables);
    collect(&STEP_FILE, &mut tables);
    let definitions: Map<_, _> =
        tables.values().map(|table| (table.name.to_owned(), of_table(table))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "scpi-run test plan",
        "$ref": reference(&PLAN),
        "$defs": definitions,
    })
}

fn reference(table: &Table) -> String {
    format!("#/$defs/{}", table.name)
}

/// All tables that can stand in one.
fn collect(table: &'static Table, found: &mut BTreeMap<&'static str, &'static Table>) {
    if found.insert(table.name, table).is_none() {
        table.keys.iter().for_each(|key| collect_kind(&key.kind, found));
    }
}

fn collect_kind(kind: &'static Kind, found: &mut BTreeMap<&'static str, &'static Table>) {
    match kind {
        Kind::Table(table) | Kind::Named(table) => collect(table, found),
        Kind::ByKey { with, without, .. } => {
            collect(with, found);
            collect(without, found);
        }
        Kind::List(kind) => collect_kind(kind, found),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| collect_kind(kind, found)),
        _ => {}
    }
}

fn of_table(table: &Table) -> Value {
    let mut properties: Map<_, _> = table.keys.iter().map(of_key).collect();
    if table.settings {
        properties.extend(Setting::ALL.iter().map(of_setting));
    }
    let required = table.keys.iter().filter(|key| key.required).map(|key| key.name);
    json!({
        "type": "object",
        "description": table.doc,
        "properties": properties,
        "required": required.collect::<Vec<_>>(),
        "additionalProperties": false,
    })
}

fn of_key(key: &Key) -> (String, Value) {
    (key.name.to_owned(), described(of_kind(&key.kind), key.doc))
}

fn described(mut schema: Value, doc: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(doc));
    }
    schema
}

fn of_kind(kind: &Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Name => json!({ "type": "string", "pattern": NAME_PATTERN }),
        Kind::BenchName => json!({ "type": "string", "pattern": BENCH_PATTERN }),
        Kind::Quantity => json!({ "type": "string", "examples": ["500 mA", "$parameter"] }),
        Kind::Limit => json!({ "type": "string", "examples": ["5 V ± 1 %", "4.75 V .. 5.25 V"] }),
        Kind::Expression => json!({ "type": "string" }),
        Kind::Words(words) => json!({ "enum": words() }),
        Kind::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Setting => json!({ "type": ["string", "boolean"] }),
        Kind::List(kind) => json!({ "type": "array", "items": of_kind(kind) }),
        Kind::Table(table) => json!({ "$ref": reference(table) }),
        Kind::ByKey { with, without, .. } => {
            json!({ "anyOf": [{ "$ref": reference(without) }, { "$ref": reference(with) }] })
        }
        Kind::Named(table) => json!({
            "type": "object",
            "propertyNames": { "pattern": NAME_PATTERN },
            "additionalProperties": { "$ref": reference(table) },
        }),
        Kind::Either(kinds) => json!({ "anyOf": kinds.iter().map(of_kind).collect::<Vec<_>>() }),
    }
}

fn of_setting(setting: &Setting) -> (String, Value) {
    let schema = match setting.kind() {
        SettingKind::Quantity(unit) => {
            described(json!({ "type": "string" }), &format!("A quantity in {unit}."))
        }
        SettingKind::Words(words) => json!({ "enum": words }),
        _ => json!({ "enum": ["on", "off", true, false] }),
    };
    (setting.word().to_owned(), schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties<'s>(schema: &'s Value, table: &str) -> &'s Map<String, Value> {
        schema["$defs"][table]["properties"].as_object().unwrap()
    }

    #[test]
    fn every_key_that_the_reader_takes_is_in_it() {
        let schema = json_schema();
        let mut tables = BTreeMap::new();
        collect(&PLAN, &mut tables);
        assert!(tables.len() > 15);
        for table in tables.values() {
            for key in table.keys {
                assert!(properties(&schema, table.name).contains_key(key.name), "{}", key.name);
            }
        }
        for setting in Setting::ALL {
            assert!(properties(&schema, "apply").contains_key(setting.word()));
        }
    }

    #[test]
    fn every_reference_has_its_definition() {
        let text = json_schema().to_string();
        for piece in text.split("\"$ref\":\"#/$defs/").skip(1) {
            let name = piece.split('"').next().unwrap();
            assert!(
                text.contains(&format!("\"{name}\":{{\"additionalProperties\":false")),
                "{name}"
            );
        }
    }
}
