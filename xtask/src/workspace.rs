//! The packages of the workspace and the files of the tree.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::source::Source;

/// Folders that hold nothing of ours.
const SKIPPED_FOLDERS: &[&str] = &["target", ".git", "node_modules"];

/// Folders of a package, or of the root, whose Rust files are no part of the product.
const TEST_FOLDERS: &[&str] = &["tests", "benches", "examples", "fuzz"];

/// A file longer than this is data, in bytes.
const MAX_TEXT_BYTES: u64 = 1 << 20;

/// All that the checks look at.
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
    pub(crate) files: Vec<TextFile>,
}

/// One package of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// From the root: `crates/metrology`.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// An arrow from one package to another, ours or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Whether it is for tests alone.
    pub(crate) is_dev: bool,
}

/// A text file of the tree.
pub(crate) struct TextFile {
    /// From the root: `crates/metrology/src/lib.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// What is in it, if it is Rust.
    pub(crate) rust: Option<Source>,
}

impl Workspace {
    pub(crate) fn read(root: &Path) -> Result<Self, Box<dyn Error>> {
        let mut files = Vec::new();
        read_folder(root, "", &mut files)?;
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { packages: packages(&metadata(root)?), files })
    }

    /// The Rust files, each with the name of the package that it lies in; empty outside of all.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &TextFile, &Source)> {
        self.files.iter().filter_map(|file| {
            let rust = file.rust.as_ref()?;
            Some((self.package_of(&file.path), file, rust))
        })
    }

    fn package_of(&self, path: &str) -> &str {
        let holds = |package: &&Package| is_below(path, &package.folder);
        self.packages.iter().find(holds).map_or("", |package| &package.name)
    }
}

impl TextFile {
    pub(crate) fn new(path: &str, text: String) -> Self {
        let rust = path.ends_with(".rs").then(|| Source::new(&text, is_test_file(path)));
        Self { path: path.to_owned(), text, rust }
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// By its folder, or by the name that an outlined `#[cfg(test)] mod tests;` has.
fn is_test_file(path: &str) -> bool {
    let among_tests = path.split('/').any(|folder| TEST_FOLDERS.contains(&folder));
    among_tests || path.ends_with("/tests.rs")
}

fn read_folder(root: &Path, folder: &str, files: &mut Vec<TextFile>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() && !SKIPPED_FOLDERS.contains(&name.as_str()) {
            read_folder(root, &path, files)?;
        } else if kind.is_file() && entry.metadata()?.len() <= MAX_TEXT_BYTES {
            files.extend(read_text(root, &path)?);
        }
    }
    Ok(())
}

/// None of what is no text.
fn read_text(root: &Path, path: &str) -> Result<Option<TextFile>, Box<dyn Error>> {
    let bytes = fs::read(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
    Ok(String::from_utf8(bytes).ok().map(|text| TextFile::new(path, text)))
}

fn metadata(root: &Path) -> Result<Value, Box<dyn Error>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn packages(metadata: &Value) -> Vec<Package> {
    let root = format!("{}/", text(&metadata["workspace_root"]));
    let package = |package: &Value| {
        let manifest = text(&package["manifest_path"]);
        let folder = manifest.strip_prefix(&root).and_then(|path| path.strip_suffix("/Cargo.toml"));
        Package {
            name: text(&package["name"]).to_owned(),
            folder: folder.unwrap_or_default().to_owned(),
            dependencies: items(&package["dependencies"]).map(dependency).collect(),
        }
    };
    items(&metadata["packages"]).map(package).collect()
}

fn dependency(dependency: &Value) -> Dependency {
    let is_dev = text(&dependency["kind"]) == "dev";
    Dependency { name: text(&dependency["name"]).to_owned(), is_dev }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    /// A workspace of one package with one file.
    pub(crate) fn one_file(package: &str, path: &str, text: &str) -> Workspace {
        let package = Package {
            name: package.to_owned(),
            folder: format!("crates/{package}"),
            dependencies: Vec::new(),
        };
        Workspace { packages: vec![package], files: vec![TextFile::new(path, text.to_owned())] }
    }

    /// A workspace of packages without files; a dependency is for tests when it begins with `dev:`.
    pub(crate) fn arrows(packages: &[(&str, &[&str])]) -> Workspace {
        let dependency = |name: &&str| Dependency {
            name: name.trim_start_matches("dev:").to_owned(),
            is_dev: name.starts_with("dev:"),
        };
        let package = |(name, dependencies): &(&str, &[&str])| Package {
            name: (*name).to_owned(),
            folder: format!("crates/{name}"),
            dependencies: dependencies.iter().map(dependency).collect(),
        };
        Workspace { packages: packages.iter().map(package).collect(), files: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_from_metadata() {
        let metadata = serde_json::json!({
            "workspace_root": "/top",
            "packages": [{
                "name": "a",
                "manifest_path": "/top/crates/a/Cargo.toml",
                "dependencies": [
                    { "name": "b", "kind": null },
                    { "name": "c", "kind": "build" },
                    { "name": "d", "kind": "dev" },
                ],
            }],
        });
        let found = packages(&metadata);
        assert_eq!((found[0].name.as_str(), found[0].folder.as_str()), ("a", "crates/a"));
        let dev: Vec<_> = found[0].dependencies.iter().map(|d| d.is_dev).collect();
        assert_eq!(dev, [false, false, true]);
    }

    #[test]
    fn a_file_belongs_to_the_package_that_it_lies_in() {
        for (path, package) in
            [("crates/a/src/lib.rs", "a"), ("crates/a-b/src/lib.rs", ""), ("tests/run.rs", "")]
        {
            let workspace = samples::one_file("a", path, "");
            let found: Vec<_> = workspace.rust().map(|(package, ..)| package).collect();
            assert_eq!(found, [package], "{path}");
        }
    }

    #[test]
    fn tests_are_known_by_their_place() {
        for (path, is_test) in [
            ("crates/a/tests/peer/mod.rs", true),
            ("crates/a/src/parse/tests.rs", true),
            ("tests/run.rs", true),
            ("crates/test-plan/src/lib.rs", false),
        ] {
            assert_eq!(is_test_file(path), is_test, "{path}");
        }
    }
}
