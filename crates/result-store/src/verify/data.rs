//! Rows that say that something is wrong.

use tokio_postgres::Transaction;

use super::{Fault, Finding};
use crate::recorder::from_sql;

/// Where rows are looked for, and what is to be done about them. No more than 1000 are counted.
const CHECKS: [(&str, &str, &str); 8] = [
    ("DEFAULT of network.health_history", "network.health_history_default", MAKE_MONTHS),
    ("DEFAULT of scpi.measurements", "scpi.measurements_default", MAKE_MONTHS),
    ("DEFAULT of virtualization.vm_metrics", "virtualization.vm_metrics_default", MAKE_MONTHS),
    ("DEFAULT of ai_ml.model_inference_log", "ai_ml.model_inference_log_default", MAKE_MONTHS),
    ("DEFAULT of audit.system_events", "audit.system_events_default", MAKE_MONTHS),
    (
        "infrastructure.services without a device",
        "infrastructure.services WHERE device_id IS NULL",
        "give each its device, or remove it",
    ),
    (
        "network.device_network_assignments without a device or a network",
        "network.device_network_assignments WHERE device_id IS NULL OR network_id IS NULL",
        "give each both, or remove it",
    ),
    (
        "testing.test_results without a session",
        "testing.test_results WHERE session_id IS NULL",
        "give each its session",
    ),
];
const MAKE_MONTHS: &str = "`scpi-run db partitions --ahead 2` moves those of this month and of the next; the others are of a clock \
     that was wrong, or of a month that was archived";

pub(super) async fn check(
    transaction: &Transaction<'_>,
) -> Result<Vec<Finding>, tokio_postgres::Error> {
    let mut findings = Vec::new();
    for (object, rows, advice) in CHECKS {
        let query = format!("SELECT count(*) FROM (SELECT FROM {rows} LIMIT 1000) AS row");
        let at_least = from_sql(transaction.query_one(&query, &[]).await?.try_get(0)?);
        if at_least > 0 {
            findings.push(Finding {
                object: object.to_owned(),
                fault: Fault::Rows { at_least, advice },
            });
        }
    }
    Ok(findings)
}
