-- Instruments, what they measured, and when they came and went.
CREATE TABLE scpi.equipment (
    equipment_id UUID PRIMARY KEY REFERENCES infrastructure.devices (device_id) ON DELETE CASCADE,
    scpi_address VARCHAR(255) NOT NULL,
    scpi_protocol VARCHAR(50) DEFAULT 'SOCKET',
    instrument_type VARCHAR(100),
    idn_response TEXT,
    measurement_capabilities TEXT[],
    max_voltage NUMERIC,
    max_current NUMERIC,
    max_power NUMERIC,
    channels INTEGER DEFAULT 1,
    last_calibration_date DATE,
    calibration_due_date DATE,
    metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE scpi.measurements (
    measurement_id BIGSERIAL,
    "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- RESTRICT on both: history outlives the inventory, and a session with readings is not deleted.
    equipment_id UUID REFERENCES scpi.equipment (equipment_id) ON DELETE RESTRICT,
    test_session_id UUID REFERENCES testing.test_sessions (session_id) ON DELETE RESTRICT,
    measurement_type VARCHAR(100) NOT NULL,
    channel INTEGER DEFAULT 1,
    value NUMERIC NOT NULL,
    unit VARCHAR(50) NOT NULL,
    range_setting VARCHAR(50),
    integration_time NUMERIC,
    metadata JSONB,
    PRIMARY KEY (measurement_id, "timestamp")
) PARTITION BY RANGE ("timestamp");

CREATE TABLE scpi.equipment_status_log (
    log_id BIGSERIAL PRIMARY KEY,
    -- RESTRICT: history outlives the inventory.
    equipment_id UUID REFERENCES scpi.equipment (equipment_id) ON DELETE RESTRICT,
    "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now(),
    previous_status VARCHAR(50),
    new_status VARCHAR(50) NOT NULL,
    trigger_source VARCHAR(100),
    error_message TEXT,
    metadata JSONB
);
