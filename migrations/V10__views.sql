-- What people ask for most. A view has no order of its own: who reads it says which.
CREATE VIEW public.view_device_summary AS
SELECT
    device.device_id,
    device.device_name,
    device.device_type,
    device.category,
    device.primary_ip,
    device.status,
    count(service.service_id) AS service_count,
    max(service.last_checked_at) AS last_service_check,
    device.updated_at AS last_device_update
FROM infrastructure.devices AS device
LEFT JOIN infrastructure.services AS service USING (device_id)
GROUP BY device.device_id;

-- A network without devices has an empty list, not a list of one nobody.
CREATE VIEW public.view_network_topology AS
SELECT
    net.network_name,
    net.vlan_id,
    net.subnet,
    net.gateway,
    net.purpose,
    count(DISTINCT device.device_id) AS device_count,
    coalesce(
        jsonb_agg(
            jsonb_build_object(
                'device_name', device.device_name,
                'ip_address', place.ip_address,
                'status', device.status
            ) ORDER BY place.ip_address
        ) FILTER (WHERE device.device_id IS NOT NULL),
        '[]'
    ) AS devices
FROM network.networks AS net
LEFT JOIN network.device_network_assignments AS place USING (network_id)
LEFT JOIN infrastructure.devices AS device ON device.device_id = place.device_id
GROUP BY net.network_id;

-- Days are days in UTC, whoever asks. A session that failed counts; one that was aborted or that
-- ran on simulated instruments is shown apart, in columns of ours, and is in no total.
CREATE VIEW public.view_test_history_summary AS
WITH sessions AS (
    SELECT
        session.*,
        (started_at AT TIME ZONE 'UTC')::date AS test_date,
        metadata -> 'simulated' IS NOT DISTINCT FROM 'true'::jsonb AS simulated
    FROM testing.test_sessions AS session
    WHERE status IN ('completed', 'failed', 'aborted')
)
SELECT
    test_date,
    test_type,
    count(*) FILTER (WHERE counted) AS session_count,
    coalesce(sum(total_tests) FILTER (WHERE counted), 0) AS total_tests,
    coalesce(sum(passed_tests) FILTER (WHERE counted), 0) AS total_passed,
    coalesce(sum(failed_tests) FILTER (WHERE counted), 0) AS total_failed,
    coalesce(sum(skipped_tests) FILTER (WHERE counted), 0) AS total_skipped,
    round(avg(duration_seconds) FILTER (WHERE counted), 2) AS avg_duration_seconds,
    count(*) FILTER (WHERE status = 'aborted' AND NOT simulated) AS aborted_count,
    count(*) FILTER (WHERE simulated) AS simulated_count
FROM sessions
CROSS JOIN LATERAL (SELECT status <> 'aborted' AND NOT simulated AS counted) AS one
GROUP BY test_date, test_type;
