//! How the network fares: `network.health_history`.

use bench_model::{Timestamp, Value};
use postgres_types::Type;

use super::{Cell, Cells, json, numeric, sealed, text};
use crate::error::Cause;

/// A value of a part of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthSample {
    /// When it was taken.
    pub at: Timestamp,
    /// `wan`, `wlan`, `lan`, `vpn`.
    pub subsystem: String,
    /// `ok`, `warning`, `error`.
    pub status: Option<String>,
    /// What was measured, with its unit in its name: `latency_ms`.
    pub metric_name: Option<String>,
    /// The value.
    pub metric_value: Option<Value>,
    /// Anything else.
    pub metadata: Option<serde_json::Value>,
}

impl sealed::Row for HealthSample {
    const TABLE: &'static str = "network.health_history";
    const ID: &'static str = "measurement_id";
    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("timestamp", Type::TIMESTAMPTZ),
        ("subsystem", Type::VARCHAR),
        ("status", Type::VARCHAR),
        ("metric_name", Type::VARCHAR),
        ("metric_value", Type::NUMERIC),
        ("metadata", Type::JSONB),
    ];

    fn at(&self) -> Timestamp {
        self.at
    }

    fn cells(&self) -> Result<Vec<Cell>, Cause> {
        Ok(vec![
            Box::new(self.subsystem.clone()),
            text(&self.status),
            text(&self.metric_name),
            numeric(&self.metric_value),
            json(&self.metadata)?,
        ])
    }

    fn read(at: Timestamp, cells: &mut Cells<'_>) -> Result<Self, Cause> {
        Ok(Self {
            at,
            subsystem: cells.take()?,
            status: cells.take()?,
            metric_name: cells.take()?,
            metric_value: cells.number()?,
            metadata: cells.take()?,
        })
    }
}
