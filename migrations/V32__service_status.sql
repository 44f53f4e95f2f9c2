-- A service that comes, goes or fails is an event, as a device's change is (V12): a look at the network changes its status,
-- and whoever reads the events in the morning should not have to compare rows. The function runs with its owner's rights,
-- so that whoever may change a status needs none on the events themselves.
CREATE FUNCTION scpi_run.log_service_status_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO audit.system_events (
        "timestamp", event_type, severity, source, device_id, service_id, title, description, metadata
    ) VALUES (
        clock_timestamp(),
        'service_status',
        CASE WHEN NEW.status = 'error' THEN 'error' WHEN NEW.status = 'stopped' THEN 'warning' ELSE 'info' END,
        'database_trigger',
        NEW.device_id,
        NEW.service_id,
        'Service status changed: ' || NEW.service_name,
        format(
            'Status changed from %s to %s',
            coalesce(OLD.status, 'unknown'),
            coalesce(NEW.status, 'unknown')
        ),
        jsonb_build_object('old_status', OLD.status, 'new_status', NEW.status)
    );
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION scpi_run.log_service_status_change() FROM PUBLIC;

CREATE TRIGGER service_status_change_trigger
AFTER UPDATE OF status ON infrastructure.services
FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
EXECUTE FUNCTION scpi_run.log_service_status_change();
