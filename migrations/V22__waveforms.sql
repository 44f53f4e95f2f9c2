-- Captured waveforms: the codes as they came, and what they mean. A sample is
-- (code - y_zero) x y_increment + y_offset, at (index - x_reference) x x_increment + x_origin seconds.
CREATE TABLE scpi_run.waveforms (
    id UUID PRIMARY KEY,
    session_id UUID NOT NULL REFERENCES testing.test_sessions (session_id) ON DELETE RESTRICT,
    -- No foreign key: a waveform comes before the result that it is for, and some have none.
    result_id UUID NOT NULL,
    equipment_id UUID REFERENCES scpi.equipment (equipment_id) ON DELETE RESTRICT,
    place TEXT NOT NULL,
    role TEXT NOT NULL,
    channel INTEGER NOT NULL,
    codes BYTEA NOT NULL,
    format TEXT NOT NULL
    CHECK (format IN ('i8', 'u8', 'i16_le', 'i16_be', 'u16_le', 'u16_be')),
    y_zero NUMERIC NOT NULL,
    y_increment NUMERIC NOT NULL,
    y_offset NUMERIC NOT NULL,
    unit TEXT NOT NULL,
    x_reference NUMERIC NOT NULL,
    x_increment NUMERIC NOT NULL,
    x_origin NUMERIC NOT NULL,
    preamble TEXT NOT NULL,
    captured_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX idx_waveforms_session ON scpi_run.waveforms (session_id);
CREATE INDEX idx_waveforms_result ON scpi_run.waveforms (result_id);
CREATE INDEX idx_waveforms_equipment ON scpi_run.waveforms (equipment_id);
