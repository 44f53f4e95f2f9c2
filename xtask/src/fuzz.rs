//! `cargo xtask fuzz [INPUTS]`: every fuzz target of `scpi-protocol` and `test-plan`, so many inputs each, one after
//! the other.
//!
//! It needs `cargo install cargo-fuzz` and a nightly compiler; what is found stays in `fuzz/artifacts`. The kept corpora
//! are replayed by `cargo test -p scpi-protocol -p test-plan --test fuzz_corpus` on the stable compiler.

use std::path::Path;
use std::process::Command;

use crate::Checked;

/// The crates with fuzz targets.
const CRATES: [&str; 2] = ["scpi-protocol", "test-plan"];

/// Inputs that each target must stand.
pub(crate) const INPUTS: u64 = 100_000_000;

/// The longest input, in bytes.
const MAX_INPUT_BYTES: u32 = 1024;

/// Runs every target.
pub(crate) fn run(root: &Path, inputs: u64) -> Checked {
    let mut all_is_well = true;
    for name in CRATES {
        all_is_well &= targets_of(&root.join("crates").join(name), inputs)?;
    }
    Ok(all_is_well)
}

/// Runs every target of a crate.
fn targets_of(fuzzed: &Path, inputs: u64) -> Checked {
    let folder = fuzzed.join("fuzz");
    let mut all_is_well = true;
    for target in targets(&folder)? {
        eprintln!("fuzz: {target}, {inputs} inputs");
        let found = folder.join("target/found").join(&target);
        std::fs::create_dir_all(&found)?;
        let status = Command::new("cargo")
            .args(["+nightly", "fuzz", "run", "--sanitizer", "none", &target])
            .arg(&found)
            .arg(folder.join("corpus").join(&target))
            .args(["--", &format!("-runs={inputs}"), &format!("-max_len={MAX_INPUT_BYTES}")])
            .current_dir(fuzzed)
            .status()
            .map_err(|error| format!("cargo +nightly fuzz is wanted: {error}"))?;
        all_is_well &= status.success();
    }
    Ok(all_is_well)
}

/// By the files of their targets.
fn targets(folder: &Path) -> std::io::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder.join("targets"))?.collect::<Result<Vec<_>, _>>()?;
    let stem =
        |entry: &std::fs::DirEntry| Some(entry.path().file_stem()?.to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.iter().filter_map(stem).collect();
    names.sort();
    Ok(names)
}
