-- Who changed what. Rows of inventory and testing one by one; of a time series one line for a statement,
-- since a line for a row would more than double what a measurement costs.

-- The login cannot be forged; what is in brackets is what the program says of itself.
CREATE FUNCTION audit.current_actor() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT left(
        session_user || coalesce(
            ' (' || coalesce(
                nullif(current_setting('scpi_run.actor', true), ''),
                nullif(current_setting('application_name'), '')
            ) || ')',
            ''
        ),
        100
    )
$$;
REVOKE EXECUTE ON FUNCTION audit.current_actor() FROM PUBLIC;

-- What differs between two rows, as the left one has it.
CREATE FUNCTION audit.differing(one jsonb, two jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(one)
    WHERE value IS DISTINCT FROM two -> key AND key <> 'updated_at'
$$;
REVOKE EXECUTE ON FUNCTION audit.differing(jsonb, jsonb) FROM PUBLIC;

-- That a secret was there, not which.
CREATE FUNCTION audit.redacted(record jsonb, secret_columns text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_object_agg(
        key,
        CASE
            WHEN key = ANY (secret_columns) AND value <> 'null' THEN '"[redacted]"'
            ELSE value
        END
    )
    FROM jsonb_each(record)
$$;
REVOKE EXECUTE ON FUNCTION audit.redacted(jsonb, text[]) FROM PUBLIC;

-- One line for a row. Arguments: the key column, then the columns that hold secrets.
CREATE FUNCTION audit.log_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    row_key text := coalesce(after, before) ->> TG_ARGV[0];
    is_uuid boolean := row_key ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
    secrets text[] := TG_ARGV[1:];
    lost jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        lost := audit.differing(before, after);
        after := audit.differing(after, before);
        before := lost;
        IF before = '{}' AND after = '{}' THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO audit.change_log (
        "timestamp", table_name, record_id, record_key, operation, changed_by,
        old_values, new_values, change_reason
    ) VALUES (
        clock_timestamp(),
        TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME,
        CASE WHEN is_uuid THEN row_key::uuid END,
        row_key,
        TG_OP,
        audit.current_actor(),
        audit.redacted(before, secrets),
        audit.redacted(after, secrets),
        nullif(current_setting('scpi_run.change_reason', true), '')
    );
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION audit.log_change() FROM PUBLIC;

-- One line for a statement: how many rows, and of which time.
CREATE FUNCTION audit.log_batch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    summary jsonb;
BEGIN
    SELECT jsonb_build_object(
        'rows', count(*), 'from', min(touched."timestamp"), 'to', max(touched."timestamp")
    ) INTO summary
    FROM touched
    HAVING count(*) > 0;
    IF summary IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO audit.change_log (
        "timestamp", table_name, operation, changed_by, old_values, new_values, change_reason
    ) VALUES (
        clock_timestamp(),
        TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME,
        TG_OP,
        audit.current_actor(),
        CASE WHEN TG_OP = 'DELETE' THEN summary END,
        CASE WHEN TG_OP <> 'DELETE' THEN summary END,
        nullif(current_setting('scpi_run.change_reason', true), '')
    );
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION audit.log_batch() FROM PUBLIC;

DO $$
DECLARE
    entry record;
BEGIN
    FOR entry IN SELECT * FROM (VALUES
        ('infrastructure.devices', ARRAY['device_id']),
        ('infrastructure.services', ARRAY['service_id']),
        ('credentials.system_credentials', ARRAY[
            'credential_id', 'password_encrypted', 'ssh_key', 'ssh_key_encrypted',
            'api_key_encrypted', 'additional_config'
        ]),
        ('credentials.encryption_keys', ARRAY['key_id']),
        ('network.networks', ARRAY['network_id']),
        ('network.device_network_assignments', ARRAY['assignment_id']),
        ('network.firewall_rules', ARRAY['rule_id']),
        ('scpi.equipment', ARRAY['equipment_id']),
        ('virtualization.proxmox_vms', ARRAY['vm_id']),
        -- A container's environment is where its passwords are.
        ('virtualization.docker_containers', ARRAY['container_id', 'environment']),
        ('ai_ml.ollama_models', ARRAY['model_id']),
        ('testing.test_sessions', ARRAY['session_id']),
        ('testing.test_results', ARRAY['result_id'])
    ) AS audited (name, arguments) LOOP
        EXECUTE format(
            'CREATE TRIGGER change_log_trigger AFTER INSERT OR UPDATE OR DELETE ON %s
             FOR EACH ROW EXECUTE FUNCTION audit.log_change(%s)',
            entry.name::regclass,
            (SELECT string_agg(quote_literal(argument), ', ' ORDER BY place)
             FROM unnest(entry.arguments) WITH ORDINALITY AS one (argument, place))
        );
    END LOOP;
END
$$;

-- Nobody changes the log of accesses in the ordinary way of things, so each change is worth a line.
CREATE TRIGGER change_log_trigger AFTER UPDATE OR DELETE ON credentials.credential_access_log
FOR EACH ROW EXECUTE FUNCTION audit.log_change('log_id');

DO $$
DECLARE
    entry record;
BEGIN
    FOR entry IN SELECT * FROM (VALUES
        ('network.health_history', 'INSERT'), ('network.health_history', 'UPDATE'),
        ('network.health_history', 'DELETE'),
        ('scpi.measurements', 'INSERT'), ('scpi.measurements', 'UPDATE'),
        ('scpi.measurements', 'DELETE'),
        ('scpi.equipment_status_log', 'INSERT'), ('scpi.equipment_status_log', 'UPDATE'),
        ('scpi.equipment_status_log', 'DELETE'),
        ('virtualization.vm_metrics', 'INSERT'), ('virtualization.vm_metrics', 'UPDATE'),
        ('virtualization.vm_metrics', 'DELETE'),
        ('ai_ml.model_inference_log', 'INSERT'), ('ai_ml.model_inference_log', 'UPDATE'),
        ('ai_ml.model_inference_log', 'DELETE'),
        -- A new event is itself a line of the audit.
        ('audit.system_events', 'UPDATE'), ('audit.system_events', 'DELETE')
    ) AS audited (name, operation) LOOP
        EXECUTE format(
            'CREATE TRIGGER %I AFTER %s ON %s REFERENCING %s TABLE AS touched
             FOR EACH STATEMENT EXECUTE FUNCTION audit.log_batch()',
            'change_log_' || lower(entry.operation) || '_trigger',
            entry.operation,
            entry.name::regclass,
            CASE WHEN entry.operation = 'DELETE' THEN 'OLD' ELSE 'NEW' END
        );
    END LOOP;
END
$$;
