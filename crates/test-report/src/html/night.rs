//! A night as a page.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use super::document::{STYLE, STYLE_POLICY};
use super::markup::{Column, list, section, table, text};
use crate::night::words::{MAX_NIGHTS, in_days, outputs, sides, summary};
use crate::night::{Morning, MorningJob, OtherThan};
use crate::past::words::{deviations, probability};
use crate::text::{duration, utc};

/// Rows of a table, at most.
const MAX_ROWS: usize = 500;

/// The page.
pub(crate) fn night_page(morning: &Morning) -> String {
    Page(morning).to_string()
}

struct Page<'m>(&'m Morning);

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let own = self.0;
        let line = own.line();
        let verdict = if own.exit == 0 && line.passed == line.jobs { "PASS" } else { "FAIL" };
        writeln!(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>")?;
        writeln!(f, "<meta http-equiv=\"Content-Security-Policy\" content=\"{STYLE_POLICY}\"/>")?;
        writeln!(f, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")?;
        writeln!(f, "<meta name=\"color-scheme\" content=\"light dark\"/>")?;
        writeln!(f, "<title>{verdict}: {}</title>", text(&own.sweep))?;
        writeln!(f, "<style>{STYLE}</style>\n</head>\n<body>\n<main>")?;
        writeln!(f, "<p class=\"kind\">Morning report</p>\n<h1>{}</h1>", text(&own.sweep))?;
        writeln!(
            f,
            "<p class=\"dut\"><span class=\"v {verdict}\">{verdict}</span> {}</p>",
            text(&summary(own))
        )?;
        if !own.notes.is_empty() {
            list(f, own.notes.iter().map(String::as_str), MAX_ROWS)?;
        }
        failed(own, f)?;
        jobs(own, f)?;
        moved(own, f)?;
        rest(own, f)?;
        f.write_str("<p class=\"end\">End of the morning report</p>\n</main>\n</body>\n</html>\n")
    }
}

/// A section with a table of words; nothing of no rows.
fn words(
    f: &mut Formatter<'_>,
    (id, title): (&str, &str),
    heads: &[&str],
    rows: &[Vec<String>],
) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let columns: Vec<Column> = heads.iter().map(|head| Column::words(head)).collect();
    section(f, id, title, |f| {
        table(f, title, &columns, |f| {
            rows.iter().take(MAX_ROWS).try_for_each(|cells| row(f, cells))
        })?;
        match rows.len().saturating_sub(MAX_ROWS) {
            0 => Ok(()),
            more => writeln!(f, "<p class=\"note\">{more} more are left out here.</p>"),
        }
    })
}

fn row(f: &mut Formatter<'_>, cells: &[String]) -> fmt::Result {
    f.write_str("<tr>")?;
    for cell in cells {
        match cell.as_str() {
            badge @ ("PASS" | "FAIL" | "ERROR" | "INCONCLUSIVE" | "SKIP" | "RECORDED") => {
                write!(f, "<td><span class=\"v {badge}\">{badge}</span></td>")?;
            }
            other => write!(f, "<td>{}</td>", text(other))?,
        }
    }
    f.write_str("</tr>\n")
}

fn failed(own: &Morning, f: &mut Formatter<'_>) -> fmt::Result {
    let rows = own.failed.iter().map(|one| {
        let new = if one.is_new { "passed the time before" } else { "" }.to_owned();
        let reason = one.reason.clone().unwrap_or_default();
        let verdict = one.verdict.word().to_owned();
        vec![
            verdict,
            one.place.clone(),
            one.actual.clone(),
            one.limit.clone(),
            new,
            reason,
            one.job.clone(),
        ]
    });
    let heads = ["Verdict", "Place", "Value", "Limit", "New", "Why", "Job"];
    words(f, ("failed", "Did not pass"), &heads, &rows.collect::<Vec<_>>())
}

fn jobs(own: &Morning, f: &mut Formatter<'_>) -> fmt::Result {
    let heads = ["Outcome", "Job", "Took", "Results", "What there is to say", "Runs"];
    let rows: Vec<_> = own.jobs.iter().map(job).collect();
    words(f, ("jobs", "Jobs"), &heads, &rows)
}

fn job(job: &MorningJob) -> Vec<String> {
    let took = job.took_s.map(seconds).unwrap_or_default();
    let counts = job.counts;
    let counted = format!(
        "{} passed, {} failed",
        counts.pass,
        counts.fail + counts.error + counts.inconclusive
    );
    let mut why = job.why.clone();
    why.extend(outputs(job));
    let runs: Vec<String> = job.sessions.iter().map(ToString::to_string).collect();
    vec![job.outcome.clone(), job.job.clone(), took, counted, why.join("; "), runs.join(" ")]
}

fn seconds(seconds: f64) -> String {
    duration(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

fn moved(own: &Morning, f: &mut Formatter<'_>) -> fmt::Result {
    let rows = own.moved.iter().map(|one| {
        let part = one.of_limit.map(|part| format!("{:.1} %", part * 100.0)).unwrap_or_default();
        vec![
            one.place.clone(),
            one.before.clone(),
            one.after.clone(),
            one.shift.clone(),
            one.deviations.map(deviations).unwrap_or_default(),
            one.n.map(|n| n.to_string()).unwrap_or_default(),
            probability(one.p),
            part,
            one.verdict.word().to_owned(),
            one.against.clone(),
            one.job.clone(),
        ]
    });
    let heads = [
        "Place",
        "Was",
        "Is",
        "Shift",
        "By",
        "n",
        "Chance",
        "Of the limit",
        "Verdict",
        "Against",
        "Job",
    ];
    words(f, ("moved", "Moved"), &heads, &rows.collect::<Vec<_>>())
}

fn rest(own: &Morning, f: &mut Formatter<'_>) -> fmt::Result {
    let slower = own.slower.iter().map(|one| {
        let (before, took) = (seconds(one.before_s), seconds(one.took_s));
        vec![one.job.clone(), before, took, one.n.to_string(), probability(one.p)]
    });
    words(
        f,
        ("slower", "Slower"),
        &["Job", "Took", "Takes", "n", "Chance"],
        &slower.collect::<Vec<_>>(),
    )?;
    let places = |all: &[OtherThan]| -> Vec<Vec<String>> {
        all.iter().map(|one| vec![one.what.clone(), one.job.clone()]).collect()
    };
    words(f, ("new", "New"), &["Place", "Job"], &places(&own.new))?;
    words(f, ("gone", "Not there any more"), &["Place", "Job"], &places(&own.gone))?;
    let flaky =
        own.flaky.iter().map(|one| vec![one.place.clone(), one.why.clone(), one.job.clone()]);
    words(f, ("flaky", "Flaky"), &["Place", "Seen by", "Job"], &flaky.collect::<Vec<_>>())?;
    let changed = own.changed.iter().map(|one| {
        let (before, after) = sides(one);
        vec![one.what.clone(), before, after, one.job.clone()]
    });
    words(f, ("changed", "Changed"), &["What", "Was", "Is", "Job"], &changed.collect::<Vec<_>>())?;
    let calibration = own.calibration.iter().map(|one| {
        let serial = one.serial.clone().unwrap_or_else(|| "-".to_owned());
        vec![one.instrument.clone(), serial, one.due.clone(), in_days(one.days)]
    });
    let heads = ["Instrument", "Serial number", "Until", "That is"];
    words(f, ("calibration", "Calibration soon"), &heads, &calibration.collect::<Vec<_>>())?;
    let nights = own.nights.iter().take(MAX_NIGHTS).map(|one| {
        let exit = one.exit.map_or_else(|| "cut".to_owned(), |exit| exit.to_string());
        let numbers =
            [one.jobs, one.passed, one.failed, one.moved].map(|number| number.to_string());
        [vec![utc(one.started_at), exit], numbers.to_vec()].concat()
    });
    let heads = ["Began (UTC)", "Exit code", "Jobs", "Passed", "Results not passed", "Moved"];
    words(f, ("nights", "Nights before"), &heads, &nights.collect::<Vec<_>>())
}
