//! How it was decided, and from what this report was made.

use std::fmt::{self, Formatter};

use super::HtmlOptions;
use super::markup::{block, facts, section, text};
use super::session::Session;
use super::uncertainty::has_uncertainty;
use crate::decided::rules;

/// The rule by which results pass, in words.
pub(super) fn decision_rule(session: &Session<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    section(f, "decision-rule", "Decision rule", |f| {
        f.write_str(include_str!("decision_rule.html"))?;
        for (word, sentence) in rules(session.results.iter().copied()) {
            writeln!(f, "<p><code>{}</code>: {}</p>", text(word), text(sentence))?;
        }
        if !has_uncertainty(session) {
            f.write_str("<p>The uncertainty of measurement is not part of this record.</p>\n")?;
        }
        f.write_str(include_str!("decision_rule_end.html"))
    })
}

/// Plan, software, journal.
pub(super) fn provenance(
    session: &Session<'_>,
    options: &HtmlOptions,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    let start = session.start;
    let (plan, origin) = (&start.plan, start.origin.as_deref());
    let bench = origin.map(|origin| &origin.bench);
    section(f, "provenance", "Provenance", |f| {
        facts(
            f,
            "facts long",
            &[
                ("Session", Some(start.session.to_string())),
                ("Software", Some(start.software.clone())),
                ("Build", origin.map(|origin| origin.build.clone())),
                ("Format of the events", Some(start.format.to_string())),
                ("Records in the journal", Some(session.records.to_string())),
                (
                    "Head of the journal’s hash chain",
                    options.chain_head.map(|head| head.to_string()),
                ),
                ("File of the plan", Some(plan.file.clone())),
                ("SHA-256 of the plan", Some(plan.sha256.clone())),
                ("File of the bench", bench.map(|bench| bench.file.clone())),
                ("SHA-256 of the bench", bench.map(|bench| bench.sha256.clone())),
            ],
        )?;
        if plan.text.is_empty() {
            return f.write_str("<p>The record does not hold the text of the plan.</p>\n");
        }
        write!(
            f,
            "<details><summary>Text of the plan {}</summary>\n<pre tabindex=\"0\">",
            text(&plan.file)
        )?;
        writeln!(f, "{}</pre></details>", block(&plan.text))
    })
}
