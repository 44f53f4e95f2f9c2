//! Which table of the old database comes to which of ours.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Whole,
    Time,
    /// The number of a device in the old database.
    Device,
    /// The same, of one that is an instrument.
    Instrument,
}

/// A column of the old database.
pub(super) struct Field {
    pub(super) column: &'static str,
    pub(super) kind: Kind,
    pub(super) is_needed: bool,
}

/// What a statement's count of rows says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    /// Rows that are new.
    Made,
    /// Rows that were there, and are known by their number now.
    Matched,
    /// Nothing.
    Nothing,
}

/// A table of the old database.
pub(super) struct Target {
    pub(super) table: &'static str,
    pub(super) into: &'static str,
    pub(super) fields: &'static [Field],
    /// What is done with rows, `$1`, as a list of JSON.
    pub(super) statements: &'static [(Counts, &'static str)],
}

impl Target {
    pub(super) fn is_history(&self) -> bool {
        self.fields.iter().any(|field| field.kind == Kind::Time)
    }

    pub(super) fn field(&self, column: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.column == column)
    }

    pub(super) fn missing_column(&self, columns: &[String]) -> Option<&'static str> {
        let is_missing = |field: &&Field| {
            field.is_needed && !columns.iter().any(|column| column == field.column)
        };
        self.fields.iter().find(is_missing).map(|field| field.column)
    }
}

const fn needed(column: &'static str, kind: Kind) -> Field {
    Field { column, kind, is_needed: true }
}

const fn also(column: &'static str, kind: Kind) -> Field {
    Field { column, kind, is_needed: false }
}

/// In the order in which they need each other.
pub(super) const TARGETS: [Target; 5] = [EQUIPMENT, SERVICES, MEASUREMENTS, HEALTH, EVENTS];

const EQUIPMENT: Target = Target {
    table: "equipment",
    into: "infrastructure.devices",
    fields: &[
        needed("name", Kind::Text),
        also("type", Kind::Text),
        also("ip_address", Kind::Text),
        also("scpi_address", Kind::Text),
    ],
    statements: &[
        // What the inventory has under this name is the same thing, and knows better.
        (
            Counts::Matched,
            "UPDATE infrastructure.devices AS known SET
                metadata = one.metadata || coalesce(known.metadata, '{}')
                    || jsonb_build_object('legacy_id', one.legacy_id),
                primary_ip = coalesce(known.primary_ip, one.ip_address)
            FROM jsonb_to_recordset($1) AS one (name text, ip_address inet, legacy_id text, metadata jsonb)
            WHERE known.device_name = one.name AND NOT coalesce(known.metadata ? 'legacy_id', false)
            AND NOT EXISTS (SELECT FROM infrastructure.devices AS other
                WHERE other.metadata ->> 'legacy_id' = one.legacy_id)",
        ),
        // A type that is no word of ours says what kind of thing it is.
        (
            Counts::Made,
            "INSERT INTO infrastructure.devices
                (device_name, device_type, category, primary_ip, metadata, created_by)
            SELECT one.name, coalesce(word.type, 'physical'), CASE WHEN word.type IS NULL THEN one.type END,
                one.ip_address, one.metadata, 'import-legacy'
            FROM jsonb_to_recordset($1) AS one
                (name text, type text, ip_address inet, legacy_id text, metadata jsonb)
            LEFT JOIN (VALUES ('physical'), ('vm'), ('container'), ('network')) AS word (type)
                ON word.type = lower(one.type)
            WHERE NOT EXISTS (SELECT FROM infrastructure.devices AS known
                WHERE known.metadata ->> 'legacy_id' = one.legacy_id)",
        ),
        (
            Counts::Nothing,
            "INSERT INTO scpi.equipment (equipment_id, scpi_address)
            SELECT device.device_id, one.scpi_address
            FROM jsonb_to_recordset($1) AS one (legacy_id text, scpi_address text)
            JOIN infrastructure.devices AS device ON device.metadata ->> 'legacy_id' = one.legacy_id
            WHERE one.scpi_address IS NOT NULL
            ON CONFLICT (equipment_id) DO NOTHING",
        ),
    ],
};

const SERVICES: Target = Target {
    table: "services",
    into: "infrastructure.services",
    fields: &[
        needed("name", Kind::Text),
        needed("equipment_id", Kind::Device),
        also("port", Kind::Whole),
        also("endpoint", Kind::Text),
    ],
    statements: &[
        (
            Counts::Matched,
            "UPDATE infrastructure.services AS known SET
                metadata = one.metadata || coalesce(known.metadata, '{}')
                    || jsonb_build_object('legacy_id', one.legacy_id),
                port = coalesce(known.port, one.port), endpoint = coalesce(known.endpoint, one.endpoint)
            FROM jsonb_to_recordset($1) AS one
                (name text, equipment_id uuid, port integer, endpoint text, legacy_id text, metadata jsonb)
            WHERE known.service_name = one.name AND known.device_id = one.equipment_id
            AND NOT coalesce(known.metadata ? 'legacy_id', false)
            AND NOT EXISTS (SELECT FROM infrastructure.services AS other
                WHERE other.metadata ->> 'legacy_id' = one.legacy_id)",
        ),
        (
            Counts::Made,
            "INSERT INTO infrastructure.services (device_id, service_name, port, endpoint, metadata)
            SELECT one.equipment_id, one.name, one.port, one.endpoint, one.metadata
            FROM jsonb_to_recordset($1) AS one
                (name text, equipment_id uuid, port integer, endpoint text, legacy_id text, metadata jsonb)
            WHERE NOT EXISTS (SELECT FROM infrastructure.services AS known
                WHERE known.metadata ->> 'legacy_id' = one.legacy_id)",
        ),
    ],
};

const MEASUREMENTS: Target = Target {
    table: "measurements",
    into: "scpi.measurements",
    fields: &[
        needed("timestamp", Kind::Time),
        needed("measurement_type", Kind::Text),
        needed("value", Kind::Number),
        needed("unit", Kind::Text),
        also("equipment_id", Kind::Instrument),
        also("channel", Kind::Whole),
    ],
    statements: &[(
        Counts::Made,
        "INSERT INTO scpi.measurements
            (\"timestamp\", equipment_id, measurement_type, channel, value, unit, metadata)
        SELECT one.\"timestamp\", one.equipment_id, one.measurement_type, one.channel, one.value::numeric,
            one.unit, one.metadata
        FROM jsonb_to_recordset($1) AS one (\"timestamp\" timestamptz, equipment_id uuid, measurement_type text,
            channel integer, value text, unit text, legacy_id text, metadata jsonb)
        WHERE NOT EXISTS (SELECT FROM scpi.measurements AS known WHERE known.\"timestamp\" = one.\"timestamp\"
            AND known.metadata ->> 'legacy_id' = one.legacy_id)",
    )],
};

const HEALTH: Target = Target {
    table: "network_health",
    into: "network.health_history",
    fields: &[
        needed("timestamp", Kind::Time),
        needed("subsystem", Kind::Text),
        also("status", Kind::Text),
        also("metric_name", Kind::Text),
        also("metric_value", Kind::Number),
    ],
    statements: &[(
        Counts::Made,
        "INSERT INTO network.health_history
            (\"timestamp\", subsystem, status, metric_name, metric_value, metadata)
        SELECT one.\"timestamp\", one.subsystem, one.status, one.metric_name, one.metric_value::numeric, one.metadata
        FROM jsonb_to_recordset($1) AS one (\"timestamp\" timestamptz, subsystem text, status text,
            metric_name text, metric_value text, legacy_id text, metadata jsonb)
        WHERE NOT EXISTS (SELECT FROM network.health_history AS known
            WHERE known.\"timestamp\" = one.\"timestamp\" AND known.metadata ->> 'legacy_id' = one.legacy_id)",
    )],
};

const EVENTS: Target = Target {
    table: "events",
    into: "audit.system_events",
    fields: &[
        needed("timestamp", Kind::Time),
        needed("event_type", Kind::Text),
        needed("title", Kind::Text),
        also("severity", Kind::Text),
        also("description", Kind::Text),
        also("equipment_id", Kind::Device),
    ],
    statements: &[(
        Counts::Made,
        "INSERT INTO audit.system_events
            (\"timestamp\", event_type, severity, source, device_id, title, description, metadata)
        SELECT one.\"timestamp\", one.event_type, one.severity, 'import-legacy', one.equipment_id, one.title,
            one.description, one.metadata
        FROM jsonb_to_recordset($1) AS one (\"timestamp\" timestamptz, event_type text, severity text,
            equipment_id uuid, title text, description text, legacy_id text, metadata jsonb)
        WHERE NOT EXISTS (SELECT FROM audit.system_events AS known
            WHERE known.\"timestamp\" = one.\"timestamp\" AND known.metadata ->> 'legacy_id' = one.legacy_id)",
    )],
};
