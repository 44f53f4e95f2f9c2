use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::program::write_script;
use crate::user::Ids;

/// A machine with nothing on it but what a test puts there.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    fn program(&self, path: &str, script: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_script(&path, &format!("#!/bin/sh\n{script}\n"));
    }

    fn server(&self, folder: &str, version: &str, pgcrypto_in: &str) {
        for name in NEEDED {
            self.program(
                &format!("{folder}/{name}"),
                &format!("echo 'postgres (PostgreSQL) {version}'"),
            );
        }
        if !pgcrypto_in.is_empty() {
            let extensions = self.root().join(pgcrypto_in).join("extension");
            fs::create_dir_all(&extensions).unwrap();
            fs::write(extensions.join("pgcrypto.control"), "").unwrap();
        }
    }

    fn find(&self, search_path: Option<&str>) -> Found {
        let user = ServerUser { ids: Ids::ours(), name: None };
        let search_path = search_path.map(|folders| {
            let folders = folders.split(':').map(|folder| self.root().join(folder));
            std::env::join_paths(folders).unwrap()
        });
        let (root, search_path) = (&self.root(), search_path.as_deref());
        Search { root, search_path, fetched: &root.join("fetched"), user: &user }.find()
    }

    fn folders(&self, found: &[Binaries]) -> Vec<(String, u32)> {
        let short = |path: &Path| path.strip_prefix(self.root()).unwrap().display().to_string();
        found.iter().map(|binaries| (short(&binaries.folder), binaries.major)).collect()
    }
}

fn expected(table: &[(&str, u32)]) -> Vec<(String, u32)> {
    table.iter().map(|(folder, major)| ((*folder).to_owned(), *major)).collect()
}

#[test]
fn the_newest_comes_first_wherever_it_lies() {
    let machine = Machine::new();
    machine.server("usr/lib/postgresql/15/bin", "15.18 (Debian)", "usr/share/postgresql/15");
    machine.server("usr/lib/postgresql/9.6/bin", "9.6.24", "usr/share/postgresql/9.6");
    machine.server("usr/pgsql-17/bin", "17.2", "usr/pgsql-17/share");
    machine.server(
        "opt/homebrew/opt/postgresql@16/bin",
        "16.4",
        "opt/homebrew/opt/postgresql@16/share/postgresql",
    );
    let found = machine.find(None);
    let newest_first = expected(&[
        ("usr/pgsql-17/bin", 17),
        ("opt/homebrew/opt/postgresql@16/bin", 16),
        ("usr/lib/postgresql/15/bin", 15),
    ]);
    assert_eq!(machine.folders(&found.fit), newest_first);
    let old = Rejected {
        folder: machine.root().join("usr/lib/postgresql/9.6/bin"),
        why: "version 9".into(),
    };
    assert_eq!(found.rejected, [old]);
}

#[test]
fn the_search_path_is_followed_through_links_and_pg_config() {
    let machine = Machine::new();
    machine.server("cellar/17/bin", "17.0", "cellar/17/share");
    machine.server("told/bin", "16.1", "elsewhere");
    machine.program(
        "usr/bin/pg_config",
        &format!("echo {}", machine.root().join("told/bin").display()),
    );
    machine.program(
        "told/bin/pg_config",
        &format!("echo {}", machine.root().join("elsewhere").display()),
    );
    for name in NEEDED {
        let link = machine.root().join("usr/bin").join(name);
        std::os::unix::fs::symlink(machine.root().join("cellar/17/bin").join(name), link).unwrap();
    }
    let found = machine.find(Some("nowhere:usr/bin"));
    assert_eq!(machine.folders(&found.fit), expected(&[("cellar/17/bin", 17), ("told/bin", 16)]));
    assert_eq!(machine.find(None), Found::default());
}

#[test]
fn what_will_not_do_is_named_with_the_reason() {
    type Make = fn(&Machine, &str);
    let table: [(&str, Make); 4] = [
        ("no pgcrypto (the contrib package has it)", |machine, folder| {
            machine.server(folder, "15.1", "");
        }),
        ("no initdb", |machine, folder| {
            machine.program(&format!("{folder}/postgres"), "echo 'postgres (PostgreSQL) 15.1'");
        }),
        ("postgres -V fails", |machine, folder| {
            machine.server(folder, "15.1", "");
            machine.program(&format!("{folder}/postgres"), "exit 1");
        }),
        ("not PostgreSQL: \"hello\\n\"", |machine, folder| {
            machine.server(folder, "15.1", "");
            machine.program(&format!("{folder}/postgres"), "echo hello");
        }),
    ];
    for (why, make) in table {
        let machine = Machine::new();
        make(&machine, "usr/lib/postgresql/15/bin");
        let found = machine.find(None);
        let reasons: Vec<&str> =
            found.rejected.iter().map(|rejected| rejected.why.as_str()).collect();
        assert_eq!((found.fit.len(), reasons), (0, vec![why]));
    }
}

#[test]
fn a_folder_that_the_servers_user_cannot_enter_will_not_do() {
    let machine = Machine::new();
    machine.server("usr/lib/postgresql/15/bin", "15.1", "usr/share/postgresql/15");
    let closed = machine.root().join("usr/lib");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let user = ServerUser { ids: Ids { uid: 64_123, gid: 64_123 }, name: None };
    let root = machine.root();
    let search = Search { root: &root, search_path: None, fetched: &root.join("no"), user: &user };
    let found = search.find();
    let why = format!("user scpi-run cannot enter {}", closed.display());
    assert_eq!(found.rejected.first().map(|rejected| rejected.why.clone()), Some(why));
}

#[test]
fn a_fetched_tree_brings_its_libraries() {
    let machine = Machine::new();
    let tree = "fetched/usr";
    machine.server(
        &format!("{tree}/lib/postgresql/15/bin"),
        "15.1",
        &format!("{tree}/share/postgresql/15"),
    );
    fs::create_dir_all(machine.root().join(tree).join("lib/x86_64-linux-gnu")).unwrap();
    let found = machine.find(None);
    let libraries = vec![machine.root().join(tree).join("lib/x86_64-linux-gnu")];
    let binaries = found.fit.first().unwrap();
    assert_eq!(binaries.libraries, libraries);
    assert_eq!(binaries.library_path(), Some(libraries[0].clone().into_os_string()));
}

#[test]
fn a_version_is_read_or_refused() {
    let table = [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
        ("postgres (PostgreSQL) 18beta1\n", Some(18)),
        ("postgres (EnterpriseDB) 15.1\n", None),
        ("", None),
    ];
    for (text, major) in table {
        assert_eq!(major_in(text), major, "{text:?}");
    }
}

#[test]
fn a_star_stands_for_any_letters() {
    let table = [
        ("pgsql-17", "pgsql-*", true),
        ("pgsql-", "pgsql-*", true),
        ("x86_64-linux-gnu", "*-linux-gnu*", true),
        ("arm-linux-gnueabihf", "*-linux-gnu*", true),
        ("-linux", "*-linux-gnu*", false),
        ("mysql-17", "pgsql-*", false),
        ("µ7", "*7", true),
        ("bin", "bin", true),
        ("bin2", "bin", false),
    ];
    for (name, pattern, expected) in table {
        assert_eq!(fits(name, pattern), expected, "{name} {pattern}");
    }
}
