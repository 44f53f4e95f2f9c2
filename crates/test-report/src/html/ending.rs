//! Conditions, how the outputs were left, and what was not in order.

use std::fmt::{self, Formatter};

use bench_model::{OutputSafety, SafeState, Timestamp};

use super::HtmlOptions;
use super::markup::{Column, section, table, text, wide_row};
use super::numbers::quantity;
use super::session::{Entry, Session};
use crate::text::utc;

/// Parameters, outputs or safe states that are listed, at most.
const MAX_ROWS: usize = 200;
/// Entries of the log that are listed, at most.
const MAX_ENTRIES: usize = 300;

/// Parameters and environment.
pub(super) fn conditions(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    section(f, "conditions", "Conditions", |f| {
        let environment = &session.start.environment;
        let environment = environment.iter().map(|(name, value)| (name, quantity(value, None)));
        values("Environment", "The record states no environment.", environment, f)?;
        let parameters = &session.start.parameters;
        let parameters = parameters.iter().map(|(name, value)| (name, value.clone()));
        values("Parameters in force", "The plan has no parameters.", parameters, f)
    })
}

fn values<'n>(
    caption: &str,
    none: &str,
    values: impl ExactSizeIterator<Item = (&'n String, String)>,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let more = values.len().saturating_sub(MAX_ROWS);
    if values.len() == 0 {
        return writeln!(f, "<p>{none}</p>");
    }
    let columns = ["Name", "Value"].map(Column::words);
    table(f, caption, &columns, |f| {
        for (name, value) in values.take(MAX_ROWS) {
            writeln!(f, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", text(name), text(&value))?;
        }
        if more > 0 {
            wide_row(f, columns.len(), &format!("{more} more are left out here"))?;
        }
        Ok(())
    })
}

/// How every output was left, each time that it was asked.
pub(super) fn safe_state(
    session: &Session<'_>,
    options: &HtmlOptions,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    section(f, "safe-state", "Safe state", |f| {
        if session.safe_states.is_empty() {
            f.write_str("<p>This record does not say how the outputs were left.</p>\n")?;
        }
        for (at, state) in session.safe_states.iter().take(MAX_ROWS) {
            one_safe_state(*at, state, f)?;
        }
        if let Some(told) = &options.guardian {
            f.write_str("<p>The run did not end by itself. What its guardian did:</p>\n<ul>\n")?;
            for line in told.lines().take(MAX_ROWS) {
                writeln!(f, "<li>{}</li>", text(line))?;
            }
            f.write_str("</ul>\n")?;
        }
        Ok(())
    })
}

fn one_safe_state(at: Timestamp, state: &SafeState, f: &mut Formatter<'_>) -> fmt::Result {
    let caption = format!("{} UTC, {}", utc(at), state.reason);
    if state.outputs.is_empty() {
        return writeln!(f, "<p>{}: nothing in the session can energise.</p>", text(&caption));
    }
    let columns = ["Role", "Instrument", "Output", "What it said"].map(Column::words);
    table(f, &caption, &columns, |f| {
        state.outputs.iter().take(MAX_ROWS).try_for_each(|output| output_row(output, f))?;
        match state.outputs.len().saturating_sub(MAX_ROWS) {
            0 => Ok(()),
            more => wide_row(f, columns.len(), &format!("{more} more are left out here")),
        }
    })
}

fn output_row(output: &OutputSafety, f: &mut Formatter<'_>) -> fmt::Result {
    let (class, word) =
        if output.confirmed_off { ("PASS", "off") } else { ("ERROR", "NOT CONFIRMED OFF") };
    write!(f, "<tr><th scope=\"row\">{}</th>", text(&output.role))?;
    write!(f, "<td>{} channel {}</td>", text(&output.instrument), output.channel)?;
    let detail = output.detail.as_deref().unwrap_or_default();
    writeln!(f, "<td><b class=\"v {class}\">{word}</b></td><td>{}</td></tr>", text(detail))
}

/// Warnings, errors of instruments, and results that could not be had, in their order.
pub(super) fn log(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    section(f, "log", "Errors and warnings", |f| {
        if session.log.is_empty() {
            return f.write_str("<p>None.</p>\n");
        }
        let columns = ["Time (UTC)", "Kind", "Where", "What"].map(Column::words);
        table(f, "In the order in which they came", &columns, |f| {
            let half = MAX_ENTRIES / 2;
            let left_out = session.log.len().saturating_sub(MAX_ENTRIES);
            let first = if left_out > 0 { half } else { session.log.len() };
            session.log.iter().take(first).try_for_each(|entry| entry_row(entry, f))?;
            if left_out > 0 {
                wide_row(
                    f,
                    columns.len(),
                    &format!("{left_out} are left out here; the journal has them"),
                )?;
            }
            session.log.iter().skip(first + left_out).try_for_each(|entry| entry_row(entry, f))
        })
    })
}

fn entry_row(entry: &Entry<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    let Entry { at, kind, source, message } = entry;
    write!(f, "<tr><td>{}</td><td>{kind}</td>", utc(*at))?;
    writeln!(f, "<td>{}</td><td>{}</td></tr>", text(source), text(message))
}
