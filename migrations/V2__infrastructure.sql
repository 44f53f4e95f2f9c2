-- What there is: devices of every kind, and what runs on them.
CREATE TABLE infrastructure.devices (
    device_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    device_name VARCHAR(255) NOT NULL UNIQUE,
    device_type VARCHAR(50) NOT NULL,
    category VARCHAR(100),
    model VARCHAR(255),
    manufacturer VARCHAR(255),
    serial_number VARCHAR(255),
    mac_address MACADDR,
    primary_ip INET,
    location VARCHAR(255),
    rack_position VARCHAR(50),
    status VARCHAR(50) DEFAULT 'unknown',
    metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now(),
    created_by VARCHAR(100),
    notes TEXT
);

CREATE TABLE infrastructure.services (
    service_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    device_id UUID REFERENCES infrastructure.devices (device_id) ON DELETE CASCADE,
    service_name VARCHAR(255) NOT NULL,
    service_type VARCHAR(100),
    port INTEGER,
    protocol VARCHAR(20),
    endpoint VARCHAR(500),
    health_check_url VARCHAR(500),
    status VARCHAR(50) DEFAULT 'unknown',
    auto_start BOOLEAN DEFAULT false,
    metadata JSONB,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now(),
    notes TEXT,
    -- Ours: updated_at moves with every edit, so it cannot say when the service was last checked.
    last_checked_at TIMESTAMPTZ
);
