//! The reports, on two months with gaps whose answers are known.

use result_store::testing::TestDatabase;
use result_store::{ReportName, ReportWindow, Store};

use crate::sql::connect;

/// Times are those before 2026-03-01, where the windows end.
const ROWS: &str = "
    INSERT INTO infrastructure.devices (device_name, device_type, status) VALUES
        ('meter', 'physical', 'online'), ('supply', 'physical', 'offline'), ('never', 'physical', 'unknown'),
        ('host', 'physical', 'online'), ('whisper', 'vm', 'online');
    INSERT INTO scpi.equipment (equipment_id, scpi_address)
        SELECT device_id, device_name FROM infrastructure.devices WHERE device_name IN ('meter', 'supply', 'never');
    INSERT INTO scpi.equipment_status_log (equipment_id, \"timestamp\", new_status)
        SELECT device_id, at::timestamptz, word FROM infrastructure.devices JOIN (VALUES
            -- Online before the window, off for one of its seven days, and online again.
            ('meter', '2026-01-10 00:00+00', 'online'), ('meter', '2026-02-23 00:00+00', 'offline'),
            ('meter', '2026-02-24 00:00+00', 'online'),
            -- Seen first four days before the end; a day of them online. The last is after the window.
            ('supply', '2026-02-25 00:00+00', 'online'), ('supply', '2026-02-26 00:00+00', 'error'),
            ('supply', '2026-02-27 00:00+00', 'offline'), ('supply', '2026-03-02 00:00+00', 'online')
        ) AS line (name, at, word) ON name = device_name ORDER BY at;
    INSERT INTO testing.test_sessions (test_type, status, started_at, total_tests, passed_tests, failed_tests,
            skipped_tests, metadata) VALUES
        ('scpi_automated', 'completed', '2026-02-20 00:00+00', 10, 9, 0, 1, NULL),
        ('scpi_automated', 'failed', '2026-02-21 00:00+00', 10, 0, 3, 7, '{}'),
        ('scpi_automated', 'aborted', '2026-02-21 00:00+00', 9, 9, 0, 0, '{}'),
        ('scpi_automated', 'completed', '2026-02-21 00:00+00', 7, 7, 0, 0, '{\"simulated\": true}'),
        ('scpi_automated', 'completed', '2026-01-02 00:00+00', 100, 100, 0, 0, NULL),
        ('manual', 'completed', '2026-02-22 00:00+00', 2, 0, 0, 2, NULL),
        ('manual', 'running', '2026-02-22 00:00+00', 2, 1, 0, 0, NULL);
    INSERT INTO ai_ml.ollama_models (model_name) VALUES ('llama, \"small\"'), ('idle');
    INSERT INTO ai_ml.model_inference_log (model_id, \"timestamp\", total_tokens, tokens_per_second, success)
        SELECT model_id, at::timestamptz, tokens, speed, good FROM (VALUES
            ('llama, \"small\"', '2026-02-26 00:00+00', 100, 10.001, true),
            ('llama, \"small\"', '2026-02-27 00:00+00', 201, 20, true),
            ('llama, \"small\"', '2026-02-28 00:00+00', NULL, NULL, false),
            ('gone', '2026-02-28 00:00+00', 5, 1, true), ('llama, \"small\"', '2026-01-01 00:00+00', 9, 9, false)
        ) AS line (name, at, tokens, speed, good) LEFT JOIN ai_ml.ollama_models ON model_name = name;";

async fn answer(store: &mut Store, name: ReportName, days: Option<u32>) -> Vec<String> {
    let window = ReportWindow { days, until: Some("2026-03-01T00:00:00Z".to_owned()) };
    let report = store.report(name, &window).await.unwrap();
    // Not the ids, which are random.
    let shown = report.columns.iter().map(|column| column.name != "equipment_id");
    let shown: Vec<bool> = shown.collect();
    let line = |row: &Vec<Option<String>>| {
        let cells = row.iter().zip(&shown).filter(|(_, shown)| **shown);
        cells.map(|(cell, _)| cell.as_deref().unwrap_or("-")).collect::<Vec<_>>().join(" | ")
    };
    report.rows.iter().map(line).collect()
}

#[tokio::test]
async fn reports_give_the_known_answers_to_every_role_that_reads() {
    let database = TestDatabase::new().unwrap();
    connect(&database, "postgres").await.batch_execute(ROWS).await.unwrap();
    for role in ["homelab_readonly", "homelab_app"] {
        let mut store = Store::connect(&database.config(role).unwrap()).await.unwrap();
        for (name, days, expected) in [
            (
                ReportName::Infrastructure,
                None,
                vec![
                    "physical | offline | 1",
                    "physical | online | 2",
                    "physical | unknown | 1",
                    "vm | online | 1",
                ],
            ),
            (
                ReportName::EquipmentUptime,
                None,
                vec![
                    "meter | online | 1 | 1 | 2026-02-24T00:00:00Z | 85.71",
                    "never | unknown | 0 | 0 | - | -",
                    "supply | offline | 1 | 1 | 2026-02-27T00:00:00Z | 25.00",
                ],
            ),
            (
                ReportName::EquipmentUptime,
                Some(1),
                vec![
                    "meter | online | 0 | 0 | - | 100.00",
                    "never | unknown | 0 | 0 | - | -",
                    "supply | offline | 0 | 0 | - | 0.00",
                ],
            ),
            (
                ReportName::TestSuccess,
                None,
                vec![
                    "manual | 1 | 0 | 0 | - | 0 | 0",
                    "scpi_automated | 2 | 9 | 3 | 75.00 | 1 | 1",
                ],
            ),
            (
                ReportName::TestSuccess,
                Some(90),
                vec![
                    "manual | 1 | 0 | 0 | - | 0 | 0",
                    "scpi_automated | 3 | 109 | 3 | 97.32 | 1 | 1",
                ],
            ),
            (
                ReportName::ModelPerformance,
                None,
                vec![
                    "llama, \"small\" | 3 | 15.00 | 150.50 | 1",
                    "(unknown) | 1 | 1.00 | 5.00 | 0",
                ],
            ),
            (ReportName::ModelPerformance, Some(0), vec![]),
        ] {
            assert_eq!(answer(&mut store, name, days).await, expected, "{role} {name:?} {days:?}");
        }
        let never =
            ReportWindow { until: Some("yesterday-ish".to_owned()), ..ReportWindow::default() };
        let refused = store.report(ReportName::TestSuccess, &never).await.unwrap_err();
        assert!(refused.to_string().contains("yesterday-ish"), "{refused}");
    }
}
