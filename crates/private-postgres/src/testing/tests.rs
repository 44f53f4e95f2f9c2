use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::*;
use crate::config::{ClusterConfig, Fetch, SUPERUSER};
use crate::pid_file::{self, State};
use crate::process::{Seen, look};
use crate::program;
use crate::status::{Status, status};

/// How long something that ends by itself may take here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Names the target folder to a test of ours that is run as a child.
const TARGET: &str = "PRIVATE_POSTGRES_TEST_TARGET";

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let held = poll(PATIENCE, || Ok::<_, ()>(holds().then_some(())));
    assert_eq!(held, Ok(Some(())), "{what}");
}

/// A target folder that the server's user can enter.
fn target() -> (tempfile::TempDir, Folders) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let folders = Folders::of(folder.path(), &std::env::temp_dir()).unwrap();
    (folder, folders)
}

fn runs(config: &ClusterConfig) -> bool {
    matches!(status(config).unwrap(), Status::Running { .. })
}

#[test]
fn many_tests_share_one_server() {
    let servers: Vec<TestServer> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(TestServer::shared)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
    });
    let first = servers.first().unwrap();
    assert!(servers.iter().all(|server| server.pid() == first.pid()));
    assert!(first.url(SUPERUSER, "postgres").starts_with("postgresql:///postgres?host=%2F"));
    assert!(first.kill().unwrap_err().to_string().contains("shared with other tests"));
}

#[test]
fn an_own_server_survives_a_kill_and_goes_with_its_value() {
    let mut server = TestServer::own_durable().unwrap();
    let (folder, killed) = (server.folder().to_owned(), server.pid());
    server.kill().unwrap();
    assert_eq!(pid_file::state(server.place()).unwrap(), State::Killed);
    server.reopen().unwrap();
    assert_ne!(server.pid(), killed);
    let (pid, data) = (server.pid(), server.place().data());
    assert_eq!(look(pid, &data), Seen::Server);
    drop(server);
    assert!(matches!(look(pid, &data), Seen::Gone | Seen::Ended));
    until("the folder is gone", || !folder.exists());
}

#[test]
fn a_named_lock_is_held_by_one() {
    let server = TestServer::shared().unwrap();
    let lock = server.lock("template").unwrap();
    let path = server.folders.locks.join("template.named.lock");
    assert!(FileLock::try_exclusive(&path).unwrap().is_none());
    drop(lock);
    assert!(FileLock::try_exclusive(&path).unwrap().is_some());
    for name in ["", "a/b", "..", "a b", &"n".repeat(65)] {
        assert!(matches!(server.lock(name), Err(ClusterError::LockName { .. })), "{name:?}");
    }
}

#[test]
fn two_own_servers_are_the_most() {
    let (_target, folders) = target();
    let turns: Vec<_> = (0..MAX_OWN_SERVERS).map(|_| take_turn(&folders).unwrap()).collect();
    let free = || {
        (1..=MAX_OWN_SERVERS).any(|turn| {
            let path = folders.locks.join(format!("own-{turn}.lock"));
            FileLock::try_exclusive(&path).unwrap().is_some()
        })
    };
    assert!(!free());
    drop(turns);
    assert!(free());
}

/// Another test process: it uses the shared server of a target folder until it is told to end.
fn start_child(target: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "testing::tests::child", "--nocapture"]);
    command.env(TARGET, target).stdin(Stdio::piped()).stdout(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn child() {
    let Some(target) = std::env::var_os(TARGET) else { return };
    let folders = Folders::of(Path::new(&target), &std::env::temp_dir()).unwrap();
    let server = open_shared(&folders).unwrap();
    fs::write(folders.locks.join(format!("ready-{}", std::process::id())), "").unwrap();
    let _ = std::io::read_to_string(std::io::stdin());
    drop(server);
}

fn is_ready(folders: &Folders, child: &Child) -> bool {
    folders.locks.join(format!("ready-{}", child.id())).exists()
}

#[test]
fn the_server_stops_when_the_last_process_was_killed() {
    let (target, folders) = target();
    let config = folders.shared_config();
    let mut children: Vec<Child> = (0..2).map(|_| start_child(target.path())).collect();
    until("both use it", || children.iter().all(|child| is_ready(&folders, child)));
    let mut last = children.pop().unwrap();
    for child in &mut children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(runs(&config));
    last.kill().unwrap();
    last.wait().unwrap();
    until("it is stopped", || matches!(status(&config).unwrap(), Status::Stopped { .. }));
    until("its watcher has ended", || {
        let path = config.folder.join("watcher.lock");
        FileLock::try_exclusive(&path).unwrap().is_some()
    });
}

#[test]
fn a_server_beside_a_closed_target_folder_is_removed() {
    let (target, folders) = target();
    let closed = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(target.path(), closed).unwrap();
    let config = folders.shared_config();
    let child = start_child(target.path());
    until("it is used", || is_ready(&folders, &child));
    let place = Place::choose(&config).unwrap().0;
    let is_moved = place.base() == config.fallback_folder;
    assert_eq!(is_moved, crate::user::Ids::ours().is_root());
    assert!(child.wait_with_output().unwrap().status.success());
    until("it is stopped", || !runs(&config));
    if is_moved {
        until("it is removed", || !config.fallback_folder.exists());
    }
}

/// The watchers stop and remove alike; without them, nobody would stop this server.
#[test]
fn each_script_watches() {
    let (_target, folders) = target();
    for (name, program, script) in
        [("sh", PathBuf::from("/bin/sh"), watcher::SHELL), ("perl", perl(), watcher::PERL)]
    {
        let _turn = take_turn(&Folders::of_this_process().unwrap()).unwrap();
        let long = "long-".repeat(16);
        let folder = folders.locks.join(format!("{name}-{long}"));
        let config = ClusterConfig { folder, fetch: Fetch::Forbidden, ..folders.shared_config() };
        let opening = Opening { durability: Durability::Unsynced, is_disposable: false };
        let watch = |place: &Place| Watch::own(place).start_with(&program, script);
        let opened = open_with(&config, opening, watch).unwrap();
        let (base, pid) = (opened.server.folder().to_owned(), opened.server.pid());
        let (data, socket) =
            (opened.server.place().data(), opened.server.socket_folder().to_owned());
        assert!(!socket.starts_with(&base) && socket.exists(), "{name}: {}", socket.display());
        drop(opened);
        until(name, || !base.exists() && !socket.exists());
        assert!(matches!(look(pid, &data), Seen::Gone | Seen::Ended), "{name}");
    }
}

fn perl() -> PathBuf {
    let path = std::env::var_os("PATH");
    program::find("perl", path.as_deref()).expect("perl, which apt and git bring")
}
