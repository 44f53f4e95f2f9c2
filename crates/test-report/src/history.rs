//! Past runs, a line each.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use ::console::truncate_str;
use bench_model::{RunRecord, SessionStart, SessionStatus, Verdict};

use crate::look::{Look, columns, wrapped};
use crate::phrase;
use crate::text::{self, count, counted};

/// Characters of a session's id that are tried, until all that are shown differ. The first says the millisecond.
const ID_LENGTHS: [usize; 2] = [13, 18];
/// Columns that a plan's or DUT's name keeps, however narrow the screen.
const MIN_NAME_COLUMNS: usize = 6;
/// Between two columns.
const GAP: usize = 2;
/// A minute is enough: the seconds are in the id.
const MINUTE_COLUMNS: usize = 16;

const HEADINGS: [&str; 8] = ["RUN", "WHEN (UTC)", "PLAN", "DUT", "VERDICT", "PASSED", "TIME", ""];
/// Runs that are counted for themselves, by the first that holds.
const APART: [&str; 5] = ["simulated", "partial", "aborted", "not completed", "unfinished"];

/// Which columns may be shortened.
const NAMES: [usize; 2] = [2, 3];
/// Which columns are left out of a line that is still too narrow, the first of them first: how long it took, how many
/// passed, when, what for a mark it bears (the last line counts those), the DUT.
const FIRST_TO_GO: [usize; 5] = [6, 5, 1, 7, 3];

/// The runs, the newest first. A run without a start is left out: nothing is known of it.
#[must_use]
pub fn history_table(runs: &[RunRecord], look: Look) -> String {
    let mut runs: Vec<_> = runs.iter().filter_map(|run| Some((run.start.as_ref()?, run))).collect();
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    // Version 7 ids sort by time.
    runs.sort_by_key(|(start, _)| Reverse(start.session));
    let length = id_length(&runs);
    let cells: Vec<_> = runs.iter().map(|(start, run)| cells(start, run, length)).collect();
    let widths = widths(&cells, look.width);
    let mut lines = look.heading(&line(&HEADINGS.map(str::to_owned), &widths, |text| text.into()));
    for ((_, run), cells) in runs.iter().zip(&cells) {
        lines.push('\n');
        lines.push_str(&line(cells, &widths, |verdict| paint(verdict, run, look)));
    }
    lines.push('\n');
    let shown: Vec<_> = runs.iter().map(|(start, run)| kind(start, run)).collect();
    lines.push_str(&wrapped(&[totals(&shown)], look).join("\n"));
    lines.push('\n');
    lines
}

/// What a run counts as: simulated, partial and broken-off ones stand apart from those that say something of a DUT.
enum Kind {
    Counts(Option<Verdict>),
    Apart(&'static str),
}

fn kind(start: &SessionStart, run: &RunRecord) -> Kind {
    match &run.end {
        _ if start.simulated => Kind::Apart("simulated"),
        _ if start.partial => Kind::Apart("partial"),
        Some(end) if end.status == SessionStatus::Completed => Kind::Counts(run.verdict()),
        Some(end) if end.status == SessionStatus::Aborted => Kind::Apart("aborted"),
        Some(_) => Kind::Apart("not completed"),
        None => Kind::Apart("unfinished"),
    }
}

/// `20 runs: 12 PASS, 3 FAIL; apart from them 4 simulated, 1 aborted`.
fn totals(kinds: &[Kind]) -> String {
    let of = |wanted: Verdict| {
        let count =
            kinds.iter().filter(|kind| matches!(kind, Kind::Counts(Some(own)) if *own == wanted));
        (wanted.word(), count.count())
    };
    let apart = |name: &'static str| {
        (name, kinds.iter().filter(|kind| matches!(kind, Kind::Apart(own) if *own == name)).count())
    };
    let counted_ones = kinds.iter().filter(|kind| matches!(kind, Kind::Counts(_))).count();
    let verdicts = listed(Verdict::WORST_FIRST.map(of));
    let apart = listed(APART.map(apart));
    let runs = counted(count(counted_ones), "run", "runs");
    match (verdicts.as_str(), apart.as_str()) {
        ("", "") => runs,
        ("", apart) => format!("{runs}; apart from them {apart}"),
        (verdicts, "") => format!("{runs}: {verdicts}"),
        (verdicts, apart) => format!("{runs}: {verdicts}; apart from them {apart}"),
    }
}

/// Those that there are.
fn listed<const N: usize>(counts: [(&'static str, usize); N]) -> String {
    let some = counts.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

type Cells = [String; HEADINGS.len()];

fn id_length(runs: &[(&SessionStart, &RunRecord)]) -> usize {
    let differ = |length: &usize| {
        let ids: BTreeSet<_> = runs.iter().map(|(start, _)| short_id(start, *length)).collect();
        ids.len() == runs.len()
    };
    ID_LENGTHS.into_iter().find(differ).unwrap_or(usize::MAX)
}

fn short_id(start: &SessionStart, length: usize) -> String {
    start.session.to_string().chars().take(length).collect()
}

fn cells(start: &SessionStart, run: &RunRecord, id_length: usize) -> Cells {
    let when = run.started_at.map(text::utc).unwrap_or_default();
    let marks = [("SIM", start.simulated), ("partial", start.partial)];
    let marks: Vec<_> = marks.into_iter().filter(|(_, is)| *is).map(|(mark, _)| mark).collect();
    [
        short_id(start, id_length),
        when.chars().take(MINUTE_COLUMNS).collect(),
        phrase::plan(start),
        phrase::dut(&start.dut).unwrap_or_else(|| "-".to_owned()),
        verdict(run).to_owned(),
        format!("{}/{}", run.counts.pass, run.counts.judged()),
        phrase::took(run).unwrap_or_else(|| "-".to_owned()),
        marks.join(" "),
    ]
}

fn verdict(run: &RunRecord) -> &'static str {
    match &run.end {
        None => phrase::UNFINISHED,
        Some(end) if end.status == SessionStatus::Completed => {
            run.verdict().map_or("-", Verdict::word)
        }
        Some(end) => phrase::broken_off(end.status),
    }
}

fn paint(text: &str, run: &RunRecord, look: Look) -> String {
    match &run.end {
        None => look.notable(text),
        Some(end) if end.status == SessionStatus::Completed => {
            run.verdict().map_or_else(|| text.to_owned(), |own| look.as_verdict(own, text))
        }
        Some(_) => look.loud(text),
    }
}

/// Names give way where the line is too narrow, then whole columns: those have no width.
fn widths(rows: &[Cells], width: usize) -> [usize; HEADINGS.len()] {
    let mut whole = HEADINGS.map(columns);
    for row in rows {
        for (own, cell) in whole.iter_mut().zip(row) {
            *own = columns(cell).max(*own);
        }
    }
    let with_all = names_shortened(whole, width);
    let fewer = (1..=FIRST_TO_GO.len()).map(|gone| {
        let mut widths = whole;
        for column in FIRST_TO_GO.iter().take(gone) {
            widths.get_mut(*column).into_iter().for_each(|own| *own = 0);
        }
        names_shortened(widths, width)
    });
    let mut tried = std::iter::once(with_all).chain(fewer);
    let fits = tried.find(|widths| line_width(widths) <= width);
    fits.unwrap_or(with_all)
}

fn names_shortened(mut widths: [usize; HEADINGS.len()], width: usize) -> [usize; HEADINGS.len()] {
    for name in NAMES {
        let too_much = line_width(&widths).saturating_sub(width);
        if let Some(own) = widths.get_mut(name) {
            *own = own.saturating_sub(too_much).max(MIN_NAME_COLUMNS.min(*own));
        }
    }
    widths
}

fn line_width(widths: &[usize]) -> usize {
    let shown = widths.iter().filter(|own| **own > 0);
    shown.map(|own| own + GAP).sum::<usize>().saturating_sub(GAP)
}

fn line(cells: &Cells, widths: &[usize], paint: impl Fn(&str) -> String) -> String {
    let mut line = String::new();
    let shown = cells.iter().zip(widths).zip(HEADINGS).filter(|((_, width), _)| **width > 0);
    for ((cell, width), heading) in shown {
        let cell = truncate_str(cell, *width, "…");
        let gap = " ".repeat((width + GAP).saturating_sub(columns(&cell)));
        let shown = if heading == "VERDICT" { paint(&cell) } else { cell.into_owned() };
        line.push_str(&shown);
        line.push_str(&gap);
    }
    line.trim_end().to_owned()
}
