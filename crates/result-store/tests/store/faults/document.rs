//! The document's statements, by their names.

use tokio_postgres::Client;

const DOCUMENT: &str = include_str!("../../../../../fixtures/schema/document.sql");
const ROLES: &str = include_str!("../../../../../migrations/roles.sql");
const UPTIME: &str = include_str!("../../../src/report/equipment_uptime.sql");
const TEST_SUCCESS: &str = include_str!("../../../src/report/test_success.sql");
const MODELS: &str = include_str!("../../../src/report/model_performance.sql");

pub(super) struct Document {
    statements: Vec<(String, String)>,
}

impl Document {
    pub(super) fn read() -> Self {
        let parts = DOCUMENT.split("\n--@ ").skip(1);
        let statement = |part: &str| {
            let (name, text) = part.split_once('\n').unwrap();
            (name.to_owned(), text.trim().trim_end_matches(';').to_owned())
        };
        Self { statements: parts.map(statement).collect() }
    }

    pub(super) fn statements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.statements.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// Makes all of it that can be made, in the order in which it can: the tables that others refer to first.
    pub(super) async fn apply(&self, client: &Client) {
        let schemas = [
            "infrastructure",
            "credentials",
            "network",
            "virtualization",
            "ai_ml",
            "testing",
            "scpi",
            "audit",
        ];
        for schema in schemas {
            client.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
        }
        let makes =
            ["extension ", "table ", "partition ", "index ", "view ", "function ", "trigger "];
        let wanted = |name: &str| {
            makes.iter().any(|make| name.starts_with(make)) && name != "index idx_events_recent"
        };
        let (last, first): (Vec<_>, Vec<_>) =
            self.statements().filter(|(name, _)| wanted(name)).partition(|(name, text)| {
                name.contains(" scpi.measurements") || text.contains("ON scpi.measurements")
            });
        for (name, text) in first.into_iter().chain(last) {
            let made = client.batch_execute(text).await;
            assert!(made.is_ok(), "{name}: {made:?}");
        }
    }

    /// Puts statements in their places.
    pub(super) fn fill(&self, text: &str) -> String {
        let now = |text: &str| text.replace("$1::text", "NULL").replace("$2", "7");
        let mut filled = text
            .replace("{roles.sql}", ROLES)
            .replace("{our uptime}", &now(UPTIME))
            .replace("{our test success}", &now(TEST_SUCCESS))
            .replace("{our models}", &now(MODELS));
        while let Some((before, rest)) = filled.split_once("{@ ") {
            let (name, after) = rest.split_once('}').unwrap();
            let found = self.statements().find(|(one, _)| *one == name);
            let (_, text) = found.unwrap_or_else(|| panic!("the document has no '{name}'"));
            filled = format!("{before}{text}{after}");
        }
        filled
    }
}
