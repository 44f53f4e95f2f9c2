//! What is run, how often, and what ends it: attempts, time-outs, tags, single steps, several plans, repetition.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use bench_model::{Place, Record, RunEvent, SessionStatus};
use support::{Done, Home};

const HEAD: &str = r#"
name = "execution"
[instruments]
psu = { class = "power_supply", max_voltage = "15 V", max_current = "1 A" }
dmm = { class = "multimeter" }
[readings.v]
role = "dmm"
function = "dc_voltage"
range = "100 V"
nplc = 0.2
[[setup]]
id = "on"
apply = [{ role = "psu", voltage = "3 V", current_limit = "1 A", output = "on" }]
settle = "5 ms"
"#;

const CLEANUP: &str = r#"
[[cleanup]]
id = "last"
measure = { reading = "v", limit = "< 20 V" }
"#;

/// The meter answers nonsense the n-th time that it is read.
const NONSENSE: &str =
    "\n[[faults]]\ninstrument = \"dmm\"\non = \"READ?\"\nnth = NTH\ndo = \"garbage\"\n";

fn plan(steps: &str) -> String {
    format!("{HEAD}{steps}{CLEANUP}")
}

fn run(home: &Home, plan: &str, fault: &str, more: &[&str]) -> Done {
    let plan = home.write("plan.toml", plan);
    let bench = std::fs::read_to_string(support::root().join("sim/quickstart.toml")).unwrap();
    let bench = home.write("bench.toml", &(bench + fault));
    let sim = format!("--sim={}", bench.display());
    let words = [plan.to_str().unwrap(), &sim, "--db", "none", "--json"];
    home.run(&[&words, more].concat())
}

fn events(done: &Done) -> Vec<RunEvent> {
    let records = done.out.lines().map(|line| serde_json::from_str::<Record>(line).unwrap());
    records.map(|record| record.event).collect()
}

/// `place verdict` of every result, and how many attempts it took where it took several.
fn results(done: &Done) -> Vec<String> {
    let judged = events(done).into_iter().filter_map(|event| match event {
        RunEvent::Judged(result) if result.attempts > 1 => {
            Some(format!("{} {} at {}", result.place, result.verdict, result.attempts))
        }
        RunEvent::Judged(result) => Some(format!("{} {}", result.place, result.verdict)),
        _ => None,
    });
    judged.collect()
}

fn readings_at(done: &Done, path: &str) -> usize {
    let taken = |place: &Place| place.path == path;
    let events = events(done).into_iter();
    events.filter(|event| matches!(event, RunEvent::Reading(it) if taken(&it.place))).count()
}

fn measured(id: &str, more: &str, measure: &str) -> String {
    format!("[[steps]]\nid = \"{id}\"\n{more}\nmeasure = {{ reading = \"v\", {measure} }}\n")
}

#[test]
fn attempts_stops_and_the_cleanup_behind_them() {
    let missed = "limit = \"> 20 V\"";
    let met = "limit = \"2.9 V .. 3.1 V\"";
    let twice = "sweep = [{ axis = \"n\", count = 2 }]";
    let first = NONSENSE.replace("NTH", "1");
    let always = NONSENSE.replace("nth = NTH\n", "");
    let cases = [
        (
            "an error is tried again",
            measured("a", "", &format!("{met}, retry = {{ times = 2 }}")),
            first.as_str(),
            (0, vec!["a PASS at 2", "last PASS"]),
        ),
        (
            "a miss is not",
            measured("a", "", &format!("{missed}, retry = {{ times = 2 }}")),
            "",
            (10, vec!["a FAIL", "last PASS"]),
        ),
        (
            "a miss is, where the plan says so",
            measured("a", "", &format!("{missed}, retry = {{ times = 2, on = \"fail\" }}")),
            "",
            (10, vec!["a FAIL at 3", "last PASS"]),
        ),
        (
            "a miss stops nothing",
            measured("a", "", missed) + &measured("b", "", met),
            "",
            (10, vec!["a FAIL", "b PASS", "last PASS"]),
        ),
        (
            "an error stops its step, and neither others nor the cleanup",
            measured("a", twice, met) + &measured("b", "", met),
            first.as_str(),
            (30, vec!["a[n=1] ERROR", "a[n=2] SKIP", "b PASS", "last PASS"]),
        ),
        (
            "an error stops nothing, where the plan says so",
            measured("a", &format!("on_error = \"continue\"\n{twice}"), met),
            first.as_str(),
            (30, vec!["a[n=1] ERROR", "a[n=2] PASS", "last PASS"]),
        ),
        (
            "attempts have an end",
            measured("a", "", &format!("{met}, retry = {{ times = 2 }}")),
            always.as_str(),
            (30, vec!["a ERROR at 3", "last ERROR"]),
        ),
    ];
    for (what, steps, fault, (code, wanted)) in cases {
        let home = Home::new();
        let done = run(&home, &plan(&steps), fault, &[]);
        assert_eq!((done.code, results(&done)), (code, to_owned(&wanted)), "{what}: {}", done.err);
    }
}

fn to_owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn every_attempt_is_kept_and_told() {
    let home = Home::new();
    let steps = measured("a", "", "limit = \"> 20 V\", retry = { times = 2, on = \"fail\" }");
    let done = run(&home, &plan(&steps), "", &[]).expect(10).says("this is attempt 3");
    assert_eq!(readings_at(&done, "a"), 3);
    let steps = measured("a", "", "limit = \"> 2 V\", retry = { times = 1 }");
    run(&home, &plan(&steps), &NONSENSE.replace("NTH", "1"), &[])
        .expect(0)
        .says("passed at attempt 2");
}

#[test]
fn a_time_out_ends_a_step_or_the_steps_and_the_cleanup_is_run() {
    let home = Home::new();
    let long =
        "[[steps]]\nid = \"long\"\nsweep = [{ axis = \"n\", count = 1000, settle = \"100 ms\" }]\n";
    let steps = format!("{long}timeout = \"30 ms\"\nmeasure = {{ reading = \"v\" }}\n");
    let done = run(&home, &plan(&steps), "", &[]).expect(30).says("30 ms");
    assert!(results(&done).contains(&"last PASS".to_owned()), "{done:#?}");
    let steps = format!("{long}measure = {{ reading = \"v\" }}\n");
    let whole = plan(&steps).replacen("[instruments]", "timeout = \"40 ms\"\n[instruments]", 1);
    let done = run(&home, &whole, "", &[]).expect(30);
    assert!(results(&done).contains(&"last PASS".to_owned()), "{done:#?}");
}

#[test]
fn tags_and_ids_choose_with_what_is_needed() {
    let met = "limit = \"> 2 V\"";
    let steps = measured("a", "tags = [\"quick\"]", met)
        + &measured("b", "tags = [\"quick\", \"hot\"]", met)
        + &measured("c", "only_if = \"a passed\"", met);
    let cases: [(&[&str], &[&str]); 6] = [
        (&[], &["a PASS", "b PASS", "c PASS", "last PASS"]),
        (&["--tag", "quick"], &["a PASS", "b PASS", "last PASS"]),
        (&["--tag", "hot"], &["b PASS", "last PASS"]),
        (&["--skip", "hot"], &["a PASS", "c PASS", "last PASS"]),
        (&["--tag", "quick", "--skip", "hot"], &["a PASS", "last PASS"]),
        (&["--step", "c"], &["a PASS", "c PASS", "last PASS"]),
    ];
    for (words, wanted) in cases {
        let home = Home::new();
        let done = run(&home, &plan(&steps), "", words).expect(0);
        assert_eq!(results(&done), to_owned(wanted), "{words:?}");
        let RunEvent::SessionStarted(start) = events(&done).remove(0) else { unreachable!() };
        assert_eq!(start.partial, !words.is_empty(), "{words:?}");
    }
    let home = Home::new();
    let none = run(&home, &plan(&steps), "", &["--step", "nowhere"]).expect(20);
    none.says("nowhere");
}

#[test]
fn plans_are_run_as_often_as_asked_and_until_one_does_not_pass() {
    let good = plan(&measured("a", "", "limit = \"> 2 V\""));
    let bad = plan(&measured("a", "", "limit = \"> 20 V\""));
    let cases: [(&[&str], &[&str], i32, usize); 8] = [
        (&["good", "bad", "good"], &[], 10, 3),
        (&["good", "bad", "good"], &["--fail-fast"], 10, 2),
        (&["good"], &["--repeat", "3"], 0, 3),
        (&["bad"], &["--repeat", "3"], 10, 3),
        (&["good", "bad"], &["--repeat", "3", "--fail-fast"], 10, 2),
        (&["good"], &["--repeat", "2", "--until-fail"], 0, 2),
        (&["bad"], &["--repeat", "3", "--until-fail"], 10, 1),
        (&["bad"], &["--until-fail"], 10, 1),
    ];
    for (plans, words, code, sessions) in cases {
        let home = Home::new();
        home.write("good.toml", &good);
        home.write("bad.toml", &bad);
        let files: Vec<_> =
            plans.iter().map(|plan| home.path().join(format!("{plan}.toml"))).collect();
        let files: Vec<_> = files.iter().map(|file| file.to_str().unwrap()).collect();
        let done = home.run(&[&files, &["--sim=quickstart", "--db", "none"][..], words].concat());
        let what = format!("{plans:?} {words:?}");
        assert_eq!((done.code, home.journals().len()), (code, sessions), "{what}: {}", done.err);
        for journal in home.journals() {
            let end = run_journal::read_run(journal).unwrap().end.unwrap();
            assert_eq!((end.status, end.outputs_off), (SessionStatus::Completed, true), "{what}");
        }
    }
}
