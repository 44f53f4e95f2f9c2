//! A table as it was read.

use bench_catalog::Setting;
use bench_model::Decimal;

use crate::source::{Located, Span};

use super::keys::Table;

/// A value of a plan.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Whole(u32),
    Number(Decimal),
    Switch(bool),
    List(Vec<Located<Value>>),
    Table(Node),
}

/// One key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Located<String>,
    pub(crate) value: Located<Value>,
}

/// A table with its keys in the order of the file. What is missing or of the wrong kind was reported when it
/// was read, and is simply not there.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) entries: Vec<Entry>,
    /// Keys that were given, and wrong: spelled almost so, or with a value that was refused.
    pub(super) wrong: Vec<&'static str>,
    /// What may stand in it; nothing for a table of names.
    pub(super) table: Option<&'static Table>,
}

impl Node {
    fn value(&self, key: &str) -> Option<&Located<Value>> {
        debug_assert!(
            self.table.is_none_or(|table| table.keys.iter().any(|known| known.name == key)),
            "no key '{key}' in the table that drives the reader"
        );
        self.entries.iter().find(|entry| entry.key.value == key).map(|entry| &entry.value)
    }

    /// Whether the key is there, be its value right or wrong.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.value(key).is_some() || self.wrong.contains(&key)
    }

    /// Where a key's value stands, else the table.
    pub(crate) fn span_of(&self, key: &str) -> Span {
        self.value(key).map_or_else(|| self.span.clone(), |value| value.span.clone())
    }

    pub(crate) fn text(&self, key: &str) -> Option<Located<&str>> {
        self.value(key).and_then(Located::as_text)
    }

    /// A text for keeps.
    pub(crate) fn owned(&self, key: &str) -> Option<String> {
        self.text(key).map(|text| text.value.to_owned())
    }

    pub(crate) fn whole(&self, key: &str) -> Option<Located<u32>> {
        match self.value(key)? {
            Located { value: Value::Whole(number), span } => {
                Some(Located::new(*number, span.clone()))
            }
            _ => None,
        }
    }

    pub(crate) fn number(&self, key: &str) -> Option<Located<&Decimal>> {
        match self.value(key)? {
            Located { value: Value::Number(number), span } => {
                Some(Located::new(number, span.clone()))
            }
            _ => None,
        }
    }

    pub(crate) fn switch(&self, key: &str) -> Option<bool> {
        match self.value(key)?.value {
            Value::Switch(switch) => Some(switch),
            _ => None,
        }
    }

    pub(crate) fn node(&self, key: &str) -> Option<&Node> {
        match &self.value(key)?.value {
            Value::Table(node) => Some(node),
            _ => None,
        }
    }

    /// The items of a list; nothing where there is no list.
    pub(crate) fn items(&self, key: &str) -> &[Located<Value>] {
        match self.value(key).map(|value| &value.value) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, key: &str) -> impl Iterator<Item = Located<&str>> {
        self.items(key).iter().filter_map(Located::as_text)
    }

    /// The tables of a list.
    pub(crate) fn nodes(&self, key: &str) -> impl Iterator<Item = &Node> {
        self.items(key).iter().filter_map(|item| match &item.value {
            Value::Table(node) => Some(node),
            _ => None,
        })
    }

    /// The tables of a table of names, each with its name.
    pub(crate) fn named(&self, key: &str) -> impl Iterator<Item = (&Located<String>, &Node)> {
        let entries = self.node(key).map(|node| node.entries.as_slice()).unwrap_or_default();
        entries.iter().filter_map(|entry| match &entry.value.value {
            Value::Table(node) => Some((&entry.key, node)),
            _ => None,
        })
    }
}

/// What putting files of steps in their places needs.
impl Node {
    pub(super) fn list_mut(&mut self, key: &str) -> Option<&mut Vec<Located<Value>>> {
        let entry = self.entries.iter_mut().find(|entry| entry.key.value == key)?;
        match &mut entry.value.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// An entry, taken out.
    pub(super) fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.key.value == key)?;
        Some(self.entries.remove(at))
    }

    /// The table of names under a key; made, where there is none. None where something else stands there.
    pub(super) fn names_mut(&mut self, key: &Located<String>) -> Option<&mut Node> {
        if !self.entries.iter().any(|entry| entry.key.value == key.value) {
            let span = key.span.clone();
            let names =
                Self { span: span.clone(), entries: Vec::new(), wrong: Vec::new(), table: None };
            let value = Located::new(Value::Table(names), span);
            self.entries.push(Entry { key: key.clone(), value });
        }
        let entry = self.entries.iter_mut().find(|entry| entry.key.value == key.value)?;
        match &mut entry.value.value {
            Value::Table(names) => Some(names),
            _ => None,
        }
    }

    /// Whether it stands for a file of steps.
    pub(super) fn is_include(&self) -> bool {
        self.table.is_some_and(|table| table.name == "include")
    }
}

impl Located<Value> {
    pub(crate) fn as_text(&self) -> Option<Located<&str>> {
        match &self.value {
            Value::Text(text) => Some(Located::new(text, self.span.clone())),
            _ => None,
        }
    }
}

impl Node {
    /// Whether a table of names has this one.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.key.value == name)
    }

    /// The settings that stand in it.
    pub(crate) fn settings(&self) -> impl Iterator<Item = (Setting, &Entry)> {
        self.entries.iter().filter_map(|entry| Some((entry.key.value.parse().ok()?, entry)))
    }

    /// Whether a setting stands in it, be its value right or wrong.
    pub(crate) fn has_setting(&self, setting: Setting) -> bool {
        self.has_name(setting.word()) || self.wrong.contains(&setting.word())
    }
}
