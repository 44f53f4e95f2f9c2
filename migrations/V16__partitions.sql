-- Time series lie in months of UTC. No migration reads the clock: the document's own month and a DEFAULT,
-- which refuses nothing, are made here; the months in use are made by ensure_partitions, which every writer calls.
DO $$
DECLARE
    family regclass;
    place text;
    name text;
BEGIN
    FOREACH family IN ARRAY ARRAY[
        'network.health_history', 'scpi.measurements', 'virtualization.vm_metrics',
        'ai_ml.model_inference_log', 'audit.system_events'
    ]::regclass[] LOOP
        SELECT relnamespace::regnamespace::text, relname INTO place, name
        FROM pg_class WHERE oid = family;
        EXECUTE format('CREATE TABLE %I.%I PARTITION OF %s DEFAULT', place, name || '_default', family);
        EXECUTE format(
            'CREATE TABLE %I.%I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
            place, name || '_2025_12', family, '2025-12-01 00:00+00', '2026-01-01 00:00+00'
        );
    END LOOP;
END
$$;

-- Whether there is such a table now. to_regclass would not do: it may answer from a cache that is older than a
-- wait for a lock.
CREATE FUNCTION scpi_run.is_table(place name, name name) RETURNS boolean
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = place AND relname = name
    )
$$;
REVOKE EXECUTE ON FUNCTION scpi_run.is_table(name, name) FROM PUBLIC;

-- Makes one month of one table, moving what DEFAULT holds of it; false where it is there already.
CREATE FUNCTION scpi_run.make_partition(family regclass, month date) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $$
DECLARE
    parent pg_class := (SELECT c FROM pg_class AS c WHERE c.oid = family);
    place name := (SELECT nspname FROM pg_namespace WHERE oid = parent.relnamespace);
    name name := parent.relname || to_char(month, '_YYYY_MM');
    whole text := format('%I.%I', place, name);
    span text := format(
        '"timestamp" >= %L AND "timestamp" < %L',
        month::timestamptz, (month + interval '1 month')::timestamptz
    );
    rest regclass := (SELECT partdefid FROM pg_partitioned_table WHERE partrelid = family);
BEGIN
    -- A table of this name that is no partition is a detached month: its rows must not be mixed.
    IF scpi_run.is_table(place, name) THEN
        RETURN false;
    END IF;
    -- Two writers at a month's end: the second waits here, and then finds the month.
    PERFORM pg_advisory_xact_lock(hashtext('scpi_run.make_partition'), hashtext(family::text));
    IF scpi_run.is_table(place, name) THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)',
        whole, family
    );
    -- With it, attaching need not read the rows again.
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT in_month CHECK (%s)', whole, span);
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', rest);
    EXECUTE format(
        'WITH moved AS (DELETE FROM %s WHERE %s RETURNING *) INSERT INTO %s SELECT * FROM moved',
        rest, span, whole
    );
    EXECUTE format(
        'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        family, whole, month::timestamptz, (month + interval '1 month')::timestamptz
    );
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT in_month', whole);
    RETURN true;
END
$$;
REVOKE EXECUTE ON FUNCTION scpi_run.make_partition(regclass, date) FROM PUBLIC;

-- Makes the months from one date to another, both included, of all five; says how many were missing.
-- Who waits for a busy DEFAULT longer than the lock time-out gets an error and nothing is made: the rows
-- go to DEFAULT and are moved the next time.
CREATE FUNCTION scpi_run.ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    most_months CONSTANT integer := 600;
    family regclass;
    month date;
    made integer := 0;
BEGIN
    IF first_day IS NULL OR last_day IS NULL OR last_day < first_day THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('no months from %s to %s', first_day, last_day),
            HINT = 'the first day comes first';
    END IF;
    IF last_day > first_day + make_interval(months => most_months) THEN
        RAISE program_limit_exceeded USING
            MESSAGE = format('from %s to %s are more than %s months', first_day, last_day, most_months),
            HINT = 'ask for them in parts';
    END IF;
    FOREACH family IN ARRAY ARRAY[
        'network.health_history', 'scpi.measurements', 'virtualization.vm_metrics',
        'ai_ml.model_inference_log', 'audit.system_events'
    ]::regclass[] LOOP
        FOR month IN
            SELECT generate_series(
                date_trunc('month', first_day::timestamp), last_day::timestamp, interval '1 month'
            )::date
        LOOP
            made := made + scpi_run.make_partition(family, month)::integer;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;
REVOKE EXECUTE ON FUNCTION scpi_run.ensure_partitions(date, date) FROM PUBLIC;

-- The document's name for it: this month and the next two.
CREATE FUNCTION public.create_next_month_partitions() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $$
BEGIN
    PERFORM scpi_run.ensure_partitions(current_date, (current_date + interval '2 months')::date);
END
$$;
REVOKE EXECUTE ON FUNCTION public.create_next_month_partitions() FROM PUBLIC;
