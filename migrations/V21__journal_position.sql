-- How far each session's journal has come. The recorder takes this row first, and it alone decides what
-- the database has: a batch and its new position become visible together or not at all.
CREATE TABLE scpi_run.journal_position (
    session_id UUID PRIMARY KEY,
    -- Bytes of the journal file that are done.
    position BIGINT NOT NULL DEFAULT 0 CHECK (position >= 0),
    -- The number of the last event that is done.
    seq BIGINT NOT NULL DEFAULT 0 CHECK (seq >= 0),
    -- The hash chain's head there.
    chain BYTEA,
    readings BIGINT NOT NULL DEFAULT 0,
    waveforms BIGINT NOT NULL DEFAULT 0,
    -- How many results came out how.
    counts JSONB NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
