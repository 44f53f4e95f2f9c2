//! Secrets and rights.

use super::{Fault, Is, To, Well};

/// A login that was given nothing but a look into the schema, and puts a function of its own before the real one.
const THIEF: &str = "CREATE ROLE fault_thief; GRANT USAGE ON SCHEMA credentials TO fault_thief;
    CREATE SCHEMA trap AUTHORIZATION fault_thief; SET LOCAL app.encryption_key = 'the key';
    SET LOCAL ROLE fault_thief;
    CREATE FUNCTION trap.pgp_sym_encrypt(text, text) RETURNS bytea LANGUAGE sql
        AS $$ SELECT convert_to($2 || ' as ' || current_user, 'UTF8') $$;
    SET LOCAL search_path = trap, public";
const APP: &str = "{@ grant schemas to homelab_app}; {@ grant tables to homelab_app};
    {@ grant sequences to homelab_app}; SET LOCAL ROLE homelab_app";
const READER: &str = "{@ grant schemas to homelab_readonly}; {@ grant tables to homelab_readonly}";
const CREDENTIAL: &str = "SET LOCAL app.encryption_key = 'the key';
    INSERT INTO credentials.system_credentials (system_name, system_type, username, password_encrypted)
    VALUES ('nas', 'nas', 'ann', credentials.encrypt_password('x'))";

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        number: 3,
        theirs: &[("{@ insert credentials.system_credentials}", To("42704"))],
        ours: &[
            ("SELECT count(*)::text FROM credentials.system_credentials", Is("0")),
            ("SELECT credentials.encrypt_password('x')", To("22023")),
        ],
    },
    Fault {
        number: 6,
        theirs: &[("{@ grant connect to homelab_app}", To("3D000"))],
        ours: &[(
            "SELECT has_database_privilege('homelab_app', current_database(), 'CONNECT')::text",
            Is("true"),
        )],
    },
    Fault {
        number: 7,
        theirs: &[("{@ role homelab_app}", To("42710"))],
        ours: &[("{roles.sql}", Well), ("{roles.sql}", Well)],
    },
    Fault {
        number: 13,
        theirs: &[
            (THIEF, Well),
            (
                "SELECT convert_from(credentials.encrypt_password('x'), 'UTF8')",
                Is("the key as postgres"),
            ),
        ],
        ours: &[(THIEF, Well), ("SELECT credentials.encrypt_password('x')", To("42501"))],
    },
    // The fourth byte of such a message names its cipher: 7 is AES-128, and 9 AES-256.
    Fault {
        number: 14,
        theirs: &[
            ("SET LOCAL app.encryption_key = 'the key'", Well),
            ("SELECT get_byte(credentials.encrypt_password('x'), 3)::text", Is("7")),
        ],
        ours: &[
            ("SET LOCAL app.encryption_key = 'the key'", Well),
            ("SELECT get_byte(credentials.encrypt_password('x'), 3)::text", Is("9")),
            ("SELECT credentials.decrypt_password(credentials.encrypt_password('x'))", Is("x")),
        ],
    },
    Fault {
        number: 15,
        theirs: &[
            (CREDENTIAL, Well),
            ("UPDATE credentials.system_credentials SET ssh_key = 'in clear'", Well),
        ],
        ours: &[
            (CREDENTIAL, Well),
            ("UPDATE credentials.system_credentials SET ssh_key_encrypted = 'sealed'", Well),
            ("UPDATE credentials.system_credentials SET ssh_key = 'in clear'", To("23514")),
        ],
    },
    Fault {
        number: 16,
        theirs: &[
            (CREDENTIAL, Well),
            (
                "SELECT credentials.decrypt_password(password_encrypted) FROM credentials.system_credentials",
                Is("x"),
            ),
            ("SELECT count(*)::text FROM credentials.credential_access_log", Is("0")),
        ],
        ours: &[
            (CREDENTIAL, Well),
            (
                "SELECT problem FROM credentials.fetch_secret('nas', 'password', 'no key', 'manual', 'to see')",
                Is("other key"),
            ),
            (
                "SELECT problem FROM credentials.fetch_secret('ghost', 'password', 'no key', 'manual', NULL)",
                Is("unknown"),
            ),
            (
                "SELECT string_agg(success::text, ' ') FROM credentials.credential_access_log",
                Is("false false"),
            ),
            ("DELETE FROM credentials.system_credentials", To("23503")),
        ],
    },
    // Its other half: the log goes with what it is about.
    Fault {
        number: 16,
        theirs: &[
            (CREDENTIAL, Well),
            (
                "INSERT INTO credentials.credential_access_log (credential_id, accessed_by)
                    SELECT credential_id, 'ann' FROM credentials.system_credentials",
                Well,
            ),
            ("DELETE FROM credentials.system_credentials", Well),
            ("SELECT count(*)::text FROM credentials.credential_access_log", Is("0")),
        ],
        ours: &[(
            "SELECT confdeltype::text FROM pg_constraint
                WHERE conrelid = 'credentials.credential_access_log'::regclass AND contype = 'f'",
            Is("r"),
        )],
    },
    Fault {
        number: 17,
        theirs: &[(
            "SELECT has_table_privilege('homelab_admin', 'credentials.system_credentials', 'SELECT')::text",
            Is("false"),
        )],
        ours: &[
            (
                "SELECT has_table_privilege('homelab_admin', 'credentials.system_credentials', 'SELECT')::text",
                Is("true"),
            ),
            ("SELECT rolsuper::text FROM pg_roles WHERE rolname = 'homelab_admin'", Is("false")),
            (
                "SELECT (has_schema_privilege('homelab_app', 'credentials', 'USAGE')
                    OR has_schema_privilege('homelab_readonly', 'credentials', 'USAGE'))::text",
                Is("false"),
            ),
        ],
    },
    Fault {
        number: 18,
        theirs: &[(
            "SELECT ($role$ {@ role homelab_app} $role$ LIKE '% PASSWORD ''%')::text",
            Is("true"),
        )],
        ours: &[("SELECT ($role$ {roles.sql} $role$ ILIKE '% PASSWORD ''%')::text", Is("false"))],
    },
    Fault {
        number: 19,
        theirs: &[
            (READER, Well),
            ("CREATE TABLE network.later (a int); SET LOCAL ROLE homelab_readonly", Well),
            ("SELECT count(*)::text FROM network.later", To("42501")),
        ],
        ours: &[
            ("SET LOCAL ROLE homelab_owner; CREATE TABLE network.later (a int)", Well),
            ("SET LOCAL ROLE homelab_readonly", Well),
            ("SELECT count(*)::text FROM network.later", Is("0")),
        ],
    },
    Fault {
        number: 20,
        theirs: &[
            (READER, Well),
            ("SET LOCAL ROLE homelab_readonly", Well),
            ("SELECT count(*) FROM view_device_summary", To("42501")),
        ],
        ours: &[
            ("SET LOCAL ROLE homelab_readonly", Well),
            ("SELECT count(*)::text FROM view_device_summary, mv_daily_test_summary", Is("0")),
        ],
    },
    Fault {
        number: 21,
        theirs: &[(APP, Well), ("SELECT create_next_month_partitions()", To("42501"))],
        ours: &[
            ("SET LOCAL ROLE homelab_app", Well),
            ("SELECT create_next_month_partitions(), refresh_daily_summaries()", Well),
            ("DELETE FROM infrastructure.devices", Well),
            ("DELETE FROM testing.test_results", To("42501")),
        ],
    },
    Fault {
        number: 22,
        theirs: &[(APP, Well), ("UPDATE audit.change_log SET changed_by = 'nobody'", Well)],
        ours: &[
            ("SET LOCAL ROLE homelab_app", Well),
            ("UPDATE audit.change_log SET changed_by = 'nobody'", To("42501")),
        ],
    },
    Fault {
        number: 43,
        theirs: &[(
            "SELECT has_database_privilege('public', current_database(), 'CONNECT')::text",
            Is("true"),
        )],
        ours: &[(
            "SELECT concat(has_database_privilege('public', current_database(), 'CONNECT'),
                has_database_privilege('public', current_database(), 'TEMPORARY'))",
            Is("ff"),
        )],
    },
];
