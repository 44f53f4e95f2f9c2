//! The embedded default: results land in a server of our own, made and started by itself.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use support::Home;

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
