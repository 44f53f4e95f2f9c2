//! What a table of a plan may hold.

use crate::bounds::MAX_NAME_BYTES;

/// A kind of table.
#[derive(Debug)]
pub(crate) struct Table {
    /// What people call it: `a step`.
    pub(crate) title: &'static str,
    /// Its name in the JSON Schema.
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
    /// Whether settings of instruments stand beside the keys.
    pub(crate) settings: bool,
}

/// One key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) doc: &'static str,
}

/// What the value of a key is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// A name by which other parts of the plan refer to this one.
    Name,
    /// The name of a simulated bench, which is that of its file.
    BenchName,
    /// A number with its unit, or `$parameter`.
    Quantity,
    /// A limit.
    Limit,
    /// An expression.
    Expression,
    /// One of a few words.
    Words(fn() -> Vec<&'static str>),
    /// A whole number between two.
    Whole(u32, u32),
    /// A number without a unit.
    Number,
    /// True or false.
    Switch,
    /// What a setting takes: a quantity, `on` or `off`, a word.
    Setting,
    /// Several of a kind.
    List(&'static Kind),
    /// A table.
    Table(&'static Table),
    /// A table of one kind where this key stands in it, else of another.
    ByKey {
        /// The key.
        key: &'static str,
        /// Where it is there.
        with: &'static Table,
        /// Where it is not.
        without: &'static Table,
    },
    /// Tables by names of the plan's own.
    Named(&'static Table),
    /// One of several kinds, told apart by their TOML types.
    Either(&'static [Kind]),
}

pub(crate) const fn key(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: false, doc }
}

pub(crate) const fn needed(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, required: true, doc }
}

impl Kind {
    /// What is wanted, for a fault.
    pub(crate) fn wanted(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Name => "a name".to_owned(),
            Self::BenchName => "the name of a bench".to_owned(),
            Self::Quantity => "a quantity as text, such as \"500 mA\"".to_owned(),
            Self::Limit => "a limit as text, such as \"5 V ± 1 %\"".to_owned(),
            Self::Expression => "an expression as text".to_owned(),
            Self::Words(words) => format!("one of \"{}\"", words().join("\", \"")),
            Self::Whole(low, high) => format!("a whole number from {low} to {high}"),
            Self::Number => "a number".to_owned(),
            Self::Switch => "true or false".to_owned(),
            Self::Setting => "a quantity as text, \"on\", \"off\" or a word".to_owned(),
            Self::List(kind) => kind.several(),
            Self::Table(table) => format!("a table ({})", table.title),
            Self::ByKey { with, without, .. } => {
                format!("a table ({}, or {})", without.title, with.title)
            }
            Self::Named(table) => format!("a table of tables by name (each is {})", table.title),
            Self::Either(kinds) => kinds.iter().map(Self::wanted).collect::<Vec<_>>().join(", or "),
        }
    }
}

impl Kind {
    /// What is wanted of a list of them.
    fn several(&self) -> String {
        match self {
            Self::Table(table) | Self::ByKey { without: table, .. } => {
                format!("a list of tables (each is {})", table.title)
            }
            Self::Name => "a list of names".to_owned(),
            Self::Quantity => "a list of quantities as text".to_owned(),
            Self::List(kind) => format!("a list, each of it {}", kind.several()),
            kind => format!("a list, each of it {}", kind.wanted()),
        }
    }
}

/// Whether a text is a bench's name: a letter, then letters, digits, `_` and `-`; no path.
pub(crate) fn is_bench_name(text: &str) -> bool {
    is_name(&text.replace('-', "_"))
}

/// Whether a text is a name: a letter, then letters, digits and `_`.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME_BYTES
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
