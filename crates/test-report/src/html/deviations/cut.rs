//! Where a session was cut and went on.

use bench_model::{Resumed, Timestamp};

use super::{Session, shortened};
use crate::text::{between, count, counted, duration, utc};

/// One remark for each time that it went on.
pub(super) fn resumed(session: &Session<'_>) -> Vec<String> {
    session.resumed.iter().map(|(at, resumed)| told(*at, resumed)).collect()
}

/// `Cut at 08:53 UTC (killed) and resumed after a gap of 3 min 20 s by ada, at rail; 2 results were judged anew.`
fn told(at: Timestamp, resumed: &Resumed) -> String {
    let gap = duration(between(resumed.cut_at, at));
    let by = resumed.operator.as_deref().map(|by| format!(" by {}", shortened(by)));
    let within = if resumed.at_point { " within its sweep" } else { "" };
    let step = resumed.step.as_deref().map(|step| format!(", at {}{within}", shortened(step)));
    let anew = match count(resumed.superseded.len()) {
        0 => String::new(),
        results => format!("; {} judged anew", counted(results, "result was", "results were")),
    };
    let (cut, reason) = (utc(resumed.cut_at), shortened(&resumed.reason));
    let (by, step) = (by.unwrap_or_default(), step.unwrap_or_default());
    format!("Cut at {cut} UTC ({reason}) and resumed after a gap of {gap}{by}{step}{anew}.")
}
