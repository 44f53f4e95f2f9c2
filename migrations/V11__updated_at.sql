-- updated_at moves by itself, on every table that has it, and only when something changed.
CREATE FUNCTION public.update_updated_at_column() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Not now(): two changes in one transaction are two moments.
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION public.update_updated_at_column() FROM PUBLIC;

DO $$
DECLARE
    owner regclass;
BEGIN
    FOREACH owner IN ARRAY ARRAY[
        'infrastructure.devices', 'infrastructure.services', 'credentials.system_credentials',
        'network.networks', 'network.device_network_assignments', 'network.firewall_rules',
        'scpi.equipment', 'virtualization.proxmox_vms', 'virtualization.docker_containers',
        'ai_ml.ollama_models'
    ]::regclass[] LOOP
        EXECUTE format(
            'CREATE TRIGGER %I BEFORE UPDATE ON %s FOR EACH ROW
             WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION public.update_updated_at_column()',
            'update_' || (SELECT relname FROM pg_class WHERE oid = owner) || '_updated_at',
            owner
        );
    END LOOP;
END
$$;
