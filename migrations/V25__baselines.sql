-- Named runs that later ones are compared with, their values kept with them: a baseline outlives what it was
-- made of. The document is the one that is written into files.
CREATE TABLE scpi_run.baselines (
    plan TEXT NOT NULL,
    name TEXT NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    set_by TEXT,
    document JSONB NOT NULL,
    PRIMARY KEY (plan, name)
);
