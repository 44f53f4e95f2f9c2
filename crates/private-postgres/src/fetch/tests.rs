use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::config::{ClusterConfig, Fetch};
use crate::program::write_script;

#[test]
fn majors_are_read_from_a_search() {
    let answer =
        "postgresql-15 - The World's\npostgresql-17 - The\npostgresql-15-cron - Run\nW: x\n";
    assert_eq!(majors_in(answer), [15, 17]);
}

#[test]
fn of_a_simulation_the_libraries_are_taken() {
    let answer = "NOTE: This is only a simulation!\n\
        Inst libpq5 (15.18-0+deb12u1 Debian-Security:12/oldstable-security [amd64])\n\
        Inst libssl3 [3.0.1] (3.0.2 Debian:12 [amd64])\nInst libjson-perl (4 Debian:12 [all])\n\
        Inst libpq-dev [15.18] (15.20 Debian:12 [amd64])\n\
        Inst libllvm14 (1:14 Debian:12 [amd64])\nInst libc6 (2.36 Debian:12 [amd64])\n\
        Inst libicu72:i386 (72 Debian:12 [i386])\nInst postgresql-common (248 Debian:12 [all])\n\
        Conf libpq5 (15.18 Debian:12 [amd64])\n";
    assert_eq!(libraries_in(answer), ["libpq5", "libssl3"]);
    assert_eq!(libraries_in(""), Vec::<String>::new());
}

/// Knows nothing before its lists are updated; needs one library.
const APT_GET: &str = r#"#!/bin/sh
here=${0%/*}
while [ $# -gt 0 ]; do
    case $1 in
    update) touch "$here/updated" && exit ;;
    install) echo "Inst libx (1 D [amd64])" && exit ;;
    download) shift && for name; do touch "$name.deb"; done && exit ;;
    esac
    shift
done
"#;
const APT_CACHE: &str = r#"#!/bin/sh
[ -e "${0%/*}/updated" ] && echo postgresql-13 && echo postgresql-15 && echo postgresql-17
"#;
/// `dpkg -x PACKAGE TREE`
const DPKG: &str = r#"#!/bin/sh
mkdir -p "$3/usr" && touch "$3/usr/${2##*/}"
"#;

/// A machine with a small apt.
struct Machine {
    _folder: tempfile::TempDir,
    apt: Apt,
    place: Place,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path());
        let program = |name: &str, script: &str| {
            let path = folder.path().join(name);
            write_script(&path, script);
            path
        };
        let get = program("apt-get", APT_GET);
        let apt = Apt { get, cache: program("apt-cache", APT_CACHE), dpkg: program("dpkg", DPKG) };
        let config = ClusterConfig {
            folder: folder.path().join("pg"),
            fallback_folder: folder.path().join("fallback"),
            temporary_folder: folder.path().to_owned(),
            search_path: None,
            fetch: Fetch::Allowed,
        };
        let place = Place::choose(&config).unwrap().0;
        place.prepare().unwrap();
        Self { _folder: folder, apt, place }
    }
}

fn open(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn packages_are_fetched_with_their_libraries_once_the_lists_are_new() {
    for (major, newest) in [(None, 17), (Some(15), 15)] {
        let machine = Machine::new();
        let wanted = Wanted { server: true, major, names: true };
        let notice = machine.apt.fetch(&machine.place, wanted).unwrap();
        let Notice::Fetched { packages, .. } = &notice else { panic!("{notice:?}") };
        let server = [format!("postgresql-{newest}"), format!("postgresql-client-{newest}")];
        let more = ["libpq5", names::PACKAGE, "libx"].map(str::to_owned);
        assert_eq!(*packages, [&server[..], &more[..]].concat());
        for package in packages {
            let unpacked = machine.place.fetched().join(format!("usr/{package}.deb"));
            assert!(unpacked.exists(), "{package}");
        }
        assert!(!machine.place.base().join("fetched.part").exists());
        let text = notice.to_string();
        assert!(text.starts_with(&format!("fetched postgresql-{newest} and 4 packages")), "{text}");
    }
}

#[test]
fn what_cannot_be_fetched_is_said_and_leaves_nothing() {
    let machine = Machine::new();
    let wanted = Wanted { server: true, major: Some(16), names: false };
    let error = machine.apt.fetch(&machine.place, wanted).unwrap_err();
    assert!(error.contains("apt offers no package postgresql-16"), "{error}");
    let left: Vec<_> = fs::read_dir(machine.place.base()).unwrap().collect();
    assert!(left.iter().flatten().all(|entry| entry.file_name() == "server.log"), "{left:?}");
}

#[test]
fn the_command_is_that_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = Install::of_server(Some(folder.path().as_os_str()), None).to_string();
    assert_eq!(nothing, "PostgreSQL 15 or newer from https://www.postgresql.org/download");
    let dnf = folder.path().join("dnf");
    fs::write(&dnf, "").unwrap();
    open(&dnf);
    let install = Install::of_server(Some(folder.path().as_os_str()), Some(15)).to_string();
    assert!(install.ends_with("dnf install postgresql-server postgresql-contrib"), "{install}");
}
