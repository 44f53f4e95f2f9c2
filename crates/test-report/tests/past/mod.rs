//! Past runs beside each other.

use bench_model::{RunRecord, SessionStatus, Timestamp};
use test_report::{Baseline, BaselineError, Check, Comparison, Look, Trend};

use crate::run::{Run, leaf, range, start};

const LOOK: Look = Look { colour: false, width: 120 };
const ALPHA: f64 = 0.01;

/// A run that ended, with a rail, an efficiency in percent, and one that was skipped.
fn run(session: u128, rail: &str, efficiency: &str) -> RunRecord {
    record(session, rail, efficiency, |_| {})
}

fn record(
    session: u128,
    rail: &str,
    efficiency: &str,
    change: impl FnOnce(&mut bench_model::SessionStart),
) -> RunRecord {
    let mut start = start(session);
    start.simulated = false;
    change(&mut start);
    let mut run = Run::begin(start);
    run.instrument("psu", "ACME");
    let limit = range(Some("4.95"), Some("5.05"), "V");
    run.leaf(leaf("rail", &[("vin", "7 V")]).measured(rail, "V").within(limit));
    run.leaf(leaf("efficiency", &[]).measured(efficiency, "%"));
    run.end(SessionStatus::Completed, None);
    RunRecord::of(run.records)
}

fn sampled(session: u128, mean: &str, raws: &[&str]) -> RunRecord {
    let mut run = Run::begin(start(session));
    let limit = range(Some("4.95"), Some("5.05"), "V");
    run.sampled(leaf("rail", &[]).measured(mean, "V").within(limit), raws);
    run.end(SessionStatus::Completed, None);
    RunRecord::of(run.records)
}

fn baseline(runs: &[RunRecord]) -> Result<Baseline, BaselineError> {
    Baseline::of("golden", runs, Timestamp::UNIX_EPOCH, Some("ada".into()))
}

/// Mean 5.0002 V, standard deviation 100 µV; mean 91 %, standard deviation 0.1 %.
fn five() -> Vec<RunRecord> {
    let rails = ["5.0001", "5.0002", "5.0003", "5.0001", "5.0003"];
    let efficiencies = ["91.0", "90.9", "91.1", "90.9", "91.1"];
    let numbered = (1..).zip(rails.iter().zip(efficiencies));
    numbered.map(|(number, (rail, efficiency))| run(number, rail, efficiency)).collect()
}

fn check(run: &RunRecord) -> Check {
    baseline(&five()).unwrap().check(run).unwrap()
}

#[test]
fn a_run_that_passes_and_has_moved_says_so() {
    let mut run = run(9, "5.0052", "91.0");
    run.instruments[0].firmware = Some("00.02".into());
    let check = check(&run);
    assert_eq!(check.moved(ALPHA).len(), 1);
    insta::assert_snapshot!(check.text(ALPHA, LOOK));
}

#[test]
fn a_run_that_has_not_moved_says_how_little_can_be_seen() {
    let check = check(&run(9, "5.0004", "90.9"));
    assert!(check.moved(ALPHA).is_empty());
    insta::assert_snapshot!(check.text(ALPHA, LOOK));
}

/// One more value against five: t = shift / (s √(1 + 1/5)), four degrees of freedom. At t = 4.604 p is 1 % (GUM,
/// table G.2: 4.60 for 99 %), and of two places the smaller p is doubled.
#[test]
fn what_is_held_against_is_the_scatter_from_run_to_run() {
    // s is exactly 1E-4 V, so that 4.604 s √1.2 is 504.3 µV.
    for (rail, p) in [("5.00070", true), ("5.00071", false)] {
        let check = check(&run(9, rail, "91.0"));
        let moved = &check.places[0];
        assert_eq!(
            (moved.count, moved.deviation.map(|s| (s * 1e7).round())),
            (Some(5), Some(1000.0))
        );
        assert_eq!(moved.p.unwrap() > 0.01, p, "{moved:?}");
        assert!((moved.p_of_all.unwrap() / moved.p.unwrap() - 2.0).abs() < 1e-9);
    }
}

#[test]
fn a_baseline_survives_its_file() {
    let baseline = baseline(&five()).unwrap();
    let text = serde_json::to_string(&baseline).unwrap();
    let back: Baseline = serde_json::from_str(&text).unwrap();
    assert_eq!(back, baseline);
    assert_eq!((back.places(), back.runs.len(), back.plan.as_str()), (2, 5, "quickstart"));
    // The digits are those that were measured.
    assert!(text.contains("\"5.0001 V\""), "{text}");
}

#[test]
fn a_baseline_is_of_whole_runs_of_one_plan() {
    let mut cut = run(1, "5", "91");
    cut.end = None;
    let other = record(2, "5", "91", |start| start.plan.name = "other".into());
    let simulated = record(2, "5", "91", |start| start.simulated = true);
    for (runs, says) in [
        (vec![], "one run or more"),
        (vec![cut], "has no end"),
        (vec![run(1, "5", "91"), other.clone()], "of plan 'other'"),
        (vec![run(1, "5", "91"), simulated.clone()], "plan 'quickstart', simulated"),
    ] {
        let error = baseline(&runs).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    for run in [other, simulated] {
        let error = baseline(&five()).unwrap().check(&run).unwrap_err();
        assert!(matches!(error, BaselineError::OfAnother { .. }), "{error}");
    }
}

#[test]
fn one_run_is_held_against_the_readings_within_it() {
    let quiet = sampled(1, "5.0001", &["5.0001", "5.0001", "5.0001"]);
    let baseline = baseline(&[quiet]).unwrap();
    for (mean, moved) in [("5.00011", 0), ("5.0009", 1)] {
        let check = baseline.check(&sampled(2, mean, &["5", "5", "5"])).unwrap();
        assert_eq!(check.moved(ALPHA).len(), moved, "{check:?}");
    }
}

#[test]
fn two_runs_are_compared_place_by_place() {
    let mut before = sampled(1, "5.0001", &["5.0001", "5.0001", "5.0001"]);
    let mut after = sampled(2, "5.0612", &["5.0612", "5.0612", "5.0612"]);
    let recorded = |value: &str| run(3, "5", value).results.remove(1);
    before.results.push(recorded("91.0"));
    after.results.push(recorded("91.0"));
    after.results.push(run(3, "5", "90").results.remove(0));
    after.start.as_mut().unwrap().plan.version = Some("1.1".into());
    let comparison = Comparison::of(&before, &after);
    insta::assert_snapshot!(comparison.text(ALPHA, true, LOOK));
    let json: serde_json::Value = serde_json::from_str(&comparison.json().unwrap()).unwrap();
    assert_eq!(json["places"][0]["shift"], "0.0611 V");
    assert_eq!(json["changes"][0]["what"], "plan's version");
}

#[test]
fn a_step_over_many_runs_is_a_plot() {
    let mut runs = five();
    let mut last = run(9, "5.0612", "92.5");
    last.instruments[0].firmware = Some("00.02".into());
    runs.push(last);
    // However they come, they are set in the order of time.
    runs.reverse();
    insta::assert_snapshot!(
        "trend_of_one_place",
        Trend::of("quickstart", "rail", &runs).text(LOOK)
    );
    let page = Trend::of("quickstart", "rail[vin=7 V]", &runs).html();
    assert_eq!(page.matches("class=\"v FAIL\"").count(), 1, "{page}");
    assert!(page.contains("firmware of psu"), "{page}");
}

#[test]
fn places_of_a_step_have_a_line_each() {
    let mut runs = five();
    for (number, run) in (0..).zip(&mut runs) {
        let mut other = run.results[0].clone();
        other.place.point.0[0].value = "9 V".parse().unwrap();
        if number > 1 {
            run.results.push(other);
        }
    }
    let trend = Trend::of("quickstart", "rail", &runs);
    assert_eq!((trend.places.len(), trend.svg()), (2, None));
    insta::assert_snapshot!("trend_of_several_places", trend.text(LOOK));
}

#[test]
fn a_trend_fits_a_narrow_screen() {
    let narrow = Look { colour: false, width: 40 };
    for step in ["rail", "efficiency"] {
        let text = Trend::of("quickstart", step, &five()).text(narrow);
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("mean") && text.contains('•'), "{text}");
    }
}

/// Names that are markup, and numbers that are none.
#[test]
fn a_trend_of_hostile_names_is_harmless() {
    let evil = "\u{1b}[2J<script>\u{202e}\"&";
    let mut run = record(1, "5", "91", |start| start.dut.serial = Some(evil.into()));
    run.results[0].place.path = evil.into();
    let mut overload = run.results[0].clone();
    overload.actual = Some(bench_model::Measured::number(
        bench_model::Value::Infinity,
        bench_model::Unit::volt(),
    ));
    let mut other = run.clone();
    other.results = vec![overload];
    let trend = Trend::of(evil, evil, &[run.clone(), other, RunRecord::default()]);
    assert_eq!(trend.places[0].spots.len(), 1, "an overload is no point of a curve");
    for text in [trend.text(LOOK), trend.html(), trend.svg().unwrap()] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    assert!(!trend.html().contains("<script>") && !trend.svg().unwrap().contains("<script>"));
    assert!(Trend::of("x", "y", &[]).text(LOOK).contains("no run has a number there"));
    assert!(
        Comparison::of(&RunRecord::default(), &run).text(ALPHA, true, LOOK).contains("0 places")
    );
}

/// What the level promises: of runs in which nothing moved, one in a hundred is flagged, over all places together.
#[test]
fn a_still_bench_is_seldom_flagged() {
    const NIGHTS: u32 = 1_000;
    let mut noise = Noise(1);
    let mut places = || (0..8).map(|_| noise.next()).collect::<Vec<f64>>();
    let mut night = |number: u32| {
        let mut run = Run::begin(start(number.into()));
        for (at, value) in places().iter().enumerate() {
            let value = format!("{:.9}", 5.0 + value * 1e-4);
            run.leaf(leaf(&format!("channel_{at}"), &[]).measured(&value, "V"));
        }
        run.end(SessionStatus::Completed, None);
        RunRecord::of(run.records)
    };
    let mut flagged = 0_u32;
    for number in 0..NIGHTS {
        // A baseline of its own for each night, so that nights are independent of each other.
        let runs: Vec<_> = (0..6).map(|_| night(number)).collect();
        let check = baseline(&runs).unwrap().check(&night(number)).unwrap();
        flagged += u32::from(!check.moved(ALPHA).is_empty());
    }
    // Ten are to be expected; more than 22 come in fewer than one of a thousand such tests.
    assert!((1..=22).contains(&flagged), "{flagged} of {NIGHTS}");
}

/// Numbers with a normal distribution: the sum of twelve uniform ones less six would have too short tails, so this is
/// Box and Muller's transformation of splitmix64.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
    }

    fn next(&mut self) -> f64 {
        let (radius, angle) = (self.uniform().max(1e-12), self.uniform());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }
}
