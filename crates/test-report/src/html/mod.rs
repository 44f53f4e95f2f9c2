//! A session as one self-contained HTML file, for people: to read, to send and to print.

mod amendment;
mod analyses;
mod axis_unit;
mod bars;
mod chart;
mod corrections;
mod deviations;
mod distribution;
mod document;
mod ending;
mod head;
mod instruments;
mod markup;
mod night;
mod numbers;
mod plot;
mod provenance;
mod results;
mod rows;
mod scale;
mod select;
mod session;
mod spots;
mod statistics;
mod thin;
mod trend;
mod uncertainty;
mod waveform;

use bench_model::{Record, Timestamp};
use run_journal::ChainHash;

use document::Document;
use session::Session;

pub use amendment::Amendment;
pub(crate) use night::night_page;
pub(crate) use trend::{trend_page, trend_picture};

/// Where the report goes in a letterhead.
pub const REPORT_PLACE: &str = "<!-- report -->";

/// What a report says beyond its records.
#[derive(Clone, Debug, Default)]
pub struct HtmlOptions {
    /// A lab's own HTML around the report, from before its head to behind its end, with [`REPORT_PLACE`] where the
    /// report goes. It is trusted and goes in as it is; what it fetches from elsewhere or would run is blocked, so
    /// that pictures are `data:` URLs.
    pub letterhead: Option<String>,
    /// Who tested.
    pub laboratory: Option<String>,
    /// For whom.
    pub customer: Option<String>,
    /// Who answers for the report.
    pub authorised_by: Option<String>,
    /// When the report was made.
    pub issued_at: Option<Timestamp>,
    /// The hash that covers all records, where the journal was verified.
    pub chain_head: Option<ChainHash>,
    /// Parameters that were given another value than the plan's own, in words; none where that is not known.
    pub changed_parameters: Option<Vec<String>>,
    /// Roles whose calibration the plan waives.
    pub waived_calibration: Vec<String>,
    /// Steps in which the plan sends SCPI of its own, which no dialect checks.
    pub raw_steps: Vec<String>,
    /// What this report amends, where it replaces an earlier one of the same session.
    pub amendment: Option<Amendment>,
    /// What the guardian did after the run, line by line.
    pub guardian: Option<String>,
}

/// A report that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HtmlError {
    /// The first event is missing.
    #[error("the run has no start, so that plan and session are not known")]
    NoStart,
    /// The letterhead does not say where the report goes.
    #[error("the letterhead has no {REPORT_PLACE}, which is where the report goes")]
    NoPlace,
}

/// The report of a session as an HTML file that is XML as well (but for the letterhead). It needs no other file and
/// no network, and stays below 5 MB: of very many results it shows the first, the last and the worst, and says so.
///
/// A session that has no end is shown as far as it goes, and is called INCOMPLETE.
///
/// # Errors
///
/// When the records have no start, or the letterhead has no place for the report.
pub fn html(records: &[Record], options: &HtmlOptions) -> Result<String, HtmlError> {
    let session = Session::of(records).ok_or(HtmlError::NoStart)?;
    let (before, after) = match &options.letterhead {
        Some(letterhead) => letterhead.split_once(REPORT_PLACE).ok_or(HtmlError::NoPlace)?,
        None => ("", ""),
    };
    Ok(Document { session: &session, options, before, after }.to_string())
}
