-- What sessions are looked for by, beside the JSON that says it: a list of past runs, and a dashboard, would else take
-- each session's whole plan out of storage to look into it.
ALTER TABLE testing.test_sessions
ADD COLUMN plan_name TEXT GENERATED ALWAYS AS (metadata #>> '{start,plan,name}') STORED,
ADD COLUMN dut_serial TEXT GENERATED ALWAYS AS (metadata #>> '{dut,serial}') STORED,
ADD COLUMN verdict TEXT GENERATED ALWAYS AS (metadata #>> '{finished,end,verdict}') STORED,
ADD COLUMN is_simulated BOOLEAN GENERATED ALWAYS AS (metadata @> '{"simulated": true}') STORED,
ADD COLUMN is_partial BOOLEAN GENERATED ALWAYS AS (metadata @> '{"partial": true}') STORED;

CREATE INDEX idx_test_sessions_plan ON testing.test_sessions (plan_name, started_at);
CREATE INDEX idx_test_sessions_dut ON testing.test_sessions (dut_serial, started_at);
