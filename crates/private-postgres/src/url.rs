//! The address of a database, as `psql` and `tokio-postgres` read it.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The URL of a database over a socket in a folder. The port is always in it, so that a `PGPORT` in
/// somebody's environment changes nothing.
///
/// ```
/// let url = private_postgres::url("/run/my pg".as_ref(), 5432, "homelab_app", "homelab_db");
/// assert_eq!(url, "postgresql:///homelab_db?host=%2Frun%2Fmy%20pg&port=5432&user=homelab_app");
/// ```
#[must_use]
pub fn url(socket_folder: &Path, port: u16, role: &str, database: &str) -> String {
    let host = encoded(socket_folder.as_os_str().as_bytes());
    let (role, database) = (encoded(role.as_bytes()), encoded(database.as_bytes()));
    format!("postgresql:///{database}?host={host}&port={port}&user={role}")
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(*byte));
            }
            // Writing into a string does not fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}
