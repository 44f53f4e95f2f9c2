-- A recorder that may (GRANT SET ON PARAMETER session_replication_role) locks the parents of a batch of measurements once,
-- instead of having each row looked up. What tells of a batch must be told then too, and that an archive is not whole any more.
ALTER TABLE ONLY scpi.measurements ENABLE ALWAYS TRIGGER change_log_insert_trigger;
ALTER TABLE ONLY scpi.measurements ENABLE ALWAYS TRIGGER late_rows_trigger;
