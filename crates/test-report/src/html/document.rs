//! The file: head, style, the parts in their order, and the script that filters results.

use std::fmt::{self, Display, Formatter};

use super::HtmlOptions;
use super::amendment::report_number;
use super::analyses::{analyses, has_analyses};
use super::corrections::{corrections, has_corrections};
use super::deviations::deviations;
use super::ending::{conditions, log, safe_state};
use super::head::{head, plan_name};
use super::instruments::instruments;
use super::markup::text;
use super::provenance::{decision_rule, provenance};
use super::results::{failures, results};
use super::session::Session;
use super::statistics::statistics;
use super::uncertainty::{has_uncertainty, uncertainty};
use super::waveform::waveforms;
use crate::phrase::is_bad;

pub(super) const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What a browser may do with the file: nothing but this style, this script, and pictures that are in it.
const POLICY: &str = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; \
    script-src 'sha256-1+EdbaLDlSLVvb6m7m3TdJr9ciflKzf6xM/gA9a6oGs='; base-uri 'none'; form-action 'none'";

/// The same for a page without a script.
pub(super) const STYLE_POLICY: &str = "default-src 'none'; img-src data:; font-src data:; \
    style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The whole report.
pub(super) struct Document<'r> {
    pub(super) session: &'r Session<'r>,
    pub(super) options: &'r HtmlOptions,
    /// The letterhead before and behind the report.
    pub(super) before: &'r str,
    pub(super) after: &'r str,
}

impl Display for Document<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.file_head(f)?;
        f.write_str("<body>\n")?;
        if self.session.start.simulated {
            f.write_str("<div class=\"watermark\" aria-hidden=\"true\">SIMULATED</div>\n")?;
        }
        f.write_str(self.before)?;
        f.write_str("<main>\n")?;
        head(self.session, self.options, f)?;
        self.contents(f)?;
        self.parts(f)?;
        f.write_str("<p class=\"end\">End of the report</p>\n</main>\n")?;
        f.write_str(self.after)?;
        writeln!(f, "<script>{SCRIPT}</script>\n</body>\n</html>")
    }
}

impl Document<'_> {
    fn file_head(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let outcome = self.session.outcome().word();
        let number = report_number(self.session, self.options);
        writeln!(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>")?;
        writeln!(f, "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\"/>", text(POLICY))?;
        writeln!(f, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")?;
        writeln!(f, "<meta name=\"color-scheme\" content=\"light dark\"/>")?;
        writeln!(f, "<title>{outcome}: {}</title>", text(&plan_name(self.session)))?;
        writeln!(
            f,
            "<style>{STYLE}@page {{ @bottom-left {{ content: \"Report {number}\"; }} }}</style>\n</head>"
        )
    }

    fn contents(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let session = self.session;
        let has_statistics = session.results.iter().any(|result| !result.statistics.is_empty());
        let has_failures = session.results.iter().any(|result| is_bad(result.verdict));
        let parts = [
            ("failures", "Not passed", has_failures),
            ("deviations", "Deviations", true),
            ("results", "Results", true),
            ("waveforms", "Waveforms", !session.waveforms.is_empty()),
            ("statistics", "Statistics", has_statistics),
            ("uncertainty", "Uncertainty", has_uncertainty(session)),
            ("corrections", "Corrections", has_corrections(session)),
            ("analyses", "Analyses", has_analyses(session)),
            ("instruments", "Instruments", true),
            ("conditions", "Conditions", true),
            ("safe-state", "Safe state", true),
            ("log", "Errors", true),
            ("decision-rule", "Decision rule", true),
            ("provenance", "Provenance", true),
        ];
        f.write_str("<nav aria-label=\"Contents\">")?;
        for (id, title, _) in parts.iter().filter(|(_, _, is_there)| *is_there) {
            write!(f, "<a href=\"#{id}\">{title}</a> ")?;
        }
        f.write_str("</nav>\n")
    }

    fn parts(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (session, options) = (self.session, self.options);
        failures(session, f)?;
        deviations(session, options, f)?;
        results(session, f)?;
        waveforms(session, f)?;
        statistics(session, f)?;
        uncertainty(session, f)?;
        corrections(session, f)?;
        analyses(session, f)?;
        instruments(session, f)?;
        conditions(session, f)?;
        safe_state(session, options, f)?;
        log(session, f)?;
        decision_rule(session, f)?;
        provenance(session, options, f)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_lets_this_script_run_and_no_other() {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(SCRIPT));
        assert!(POLICY.contains(&format!("script-src 'sha256-{hash}'")), "the hash is now {hash}");
        assert!(!SCRIPT.contains(['<', '&']), "it is XML as well");
    }

    #[test]
    fn the_style_fetches_nothing() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains('<'));
    }

    /// The colours of a block `:root { ... }`.
    fn colours(block: &str) -> Vec<(&str, [f64; 3])> {
        let block = block.split_once('}').unwrap().0;
        let variables = block.split(';').filter_map(|line| line.trim().strip_prefix("--"));
        let colour = |variable: &str| {
            let (_, digits) = variable.split_once(": #").unwrap();
            let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
            [0, 2, 4].map(|at| f64::from(channel(at)) / 255.0)
        };
        variables.map(|variable| (variable.split_once(':').unwrap().0, colour(variable))).collect()
    }

    /// WCAG 2.2, "contrast ratio" and "relative luminance".
    fn contrast(one: [f64; 3], two: [f64; 3]) -> f64 {
        let linear =
            |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        let luminance =
            |[r, g, b]: [f64; 3]| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        let (one, two) = (luminance(one) + 0.05, luminance(two) + 0.05);
        one.max(two) / one.min(two)
    }

    #[test]
    fn the_formula_is_that_of_the_guidelines() {
        assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
        assert!((contrast([119.0 / 255.0; 3], [1.0; 3]) - 4.48).abs() < 0.01, "#777 on white");
    }

    #[test]
    fn everything_can_be_read_light_and_dark() {
        const TEXT: [&str; 9] =
            ["ink", "quiet", "link", "PASS", "FAIL", "ERROR", "INCONCLUSIVE", "SKIP", "RECORDED"];
        const DRAWN: [&str; 9] =
            ["limit", "s0", "s1", "s2", "s3", "s4", "s5", "alert-line", "FAIL"];
        let blocks: Vec<_> = STYLE.split(":root {\n").skip(1).take(2).collect();
        assert_eq!(blocks.len(), 2, "light and dark");
        for block in blocks {
            let colours = colours(block);
            let of = |name: &str| colours.iter().find(|(own, _)| *own == name).unwrap().1;
            let check = |front: &str, back: &str, least: f64| {
                let ratio = contrast(of(front), of(back));
                assert!(ratio >= least, "{front} on {back}: {ratio:.2} of {least}\n{block}");
            };
            for front in TEXT {
                check(front, "page", 4.5);
                check(front, "panel", 4.5);
            }
            for badge in &TEXT[3..] {
                check("on-badge", badge, 4.5);
            }
            check("ink", "alert", 4.5);
            check("link", "alert", 4.5);
            DRAWN.iter().for_each(|front| check(front, "page", 3.0));
            check("ink", "inside", 3.0);
            check("FAIL", "panel", 3.0);
        }
    }
}
