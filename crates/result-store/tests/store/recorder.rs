//! A journal as rows: every digit, every event once.

use bench_model::{Presence, SessionStatus, Verdict, VerdictCounts};
use result_store::testing::TestDatabase;
use result_store::{CaughtUp, Store};
use run_journal::Position;

use crate::journals::{self, Journals, every_kind, meter, reading, session, start};
use crate::sql::{everything, texts};

pub(crate) async fn store(database: &TestDatabase) -> Store {
    Store::connect(&database.config("homelab_app").unwrap()).await.unwrap()
}

#[tokio::test]
async fn readings_have_the_digits_that_were_sent() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    store(&database).await.catch_up(&journal).await.unwrap();

    let query = "SELECT value::text, metadata ->> 'raw', unit, measurement_type, channel::text, range_setting,
            integration_time::text, metadata ->> 'place', metadata ->> 'nplc'
        FROM scpi.measurements ORDER BY metadata ->> 'sample'";
    let rest = ["V", "voltage", "1", "10 V", "0.200", "rail/vout[vi=7 V]", "10"];
    let row = |value: &str, raw: &str| {
        [value, raw].into_iter().chain(rest).map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = [
        row("1.00000000", "+1.00000000E+00"),
        row("-0.00000032150", "-3.2150E-07"),
        row("Infinity", "9.9E37"),
    ];
    assert_eq!(texts(&database, query).await, expected);
    // None has fallen into DEFAULT, though its month was not there.
    let places =
        texts(&database, "SELECT DISTINCT tableoid::regclass::text FROM scpi.measurements").await;
    assert_eq!(places, [["scpi.measurements_2025_10"]]);
}

#[tokio::test]
async fn results_and_session_are_as_the_schema_wants_them() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    store(&database).await.catch_up(&journal).await.unwrap();

    let results = "SELECT test_results.status, test_name, test_category, expected_result, actual_result, error_message,
        duration_ms::text, device_name FROM testing.test_results LEFT JOIN infrastructure.devices d USING (device_id)
        ORDER BY (test_results.metadata ->> 'seq')::int";
    let (name, limit) = ("rail/vout[vi=7 V]", "4.95 V .. 5.05 V");
    let device = "Rigol Technologies DM3068 DM3O1";
    let value = "5.00100000 V";
    assert_eq!(
        texts(&database, results).await,
        [
            ["PASS", name, "scpi", limit, value, "-", "20", device],
            ["SKIP", name, "scpi", limit, "-", "not asked for", "20", device],
            ["ERROR", name, "scpi", limit, value, "no answer within 5s", "20", device],
        ]
    );
    let sessions = "SELECT session_name, test_type, trigger_source, status, total_tests::text,
        passed_tests::text, failed_tests::text, skipped_tests::text, duration_seconds::text, executed_by,
        metadata -> 'finished' -> 'counts' ->> 'error', metadata -> 'finished' ->> 'duration_s',
        metadata ->> 'simulated', metadata -> 'start' -> 'plan' ->> 'text'
        FROM testing.test_sessions";
    assert_eq!(
        texts(&database, sessions).await,
        [[
            "5 V rail",
            "scpi_automated",
            "manual",
            "completed",
            "3",
            "1",
            "0",
            "1",
            "0",
            "ann",
            "1",
            "0.019",
            "false",
            "name = \"5 V rail\"\n",
        ]]
    );
}

#[tokio::test]
async fn instruments_come_and_go() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    let mut store = store(&database).await;
    store.catch_up(&journal).await.unwrap();

    let log = "SELECT scpi_address, previous_status, new_status, trigger_source, error_message
        FROM scpi.equipment_status_log JOIN scpi.equipment USING (equipment_id) ORDER BY log_id";
    let (dmm, psu) = ("tcp://192.168.1.21:5025", "tcp://192.168.1.20:5025");
    assert_eq!(
        texts(&database, log).await,
        [
            // It was online before it had said who it is.
            [dmm, "unknown", "online", "test_script", "-"],
            [psu, "unknown", "online", "test_script", "-"],
            [psu, "online", "error", "test_script", "-222,\"Data out of range\""],
            [dmm, "online", "offline", "test_script", "-"],
        ]
    );
    let changes = store.status_changes(None, 2).await.unwrap();
    let told = changes.iter().map(|change| (change.after.as_str(), change.error.as_deref()));
    let last_two = [("offline", None), ("error", Some("-222,\"Data out of range\""))];
    assert_eq!(told.collect::<Vec<_>>(), last_two);
    let of_meter = store.status_changes(Some(&changes[0].instrument), 10).await.unwrap();
    let told = of_meter.iter().map(|change| (change.before.as_deref(), change.seen_by.as_deref()));
    let both = [(Some("online"), Some("test_script")), (Some("unknown"), Some("test_script"))];
    assert_eq!(told.collect::<Vec<_>>(), both);
    let devices =
        "SELECT device_name, device_type, category, host(primary_ip), status, instrument_type,
        scpi_protocol, channels::text, max_voltage::text, idn_response
        FROM infrastructure.devices JOIN scpi.equipment ON equipment_id = device_id ORDER BY 1";
    assert_eq!(
        texts(&database, devices).await,
        [
            [
                "Rigol Technologies DM3068 DM3O1",
                "physical",
                "scpi",
                "192.168.1.21",
                "offline",
                "DMM",
                "SOCKET",
                "1",
                "1000",
                "Rigol Technologies,DM3068,DM3O1,01.01",
            ],
            [
                "Rigol Technologies DP832 DP8B1",
                "physical",
                "scpi",
                "192.168.1.20",
                "unknown",
                "PSU",
                "SOCKET",
                "3",
                "1000",
                "Rigol Technologies,DP832,DP8B1,01",
            ],
        ]
    );
    let events =
        texts(&database, "SELECT description FROM audit.system_events ORDER BY event_id").await;
    assert_eq!(
        events.concat(),
        [
            "Status changed from unknown to online",
            "Status changed from unknown to online",
            "Status changed from online to unknown",
            "Status changed from online to offline",
        ]
    );
}

#[tokio::test]
async fn the_same_journal_twice_is_there_once() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    let mut store = store(&database).await;
    assert_eq!(store.position(session(1)).await.unwrap(), None);
    let first = store.catch_up(&journal).await.unwrap();
    assert_eq!(
        first,
        CaughtUp { events: 20, readings: 3, results: 3, rejected: 0, already_there: false }
    );
    let before = everything(&database).await;
    let second = store.catch_up(&journal).await.unwrap();
    assert_eq!(second, CaughtUp { already_there: true, ..CaughtUp::default() });
    assert_eq!(everything(&database).await, before);
    let end = Position(std::fs::metadata(&journal).unwrap().len());
    assert_eq!(store.position(session(1)).await.unwrap(), Some((end, 20)));
}

/// The journal is cut after each event in turn, as a crash may cut it; a recorder that has lost its connection
/// without a word begins, and another goes on.
#[tokio::test]
async fn a_recorder_cut_anywhere_goes_on_where_the_ledger_says() {
    let records = every_kind(1);
    let whole = {
        let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
        let journal = journals.write(session(1), &records);
        store(&database).await.catch_up(&journal).await.unwrap();
        everything(&database).await
    };
    for cut in 1..records.len() {
        let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
        let mut writer = journals.writer(session(1));
        records.iter().take(cut).for_each(|record| writer.append(record).unwrap());
        writer.sync().unwrap();
        let journal = writer.path().to_owned();
        store(&database).await.catch_up(&journal).await.unwrap();
        records.iter().skip(cut).for_each(|record| writer.append(record).unwrap());
        writer.sync().unwrap();
        store(&database).await.catch_up(&journal).await.unwrap();
        assert_eq!(everything(&database).await, whole, "cut after event {cut}");
    }
}

#[tokio::test]
async fn batches_of_any_size_give_the_same_rows() {
    let records = every_kind(1);
    let mut seen = Vec::new();
    for events in [1, 2, 7, 1000] {
        let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
        let journal = journals.write(session(1), &records);
        store(&database).await.catch_up_by(&journal, events).await.unwrap();
        seen.push(everything(&database).await);
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:#?}");
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_leaves_nothing_half_done() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    let mut store = store(&database).await;
    // Nobody may write measurements for now: the transaction waits in its COPY.
    let mut blocker = crate::sql::connect(&database, "postgres").await;
    let lock = blocker.transaction().await.unwrap();
    lock.batch_execute("LOCK TABLE scpi.measurements IN SHARE MODE").await.unwrap();
    let kill =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'scpi-run'
        AND datname = current_database() AND wait_event_type = 'Lock'";
    let killer = crate::sql::connect(&database, "postgres").await;
    let killing = async {
        while killer.query(kill, &[]).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let (written, ()) = tokio::join!(store.catch_up(&journal), killing);
    let error = written.unwrap_err();
    assert!(error.is_away() && !error.is_schema(), "{error}");
    lock.rollback().await.unwrap();

    let sessions = "SELECT count(*)::text FROM testing.test_sessions";
    assert_eq!(texts(&database, sessions).await, [["0"]]);
    let mut store = self::store(&database).await;
    assert_eq!(store.catch_up(&journal).await.unwrap().readings, 3);
}

#[tokio::test]
async fn two_sessions_have_one_set_of_equipment() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let one = journals.write(session(1), &every_kind(1));
    let two = journals.write(session(2), &every_kind(2));
    let (mut first, mut second) = (store(&database).await, store(&database).await);
    let (one, two) = tokio::join!(first.catch_up_by(&one, 3), second.catch_up_by(&two, 4));
    assert_eq!((one.unwrap().readings, two.unwrap().readings), (3, 3));
    let counts = "SELECT (SELECT count(*) FROM testing.test_sessions)::text,
        (SELECT count(*) FROM scpi.equipment)::text, (SELECT count(*) FROM infrastructure.devices)::text,
        (SELECT count(DISTINCT equipment_id) FROM scpi.measurements)::text";
    assert_eq!(texts(&database, counts).await, [["2", "2", "2", "1"]]);
}

#[tokio::test]
async fn two_recorders_of_one_session_write_it_once() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    let (mut first, mut second) = (store(&database).await, store(&database).await);
    let (one, two) = tokio::join!(first.catch_up_by(&journal, 1), second.catch_up_by(&journal, 1));
    one.and(two).unwrap();
    let counts = "SELECT (SELECT count(*) FROM scpi.measurements)::text,
        (SELECT count(*) FROM testing.test_results)::text, (SELECT count(*) FROM scpi.equipment_status_log)::text";
    assert_eq!(texts(&database, counts).await, [["3", "3", "4"]]);
}

#[tokio::test]
async fn instruments_without_a_number_of_their_own_are_told_apart_by_their_place() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let simulated = |port: u32| {
        let mut identity = meter(None);
        identity.simulated = true;
        identity.address = format!("tcp://127.0.0.1:{port}");
        identity
    };
    let mut elsewhere = meter(Some("0"));
    elsewhere.address = "tcp://192.168.1.99:5025".into();
    for (number, identity) in [
        (1, meter(None)),
        (2, meter(Some("0"))),
        (3, elsewhere),
        (4, simulated(40_001)),
        (5, simulated(40_002)),
    ] {
        let events = [journals::started(start(number)), journals::identified(identity)];
        let journal = journals.write(session(number), &journals::numbered(events));
        store(&database).await.catch_up(&journal).await.unwrap();
    }
    let names = "SELECT device_name, device_type, scpi_address FROM infrastructure.devices
        JOIN scpi.equipment ON device_id = equipment_id ORDER BY 1";
    let name = "Rigol Technologies DM3068, dmm of charger";
    assert_eq!(
        texts(&database, names).await,
        [
            vec![name.to_owned(), "physical".into(), "tcp://192.168.1.21:5025".into()],
            vec![format!("{name} #2"), "physical".into(), "tcp://192.168.1.99:5025".into()],
            vec![format!("{name} (simulated)"), "simulated".into(), "tcp://127.0.0.1:40002".into()],
        ]
    );
}

#[tokio::test]
async fn what_a_person_entered_is_kept() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let client = crate::sql::connect(&database, "homelab_app").await;
    client
        .batch_execute(
            "WITH device AS (
                INSERT INTO infrastructure.devices (device_name, device_type, manufacturer, model, serial_number)
                VALUES ('the good meter', 'physical', 'Rigol Technologies', 'DM3068', 'DM3O1')
                RETURNING device_id
            ) INSERT INTO scpi.equipment (equipment_id, scpi_address, max_voltage, calibration_due_date)
            SELECT device_id, 'old', 300, '2027-01-31' FROM device",
        )
        .await
        .unwrap();
    let journal = journals.write(session(1), &every_kind(1));
    store(&database).await.catch_up(&journal).await.unwrap();
    let found = "SELECT device_name, scpi_address, max_voltage::text, calibration_due_date::text
        FROM infrastructure.devices JOIN scpi.equipment ON device_id = equipment_id
        WHERE serial_number = 'DM3O1'";
    let expected = [["the good meter", "tcp://192.168.1.21:5025", "300", "2027-01-31"]];
    assert_eq!(texts(&database, found).await, expected);
}

#[tokio::test]
async fn an_instrument_that_never_answers_is_the_one_last_known() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let one = journals.write(session(1), &every_kind(1));
    let silent = [
        journals::started(start(2)),
        journals::status("dmm", Presence::Error, Some("no answer within 5s")),
        journals::status("stranger", Presence::Error, Some("connection refused")),
        journals::ended(SessionStatus::Failed, VerdictCounts::default()),
    ];
    let two = journals.write(session(2), &journals::numbered(silent));
    let mut store = store(&database).await;
    store.catch_up(&one).await.unwrap();
    store.catch_up(&two).await.unwrap();
    let log = "SELECT scpi_address, previous_status, new_status, error_message
        FROM scpi.equipment_status_log JOIN scpi.equipment USING (equipment_id)
        WHERE error_message LIKE 'no answer%'";
    let expected = [["tcp://192.168.1.21:5025", "offline", "error", "no answer within 5s"]];
    assert_eq!(texts(&database, log).await, expected);
    let left = "SELECT status, metadata -> 'unidentified' -> 0 -> 'status' ->> 'message'
        FROM testing.test_sessions WHERE status = 'failed'";
    assert_eq!(texts(&database, left).await, [["failed", "connection refused"]]);
}

/// Long names, NUL, numbers that NUMERIC has not, a clock that went back, times that no month is made for.
#[tokio::test]
async fn what_cannot_be_stored_is_said_and_stops_nothing() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let mut start = start(1);
    start.plan.name = "Ω\0".repeat(300);
    start.operator = Some("o".repeat(200));
    let mut huge = reading(1, 0, "1E+200000\0\\", "1E+200000");
    huge.place.path = "p".repeat(300);
    huge.range = Some("r".repeat(99));
    huge.instrument = "nobody".into();
    let mut old = reading(1, 1, "1", "1");
    old.taken_at = bench_model::Timestamp::MIN;
    let mut ahead = reading(1, 2, "2", "2");
    ahead.taken_at = bench_model::Timestamp::MAX;
    let mut result = journals::result(1, 1, Verdict::Fail);
    result.place.path = "p".repeat(300);
    (result.started_at, result.finished_at) = (journals::at(50), journals::at(10));
    let counts = VerdictCounts { fail: 1, ..VerdictCounts::default() };
    let mut records = journals::numbered([
        journals::started(start),
        journals::read(huge),
        journals::read(old),
        journals::read(ahead),
        journals::judged(result),
        journals::ended(SessionStatus::Completed, counts),
    ]);
    records.last_mut().unwrap().at = journals::at(-5000);
    let journal = journals.write(session(1), &records);
    store(&database).await.catch_up(&journal).await.unwrap();

    let readings = "SELECT value::text, metadata ->> 'raw', metadata ->> 'unstorable', metadata ->> 'instrument',
        length(range_setting)::text, tableoid::regclass::text FROM scpi.measurements ORDER BY metadata ->> 'sample'";
    assert_eq!(
        texts(&database, readings).await,
        [
            [
                "NaN",
                "1E+200000\\x00\\\\",
                "beyond the bounds of NUMERIC",
                "nobody",
                "50",
                "scpi.measurements_2025_10",
            ],
            ["1", "1", "-", "dmm", "4", "scpi.measurements_default"],
            ["2", "2", "-", "dmm", "4", "scpi.measurements_default"],
        ]
    );
    let rest =
        "SELECT length(session_name)::text, length(executed_by)::text, duration_seconds::text,
        (completed_at = s.started_at)::text, metadata -> 'finished' ->> 'duration_s',
        (SELECT length(test_name)::text || duration_ms::text FROM testing.test_results)
        FROM testing.test_sessions s";
    assert_eq!(texts(&database, rest).await, [["255", "100", "0", "true", "-5.001", "2550"]]);
}

#[tokio::test]
async fn a_file_that_is_no_session_is_refused() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let warning = bench_model::RunEvent::Warning { message: "lost".into() };
    let journal = journals.write(session(1), &journals::numbered([warning]));
    let mut store = store(&database).await;
    let error = store.catch_up(&journal).await.unwrap_err();
    assert!(error.to_string().contains("not the start of a session"), "{error}");
    let missing = journals.path().join("missing.journal");
    let error = store.catch_up(&missing).await.unwrap_err();
    assert!(error.to_string().contains("missing.journal") && !error.is_away(), "{error}");
    let empty = journals.write(session(2), &[]);
    assert!(store.catch_up(&empty).await.unwrap().already_there);
}

/// Two sessions are the proof that rows of the audit are one for a batch and not one for a reading.
#[tokio::test]
async fn the_audit_has_a_line_for_a_batch_of_readings() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let journal = journals.write(session(1), &every_kind(1));
    store(&database).await.catch_up(&journal).await.unwrap();
    let audit = "SELECT table_name, operation, changed_by, new_values ->> 'rows', count(*)::text
        FROM audit.change_log WHERE table_name IN ('scpi.measurements', 'testing.test_results')
        GROUP BY 1, 2, 3, 4 ORDER BY 1";
    let actor = "homelab_app (scpi-run)";
    assert_eq!(
        texts(&database, audit).await,
        [
            ["scpi.measurements", "INSERT", actor, "3", "1"],
            ["testing.test_results", "INSERT", actor, "-", "3"],
        ]
    );
}
