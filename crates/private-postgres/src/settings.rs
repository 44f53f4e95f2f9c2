//! The server's configuration: three files of ours beside the cluster, written before every start.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use crate::config::{Durability, MAPPED_ROLES, PORT};
use crate::error::{Doing, Result};
use crate::folder;
use crate::place::Place;
use crate::user::{Accounts, Ids};

const SERVER: &str = "server.conf";
const CLIENTS: &str = "clients.conf";
const PEOPLE: &str = "people.conf";

/// Who connects is known by the kernel: no password, no TCP.
const CLIENTS_TEXT: &str = "# Written before every start.\nlocal all all peer map=people\n";

/// Makes PostgreSQL's own configuration take ours in; once, when the cluster is made.
pub(crate) fn include(data: &Path) -> Result<()> {
    let path = data.join("postgresql.conf");
    let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let file = OpenOptions::new().append(true).custom_flags(no_follow).open(&path);
    let mut file = file.doing("open", &path)?;
    let line = format!("\ninclude '../settings/{SERVER}'\n");
    file.write_all(line.as_bytes()).doing("write", &path)
}

/// Writes the files, for a server whose socket lies in this folder.
pub(crate) fn write(place: &Place, socket: &Path, durability: Durability) -> Result<()> {
    let folder = place.settings();
    folder::make_all(&folder, if Ids::ours().is_root() { 0o755 } else { 0o700 })?;
    let accounts = Accounts::read()?;
    // Without a name, whoever calls is the server's own user.
    let caller = accounts.name_of(Ids::ours().uid);
    let mut people = vec!["root", place.user.shown()];
    people.extend(caller.as_deref());
    people.dedup();
    let files = [
        (SERVER, server_text(&folder, socket, durability)),
        (CLIENTS, CLIENTS_TEXT.to_owned()),
        (PEOPLE, people_text(&people)),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).doing("write", &path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).doing("open", &path)?;
    }
    Ok(())
}

fn server_text(folder: &Path, socket: &Path, durability: Durability) -> String {
    let path = |name: &str| quoted(&folder.join(name).to_string_lossy());
    let socket = quoted(&format!("\"{}\"", socket.display()));
    let synced = if durability == Durability::Synced { "on" } else { "off" };
    format!(
        "# Written before every start. Settings of your own: ALTER SYSTEM, which comes after.
hba_file = {hba}
ident_file = {ident}
listen_addresses = ''
port = {PORT}
unix_socket_directories = {socket}
unix_socket_permissions = 0777    # its folder is closed to all but the server's user
cluster_name = 'scpi-run'
max_connections = 100
shared_buffers = 128MB
max_wal_size = 512MB
dynamic_shared_memory_type = mmap # a container's /dev/shm is small; a logout may empty it
jit = off                         # costs more than it gives in short queries
fsync = {synced}
synchronous_commit = {synced}
full_page_writes = {synced}
logging_collector = off
log_destination = 'stderr'
log_line_prefix = '%m [%p] '
lc_messages = 'C'
",
        hba = path(CLIENTS),
        ident = path(PEOPLE),
    )
}

fn people_text(people: &[&str]) -> String {
    let mut text = "# Written before every start.\n".to_owned();
    for person in people.iter().filter(|person| is_plain(person)) {
        for role in MAPPED_ROLES {
            text += &format!("people \"{person}\" {role}\n");
        }
    }
    text
}

/// A name that stands for itself in the file; others there could mean a pattern, or break the line.
fn is_plain(name: &str) -> bool {
    !name.starts_with('/') && !name.chars().any(|letter| letter.is_control() || letter == '"')
}

/// A string of `postgresql.conf`.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_mapped_to_every_role_and_nobody_else() {
        let text = people_text(&["root", "ada", "/^(.*)$", "a\"b", "a\nb"]);
        assert_eq!(text.lines().count(), 1 + 2 * MAPPED_ROLES.len());
        assert!(text.contains("people \"ada\" homelab_app\n"), "{text}");
        assert!(text.contains("people \"root\" postgres\n"), "{text}");
    }

    #[test]
    fn only_tests_do_without_sync() {
        let text =
            |durability| server_text(Path::new("/d's"), Path::new("/d's/socket"), durability);
        let (on, off) = (text(Durability::Synced), text(Durability::Unsynced));
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            assert!(on.contains(&format!("\n{name} = on\n")), "{on}");
            assert!(off.contains(&format!("\n{name} = off\n")), "{off}");
        }
        assert!(on.contains("hba_file = '/d''s/clients.conf'\n"), "{on}");
        assert!(on.contains("unix_socket_directories = '\"/d''s/socket\"'\n"), "{on}");
    }
}
