//! What is said after the summary: where the record is, and what to do when it is not where it should be.

use std::path::Path;

use run_journal::JournalError;
use test_runner::Outcome;

use crate::commands::print;
use crate::database::Recorded;
use crate::failure::Failure;

/// Where they are said, and of what.
pub(crate) struct LastLines<'l> {
    /// The site, where the bench has several.
    pub(crate) site: Option<&'l str>,
    pub(crate) journal: &'l Path,
    pub(crate) output_is_json: bool,
}

impl LastLines<'_> {
    /// Says them: on standard output, unless that is for a program.
    pub(crate) fn tell(
        &self,
        outcome: &Outcome,
        journal_fault: Option<&JournalError>,
        recorded: &Result<Option<Recorded>, Failure>,
    ) {
        let at = self.site.map(|site| format!("{site}: ")).unwrap_or_default();
        if let Some(fault) = journal_fault {
            let outputs =
                if outcome.unconfirmed.is_empty() { "all outputs are off" } else { "see below" };
            say!("scpi-run: {at}the journal failed, and the run was stopped, {outputs}: {fault}");
        }
        for output in &outcome.unconfirmed {
            say!("scpi-run: {at}NOT CONFIRMED OFF: {output}");
        }
        let text = self.text(&at, journal_fault.is_some(), recorded);
        if self.output_is_json {
            say!("{}", text.trim_end());
        } else {
            print(&text);
        }
    }

    fn text(
        &self,
        at: &str,
        journal_failed: bool,
        recorded: &Result<Option<Recorded>, Failure>,
    ) -> String {
        let journal = self.journal.display();
        match recorded {
            Ok(Some(recorded)) => {
                recorded.open.tell_notices();
                let what = if journal_failed { "what the journal has is" } else { "recorded" };
                format!("{at}{what} in {}\n", recorded.open.config.place())
            }
            Ok(None) => format!("{at}journal alone (--db none): {journal}\n"),
            Err(failure) => {
                say!("scpi-run: {at}the results are not in the database: {failure}");
                format!("{at}the journal has everything, and `scpi-run sync` sends it: {journal}\n")
            }
        }
    }
}
