-- $1: the end of the window, as text, or NULL for now; $2: its length in days.
-- A session that failed counts; what was aborted or simulated stands apart. What was skipped was not tried, and says
-- nothing of success.
WITH session AS (
    SELECT one.*,
        metadata -> 'simulated' IS NOT DISTINCT FROM 'true'::jsonb AS simulated,
        status <> 'aborted' AND metadata -> 'simulated' IS DISTINCT FROM 'true'::jsonb AS counted
    FROM testing.test_sessions AS one,
        (SELECT coalesce($1::text::timestamptz, now()) AS until) AS span
    WHERE started_at < until AND started_at >= until - make_interval(days => $2)
    AND status IN ('completed', 'failed', 'aborted')
)
SELECT
    test_type::text,
    count(*) FILTER (WHERE counted)::text,
    coalesce(sum(passed_tests) FILTER (WHERE counted), 0)::text,
    coalesce(sum(failed_tests) FILTER (WHERE counted), 0)::text,
    round(
        100.0 * sum(passed_tests) FILTER (WHERE counted)
        / nullif(sum(coalesce(passed_tests, 0) + coalesce(failed_tests, 0)) FILTER (WHERE counted), 0), 2
    )::text,
    count(*) FILTER (WHERE status = 'aborted' AND NOT simulated)::text,
    count(*) FILTER (WHERE simulated)::text
FROM session
GROUP BY test_type
ORDER BY test_type
