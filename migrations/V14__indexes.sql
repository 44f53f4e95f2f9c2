-- The document's fifty. A B-tree is read from both ends, so none needs DESC.
CREATE INDEX idx_devices_type ON infrastructure.devices (device_type);
CREATE INDEX idx_devices_status ON infrastructure.devices (status);
CREATE INDEX idx_devices_primary_ip ON infrastructure.devices (primary_ip);
CREATE INDEX idx_devices_metadata ON infrastructure.devices USING gin (metadata);
CREATE INDEX idx_devices_active ON infrastructure.devices (status) WHERE status = 'online';

CREATE INDEX idx_services_device ON infrastructure.services (device_id);
CREATE INDEX idx_services_type ON infrastructure.services (service_type);
CREATE INDEX idx_services_status ON infrastructure.services (status);
-- A missing device is one value here: two services of one name without a device are doubles.
CREATE UNIQUE INDEX idx_services_device_name
ON infrastructure.services (device_id, service_name) NULLS NOT DISTINCT;

CREATE INDEX idx_credentials_system_type ON credentials.system_credentials (system_type);
CREATE INDEX idx_credentials_device ON credentials.system_credentials (device_id);
CREATE INDEX idx_credential_access_timestamp ON credentials.credential_access_log (accessed_at);
CREATE INDEX idx_credential_access_credential ON credentials.credential_access_log (credential_id);

CREATE INDEX idx_networks_vlan ON network.networks (vlan_id);
CREATE INDEX idx_networks_purpose ON network.networks (purpose);
CREATE INDEX idx_device_network_device ON network.device_network_assignments (device_id);
CREATE INDEX idx_device_network_network ON network.device_network_assignments (network_id);
CREATE UNIQUE INDEX idx_device_network_unique
ON network.device_network_assignments (device_id, network_id, ip_address) NULLS NOT DISTINCT;
CREATE INDEX idx_health_timestamp ON network.health_history ("timestamp");
CREATE INDEX idx_health_subsystem ON network.health_history (subsystem);
CREATE INDEX idx_firewall_enabled ON network.firewall_rules (enabled);
CREATE INDEX idx_firewall_ruleset ON network.firewall_rules (ruleset);

CREATE INDEX idx_scpi_type ON scpi.equipment (instrument_type);
CREATE INDEX idx_measurements_timestamp ON scpi.measurements ("timestamp");
CREATE INDEX idx_measurements_equipment ON scpi.measurements (equipment_id);
CREATE INDEX idx_measurements_type ON scpi.measurements (measurement_type);
CREATE INDEX idx_scpi_status_timestamp ON scpi.equipment_status_log ("timestamp");
CREATE INDEX idx_scpi_status_equipment ON scpi.equipment_status_log (equipment_id);

CREATE INDEX idx_proxmox_host ON virtualization.proxmox_vms (proxmox_host);
CREATE INDEX idx_proxmox_vmid ON virtualization.proxmox_vms (proxmox_vmid);
CREATE INDEX idx_vm_metrics_timestamp ON virtualization.vm_metrics ("timestamp");
CREATE INDEX idx_vm_metrics_vm ON virtualization.vm_metrics (vm_id);
CREATE INDEX idx_containers_service ON virtualization.docker_containers (service_id);

CREATE INDEX idx_ollama_device ON ai_ml.ollama_models (device_id);
CREATE UNIQUE INDEX idx_ollama_model_unique
ON ai_ml.ollama_models (device_id, model_name, model_tag) NULLS NOT DISTINCT;
CREATE INDEX idx_inference_timestamp ON ai_ml.model_inference_log ("timestamp");
CREATE INDEX idx_inference_model ON ai_ml.model_inference_log (model_id);

CREATE INDEX idx_test_sessions_started ON testing.test_sessions (started_at);
CREATE INDEX idx_test_sessions_type ON testing.test_sessions (test_type);
CREATE INDEX idx_test_sessions_status ON testing.test_sessions (status);
CREATE INDEX idx_test_results_session ON testing.test_results (session_id);
CREATE INDEX idx_test_results_status ON testing.test_results (status);
CREATE INDEX idx_test_results_device ON testing.test_results (device_id);

CREATE INDEX idx_change_log_timestamp ON audit.change_log ("timestamp");
CREATE INDEX idx_change_log_table ON audit.change_log (table_name);
CREATE INDEX idx_change_log_record ON audit.change_log (record_id);
CREATE INDEX idx_system_events_timestamp ON audit.system_events ("timestamp");
CREATE INDEX idx_system_events_type ON audit.system_events (event_type);
CREATE INDEX idx_system_events_severity ON audit.system_events (severity);
-- "Recent" cannot be an index's condition, since it changes by itself; what nobody has seen yet can.
CREATE INDEX idx_events_recent ON audit.system_events ("timestamp") WHERE NOT acknowledged;
