-- Lists that are closed. README.md says which words were added, and which lists are open.
ALTER TABLE infrastructure.devices
    ADD CONSTRAINT device_type_word
    CHECK (device_type IN ('physical', 'vm', 'container', 'network', 'simulated')),
    ADD CONSTRAINT status_word
    CHECK (status IN ('online', 'offline', 'maintenance', 'unknown', 'retired'));

ALTER TABLE infrastructure.services
    ADD CONSTRAINT service_type_word
    CHECK (service_type IN ('docker', 'systemd', 'vm', 'ollama_model')),
    ADD CONSTRAINT protocol_word CHECK (protocol IN ('http', 'https', 'tcp', 'udp', 'scpi')),
    ADD CONSTRAINT status_word CHECK (status IN ('running', 'stopped', 'error', 'unknown'));

ALTER TABLE credentials.credential_access_log
    ADD CONSTRAINT access_method_word
    CHECK (access_method IN ('api', 'manual', 'automated_script'));

ALTER TABLE credentials.encryption_keys
    ADD CONSTRAINT key_type_word CHECK (key_type IN ('symmetric', 'asymmetric')),
    ADD CONSTRAINT status_word CHECK (status IN ('active', 'rotated', 'deprecated'));

ALTER TABLE network.health_history
    ADD CONSTRAINT subsystem_word CHECK (subsystem IN ('wan', 'wlan', 'lan', 'vpn')),
    ADD CONSTRAINT status_word CHECK (status IN ('ok', 'warning', 'error'));

ALTER TABLE network.firewall_rules
    ADD CONSTRAINT action_word CHECK (action IN ('accept', 'drop', 'reject')),
    ADD CONSTRAINT protocol_word CHECK (protocol IN ('tcp', 'udp', 'icmp', 'any')),
    ADD CONSTRAINT direction_word CHECK (direction IN ('in', 'out', 'both'));

ALTER TABLE scpi.equipment
    ADD CONSTRAINT scpi_protocol_word
    CHECK (scpi_protocol IN ('SOCKET', 'VISA', 'USBTMC', 'HISLIP', 'VXI11', 'SERIAL')),
    ADD CONSTRAINT instrument_type_word
    CHECK (instrument_type IN ('DMM', 'SCOPE', 'PSU', 'LOAD', 'AWG', 'SWITCH', 'MANUAL', 'OTHER'));

ALTER TABLE scpi.equipment_status_log
    ADD CONSTRAINT new_status_word CHECK (new_status IN ('online', 'offline', 'error')),
    ADD CONSTRAINT trigger_source_word
    CHECK (trigger_source IN ('automated_scan', 'manual_check', 'test_script'));

ALTER TABLE virtualization.proxmox_vms
    ADD CONSTRAINT vm_type_word CHECK (vm_type IN ('qemu', 'lxc'));

ALTER TABLE testing.test_sessions
    ADD CONSTRAINT test_type_word
    CHECK (test_type IN ('infrastructure', 'scpi_automated', 'integration', 'manual')),
    ADD CONSTRAINT trigger_source_word
    CHECK (trigger_source IN ('automated', 'manual', 'ci_cd', 'scheduled')),
    ADD CONSTRAINT status_word CHECK (status IN ('running', 'completed', 'failed', 'aborted'));

ALTER TABLE testing.test_results
    ADD CONSTRAINT test_category_word CHECK (test_category IN ('network', 'scpi', 'vm', 'service')),
    ADD CONSTRAINT status_word
    CHECK (status IN ('PASS', 'FAIL', 'SKIP', 'ERROR', 'INCONCLUSIVE'));

ALTER TABLE audit.change_log
    ADD CONSTRAINT operation_word CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE'));

ALTER TABLE audit.system_events
    ADD CONSTRAINT event_type_word
    CHECK (event_type IN ('device_status', 'service_status', 'alert', 'maintenance')),
    ADD CONSTRAINT severity_word CHECK (severity IN ('info', 'warning', 'error', 'critical'));
