//! What a report says of how a session came about: instruments, demands, cuts, amendments.

use bench_model::{
    BenchOrigin, CalibrationState, Origin, Record, ResultId, Resumed, RunEvent, SessionStatus,
    Timestamp, VerdictCounts,
};
use test_report::{Amendment, HtmlOptions, html};

use super::outline::Outline;
use crate::run::{Run, leaf, range, start};

fn text(records: &[Record], options: &HtmlOptions) -> String {
    Outline::of(&html(records, options).unwrap()).text
}

fn passed(run: &mut Run) {
    run.leaf(leaf("a", &[]).measured("1", "V").within(range(None, Some("5"), "V")));
    run.end(SessionStatus::Completed, None);
}

/// Three real instruments: in force, overdue, unknown.
fn calibrated() -> Run {
    let mut start = start(1);
    start.simulated = false;
    let mut run = Run::begin(start);
    for (name, due, overdue) in [
        ("dmm", Some("2027-05-01"), Some(false)),
        ("psu", Some("2025-05-01"), Some(true)),
        ("sink", None, None),
    ] {
        run.instrument(name, "MAKER");
        let Some(RunEvent::InstrumentIdentified(own)) =
            run.records.last_mut().map(|r| &mut r.event)
        else {
            unreachable!("it was just recorded");
        };
        own.simulated = false;
        own.calibration = due.map(|due| CalibrationState {
            last: Some("2024-05-01".into()),
            due: Some(due.into()),
            certificate: Some(format!("2026-{name}")),
            overdue,
        });
    }
    passed(&mut run);
    run
}

#[test]
fn readings_can_be_traced_and_what_cannot_is_a_deviation() {
    let options = HtmlOptions {
        waived_calibration: vec!["vin".into()],
        raw_steps: vec!["power_up".into(), "rail/odd".into()],
        ..HtmlOptions::default()
    };
    let told = text(&calibrated().records, &options);
    for said in [
        "2024-05-012027-05-012026-dmmin force",
        "2024-05-012025-05-012026-psuOVERDUE",
        "Used although calibration was overdue: psu.",
        "Used without a stated date until which calibration holds: sink.",
        "The plan waives calibration of the roles: vin.",
        "The plan sends raw SCPI, which no dialect checks, in: power_up, rail/odd.",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
}

#[test]
fn what_was_asked_for_otherwise_is_a_deviation() {
    let mut start = start(1);
    start.partial = true;
    start.origin = Some(Box::new(Origin {
        build: "x86_64-unknown-linux-gnu".into(),
        bench: BenchOrigin {
            file: "lab.toml".into(),
            sha256: "abc123".into(),
            ..BenchOrigin::default()
        },
        set: [("load_max".into(), "2 A".into())].into(),
        steps: vec!["rail".into()],
        skip: vec!["slow".into(), "hot".into()],
        ..Origin::default()
    }));
    let mut run = Run::begin(start);
    passed(&mut run);
    let told = text(&run.records, &HtmlOptions::default());
    for said in [
        "Only a part of the plan was asked for.",
        "(--step): rail.",
        "(--skip): slow, hot.",
        "Set on demand (--set): load_max = 2 A.",
        "lab.toml",
        "abc123",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
    let changed = Some(vec!["load_max = 2 A, not 1 A".to_owned()]);
    let options = HtmlOptions { changed_parameters: changed, ..HtmlOptions::default() };
    let told = text(&run.records, &options);
    assert!(told.contains("plan’s own (--set): load_max = 2 A, not 1 A."), "{told}");
    assert!(!told.contains("Set on demand"), "it is told once");
}

#[test]
fn a_session_that_went_on_says_where_it_was_cut_and_for_how_long() {
    let mut run = Run::begin(start(1));
    let at = run.records[0].at.as_millisecond();
    run.event(RunEvent::Resumed(Box::new(Resumed {
        software: "0.1.0".into(),
        operator: Some("grace".into()),
        host: None,
        cut_at: Timestamp::from_millisecond(at - 200_000 + 100).unwrap(),
        ended: None,
        reason: "power failed".into(),
        step: Some("rail".into()),
        at_point: true,
        superseded: vec![ResultId(uuid::Uuid::nil())],
        counts: VerdictCounts::default(),
    })));
    passed(&mut run);
    let told = text(&run.records, &HtmlOptions::default());
    assert!(
        told.contains(
            "(power failed) and resumed after a gap of 3 min 20 s by grace, at rail within its sweep; 1 result was \
             judged anew."
        ),
        "{told}"
    );
}

#[test]
fn an_amended_report_has_a_number_of_its_own_and_says_what_it_replaces_and_why() {
    let mut run = Run::begin(start(1));
    passed(&mut run);
    let session = start(1).session;
    for (number, replaced) in [(1, session.to_string()), (2, format!("{session} amendment 1"))] {
        let amendment =
            Some(Amendment { number, reason: "the customer’s name was wrong".into() });
        let options = HtmlOptions { amendment, ..HtmlOptions::default() };
        let told = text(&run.records, &options);
        assert!(told.contains(&format!("{session} amendment {number}")), "{told}");
        let sentence = format!(
            "This is amendment {number}; it replaces report {replaced}. Changed: the customer’s name was wrong"
        );
        assert_eq!(
            told.matches(&sentence).count(),
            2,
            "at the top and among the deviations: {told}"
        );
        let html = html(&run.records, &options).unwrap();
        assert!(html.contains(&format!("\"Report {session} amendment {number}\"")), "on each page");
    }
}
