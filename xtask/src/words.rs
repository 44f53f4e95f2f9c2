//! Words that say where a file was written: they mean nothing to who reads it elsewhere.

use crate::finding::Finding;
use crate::workspace::{TextFile, Workspace};

/// Folders of one machine, and hosts that only a package manager talks to.
const FOREIGN: &[&str] = &["/root/", "/work/", "index.crates.io", "static.crates.io"];

/// Files that have to name them: this one, and the one that cargo writes.
const EXCEPTED: &[&str] = &["xtask/src/words.rs", "Cargo.lock"];

/// No file names a machine's own folders or a registry's hosts.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let files = workspace.files.iter();
    files.filter(|file| !EXCEPTED.contains(&file.path.as_str())).flat_map(check_file).collect()
}

fn check_file(file: &TextFile) -> Vec<Finding> {
    let lines = (1..).zip(file.text.lines());
    let found = lines.filter_map(|(number, line)| {
        let word = FOREIGN.iter().find(|word| names(line, word))?;
        Some(Finding::at(&file.path, number, format!("names {word}, which is of one machine")))
    });
    found.collect()
}

/// A folder is named only where a path begins: `plans/work/a` is none of a machine's.
fn names(line: &str, word: &str) -> bool {
    let begins_path = |at: usize| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-{}".contains(c))
    };
    line.match_indices(word).any(|(at, _)| !word.starts_with('/') || begins_path(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::samples::one_file;

    #[test]
    fn a_machines_own_folder_is_found() {
        for (text, found) in [
            ("see /root/notes", 1),
            ("file:///root/x", 1),
            ("\"/work/x\"", 1),
            ("/roots/ and https://example.org/work/x", 0),
            ("https://crates.io/crates/nom", 0),
            ("https://static.crates.io/x", 1),
        ] {
            assert_eq!(check(&one_file("a", "docs/a.md", text)).len(), found, "{text}");
        }
        assert!(check(&one_file("a", EXCEPTED[0], "/root/x")).is_empty());
    }
}
