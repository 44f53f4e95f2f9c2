-- Events of journals that the server would not store, each with the reason: one must not hold up the others. The
-- journal keeps the event itself.
CREATE TABLE scpi_run.rejected_records (
    session_id UUID NOT NULL,
    -- The number of the event in its journal.
    seq BIGINT NOT NULL CHECK (seq > 0),
    -- Its kind: reading, judged, ...
    event TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The event as JSON text, cut where it is long.
    record TEXT NOT NULL,
    rejected_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (session_id, seq)
);
