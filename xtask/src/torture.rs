//! `cargo xtask torture` and `store-faults`: what tests do a little of, far more often: runs ended in every way there
//! is, and the store's processes, server, network and disks failing, at random moments.

use std::path::Path;
use std::process::Command;

use crate::Checked;

/// How many runs are ended; a multiple of the ways.
const KILLS: &str = "260";

/// Rounds in which the store fails.
const FAULTS: &str = "300";

/// Ends runs.
pub(crate) fn run(root: &Path) -> Checked {
    test(root, "torture", ("SCPI_RUN_KILLS", KILLS))
}

/// Lets the store fail; so many rounds as are asked for.
pub(crate) fn store_faults(root: &Path, rounds: Option<&str>) -> Checked {
    test(root, "store_faults", ("SCPI_RUN_FAULTS", rounds.unwrap_or(FAULTS)))
}

/// Has cargo do it.
fn test(root: &Path, name: &str, (variable, count): (&str, &str)) -> Checked {
    let status = Command::new(env!("CARGO"))
        .args(["test", "--package", "scpi-run", "--test", name, "--", "--nocapture"])
        .env(variable, count)
        .current_dir(root)
        .status()?;
    Ok(status.success())
}
