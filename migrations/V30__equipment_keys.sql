-- Who an instrument is. Benches that meet one at the same time race for its row here, and wait for nobody else: by maker,
-- model and serial number, or by bench, part and address where the number is empty, 0 or shared with another one.
CREATE TABLE scpi_run.equipment_keys (
    equipment_key TEXT PRIMARY KEY,
    -- None while whoever was first makes it, which the others do not see.
    device_id UUID REFERENCES infrastructure.devices (device_id) ON DELETE CASCADE,
    -- Two instruments at one time said that they have this number: it tells none from the other.
    is_shared BOOLEAN NOT NULL DEFAULT false,
    made_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX idx_equipment_keys_device ON scpi_run.equipment_keys (device_id);
