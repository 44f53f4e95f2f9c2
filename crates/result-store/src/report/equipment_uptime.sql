-- $1: the end of the window, as text, or NULL for now; $2: its length in days.
-- How long an instrument was online follows from what it was before the window and from each change in it. Of the
-- time before its first line nothing is known, and it does not count; without any line there is no percentage.
WITH span AS (
    SELECT until - make_interval(days => $2) AS since, until
    FROM (SELECT coalesce($1::text::timestamptz, now()) AS until) AS one
),
state AS (
    SELECT equipment_id, new_status, "timestamp" AS at, true AS is_event
    FROM scpi.equipment_status_log, span
    WHERE "timestamp" >= since AND "timestamp" < until
    UNION ALL
    SELECT equipment_id, before.new_status, since, false
    FROM scpi.equipment, span
    CROSS JOIN LATERAL (
        SELECT new_status FROM scpi.equipment_status_log AS log
        WHERE log.equipment_id = equipment.equipment_id AND log."timestamp" < since
        ORDER BY log."timestamp" DESC, log_id DESC LIMIT 1
    ) AS before
),
lasting AS (
    SELECT state.*,
        extract(epoch FROM lead(at, 1, (SELECT until FROM span))
            OVER (PARTITION BY equipment_id ORDER BY at, is_event) - at) AS seconds
    FROM state
)
SELECT
    equipment.equipment_id::text,
    device_name::text,
    status::text,
    count(*) FILTER (WHERE new_status = 'online' AND is_event)::text,
    count(*) FILTER (WHERE new_status = 'offline' AND is_event)::text,
    to_char(max(at) FILTER (WHERE is_event) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    round(
        100 * coalesce(sum(seconds) FILTER (WHERE new_status = 'online'), 0) / nullif(sum(seconds), 0), 2
    )::text
FROM scpi.equipment
JOIN infrastructure.devices ON device_id = equipment.equipment_id
LEFT JOIN lasting USING (equipment_id)
GROUP BY equipment.equipment_id, device_name, status
ORDER BY device_name
