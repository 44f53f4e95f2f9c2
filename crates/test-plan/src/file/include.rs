//! Files of steps put in the places where they are included: their steps stand there, what they define joins the
//! plan. A fault in one has its place in that file.

use toml::de::DeTable;

use crate::bounds::{MAX_FILES, MAX_INCLUDE_DEPTH, MAX_PLAN_BYTES};
use crate::check::Sources;
use crate::fault::{Fault, Faults};
use crate::source::{Located, Source, Span};

use super::keys::Table;
use super::node::{Entry, Node, Value};
use super::reader::Reader;
use super::vocabulary::{PLAN, STEP_FILE};

/// Lists in which files of steps can stand.
const LISTS: [&str; 3] = ["setup", "steps", "cleanup"];

/// Tables of names that a file of steps can add to, and whether the plan's own may take their places.
const DEFINITIONS: [(&str, &str, bool); 6] = [
    ("parameters", "parameter", true),
    ("instruments", "role", true),
    ("environment", "environment value", false),
    ("readings", "reading", false),
    ("captures", "capture", false),
    ("corrections", "correction", true),
];

pub(super) struct Loader<'a> {
    sources: &'a dyn Sources,
    faults: &'a mut Faults,
    source: Source,
    /// Files that are being read, each included by the one before it.
    open: Vec<String>,
    /// Files whose definitions have joined the plan.
    joined: Vec<String>,
    read: usize,
}

impl<'a> Loader<'a> {
    pub(super) fn new(sources: &'a dyn Sources, faults: &'a mut Faults) -> Self {
        let source = Source::default();
        Self { sources, faults, source, open: Vec::new(), joined: Vec::new(), read: 0 }
    }

    /// A plan with all that it includes.
    pub(super) fn plan(mut self, file: &str, text: &str) -> Option<(Source, Node)> {
        let mut root = self.read(&PLAN, file, text)?;
        let included = self.included(&mut root);
        for part in included {
            self.join(&mut root, part);
        }
        Some((self.source, root))
    }

    fn read(&mut self, table: &'static Table, file: &str, text: &str) -> Option<Node> {
        if text.len() > MAX_PLAN_BYTES {
            let bytes = text.len();
            let message = format!("a plan of {bytes} bytes; at most {MAX_PLAN_BYTES} are read");
            self.faults.add(Fault::of_whole(file, message));
            return None;
        }
        let base = self.source.add(file, text);
        match DeTable::parse(text) {
            Ok(parsed) => Some(Reader::new(&self.source, base, self.faults).read(table, &parsed)),
            Err(error) => {
                let Span { start, end } = error.span().unwrap_or_default();
                let message = error.message().lines().collect::<Vec<_>>().join("; ");
                let message = format!("this is no TOML: {message}");
                self.faults.add(self.source.fault(&(start + base..end + base), message));
                None
            }
        }
    }

    /// Puts the steps of files in the places where they are included; what else those files hold.
    fn included(&mut self, root: &mut Node) -> Vec<Node> {
        let mut found = Vec::new();
        for list in LISTS {
            let Some(items) = root.list_mut(list) else { continue };
            for item in std::mem::take(items) {
                match file_of(&item) {
                    None => items.push(item),
                    Some(file) => {
                        if let Some(mut part) = self.part(&file) {
                            found.extend(self.included(&mut part));
                            items.append(&mut steps_of(&mut part));
                            found.push(part);
                        }
                        self.open.pop();
                    }
                }
            }
        }
        found
    }

    /// Reads a file of steps, and notes it as open.
    fn part(&mut self, file: &Located<String>) -> Option<Node> {
        let refusal = self.refusal(&file.value);
        self.open.push(file.value.clone());
        if let Some(message) = refusal {
            self.faults.add(self.source.fault(&file.span, message));
            return None;
        }
        self.read += 1;
        match self.sources.read(&file.value) {
            Ok(text) => self.read(&STEP_FILE, &file.value, &text),
            Err(message) => {
                self.faults.add(self.source.fault(&file.span, message));
                None
            }
        }
    }

    fn refusal(&self, file: &str) -> Option<String> {
        if self.open.iter().any(|open| open == file) {
            let way: Vec<_> = self.open.iter().map(String::as_str).chain([file]).collect();
            return Some(format!("'{file}' includes itself: {}", way.join(" includes ")));
        }
        if self.open.len() >= MAX_INCLUDE_DEPTH {
            return Some(format!("files of steps lie at most {MAX_INCLUDE_DEPTH} deep"));
        }
        (self.read >= MAX_FILES).then(|| format!("a plan includes at most {MAX_FILES} files"))
    }

    /// What a file of steps defines joins the plan, once.
    fn join(&mut self, root: &mut Node, mut part: Node) {
        let file = self.source.file_of(&part.span);
        if self.joined.contains(&file) {
            return;
        }
        self.joined.push(file);
        for (key, what, may_stand_aside) in DEFINITIONS {
            let Some(own) = part.take(key) else { continue };
            let Value::Table(names) = own.value.value else { continue };
            for entry in names.entries {
                self.define(root, &own.key, entry, (what, may_stand_aside));
            }
        }
    }

    fn define(
        &mut self,
        root: &mut Node,
        key: &Located<String>,
        entry: Entry,
        (what, may_stand_aside): (&str, bool),
    ) {
        let Some(names) = root.names_mut(key) else { return };
        if !names.has_name(&entry.key.value) {
            names.entries.push(entry);
        } else if !may_stand_aside {
            let message =
                format!("'{}' is the name of another {what}; names are unique", entry.key.value);
            self.faults.add(self.source.fault(&entry.key.span, message));
        }
    }
}

/// The file that an item of a list includes, where it does.
fn file_of(item: &Located<Value>) -> Option<Located<String>> {
    match &item.value {
        Value::Table(node) if node.is_include() => {
            let file = node.text("include")?;
            Some(Located::new(file.value.to_owned(), file.span))
        }
        _ => None,
    }
}

fn steps_of(part: &mut Node) -> Vec<Located<Value>> {
    part.list_mut("steps").map(std::mem::take).unwrap_or_default()
}
