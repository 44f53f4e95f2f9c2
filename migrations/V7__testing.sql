-- Sessions and their results. Before the measurements, which refer to them.
CREATE TABLE testing.test_sessions (
    session_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    session_name VARCHAR(255),
    test_type VARCHAR(100),
    trigger_source VARCHAR(100),
    started_at TIMESTAMPTZ DEFAULT now(),
    completed_at TIMESTAMPTZ,
    duration_seconds INTEGER,
    total_tests INTEGER,
    passed_tests INTEGER,
    failed_tests INTEGER,
    skipped_tests INTEGER,
    status VARCHAR(50) DEFAULT 'running',
    metadata JSONB,
    executed_by VARCHAR(100)
);

CREATE TABLE testing.test_results (
    result_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    -- RESTRICT: a result is history.
    session_id UUID REFERENCES testing.test_sessions (session_id) ON DELETE RESTRICT,
    test_name VARCHAR(255) NOT NULL,
    test_category VARCHAR(100),
    device_id UUID REFERENCES infrastructure.devices (device_id) ON DELETE SET NULL,
    service_id UUID REFERENCES infrastructure.services (service_id) ON DELETE SET NULL,
    status VARCHAR(50) NOT NULL,
    started_at TIMESTAMPTZ DEFAULT now(),
    completed_at TIMESTAMPTZ,
    duration_ms INTEGER,
    expected_result TEXT,
    actual_result TEXT,
    error_message TEXT,
    metadata JSONB
);
