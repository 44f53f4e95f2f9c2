-- Who uses which instrument, for runs on several hosts: on one host a lock does it, which ends with its process. A lease
-- ends by itself, since nobody can tell from afar whether a process still is; it is a row, not a lock of a connection,
-- which a pooler may hand to another client. It is renewed all the while, and so is not audited.
CREATE TABLE scpi_run.instrument_leases (
    -- The instrument's address; one that means something on its host alone has that before it.
    instrument TEXT PRIMARY KEY,
    -- The run, which alone renews and ends it.
    holder UUID NOT NULL,
    host TEXT NOT NULL,
    process INTEGER NOT NULL,
    taken_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX idx_instrument_leases_holder ON scpi_run.instrument_leases (holder);
