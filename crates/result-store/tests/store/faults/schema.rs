//! What cannot be made, or is made wrong.

use super::{Fault, Is, To, Well};

/// On a database with nothing in it.
pub(super) const BARE: &[Fault] = &[
    Fault {
        number: 1,
        theirs: &[("{@ table infrastructure.devices}", To("3F000"))],
        ours: &[(
            "SELECT count(*)::text FROM pg_namespace WHERE nspname IN ('infrastructure', 'credentials', 'network',
                'scpi', 'virtualization', 'ai_ml', 'testing', 'audit')",
            Is("8"),
        )],
    },
    Fault {
        number: 2,
        theirs: &[
            ("CREATE SCHEMA infrastructure; CREATE SCHEMA scpi; CREATE SCHEMA testing", Well),
            ("{@ table infrastructure.devices}", Well),
            ("{@ table scpi.equipment}", Well),
            ("{@ table scpi.measurements}", To("42P01")),
        ],
        ours: &[(
            "SELECT count(*)::text FROM pg_constraint WHERE conrelid = 'scpi.measurements'::regclass
                AND confrelid = 'testing.test_sessions'::regclass",
            Is("1"),
        )],
    },
];

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        number: 4,
        theirs: &[("{@ index idx_events_recent}", To("42P17"))],
        ours: &[(
            "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'audit.idx_events_recent'::regclass",
            Is("(NOT acknowledged)"),
        )],
    },
    // The import itself, and its doubles: `legacy.rs`.
    Fault {
        number: 5,
        theirs: &[
            ("{@ insert infrastructure.devices}", To("42P01")),
            ("ROLLBACK; BEGIN", Well),
            ("CREATE SCHEMA old_database", Well),
            ("CREATE TABLE old_database.services (equipment_id int, name text, port int, endpoint text)", Well),
            ("{@ insert infrastructure.services}", To("42703")),
        ],
        ours: &[
            (
                "INSERT INTO infrastructure.devices (device_name, device_type, metadata)
                    VALUES ('a', 'vm', '{\"legacy_id\": \"7\"}')",
                Well,
            ),
            (
                "SELECT device_name FROM infrastructure.devices WHERE metadata ->> 'legacy_id' = '7'",
                Is("a"),
            ),
        ],
    },
    Fault {
        number: 8,
        theirs: &[("{@ vacuum}", To("25001"))],
        // `Store::maintain` does it, outside of any transaction.
        ours: &[("SELECT count(*)::text FROM pg_proc WHERE pronamespace = 'scpi_run'::regnamespace
            AND prosrc ILIKE '%vacuum%'", Is("0"))],
    },
    Fault {
        number: 9,
        theirs: &[
            ("SELECT create_next_month_partitions()", Well),
            (
                "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relkind = 'r' AND relname LIKE
                    'network.health_history_%'",
                Is("public"),
            ),
        ],
        ours: &[
            ("SELECT create_next_month_partitions()", Well),
            ("SELECT count(*)::text FROM pg_class WHERE relname LIKE 'network.health_history_%'", Is("0")),
            (
                "SELECT (count(*) >= 15)::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                    WHERE relkind = 'r' AND relname ~ '_20[0-9]{2}_[0-9]{2}$'",
                Is("true"),
            ),
        ],
    },
    // Its other half: the bounds of a month in a session that is not in UTC.
    Fault {
        number: 9,
        theirs: &[
            ("SET LOCAL TimeZone = 'America/New_York'", Well),
            ("SELECT create_next_month_partitions()", Well),
            ("SET LOCAL TimeZone = 'UTC'", Well),
            (
                "SELECT (pg_get_expr(relpartbound, oid) LIKE '% 00:00:00+00%')::text FROM pg_class
                    WHERE relkind = 'r' AND relname LIKE 'network.health_history_%'",
                Is("false"),
            ),
        ],
        ours: &[
            ("SET LOCAL TimeZone = 'America/New_York'", Well),
            ("SELECT scpi_run.ensure_partitions('2031-01-01', '2031-01-01')", Well),
            ("SET LOCAL TimeZone = 'UTC'", Well),
            (
                "SELECT pg_get_expr(relpartbound, oid) FROM pg_class
                    WHERE oid = 'network.health_history_2031_01'::regclass",
                Is("FOR VALUES FROM ('2031-01-01 00:00:00+00') TO ('2031-02-01 00:00:00+00')"),
            ),
        ],
    },
    Fault {
        number: 10,
        theirs: &[(
            "INSERT INTO scpi.measurements (\"timestamp\", measurement_type, value, unit)
                VALUES ('2031-01-01', 'voltage', 1, 'V')",
            To("23514"),
        )],
        ours: &[
            (
                "INSERT INTO scpi.measurements (\"timestamp\", measurement_type, value, unit)
                    VALUES ('2031-01-01', 'voltage', 1, 'V')",
                Well,
            ),
            ("SELECT tableoid::regclass::text FROM scpi.measurements", Is("scpi.measurements_default")),
            ("SELECT scpi_run.ensure_partitions('2031-01-01', '2031-01-01')", Well),
            ("SELECT tableoid::regclass::text FROM scpi.measurements", Is("scpi.measurements_2031_01")),
        ],
    },
    Fault {
        number: 11,
        theirs: &[
            ("INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'vm')", Well),
            ("UPDATE infrastructure.devices SET status = 'online'", To("23514")),
        ],
        ours: &[
            ("INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'vm')", Well),
            ("UPDATE infrastructure.devices SET status = 'online'", Well),
            ("UPDATE infrastructure.devices SET status = NULL", Well),
            ("UPDATE infrastructure.devices SET notes = 'no event'", Well),
            (
                "SELECT string_agg(description, '; ' ORDER BY event_id) FROM audit.system_events",
                Is("Status changed from unknown to online; Status changed from online to unknown"),
            ),
        ],
    },
    Fault {
        number: 12,
        theirs: &[(
            "SELECT count(*)::text FROM pg_trigger WHERE tgfoid = 'update_updated_at_column'::regproc",
            Is("2"),
        )],
        ours: &[(
            "SELECT count(*)::text FROM pg_trigger WHERE tgfoid = 'update_updated_at_column'::regproc",
            Is("10"),
        )],
    },
    Fault {
        number: 24,
        theirs: &[("REFRESH MATERIALIZED VIEW CONCURRENTLY mv_daily_test_summary", To("55000"))],
        ours: &[
            ("REFRESH MATERIALIZED VIEW CONCURRENTLY mv_daily_test_summary", Well),
            ("SELECT refresh_daily_summaries()", Well),
        ],
    },
    Fault {
        number: 31,
        theirs: &[("INSERT INTO testing.test_results (test_name, status) VALUES ('a', 'banana')", Well)],
        ours: &[
            ("INSERT INTO testing.test_results (test_name, status) VALUES ('a', 'ERROR')", Well),
            ("INSERT INTO testing.test_results (test_name, status) VALUES ('a', 'banana')", To("23514")),
        ],
    },
    Fault {
        number: 34,
        theirs: &[
            ("INSERT INTO infrastructure.services (service_name) VALUES ('a'), ('a')", Well),
            ("INSERT INTO ai_ml.ollama_models (model_name) VALUES ('a'), ('a')", Well),
        ],
        ours: &[("INSERT INTO infrastructure.services (service_name) VALUES ('a'), ('a')", To("23505"))],
    },
    Fault {
        number: 36,
        theirs: &[(
            "SELECT count(*)::text FROM pg_indexes WHERE indexdef ~ 'test_session_id|serial_number|test_sessions USING gin'",
            Is("0"),
        )],
        ours: &[(
            "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE indexname LIKE 'idx\\_%'
                AND indexdef ~ 'test_session_id|serial_number|test_sessions USING gin'",
            Is("idx_devices_serial idx_measurements_session idx_test_sessions_metadata"),
        )],
    },
    Fault {
        number: 37,
        theirs: &[
            (
                "INSERT INTO network.networks (network_name, subnet, gateway, vlan_id)
                    VALUES ('n', '10.0.1.0/24', '10.0.2.1', 5000)",
                Well,
            ),
            ("INSERT INTO infrastructure.services (service_name, port) VALUES ('s', 99999)", Well),
            ("INSERT INTO testing.test_sessions (total_tests, passed_tests) VALUES (1, 2)", Well),
        ],
        ours: &[(
            "INSERT INTO network.networks (network_name, subnet, gateway) VALUES ('n', '10.0.1.0/24', '10.0.2.1')",
            To("23514"),
        )],
    },
    Fault {
        number: 38,
        theirs: &[(
            "SELECT count(*)::text FROM information_schema.columns WHERE table_schema = 'audit'
                AND table_name = 'change_log' AND column_name = 'record_key'",
            Is("0"),
        )],
        ours: &[
            ("INSERT INTO infrastructure.devices (device_name, device_type) VALUES ('a', 'vm')", Well),
            ("SELECT table_name::text FROM audit.change_log", Is("infrastructure.devices")),
        ],
    },
];
