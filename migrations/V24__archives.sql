-- Months of the time series that were taken out into files. What lies in a file is known here: how many rows, what they
-- sum up to, and which bytes.
CREATE TABLE scpi_run.archives (
    archive_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    -- The time series: scpi.measurements.
    family TEXT NOT NULL,
    month DATE NOT NULL CHECK (extract(day FROM month) = 1),
    file_name TEXT NOT NULL UNIQUE,
    rows BIGINT NOT NULL CHECK (rows > 0),
    -- The sum of hashtextextended over the rows' texts, in which their order does not matter.
    row_hash NUMERIC NOT NULL,
    file_bytes BIGINT NOT NULL,
    file_sha256 BYTEA NOT NULL CHECK (length(file_sha256) = 32),
    -- superseded: rows of its month came later and lie in the table; restored: its rows are in the table again.
    status TEXT NOT NULL DEFAULT 'current' CHECK (status IN ('current', 'superseded', 'restored')),
    archived_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    archived_by TEXT NOT NULL DEFAULT session_user,
    changed_at TIMESTAMPTZ
);
CREATE INDEX idx_archives_month ON scpi_run.archives (family, month);

CREATE TRIGGER change_log_trigger AFTER INSERT OR UPDATE OR DELETE ON scpi_run.archives
FOR EACH ROW EXECUTE FUNCTION audit.log_change('archive_id');

-- A row that comes late: the archive of its month is not the whole month any more.
CREATE FUNCTION scpi_run.supersede_archives() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    series CONSTANT text := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
    first_at timestamptz;
BEGIN
    SELECT min(touched."timestamp") INTO first_at FROM touched;
    -- Most rows are of now, and no archive is.
    UPDATE scpi_run.archives AS one SET status = 'superseded', changed_at = clock_timestamp()
    WHERE one.family = series AND one.status = 'current'
    AND (one.month + interval '1 month')::timestamptz > first_at
    AND EXISTS (
        SELECT FROM touched
        WHERE touched."timestamp" >= one.month::timestamptz
        AND touched."timestamp" < (one.month + interval '1 month')::timestamptz
    );
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION scpi_run.supersede_archives() FROM PUBLIC;

DO $$
DECLARE
    family regclass;
BEGIN
    FOREACH family IN ARRAY ARRAY[
        'network.health_history', 'scpi.measurements', 'virtualization.vm_metrics',
        'ai_ml.model_inference_log', 'audit.system_events'
    ]::regclass[] LOOP
        EXECUTE format(
            'CREATE TRIGGER late_rows_trigger AFTER INSERT ON %s REFERENCING NEW TABLE AS touched
             FOR EACH STATEMENT EXECUTE FUNCTION scpi_run.supersede_archives()',
            family
        );
    END LOOP;
END
$$;
