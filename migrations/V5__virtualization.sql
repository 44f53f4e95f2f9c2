-- Virtual machines, containers, and how busy the machines are.
CREATE TABLE virtualization.proxmox_vms (
    vm_id UUID PRIMARY KEY REFERENCES infrastructure.devices (device_id) ON DELETE CASCADE,
    proxmox_vmid INTEGER NOT NULL,
    proxmox_host VARCHAR(255) NOT NULL,
    vm_type VARCHAR(50),
    cpu_cores INTEGER,
    memory_mb INTEGER,
    disk_size_gb INTEGER,
    os_type VARCHAR(100),
    template BOOLEAN DEFAULT false,
    auto_start BOOLEAN DEFAULT false,
    backup_enabled BOOLEAN DEFAULT true,
    gpu_passthrough BOOLEAN DEFAULT false,
    gpu_device VARCHAR(255),
    metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE virtualization.docker_containers (
    container_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    service_id UUID REFERENCES infrastructure.services (service_id) ON DELETE CASCADE,
    container_name VARCHAR(255) NOT NULL,
    image VARCHAR(500) NOT NULL,
    image_tag VARCHAR(100),
    container_hash VARCHAR(255),
    ports_mapping JSONB,
    volumes JSONB,
    environment JSONB,
    restart_policy VARCHAR(50),
    network_mode VARCHAR(100),
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE virtualization.vm_metrics (
    metric_id BIGSERIAL,
    "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- RESTRICT: history outlives the inventory, whose rows are retired by their status.
    vm_id UUID REFERENCES virtualization.proxmox_vms (vm_id) ON DELETE RESTRICT,
    cpu_usage_percent NUMERIC,
    memory_used_mb NUMERIC,
    disk_read_mbps NUMERIC,
    disk_write_mbps NUMERIC,
    network_rx_mbps NUMERIC,
    network_tx_mbps NUMERIC,
    uptime_seconds BIGINT,
    PRIMARY KEY (metric_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
