//! What instruments measured: `scpi.measurements`. Those of sessions come from journals, by the recorder; these are what
//! other programs write, and all are read.

use bench_model::{Timestamp, Value};
use postgres_types::Type;
use uuid::Uuid;

use super::{Cell, Cells, json, numeric, sealed, text};
use crate::error::Cause;

/// A value that was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// When.
    pub at: Timestamp,
    /// By which instrument.
    pub equipment: Option<Uuid>,
    /// In which session.
    pub session: Option<Uuid>,
    /// What: `dc_voltage`.
    pub measurement_type: String,
    /// On which channel.
    pub channel: Option<i32>,
    /// The value, in [`unit`](Self::unit).
    pub value: Value,
    /// The unit's symbol.
    pub unit: String,
    /// In which range.
    pub range_setting: Option<String>,
    /// For how long, in seconds.
    pub integration_time: Option<Value>,
    /// Anything else.
    pub metadata: Option<serde_json::Value>,
}

impl sealed::Row for Measurement {
    const TABLE: &'static str = "scpi.measurements";
    const ID: &'static str = "measurement_id";
    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("timestamp", Type::TIMESTAMPTZ),
        ("equipment_id", Type::UUID),
        ("test_session_id", Type::UUID),
        ("measurement_type", Type::VARCHAR),
        ("channel", Type::INT4),
        ("value", Type::NUMERIC),
        ("unit", Type::VARCHAR),
        ("range_setting", Type::VARCHAR),
        ("integration_time", Type::NUMERIC),
        ("metadata", Type::JSONB),
    ];

    fn at(&self) -> Timestamp {
        self.at
    }

    fn cells(&self) -> Result<Vec<Cell>, Cause> {
        Ok(vec![
            Box::new(self.equipment),
            Box::new(self.session),
            Box::new(self.measurement_type.clone()),
            Box::new(self.channel),
            numeric(&Some(self.value.clone())),
            Box::new(self.unit.clone()),
            text(&self.range_setting),
            numeric(&self.integration_time),
            json(&self.metadata)?,
        ])
    }

    fn read(at: Timestamp, cells: &mut Cells<'_>) -> Result<Self, Cause> {
        Ok(Self {
            at,
            equipment: cells.take()?,
            session: cells.take()?,
            measurement_type: cells.take()?,
            channel: cells.take()?,
            value: cells.number()?.unwrap_or(Value::NotANumber),
            unit: cells.take()?,
            range_setting: cells.take()?,
            integration_time: cells.number()?,
            metadata: cells.take()?,
        })
    }
}
