//! `cargo xtask docs`: the documentation of all crates, without a warning.

use std::path::Path;
use std::process::Command;

use crate::Checked;

/// Has cargo make it.
pub(crate) fn run(root: &Path) -> Checked {
    let status = Command::new(env!("CARGO"))
        .args(["doc", "--workspace", "--no-deps"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .current_dir(root)
        .status()?;
    Ok(status.success())
}
