//! What nobody would write, and what a crash leaves: every report still renders, harmless and honest.

use bench_model::{Judgement, Record, RunRecord, SessionStatus};
use parquet::file::reader::{FileReader, SerializedFileReader};
use quick_junit::Report;
use test_report::{HtmlOptions, Look, csv, history_table, html, junit, parquet, show_run};

use crate::html::outline::Outline;
use crate::run::{Run, everything, hostile, leaf, range, start};

const LOOK: Look = Look { colour: false, width: 100 };

/// Markup, quotes, line ends, a mark that turns text around, and nothing at all.
fn names() -> Vec<String> {
    let names =
        ["</td><script>alert(1)</script>", "\"'`&amp;", "a\r\nb\n", "\u{202e}dcba\u{200f}", ""];
    names.into_iter().map(str::to_owned).chain(["n".repeat(10_000)]).collect()
}

fn named(name: &str) -> Run {
    let mut start = start(1);
    (start.plan.name, start.bench) = (name.into(), name.into());
    (start.dut.model, start.dut.serial) = (Some(name.into()), Some(name.into()));
    (start.operator, start.host) = (Some(name.into()), Some(name.into()));
    start.parameters = [(name.to_owned(), name.to_owned())].into();
    let mut run = Run::begin(start);
    run.instrument(name, name).warning(name);
    let place = || leaf(name, &[(name, "1 V")]).by(name, name);
    run.sampled(place().measured("1", "V").within(range(Some("2"), None, "V")), &["1"]);
    run.leaf(place().judged(&Judgement::error(name)));
    run.safe_state(&[(name, Some(name))]).end(SessionStatus::Failed, Some(name));
    run
}

/// Infinities, not-a-number, and results of no reading at all.
fn numbers() -> Run {
    let mut run = Run::begin(start(1));
    for value in ["Infinity", "-Infinity", "NaN", "9.9E37", "1E9999", "-0"] {
        let place = leaf(value, &[("vi", "1E9999 V")]).measured(value, "V").by("dmm", "dmm");
        run.reading(&place, value);
        run.leaf(place.within(range(Some("-1"), Some("1"), "V")));
    }
    run.leaf(leaf("none", &[]).mean_of(0).judged(&Judgement::inconclusive("no reading")));
    run.waveform(&leaf("empty", &[]), vec![]);
    run.end(SessionStatus::Completed, None);
    run
}

fn runs() -> Vec<Run> {
    let named = names().iter().map(|name| named(name)).collect::<Vec<_>>();
    named.into_iter().chain([numbers(), hostile(), everything()]).collect()
}

/// Everything that can be made of records; what a person or a program reads of them.
fn all_of(records: &[Record]) -> Vec<String> {
    let html = html(records, &HtmlOptions::default()).unwrap();
    let xml = junit(records).unwrap();
    Report::deserialize_from_str(&xml).unwrap();
    assert!(![&html, &xml].iter().any(|markup| markup.contains("<script>alert")), "{html:.300}");
    let table = SerializedFileReader::new(bytes::Bytes::from(parquet(records).unwrap())).unwrap();
    let rows = table.get_row_iter(None).unwrap().filter(Result::is_ok).count();
    let run = RunRecord::of(records.iter().cloned());
    assert_eq!(u64::try_from(rows).unwrap(), run.readings);
    let shown = [show_run(&run, LOOK), history_table(&[run], LOOK)];
    [Outline::of(&html).text, xml, csv(records).unwrap()].into_iter().chain(shown).collect()
}

#[test]
fn every_report_renders_whatever_is_in_it() {
    for run in runs() {
        for text in all_of(&run.records) {
            let raw = |c: char| c.is_control() && !['\n', '\r', '\t'].contains(&c);
            let found = text.find(|c: char| raw(c) || ['\u{202e}', '\u{200f}'].contains(&c));
            let near = found.map(|at| text[..at].chars().rev().take(50).collect::<String>());
            assert_eq!(found, None, "{near:?} backwards, in {text:.100}");
        }
    }
}

#[test]
fn a_run_that_was_cut_anywhere_is_never_called_whole() {
    for run in runs() {
        let events = run.records.len() - 1;
        for records in (1..events).map(|records| &run.records[..records]) {
            let [html, junit, _, shown, listed] = <[String; 5]>::try_from(all_of(records)).unwrap();
            assert!(html.contains("INCOMPLETE"), "{html:.300}");
            assert!(junit.contains("(session)"), "a case that fails: {junit:.300}");
            assert!(shown.contains("UNFINISHED"), "{shown:.300}");
            assert!(listed.contains("UNFINISHED"), "{listed:.300}");
        }
    }
}
