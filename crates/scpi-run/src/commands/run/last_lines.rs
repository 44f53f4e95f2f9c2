//! What is said after the summary: where the record is, and what to do when it is not where it should be.

use std::path::Path;

use run_journal::JournalError;
use test_runner::Outcome;

use crate::commands::print;
use crate::database::Recorded;
use crate::failure::Failure;

/// Says it: on standard output, unless that is for a program.
pub(crate) fn tell(
    outcome: &Outcome,
    journal: &Path,
    journal_fault: Option<&JournalError>,
    recorded: &Result<Option<Recorded>, Failure>,
    output_is_json: bool,
) {
    if let Some(fault) = journal_fault {
        let outputs =
            if outcome.unconfirmed.is_empty() { "all outputs are off" } else { "see below" };
        say!("scpi-run: the journal failed, and the run was stopped, {outputs}: {fault}");
    }
    for output in &outcome.unconfirmed {
        say!("scpi-run: NOT CONFIRMED OFF: {output}");
    }
    let text = match recorded {
        Ok(Some(recorded)) => {
            recorded.open.tell_notices();
            let what = if journal_fault.is_some() { "what the journal has is" } else { "recorded" };
            format!("{what} in {}\n", recorded.open.config.place())
        }
        Ok(None) => format!("journal alone (--db none): {}\n", journal.display()),
        Err(failure) => {
            say!("scpi-run: the results are not in the database: {failure}");
            format!(
                "the journal has everything, and `scpi-run sync` sends it: {}\n",
                journal.display()
            )
        }
    };
    if output_is_json {
        say!("{}", text.trim_end());
    } else {
        print(&text);
    }
}
