//! What is counted wrong, and what gets lost.

use super::{Fault, Is, To, Well};

/// A session of which everything passed, and one of which everything failed.
const SESSIONS: &str =
    "INSERT INTO testing.test_sessions (test_type, status, started_at, total_tests, passed_tests,
        failed_tests, skipped_tests)
    VALUES ('manual', 'completed', now() - interval '1 hour', 12, 10, 0, 2),
        ('manual', 'failed', now() - interval '1 hour', 10, 0, 10, 0)";
const METER: &str = "WITH device AS (
        INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('meter', 'physical') RETURNING device_id
    ), equipment AS (
        INSERT INTO scpi.equipment (equipment_id, scpi_address) SELECT device_id, 'x' FROM device RETURNING equipment_id
    ) INSERT INTO scpi.measurements (\"timestamp\", equipment_id, measurement_type, value, unit)
        SELECT '2025-12-05 00:00+00', equipment_id, 'voltage', 1, 'V' FROM equipment";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        number: 23,
        theirs: &[
            ("INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'vm')", Well),
            ("SELECT count(*)::text FROM audit.change_log", Is("0")),
            (
                "INSERT INTO audit.change_log (table_name, operation, record_id) VALUES ('x', 'INSERT', 1::bigint)",
                To("42804"),
            ),
        ],
        ours: &[
            ("INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'vm')", Well),
            ("UPDATE infrastructure.devices SET location = 'shelf'", Well),
            (
                "SELECT string_agg(concat_ws(' ', operation, new_values ->> 'location', record_id IS NOT NULL), '; '
                    ORDER BY log_id) FROM audit.change_log",
                Is("INSERT t; UPDATE shelf t"),
            ),
        ],
    },
    Fault {
        number: 25,
        theirs: &[
            (SESSIONS, Well),
            ("SELECT concat_ws(' ', total_passed, total_failed) FROM view_test_history_summary", Is("10 0")),
            ("SELECT success_rate_percent::text FROM ({@ query test success}) AS one", Is("83.33")),
        ],
        ours: &[
            (SESSIONS, Well),
            ("SELECT concat_ws(' ', total_passed, total_failed) FROM view_test_history_summary", Is("10 10")),
            ("SELECT rate FROM ({our test success}) AS one (kind, sessions, passed, failed, rate)", Is("50.00")),
        ],
    },
    Fault {
        number: 26,
        theirs: &[
            ("SET LOCAL TimeZone = 'Asia/Tokyo'", Well),
            ("INSERT INTO testing.test_sessions (status, started_at) VALUES ('completed', '2026-03-01 23:30+00')", Well),
            ("SELECT test_date::text FROM view_test_history_summary", Is("2026-03-02")),
        ],
        ours: &[
            ("SET LOCAL TimeZone = 'Asia/Tokyo'", Well),
            ("INSERT INTO testing.test_sessions (status, started_at) VALUES ('completed', '2026-03-01 23:30+00')", Well),
            ("SELECT test_date::text FROM view_test_history_summary", Is("2026-03-01")),
        ],
    },
    Fault {
        number: 27,
        theirs: &[
            ("INSERT INTO network.networks (network_name, subnet, gateway) VALUES ('n', '10.0.1.0/24', '10.0.1.1')", Well),
            (
                "SELECT devices::text FROM view_network_topology",
                Is("[{\"status\": null, \"ip_address\": null, \"device_name\": null}]"),
            ),
        ],
        ours: &[
            ("INSERT INTO network.networks (network_name, subnet, gateway) VALUES ('n', '10.0.1.0/24', '10.0.1.1')", Well),
            ("SELECT devices::text FROM view_network_topology", Is("[]")),
        ],
    },
    Fault {
        number: 28,
        theirs: &[
            (METER, Well),
            ("SELECT count(*)::text FROM ({@ query equipment uptime}) AS one", Is("0")),
        ],
        ours: &[(METER, Well), ("SELECT count(*)::text FROM ({our uptime}) AS one", Is("1"))],
    },
    // Its other half: what was asked of a model that is gone was never asked.
    Fault {
        number: 28,
        theirs: &[
            ("INSERT INTO ai_ml.model_inference_log (\"timestamp\") VALUES ('2025-12-05')", Well),
            (
                "SELECT count(*)::text FROM ai_ml.model_inference_log AS l JOIN ai_ml.ollama_models AS m
                    ON l.model_id = m.model_id",
                Is("0"),
            ),
        ],
        ours: &[
            ("INSERT INTO ai_ml.model_inference_log (total_tokens, \"timestamp\") VALUES (1, now() - interval '1 hour'),
                (2, now() - interval '1 hour')", Well),
            ("SELECT concat_ws(' ', name, asked, tokens) FROM ({our models}) AS one (name, asked, speed, tokens)",
                Is("(unknown) 2 1.50")),
        ],
    },
    Fault {
        number: 29,
        theirs: &[
            (
                "WITH device AS (INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'vm')
                    RETURNING device_id)
                 INSERT INTO infrastructure.services (device_id, service_name) SELECT device_id, 's' FROM device",
                Well,
            ),
            ("SELECT (last_service_check IS NULL)::text FROM view_device_summary", Is("false")),
        ],
        ours: &[
            (
                "WITH device AS (INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'vm')
                    RETURNING device_id)
                 INSERT INTO infrastructure.services (device_id, service_name) SELECT device_id, 's' FROM device",
                Well,
            ),
            ("SELECT (last_service_check IS NULL)::text FROM view_device_summary", Is("true")),
        ],
    },
    // An overload that is an ordinary number spoils every mean. Ours is Infinity, which the recorder writes, and the
    // response's own text stands beside it.
    Fault {
        number: 30,
        theirs: &[
            (
                "INSERT INTO scpi.measurements (\"timestamp\", measurement_type, value, unit)
                    VALUES ('2025-12-05', 'voltage', 1, 'V'), ('2025-12-05', 'voltage', 9.9E37, 'V')",
                Well,
            ),
            ("SELECT (avg(value) FILTER (WHERE value < 'Infinity') > 1E37)::text FROM scpi.measurements", Is("true")),
        ],
        ours: &[
            (
                "INSERT INTO scpi.measurements (\"timestamp\", measurement_type, value, unit, metadata)
                    VALUES ('2025-12-05', 'voltage', 1, 'V', NULL),
                        ('2025-12-05', 'voltage', 'Infinity', 'V', '{\"raw\": \"9.9E37\"}')",
                Well,
            ),
            ("SELECT trim_scale(avg(value) FILTER (WHERE value < 'Infinity'))::text FROM scpi.measurements", Is("1")),
        ],
    },
    Fault {
        number: 32,
        theirs: &[
            (METER, Well),
            ("DELETE FROM infrastructure.devices", Well),
            ("SELECT count(*)::text FROM scpi.measurements", Is("0")),
        ],
        ours: &[
            (METER, Well),
            ("UPDATE infrastructure.devices SET status = 'retired'", Well),
            ("DELETE FROM infrastructure.devices", To("23503")),
        ],
    },
    Fault {
        number: 33,
        theirs: &[(
            "SELECT count(*)::text FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND NOT EXISTS (
                SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])",
            Is("4"),
        )],
        ours: &[(
            "SELECT count(*)::text FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND NOT EXISTS (
                SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])",
            Is("0"),
        )],
    },
    // Nothing tells a batch that is sent again from a new one. Ours goes in together with the row that says how far its
    // journal has come, and there is one such row.
    Fault {
        number: 35,
        theirs: &[
            (METER, Well),
            (
                "INSERT INTO scpi.measurements (\"timestamp\", equipment_id, measurement_type, value, unit)
                    SELECT \"timestamp\", equipment_id, measurement_type, value, unit FROM scpi.measurements",
                Well,
            ),
            ("SELECT count(*)::text FROM scpi.measurements", Is("2")),
        ],
        ours: &[
            (
                "INSERT INTO scpi_run.journal_position (session_id, counts)
                    VALUES ('01890000-0000-7000-8000-000000000001', '{}')",
                Well,
            ),
            (
                "INSERT INTO scpi_run.journal_position (session_id, counts)
                    VALUES ('01890000-0000-7000-8000-000000000001', '{}')",
                To("23505"),
            ),
        ],
    },
    // A month is dropped, and no statement keeps what was in it. The archive itself, and that a month comes back from
    // it the same: `archive.rs`.
    Fault {
        number: 40,
        theirs: &[
            ("CREATE TABLE network.health_history_2024_01 PARTITION OF network.health_history
                FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')", Well),
            ("INSERT INTO network.health_history (\"timestamp\", subsystem) VALUES ('2024-01-05', 'wan')", Well),
            ("{@ drop partition}", Well),
            ("SELECT count(*)::text FROM network.health_history", Is("0")),
            ("SELECT to_regclass('scpi_run.archives')::text", Is("-")),
        ],
        ours: &[
            (
                "INSERT INTO scpi_run.archives (family, month, file_name, rows, row_hash, file_bytes, file_sha256)
                    VALUES ('network.health_history', '2024-01-01', 'x', 1, 0, 1, sha256('x'))",
                Well,
            ),
            // A late row in it: the archive is not the whole month any more.
            ("SELECT scpi_run.ensure_partitions('2024-01-05', '2024-01-05')", Well),
            ("INSERT INTO network.health_history (\"timestamp\", subsystem) VALUES ('2024-01-05', 'wan')", Well),
            ("SELECT status FROM scpi_run.archives", Is("superseded")),
        ],
    },
];
