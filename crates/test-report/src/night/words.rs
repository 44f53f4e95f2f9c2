//! A night in words, for a screen.

use std::time::Duration;

use bench_model::Verdict;

use super::morning::{Morning, MorningJob, NightLine, OtherThan};
use crate::look::Look;
use crate::past::words::{deviations, probability};
use crate::table::{self, Row};
use crate::text::{clean, count, counted, duration, utc};

/// Rows of one part, at most.
const MAX_ROWS: usize = 50;
/// Nights before this one that are shown.
pub(crate) const MAX_NIGHTS: usize = 14;
/// Spaces before a row.
const INDENT: usize = 4;

/// All of it, what matters most first.
pub(super) fn text(own: &Morning, look: Look) -> String {
    let mut lines = vec![headline(own, look)];
    lines
        .extend(own.notes.iter().map(|note| format!("  {} {}", look.notable("note"), clean(note))));
    let rows = |all: Vec<Row>| all;
    let parts: [(&str, Vec<Row>); 10] = [
        ("did not pass", rows(own.failed.iter().map(|one| failed(one, look)).collect())),
        (
            "did not run to its end",
            own.jobs.iter().filter(|job| is_cut(job)).map(|job| cut(job, look)).collect(),
        ),
        ("moved", own.moved.iter().map(|one| moved(one, look)).collect()),
        ("slower", own.slower.iter().map(slower).collect()),
        ("new", own.new.iter().map(place).collect()),
        ("not there any more", own.gone.iter().map(place).collect()),
        ("flaky", own.flaky.iter().map(|one| cells(&[&one.place, &one.why, &one.job])).collect()),
        ("changed", own.changed.iter().map(changed).collect()),
        ("calibration", own.calibration.iter().map(calibration).collect()),
        ("nights before", own.nights.iter().take(MAX_NIGHTS).map(night).collect()),
    ];
    for (title, rows) in parts {
        part(title, &rows, look, &mut lines);
    }
    lines.extend(job_notes(own));
    lines.push(level(own));
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn part(title: &str, rows: &[Row], look: Look, lines: &mut Vec<String>) {
    if rows.is_empty() {
        return;
    }
    lines.push(format!("  {}", look.heading(title)));
    let shown = rows.get(..MAX_ROWS).unwrap_or(rows);
    lines.extend(table::lines(shown, INDENT, look));
    if let more @ 1.. = rows.len().saturating_sub(MAX_ROWS) {
        lines.push(format!("    and {more} more"));
    }
}

/// `nightly of 2026-10-09 22:00:00, 3 jobs in 4 min 2 s: 2 passed, 1 did not; 1 place moved`.
fn headline(own: &Morning, look: Look) -> String {
    let line = own.line();
    let bad = line.jobs - line.passed;
    let verdict = match (own.exit, bad) {
        (0, 0) => look.verdict(Verdict::Pass),
        _ => look.as_verdict(Verdict::Fail, "NOT ALL PASSED"),
    };
    format!("{verdict}  {}", look.heading(&summary(own)))
}

/// The same without its verdict.
pub(crate) fn summary(own: &Morning) -> String {
    let line = own.line();
    let took = own.ended_at.map(|end| crate::text::between(own.started_at, end));
    let took =
        took.map_or_else(|| ", which was cut".to_owned(), |took| format!(" in {}", duration(took)));
    let parts = match own.shards.as_slice() {
        [] => String::new(),
        parts => format!(" (parts {})", parts.join(", ")),
    };
    let jobs = counted(line.jobs, "job", "jobs");
    let not = line.jobs - line.passed;
    let not = if not > 0 { format!(", {not} did not") } else { String::new() };
    let moved = match line.moved {
        0 => "nothing moved".to_owned(),
        moved => format!("{} moved", counted(moved, "place", "places")),
    };
    let (sweep, at) = (clean(&own.sweep), utc(own.started_at));
    format!("{sweep}{parts} of {at}, {jobs}{took}: {} passed{not}; {moved}", line.passed)
}

/// Whether a job ended otherwise than by its results.
pub(crate) fn is_cut(job: &MorningJob) -> bool {
    !matches!(
        job.outcome.as_str(),
        "PASS" | "FAIL" | "INCONCLUSIVE" | "NOTHING JUDGED" | "RECORDED" | "SKIP"
    )
}

fn cut(job: &MorningJob, look: Look) -> Row {
    let mut notes: Vec<String> = job.why.iter().map(|why| clean(why)).collect();
    notes.extend(outputs(job));
    Row { head: look.loud(&job.outcome), cells: vec![clean(&job.job)], notes }
}

/// Whether its outputs are off.
pub(crate) fn outputs(job: &MorningJob) -> Option<String> {
    job.outputs_off.map(|off| {
        let words = if off {
            "every output was confirmed off"
        } else {
            "NOT EVERY OUTPUT WAS CONFIRMED OFF"
        };
        words.to_owned()
    })
}

fn failed(one: &super::morning::FailedPlace, look: Look) -> Row {
    let new = if one.is_new { "it passed the time before" } else { "" };
    let cells = [&one.place, &one.actual, &one.limit, new, &one.job].map(clean).to_vec();
    let notes = one.reason.iter().map(|reason| clean(reason)).collect();
    Row { head: look.verdict(one.verdict), cells, notes }
}

fn moved(one: &super::morning::MorningMove, look: Look) -> Row {
    let by = one.deviations.map(deviations).unwrap_or_default();
    let n = one.n.map(|n| format!("n = {n}")).unwrap_or_default();
    let of_limit = one.of_limit.map(|part| format!("{:.1} % of the limit's width", part * 100.0));
    let values = format!("{} → {}", one.before, one.after);
    let verdict = one.verdict.word();
    let cells = [
        &one.place,
        &values,
        &one.shift,
        &by,
        &n,
        &probability(one.p),
        &of_limit.unwrap_or_default(),
        verdict,
        &one.against,
        &one.job,
    ];
    Row { head: look.notable("moved"), cells: cells.map(clean).to_vec(), notes: Vec::new() }
}

fn cells(cells: &[&str]) -> Row {
    Row {
        head: String::new(),
        cells: cells.iter().map(|cell| clean(cell)).collect(),
        notes: Vec::new(),
    }
}

fn slower(one: &super::morning::SlowerJob) -> Row {
    let seconds = |seconds: f64| duration(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    let times = format!("{} → {}", seconds(one.before_s), seconds(one.took_s));
    cells(&[&one.job, &times, &format!("n = {}", one.n), &probability(one.p)])
}

fn place(one: &OtherThan) -> Row {
    cells(&[&one.what, &one.job])
}

fn changed(one: &OtherThan) -> Row {
    let (before, after) = sides(one);
    cells(&[&one.what, &format!("{before} → {after}"), &one.job])
}

/// What it was, and what it is.
pub(crate) fn sides(one: &OtherThan) -> (String, String) {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
    (side(&one.before), side(&one.after))
}

fn calibration(one: &super::morning::CalibrationSoon) -> Row {
    cells(&[&one.instrument, one.serial.as_deref().unwrap_or("-"), &one.due, &in_days(one.days)])
}

/// `in 10 days`, `5 days ago`.
pub(crate) fn in_days(days: i32) -> String {
    match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2.. => format!("in {days} days"),
        _ => format!("OVERDUE since {}", counted(u64::from(days.unsigned_abs()), "day", "days")),
    }
}

fn night(line: &NightLine) -> Row {
    let exit = line.exit.map_or_else(|| "cut".to_owned(), |exit| format!("exit {exit}"));
    let jobs = format!("{} of {} passed", line.passed, counted(line.jobs, "job", "jobs"));
    let failed = format!("{} did not pass", counted(line.failed, "result", "results"));
    cells(&[&utc(line.started_at), &exit, &jobs, &failed, &format!("{} moved", line.moved)])
}

/// What is to be said of jobs that came to their end.
fn job_notes(own: &Morning) -> Vec<String> {
    let ended = own.jobs.iter().filter(|job| !is_cut(job));
    let notes = ended.flat_map(|job| job.why.iter().map(move |why| (job, why)));
    notes.map(|(job, why)| format!("  {}: {}", clean(&job.job), clean(why))).collect()
}

fn level(own: &Morning) -> String {
    let jobs = counted(count(own.jobs.len()), "job", "jobs");
    format!(
        "± holds a shift with 95 %; of a hundred nights in which nothing moves, {} {} flagged, all places of {jobs} \
         together",
        own.alpha * 100.0,
        if own.alpha <= 0.01 { "is" } else { "are" }
    )
}
