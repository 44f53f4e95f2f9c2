//! The JSON Schema and the reader know the same keys: every key of the valid plans is in the schema, and
//! every key of the schema is in a valid plan.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod common;

use std::collections::BTreeSet;

use serde_json::Value;
use test_plan::json_schema;

type Keys = BTreeSet<(String, String)>;

/// Notes every key of a value with the table that it stands in.
fn walk(value: &toml::Value, schema: &Value, root: &Value, keys: &mut Keys) {
    if let Some(kinds) = schema["anyOf"].as_array() {
        let fits = |kind: &&Value| match value.as_table() {
            Some(table) => {
                let known = resolved(kind, root).1["properties"].as_object();
                known.is_some_and(|known| table.keys().all(|key| known.contains_key(key)))
            }
            None => kind.get("$ref").is_none(),
        };
        return walk(value, kinds.iter().find(fits).unwrap(), root, keys);
    }
    match value {
        toml::Value::Table(table) => table.iter().for_each(|(key, value)| {
            let (name, schema) = resolved(schema, root);
            let own = schema["properties"].get(key);
            if own.is_some() {
                keys.insert((name, key.clone()));
            }
            let inner = own.unwrap_or(&schema["additionalProperties"]);
            assert!(inner.is_object(), "{key} is not in the schema: {schema}");
            walk(value, inner, root, keys);
        }),
        toml::Value::Array(items) => {
            items.iter().for_each(|item| walk(item, &schema["items"], root, keys));
        }
        _ => {}
    }
}

/// What a reference stands for, with its name.
fn resolved<'s>(schema: &'s Value, root: &'s Value) -> (String, &'s Value) {
    match schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        Some(name) => (name.to_owned(), &root["$defs"][name]),
        None => (String::new(), schema),
    }
}

#[test]
fn schema_and_reader_know_the_same_keys() {
    let schema = json_schema();
    let mut used = Keys::new();
    for plan in common::plans("valid") {
        let plan = std::fs::read_to_string(plan).unwrap();
        walk(&toml::Value::Table(plan.parse().unwrap()), &schema, &schema, &mut used);
    }
    let mut known = Keys::new();
    for (table, schema) in schema["$defs"].as_object().unwrap() {
        // The tables of a file of steps are those of a plan.
        if table == "step_file" {
            continue;
        }
        let keys = schema["properties"].as_object().unwrap().keys();
        known.extend(keys.map(|key| (table.clone(), key.clone())));
    }
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unused.is_empty(), "in no valid plan: {unused:?}");
}

#[test]
fn required_keys_and_words_are_stated() {
    let schema = json_schema();
    let plan = &schema["$defs"]["plan"];
    assert_eq!(plan["required"], serde_json::json!(["name", "steps"]));
    assert_eq!(plan["additionalProperties"], Value::Bool(false));
    let axis = &schema["$defs"]["axis"]["properties"];
    assert_eq!(axis["spacing"]["enum"], serde_json::json!(["linear", "log"]));
    assert_eq!(axis["points"]["minimum"], 2);
    assert!(axis["settle"]["description"].as_str().unwrap().contains("wait"));
}
