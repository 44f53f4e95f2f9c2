//! What is wrong with the HomeLab document's own SQL, by the numbers of its review: each is shown on the document's
//! statements, and then that ours does better. Both happen in transactions that are taken back.
//!
//! Elsewhere, for they are no statements: 39 (backups of a month) in `tests/database_tools.rs`, and 41 (PgBouncer's
//! configuration) in `tests/pooler.rs`, which tries the document's too.

mod access;
mod document;
mod history;
mod schema;

use result_store::testing::TestDatabase;
use tokio_postgres::Client;

use self::document::Document;
use crate::sql::connect;

/// What comes of a statement.
pub(super) enum Comes {
    /// It succeeds.
    Well,
    /// The server refuses it with this SQLSTATE.
    To(&'static str),
    /// Its first value, as text.
    Is(&'static str),
}
pub(super) use Comes::{Is, To, Well};

/// A statement, in which `{@ name}` stands for the document's, and what comes of it.
pub(super) type Step = (&'static str, Comes);

/// A fault: what the document's statements come to, and what ours do.
pub(super) struct Fault {
    pub(super) number: u8,
    pub(super) theirs: &'static [Step],
    pub(super) ours: &'static [Step],
}

/// An empty database, one with all of the document that can be made, and one of ours.
struct Worlds {
    document: Document,
    empty: (TestDatabase, Client),
    theirs: (TestDatabase, Client),
    ours: (TestDatabase, Client),
}

async fn opened(database: TestDatabase) -> (TestDatabase, Client) {
    let client = connect(&database, "postgres").await;
    (database, client)
}

impl Worlds {
    async fn make() -> Self {
        let document = Document::read();
        let theirs = opened(TestDatabase::empty().unwrap()).await;
        document.apply(&theirs.1).await;
        Self {
            document,
            empty: opened(TestDatabase::empty().unwrap()).await,
            theirs,
            ours: opened(TestDatabase::new().unwrap()).await,
        }
    }

    async fn show(&self, fault: &Fault, is_bare: bool) {
        let theirs = if is_bare { &self.empty } else { &self.theirs };
        for (client, steps, whose) in
            [(&theirs.1, fault.theirs, "theirs"), (&self.ours.1, fault.ours, "ours")]
        {
            client.batch_execute("BEGIN").await.unwrap();
            for (statement, comes) in steps {
                let statement = self.document.fill(statement);
                let told = format!("F{}, {whose}: {statement}", fault.number);
                try_one(client, &statement, comes, &told).await;
            }
            client.batch_execute("ROLLBACK").await.unwrap();
        }
    }
}

async fn try_one(client: &Client, statement: &str, comes: &Comes, told: &str) {
    match comes {
        Well => client.batch_execute(statement).await.unwrap_or_else(|error| {
            panic!("{told}: {error:?}");
        }),
        To(code) => {
            let refused = client.batch_execute(statement).await.err();
            let refused = refused.unwrap_or_else(|| panic!("{told}: it succeeds"));
            assert_eq!(refused.code().map(|code| code.code()), Some(*code), "{told}: {refused:?}");
        }
        Is(expected) => {
            let row = client.query_one(statement, &[]).await;
            let row = row.unwrap_or_else(|error| panic!("{told}: {error:?}"));
            let found: Option<String> = row.get(0);
            assert_eq!(found.as_deref().unwrap_or("-"), *expected, "{told}");
        }
    }
}

/// Ten of the document's statements succeed in an empty database, and a hundred do not.
#[tokio::test]
async fn the_document_as_it_stands_makes_nothing() {
    let (_database, client) = opened(TestDatabase::empty().unwrap()).await;
    let document = Document::read();
    assert_eq!(document.statements().count(), 110);
    let mut succeeded = 0;
    for (name, statement) in document.statements() {
        // Roles and the whole server's tables are not this test's.
        let is_elsewhere = name.starts_with("role ") || name == "vacuum";
        if !is_elsewhere && client.batch_execute(statement).await.is_ok() {
            succeeded += 1;
        }
    }
    assert!(succeeded <= 10, "{succeeded}");
}

#[tokio::test]
async fn every_fault_is_the_documents_and_not_ours() {
    let worlds = Worlds::make().await;
    for fault in schema::BARE {
        worlds.show(fault, true).await;
    }
    for fault in schema::FAULTS.iter().chain(access::FAULTS).chain(history::FAULTS) {
        worlds.show(fault, false).await;
    }
}

/// Fault 42: the headings number three tables as others are, and end at 21 though there are 24 things. Ours are counted.
#[test]
fn every_relation_is_counted_once() {
    let theirs =
        [1, 2, 3, 4, 5, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];
    let numbers: std::collections::BTreeSet<u8> = theirs.into_iter().collect();
    assert_ne!(numbers.len(), theirs.len());
    let inventory = include_str!("../../../../../fixtures/schema/inventory.txt");
    let relations =
        inventory.lines().filter_map(|line| line.split(' ').collect::<Vec<_>>().try_into().ok());
    let relations: Vec<&str> = relations
        .filter(|[kind, _, _]: &[&str; 3]| ["table", "view"].contains(kind))
        .map(|[_, name, _]| name)
        .collect();
    let names: std::collections::BTreeSet<_> = relations.iter().collect();
    assert_eq!((relations.len(), names.len()), (theirs.len(), theirs.len()));
}

/// None was forgotten.
#[test]
fn every_number_has_its_fault() {
    let elsewhere = [39, 41, 42]; // and the test above
    let all =
        schema::BARE.iter().chain(schema::FAULTS).chain(access::FAULTS).chain(history::FAULTS);
    let shown: std::collections::BTreeSet<u8> = all.map(|fault| fault.number).collect();
    let missing: Vec<u8> =
        (1..=43).filter(|number| !shown.contains(number) && !elsewhere.contains(number)).collect();
    assert_eq!(missing, Vec::<u8>::new());
}
