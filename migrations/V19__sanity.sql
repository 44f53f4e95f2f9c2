-- What no row can be, whatever writes it.
ALTER TABLE infrastructure.services
    ADD CONSTRAINT port_exists CHECK (port BETWEEN 1 AND 65535);
ALTER TABLE credentials.system_credentials
    ADD CONSTRAINT port_exists CHECK (port BETWEEN 1 AND 65535);

ALTER TABLE network.networks
    ADD CONSTRAINT vlan_exists CHECK (vlan_id BETWEEN 1 AND 4094),
    ADD CONSTRAINT gateway_in_subnet CHECK (gateway <<= subnet),
    ADD CONSTRAINT dhcp_in_subnet CHECK (dhcp_start <<= subnet AND dhcp_end <<= subnet),
    ADD CONSTRAINT dhcp_start_first CHECK (dhcp_start <= dhcp_end);

ALTER TABLE scpi.equipment
    ADD CONSTRAINT has_channels CHECK (channels >= 1);

ALTER TABLE testing.test_sessions
    ADD CONSTRAINT ends_after_start CHECK (completed_at >= started_at),
    ADD CONSTRAINT parts_within_total CHECK (
        coalesce(passed_tests, 0) + coalesce(failed_tests, 0) + coalesce(skipped_tests, 0)
        <= total_tests
    );
ALTER TABLE testing.test_results
    ADD CONSTRAINT ends_after_start CHECK (completed_at >= started_at);

-- A hypervisor gives a number once, and a device has one address that is the first to try.
CREATE UNIQUE INDEX idx_proxmox_identity
ON virtualization.proxmox_vms (proxmox_host, proxmox_vmid);
CREATE UNIQUE INDEX idx_device_network_primary
ON network.device_network_assignments (device_id) WHERE is_primary;
