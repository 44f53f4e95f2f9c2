//! As whom the server runs: as ourselves, and never as root.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{getegid, geteuid};

use crate::error::{Doing, Result};

/// The user that PostgreSQL's own packages make.
const POSTGRES: &str = "postgres";
/// What a user without a name is called inside the server.
pub(crate) const NAMELESS: &str = "scpi-run";
/// User ids that no distribution gives out by itself.
const FREE_IDS: std::ops::RangeInclusive<u32> = 64_000..=64_999;

/// A user and its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Ids {
    /// Who we are.
    pub(crate) fn ours() -> Self {
        Self { uid: geteuid().as_raw(), gid: getegid().as_raw() }
    }

    pub(crate) fn is_root(self) -> bool {
        self.uid == 0
    }
}

/// As whom the server runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerUser {
    pub(crate) ids: Ids,
    /// `None` when no list of users knows it.
    pub(crate) name: Option<String>,
}

impl ServerUser {
    /// Ourselves; for root, who owns the cluster, else `postgres`, else an id that nobody has.
    pub(crate) fn choose(caller: Ids, owner: Option<Ids>, accounts: &Accounts) -> Self {
        let ids = if caller.is_root() {
            let owner = owner.filter(|owner| !owner.is_root());
            owner.or_else(|| accounts.ids_of(POSTGRES)).unwrap_or_else(|| accounts.free())
        } else {
            caller
        };
        Self { ids, name: accounts.name_of(ids.uid).or_else(|| asked_name(ids)) }
    }

    /// The name that the server's ident map knows it by.
    pub(crate) fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(NAMELESS)
    }

    /// Makes a command run as this user.
    pub(crate) fn put_on(&self, command: &mut Command) {
        if Ids::ours().is_root() {
            // With a user id given, the other groups of root are dropped as well.
            command.uid(self.ids.uid).gid(self.ids.gid);
        }
    }
}

/// The users of `/etc/passwd`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts(Vec<(String, Ids)>);

impl Accounts {
    pub(crate) fn read() -> Result<Self> {
        let path = Path::new("/etc/passwd");
        match std::fs::read(path) {
            Ok(bytes) => Ok(Self::parse(&String::from_utf8_lossy(&bytes))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).doing("read", path),
        }
    }

    fn parse(text: &str) -> Self {
        let account = |line: &str| {
            let mut fields = line.split(':');
            let name = fields.next().filter(|name| !name.is_empty())?.to_owned();
            let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            Some((name, Ids { uid, gid }))
        };
        Self(text.lines().filter_map(account).collect())
    }

    fn ids_of(&self, name: &str) -> Option<Ids> {
        self.0.iter().find(|(known, ids)| known == name && !ids.is_root()).map(|(_, ids)| *ids)
    }

    pub(crate) fn name_of(&self, uid: u32) -> Option<String> {
        self.0.iter().find(|(_, ids)| ids.uid == uid).map(|(name, _)| name.clone())
    }

    fn free(&self) -> Ids {
        let is_free = |id: &u32| !self.0.iter().any(|(_, ids)| ids.uid == *id || ids.gid == *id);
        let id = FREE_IDS.rev().find(is_free).unwrap_or(*FREE_IDS.end());
        Ids { uid: id, gid: id }
    }
}

/// The name of ourselves where it is not in `/etc/passwd`: a directory service may know it.
fn asked_name(ids: Ids) -> Option<String> {
    if ids != Ids::ours() {
        return None;
    }
    let answer = Command::new("id").arg("-un").stdin(Stdio::null()).output().ok()?;
    let name = String::from_utf8(answer.stdout).ok()?.trim().to_owned();
    (answer.status.success() && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: Ids = Ids { uid: 0, gid: 0 };
    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\n# no account\nbroken:x:one:2\n\
        postgres:x:101:104::/var/lib/postgresql:/bin/sh\nada:x:1000:1001::/home/ada:/bin/sh\n";

    #[test]
    fn the_server_runs_as_whom_it_should() {
        let with = Accounts::parse(PASSWD);
        let without =
            Accounts::parse("root:x:0:0::/:/bin/sh\nnew:x:64999:5::/:\nold:x:4:64998::/:\n");
        let ids = |uid, gid| Ids { uid, gid };
        let table = [
            ("as postgres", ROOT, None, &with, ids(101, 104), Some("postgres")),
            ("as the owner", ROOT, Some(ids(1000, 1001)), &with, ids(1000, 1001), Some("ada")),
            ("never as root", ROOT, Some(ROOT), &with, ids(101, 104), Some("postgres")),
            ("as a free id", ROOT, None, &without, ids(64_997, 64_997), None),
            ("as ourselves", ids(1000, 1001), None, &with, ids(1000, 1001), Some("ada")),
        ];
        for (what, caller, owner, accounts, expected, name) in table {
            let user = ServerUser::choose(caller, owner, accounts);
            assert_eq!((user.ids, user.name.as_deref()), (expected, name), "{what}");
        }
    }

    #[test]
    fn a_user_named_postgres_with_the_id_of_root_is_not_taken() {
        let accounts = Accounts::parse("postgres:x:0:0::/:/bin/sh\n");
        assert_eq!(ServerUser::choose(ROOT, None, &accounts).ids.uid, 64_999);
    }
}
