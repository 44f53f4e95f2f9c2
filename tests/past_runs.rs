//! Past runs beside each other: compared, and held against baselines; from journals, and from a database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use private_postgres::{RUN_ROLE, SUPERUSER};
use result_store::testing::TestDatabase;
use support::Home;

const PLAN: &str = "testplans/quickstart.toml";

/// The ids of a home's runs, the oldest first.
fn ids(home: &Home) -> Vec<String> {
    let name = |file: &std::path::PathBuf| file.file_stem().unwrap().to_string_lossy().into_owned();
    home.journals().iter().map(name).collect()
}

fn run_plan(home: &Home, database: &str, more: &[&str]) {
    let words = [&[PLAN, "--sim", "--db", database, "--progress", "none"][..], more].concat();
    home.run(&words).expect(0);
}

#[test]
fn journals_alone_are_enough_to_compare_and_to_hold_against_a_baseline() {
    let home = Home::new();
    (0..3).for_each(|_| run_plan(&home, "none", &[]));
    run_plan(&home, "none", &["--set", "full_load=1.5 A"]);
    let ids = ids(&home);
    home.run(&["compare", &ids[0], &ids[1], "--db", "none"]).expect(0).says("28 places: 0 moved");
    let other = home.run(&["compare", &ids[2], "latest", "--db", "none"]).expect(0);
    other
        .says("parameter full_load   1 A → 1.5 A")
        .says("only now: accuracy/vout[vset=3.3 V, iload=");
    let json = home.run(&["compare", &ids[0], &ids[1], "--db", "none", "--json"]).expect(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["places"].as_array().unwrap().len(), 28);

    let set = ["baseline", "set", "golden", &ids[0], &ids[1], "--db", "none"];
    home.run(&set).expect(0).says("2 runs, 28 places");
    home.run(&["baseline", "list", "--db", "none"]).expect(0).says("golden");
    let check = ["baseline", "check", &ids[2], "--db", "none"];
    home.run(&check).expect(0).says("PASS, and nothing moved since baseline 'golden'");
    let moved = ["baseline", "check", "--db", "none"];
    let flagged =
        home.run(&moved).expect(0).says("PASS, but 4 places moved since baseline 'golden'");
    flagged.says("load_regulation[vset=9 V]");
    home.run(&[&moved[..], &["--fail-if-moved"]].concat()).expect(10);
    home.run(&[&moved[..], &["--name", "silver"]].concat()).expect(2).says("has 'golden'");
}

#[test]
fn a_baseline_in_a_file_goes_with_the_plan() {
    let (here, there) = (Home::new(), Home::new());
    for home in [&here, &there] {
        run_plan(home, "none", &[]);
    }
    let file = here.path().join("plans/quickstart.baseline.json");
    let file = file.to_str().unwrap();
    here.run(&["baseline", "set", "ci", "latest", "--file", file, "--db", "none"]).expect(0);
    let check = ["baseline", "check", "latest", "--db", "none", "--fail-if-moved", "--file"];
    there.run(&[&check[..], &[file]].concat()).expect(0).says("nothing moved since baseline 'ci'");
    let json = there.run(&[&check[..], &[file, "--json"]].concat()).expect(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json["verdict"].as_str(), json["baseline_runs"].as_u64()), (Some("PASS"), Some(1)));
    let torn = there.write("torn.json", "{\"format\": 1");
    there.run(&[&check[..], &[torn.to_str().unwrap()]].concat()).expect(2).says("torn.json");
}

#[test]
fn what_cannot_be_compared_is_said_with_2() {
    let home = Home::new();
    run_plan(&home, "none", &[]);
    for (words, says) in [
        (&["compare", "latest", "ffff"][..], "no run begins with 'ffff'"),
        (&["compare", "latest", "no such run"], "no run begins with"),
        (&["compare", "latest", "latest", "--alpha", "1"], "between 0 and 1"),
        (&["baseline", "set", "x"], "RUN"),
        (&["baseline", "check"], "has no baseline"),
        (&["baseline", "check", "--file", "none.json"], "none.json"),
    ] {
        let words = [words, &["--db", "none"]].concat();
        home.run(&words).expect(2).says(says);
    }
}

#[test]
fn a_baseline_in_the_database_is_there_for_everybody() {
    let (home, other, database) = (Home::new(), Home::new(), TestDatabase::new().unwrap());
    let url = database.url(RUN_ROLE);
    (0..2).for_each(|_| run_plan(&home, &url, &[]));
    let ids = ids(&home);
    // The other machine has no journals.
    let compare = ["compare", &ids[0], &ids[1], "--db", &url];
    other.run(&compare).expect(0).says("28 places: 0 moved");
    let set = ["baseline", "set", "golden", &ids[0], &ids[1], "--db", &url];
    other.run(&set).expect(0).says("2 runs");
    home.run(&["baseline", "check", "latest", "--db", &url]).expect(0).says("nothing moved");
    home.run(&set).expect(0);
    let list = other.run(&["baseline", "list", "--db", &url]).expect(0);
    assert_eq!(list.out.matches("golden").count(), 1, "it was replaced: {list:?}");
}

#[test]
fn history_and_trends_are_the_same_from_journals_and_from_the_database() {
    let (home, other, database) = (Home::new(), Home::new(), TestDatabase::new().unwrap());
    let url = database.url(RUN_ROLE);
    run_plan(&home, &url, &[]);
    run_plan(&home, &url, &["--set", "full_load=1.5 A"]);
    home.run(&["testplans/failing.toml", "--sim", "--db", &url, "--progress", "none"]).expect(10);
    let place = "accuracy/vout[vset=5 V, iload=0 A]";
    for words in [
        &["history"][..],
        &["history", "--plan", "quickstart", "--since", "1d"],
        &["history", "--verdict", "fail", "--simulated", "yes", "--partial", "no"],
        &["show", "SIM0000001"],
        &["trend", "quickstart", place, "--simulated"],
        &["trend", "testplans/quickstart.toml", "load_regulation", "--simulated", "--limit", "2"],
        &["trend", "quickstart", place, "--simulated", "--json"],
    ] {
        let from_journals = home.run(&[words, &["--db", "none"]].concat()).expect(0);
        let from_database = other.run(&[words, &["--db", &url]].concat()).expect(0);
        assert_eq!(from_journals.out, from_database.out, "{words:?}");
    }
    let failed = home.run(&["history", "--verdict", "fail", "--db", "none"]).expect(0);
    assert_eq!(failed.out.lines().count(), 3, "{failed:?}");
    failed.says("0 runs; apart from them 1 simulated");
    home.run(&["history", "--until", "2020-01-01", "--db", "none"]).expect(0).says("no such run");
    let trend = home.run(&["trend", "quickstart", place, "--simulated", "--db", "none"]).expect(0);
    trend.says("limit 5.0125 V").says("parameter full_load 1 A → 1.5 A");
}

/// Copies of a session, an hour apart into the past. It is quick: past the triggers, with short plans, and without the
/// index that no history asks.
const COPIES: &str = "SET session_replication_role = replica; SET synchronous_commit = off;
    DROP INDEX testing.idx_test_sessions_metadata, testing.idx_test_sessions_status, testing.idx_test_sessions_type;
    CREATE TEMPORARY TABLE one AS SELECT *, jsonb_set(metadata #- '{start,origin}', '{start,plan,text}', '\"\"') AS short
    FROM testing.test_sessions LIMIT 1;
    CREATE TEMPORARY TABLE copies AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 100000) AS n;
    INSERT INTO testing.test_sessions (session_id, session_name, test_type, trigger_source, started_at, completed_at,
        total_tests, passed_tests, failed_tests, skipped_tests, status, metadata, executed_by)
    SELECT copies.id, session_name, test_type, trigger_source, started_at - copies.n * interval '1 hour',
        completed_at - copies.n * interval '1 hour', total_tests, passed_tests, failed_tests, skipped_tests, status,
        jsonb_set(jsonb_set(short, '{start,session}', to_jsonb(copies.id::text)), '{dut,serial}',
            to_jsonb('D' || copies.n % 1000)), executed_by
    FROM copies, one;
    INSERT INTO scpi_run.journal_position (session_id, position, seq, chain, readings, waveforms, counts)
    SELECT copies.id, position, seq, chain, readings, waveforms, counts
    FROM copies, (SELECT * FROM scpi_run.journal_position LIMIT 1) AS one;
    ANALYZE testing.test_sessions, scpi_run.journal_position;";

#[test]
fn a_hundred_thousand_sessions_are_listed_at_once() {
    let (home, database) = (Home::new(), TestDatabase::new().unwrap());
    let url = database.url(RUN_ROLE);
    run_plan(&home, &url, &[]);
    let copied = std::process::Command::new("psql")
        .args(["-q", "-v", "ON_ERROR_STOP=1", "-c", COPIES, &database.url(SUPERUSER)])
        .status();
    assert!(copied.unwrap().success());
    for (words, lines) in [
        (&["history"][..], 20),
        (&["history", "--dut", "D7", "--limit", "50"], 50),
        (&["history", "--plan", "quickstart", "--verdict", "pass", "--since", "30d"], 20),
    ] {
        let began = std::time::Instant::now();
        let listed = home.run(&[words, &["--db", &url]].concat()).expect(0);
        let took = began.elapsed();
        assert!(listed.out.lines().count() > lines, "{words:?}: {listed:?}");
        println!("{words:?} of 100001 sessions: {took:?}");
        // Some 50 ms, connection included; a scan of all rows takes several times as long as this.
        assert!(took.as_secs_f64() < 1.0, "{words:?} took {took:?}");
    }
}

#[test]
fn a_trend_is_a_page_and_a_picture_too() {
    let home = Home::new();
    run_plan(&home, "none", &[]);
    let place = "accuracy/vout[vset=5 V, iload=0 A]";
    let (page, picture) = (home.path().join("t.html"), home.path().join("t.svg"));
    let files = ["--html", page.to_str().unwrap(), "--svg", picture.to_str().unwrap()];
    let words = ["trend", "quickstart", place, "--simulated", "--db", "none"];
    home.run(&[&words[..], &files].concat()).expect(0);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(place) && page.contains("5.000818 V") && page.ends_with("</html>\n"));
    let picture = std::fs::read_to_string(picture).unwrap();
    assert!(
        picture.contains("<svg xmlns=\"http://www.w3.org/2000/svg\"") && picture.contains("5.01")
    );
    for (words, says) in [
        (&["trend", "quickstart", place][..], "--simulated asks for simulated ones"),
        (&["trend", "quickstart", "none", "--simulated"], "no number of step 'none'"),
        (&["trend", "none.toml", "x"], "none.toml"),
        (
            &["trend", "quickstart", "load_regulation", "--simulated", "--svg", "x.svg"],
            "of one place",
        ),
        (&["history", "--since", "yesterday"], "2026-10-09"),
        (&["history", "--simulated", "perhaps"], "neither yes nor no"),
        (&["show", "no-such-serial"], "no DUT has that serial number"),
    ] {
        home.run(&[words, &["--db", "none"]].concat()).expect(2).says(says);
    }
}

#[test]
fn a_report_is_made_from_the_database_where_the_journal_is_not() {
    let (home, other, database) = (Home::new(), Home::new(), TestDatabase::new().unwrap());
    let url = database.url(RUN_ROLE);
    run_plan(&home, &url, &[]);
    let files = ["a.html", "a.csv", "a.xml"];
    for home in [&home, &other] {
        let [html, csv, junit] = files.map(|name| home.path().join(name).display().to_string());
        let words = ["report", "latest", "--html", &html, "--csv", &csv, "--junit", &junit];
        home.run(&[&words[..], &["--db", &url]].concat()).expect(0);
    }
    let [html, csv, junit] = files.map(|name| {
        [&home, &other].map(|home| std::fs::read_to_string(home.path().join(name)).unwrap())
    });
    let readings = |csv: &str| {
        let mut lines: Vec<_> = csv.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    // Times are rounded to the microsecond, which is all that PostgreSQL keeps.
    let rounded = |line: &String| line.rsplit_once('.').map(|(before, _)| before.to_owned());
    let [here, there] = csv.map(|csv| readings(&csv).iter().map(rounded).collect::<Vec<_>>());
    assert_eq!(here, there);
    let cases = |junit: &String| junit.matches("<testcase").count();
    assert_eq!((cases(&junit[0]), cases(&junit[1])), (28, 28));
    assert!(
        html[1].contains("made from the database") && !html[0].contains("made from the database")
    );
}
