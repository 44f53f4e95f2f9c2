//! What the environment adds to a database's URL, as libpq does it: a service, variables, a password file, a CA.
//!
//! What the URL says comes first, then its service, then the variables; the password file is asked last.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use result_store::{Settings, StoreConfig, password_in, service_in};

use crate::failure::{Failure, Result};

/// A service or password file is not longer than this, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Variables and the keywords that they stand for.
/// <https://www.postgresql.org/docs/15/libpq-envars.html>
const VARIABLES: [(&str, &str); 17] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGSERVICE", "service"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
];

/// Where systems keep the certificates that they trust, for `sslrootcert=system`.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Whether the environment names a server by itself.
pub(crate) fn is_named() -> bool {
    variable("PGSERVICE").is_some()
}

/// Reads a URL, with all that the environment adds.
pub(crate) fn resolve(url: &str) -> Result<StoreConfig> {
    let said = Settings::parse(url).map_err(Failure::usage)?;
    let variables = VARIABLES
        .iter()
        .filter_map(|(name, keyword)| Some(((*keyword).to_owned(), variable(name)?)))
        .collect::<Settings>();
    let settings = match said.get("service").or(variables.get("service")).map(str::to_owned) {
        Some(service) => said.or(service_named(&service)?).or(variables),
        None => said.or(variables),
    };
    let settings = with_password(with_certificates(with_user(settings)))?;
    StoreConfig::from_settings(settings).map_err(Failure::usage)
}

/// An empty variable is none.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn in_home(name: &str) -> Option<PathBuf> {
    std::env::var_os("HOME").map(|home| PathBuf::from(home).join(name))
}

/// As of libpq, whoever runs this.
fn with_user(settings: Settings) -> Settings {
    match (settings.get("user"), variable("USER").or_else(|| variable("LOGNAME"))) {
        (None, Some(user)) => settings.with("user", user),
        _ => settings,
    }
}

fn service_named(name: &str) -> Result<Settings> {
    let own = variable("PGSERVICEFILE").map(PathBuf::from).or_else(|| in_home(".pg_service.conf"));
    let system = variable("PGSYSCONFDIR").map(|folder| Path::new(&folder).join("pg_service.conf"));
    let files: Vec<PathBuf> = own.into_iter().chain(system).collect();
    for file in &files {
        let Some(text) = contents(file)? else { continue };
        let found = service_in(&text, name);
        let found =
            found.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
        if let Some(settings) = found {
            return Ok(settings);
        }
    }
    let looked: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Err(Failure::usage(format!("there is no service [{name}] in {}", looked.join(" or "))))
}

fn system_roots() -> Option<PathBuf> {
    SYSTEM_ROOTS.iter().map(PathBuf::from).find(|file| file.exists())
}

/// The file of the authorities that servers of HTTPS are held against: `SSL_CERT_FILE`, as OpenSSL and curl have it,
/// else the system's.
pub(crate) fn authorities() -> Option<PathBuf> {
    variable("SSL_CERT_FILE").map(PathBuf::from).or_else(system_roots)
}

fn with_certificates(settings: Settings) -> Settings {
    let given = settings.get("sslrootcert").map(str::to_owned);
    let root = match given.as_deref() {
        Some("system") => system_roots(),
        Some(_) => None,
        None => in_home(".postgresql/root.crt").filter(|file| file.exists()),
    };
    match root.as_deref().and_then(Path::to_str) {
        Some(file) => settings.with("sslrootcert", file),
        None => settings,
    }
}

fn with_password(settings: Settings) -> Result<Settings> {
    if settings.get("password").is_some() {
        return Ok(settings);
    }
    let named = settings.get("passfile").map(PathBuf::from);
    let Some(path) = named.or_else(|| in_home(".pgpass")) else { return Ok(settings) };
    if !is_private(&path) {
        return Ok(settings);
    }
    let text = contents(&path)?.unwrap_or_default();
    Ok(match password_in(&text, &settings) {
        Some(password) => settings.with("password", password),
        None => settings,
    })
}

/// Whether it is there, and others cannot read it; what they can is said and not used, as libpq has it.
fn is_private(path: &Path) -> bool {
    let Ok(metadata) = path.metadata() else { return false };
    let mode = metadata.permissions().mode() & 0o777;
    let is_private = metadata.is_file() && mode & 0o077 == 0;
    if !is_private {
        say!(
            "scpi-run: {} is not used: it has mode {mode:04o}, and must be a file of mode 0600 or less",
            path.display()
        );
    }
    is_private
}

/// The text of a file; none where it is not there.
fn contents(path: &Path) -> Result<Option<String>> {
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::usage(format!("{}: {error}", path.display()))),
    }
}
