-- Who reads a secret is written down by the function that hands it out, in the same transaction, and who does not get
-- it too. What is handed out is encrypted: the key is the client's, and the server never sees it.
CREATE FUNCTION credentials.log_access(
    credential UUID, method TEXT, purpose TEXT, success BOOLEAN, details JSONB
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO credentials.credential_access_log (
        credential_id, accessed_at, accessed_by, access_method, purpose, success, source_ip, metadata
    ) VALUES (
        credential, clock_timestamp(), audit.current_actor(), method, purpose, success,
        inet_client_addr(), details
    )
$$;
REVOKE EXECUTE ON FUNCTION credentials.log_access(UUID, TEXT, TEXT, BOOLEAN, JSONB) FROM PUBLIC;

-- Gives what is encrypted under a key, or says why not. It raises nothing, so that its line of the log stays.
CREATE FUNCTION credentials.fetch_secret(
    wanted_name TEXT, wanted_secret TEXT, with_key TEXT, method TEXT, purpose TEXT
) RETURNS TABLE (credential UUID, ciphertext BYTEA, problem TEXT, key_of_it TEXT)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held credentials.system_credentials;
BEGIN
    SELECT * INTO held FROM credentials.system_credentials AS one
    WHERE one.system_name = wanted_name FOR UPDATE;
    credential := held.credential_id;
    key_of_it := (SELECT key_name FROM credentials.encryption_keys WHERE key_id = held.key_id);
    ciphertext := CASE wanted_secret
        WHEN 'password' THEN held.password_encrypted
        WHEN 'ssh_key' THEN held.ssh_key_encrypted
        WHEN 'api_key' THEN held.api_key_encrypted
    END;
    problem := CASE
        WHEN credential IS NULL THEN 'unknown'
        WHEN ciphertext IS NULL THEN 'no secret'
        WHEN key_of_it IS DISTINCT FROM with_key THEN 'other key'
    END;
    PERFORM credentials.log_access(
        credential, method, purpose, problem IS NULL,
        jsonb_strip_nulls(jsonb_build_object(
            'secret', wanted_secret, 'problem', problem,
            'system_name', CASE WHEN credential IS NULL THEN wanted_name END
        ))
    );
    IF problem IS NULL THEN
        UPDATE credentials.system_credentials AS one SET last_used_at = clock_timestamp()
        WHERE one.credential_id = credential;
    ELSE
        ciphertext := NULL;
    END IF;
    RETURN NEXT;
END
$$;
REVOKE EXECUTE ON FUNCTION credentials.fetch_secret(TEXT, TEXT, TEXT, TEXT, TEXT) FROM PUBLIC;
