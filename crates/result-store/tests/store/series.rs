//! Time series that come from elsewhere than journals.

use bench_model::{Timestamp, Value};
use result_store::testing::TestDatabase;
use result_store::{
    EventType, HealthSample, Inference, Measurement, SeriesRow, Severity, Store, SystemEvent,
    VmMetrics,
};
use uuid::Uuid;

use crate::sql::{connect, texts};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn value(text: &str) -> Option<Value> {
    Some(text.parse().unwrap())
}

async fn store(database: &TestDatabase) -> Store {
    Store::connect(&database.config("homelab_app").unwrap()).await.unwrap()
}

/// Writes rows and reads the same ones back.
async fn there_and_back<T>(store: &mut Store, rows: &[T])
where
    T: SeriesRow + PartialEq + std::fmt::Debug,
{
    let count = u64::try_from(rows.len()).unwrap();
    assert_eq!(store.write_series(rows).await.unwrap(), count);
    let (from, until) = (at("2024-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"));
    assert_eq!(store.read_series::<T>(from, until, 1000).await.unwrap(), rows);
    assert_eq!(store.read_series::<T>(from, until, 1).await.unwrap(), rows[..1]);
    assert_eq!(store.read_series::<T>(until, until, 1000).await.unwrap(), []);
}

fn health() -> [HealthSample; 2] {
    let whole = HealthSample {
        at: at("2024-02-29T23:59:59.999999Z"),
        subsystem: "wan".into(),
        status: Some("ok".into()),
        metric_name: Some("latency_ms".into()),
        metric_value: value("12.3400"),
        metadata: Some(serde_json::json!({"to": ["Ω", 1]})),
    };
    let bare = HealthSample {
        at: at("2026-03-01T00:00:00Z"),
        status: None,
        metric_name: None,
        metric_value: value("NaN"),
        metadata: None,
        ..whole.clone()
    };
    [whole, bare]
}

fn busy(device: Uuid) -> VmMetrics {
    VmMetrics {
        at: at("2026-03-01T00:00:00Z"),
        vm: Some(device),
        cpu_usage_percent: value("99.90"),
        memory_used_mb: value("12345678901234567890.5"),
        disk_read_mbps: value("0"),
        disk_write_mbps: None,
        network_rx_mbps: value("0.000000001"),
        network_tx_mbps: value("Infinity"),
        uptime_seconds: Some(i64::MAX),
    }
}

fn asked(model: Uuid) -> Inference {
    Inference {
        at: at("2026-03-01T00:00:00Z"),
        model: Some(model),
        prompt_tokens: Some(1),
        completion_tokens: Some(2),
        total_tokens: Some(3),
        inference_time_ms: Some(4),
        tokens_per_second: value("5.50"),
        input_preview: Some("why?".into()),
        output_preview: None,
        success: false,
        error_message: Some("no memory".into()),
        metadata: None,
    }
}

fn event(device: Uuid) -> SystemEvent {
    SystemEvent {
        at: at("2026-03-01T00:00:00Z"),
        event_type: EventType::Alert,
        severity: Some(Severity::Critical),
        source: Some("monitoring".into()),
        device: Some(device),
        service: None,
        title: "smoke".into(),
        description: Some("much of it".into()),
        metadata: None,
    }
}

#[tokio::test]
async fn every_series_comes_back_as_it_was_written() {
    let database = TestDatabase::new().unwrap();
    let app = connect(&database, "homelab_app").await;
    let ids = app
        .query_one(
            "WITH device AS (
                INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('vm', 'vm') RETURNING device_id
            ), machine AS (
                INSERT INTO virtualization.proxmox_vms (vm_id, proxmox_vmid, proxmox_host)
                SELECT device_id, 100, 'pve' FROM device
            ), model AS (
                INSERT INTO ai_ml.ollama_models (device_id, model_name) SELECT device_id, 'llama' FROM device
                RETURNING model_id
            ) SELECT device_id, model_id FROM device, model",
            &[],
        )
        .await
        .unwrap();
    let (device, model): (Uuid, Uuid) = (ids.get(0), ids.get(1));
    let mut store = store(&database).await;
    there_and_back(&mut store, &health()).await;
    there_and_back(&mut store, &[busy(device)]).await;
    there_and_back(&mut store, &[asked(model)]).await;
    there_and_back(&mut store, &[event(device)]).await;
    there_and_back(&mut store, &measured()).await;
    // A month of the past is made for its row; each batch is one line of the audit.
    let places = "SELECT DISTINCT tableoid::regclass::text FROM network.health_history ORDER BY 1";
    let expected = [["network.health_history_2024_02"], ["network.health_history_2026_03"]];
    assert_eq!(texts(&database, places).await, expected);
    let lines = "SELECT table_name, new_values ->> 'rows' FROM audit.change_log WHERE record_key IS NULL ORDER BY 1";
    let expected = [
        ["ai_ml.model_inference_log", "1"],
        ["network.health_history", "2"],
        ["scpi.measurements", "2"],
        ["virtualization.vm_metrics", "1"],
    ];
    assert_eq!(texts(&database, lines).await, expected);
    let changes = store.changes(Some("scpi.measurements"), 10).await.unwrap();
    assert_eq!((changes.len(), changes[0].operation.as_str()), (1, "INSERT"));
    assert_eq!(changes[0].by.as_deref(), Some("homelab_app (scpi-run)"));
    let all = store.changes(None, 100).await.unwrap();
    assert!(all.iter().any(|one| one.table == "infrastructure.devices" && one.key.is_some()));
}

fn measured() -> [Measurement; 2] {
    let whole = Measurement {
        at: at("2026-03-01T00:00:00.000001Z"),
        equipment: None,
        session: None,
        measurement_type: "dc_voltage".into(),
        channel: Some(2),
        value: "-1.2300".parse().unwrap(),
        unit: "V".into(),
        range_setting: Some("10 V".into()),
        integration_time: value("0.20"),
        metadata: Some(serde_json::json!({"raw": "-1.2300E+00"})),
    };
    let bare = Measurement {
        at: at("2026-03-02T00:00:00Z"),
        channel: None,
        value: "Infinity".parse().unwrap(),
        range_setting: None,
        integration_time: None,
        metadata: None,
        ..whole.clone()
    };
    [whole, bare]
}

#[tokio::test]
async fn a_batch_with_a_wrong_row_is_not_written_at_all() {
    let database = TestDatabase::new().unwrap();
    let mut store = store(&database).await;
    let good = HealthSample {
        at: at("2026-03-01T00:00:00Z"),
        subsystem: "wan".into(),
        status: None,
        metric_name: None,
        metric_value: None,
        metadata: None,
    };
    let wrong = HealthSample { subsystem: "banana".into(), ..good.clone() };
    let refused = store.write_series(&[good, wrong]).await.unwrap_err();
    assert!(refused.to_string().contains("subsystem_word"), "{refused}");
    let stray = VmMetrics {
        at: at("2026-03-01T00:00:00Z"),
        vm: Some(Uuid::from_u128(1)),
        cpu_usage_percent: None,
        memory_used_mb: None,
        disk_read_mbps: None,
        disk_write_mbps: None,
        network_rx_mbps: None,
        network_tx_mbps: None,
        uptime_seconds: None,
    };
    store.write_series(&[stray]).await.unwrap_err();
    let count = "SELECT (SELECT count(*) FROM network.health_history)::text,
        (SELECT count(*) FROM virtualization.vm_metrics)::text";
    assert_eq!(texts(&database, count).await, [["0", "0"]]);
    assert_eq!(store.write_series::<HealthSample>(&[]).await.unwrap(), 0);
}
