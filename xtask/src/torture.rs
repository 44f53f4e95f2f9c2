//! `cargo xtask torture`: runs are ended in every way there is, at random moments, far more often than tests do it.

use std::path::Path;
use std::process::Command;

use crate::Checked;

/// How many runs are ended; a multiple of the ways.
const KILLS: &str = "260";

/// Has cargo do it.
pub(crate) fn run(root: &Path) -> Checked {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--package", "scpi-run", "--test", "torture"])
        .env("SCPI_RUN_KILLS", KILLS)
        .current_dir(root)
        .status()?;
    Ok(status.success())
}
