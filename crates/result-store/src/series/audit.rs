//! What happened in the lab: `audit.system_events`.

use bench_model::Timestamp;
use postgres_types::Type;
use uuid::Uuid;

use super::{Cell, Cells, json, sealed, text};
use crate::error::Cause;
use crate::text::fit;

/// Letters of a title that are kept.
const TITLE_LETTERS: usize = 500;

/// What kind of event it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the column")]
pub enum EventType {
    DeviceStatus,
    ServiceStatus,
    Alert,
    Maintenance,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words of the column")]
pub enum Severity {
    Info,
    Warning,
    Error,
    Critical,
}

const EVENT_TYPES: [(EventType, &str); 4] = [
    (EventType::DeviceStatus, "device_status"),
    (EventType::ServiceStatus, "service_status"),
    (EventType::Alert, "alert"),
    (EventType::Maintenance, "maintenance"),
];
const SEVERITIES: [(Severity, &str); 4] = [
    (Severity::Info, "info"),
    (Severity::Warning, "warning"),
    (Severity::Error, "error"),
    (Severity::Critical, "critical"),
];

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemEvent {
    /// When.
    pub at: Timestamp,
    /// What kind of event it is.
    pub event_type: EventType,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Who says so: `monitoring`.
    pub source: Option<String>,
    /// Of which device.
    pub device: Option<Uuid>,
    /// Of which service.
    pub service: Option<Uuid>,
    /// In a line.
    pub title: String,
    /// In more words.
    pub description: Option<String>,
    /// Anything else.
    pub metadata: Option<serde_json::Value>,
}

impl sealed::Row for SystemEvent {
    const TABLE: &'static str = "audit.system_events";
    const ID: &'static str = "event_id";
    const COLUMNS: &'static [(&'static str, Type)] = &[
        ("timestamp", Type::TIMESTAMPTZ),
        ("event_type", Type::VARCHAR),
        ("severity", Type::VARCHAR),
        ("source", Type::VARCHAR),
        ("device_id", Type::UUID),
        ("service_id", Type::UUID),
        ("title", Type::VARCHAR),
        ("description", Type::TEXT),
        ("metadata", Type::JSONB),
    ];

    fn at(&self) -> Timestamp {
        self.at
    }

    fn cells(&self) -> Result<Vec<Cell>, Cause> {
        Ok(vec![
            Box::new(word(&EVENT_TYPES, self.event_type)),
            Box::new(self.severity.and_then(|severity| word(&SEVERITIES, severity))),
            text(&self.source),
            Box::new(self.device),
            Box::new(self.service),
            Box::new(fit(&self.title, TITLE_LETTERS).into_owned()),
            text(&self.description),
            json(&self.metadata)?,
        ])
    }

    fn read(at: Timestamp, cells: &mut Cells<'_>) -> Result<Self, Cause> {
        let event_type: String = cells.take()?;
        let event_type = of_word(&EVENT_TYPES, &event_type)?;
        let severity: Option<String> = cells.take()?;
        Ok(Self {
            at,
            event_type,
            severity: severity.map(|word| of_word(&SEVERITIES, &word)).transpose()?,
            source: cells.take()?,
            device: cells.take()?,
            service: cells.take()?,
            title: cells.take()?,
            description: cells.take()?,
            metadata: cells.take()?,
        })
    }
}

fn word<T: PartialEq + Copy>(words: &[(T, &'static str)], value: T) -> Option<&'static str> {
    words.iter().find(|(one, _)| *one == value).map(|(_, word)| *word)
}

fn of_word<T: Copy>(words: &[(T, &'static str)], word: &str) -> Result<T, Cause> {
    let found = words.iter().find(|(_, one)| *one == word).map(|(value, _)| *value);
    found.ok_or_else(|| Cause::Unfit(format!("'{word}' is no word of its list")))
}
