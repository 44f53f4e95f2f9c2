//! Logins of instruments, from the database's credentials. They are read before a bench is opened, on a connection of
//! their own, and go to the instrument alone: into no journal, trace, log or argument.

use std::collections::BTreeMap;

use bench_catalog::{Bench, BenchLogin};
use result_store::{Access, CredentialKey, Method, SecretKind, Store, StoreConfig};
use scpi_client::Login;

use crate::args::DatabaseArguments;
use crate::commands::credentials::{ROLE, key_file};
use crate::connection;
use crate::database;
use crate::environment;
use crate::failure::{Failure, Result};
use crate::runtime::block_on;

/// By the names of the instruments.
pub(crate) type Logins = BTreeMap<String, Login>;

/// The logins that a bench's instruments want; the database is asked only where there are some. Each is an access that
/// is logged.
pub(crate) fn of_bench(bench: &Bench, arguments: &DatabaseArguments) -> Result<Logins> {
    let wanted: BTreeMap<&String, &BenchLogin> = bench
        .instruments
        .iter()
        .filter_map(|(name, instrument)| Some((name, instrument.login.as_ref()?)))
        .collect();
    if wanted.is_empty() {
        return Ok(Logins::new());
    }
    let key = environment::key_file().ok_or_else(|| {
        Failure::usage("an instrument wants a login: SCPI_RUN_KEY_FILE names the file of the key")
    })?;
    let key = key_file::read(&key)?;
    let purpose = format!("login to the bench '{}'", bench.name);
    if let Some(url) = environment::credentials_url() {
        let config = connection::resolve(&url)?;
        return block_on(read(&config, &wanted, &key, &purpose));
    }
    let open = database::choose_some(arguments)?.open()?;
    let open = open.ok_or_else(|| Failure::usage("there is no database"))?;
    let config = open.config_as(ROLE)?;
    let logins = block_on(read(&config, &wanted, &key, &purpose));
    open.close()?;
    logins
}

/// For the panic button, which goes on without: what cannot be had is told.
pub(crate) fn known(bench: &Bench) -> Logins {
    let db = environment::database_url();
    let arguments = DatabaseArguments { db, no_fetch: true, allow_superuser: false };
    of_bench(bench, &arguments).unwrap_or_else(|failure| {
        say!("scpi-run: {failure}");
        Logins::new()
    })
}

async fn read(
    config: &StoreConfig,
    wanted: &BTreeMap<&String, &BenchLogin>,
    key: &CredentialKey,
    purpose: &str,
) -> Result<Logins> {
    let mut store = Store::connect(config).await.map_err(Failure::store)?;
    let access = Access { method: Method::Api, purpose: Some(purpose.to_owned()) };
    let systems = store.credentials().await.map_err(Failure::store)?;
    let mut logins = Logins::new();
    for (instrument, login) in wanted {
        let kind = SecretKind::Password;
        let secret = store.credential(&login.credential, kind, key, &access).await;
        let secret = secret.map_err(Failure::store)?;
        let user = systems.iter().find(|one| one.system_name == login.credential);
        let user = user.map_or("", |one| one.username.as_str());
        let line = line(&login.line, user, secret.reveal())?;
        logins.insert((*instrument).clone(), Login::new(line, login.answer.clone()));
    }
    Ok(logins)
}

/// The line with user and secret in it; neither may end it early.
fn line(form: &str, user: &str, secret: &str) -> Result<String> {
    if [user, secret].iter().any(|part| part.contains(['\n', '\r'])) {
        return Err(Failure::usage("a user or password of more than one line cannot be said"));
    }
    // In one pass: what is put in is not looked through again.
    let mut said = String::new();
    let mut rest = form;
    while let Some(at) = rest.find('{') {
        let (before, here) = rest.split_at(at);
        said.push_str(before);
        rest = if let Some(after) = here.strip_prefix("{user}") {
            said.push_str(user);
            after
        } else if let Some(after) = here.strip_prefix("{password}") {
            said.push_str(secret);
            after
        } else {
            said.push('{');
            here.get(1..).unwrap_or_default()
        };
    }
    said.push_str(rest);
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_are_put_in_once() {
        for (form, expected) in [
            ("login {password}", "login {user}"),
            ("{user} {password}{x}", "ann {user}{x}"),
            ("{", "{"),
        ] {
            assert_eq!(line(form, "ann", "{user}").unwrap(), expected);
        }
        assert!(line("{password}", "ann", "a\nOUTP ON").is_err());
    }
}
