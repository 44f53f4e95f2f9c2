//! Pure crates: values in, values out. No runtime, socket, file, environment or clock.

use crate::finding::Finding;
use crate::source::{Source, lines_naming};
use crate::workspace::{Package, Workspace};

/// Crates that any test, browser or other program could use without a machine around them.
const PURE_CRATES: &[&str] = &[
    "exact-decimal",
    "scpi-protocol",
    "bench-model",
    "bench-catalog",
    "metrology",
    "night-shift",
    "test-plan",
];

/// Dependencies that bring a runtime, by how their names begin.
const RUNTIMES: &[&str] = &["tokio", "async-std", "smol", "mio"];

/// What only the outside has. Pure parts of these modules are in `core`: `core::net::IpAddr`.
const OUTSIDE: &[&str] = &[
    "std::net",
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "Uuid::now_v7",
];

/// No pure crate imports or names anything of the outside, tests excepted.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let packages = workspace.packages.iter().filter(|package| is_pure(&package.name));
    let files = workspace.rust().filter(|(package, ..)| is_pure(package));
    let named = files.flat_map(|(package, file, source)| outside_in(package, &file.path, source));
    packages.flat_map(runtimes_of).chain(named).collect()
}

fn outside_in(package: &str, path: &str, source: &Source) -> Vec<Finding> {
    let places = |name: &&str| {
        let fault = format!("names {name}, but {package} is pure: have it passed in");
        let lines = lines_naming(&source.product, name).into_iter();
        lines.map(|line| Finding::at(path, line, fault.as_str())).collect::<Vec<_>>()
    };
    OUTSIDE.iter().flat_map(places).collect()
}

fn is_pure(package: &str) -> bool {
    PURE_CRATES.contains(&package)
}

fn runtimes_of(package: &Package) -> Vec<Finding> {
    let brings = |name: &str| RUNTIMES.iter().any(|runtime| name.starts_with(runtime));
    let outside = package.dependencies.iter().filter(|to| !to.is_dev && brings(&to.name));
    let fault = |name: &str| format!("depends on {name}, but {} is pure", package.name);
    let manifest = format!("{}/Cargo.toml", package.folder);
    outside.map(|to| Finding::of(&manifest, fault(&to.name))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::samples::{arrows, one_file};

    #[test]
    fn a_pure_crate_names_nothing_of_the_outside() {
        for (package, text, lines) in [
            ("metrology", "use std::fmt;\nuse std::time::Instant;", vec![2]),
            ("metrology", "use std::{fmt, fs};", vec![1]),
            ("metrology", "//! No std::fs.\nlet text = \"std::env\";", vec![]),
            ("metrology", "#[cfg(test)]\nmod tests { use std::fs; }", vec![]),
            ("scpi-client", "use std::net::TcpStream;", vec![]),
        ] {
            let path = format!("crates/{package}/src/lib.rs");
            let found = check(&one_file(package, &path, text));
            let wanted: Vec<_> = lines.iter().map(|line| format!("{path}:{line}: ")).collect();
            assert_eq!(found.len(), wanted.len(), "{text}: {found:?}");
            for (finding, place) in found.iter().zip(wanted) {
                assert!(finding.to_string().starts_with(&place), "{finding}");
            }
        }
    }

    #[test]
    fn a_pure_crate_has_no_runtime_outside_tests() {
        let findings = check(&arrows(&[("test-plan", &["tokio-util", "dev:tokio", "toml"])]));
        assert_eq!(findings.len(), 1);
        assert!(findings[0].to_string().contains("tokio-util"), "{findings:?}");
    }
}
