//! Where the database is and how it is reached.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::config::Host;

use crate::error::{Cause, StoreError, described};
use crate::settings::Settings;
use crate::tls::{self, Tls};

/// How long making a connection may take, where the URL does not say.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long sent bytes may stay unanswered before a TCP connection counts as lost, where the URL does not say.
pub const UNANSWERED_TIMEOUT: Duration = Duration::from_secs(20);
/// A TCP connection on which nothing was said for so long is asked whether its other end is there, this often and so many
/// times, where the URL does not say: a network that swallows everything without a word is found out.
pub const KEEPALIVE: (Duration, Duration, u32) =
    (Duration::from_secs(10), Duration::from_secs(5), 3);
/// How long the server may take for a batch, with all that is asked on the way.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(600);
/// What the server's own views call us.
pub const APPLICATION_NAME: &str = "scpi-run";

/// Where the database is. A password in it is shown nowhere.
#[derive(Clone)]
pub struct StoreConfig {
    postgres: tokio_postgres::Config,
    tls: Tls,
    /// `sslrootcert`, `sslcert`, `sslkey` and `sslmode`, for PostgreSQL's own programs.
    certificates: [Option<String>; 4],
    place: String,
    make_database: bool,
    answer_limit: Duration,
}

impl StoreConfig {
    /// Reads `postgresql://user:password@host:port/database`, or `host=... user=... dbname=...`.
    ///
    /// # Errors
    ///
    /// When it is neither. Nothing of the text is repeated, since a password may be in it.
    pub fn from_url(url: &str) -> Result<Self, StoreError> {
        Self::from_settings(Settings::parse(url)?)
    }

    /// Takes what was gathered. Files of certificates are read here.
    ///
    /// # Errors
    ///
    /// When a keyword is not known or its value none of it. The value is not repeated.
    pub fn from_settings(mut settings: Settings) -> Result<Self, StoreError> {
        let at = |cause: Cause| StoreError::new("the database", "read its settings", cause);
        for resolved in ["service", "passfile"] {
            settings.take(resolved);
        }
        let certificates = ["sslrootcert", "sslcert", "sslkey", "sslmode"]
            .map(|keyword| settings.get(keyword).map(str::to_owned));
        let (ssl_mode, tls) = tls::take(&mut settings).map_err(|error| at(error.into()))?;
        let postgres = tokio_postgres::Config::from_str(&settings.words());
        let mut postgres = postgres.map_err(|error| at(Cause::Setting(described(&error))))?;
        postgres.ssl_mode(ssl_mode);
        Ok(Self::new(postgres, tls, certificates))
    }

    fn new(
        mut postgres: tokio_postgres::Config,
        tls: Tls,
        certificates: [Option<String>; 4],
    ) -> Self {
        if postgres.get_application_name().is_none() {
            postgres.application_name(APPLICATION_NAME);
        }
        if postgres.get_connect_timeout().is_none() {
            postgres.connect_timeout(CONNECT_TIMEOUT);
        }
        if postgres.get_tcp_user_timeout().is_none() {
            postgres.tcp_user_timeout(UNANSWERED_TIMEOUT);
        }
        let (idle, interval, retries) = KEEPALIVE;
        if postgres.get_keepalives_idle() == tokio_postgres::Config::new().get_keepalives_idle() {
            postgres.keepalives_idle(idle);
        }
        if postgres.get_keepalives_interval().is_none() {
            postgres.keepalives_interval(interval);
        }
        if postgres.get_keepalives_retries().is_none() {
            postgres.keepalives_retries(retries);
        }
        let (place, answer_limit) = (place_of(&postgres), ANSWER_LIMIT);
        Self { postgres, tls, certificates, place, make_database: false, answer_limit }
    }

    /// Whether [`migrate`](crate::migrate) makes the database where it is missing.
    #[must_use]
    pub fn create_database(mut self, yes: bool) -> Self {
        self.make_database = yes;
        self
    }

    /// With another limit than [`ANSWER_LIMIT`].
    #[must_use]
    pub fn answer_within(self, answer_limit: Duration) -> Self {
        Self { answer_limit, ..self }
    }

    pub(crate) fn answer_limit(&self) -> Duration {
        self.answer_limit
    }

    pub(crate) fn makes_database(&self) -> bool {
        self.make_database
    }

    /// The database's name.
    #[must_use]
    pub fn database(&self) -> &str {
        // As the server takes it: without a name it is the user's.
        let named = self.postgres.get_dbname().or_else(|| self.postgres.get_user());
        named.unwrap_or_default()
    }

    /// The same server, another database.
    pub(crate) fn in_database(&self, name: &str) -> Self {
        let mut postgres = self.postgres.clone();
        postgres.dbname(name);
        Self { place: place_of(&postgres), postgres, make_database: false, ..self.clone() }
    }

    /// The same, with every object made by and for `role`. Given at the start of the connection: a pooler,
    /// which could give the next statement to another one, refuses it.
    pub(crate) fn as_role(&self, role: &str) -> Self {
        let mut escaped = String::new();
        for letter in role.chars() {
            if letter == '\\' || letter.is_whitespace() {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        let mut postgres = self.postgres.clone();
        let before = postgres.get_options().unwrap_or_default();
        let options = format!("{before} -c role={escaped} -c TimeZone=UTC");
        postgres.options(options.trim_start());
        Self { postgres, ..self.clone() }
    }

    pub(crate) fn tls(&self) -> Tls {
        self.tls.clone()
    }

    pub(crate) fn certificates(&self) -> &[Option<String>; 4] {
        &self.certificates
    }

    pub(crate) fn postgres(&self) -> &tokio_postgres::Config {
        &self.postgres
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        self.postgres.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT)
    }

    /// For people: `postgresql://homelab_app@/run/pg:5432/homelab_db`, without the password.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, make_database, .. } = self;
        f.debug_struct("StoreConfig")
            .field("place", place)
            .field("make_database", make_database)
            .finish_non_exhaustive()
    }
}

fn place_of(postgres: &tokio_postgres::Config) -> String {
    let user = postgres.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let hosts: Vec<String> = postgres
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => Path::display(folder).to_string(),
        })
        .collect();
    let port = postgres.get_ports().first().copied().unwrap_or(5432);
    let database = postgres.get_dbname().unwrap_or_default();
    format!("postgresql://{user}{}:{port}/{database}", hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_shown_nowhere() {
        for url in [
            "postgresql://ann:s3cret@db.lab:5433/homelab_db",
            "host=db.lab port=5433 user=ann password=s3cret dbname=homelab_db",
        ] {
            let config = StoreConfig::from_url(url).unwrap();
            assert_eq!(config.place(), "postgresql://ann@db.lab:5433/homelab_db");
            assert!(!format!("{config:?}").contains("s3cret"));
            assert!(!format!("{:?}", config.as_role("owner")).contains("s3cret"));
        }
    }

    #[test]
    fn a_url_that_cannot_be_read_is_not_repeated() {
        for url in ["postgresql://ann:s3cret@host:99999/x", "password = s3cret s3cret", "s3cret"] {
            let error = StoreConfig::from_url(url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
            let shown = error.to_string();
            assert!(shown.contains("postgresql://") || shown.contains("port"), "{error}");
        }
    }

    #[test]
    fn what_libpq_takes_is_taken_and_the_rest_is_named() {
        for (url, said) in [
            ("postgresql://h/d?gssencmode=disable&client_encoding=UTF8&keepalives_count=3", None),
            ("postgresql://h/d?sslmode=require", None),
            ("postgresql://h/d?sslmode=sometimes", Some("verify-full, not 'sometimes'")),
            ("postgresql://h/d?sslmode=verify-full", Some("sslrootcert=FILE")),
            ("postgresql://h/d?sslmode=verify-ca&sslrootcert=/nowhere.crt", Some("/nowhere.crt: ")),
            ("postgresql://h/d?sslcert=/x", Some("together")),
            ("postgresql://h/d?colour=s3cret", Some("colour")),
            ("postgresql://h/d?connect_timeout=s3cret", Some("connect_timeout")),
        ] {
            let shown = StoreConfig::from_url(url).err().map(|error| error.to_string());
            match (&shown, said) {
                (None, None) => {}
                (Some(shown), Some(said)) => assert!(shown.contains(said), "{shown}"),
                other => panic!("{url}: {other:?}"),
            }
            assert!(!shown.unwrap_or_default().contains("s3cret"), "{url}");
        }
    }

    #[test]
    fn a_role_is_quoted_for_the_options() {
        let config = StoreConfig::from_url("postgresql://ann@db/x?options=-c%20a%3Db").unwrap();
        let options = config.as_role("lab owner").postgres().get_options().map(str::to_owned);
        assert_eq!(options.as_deref(), Some("-c a=b -c role=lab\\ owner -c TimeZone=UTC"));
    }
}
