//! `scpi-run scan`, on instruments of the loopback interface alone.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails by panicking")]

mod support;

use private_postgres::SUPERUSER;
use result_store::testing::TestDatabase;
use support::{Done, Home, SimProcess, done, root};

struct Lab {
    home: Home,
    database: TestDatabase,
}

impl Lab {
    fn new() -> Self {
        Self { home: Home::new(), database: TestDatabase::new().unwrap() }
    }

    fn scan(&self, words: &[&str]) -> Done {
        let mut command = self.home.command(&[&["scan"], words].concat());
        command.env("DATABASE_URL", self.database.run_url());
        done(command.output().unwrap())
    }

    fn rows(&self, query: &str) -> String {
        let psql = self.database.server().psql(SUPERUSER, self.database.name());
        let output = psql.unwrap().args(["-AtXc", query]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn bench(&self, simulator: &SimProcess, more: &str) -> String {
        let file = self.home.write("bench.toml", &simulator.bench_file(more));
        file.to_str().unwrap().to_owned()
    }

    /// The quickstart's bench with something else in it.
    fn changed(&self, from: &str, to: &str) -> SimProcess {
        let spec = std::fs::read_to_string(root().join("sim/quickstart.toml")).unwrap();
        assert!(spec.contains(from));
        let spec = self.home.write("changed.toml", &spec.replacen(from, to, 1));
        SimProcess::start(&self.home, spec.to_str().unwrap())
    }
}

const LOG: &str = "SELECT new_status, coalesce(previous_status, '-'), trigger_source FROM scpi.equipment_status_log
    JOIN infrastructure.devices ON device_id = equipment_id WHERE model = '34461A' ORDER BY log_id";

#[test]
fn a_bench_is_scanned_and_only_changes_are_kept() {
    let lab = Lab::new();
    let mut simulator = SimProcess::start(&lab.home, "quickstart");
    let bench = lab.bench(&simulator, "");
    lab.scan(&["--bench", &bench]).expect(0).says("3 of 3 instruments answer").says("SIM0000003");
    lab.scan(&["--bench", &bench, "--trigger", "scheduled"]).expect(0);
    assert_eq!(lab.rows(LOG), "online|-|manual_check\n");
    simulator.kill();
    for _ in 0..2 {
        lab.scan(&["--bench", &bench, "--trigger", "scheduled"])
            .expect(30)
            .says("0 of 3 instruments answer");
    }
    assert_eq!(lab.rows(LOG), "online|-|manual_check\noffline|online|automated_scan\n");
    let events =
        "SELECT count(*), min(severity), min(metadata ->> 'old_status') FROM audit.system_events
        WHERE event_type = 'device_status' AND metadata ->> 'new_status' = 'offline'";
    assert_eq!(lab.rows(events), "3|warning|online\n");
}

#[test]
fn another_firmware_and_another_instrument_are_noticed() {
    let lab = Lab::new();
    let first = SimProcess::start(&lab.home, "quickstart");
    lab.scan(&["--bench", &lab.bench(&first, "")]).expect(0);
    drop(first);
    let newer =
        lab.changed("serial = \"SIM0000003\"", "serial = \"SIM0000003\"\nfirmware = \"A.99\"");
    let bench = lab.bench(&newer, "");
    lab.scan(&["--bench", &bench]).expect(0).says("its firmware was").says("A.99");
    let quiet = lab.scan(&["--bench", &bench]).expect(0).out;
    assert!(!quiet.contains("its firmware was"), "{quiet}");
    drop(newer);
    let other = lab.changed("serial = \"SIM0000003\"", "serial = \"SIM0000099\"");
    let bench = lab.bench(&other, "");
    lab.scan(&["--bench", &bench]).expect(30).says("its serial number was SIM0000003");
    let alerts = "SELECT count(*), bool_and(source = 'scan') FROM audit.system_events WHERE event_type = 'alert'";
    assert_eq!(lab.rows(alerts), "2|t\n");
    // What the bench file wants.
    let wanted = bench_with(&lab, &other, "dmm", "serial = \"SIM0000003\"");
    lab.scan(&["--bench", &wanted]).expect(30).says("wants the serial number 'SIM0000003'");
}

/// A bench file in which an instrument has one line more.
fn bench_with(lab: &Lab, simulator: &SimProcess, name: &str, line: &str) -> String {
    let text = simulator.bench_file("");
    let head = format!("[instruments.{name}]\n");
    let file = lab.home.write("wanted.toml", &text.replacen(&head, &format!("{head}{line}\n"), 1));
    file.to_str().unwrap().to_owned()
}

#[test]
fn calibration_is_watched() {
    let lab = Lab::new();
    let simulator = SimProcess::start(&lab.home, "quickstart");
    let soon = jiff::Timestamp::now() + jiff::Span::new().hours(24 * 10);
    for (due, code, words) in [
        ("2020-01-01".to_owned(), 10, "overdue"),
        (soon.strftime("%Y-%m-%d").to_string(), 0, "is due in 10 days"),
        ("2090-01-01".to_owned(), 0, "2090-01-01"),
    ] {
        let line = format!("calibration = {{ due = \"{due}\" }}");
        let bench = bench_with(&lab, &simulator, "dmm", &line);
        lab.scan(&["--bench", &bench]).expect(code).says(words);
    }
    let bench = lab.bench(&simulator, "");
    let mut alone = lab.home.command(&["scan", "--db", "none", "--bench", &bench]);
    done(alone.output().unwrap()).expect(0).says("3 of 3");
    done(lab.home.command(&["scan", "--db", "none"]).output().unwrap()).expect(2).says("--bench");
}

#[test]
fn the_inventory_is_scanned() {
    let lab = Lab::new();
    let simulator = SimProcess::start(&lab.home, "quickstart");
    let meter = simulator.address("dmm");
    lab.rows(&format!(
        "INSERT INTO infrastructure.devices (device_id, device_name, device_type, status) VALUES
            ('01890000-0000-7000-8000-000000000001', 'meter', 'physical', 'unknown'),
            ('01890000-0000-7000-8000-000000000002', 'gone', 'physical', 'retired');
         INSERT INTO scpi.equipment (equipment_id, scpi_address, calibration_due_date) VALUES
            ('01890000-0000-7000-8000-000000000001', '{meter}', '2020-01-01'),
            ('01890000-0000-7000-8000-000000000002', 'tcp://127.0.0.1:1', NULL)"
    ));
    lab.scan(&[]).expect(10).says("1 of 1 instruments answer").says("overdue");
    let filled =
        "SELECT serial_number, status FROM infrastructure.devices WHERE device_name = 'meter'";
    assert_eq!(lab.rows(filled), "SIM0000003|online\n");
    lab.rows("UPDATE infrastructure.devices SET serial_number = 'MY1'; UPDATE scpi.equipment SET calibration_due_date = NULL");
    for _ in 0..2 {
        lab.scan(&[]).expect(30).says("its serial number was MY1");
    }
    let log = "SELECT new_status, error_message FROM scpi.equipment_status_log ORDER BY log_id";
    assert_eq!(lab.rows(log), "online|\nerror|another serial number answers\n");
    let alerts = "SELECT count(*) FROM audit.system_events WHERE event_type = 'alert'";
    assert_eq!(lab.rows(alerts), "1\n");
}
