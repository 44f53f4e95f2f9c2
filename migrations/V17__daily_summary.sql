-- The history by day, kept ready for dashboards; refreshed while they read it.
CREATE MATERIALIZED VIEW public.mv_daily_test_summary AS
SELECT
    test_date,
    test_type,
    session_count,
    total_tests,
    total_passed,
    total_failed,
    total_skipped,
    avg_duration_seconds
FROM public.view_test_history_summary;

-- Without it the view cannot be refreshed concurrently.
CREATE UNIQUE INDEX idx_daily_test_summary
ON public.mv_daily_test_summary (test_date, test_type) NULLS NOT DISTINCT;

CREATE FUNCTION public.refresh_daily_summaries() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY public.mv_daily_test_summary;
END
$$;
REVOKE EXECUTE ON FUNCTION public.refresh_daily_summaries() FROM PUBLIC;
