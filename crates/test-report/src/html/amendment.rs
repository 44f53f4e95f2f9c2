//! A report that takes the place of an earlier one (ISO/IEC 17025:2017, 7.8.8).

use std::fmt::{self, Formatter};

use super::HtmlOptions;
use super::markup::text;
use super::session::Session;

/// What is said of an amended report beyond its own number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// The first amendment of a report is 1.
    pub number: u32,
    /// What was changed, and why.
    pub reason: String,
}

/// The number of this report: the session's, and the amendment's behind it.
pub(super) fn report_number(session: &Session<'_>, options: &HtmlOptions) -> String {
    numbered(session, options.amendment.as_ref().map_or(0, |amendment| amendment.number))
}

fn numbered(session: &Session<'_>, amendment: u32) -> String {
    let session = session.start.session;
    if amendment == 0 { session.to_string() } else { format!("{session} amendment {amendment}") }
}

/// The number of the report that this one replaces.
pub(super) fn replaces(session: &Session<'_>, options: &HtmlOptions) -> Option<String> {
    let amendment = options.amendment.as_ref()?;
    Some(numbered(session, amendment.number.saturating_sub(1)))
}

/// In one sentence.
pub(super) fn amended(session: &Session<'_>, options: &HtmlOptions) -> Option<String> {
    let Amendment { number, reason } = options.amendment.as_ref()?;
    let replaced = replaces(session, options)?;
    Some(format!("This is amendment {number}; it replaces report {replaced}. Changed: {reason}"))
}

/// Where nobody overlooks it.
pub(super) fn notice(
    session: &Session<'_>,
    options: &HtmlOptions,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    match amended(session, options) {
        Some(told) => writeln!(f, "<p class=\"alert\"><b>AMENDED</b> {}</p>", text(&told)),
        None => Ok(()),
    }
}
