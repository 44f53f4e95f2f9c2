-- The document's two functions, kept for programs that call them. They run with the caller's rights, look
-- nothing up in the caller's search path, and nobody may call them unless told so (grants.sql).
-- The key comes from SET LOCAL in the caller's transaction. Our own tools encrypt before the server sees anything.
CREATE FUNCTION credentials.encryption_key() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key text := nullif(current_setting('app.encryption_key', true), '');
BEGIN
    IF key IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = 'there is no encryption key',
            HINT = 'set app.encryption_key with SET LOCAL, in the same transaction';
    END IF;
    RETURN key;
END
$$;
REVOKE EXECUTE ON FUNCTION credentials.encryption_key() FROM PUBLIC;

CREATE FUNCTION credentials.encrypt_password(plain_password TEXT) RETURNS BYTEA
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN public.pgp_sym_encrypt(plain_password, credentials.encryption_key(), 'cipher-algo=aes256');
END
$$;
REVOKE EXECUTE ON FUNCTION credentials.encrypt_password(TEXT) FROM PUBLIC;

CREATE FUNCTION credentials.decrypt_password(encrypted_password BYTEA) RETURNS TEXT
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN public.pgp_sym_decrypt(encrypted_password, credentials.encryption_key());
END
$$;
REVOKE EXECUTE ON FUNCTION credentials.decrypt_password(BYTEA) FROM PUBLIC;
