//! Reads a table by its kind. A fault is added to the others and the reading goes on.

use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

use bench_catalog::Setting;

use crate::bounds::{MAX_NAME_BYTES, MAX_TEXT_BYTES};
use crate::fault::Faults;
use crate::source::{Located, Source, Span};
use crate::suggest;

use super::keys::{Kind, Table, is_bench_name, is_name};
use super::node::{Entry, Node, Value};

type Given<'t, 'i> = &'t Spanned<DeValue<'i>>;

pub(super) struct Reader<'a> {
    source: &'a Source,
    /// Where in it the file begins that is read.
    base: usize,
    faults: &'a mut Faults,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source, base: usize, faults: &'a mut Faults) -> Self {
        Self { source, base, faults }
    }

    /// A place in the file as one in all of the source.
    fn at(&self, span: Span) -> Span {
        span.start + self.base..span.end + self.base
    }

    fn fault(&mut self, span: &Span, message: impl Into<String>) {
        self.faults.add(self.source.fault(span, message));
    }

    /// The table with all of it that is right.
    pub(super) fn read(&mut self, table: &'static Table, given: &Spanned<DeTable<'_>>) -> Node {
        self.table(table, given.get_ref(), self.at(given.span()))
    }

    fn table(&mut self, table: &'static Table, given: &DeTable<'_>, span: Span) -> Node {
        let (mut entries, mut wrong) = (Vec::new(), Vec::new());
        for (key, value) in in_order(given) {
            match kind_of(table, key.get_ref()) {
                Some((name, kind)) => match self.entry(kind, key, value) {
                    Some(entry) => entries.push(entry),
                    None => wrong.push(name),
                },
                None => wrong.extend(self.unknown_key(table, key)),
            }
        }
        for key in table.keys.iter().filter(|key| key.required) {
            if !given.contains_key(key.name) && !wrong.contains(&key.name) {
                let (title, name, wanted) = (table.title, key.name, key.kind.wanted());
                self.fault(&span, format!("{title} lacks '{name}': {wanted} is wanted"));
            }
        }
        Node { span, entries, wrong, table: Some(table) }
    }

    /// The key that was probably meant.
    fn unknown_key(
        &mut self,
        table: &Table,
        key: &Spanned<std::borrow::Cow<'_, str>>,
    ) -> Option<&'static str> {
        let settings = Setting::ALL.iter().map(|setting| setting.word());
        let names = table.keys.iter().map(|key| key.name);
        let names: Vec<_> = names.chain(settings.filter(|_| table.settings)).collect();
        let instead = suggest::instead(key.get_ref(), names.iter().copied());
        let message = format!("{} has no key '{}'{instead}", table.title, shown(key.get_ref()));
        self.fault(&self.at(key.span()), message);
        suggest::nearest(key.get_ref(), names)
    }

    fn entry(
        &mut self,
        kind: &'static Kind,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        given: Given<'_, '_>,
    ) -> Option<Entry> {
        let value = self.value(kind, key.get_ref(), given)?;
        let key = Located::new(key.get_ref().clone().into_owned(), self.at(key.span()));
        Some(Entry { key, value: Located::new(value, self.at(given.span())) })
    }

    fn value(&mut self, kind: &'static Kind, key: &str, given: Given<'_, '_>) -> Option<Value> {
        let span = self.at(given.span());
        match (kind, given.get_ref()) {
            (Kind::Either(kinds), value) => match kinds.iter().find(|kind| takes(kind, value)) {
                Some(kind) => self.value(kind, key, given),
                None => self.wrong(kind, key, given),
            },
            (Kind::Words(words), DeValue::String(text)) => self.word(&words(), key, text, &span),
            (Kind::Name, DeValue::String(text)) => self.name(text, &span).map(Value::Text),
            (Kind::BenchName, DeValue::String(text)) => self.bench_name(text, &span),
            (kind, DeValue::String(text)) if takes(kind, given.get_ref()) => {
                self.short_text(text, &span)
            }
            (Kind::Whole(low, high), DeValue::Integer(number)) => {
                match whole(number).filter(|number| (low..=high).contains(&number)) {
                    Some(number) => Some(Value::Whole(number)),
                    None => self.wrong(kind, key, given),
                }
            }
            (Kind::Number, DeValue::Integer(number)) => {
                self.number(&number.to_string(), kind, key, given)
            }
            (Kind::Number, DeValue::Float(number)) => {
                self.number(number.as_str(), kind, key, given)
            }
            (Kind::Switch | Kind::Setting, DeValue::Boolean(switch)) => {
                Some(Value::Switch(*switch))
            }
            (Kind::List(kind), DeValue::Array(items)) => Some(self.list(kind, key, items)),
            (Kind::Table(table), DeValue::Table(given)) => {
                Some(Value::Table(self.table(table, given, span)))
            }
            (Kind::ByKey { key, with, without }, DeValue::Table(given)) => {
                let table = if given.contains_key(*key) { with } else { without };
                Some(Value::Table(self.table(table, given, span)))
            }
            (Kind::Named(table), DeValue::Table(given)) => {
                Some(Value::Table(self.named(table, given, span)))
            }
            _ => self.wrong(kind, key, given),
        }
    }

    fn wrong(&mut self, kind: &Kind, key: &str, given: Given<'_, '_>) -> Option<Value> {
        let (key, wanted) = (shown(key), kind.wanted());
        let found = match given.get_ref() {
            DeValue::Integer(number) => format!("{number}"),
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::Boolean(switch) => switch.to_string(),
            other => format!("this {}", toml_type(other)),
        };
        self.fault(&self.at(given.span()), format!("'{key}' is {wanted}, not {found}"));
        None
    }

    fn word(
        &mut self,
        words: &[&'static str],
        key: &str,
        text: &str,
        span: &Span,
    ) -> Option<Value> {
        if words.contains(&text) {
            return Some(Value::Text(text.to_owned()));
        }
        let (text, wanted) = (shown(text), suggest::wanted(text, words.iter().copied()));
        self.fault(span, format!("'{key}' cannot be '{text}'; {wanted}"));
        None
    }

    fn name(&mut self, text: &str, span: &Span) -> Option<String> {
        if is_name(text) {
            return Some(text.to_owned());
        }
        let text = shown(text);
        self.fault(span, format!(
            "'{text}' is no name: a letter, then letters, digits and _, {MAX_NAME_BYTES} at most"
        ));
        None
    }

    fn bench_name(&mut self, text: &str, span: &Span) -> Option<Value> {
        if is_bench_name(text) {
            return Some(Value::Text(text.to_owned()));
        }
        let text = shown(text);
        self.fault(span, format!(
            "'{text}' is no name of a bench: a letter, then letters, digits, _ and -, {MAX_NAME_BYTES} at most"
        ));
        None
    }

    fn short_text(&mut self, text: &str, span: &Span) -> Option<Value> {
        if text.len() > MAX_TEXT_BYTES {
            let bytes = text.len();
            self.fault(span, format!("a text of {bytes} bytes; at most {MAX_TEXT_BYTES} are read"));
            return None;
        }
        Some(Value::Text(text.to_owned()))
    }

    fn number(
        &mut self,
        text: &str,
        kind: &Kind,
        key: &str,
        given: Given<'_, '_>,
    ) -> Option<Value> {
        match text.parse() {
            Ok(number) => Some(Value::Number(number)),
            Err(_) => self.wrong(kind, key, given),
        }
    }

    fn list(&mut self, kind: &'static Kind, key: &str, items: &DeArray<'_>) -> Value {
        let item = |item: &Spanned<DeValue<'_>>| {
            Some(Located::new(self.value(kind, key, item)?, self.at(item.span())))
        };
        Value::List(items.iter().filter_map(item).collect())
    }

    fn named(&mut self, table: &'static Table, given: &DeTable<'_>, span: Span) -> Node {
        let mut entries = Vec::new();
        for (key, value) in in_order(given) {
            let Some(name) = self.name(key.get_ref(), &self.at(key.span())) else { continue };
            let node = match value.get_ref() {
                DeValue::Table(given) => self.table(table, given, self.at(value.span())),
                _ => {
                    self.fault(
                        &self.at(value.span()),
                        format!("'{name}' is a table ({})", table.title),
                    );
                    continue;
                }
            };
            let (key, value) = (
                Located::new(name, self.at(key.span())),
                Located::new(Value::Table(node), self.at(value.span())),
            );
            entries.push(Entry { key, value });
        }
        Node { span, entries, wrong: Vec::new(), table: None }
    }
}

/// The entries as the file has them; the TOML reader sorts them by their names.
fn in_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn kind_of(table: &'static Table, key: &str) -> Option<(&'static str, &'static Kind)> {
    let own = table.keys.iter().find(|own| own.name == key).map(|own| (own.name, &own.kind));
    let setting: Option<Setting> = key.parse().ok().filter(|_| table.settings);
    own.or_else(|| setting.map(|setting| (setting.word(), &Kind::Setting)))
}

/// Whether a kind is written as this type of TOML.
fn takes(kind: &Kind, value: &DeValue<'_>) -> bool {
    match value {
        DeValue::String(_) => matches!(
            kind,
            Kind::Text
                | Kind::Name
                | Kind::BenchName
                | Kind::Quantity
                | Kind::Limit
                | Kind::Expression
                | Kind::Words(_)
                | Kind::Setting
        ),
        DeValue::Integer(_) => matches!(kind, Kind::Whole(..) | Kind::Number),
        DeValue::Float(_) => matches!(kind, Kind::Number),
        DeValue::Boolean(_) => matches!(kind, Kind::Switch | Kind::Setting),
        DeValue::Array(_) => matches!(kind, Kind::List(_)),
        DeValue::Table(_) => {
            matches!(kind, Kind::Table(_) | Kind::ByKey { .. } | Kind::Named(_))
        }
        DeValue::Datetime(_) => false,
    }
}

fn toml_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Array(_) => "list",
        DeValue::Table(_) => "table",
        DeValue::Datetime(_) => "date",
        _ => "number",
    }
}

fn whole(number: &DeInteger<'_>) -> Option<u32> {
    u32::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Foreign text, cut for a message.
fn shown(text: &str) -> String {
    text.chars().take(MAX_NAME_BYTES).collect()
}
