-- $1: the end of the window, as text, or NULL for now; $2: its length in days.
-- What was asked of a model that is not in the inventory was asked all the same.
SELECT
    coalesce(model_name, '(unknown)')::text,
    count(*)::text,
    round(avg(tokens_per_second) FILTER (WHERE tokens_per_second NOT IN ('NaN', 'Infinity', '-Infinity')), 2)::text,
    round(avg(total_tokens), 2)::text,
    count(*) FILTER (WHERE success IS FALSE)::text
FROM ai_ml.model_inference_log AS log
CROSS JOIN (SELECT coalesce($1::text::timestamptz, now()) AS until) AS span
LEFT JOIN ai_ml.ollama_models USING (model_id)
WHERE log."timestamp" < until AND log."timestamp" >= until - make_interval(days => $2)
GROUP BY model_id, model_name
ORDER BY count(*) DESC, model_name
