-- Secrets, encrypted before they come here, and who asked for them. No migration holds a row of this.
CREATE TABLE credentials.encryption_keys (
    key_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    key_name VARCHAR(255) NOT NULL UNIQUE,
    key_type VARCHAR(50) NOT NULL,
    algorithm VARCHAR(50),
    created_at TIMESTAMPTZ DEFAULT now(),
    rotated_at TIMESTAMPTZ,
    next_rotation_date DATE,
    status VARCHAR(50) DEFAULT 'active',
    notes TEXT
);

CREATE TABLE credentials.system_credentials (
    credential_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    system_name VARCHAR(255) NOT NULL UNIQUE,
    system_type VARCHAR(100) NOT NULL,
    device_id UUID REFERENCES infrastructure.devices (device_id) ON DELETE CASCADE,
    username VARCHAR(255) NOT NULL,
    password_encrypted BYTEA NOT NULL,
    ssh_key TEXT,
    api_key_encrypted BYTEA,
    access_url VARCHAR(500),
    port INTEGER,
    protocol VARCHAR(50),
    additional_config JSONB,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now(),
    last_used_at TIMESTAMPTZ,
    rotation_required BOOLEAN DEFAULT false,
    rotation_date DATE,
    notes TEXT,
    -- Ours: a private key has as much need of encryption as a password,
    ssh_key_encrypted BYTEA,
    -- and a rotation must know what was encrypted under which key.
    key_id UUID REFERENCES credentials.encryption_keys (key_id) ON DELETE RESTRICT,
    CONSTRAINT valid_system_type CHECK (system_type IN (
        'nas', 'proxmox', 'vm', 'docker', 'unifi', 'scpi', 'database', 'service', 'other'
    )),
    CONSTRAINT ssh_key_never_in_clear CHECK (ssh_key IS NULL)
);

CREATE TABLE credentials.credential_access_log (
    log_id BIGSERIAL PRIMARY KEY,
    -- RESTRICT: who used a secret is still of interest when the secret is gone.
    credential_id UUID REFERENCES credentials.system_credentials (credential_id) ON DELETE RESTRICT,
    accessed_at TIMESTAMPTZ DEFAULT now(),
    accessed_by VARCHAR(100) NOT NULL,
    access_method VARCHAR(100),
    purpose TEXT,
    success BOOLEAN DEFAULT true,
    source_ip INET,
    metadata JSONB
);
