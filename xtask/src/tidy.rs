//! `cargo xtask tidy`: the tree is as the house wants it.

use std::path::Path;

use crate::finding::Finding;
use crate::workspace::Workspace;
use crate::{Checked, layers, manifests, manners, purity, sizes, sql, words};

const CHECKS: &[fn(&Workspace) -> Vec<Finding>] = &[
    layers::check,
    purity::check,
    sql::check,
    sizes::check,
    manners::check,
    manifests::check,
    words::check,
];

/// Makes every check, shows sizes and findings, and says whether there are none.
pub(crate) fn run(root: &Path) -> Checked {
    let workspace = Workspace::read(root)?;
    let mut findings: Vec<_> = CHECKS.iter().flat_map(|check| check(&workspace)).collect();
    findings.sort();
    println!("{}", sizes::report(&workspace));
    print!("{}", layers::report(&workspace));
    for finding in &findings {
        eprintln!("{finding}");
    }
    println!("tidy: {}", summary(findings.len()));
    Ok(findings.is_empty())
}

fn summary(findings: usize) -> String {
    match findings {
        0 => "all is well".to_owned(),
        1 => "1 finding".to_owned(),
        more => format!("{more} findings"),
    }
}
