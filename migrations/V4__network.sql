-- Networks, who is in them, what they let through and how they fare.
CREATE TABLE network.networks (
    network_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    network_name VARCHAR(255) NOT NULL UNIQUE,
    vlan_id INTEGER,
    subnet CIDR NOT NULL,
    gateway INET NOT NULL,
    dhcp_enabled BOOLEAN DEFAULT true,
    dhcp_start INET,
    dhcp_end INET,
    domain_name VARCHAR(255),
    dns_servers INET[],
    purpose VARCHAR(100),
    security_zone VARCHAR(100),
    igmp_snooping BOOLEAN DEFAULT false,
    metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now(),
    notes TEXT
);

CREATE TABLE network.device_network_assignments (
    assignment_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    device_id UUID REFERENCES infrastructure.devices (device_id) ON DELETE CASCADE,
    network_id UUID REFERENCES network.networks (network_id) ON DELETE CASCADE,
    ip_address INET NOT NULL,
    is_static BOOLEAN DEFAULT true,
    is_primary BOOLEAN DEFAULT false,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE network.firewall_rules (
    rule_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    rule_name VARCHAR(255) NOT NULL,
    unifi_rule_id VARCHAR(255),
    enabled BOOLEAN DEFAULT true,
    action VARCHAR(50) NOT NULL,
    protocol VARCHAR(20),
    source_network VARCHAR(255),
    source_port VARCHAR(100),
    destination_network VARCHAR(255),
    destination_port VARCHAR(100),
    direction VARCHAR(20),
    ruleset VARCHAR(100),
    rule_index INTEGER,
    metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now(),
    notes TEXT
);

CREATE TABLE network.health_history (
    measurement_id BIGSERIAL,
    "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now(),
    subsystem VARCHAR(50) NOT NULL,
    status VARCHAR(50),
    metric_name VARCHAR(100),
    metric_value NUMERIC,
    metadata JSONB,
    PRIMARY KEY (measurement_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
