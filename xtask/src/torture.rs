//! `cargo xtask torture`, `store-faults` and `storm`: what tests do a little of, far more often: runs ended in every way
//! there is, the store's processes, server, network and disks failing at random moments, instruments that misbehave.

use std::path::Path;
use std::process::Command;

use crate::Checked;

/// How many runs are ended; a multiple of the ways.
const KILLS: (&str, &str) = ("SCPI_RUN_KILLS", "260");

/// Rounds in which the store fails.
const FAULTS: (&str, &str) = ("SCPI_RUN_FAULTS", "300");

/// Runs in storms of faults.
const STORMS: (&str, &str) = ("SCPI_RUN_STORMS", "300");

/// Ends runs.
pub(crate) fn run(root: &Path) -> Checked {
    test(root, "torture", KILLS)
}

/// Lets the store fail; so many rounds as are asked for.
pub(crate) fn store_faults(root: &Path, rounds: Option<&str>) -> Checked {
    test(root, "store_faults", (FAULTS.0, rounds.unwrap_or(FAULTS.1)))
}

/// Whole runs while their instruments misbehave; the smallest seed that fails is named.
pub(crate) fn storm(root: &Path) -> Checked {
    test(root, "storm", STORMS)
}

/// Has cargo do it.
fn test(root: &Path, name: &str, (variable, times): (&str, &str)) -> Checked {
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--package", "scpi-run", "--test", name, "--", "--nocapture"]);
    // Who asks for another number in the environment has it.
    if std::env::var_os(variable).is_none() {
        command.env(variable, times);
    }
    Ok(command.current_dir(root).status()?.success())
}
