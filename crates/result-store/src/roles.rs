//! Who may connect, and as what.

use std::fmt;

use postgres_protocol::password::scram_sha_256;
use tokio_postgres::Row;

use crate::config::StoreConfig;
use crate::connection::Connection;
use crate::error::{Cause, Doing, StoreError};
use crate::secret::Secret;

/// The most bytes of a role's name; the server would cut it without a word.
const MAX_NAME_BYTES: usize = 63;

const LIST: &str = "
    SELECT one.rolname::text, string_agg(role.rolname::text, ', ' ORDER BY role.rolname)
    FROM pg_roles AS one JOIN pg_roles AS role
        ON role.rolname IN ('homelab_app', 'homelab_readonly', 'homelab_admin')
        AND pg_has_role(one.oid, role.oid, 'MEMBER')
    WHERE one.rolcanlogin AND NOT one.rolsuper
    GROUP BY one.rolname ORDER BY one.rolname";
/// What is set is gone with the transaction.
const PREPARE: &str = "SELECT set_config('scpi_run.login', $1, true),
    set_config('scpi_run.rights', $2, true), set_config('scpi_run.verifier', $3, true)";
/// A statement of roles takes no parameters: made here from what was set, its text is seen by nobody, neither in
/// pg_stat_activity nor in a log of statements.
const MAKE: &str = "DO $$
    DECLARE
        login text := current_setting('scpi_run.login');
        rights text := current_setting('scpi_run.rights');
        other text;
    BEGIN
        IF to_regrole(quote_ident(rights)) IS NULL THEN
            RAISE undefined_object USING MESSAGE = format('there is no role %s', rights),
                HINT = '`scpi-run db migrate` by a user who may make roles makes it';
        END IF;
        IF to_regrole(quote_ident(login)) IS NULL THEN
            EXECUTE format('CREATE ROLE %I', login);
        ELSIF (SELECT rolsuper FROM pg_roles WHERE rolname = login) THEN
            RAISE insufficient_privilege USING MESSAGE = format('%s is a superuser', login),
                HINT = 'give a name of its own to who works with this database';
        END IF;
        EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', login, current_setting('scpi_run.verifier'));
        FOREACH other IN ARRAY ARRAY['homelab_app', 'homelab_readonly', 'homelab_admin'] LOOP
            CONTINUE WHEN other = login OR to_regrole(other) IS NULL;
            IF other = rights THEN
                EXECUTE format('GRANT %I TO %I', other, login);
            ELSIF EXISTS (
                SELECT FROM pg_auth_members WHERE roleid = to_regrole(other) AND member = to_regrole(quote_ident(login))
            ) THEN
                EXECUTE format('REVOKE %I FROM %I', other, login);
            END IF;
        END LOOP;
    END
    $$";

/// What a login may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Write results and inventory; delete no history, see no secrets.
    App,
    /// Read all but secrets.
    ReadOnly,
    /// Everything of the schema, secrets too.
    Admin,
}

impl Rights {
    /// The role that has them.
    #[must_use]
    pub fn role(self) -> &'static str {
        match self {
            Self::App => "homelab_app",
            Self::ReadOnly => "homelab_readonly",
            Self::Admin => "homelab_admin",
        }
    }
}

/// Who may connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub name: String,
    /// The roles whose rights it has.
    pub roles: String,
}

/// `ann: homelab_readonly`.
impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.roles)
    }
}

/// Everybody who may connect with the rights of one of our roles; superusers are not listed.
///
/// # Errors
///
/// When the server cannot be asked.
pub async fn logins(config: &StoreConfig) -> Result<Vec<Login>, StoreError> {
    let mut connection = Connection::open(config).await?;
    let rows = connection.query(LIST, &[]).await.doing(config.place(), "list the logins")?;
    let login = |row: &Row| {
        Ok::<_, tokio_postgres::Error>(Login { name: row.try_get(0)?, roles: row.try_get(1)? })
    };
    rows.iter().map(login).collect::<Result<_, _>>().doing(config.place(), "list the logins")
}

/// Gives a login its password and exactly these rights; makes it where it is missing. The server gets a SCRAM
/// verifier, from which the password cannot be read.
///
/// # Errors
///
/// When the name or the password cannot be one, this user may make no roles, or the name is a superuser's. Nothing is
/// changed then.
pub async fn set_login(
    config: &StoreConfig,
    name: &str,
    rights: Rights,
    password: &Secret,
) -> Result<(), StoreError> {
    checked(name, password).doing(config.place(), "make a login")?;
    let verifier = scram_sha_256(password.reveal().as_bytes());
    let mut connection = Connection::open(config).await?;
    let made = async {
        let transaction = connection.transaction().await?;
        transaction.execute(PREPARE, &[&name, &rights.role(), &verifier]).await?;
        transaction.batch_execute(MAKE).await?;
        transaction.commit().await
    };
    made.await.doing(config.place(), "make a login")
}

fn checked(name: &str, password: &Secret) -> Result<(), Cause> {
    let others: Vec<_> = [Rights::App, Rights::ReadOnly, Rights::Admin].map(Rights::role).into();
    let is_ours = name.starts_with("homelab_owner") && !others.contains(&name);
    let fault = if name.is_empty() || name.len() > MAX_NAME_BYTES || name.contains('\0') {
        "a login's name has 1 to 63 bytes"
    } else if name.starts_with("pg_") || is_ours {
        "this name is kept for roles without a login"
    } else if password.is_empty() || password.reveal().contains('\0') {
        "a password has at least one letter, and no NUL"
    } else {
        return Ok(());
    };
    Err(Cause::Unfit(fault.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_that_cannot_be_are_refused() {
        for (name, password, fits) in [
            ("ann", "x", true),
            ("Ann \"O'Hara\" Ω", "x", true),
            ("homelab_app", "x", true),
            ("", "x", false),
            ("pg_read_all_data", "x", false),
            ("homelab_owner", "x", false),
            ("ann", "", false),
            ("ann", "a\0", false),
        ] {
            let checked = checked(name, &Secret::new(password.to_owned()));
            assert_eq!(checked.is_ok(), fits, "{name}");
        }
        assert!(checked(&"Ω".repeat(32), &Secret::new("x".into())).is_err());
    }
}
