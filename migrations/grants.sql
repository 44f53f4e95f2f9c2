-- Who may do what. Run by the owner of the objects after each migrate, so that it also mends what was changed
-- by hand. homelab_admin needs nothing here: it is a member of the owner.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

GRANT USAGE ON SCHEMA
    infrastructure, network, virtualization, ai_ml, testing, scpi, audit, scpi_run
TO homelab_app, homelab_readonly;

-- The application writes, and deletes nothing of the history; partitions of later months are the same.
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA
    infrastructure, network, virtualization, ai_ml, testing, scpi
TO homelab_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA
    infrastructure, network, virtualization, ai_ml, testing, scpi, audit
TO homelab_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA
    infrastructure, network, virtualization, ai_ml, testing, scpi
GRANT SELECT, INSERT, UPDATE ON TABLES TO homelab_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA
    infrastructure, network, virtualization, ai_ml, testing, scpi
GRANT USAGE ON SEQUENCES TO homelab_app;

-- The inventory is its own to tidy up.
GRANT DELETE ON
    infrastructure.devices, infrastructure.services,
    network.networks, network.device_network_assignments, network.firewall_rules,
    virtualization.proxmox_vms, virtualization.docker_containers,
    ai_ml.ollama_models, scpi.equipment
TO homelab_app;

-- The audit is written by triggers alone; events may come from programs, and be acknowledged.
REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM homelab_app, homelab_readonly;
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO homelab_app, homelab_readonly;
GRANT INSERT ON audit.system_events TO homelab_app;
GRANT UPDATE (acknowledged, acknowledged_at, acknowledged_by) ON audit.system_events TO homelab_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT SELECT ON TABLES TO homelab_app, homelab_readonly;

-- Ours.
GRANT SELECT ON ALL TABLES IN SCHEMA scpi_run TO homelab_app, homelab_readonly;
GRANT INSERT, UPDATE ON scpi_run.journal_position TO homelab_app;
GRANT INSERT ON scpi_run.rejected_records TO homelab_app;
GRANT INSERT ON scpi_run.waveforms, scpi_run.waveform_codes TO homelab_app;
GRANT INSERT, UPDATE ON scpi_run.equipment_keys TO homelab_app;
GRANT EXECUTE ON FUNCTION
    scpi_run.waveform_samples(uuid, bigint, bigint), scpi_run.waveform_envelope(uuid, integer)
TO homelab_app, homelab_readonly;
GRANT INSERT, UPDATE ON scpi_run.baselines TO homelab_app;
GRANT INSERT, UPDATE, DELETE ON scpi_run.instrument_leases TO homelab_app;
GRANT EXECUTE ON FUNCTION scpi_run.ensure_partitions(date, date) TO homelab_app;
GRANT EXECUTE ON FUNCTION public.create_next_month_partitions() TO homelab_app;
GRANT EXECUTE ON FUNCTION public.refresh_daily_summaries() TO homelab_app;

-- Reports and dashboards.
GRANT SELECT ON ALL TABLES IN SCHEMA
    infrastructure, network, virtualization, ai_ml, testing, scpi
TO homelab_readonly;
ALTER DEFAULT PRIVILEGES IN SCHEMA
    infrastructure, network, virtualization, ai_ml, testing, scpi, scpi_run
GRANT SELECT ON TABLES TO homelab_readonly;
GRANT SELECT ON
    public.view_device_summary, public.view_network_topology,
    public.view_test_history_summary, public.mv_daily_test_summary
TO homelab_app, homelab_readonly, homelab_admin;

-- Secrets are the administrator's alone.
REVOKE ALL ON SCHEMA credentials FROM PUBLIC, homelab_app, homelab_readonly;
REVOKE ALL ON ALL TABLES IN SCHEMA credentials FROM PUBLIC, homelab_app, homelab_readonly;
