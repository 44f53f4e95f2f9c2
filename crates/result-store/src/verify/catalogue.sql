-- All that the migrations, roles.sql and grants.sql give, as the server's catalogue has it: kind, name, detail.
-- Months are not in it: they follow the clock. Ran with an empty search path, so that every name has its schema.
WITH schema AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname IN (
        'infrastructure', 'credentials', 'network', 'virtualization', 'ai_ml', 'testing', 'scpi', 'audit',
        'scpi_run', 'public'
    )
),
chief AS (SELECT nspowner AS oid FROM pg_namespace WHERE nspname = 'infrastructure'),
-- What others keep in public is their own affair.
public_name (name) AS (VALUES
    ('view_device_summary'), ('view_network_topology'), ('view_test_history_summary'),
    ('mv_daily_test_summary'), ('idx_daily_test_summary'), ('update_updated_at_column'),
    ('log_device_status_change'), ('create_next_month_partitions'), ('refresh_daily_summaries')
),
relation AS (
    SELECT c.*, format('%I.%I', nspname, relname) AS name
    FROM pg_class AS c JOIN schema ON schema.oid = relnamespace
    WHERE NOT relispartition AND (nspname <> 'public' OR relname IN (SELECT name FROM public_name))
),
routine AS (
    SELECT p.*, format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)) AS name
    FROM pg_proc AS p JOIN schema ON schema.oid = pronamespace
    WHERE nspname <> 'public' OR proname IN (SELECT name FROM public_name)
),
-- Whose a thing is, where that is not who owns everything.
owned (kind, name, owner) AS (
    SELECT 'schema', quote_ident(nspname), nspowner FROM schema WHERE nspname <> 'public'
    UNION ALL SELECT 'relation', name, relowner FROM relation WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL SELECT 'function', name, proowner FROM routine
),
granted (kind, name, owner, acl) AS (
    SELECT 'schema', quote_ident(nspname), nspowner, coalesce(nspacl, acldefault('n', nspowner))
    FROM schema
    UNION ALL
    SELECT 'relation', name, relowner,
        coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
    FROM relation WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT 'column', format('%s.%I', name, attname), relowner, attacl
    FROM relation JOIN pg_attribute ON attrelid = relation.oid
    WHERE attnum > 0 AND NOT attisdropped AND attacl IS NOT NULL
    UNION ALL
    SELECT 'function', name, proowner, coalesce(proacl, acldefault('f', proowner)) FROM routine
    UNION ALL
    SELECT 'database', '', datdba, coalesce(datacl, acldefault('d', datdba))
    FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'later ' || CASE defaclobjtype
            WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
            WHEN 'T' THEN 'types' ELSE 'schemas' END,
        coalesce((SELECT quote_ident(nspname) FROM schema WHERE oid = defaclnamespace), ''), defaclrole, defaclacl
    FROM pg_default_acl WHERE defaclrole = (SELECT oid FROM chief)
),
line (kind, name, detail) AS (
    SELECT 'schema'::text, quote_ident(nspname), ''::text FROM schema
    UNION ALL
    SELECT 'extension', extname::text, nspname::text FROM pg_extension
    JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pgcrypto'
    UNION ALL
    SELECT
        CASE relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view'
            WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'relation of kind ' || relkind::text END,
        name,
        concat_ws(' ',
            'partitioned by ' || pg_get_partkeydef(oid),
            -- The text of a view is written a little differently by each version of the server, and once it went
            -- through a dump: its names, casts and brackets do not count.
            CASE WHEN relkind IN ('v', 'm') THEN 'of text ' || md5(regexp_replace(
                pg_get_viewdef(oid), '\s+|\m[a-z_]+\.|::(character varying|text)(\[\])?|[()]', '', 'g')) END,
            CASE relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
            array_to_string(reloptions, ' '),
            CASE WHEN relrowsecurity THEN 'with row security' END
        )
    FROM relation WHERE relkind NOT IN ('i', 'I')
    UNION ALL
    SELECT 'column', format('%s.%I', name, attname), concat_ws(' ',
        format_type(atttypid, atttypmod),
        CASE WHEN attnotnull THEN 'not null' END,
        'default ' || pg_get_expr(adbin, adrelid),
        nullif(attidentity::text, ''), nullif(attgenerated::text, '')
    )
    FROM relation JOIN pg_attribute ON attrelid = relation.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relkind IN ('r', 'p', 'v', 'm', 'c') AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'constraint', format('%I on %s', conname, name), concat_ws(' ',
        -- A list of words is written with other casts and brackets once it went through a dump.
        regexp_replace(regexp_replace(regexp_replace(
            pg_get_constraintdef(pg_constraint.oid),
            '::(character varying|text)(\[\])?', '', 'g'),
            '\((''[^'']*'')\)', '\1', 'g'),
            '\(\((ARRAY\[[^]]*\])\)\)', '(\1)', 'g'),
        CASE WHEN NOT convalidated THEN 'not valid' END
    )
    FROM relation JOIN pg_constraint ON conrelid = relation.oid WHERE contype NOT IN ('n', 't')
    UNION ALL
    SELECT 'index', name, concat_ws(' ',
        pg_get_indexdef(relation.oid), CASE WHEN NOT (indisvalid AND indisready) THEN 'not valid' END
    )
    FROM relation JOIN pg_index ON indexrelid = relation.oid
    UNION ALL
    SELECT 'trigger', format('%I on %s', tgname, name), concat_ws(' ',
        pg_get_triggerdef(pg_trigger.oid), CASE WHEN tgenabled <> 'O' THEN 'enabled: ' || tgenabled::text END
    )
    FROM relation JOIN pg_trigger ON tgrelid = relation.oid WHERE NOT tgisinternal
    UNION ALL
    SELECT 'function', name, concat_ws(' ',
        'returns', pg_get_function_result(oid),
        (SELECT lanname FROM pg_language WHERE pg_language.oid = prolang),
        CASE provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' END,
        CASE WHEN prosecdef THEN 'with its owner''s rights' END,
        'set ' || array_to_string(proconfig, '; '),
        'of text ' || md5(prosrc)
    )
    FROM routine
    UNION ALL
    SELECT 'partition', format('%I.%I', nspname, child.relname), 'DEFAULT of ' || relation.name
    FROM relation JOIN pg_partitioned_table ON partrelid = relation.oid
    JOIN pg_class AS child ON child.oid = partdefid
    JOIN pg_namespace ON pg_namespace.oid = child.relnamespace
    UNION ALL
    SELECT 'rule', format('%I on %s', rulename, name), pg_get_ruledef(pg_rewrite.oid)
    FROM relation JOIN pg_rewrite ON ev_class = relation.oid WHERE rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', format('%I on %s', polname, name), ''
    FROM relation JOIN pg_policy ON polrelid = relation.oid
    UNION ALL
    SELECT 'type', format('%I.%I', nspname, typname), ''
    FROM pg_type JOIN schema ON schema.oid = typnamespace
    WHERE nspname <> 'public' AND typtype IN ('d', 'e', 'r')
    UNION ALL
    SELECT 'owner of ' || kind, name, pg_get_userbyid(owner)::text FROM owned
    WHERE owner <> (SELECT oid FROM chief)
    UNION ALL
    SELECT 'grant on ' || kind,
        concat_ws(' to ', nullif(name, ''), CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(one.grantee) END),
        string_agg(
            one.privilege_type || CASE WHEN one.is_grantable THEN ' with grant option' ELSE '' END,
            ', ' ORDER BY one.privilege_type
        )
    FROM granted CROSS JOIN LATERAL aclexplode(acl) AS one
    WHERE one.grantee <> owner
    AND (kind <> 'database' OR one.grantee = 0 OR pg_get_userbyid(one.grantee) IN
        ('homelab_owner', 'homelab_app', 'homelab_readonly', 'homelab_admin'))
    GROUP BY kind, name, one.grantee
    UNION ALL
    SELECT 'default privileges', concat_ws(' in ', kind, nullif(name, '')), '' FROM granted WHERE kind LIKE 'later %'
    UNION ALL
    SELECT 'role', rolname, concat_ws(' ',
        CASE WHEN rolcanlogin THEN 'login' ELSE 'no login' END,
        CASE WHEN rolsuper THEN 'superuser' END,
        CASE WHEN rolbypassrls THEN 'bypasses row security' END,
        CASE WHEN rolcreaterole THEN 'makes roles' END,
        CASE WHEN rolcreatedb THEN 'makes databases' END,
        CASE WHEN rolreplication THEN 'replicates' END
    )
    FROM pg_roles WHERE rolname IN ('homelab_owner', 'homelab_app', 'homelab_readonly', 'homelab_admin')
    UNION ALL
    SELECT 'member', format('%s of %s', one.rolname, two.rolname), ''
    FROM pg_auth_members JOIN pg_roles AS one ON one.oid = member JOIN pg_roles AS two ON two.oid = roleid
    WHERE one.rolname IN ('homelab_owner', 'homelab_app', 'homelab_readonly', 'homelab_admin')
    AND two.rolname IN ('homelab_owner', 'homelab_app', 'homelab_readonly', 'homelab_admin')
    UNION ALL
    -- A key that is kept here in clear is in every dump.
    SELECT 'setting', concat_ws(' of ', split_part(one, '=', 1), pg_get_userbyid(nullif(setrole, 0))), ''
    FROM pg_db_role_setting CROSS JOIN LATERAL unnest(setconfig) AS one
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND one LIKE 'app.%'
)
SELECT kind::text, name::text, translate(detail, E'\n\t', '  ') FROM line
ORDER BY kind COLLATE "C", name COLLATE "C"
