//! Every crate's `Cargo.toml` takes from the workspace what the workspace has.

use crate::finding::Finding;
use crate::workspace::{TextFile, Workspace};

/// Keys of `[package]` that the workspace gives.
const SHARED_KEYS: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

/// Tables whose entries take their version from the workspace.
const DEPENDENCY_TABLES: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

/// Every crate describes itself, and shares versions, lints and keys.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let manifests = workspace.packages.iter().filter_map(|package| {
        let path = format!("{}/Cargo.toml", package.folder);
        workspace.files.iter().find(|file| file.path == path)
    });
    manifests.flat_map(check_manifest).collect()
}

fn check_manifest(file: &TextFile) -> Vec<Finding> {
    let lines: Vec<_> = entries(&file.text).collect();
    let has = |table: &str, entry: &str| {
        lines.iter().any(|line| line.table == table && line.text.starts_with(entry))
    };
    let shared = SHARED_KEYS.iter().map(|key| ("package", format!("{key}.workspace = true")));
    let wanted = shared.chain([
        ("package", "description = \"".to_owned()),
        ("lints", "workspace = true".to_owned()),
    ]);
    let missing = wanted
        .filter(|(table, entry)| !has(table, entry))
        .map(|(table, entry)| Finding::of(&file.path, format!("[{table}] has no line `{entry}`")));
    let own_version = lines.iter().filter(|line| line.is_dependency_with_own_version());
    missing.chain(own_version.map(|line| line.own_version(&file.path))).collect()
}

/// A line of a table.
struct Entry<'a> {
    number: usize,
    table: &'a str,
    text: &'a str,
}

/// The lines that begin a key, with the table that they stand in.
fn entries(manifest: &str) -> impl Iterator<Item = Entry<'_>> {
    let mut table = "";
    manifest.lines().enumerate().filter_map(move |(index, text)| {
        if let Some(header) = text.strip_prefix('[') {
            table = header.trim_end().trim_matches(['[', ']']);
            return None;
        }
        let begins_key = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        begins_key.then_some(Entry { number: index + 1, table, text })
    })
}

impl Entry<'_> {
    fn is_dependency_with_own_version(&self) -> bool {
        DEPENDENCY_TABLES.contains(&self.table) && !self.text.contains("workspace = true")
    }

    fn own_version(&self, path: &str) -> Finding {
        let fault = "a version of its own; name it in the root's [workspace.dependencies]";
        Finding::at(path, self.number, fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::samples::one_file;

    const GOOD: &str = "\
[package]
name = \"a\"
description = \"A thing.\"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[dependencies]
toml.workspace = true
# why
tokio = { workspace = true, features = [
    \"net\",
] }

[[bench]]
name = \"b\"

[lints]
workspace = true
";

    fn findings(text: &str) -> Vec<String> {
        let found = check(&one_file("a", "crates/a/Cargo.toml", text));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_manifest_that_shares_everything_is_well() {
        assert!(findings(GOOD).is_empty(), "{:?}", findings(GOOD));
    }

    #[test]
    fn what_a_manifest_does_not_share_is_found() {
        for (from, to, wanted) in [
            ("[lints]\nworkspace = true", "", "[lints] has no line"),
            ("description = \"A thing.\"", "", "[package] has no line `description"),
            ("edition.workspace = true", "edition = \"2021\"", "no line `edition.workspace"),
            ("toml.workspace = true", "toml = \"1\"", "crates/a/Cargo.toml:11: a version"),
        ] {
            let found = findings(&GOOD.replace(from, to));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(wanted), "{found:?}");
        }
    }
}
