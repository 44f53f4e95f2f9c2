//! What was asked for otherwise than the plan has it.

use super::{HtmlOptions, MAX_NAMED, Session, shortened};

/// A part of the plan, and parameters with other values than its own.
pub(super) fn on_demand(session: &Session<'_>, options: &HtmlOptions) -> Vec<String> {
    let mut found = Vec::new();
    if session.start.partial {
        found.push("Only a part of the plan was asked for.".to_owned());
    }
    if let Some(origin) = &session.start.origin {
        found.extend(words("Steps that were asked for alone (--step)", &origin.steps));
        found.extend(words("Tags that were asked for alone (--tag)", &origin.tags));
        found.extend(words("Tags that were left out on demand (--skip)", &origin.skip));
    }
    found.extend(parameters(session, options));
    found
}

pub(super) fn words(what: &str, names: &[String]) -> Option<String> {
    let mut shown: Vec<_> = names.iter().take(MAX_NAMED).map(|name| shortened(name)).collect();
    if let more @ 1.. = names.len().saturating_sub(MAX_NAMED) {
        shown.push(format!("and {more} more"));
    }
    (!names.is_empty()).then(|| format!("{what}: {}.", shown.join(", ")))
}

/// Beside the plan's own value where that is known, else as the command line gave them.
fn parameters(session: &Session<'_>, options: &HtmlOptions) -> Vec<String> {
    if let Some(changed) = &options.changed_parameters {
        let told = |changed| format!("Another value than the plan’s own (--set): {changed}.");
        return changed.iter().map(told).collect();
    }
    let set = session.start.origin.iter().flat_map(|origin| &origin.set);
    set.map(|(name, value)| format!("Set on demand (--set): {name} = {value}.")).collect()
}
