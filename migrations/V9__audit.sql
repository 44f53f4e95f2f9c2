-- What was changed by whom, and what happened.
CREATE TABLE audit.change_log (
    log_id BIGSERIAL PRIMARY KEY,
    "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now(),
    table_name VARCHAR(255) NOT NULL,
    record_id UUID,
    operation VARCHAR(50) NOT NULL,
    changed_by VARCHAR(100),
    old_values JSONB,
    new_values JSONB,
    change_reason TEXT,
    -- Ours: the key of a row whose key is no UUID.
    record_key TEXT
);

CREATE TABLE audit.system_events (
    event_id BIGSERIAL,
    "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now(),
    event_type VARCHAR(100) NOT NULL,
    severity VARCHAR(50),
    source VARCHAR(255),
    device_id UUID REFERENCES infrastructure.devices (device_id) ON DELETE SET NULL,
    service_id UUID REFERENCES infrastructure.services (service_id) ON DELETE SET NULL,
    title VARCHAR(500) NOT NULL,
    description TEXT,
    metadata JSONB,
    acknowledged BOOLEAN DEFAULT false,
    acknowledged_at TIMESTAMPTZ,
    acknowledged_by VARCHAR(100),
    PRIMARY KEY (event_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
