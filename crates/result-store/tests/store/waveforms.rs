//! Waveforms: every code as it came, in pieces; volts over time by SQL; gone by age, and said to be.

use bench_model::{CodeFormat, RunEvent, SessionStatus, Timestamp, VerdictCounts, Waveform};
use result_store::Store;
use result_store::testing::TestDatabase;

use crate::journals::{
    Journals, ended, identified, meter, numbered, session, start, started, waveform,
};
use crate::recorder::store;
use crate::sql::{connect, texts};

const FORMATS: [CodeFormat; 6] = [
    CodeFormat::I8,
    CodeFormat::U8,
    CodeFormat::I16Le,
    CodeFormat::I16Be,
    CodeFormat::U16Le,
    CodeFormat::U16Be,
];

async fn recorded(database: &TestDatabase, journals: &Journals, number: u32, wave: &Waveform) {
    let events = [
        started(start(number)),
        identified(meter(Some("DM3O1"))),
        RunEvent::Waveform(Box::new(wave.clone())),
        ended(SessionStatus::Completed, VerdictCounts::default()),
    ];
    let journal = journals.write(session(number), &numbered(events));
    store(database).await.catch_up(&journal).await.unwrap();
    let compared = store(database).await.compare(&journal).await.unwrap().unwrap();
    assert!(compared.differences.is_empty(), "{:?}", compared.differences);
}

/// The server reckons as the model does, sample by sample, whatever the format.
#[tokio::test]
async fn sql_gives_the_samples_over_time() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    for (number, format) in (1..).zip(FORMATS) {
        let codes = (0..=255).chain([0x7f, 0x80, 0xff, 0xff]).collect();
        let wave = Waveform { codes, format, ..waveform(number) };
        recorded(&database, &journals, number, &wave).await;
        let query = format!(
            "SELECT value::text FROM scpi_run.waveform_samples('{}') ORDER BY sample",
            wave.id.0
        );
        let samples = texts(&database, &query).await.concat();
        let expected: Vec<String> =
            wave.codes().map(|code| wave.sample(code).unwrap().to_string()).collect();
        assert_eq!(samples, expected, "{format:?}");
    }
    let part = "SELECT sample::text, seconds::text, value::text
        FROM scpi_run.waveforms, scpi_run.waveform_samples(id, 78, 2) WHERE format = 'u8' ORDER BY 1";
    let expected = [["78", "-0.0844", "0.000000"], ["79", "-0.0842", "0.019963"]];
    assert_eq!(texts(&database, part).await, expected);
}

/// Some pieces long, the last one short; drawn by its envelope.
#[tokio::test]
async fn a_long_one_lies_in_pieces() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let codes: Vec<u8> = (0..600_001_u32).map(|at| (at / 1000).to_le_bytes()[0]).collect();
    let wave = Waveform { codes, format: CodeFormat::U16Be, ..waveform(1) };
    recorded(&database, &journals, 1, &wave).await;
    let pieces = "SELECT count(*)::text, sum(samples)::text, sum(length(codes))::text,
        (sum(pg_column_size(codes)) < sum(length(codes)) / 10)::text FROM scpi_run.waveform_codes";
    assert_eq!(texts(&database, pieces).await, [["3", "300000", "600001", "true"]]);
    // Over the border of two pieces.
    let across =
        "SELECT string_agg((value = (code - y_zero) * y_increment + y_offset)::text, ',') FROM (
        SELECT value, y_zero, y_increment, y_offset, ((sample / 500) % 256) * 257 AS code
        FROM scpi_run.waveforms, scpi_run.waveform_samples(id, 131070, 4)) AS one";
    assert_eq!(texts(&database, across).await, [["true,true,true,true"]]);
    let envelope = "SELECT count(*)::text, min(lowest)::text, max(highest)::text
        FROM scpi_run.waveforms, scpi_run.waveform_envelope(id, 100)";
    let ends = [0, 65535].map(|code| wave.sample(code).unwrap().to_string());
    let [lowest, highest] = ends;
    assert_eq!(texts(&database, envelope).await, [["100".to_owned(), lowest, highest]]);
}

#[tokio::test]
async fn what_is_dropped_for_its_age_is_said_to_be() {
    let (database, journals) = (TestDatabase::new().unwrap(), Journals::new());
    let wave = waveform(1);
    recorded(&database, &journals, 1, &wave).await;
    let mut owner = Store::connect(&database.config("homelab_admin").unwrap()).await.unwrap();
    assert_eq!(owner.drop_waveform_codes(wave.captured_at).await.unwrap(), 0);
    assert!(store(&database).await.drop_waveform_codes(Timestamp::MAX).await.is_err());
    let later = Timestamp::from_second(wave.captured_at.as_second() + 1).unwrap();
    assert_eq!(owner.drop_waveform_codes(later).await.unwrap(), 1);
    assert_eq!(owner.drop_waveform_codes(later).await.unwrap(), 0);
    let left =
        "SELECT samples::text, (codes_dropped_at IS NOT NULL)::text, length(codes_sha256)::text,
        (SELECT count(*)::text FROM scpi_run.waveform_codes) FROM scpi_run.waveforms";
    assert_eq!(texts(&database, left).await, [["4", "true", "32", "0"]]);
    // Neither `verify` nor another `sync` takes that for a loss.
    let path = journals.path().join(format!("{}.journal", session(1)));
    let mut store = store(&database).await;
    assert!(store.catch_up(&path).await.unwrap().already_there);
    let compared = store.compare(&path).await.unwrap().unwrap();
    assert!(compared.differences.is_empty(), "{:?}", compared.differences);
}

/// Those of an older version, whole in their row, are cut into pieces and are the same.
#[tokio::test]
async fn older_ones_are_brought_up_whole() {
    let database = TestDatabase::at_version(28).unwrap();
    let owner = database.config(private_postgres::SUPERUSER).unwrap();
    let client = connect(&database, private_postgres::SUPERUSER).await;
    let insert = "INSERT INTO testing.test_sessions (session_id, session_name, test_type, started_at, status)
        VALUES ('0199c0de-0000-7000-8000-000000000001', 'old', 'scpi_automated', now(), 'completed');
        INSERT INTO scpi_run.waveforms (id, session_id, result_id, place, role, channel, codes, format, y_zero, y_increment,
            y_offset, unit, x_reference, x_increment, x_origin, preamble, captured_at)
        SELECT gen_random_uuid(), '0199c0de-0000-7000-8000-000000000001', gen_random_uuid(), 'p', 'r', 1,
            decode(repeat('0102030405', times), 'hex'), format, 0, 1, 0, 'V', 0, 1, 0, '', now()
        FROM (VALUES ('u8', 100000), ('u16_be', 100000), ('i8', 1), ('u8', 0)) AS old (format, times)";
    client.batch_execute(insert).await.unwrap();
    result_store::migrate(&owner).await.unwrap();
    let query = "SELECT format, samples::text, (SELECT count(*) FROM scpi_run.waveform_codes WHERE waveform_id = id)::text,
        (codes_sha256 = sha256(decode(repeat('0102030405', samples::int * (1 + (format LIKE '%16%')::int) / 5), 'hex')))::text,
        (SELECT sum(value)::text FROM scpi_run.waveform_samples(id)) FROM scpi_run.waveforms ORDER BY 1, 2";
    let expected = [
        ["i8", "5", "1", "true", "15"],
        ["u16_be", "250000", "2", "true", "192750000"],
        ["u8", "0", "0", "true", "-"],
        ["u8", "500000", "4", "true", "1500000"],
    ];
    assert_eq!(texts(&database, query).await, expected);
}
