//! The main job into a real PostgreSQL: rows, digits, exactly once, and a database that is away.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use private_postgres::RUN_ROLE;
use result_store::testing::TestDatabase;
use support::{Done, Home, SimProcess};
use tokio_postgres::NoTls;

/// A database of a test's own, and rows out of it as text.
struct Rows {
    database: TestDatabase,
}

impl Rows {
    fn new() -> Self {
        Self { database: TestDatabase::new().unwrap() }
    }

    fn url(&self) -> String {
        self.database.url(RUN_ROLE)
    }

    /// The rows of a query, columns joined by `|`; NULL is empty.
    fn of(&self, query: &str) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
            let connection = tokio::spawn(connection);
            let messages = client.simple_query(query).await.unwrap();
            drop(client);
            connection.await.unwrap().unwrap();
            messages.iter().filter_map(row).collect()
        })
    }

    fn run(&self, home: &Home, words: &[&str]) -> Done {
        home.run(&[words, &["--db", &self.url()]].concat())
    }
}

fn row(message: &tokio_postgres::SimpleQueryMessage) -> Option<String> {
    let tokio_postgres::SimpleQueryMessage::Row(row) = message else { return None };
    let cells = (0..row.len()).map(|at| row.get(at).unwrap_or_default());
    Some(cells.collect::<Vec<_>>().join("|"))
}

const SESSIONS: &str = "SELECT session_name, status, trigger_source, total_tests, passed_tests, failed_tests, \
    skipped_tests FROM testing.test_sessions ORDER BY started_at";

#[test]
fn the_same_plan_twice_is_two_sessions_and_one_set_of_equipment() {
    let (home, rows) = (Home::new(), Rows::new());
    for _ in 0..2 {
        rows.run(&home, &["testplans/quickstart.toml", "--sim"]).expect(0).says("recorded in");
    }
    let session = "quickstart|completed|manual|28|28|0|0";
    assert_eq!(rows.of(SESSIONS), [session, session]);
    assert_eq!(
        rows.of("SELECT status, count(*) FROM testing.test_results GROUP BY status"),
        ["PASS|56"]
    );
    assert_eq!(rows.of("SELECT count(*) FROM scpi.measurements"), ["96"]);
    assert_eq!(
        rows.of("SELECT instrument_type, idn_response FROM scpi.equipment ORDER BY 1"),
        [
            "DMM|Keysight Technologies,34461A,SIM0000003,A.02.08-02.37-02.08-00.49-01-01",
            "LOAD|RIGOL TECHNOLOGIES,DL3021,SIM0000002,00.01.05.00.01",
            "PSU|RIGOL TECHNOLOGIES,DP832,SIM0000001,00.01.19",
        ]
    );
    assert_eq!(
        rows.of("SELECT new_status, count(*) FROM scpi.equipment_status_log GROUP BY 1 ORDER BY 1"),
        ["offline|6", "online|6"]
    );
    assert_eq!(rows.of("SELECT DISTINCT status FROM infrastructure.devices"), ["offline"]);
    // Each change of a device's status is an event of its own.
    assert_eq!(
        rows.of("SELECT count(*) > 0 FROM audit.system_events WHERE event_type = 'device_status'"),
        ["t"]
    );
}

#[test]
fn every_digit_that_was_sent_is_in_the_row() {
    let (home, rows) = (Home::new(), Rows::new());
    rows.run(&home, &["testplans/quickstart.toml", "--sim"]).expect(0);
    let readings = rows.of("SELECT value::text, metadata->>'raw' FROM scpi.measurements \
         WHERE unit = 'V' AND measurement_type = 'voltage'");
    assert_eq!(readings.len(), 36);
    for reading in readings {
        let (value, raw) = reading.split_once('|').unwrap();
        // The meter's `+3.30063000E+00` is 3.30063000; at `+1.2...E+01` a digit moves before the point.
        let exact: exact_decimal_text::Shifted = raw.parse().unwrap();
        assert_eq!(value, exact.0, "{raw}");
    }
}

/// The decimal point of `+1.23E+01` moved by hand: nothing of the program's own arithmetic.
mod exact_decimal_text {
    pub(super) struct Shifted(pub(super) String);

    impl std::str::FromStr for Shifted {
        type Err = std::num::ParseIntError;

        fn from_str(raw: &str) -> Result<Self, Self::Err> {
            let raw = raw.trim_start_matches('+');
            let (mantissa, exponent) = raw.split_once('E').unwrap_or((raw, "0"));
            let exponent: usize = exponent.trim_start_matches('+').parse()?;
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let (moved, rest) = fraction.split_at(exponent);
            let whole = format!("{whole}{moved}");
            let whole = match whole.trim_start_matches('0') {
                "" => "0",
                digits => digits,
            };
            Ok(Self(if rest.is_empty() { whole.to_owned() } else { format!("{whole}.{rest}") }))
        }
    }
}

#[test]
fn an_overload_is_infinity_with_its_text_beside_it() {
    let (home, rows) = (Home::new(), Rows::new());
    let plan = home.write(
        "overload.toml",
        "name = 'overload'\n[instruments]\n\
         psu = { class = 'power_supply', max_voltage = '15 V', max_current = '1 A', sense = 'local' }\n\
         dmm = { class = 'multimeter' }\n\
         [readings.v]\nrole = 'dmm'\nfunction = 'dc_voltage'\nrange = '1 V'\n\
         [[setup]]\nid = 'on'\nsettle = '50 ms'\n\
         apply = [{ role = 'psu', voltage = '5 V', current_limit = '0.1 A', output = 'on' }]\n\
         [[steps]]\nid = 'over'\nmeasure = { reading = 'v', limit = '<= 1 V' }\n\
         [[steps]]\nid = 'wanted'\nmeasure = { reading = 'v', limit = 'overload' }\n\
         [[steps]]\nid = 'above'\nmeasure = { reading = 'v', limit = '>= 1 V' }\n",
    );
    let plan = plan.to_str().unwrap();
    rows.run(&home, &[plan, "--sim=quickstart"]).expect(10);
    assert_eq!(
        rows.of(
            "SELECT test_name, status FROM testing.test_results ORDER BY completed_at, test_name"
        ),
        ["over|FAIL", "wanted|PASS", "above|INCONCLUSIVE"]
    );
    assert_eq!(
        rows.of("SELECT DISTINCT value::text, metadata->>'raw' FROM scpi.measurements"),
        ["Infinity|+9.90000000E+37"]
    );
}

#[test]
fn a_database_that_is_away_stops_nothing_and_sync_brings_all_of_it_once() {
    let (home, rows) = (Home::new(), Rows::new());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let away = format!("postgresql://nobody@{}/homelab_db", listener.local_addr().unwrap());
    drop(listener);
    let plan = "testplans/failing.toml";
    home.run(&[plan, "--sim", "--db", &away]).expect(10).says("scpi-run sync");
    home.run(&[plan, "--sim", "--db", &away, "--require-db"]).expect(40);
    assert_eq!(rows.of(SESSIONS), Vec::<String>::new());
    rows.run(&home, &["sync"]).expect(0).says("2 had something to send");
    let counts = "SELECT (SELECT count(*) FROM testing.test_results), \
        (SELECT count(*) FROM scpi.measurements), (SELECT count(*) FROM scpi.equipment_status_log)";
    assert_eq!(rows.of(counts), ["4|4|12"]);
    rows.run(&home, &["sync"]).expect(0).says("0 had something to send");
    assert_eq!(rows.of(counts), ["4|4|12"]);
    assert_eq!(rows.of(SESSIONS).len(), 2);
}

#[test]
fn a_schema_of_another_version_is_not_written_to() {
    let (home, empty) = (Home::new(), TestDatabase::empty().unwrap());
    let url = empty.url(RUN_ROLE);
    let plan = "testplans/failing.toml";
    home.run(&[plan, "--sim", "--db", &url]).expect(10).says("migrate");
    let owner = empty.url(private_postgres::SUPERUSER);
    home.run(&["db", "migrate", "--db", &owner]).expect(0).says("migrations were applied");
    home.run(&["db", "migrate", "--db", &owner]).expect(0).says("nothing was to be done");
    home.run(&["sync", "--db", &url]).expect(0).says("1 had something to send");
}

#[test]
fn an_instrument_that_fails_in_mid_run_leaves_its_readings_and_an_error() {
    let (home, rows) = (Home::new(), Rows::new());
    for (action, says) in
        [("close", "closed the connection"), ("garbage", "READ?"), ("silent", "no answer")]
    {
        let bench = std::fs::read_to_string(support::root().join("sim/failing.toml")).unwrap();
        let fault = format!(
            "\n[[faults]]\ninstrument = \"dmm\"\non = \"READ?\"\nnth = 2\ndo = \"{action}\"\n"
        );
        let sim = home.write("faulty.toml", &(bench + &fault));
        let plan = home.write(
            "twice.toml",
            "name = 'twice'\n[instruments]\ndmm = { class = 'multimeter' }\n\
             [readings.v]\nrole = 'dmm'\nfunction = 'dc_voltage'\nrange = '10 V'\nnplc = 0.02\n\
             [[steps]]\nid = 'first'\nmeasure = { reading = 'v', limit = '-1 V .. 1 V' }\n\
             [[steps]]\nid = 'second'\nmeasure = { reading = 'v', limit = '-1 V .. 1 V' }\n",
        );
        let sim = SimProcess::start(&home, sim.to_str().unwrap());
        let text = sim
            .bench_file("")
            .replace("[instruments.dmm]\n", "[instruments.dmm]\ntimeout_ms = 300\n");
        let bench = home.write("bench.toml", &text);
        let words = [plan.to_str().unwrap(), "--bench", bench.to_str().unwrap()];
        rows.run(&home, &words).expect(30).says(says);
    }
    assert_eq!(
        rows.of(
            "SELECT test_name, status, count(*) FROM testing.test_results GROUP BY 1, 2 ORDER BY 1"
        ),
        ["first|PASS|3", "second|ERROR|3"]
    );
    assert_eq!(rows.of("SELECT count(*) FROM scpi.measurements"), ["3"]);
}

#[test]
fn past_runs_are_listed_and_shown_from_the_database() {
    let (home, rows) = (Home::new(), Rows::new());
    rows.run(&home, &["history"]).expect(0).says("no run yet");
    rows.run(&home, &["testplans/failing.toml", "--sim"]).expect(10);
    let elsewhere = Home::new();
    rows.run(&elsewhere, &["history"]).expect(0).says("CHG05-000013");
    let id = rows.of("SELECT session_id FROM testing.test_sessions").pop().unwrap();
    rows.run(&elsewhere, &["show", &id[..18]]).expect(0).says("output_voltage").says("5.06");
    rows.run(&elsewhere, &["db", "status"]).expect(0).says("sessions 1");
}

#[test]
fn a_record_is_proved_anew_and_what_was_changed_is_named() {
    let (home, rows) = (Home::new(), Rows::new());
    let plan = ["testplans/failing.toml", "--sim"];
    home.run(&[&plan[..], &["--db", "none"]].concat()).expect(10);
    let journal = home.journals().remove(0);
    let run = journal.file_stem().unwrap().to_str().unwrap().to_owned();
    rows.run(&home, &["verify", &run]).expect(0).says("nothing of it is there");
    rows.run(&home, &["sync"]).expect(0);
    rows.run(&home, &["verify", &run[..18]])
        .expect(0)
        .says("the same, id by id")
        .says("it has its end");
    rows.of("UPDATE testing.test_results SET status = 'PASS' WHERE status = 'FAIL'");
    let changed = rows.run(&home, &["verify", &run]).expect(40);
    changed.says("status is PASS in the database, and FAIL by the journal");

    home.run(&["verify", "ffff", "--db", "none"]).expect(2);
    home.run(&["verify", "latest", "--db", "none"]).expect(0).says(&run);
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes[200] ^= 1;
    std::fs::write(&journal, bytes).unwrap();
    home.run(&["verify", &run, "--db", "none"]).expect(40).says("damaged at byte 0");
}

#[test]
fn a_superuser_records_only_when_told_to() {
    let (home, rows) = (Home::new(), Rows::new());
    home.run(&["testplans/failing.toml", "--sim", "--db", "none"]).expect(10);
    let url = rows.database.url(private_postgres::SUPERUSER);
    home.run(&["sync", "--db", &url]).expect(40).says("postgres is a superuser");
    assert_eq!(rows.of("SELECT count(*) FROM testing.test_sessions"), ["0"]);
    home.run(&["sync", "--db", &url, "--allow-superuser"]).expect(0);
    assert_eq!(rows.of("SELECT count(*) FROM testing.test_sessions"), ["1"]);
}

/// As libpq has it: the URL first, then its service, then variables, and the password file last.
#[test]
fn a_server_is_named_by_a_service_and_its_password_found_in_a_file() {
    let (home, rows) = (Home::new(), Rows::new());
    home.run(&["testplans/failing.toml", "--sim", "--db", "none"]).expect(10);
    let folder = rows.database.server().socket_folder().display().to_string();
    let name = rows.database.name();
    let services = format!("[lab]\nhost={folder}\ndbname={name}\nuser=homelab_app\n");
    let file = home.write("services.conf", &services);
    let run = |words: &[&str], service: Option<&str>| {
        let mut command = home.command(words);
        command.env("PGSERVICEFILE", &file).env("PGDATABASE", "another");
        command.envs(service.map(|service| ("PGSERVICE", service)));
        support::done(command.output().unwrap())
    };
    run(&["sync", "--db", "service=lab"], None)
        .expect(0)
        .says("1 had something to send")
        .says(name);
    run(&["sync"], Some("lab")).expect(0).says("0 had something to send").says(name);
    run(&["sync", "--db", "service=none"], None).expect(2).says("there is no service [none]");

    // The password is asked for only by a server that wants it; that it is found is seen where psql gets it.
    let passwords = home.write(".pgpass", "nowhere.test:*:*:ann:from the file\n");
    let url = ["db", "psql", "--db", "postgresql://ann@nowhere.test/x"];
    let psql = home
        .write("psql", "#!/bin/sh\nprintf '%s|%s|%s' \"$PGHOST\" \"$PGUSER\" \"$PGPASSWORD\"\n");
    std::fs::set_permissions(&psql, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let asked = |mode: u32| {
        std::fs::set_permissions(&passwords, std::os::unix::fs::PermissionsExt::from_mode(mode))
            .unwrap();
        support::done(home.command(&url).env("PATH", home.path()).output().unwrap()).expect(0)
    };
    assert_eq!(asked(0o600).out, "nowhere.test|ann|from the file");
    assert_eq!(asked(0o644).says("mode 0644").out, "nowhere.test|ann|");
}

#[test]
fn a_verdict_can_be_judged_again_from_its_row() {
    let (home, rows) = (Home::new(), Rows::new());
    rows.run(&home, &["testplans/failing.toml", "--sim"]).expect(10);
    rows.run(&home, &["testplans/scope-ripple.toml", "--sim"]).expect(0);
    let results = rows.of("SELECT status, metadata FROM testing.test_results");
    assert_eq!(results.len(), 10);
    for row in results {
        let (status, metadata) = row.split_once('|').unwrap();
        let metadata: serde_json::Value = serde_json::from_str(metadata).unwrap();
        let limit: bench_model::Limit = serde_json::from_value(metadata["limit"].clone()).unwrap();
        let decision =
            serde_json::from_value::<Option<bench_model::Decision>>(metadata["decision"].clone());
        let decision = decision.unwrap().unwrap_or_else(bench_model::Decision::simple);
        let actual = serde_json::from_value(metadata["actual"].clone()).unwrap();
        assert_eq!(decision.judge(&limit, &actual).verdict().word(), status, "{metadata}");
    }
    assert_eq!(rows.of("SELECT count(*), min(samples) FROM scpi_run.waveforms"), ["2|1000"]);
}

#[test]
fn a_look_at_the_infrastructure_is_a_result_of_its_device_and_service() {
    let (home, rows) = (Home::new(), Rows::new());
    rows.of(
        "WITH device AS (INSERT INTO infrastructure.devices (device_name, device_type)
            VALUES ('nas', 'physical') RETURNING device_id)
         INSERT INTO infrastructure.services (device_id, service_name) SELECT device_id, 'web' FROM device",
    );
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let step = |id: &str, device: &str| {
        format!(
            "[[steps]]\nid = \"{id}\"\ninfrastructure = {{ tcp = \"127.0.0.1:{port}\", device = \"{device}\", \
             service = \"web\" }}\n"
        )
    };
    let text = format!("name = \"lab\"\n{}{}", step("own", "nas"), step("other", "vm"));
    let plan = home.write("lab.toml", &text);
    rows.run(&home, &[plan.to_str().unwrap()]).expect(0).says("recorded in");
    assert_eq!(rows.of("SELECT test_type FROM testing.test_sessions"), ["infrastructure"]);
    assert_eq!(
        rows.of("SELECT test_name, test_category, device_name, service_name, result.status
             FROM testing.test_results AS result
             LEFT JOIN infrastructure.devices USING (device_id)
             LEFT JOIN infrastructure.services USING (service_id) ORDER BY 1 DESC"),
        ["own|service|nas|web|PASS", "other|service|||PASS"]
    );
    let run = rows.of("SELECT session_id FROM testing.test_sessions").remove(0);
    rows.run(&home, &["verify", &run]).expect(0);
}
