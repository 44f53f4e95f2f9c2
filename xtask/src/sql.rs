//! SQL lives in one crate.

use crate::finding::Finding;
use crate::workspace::Workspace;

/// The crate that speaks SQL.
const SPEAKS_SQL: &str = "result-store";

/// How statements begin.
const STATEMENTS: &[&str] = &["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP"];

/// Folders that may hold SQL files.
const SQL_FOLDERS: &[&str] = &["migrations/", "fixtures/", "crates/result-store/"];

/// No literal that is a statement, and no SQL file, outside of its place; tests excepted.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let elsewhere = workspace.rust().filter(|(package, ..)| *package != SPEAKS_SQL);
    let literals = elsewhere.flat_map(|(_, file, source)| {
        let product = source.literals.iter().filter(|literal| !literal.in_tests);
        product.filter(|literal| is_statement(&literal.text)).map(|literal| {
            let fault = format!("SQL; it belongs into {SPEAKS_SQL}");
            Finding::at(&file.path, literal.line, fault)
        })
    });
    let in_place = |path: &str| SQL_FOLDERS.iter().any(|folder| path.starts_with(folder));
    let files = workspace.files.iter().map(|file| file.path.as_str());
    let misplaced = files.filter(|path| path.ends_with(".sql") && !in_place(path));
    literals
        .chain(misplaced.map(|path| Finding::of(path, "SQL belongs into migrations/")))
        .collect()
}

/// Whether a text begins as a statement does: with its verb and something behind it.
fn is_statement(literal: &str) -> bool {
    let mut words = literal.trim_start_matches('\\').split_whitespace();
    words.next().is_some_and(|verb| STATEMENTS.contains(&verb)) && words.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::samples::one_file;

    #[test]
    fn a_statement_is_known_by_its_beginning() {
        for (text, is_sql) in [
            ("SELECT 1", true),
            ("\\\n    INSERT INTO t", true),
            ("SELECT", false),
            ("SELECTED is", false),
            ("select a plan", false),
            ("please SELECT", false),
        ] {
            assert_eq!(is_statement(text), is_sql, "{text}");
        }
    }

    #[test]
    fn sql_is_found_outside_its_crate() {
        let text = "const A: &str = \"x\";\nconst B: &str = \"DELETE FROM t\";";
        let found = check(&one_file("test-report", "crates/test-report/src/a.rs", text));
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().starts_with("crates/test-report/src/a.rs:2: "), "{found:?}");
        assert!(check(&one_file(SPEAKS_SQL, "crates/result-store/src/a.rs", text)).is_empty());
        assert!(check(&one_file("test-report", "crates/test-report/tests/a.rs", text)).is_empty());
        assert_eq!(check(&one_file("a", "sim/a.sql", "")).len(), 1);
        assert!(check(&one_file("a", "migrations/V1__a.sql", "")).is_empty());
    }
}
