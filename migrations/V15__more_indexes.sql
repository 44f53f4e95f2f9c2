-- Ours: the foreign keys that had none, and what the runner looks up.
CREATE INDEX idx_credentials_key ON credentials.system_credentials (key_id);
CREATE INDEX idx_measurements_session ON scpi.measurements (test_session_id, "timestamp");
CREATE INDEX idx_test_results_service ON testing.test_results (service_id);
CREATE INDEX idx_system_events_device ON audit.system_events (device_id);
CREATE INDEX idx_system_events_service ON audit.system_events (service_id);

-- An instrument is found by who made it and its serial number.
CREATE INDEX idx_devices_serial ON infrastructure.devices (serial_number);
-- Sessions are found by plan and DUT, which are in their metadata.
CREATE INDEX idx_test_sessions_metadata ON testing.test_sessions USING gin (metadata jsonb_path_ops);
