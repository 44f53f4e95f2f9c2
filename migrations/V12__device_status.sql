-- A device that comes or goes is an event. The function runs with its owner's rights, so that whoever may
-- change a status needs none on the events themselves.
CREATE FUNCTION public.log_device_status_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    old_status text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END;
BEGIN
    INSERT INTO audit.system_events (
        "timestamp", event_type, severity, source, device_id, title, description, metadata
    ) VALUES (
        clock_timestamp(),
        'device_status',
        CASE WHEN NEW.status = 'offline' THEN 'warning' ELSE 'info' END,
        'database_trigger',
        NEW.device_id,
        'Device status changed: ' || NEW.device_name,
        format(
            'Status changed from %s to %s',
            coalesce(old_status, 'unknown'),
            coalesce(NEW.status, 'unknown')
        ),
        jsonb_build_object('old_status', old_status, 'new_status', NEW.status)
    );
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION public.log_device_status_change() FROM PUBLIC;

CREATE TRIGGER device_status_change_trigger
AFTER UPDATE OF status ON infrastructure.devices
FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
EXECUTE FUNCTION public.log_device_status_change();

CREATE TRIGGER device_status_first_trigger
AFTER INSERT ON infrastructure.devices
FOR EACH ROW WHEN (NEW.status <> 'unknown')
EXECUTE FUNCTION public.log_device_status_change();
