//! Months that are taken out into files, and put back.

use std::path::Path;

use parquet::basic::{LogicalType, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::reader::{FileReader, SerializedFileReader};
use result_store::testing::TestDatabase;
use result_store::{Archive, ArchiveStatus, Archived, Store};
use tempfile::TempDir;
use tokio_postgres::Client;

use crate::sql::connect;

/// Rows with all that a column can hold: many digits, no number, no value, letters of every kind, times at the bounds.
const ROWS: &str = r#"
    SELECT scpi_run.ensure_partitions('2026-01-01', '2026-03-01');
    INSERT INTO infrastructure.devices (device_id, device_name, device_type)
        VALUES ('01890000-0000-7000-8000-000000000001', 'meter "Ω"', 'physical');
    INSERT INTO scpi.equipment (equipment_id, scpi_address) VALUES ('01890000-0000-7000-8000-000000000001', 'a');
    INSERT INTO scpi.measurements ("timestamp", equipment_id, measurement_type, channel, value, unit, metadata) VALUES
        ('2026-01-01 00:00:00+00', '01890000-0000-7000-8000-000000000001', 'voltage', 1, 1.23000, 'V',
            '{"raw": "+1.23000E+00", "bounds": [4.9500000000000000000001, null], "Ω": "a\u2400\"b"}'),
        ('2026-01-31 23:59:59.999999+00', NULL, 'voltage', NULL, -0.00000000000000000000000000000000000001, 'V', NULL),
        ('2026-01-15 12:00+00', NULL, 'current', 2, 'NaN', 'A', NULL),
        ('2026-01-15 12:00+00', NULL, 'current', 2, '-Infinity', 'A', NULL),
        ('2026-01-15 12:00+00', NULL, 'current', 2, ('1' || repeat('0', 400) || '.50')::numeric, 'A', NULL),
        ('2026-02-01 00:00+00', NULL, 'voltage', 1, 5, 'V', NULL);
    INSERT INTO network.health_history ("timestamp", subsystem, metric_value)
        SELECT '2026-01-02'::timestamptz + n * interval '1 second', 'wan', round(n / 8.0, 3) FROM generate_series(1, 25000) AS n;
    INSERT INTO ai_ml.model_inference_log ("timestamp", success, prompt_tokens)
        VALUES ('2026-01-03', NULL, 7), ('2026-01-03', false, -2147483648), ('2026-01-03', true, NULL);
    INSERT INTO virtualization.vm_metrics ("timestamp", uptime_seconds) VALUES ('2026-01-04', 9223372036854775807);
    INSERT INTO audit.system_events ("timestamp", event_type, title) VALUES ('2026-01-05', 'alert', E'two\nlines')"#;
const FAMILIES: [&str; 5] = [
    "network.health_history",
    "scpi.measurements",
    "virtualization.vm_metrics",
    "ai_ml.model_inference_log",
    "audit.system_events",
];

struct Lab {
    database: TestDatabase,
    client: Client,
    store: Store,
    folder: TempDir,
}

impl Lab {
    async fn new() -> Self {
        let database = TestDatabase::new().unwrap();
        let client = connect(&database, "postgres").await;
        client.batch_execute(ROWS).await.unwrap();
        let store = Store::connect(&database.config("homelab_admin").unwrap()).await.unwrap();
        Self { database, client, store, folder: TempDir::new().unwrap() }
    }

    /// All rows of January, as the server writes them.
    async fn january(&self) -> Vec<String> {
        let mut all = Vec::new();
        for family in FAMILIES {
            let query = format!(
                "SELECT coalesce(string_agg(one::text, '|' ORDER BY one::text), '') FROM {family} AS one
                 WHERE \"timestamp\" < '2026-02-01 00:00+00'"
            );
            all.push(self.client.query_one(&query, &[]).await.unwrap().get(0));
        }
        all
    }

    async fn archive(&mut self, before: &str) -> Vec<Archived> {
        let mut done = Vec::new();
        for month in self.store.months_before(&before.parse().unwrap()).await.unwrap() {
            done.push(self.store.archive_month(&month, self.folder.path()).await.unwrap());
        }
        done
    }

    async fn restore_all(&mut self) {
        for archive in self.store.archives().await.unwrap() {
            if archive.status != ArchiveStatus::Restored {
                self.store.restore_archive(&archive, self.folder.path()).await.unwrap();
            }
        }
    }

    async fn statuses(&mut self, family: &str) -> Vec<ArchiveStatus> {
        let all = self.store.archives().await.unwrap();
        all.iter().filter(|one| one.family == family).map(|one| one.status).collect()
    }

    async fn count(&self, query: &str) -> i64 {
        self.client.query_one(query, &[]).await.unwrap().get(0)
    }
}

fn files(done: &[Archived]) -> Vec<&Archive> {
    let mut files = Vec::new();
    for one in done {
        if let Archived::File(archive) = one {
            files.push(archive);
        }
    }
    files
}

#[tokio::test]
async fn a_month_archived_and_restored_gives_identical_rows() {
    let mut lab = Lab::new().await;
    let before = lab.january().await;
    let done = lab.archive("2026-02").await;
    // December, which the document makes, has nothing in it.
    assert_eq!((done.len(), files(&done).len()), (10, 5));
    assert_eq!(lab.january().await, vec![String::new(); 5]);
    assert_eq!(lab.count("SELECT count(*) FROM scpi.measurements").await, 1);
    let left = "SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_2026\\_01%' OR relname = 'archive_check'";
    assert_eq!(lab.count(left).await, 0);
    assert!(lab.archive("2026-02").await.is_empty());

    lab.restore_all().await;
    assert_eq!(lab.january().await, before);
    let logged = "SELECT count(*) FROM audit.change_log WHERE change_reason LIKE 'restored from scpi.measurements%'";
    assert_eq!(lab.count(logged).await, 2);
    assert_eq!(result_store::verify(&lab.database.config("postgres").unwrap()).await.unwrap(), []);
    // A second time they would be doubled.
    let archive = lab.store.archives().await.unwrap().remove(0);
    let twice = lab.store.restore_archive(&archive, lab.folder.path()).await.unwrap_err();
    assert!(twice.to_string().contains("in the table already"), "{twice}");
    // What was restored may be archived again, under another name.
    assert_eq!(files(&lab.archive("2026-02").await).len(), 5);
    assert!(lab.folder.path().join("scpi.measurements_2026_01-2.parquet").exists());
}

/// What other programs read: one DECIMAL of 38 digits, with the most decimals that the month has.
#[tokio::test]
async fn a_file_has_exact_decimals() {
    let mut lab = Lab::new().await;
    lab.archive("2026-02").await;
    let path = lab.folder.path().join("network.health_history_2026_01.parquet");
    let file = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let schema = file.metadata().file_metadata().schema_descr();
    let at = schema.columns().iter().position(|one| one.name() == "metric_value").unwrap();
    let column = schema.column(at);
    assert_eq!(column.physical_type(), Physical::BYTE_ARRAY);
    assert_eq!(column.logical_type_ref(), Some(&LogicalType::decimal(3, 38)));
    assert_eq!(file.num_row_groups(), 3);
    let mut values: Vec<ByteArray> = Vec::new();
    let reader = file.get_row_group(0).unwrap().get_column_reader(at).unwrap();
    let mut reader = parquet::column::reader::get_typed_column_reader::<ByteArrayType>(reader);
    let mut levels = Vec::new();
    reader.read_records(8, Some(&mut levels), None, &mut values).unwrap();
    let unscaled = |bytes: &ByteArray| {
        bytes.data().iter().fold(0_i128, |number, byte| number * 256 + i128::from(*byte))
    };
    assert_eq!(unscaled(&values[0]), 125);
    assert_eq!(unscaled(&values[7]), 1_000);
}

#[tokio::test]
async fn a_late_row_makes_its_month_anew_and_supersedes_the_archive() {
    let mut lab = Lab::new().await;
    let before = lab.january().await;
    lab.archive("2026-02").await;
    let late = r#"INSERT INTO scpi.measurements ("timestamp", measurement_type, value, unit)
        VALUES ('2026-01-20', 'late', 1, 'V')"#;
    let client = connect(&lab.database, "homelab_app").await;
    client
        .batch_execute("SELECT scpi_run.ensure_partitions('2026-01-20', '2026-01-20')")
        .await
        .unwrap();
    client.batch_execute(late).await.unwrap();
    assert_eq!(lab.statuses("scpi.measurements").await, [ArchiveStatus::Superseded]);
    assert_eq!(lab.statuses("network.health_history").await, [ArchiveStatus::Current]);
    assert_eq!(lab.count("SELECT count(*) FROM scpi.measurements_2026_01").await, 1);

    // Archived again, there are two files; both together are the month.
    let again = lab.archive("2026-02").await;
    assert_eq!((again.len(), files(&again).len()), (5, 1));
    assert_eq!(files(&again)[0].file_name, "scpi.measurements_2026_01-2.parquet");
    lab.restore_all().await;
    lab.client
        .batch_execute("DELETE FROM scpi.measurements WHERE measurement_type = 'late'")
        .await
        .unwrap();
    assert_eq!(lab.january().await, before);
}

/// Nothing half done: whatever goes wrong, the month or its archive is there as before.
#[tokio::test]
async fn what_goes_wrong_changes_nothing() {
    let mut lab = Lab::new().await;
    let before = lab.january().await;
    let month = lab.store.months_before(&"2026-02".parse().unwrap()).await.unwrap();
    let month = month.into_iter().find(|one| one.name == "scpi.measurements_2026_01").unwrap();
    let mut app = Store::connect(&lab.database.config("homelab_app").unwrap()).await.unwrap();
    let folder = lab.folder.path().to_owned();
    let refused = app.archive_month(&month, &folder).await.unwrap_err().to_string();
    assert!(refused.contains("42501") || refused.contains("owner"), "{refused}");
    let nowhere = lab.store.archive_month(&month, Path::new("/proc/none")).await.unwrap_err();
    assert!(nowhere.to_string().contains("/proc/none/scpi.measurements_2026_01"), "{nowhere}");
    let early = lab.store.months_before(&"9000-01".parse().unwrap()).await.unwrap_err();
    assert!(early.to_string().contains("is not over"), "{early}");
    assert_eq!(lab.january().await, before);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);

    let Archived::File(archive) = lab.store.archive_month(&month, &folder).await.unwrap() else {
        panic!("it is not empty")
    };
    let path = folder.join(&archive.file_name);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    let changed = lab.store.restore_archive(&archive, &folder).await.unwrap_err();
    assert!(changed.to_string().contains("not the file that was written"), "{changed}");
    std::fs::remove_file(&path).unwrap();
    let gone = lab.store.restore_archive(&archive, &folder).await.unwrap_err();
    assert!(gone.to_string().contains("No such file"), "{gone}");
    assert_eq!(lab.statuses("scpi.measurements").await, [ArchiveStatus::Current]);
    // Its inventory is still there: an archive that refers to what is gone cannot be put back.
    std::fs::write(&path, &whole).unwrap();
    lab.client.batch_execute("DELETE FROM infrastructure.devices").await.unwrap();
    let orphan = lab.store.restore_archive(&archive, &folder).await.unwrap_err();
    assert!(orphan.to_string().contains("23503"), "{orphan}");
    assert_eq!(lab.statuses("scpi.measurements").await, [ArchiveStatus::Current]);
}
