//! The embedded default: results land in a server of our own, made and started by itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use private_postgres::SUPERUSER;
use result_store::testing::TestDatabase;
use support::Home;

/// Readings by the ledger, which counts each once.
const READINGS: &str = "SELECT sum(readings) FROM scpi_run.journal_position";

#[test]
fn a_first_run_makes_the_server_and_a_second_finds_it() {
    let home = Home::new();
    home.run(&["db", "status"]).expect(0).says("not made yet");
    home.run(&["db", "stop"]).expect(0).says("it did not run");
    home.run(&["history"]).expect(0).says("no run yet");
    let plan = "testplans/failing.toml";
    home.run(&[plan, "--sim"]).expect(10).says("made a PostgreSQL").says("recorded in");
    home.run(&["db", "status"]).expect(0).says("stopped");
    let second = home.run(&[plan, "--sim"]).expect(10);
    assert!(!second.err.contains("made a PostgreSQL"), "{second:?}");
    assert_eq!(home.run(&["history"]).expect(0).out.matches("failing").count(), 2);

    let url = home.run(&["db", "url"]).expect(0).out;
    assert!(url.starts_with("postgresql:///homelab_db?"), "{url}");
    assert!(url.contains("user=homelab_app"), "{url}");
    home.run(&["db", "status"]).expect(0).says("running").says("sessions 2").says("0 to be sent");
    let query =
        ["db", "psql", "--", "-Atc", "select count(*), current_user from testing.test_results"];
    assert_eq!(home.run(&query).expect(0).out, "4|homelab_app\n");
    home.run(&["db", "migrate"]).expect(0).says("up to date");
    home.run(&["sync"]).expect(0).says("0 had something to send");
    home.run(&["db", "stop"]).expect(0).says("stopped");
    home.run(&["db", "status"]).expect(0).says("stopped");
}

#[test]
fn without_server_programs_the_journal_has_it_and_says_how_to_send_it() {
    let home = Home::new();
    let mut command = home.command(&["testplans/failing.toml", "--sim", "--no-fetch"]);
    command.env("PATH", home.path());
    let done = support::done(command.output().unwrap());
    // Where PostgreSQL lies in its usual places it is found there without a PATH; then the run is recorded.
    let recorded = done.out.contains("recorded in");
    let told = done.out.contains("scpi-run sync") && done.err.contains("PostgreSQL");
    assert!(recorded || told, "{done:?}");
    assert_eq!(done.code, 10, "{done:?}");
    home.run(&["db", "stop"]).expect(0);
}

#[test]
fn everything_moves_to_a_server_of_the_lab_and_is_there_once() {
    let (home, target) = (Home::new(), TestDatabase::missing().unwrap());
    let plan = "testplans/failing.toml";
    let url = target.url(SUPERUSER);
    home.run(&["db", "move", &url]).expect(2).says("no server of our own");
    home.run(&[plan, "--sim"]).expect(10).says("made a PostgreSQL");
    home.run(&["db", "inventory", "import", "fixtures/homelab.toml"]).expect(0);
    // What never came to the old server comes to the new one.
    home.run(&[plan, "--sim", "--db", "none"]).expect(10);

    let settings = home.path().join(".config/scpi-run/config.toml");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(&settings, "operator = 'ada'\ndatabase = 'none'\n").unwrap();
    let moved = home.run(&["db", "move", &url]).expect(0);
    let moved = moved.says("and the same").says("sessions are there").says("default from now on");
    let count = |query: &str| home.run(&["db", "psql", "--", "-Atc", query]).expect(0).out;
    let inventory = count("SELECT count(*) > 5 FROM infrastructure.devices");
    assert_eq!((inventory.as_str(), moved.code), ("t\n", 0));
    assert_eq!(
        count("SELECT count(*), current_user FROM testing.test_sessions"),
        "2|homelab_app\n"
    );
    let text = std::fs::read_to_string(&settings).unwrap();
    assert!(text.contains("operator = 'ada'") && !text.contains("none"), "{text}");

    // Again changes nothing, and runs go there.
    home.run(&["db", "move", &url]).expect(0).says("there already");
    home.run(&[plan, "--sim"]).expect(10).says(target.name());
    assert_eq!(
        count("SELECT count(*), count(DISTINCT session_id) FROM testing.test_sessions"),
        "3|3\n"
    );
    assert_eq!(count("SELECT count(*) FROM scpi.measurements"), count(READINGS));
    home.run(&["db", "stop"]).expect(0);
}

/// What only the old server has would be lost: nothing is made the default then.
#[test]
fn a_session_without_a_journal_is_not_left_behind() {
    let (home, target) = (Home::new(), TestDatabase::new().unwrap());
    home.run(&["testplans/failing.toml", "--sim"]).expect(10);
    home.journals().iter().for_each(|journal| std::fs::remove_file(journal).unwrap());
    let url = target.url(SUPERUSER);
    home.run(&["db", "move", &url]).expect(40).says("1 sessions have no journal");
    assert!(!home.path().join(".config/scpi-run/config.toml").exists());
    home.run(&["db", "stop"]).expect(0);
}

/// Only one version of PostgreSQL need be there: what takes the place of a cluster is made by the newest one that is found,
/// be it the same.
#[test]
fn the_cluster_is_made_anew_and_the_old_one_kept() {
    let home = Home::new();
    home.run(&["testplans/failing.toml", "--sim"]).expect(10).says("made a PostgreSQL");
    home.run(&["testplans/failing.toml", "--sim", "--db", "none"]).expect(10);
    let renewed = home.run(&["db", "migrate", "--new-cluster"]).expect(0);
    let renewed = renewed.says("and the same").says("is kept in").says("1 had something to send");
    let kept = renewed.out.split("is kept in ").nth(1).unwrap().split(';').next().unwrap();
    assert!(std::path::Path::new(kept).join("PG_VERSION").exists(), "{kept}");
    let query = ["db", "psql", "--", "-Atc", "select count(*) from testing.test_sessions"];
    assert_eq!(home.run(&query).expect(0).out, "2\n");
    home.run(&["testplans/failing.toml", "--sim"]).expect(10).says("recorded in");
    home.run(&["db", "verify"]).expect(0);
    home.run(&["db", "stop"]).expect(0);
    let given = ["db", "migrate", "--new-cluster", "--db", "postgresql://nobody@/x"];
    home.run(&given).expect(2).says("our own server");
}
