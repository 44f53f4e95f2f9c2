//! `docs/plan-reference.md`: every key of a plan, from the JSON Schema that editors use too.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;

use serde_json::{Map, Value};

/// What stands above the tables.
const HEAD: &str = "# Plan reference

<!-- Made from the JSON Schema of plans: cargo xtask generated --write -->

Every key of a plan, table by table, from the schema by which editors complete plans (`scpi-run schema plan`). How the
parts go together is told in [The plan language](plan-language.md); `scpi-run check` says what does not.
";

/// Where the definitions are.
const DEFINITIONS: &str = "#/$defs/";

type Tables = Map<String, Value>;

/// The whole document, from the schema's text.
pub(crate) fn reference(schema: &str) -> Result<String, Box<dyn Error>> {
    let schema: Value = serde_json::from_str(schema)?;
    let tables = schema.get("$defs").and_then(Value::as_object).ok_or("the schema has no $defs")?;
    let root = schema.get("$ref").and_then(name_of).ok_or("the schema has no $ref")?;
    let mut text = HEAD.to_owned();
    for name in in_order(tables, root) {
        if let Some(table) = tables.get(name) {
            write_table(name, table, &mut text)?;
        }
    }
    Ok(text)
}

/// Tables as a reader meets them: the plan first, then what it holds; what nothing holds, last.
fn in_order<'s>(tables: &'s Tables, root: &'s str) -> Vec<&'s str> {
    let (mut order, mut seen) = (vec![root], BTreeSet::from([root]));
    let mut at = 0;
    while let Some(name) = order.get(at).copied() {
        let mut held = Vec::new();
        tables.get(name).into_iter().for_each(|table| references(table, &mut held));
        order.extend(held.into_iter().filter(|held| seen.insert(held)));
        at += 1;
    }
    order.extend(tables.keys().map(String::as_str).filter(|name| !seen.contains(name)));
    order
}

/// The names of the tables that a value speaks of.
fn references<'s>(value: &'s Value, found: &mut Vec<&'s str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(name_of));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn name_of(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix(DEFINITIONS)
}

fn write_table(name: &str, table: &Value, text: &mut String) -> std::fmt::Result {
    let said = words(table, "description");
    write!(text, "\n## {name}\n\n{said}\n\n| key | takes | what it is |\n| --- | --- | --- |\n")?;
    let needed = table.get("required").and_then(Value::as_array);
    let is_needed = |key: &str| needed.is_some_and(|keys| keys.iter().any(|own| own == key));
    for (key, value) in table.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let mark = if is_needed(key) { " (needed)" } else { "" };
        let (takes, said) = (in_cell(&takes(value)), in_cell(&words(value, "description")));
        writeln!(text, "| `{key}`{mark} | {takes} | {said} |")?;
    }
    Ok(())
}

fn words(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A cell ends at a bar.
fn in_cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// What a key may be, in words.
fn takes(value: &Value) -> String {
    if let Some(name) = value.get("$ref").and_then(name_of) {
        return format!("[{name}](#{name})");
    }
    if let Some(words) = value.get("enum").and_then(Value::as_array) {
        return joined(words.iter().map(|word| format!("`{word}`")));
    }
    if let Some(kinds) = value.get("anyOf").and_then(Value::as_array) {
        return joined(kinds.iter().map(takes));
    }
    match words(value, "type").as_str() {
        "array" => {
            value.get("items").map_or_else(String::new, |of| format!("list of {}", takes(of)))
        }
        "object" => match value.get("additionalProperties").filter(|of| of.is_object()) {
            Some(of) => format!("NAME = {}", takes(of)),
            None => "table".to_owned(),
        },
        "string" => with_examples("text", value),
        "boolean" => "`true` or `false`".to_owned(),
        "integer" => bounded("whole number", value),
        "number" => bounded("number", value),
        _ => String::new(),
    }
}

fn joined(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

fn with_examples(kind: &str, value: &Value) -> String {
    let examples = value.get("examples").and_then(Value::as_array).into_iter().flatten();
    let examples = joined(examples.map(|example| format!("`{example}`")));
    if examples.is_empty() { kind.to_owned() } else { format!("{kind}: {examples}") }
}

fn bounded(kind: &str, value: &Value) -> String {
    let bound = |key: &str| value.get(key).map(Value::to_string);
    match (bound("minimum"), bound("maximum")) {
        (Some(low), Some(high)) => format!("{kind}, {low} .. {high}"),
        (Some(low), None) => format!("{kind}, {low} or more"),
        (None, Some(high)) => format!("{kind}, {high} or less"),
        (None, None) => kind.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r##"{ "$ref": "#/$defs/plan", "$defs": {
        "alone": { "description": "Held by none." },
        "axis": { "description": "A series.", "properties": {
            "points": { "type": "integer", "minimum": 2, "description": "How many." } } },
        "plan": { "description": "A plan.", "required": ["name"], "properties": {
            "name": { "type": "string", "description": "Its | name." },
            "mode": { "enum": ["cv", "cc"] },
            "sweep": { "type": "array", "items": { "$ref": "#/$defs/axis" } } } } } }"##;

    #[test]
    fn every_table_is_there_the_plan_first() {
        let text = reference(SCHEMA).unwrap();
        let titles: Vec<_> = text.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(titles, ["## plan", "## axis", "## alone"]);
        for line in [
            "| `name` (needed) | text | Its \\| name. |",
            "| `mode` | `\"cv\"`, `\"cc\"` |  |",
            "| `sweep` | list of [axis](#axis) |  |",
            "| `points` | whole number, 2 or more | How many. |",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(reference("{}").is_err());
    }
}
