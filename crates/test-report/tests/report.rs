//! What people, CI servers and terminals get of runs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod bad_input;
mod html;
mod junit;
mod night;
mod parquet_file;
mod past;
mod run;

use bench_model::{Judgement, Record, RunRecord, SessionStatus};
use indicatif::{InMemoryTerm, ProgressDrawTarget};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};
use run::{Run, Written, everything, hostile, leaf, one_failure, range, start};
use run_journal::Observer;
use test_report::{Console, Look, Progress, history_table, junit, show_run};

const SCREEN: Look = Look { colour: false, width: 110 };

fn console(records: &[Record], look: Look, progress: Progress) -> String {
    let out = Written::default();
    let mut console = Console::new(look, progress, Box::new(out.clone()));
    // As the journal's thread gives them: some at a time.
    records.chunks(7).for_each(|batch| console.synced(batch));
    assert!(console.fault().get().is_none());
    out.text()
}

fn plain(run: &Run) -> String {
    console(&run.records, SCREEN, Progress::Plain)
}

fn summary(run: &Run) -> String {
    console(&run.records, SCREEN, Progress::Silent)
}

#[test]
fn a_summary_groups_what_passed_and_shows_failures_in_full() {
    insta::assert_snapshot!(summary(&one_failure()));
}

#[test]
fn a_summary_is_loud_where_it_must_be() {
    insta::assert_snapshot!(summary(&everything()));
}

#[test]
fn a_narrow_screen_breaks_lines_between_their_parts() {
    let look = Look { colour: false, width: 60 };
    let narrow = console(&one_failure().records, look, Progress::Silent);
    let long = narrow.lines().filter(|line| line.chars().count() > 60).collect::<Vec<_>>();
    assert_eq!(long.len(), 0, "{long:?}");
    insta::assert_snapshot!(narrow);
}

#[test]
fn plain_progress_has_a_line_for_each_leaf() {
    insta::assert_snapshot!(plain(&everything()));
}

#[test]
fn colours_come_only_when_wanted() {
    let run = one_failure();
    let colour = console(&run.records, Look { colour: true, ..SCREEN }, Progress::Silent);
    assert!(colour.contains("\u{1b}[31m\u{1b}[1mFAIL"), "{colour:?}");
    assert_eq!(console::strip_ansi_codes(&colour), summary(&run));
}

#[test]
fn a_run_of_nothing_has_a_summary_too() {
    let mut run = Run::begin(start(1));
    run.end(SessionStatus::Failed, Some("dmm: no connection: connection refused"));
    let shown = summary(&run);
    assert!(shown.contains("nothing judged · 0 results, 0 readings in 0.1 s\n"), "{shown}");
    assert!(
        shown.ends_with("\nNOT COMPLETED: dmm: no connection: connection refused\n"),
        "{shown}"
    );
}

#[test]
fn very_many_failures_are_counted_instead() {
    let mut run = Run::begin(start(1));
    for _ in 0..1000 {
        run.leaf(leaf("all", &[]).measured("9", "V").within(range(None, Some("5"), "V")));
    }
    run.end(SessionStatus::Completed, None);
    let shown = summary(&run);
    assert!(shown.contains("and 950 more of all that did not pass"), "{shown}");
    assert!(shown.lines().count() < 60);
}

#[test]
fn a_live_line_says_where_the_run_is() {
    let screen = InMemoryTerm::new(20, 130);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let out = Written::default();
    let mut console = Console::new(SCREEN, Progress::Live(target), Box::new(out.clone()));
    let run = one_failure();
    let (before, after) = run.records.split_at(run.records.len() - 4);
    console.synced(before);
    let shown = screen.contents();
    let lines: Vec<_> = shown.lines().collect();
    let [bar] = lines.as_slice() else { panic!("{shown}") };
    for part in [
        "quickstart 1.0 [",
        "] 10/21 10 pass · ",
        // 20 events, 100 ms each, for 10 results: 11 more take as long again.
        " · 2.2 s left · 0.0363636 %  o--------| load_regulation[vset=3.3 V]",
    ] {
        assert!(bar.contains(part), "{part:?} in {bar:?}");
    }
    assert_eq!(out.text(), "", "a summary comes at the end");
    let (failure, end) = after.split_at(1);
    console.synced(failure);
    let shown = screen.contents();
    let failed =
        "FAIL  load_regulation[vset=5 V]   0.512 %   limit <= 0.4 %   beyond it by 0.112 %";
    assert!(shown.starts_with(failed), "{shown}");
    assert!(shown.contains("10 pass 1 fail"), "{shown}");
    console.synced(end);
    assert_eq!(screen.contents().lines().collect::<Vec<_>>(), [failed], "the line is cleared");
    assert_eq!(out.text(), summary(&run));
}

/// The first line of a live console before a run's end.
fn live_line(width: u16, expected: Option<u64>) -> String {
    let screen = InMemoryTerm::new(20, width);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let look = Look { colour: false, width: width.into() };
    let expected = expected.map(std::time::Duration::from_secs);
    let console = Console::new(look, Progress::Live(target), Box::new(std::io::sink()));
    let mut console = console.expecting(expected);
    let run = one_failure();
    console.synced(&run.records[..run.records.len() - 3]);
    screen.contents()
}

#[test]
fn a_live_line_fits_every_screen_and_keeps_what_matters() {
    for width in [40, 60, 80, 100, 130, 200] {
        let shown = live_line(width, None);
        let line = shown.lines().last().unwrap();
        assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
        assert!(line.contains("11/21 10 pass 1 fail"), "{width}: {line}");
    }
    assert!(live_line(130, None).contains("0.512 %  ---------|x load_regulation[vset=5 V]"));
}

#[test]
fn the_time_left_is_what_was_expected_until_that_is_over() {
    for (expected, left) in
        [(Some(60), "57.9 s left"), (Some(1), "1.9 s left"), (None, "1.9 s left")]
    {
        let shown = live_line(130, expected);
        assert!(shown.contains(left), "{expected:?}: {shown}");
    }
}

#[test]
fn a_run_cut_short_leaves_no_live_line() {
    let screen = InMemoryTerm::new(20, 110);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let mut console = Console::new(SCREEN, Progress::Live(target), Box::new(std::io::sink()));
    console.synced(&one_failure().records[..8]);
    assert_ne!(screen.contents(), "");
    drop(console);
    assert_eq!(screen.contents(), "");
}

/// Nobody reads.
struct Closed;

impl std::io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_remembered_and_stops_nothing() {
    let mut console = Console::new(SCREEN, Progress::Plain, Box::new(Closed));
    let fault = console.fault();
    console.synced(&one_failure().records);
    drop(console);
    assert_eq!(fault.get().unwrap().kind(), std::io::ErrorKind::BrokenPipe);
}

#[test]
fn history_is_a_table_newest_first() {
    let mut unfinished = Run::begin(start(4));
    unfinished.leaf(leaf("a", &[]).measured("1", "V").within(range(None, Some("5"), "V")));
    let mut real = start(5);
    real.simulated = false;
    real.dut = bench_model::Dut::default();
    real.plan.name = "a plan with a name that is far too long for any table".into();
    let mut real = Run::begin(real);
    real.leaf(leaf("a", &[]).measured("1", "V").within(range(None, Some("5"), "V")));
    real.end(SessionStatus::Completed, None);
    let runs: Vec<RunRecord> = [one_failure(), real, everything(), unfinished]
        .iter()
        .map(Run::record)
        .chain([RunRecord::default()])
        .collect();
    for width in [40, 60, 90, 120] {
        let table = history_table(&runs, Look { colour: false, width });
        assert!(table.lines().all(|line| line.chars().count() <= width), "{table}");
        insta::assert_snapshot!(format!("history_{width}"), table);
    }
    assert_eq!(history_table(&[], SCREEN), "no runs\n");
}

#[test]
fn a_short_id_is_long_enough_to_tell_runs_apart() {
    let run = |id: &str| {
        let mut begun = start(1);
        begun.session = id.parse().unwrap();
        Run::begin(begun).record()
    };
    let one = run("0199c0de-5e55-7000-8000-000000000001");
    for (other, shown) in [
        ("0199c0de-5e56-7000-8000-000000000001", "0199c0de-5e55  2025"),
        ("0199c0de-5e55-7001-8000-000000000001", "0199c0de-5e55-7000  2025"),
        ("0199c0de-5e55-7000-8000-000000000002", "0199c0de-5e55-7000-8000-000000000001  2025"),
    ] {
        let table = history_table(&[one.clone(), run(other)], SCREEN);
        assert!(table.contains(&format!("\n{shown}")), "{table}");
    }
}

#[test]
fn one_run_is_shown_whole() {
    insta::assert_snapshot!(show_run(&everything().record(), SCREEN));
}

#[test]
fn no_name_reaches_a_terminal_raw() {
    let run = hostile();
    let screen = InMemoryTerm::new(50, 200);
    let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
    let outputs = [
        plain(&run),
        summary(&run),
        console(&run.records, SCREEN, Progress::Live(target)),
        screen.contents(),
        show_run(&run.record(), SCREEN),
        history_table(&[run.record()], Look::default()),
    ];
    for output in outputs {
        let raw = |c: &char| (c.is_control() && *c != '\n') || ['\u{202e}', '\u{ffff}'].contains(c);
        let found: Vec<char> = output.chars().filter(raw).collect();
        assert!(found.is_empty(), "{found:?} in {output}");
        assert!(output.contains("\\u{1b}[2J\\u{7}\\0]]>&<\"\\u{9b}31m"), "{output}");
    }
}

fn parsed(run: &Run) -> Report {
    Report::deserialize_from_str(&junit(&run.records).unwrap()).unwrap()
}

fn case<'r>(report: &'r Report, name: &str) -> &'r TestCase {
    report.test_suites[0].test_cases.iter().find(|case| &case.name == name).unwrap()
}

#[test]
fn junit_is_as_ci_servers_read_it() {
    insta::assert_snapshot!(junit(&everything().records).unwrap());
}

#[test]
fn junit_counts_every_judged_leaf() {
    let report = parsed(&one_failure());
    assert_eq!((report.tests, report.failures, report.errors), (12, 1, 0));
    let report = parsed(&everything());
    // Two more: the session was aborted, and an output is not confirmed off.
    assert_eq!(
        (report.tests, report.failures, report.errors, report.test_suites[0].skipped),
        (8 + 2, 3, 2 + 2, 2)
    );
    for (name, expected, type_) in [
        ("high", NonSuccessKind::Failure, "FAIL"),
        ("refused[vi=99 V]", NonSuccessKind::Error, "ERROR"),
        ("unknown", NonSuccessKind::Error, "INCONCLUSIVE"),
        ("(session)", NonSuccessKind::Error, "ABORTED"),
        ("(outputs off)", NonSuccessKind::Error, "NOT CONFIRMED OFF"),
    ] {
        match &case(&report, name).status {
            TestCaseStatus::NonSuccess { kind, ty, .. } => {
                assert_eq!((*kind, ty.as_deref()), (expected, Some(type_)), "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn junit_holds_what_xml_cannot() {
    let report = parsed(&hostile());
    let error = case(&report, "a");
    let TestCaseStatus::NonSuccess { message, .. } = &error.status else { panic!("{error:?}") };
    let escaped = "\\u{1b}[2J\\u{7}\\0]]>&<\"\\u{9b}31m\\u{202e}\\u{ffff}\\n";
    assert_eq!(message.as_deref(), Some(escaped));
    assert_eq!(report.name.as_deref(), Some(&*format!("plan{escaped}")));
}

#[test]
fn a_run_without_results_is_not_green() {
    let mut run = Run::begin(start(1));
    assert_eq!(parsed(&run).errors, 1, "no end");
    run.end(SessionStatus::Failed, Some("dmm: no connection"));
    assert_eq!(parsed(&run).errors, 1);
    assert!(junit(&[]).is_err());
}

#[test]
fn a_recorded_leaf_is_no_test() {
    let mut run = Run::begin(start(1));
    run.leaf(leaf("idle", &[]).measured("1.2300E-04", "A").judged(&Judgement::recorded()));
    run.end(SessionStatus::Completed, None);
    let report = parsed(&run);
    assert_eq!(report.tests, 0);
    let properties = &report.test_suites[0].properties;
    assert!(properties.iter().any(|p| &p.name == "recorded idle" && &p.value == "123.00 µA"));
}
