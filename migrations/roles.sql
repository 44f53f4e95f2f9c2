-- Who there is and who may come in. Roles belong to the whole server, so this is no versioned migration: it is
-- run before each migrate, and only what is missing is made. No password stands here.
DO $$
DECLARE
    here text := quote_ident(current_database());
    wanted record;
BEGIN
    FOR wanted IN SELECT * FROM (VALUES
        ('homelab_owner', 'NOLOGIN'),
        ('homelab_app', 'LOGIN'),
        ('homelab_readonly', 'LOGIN'),
        ('homelab_admin', 'LOGIN')
    ) AS one (role_name, login) LOOP
        IF to_regrole(wanted.role_name) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I %s', wanted.role_name, wanted.login);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- somebody else made it in this moment
            END;
        END IF;
    END LOOP;
    -- The administrator is no superuser: it may do what the owner of the objects may.
    IF NOT pg_has_role('homelab_admin', 'homelab_owner', 'MEMBER') THEN
        GRANT homelab_owner TO homelab_admin;
    END IF;
    IF NOT pg_has_role(current_user, 'homelab_owner', 'MEMBER') THEN
        EXECUTE format('GRANT homelab_owner TO %I', current_user);
    END IF;
    IF has_database_privilege('public', current_database(), 'CONNECT') THEN
        EXECUTE 'REVOKE ALL ON DATABASE ' || here || ' FROM PUBLIC';
    END IF;
    -- A list of privileges would ask for any of them.
    IF NOT (
        has_database_privilege('homelab_owner', current_database(), 'CREATE')
        AND has_database_privilege('homelab_owner', current_database(), 'TEMPORARY')
    ) THEN
        EXECUTE 'GRANT CREATE, TEMPORARY ON DATABASE ' || here || ' TO homelab_owner';
    END IF;
    IF NOT has_schema_privilege('homelab_owner', 'public', 'CREATE') THEN
        GRANT USAGE, CREATE ON SCHEMA public TO homelab_owner;
    END IF;
    EXECUTE 'GRANT CONNECT ON DATABASE ' || here
        || ' TO homelab_owner, homelab_app, homelab_readonly, homelab_admin';
END
$$;
