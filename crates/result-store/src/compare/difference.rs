//! One thing in which a journal and the database differ.

use uuid::Uuid;

use crate::recorder::Kind;

/// Letters of a value that are shown.
const MAX_SHOWN_LETTERS: usize = 200;

/// What differs. The journal is what was; the database was changed, or lost something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// The database has more events than the journal.
    #[error(
        "the journal ends with record {journal}, and the database has {database}: the journal was cut"
    )]
    Short {
        /// The last record of the journal.
        journal: u64,
        /// The last one that the database counts.
        database: u64,
    },
    /// The journal was exchanged or written anew since.
    #[error(
        "the hash chain up to record {record} is not the one that was recorded: the journal was changed"
    )]
    Chain {
        /// The last record that the database counts.
        record: u64,
    },
    /// No row has this id.
    #[error("{kind} {id} (record {record}) is not in the database")]
    Missing {
        /// Of what.
        kind: Kind,
        /// Its id.
        id: Uuid,
        /// The number of its record.
        record: u64,
    },
    /// No event has this id.
    #[error("the database has a {kind} {} of this session, and the journal has none", named(id.as_ref()))]
    Foreign {
        /// Of what.
        kind: Kind,
        /// Its id, where it has one.
        id: Option<Uuid>,
    },
    /// Several rows have this id.
    #[error("{kind} {id} is in the database more than once")]
    Twice {
        /// Of what.
        kind: Kind,
        /// Its id.
        id: Uuid,
    },
    /// A column has another value.
    #[error(
        "{kind} {id} (record {record}): {column} is {} in the database, and {} by the journal",
        short(database),
        short(journal)
    )]
    Column {
        /// Of what.
        kind: Kind,
        /// Its id.
        id: Uuid,
        /// The number of its record.
        record: u64,
        /// The column.
        column: &'static str,
        /// What it must be.
        journal: String,
        /// What it is.
        database: String,
    },
    /// A row has something that we never write.
    #[error("a {kind} in the database cannot be read: {why}")]
    Unreadable {
        /// Of what.
        kind: Kind,
        /// Why.
        why: String,
    },
    /// A count of the session's own row.
    #[error("the session's {column} is {database} in the database, and {journal} by the journal")]
    Total {
        /// The column.
        column: &'static str,
        /// What it must be.
        journal: u64,
        /// What it is.
        database: i64,
    },
}

fn named(id: Option<&Uuid>) -> String {
    id.map_or_else(|| "without an id".to_owned(), ToString::to_string)
}

/// In one line, without control characters.
fn short(text: &str) -> String {
    let mut letters = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut shown: String = letters.by_ref().take(MAX_SHOWN_LETTERS).collect();
    if letters.next().is_some() {
        shown.push_str("...");
    }
    shown
}
