//! Clusters that are really made, started, shared, killed and stopped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it expects by panicking"
)]

mod common;

use std::fs::{self, Metadata};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use common::{Cluster, PATIENCE, end, folder_of_child, is_root, this_test, until};
use private_postgres::{
    ClusterConfig, ClusterError, DATABASE, Notice, RUN_ROLE, Released, SUPERUSER, Server, Status,
    StopOutcome, open, status, stop, stop_with_sessions, succeed, successor,
};

/// Asks the server itself, as the superuser.
fn ask(server: &Server, sql: &str) -> String {
    let mut psql = server.psql(SUPERUSER, "postgres").unwrap();
    psql.args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]);
    let output = psql.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

fn is_gone(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

#[test]
fn a_first_run_makes_all_and_leaves_nothing_running() {
    let cluster = Cluster::new();
    assert!(matches!(cluster.status(), Status::Absent { .. }));
    assert_eq!(stop(&cluster.config).unwrap(), StopOutcome::NotRunning);

    let opened = open(&cluster.config).unwrap();
    assert!(matches!(opened.notices.as_slice(), [Notice::Made { .. }]), "{:?}", opened.notices);
    let server = opened.server;
    assert!(server.was_started_here());
    let settings = "select string_agg(current_setting(name), ' ' order by name) from unnest(array[\
        'data_checksums', 'fsync', 'listen_addresses', 'lc_collate', 'lc_ctype', 'server_encoding', \
        'synchronous_commit']) as name";
    let settings = ask(&server, settings);
    assert!(settings.starts_with("on on C C") && settings.ends_with(" UTF8 on"), "{settings}");
    assert_eq!(ask(&server, "select lower('ÄΩ')"), "äω");
    let status = cluster.status();
    let Status::Running { pid, is_ready, stops_when_unused, users, .. } = &status else {
        panic!("{status:?}")
    };
    assert_eq!((*pid, *is_ready, *stops_when_unused), (server.pid(), true, true));
    assert_eq!(users.first().map(|user| user.pid), Some(std::process::id()));
    assert_eq!(status.url(RUN_ROLE, DATABASE), Some(server.url(RUN_ROLE, DATABASE)));

    assert_eq!(server.release().unwrap(), Released::Stopped);
    assert!(cluster.is_stopped());
    let again = open(&cluster.config).unwrap();
    assert_eq!(again.notices, []);
    assert_eq!(again.server.release().unwrap(), Released::Stopped);
}

#[test]
fn roles_are_given_by_the_kernel_and_to_nobody_else() {
    let cluster = Cluster::new();
    let server = open(&cluster.config).unwrap().server;
    ask(&server, "create role homelab_app login; create role stranger login");
    let connect = |role: &str| {
        let mut psql = server.psql(role, "postgres").unwrap();
        let output = psql.args(["-X", "-A", "-t", "-c", "select current_user"]).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(connect(RUN_ROLE).0, "homelab_app\n");
    let (_, refusal) = connect("stranger");
    assert!(refusal.contains("Peer authentication failed"), "{refusal}");
    let mode = fs::metadata(server.socket_folder()).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
    server.release().unwrap();
}

/// Somebody has the database open in a program of his own: nobody of ours takes it away from him.
#[test]
fn who_is_connected_keeps_it_running_until_told_otherwise() {
    let cluster = Cluster::new();
    let server = open(&cluster.config).unwrap().server;
    let session = || {
        let mut psql = server.psql(SUPERUSER, "postgres").unwrap();
        psql.args(["-X", "-A", "-t"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut psql = psql.spawn().unwrap();
        psql.stdin.as_mut().unwrap().write_all(b"select 'here';\n").unwrap();
        let mut line = String::new();
        BufReader::new(psql.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "here\n");
        psql
    };
    let (mut first, mut second) = (session(), session());
    assert_eq!(server.release().unwrap(), Released::Connected { sessions: 2 });
    assert_eq!(stop(&cluster.config).unwrap(), StopOutcome::Connected { sessions: 2 });
    first.kill().unwrap();
    first.wait().unwrap();
    let again = open(&cluster.config).unwrap().server;
    assert!(!again.was_started_here());
    assert_eq!(again.release().unwrap(), Released::Connected { sessions: 1 });
    assert_eq!(stop_with_sessions(&cluster.config).unwrap(), StopOutcome::Stopped);
    assert!(cluster.is_stopped());
    // Its session was ended, and it ends with the next thing that it asks.
    second.kill().unwrap();
    second.wait().unwrap();
}

/// What a crash between the renames leaves is put right by the next start, and the old one is never lost.
#[test]
fn a_cluster_takes_the_place_of_another_whatever_is_cut_off() {
    let cluster = Cluster::new();
    let server = open(&cluster.config).unwrap().server;
    ask(&server, "create role old_one");
    assert!(succeed(&cluster.config).is_err(), "it is in use");
    let folder = server.folder().to_owned();
    assert_eq!(server.release().unwrap(), Released::Stopped);
    let next = successor(&cluster.config).unwrap();
    let new = open(&next).unwrap().server;
    ask(&new, "create role new_one");
    new.release().unwrap();
    let kept = succeed(&cluster.config).unwrap();
    assert!(kept.join("PG_VERSION").exists());
    let roles = "select string_agg(rolname, ',') from pg_roles where rolname ~ '_one'";
    let is = |expected: &str| {
        let server = open(&cluster.config).unwrap().server;
        assert_eq!(ask(&server, roles), expected);
        server.release().unwrap();
    };
    is("new_one");
    // Cut off before the second rename: the old one is in its place still. And behind it: the new one gets there.
    fs::rename(&kept, folder.join("data.next")).unwrap();
    is("new_one");
    assert!(!folder.join("data.next").exists());
    fs::rename(folder.join("data"), folder.join("data.next")).unwrap();
    is("new_one");
}

#[test]
fn users_share_and_the_last_one_stops_it() {
    let cluster = Cluster::new();
    let first = open(&cluster.config).unwrap().server;
    let second = open(&cluster.config).unwrap().server;
    assert!(first.was_started_here() && !second.was_started_here());
    assert_eq!(first.pid(), second.pid());
    assert_eq!(first.release().unwrap(), Released::InUse);
    let outcome = stop(&cluster.config).unwrap();
    let StopOutcome::InUse { by } = outcome else { panic!("{outcome:?}") };
    assert_eq!(by.first().map(|holder| holder.pid), Some(std::process::id()));
    assert_eq!(second.release().unwrap(), Released::Stopped);
    assert!(cluster.is_stopped());
}

#[test]
fn a_server_that_is_kept_runs_on_until_it_is_stopped() {
    let cluster = Cluster::new();
    open(&cluster.config).unwrap().server.keep_running().unwrap();
    let user = open(&cluster.config).unwrap().server;
    assert!(!user.was_started_here());
    assert_eq!(user.release().unwrap(), Released::Kept);
    assert!(matches!(cluster.status(), Status::Running { stops_when_unused: false, .. }));
    assert_eq!(stop(&cluster.config).unwrap(), StopOutcome::Stopped);
    assert_eq!(stop(&cluster.config).unwrap(), StopOutcome::NotRunning);
}

#[test]
fn a_killed_server_is_started_again_with_all_that_was_committed() {
    let cluster = Cluster::new();
    let killed = open(&cluster.config).unwrap().server;
    ask(&killed, "create table kept as select 42 as answer");
    kill(killed.pid());
    until("it is killed", || is_gone(killed.pid()));
    assert!(cluster.is_stopped());
    let server = open(&cluster.config).unwrap().server;
    assert!(server.was_started_here());
    assert_eq!(ask(&server, "select answer from kept"), "42");
    assert_eq!(killed.release().unwrap(), Released::InUse);
    assert_eq!(server.release().unwrap(), Released::Stopped);
}

/// What a crash leaves: the number of the killed server, by now that of another process of the
/// server's user, as a container gives the same numbers again.
#[test]
fn a_lock_file_with_the_number_of_a_stranger_is_no_hindrance() {
    let cluster = Cluster::new();
    let server = open(&cluster.config).unwrap().server;
    let data = server.folder().join("data");
    let owner = fs::metadata(&data).unwrap();
    let socket = server.socket_folder().to_owned();
    let pid_file = fs::read_to_string(data.join("postmaster.pid")).unwrap();
    server.release().unwrap();

    let mut stranger = Stranger::start(&owner);
    let (_, rest) = pid_file.split_once('\n').unwrap();
    for text in [format!("{}\n{rest}", stranger.0.id()), String::new()] {
        for lock in [data.join("postmaster.pid"), socket.join(".s.PGSQL.5432.lock")] {
            fs::write(&lock, &text).unwrap();
            std::os::unix::fs::chown(&lock, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        assert!(cluster.is_stopped());
        let server = open(&cluster.config).unwrap().server;
        assert_eq!(ask(&server, "select 1"), "1");
        assert_eq!(server.release().unwrap(), Released::Stopped);
    }
    assert!(stranger.0.try_wait().unwrap().is_none(), "the stranger lives");
}

/// A process of the server's user that is no server.
struct Stranger(Child);

impl Stranger {
    fn start(owner: &Metadata) -> Self {
        let mut command = Command::new("sleep");
        command.arg("600").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if is_root() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        Self(command.spawn().unwrap())
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_half_made_cluster_is_made_again_and_what_is_none_is_left_alone() {
    let cluster = Cluster::new();
    let half = cluster.config.folder.join("data.part");
    fs::create_dir_all(half.join("base")).unwrap();
    fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    let server = open(&cluster.config).unwrap().server;
    assert!(!half.exists());
    server.release().unwrap();

    let data = cluster.config.folder.join("data");
    fs::rename(data.join("PG_VERSION"), data.join("version")).unwrap();
    let error = open(&cluster.config).unwrap_err();
    assert!(matches!(error, ClusterError::NotACluster { .. }), "{error}");
    fs::write(data.join("PG_VERSION"), "9\n").unwrap();
    let error = open(&cluster.config).unwrap_err();
    let ClusterError::OtherMajor { made_with: 9, found, .. } = &error else { panic!("{error}") };
    assert!(!found.is_empty());
    assert!(error.to_string().contains("was made by PostgreSQL 9"), "{error}");
}

#[test]
fn a_server_that_will_not_start_is_shown_with_the_end_of_its_log() {
    let cluster = Cluster::new();
    open(&cluster.config).unwrap().server.release().unwrap();
    let auto = cluster.config.folder.join("data/postgresql.auto.conf");
    fs::write(auto, "shared_buffers = 'many'\n").unwrap();
    let error = open(&cluster.config).unwrap_err().to_string();
    assert!(error.contains("cannot start the server: `"), "{error}");
    assert!(error.contains("invalid value for parameter \"shared_buffers\""), "{error}");
    assert!(error.contains("server.log ends:"), "{error}");
}

#[test]
fn a_long_path_has_its_socket_in_a_short_one() {
    let cluster = Cluster::new();
    let folder = cluster.folder.path().join("long-".repeat(30)).join("a b");
    let config = ClusterConfig { folder, ..cluster.config.clone() };
    let server = open(&config).unwrap().server;
    let socket = server.socket_folder().to_owned();
    assert!(socket.starts_with(std::env::temp_dir()) && socket.as_os_str().len() < 100);
    assert_eq!(ask(&server, "select 1"), "1");
    assert_eq!(server.release().unwrap(), Released::Stopped);
    assert!(!socket.exists());

    std::os::unix::fs::symlink(cluster.folder.path(), &socket).unwrap();
    let error = open(&config).unwrap_err();
    fs::remove_file(&socket).unwrap();
    assert!(matches!(error, ClusterError::NotOurs { .. }), "{error}");
}

#[test]
fn no_binaries_are_an_error_with_the_command_that_installs_them() {
    let cluster = Cluster::new();
    // A folder whose path no server could be started with stops it before anything is looked for.
    let config =
        ClusterConfig { folder: cluster.folder.path().join("a$b"), ..cluster.config.clone() };
    assert!(matches!(open(&config), Err(ClusterError::UnfitPath { .. })));
    assert!(!config.folder.exists());
}

/// Opens, says whether it started the server, and leaves it when its input ends.
#[test]
fn user() {
    let Some(folder) = folder_of_child() else { return };
    let opened = open(&common::config(&folder)).unwrap();
    println!("started here: {}", opened.server.was_started_here());
    println!("{}", opened.server.url(RUN_ROLE, DATABASE));
    let _ = std::io::read_to_string(std::io::stdin());
    println!("{:?}", opened.server.release().unwrap());
}

fn wait_for_user(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("postgresql://") {
        assert_ne!(lines.read_line(&mut text).unwrap(), 0, "{text}");
    }
    child.stdout = Some(lines.into_inner());
    text
}

#[test]
fn of_processes_that_open_at_once_one_starts_and_the_last_stops() {
    let cluster = Cluster::new();
    let spawn = || this_test("user", cluster.folder.path()).spawn().unwrap();
    let mut children: Vec<Child> = (0..3).map(|_| spawn()).collect();
    let said: Vec<String> = children.iter_mut().map(wait_for_user).collect();
    let starters = said.iter().filter(|text| text.contains("started here: true")).count();
    assert_eq!(starters, 1, "{said:?}");
    assert!(matches!(cluster.status(), Status::Running { .. }));
    // They all leave at the same moment.
    let inputs: Vec<_> = children.iter_mut().map(|child| child.stdin.take()).collect();
    drop(inputs);
    let ends: Vec<String> = children.into_iter().map(end).collect();
    assert!(ends.iter().any(|text| text.contains("Stopped")), "{ends:?}");
    assert!(cluster.is_stopped());
}

#[test]
fn a_killed_user_holds_nothing_and_the_next_one_stops_the_server() {
    let cluster = Cluster::new();
    let mut child = this_test("user", cluster.folder.path()).spawn().unwrap();
    wait_for_user(&mut child);
    child.kill().unwrap();
    child.wait().unwrap();
    let server = open(&cluster.config).unwrap().server;
    assert!(!server.was_started_here());
    assert_eq!(server.release().unwrap(), Released::Stopped);
}

/// `$(scpi-run db url)` returns: the server keeps no pipe open, not even a forgotten one.
#[test]
fn the_server_keeps_no_pipe_and_no_session_of_ours() {
    let cluster = Cluster::new();
    let test = std::env::current_exe().unwrap();
    let mut command = Command::new("/bin/sh");
    // Of the three descriptors, the shell's own are closed when the child ends; the server's would not be.
    command.args(["-c", "exec 4>&1; \"$0\" --exact keeper --nocapture 3>&1"]).arg(test);
    command.env(common::FOLDER, cluster.folder.path()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = sender.send(output.read_to_string(&mut text).map(|_| text));
    });
    let text = receiver.recv_timeout(PATIENCE).expect("the pipe is closed").unwrap();
    assert!(child.wait().unwrap().success() && text.contains("kept"), "{text}");
    let Status::Running { pid, .. } = cluster.status() else { panic!("it runs on") };
    assert_ne!(session_of(&pid.to_string()), session_of("self"));
}

/// As the kernel's files tell it: in a container our own leader may be outside, and then it is 0.
fn session_of(process: &str) -> String {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_the_name = stat.rsplit_once(") ").unwrap().1;
    after_the_name.split(' ').nth(3).unwrap().to_owned()
}

#[test]
fn keeper() {
    let Some(folder) = folder_of_child() else { return };
    open(&common::config(&folder)).unwrap().server.keep_running().unwrap();
    println!("kept");
}

/// A copy of this program that everybody can run.
fn copy_of_this_test(folder: &Path) -> PathBuf {
    let copy = folder.join("test");
    // By another process: one that we had just written might count as still being written.
    let copied = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&copy).status();
    assert!(copied.unwrap().success());
    common::open_to_all(&copy);
    copy
}

/// As a person: not root. (Where these tests are not run by root, all the others are such tests.)
#[test]
fn a_person_has_a_server_as_themselves() {
    if !is_root() {
        return;
    }
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let person = passwd.lines().find(|line| line.starts_with("nobody:")).expect("a user nobody");
    let ids: Vec<u32> = person.split(':').skip(2).take(2).map(|id| id.parse().unwrap()).collect();
    let cluster = Cluster::new();
    let home = cluster.folder.path().join("home");
    fs::create_dir(&home).unwrap();
    std::os::unix::fs::chown(&home, Some(ids[0]), Some(ids[1])).unwrap();
    let copy = copy_of_this_test(cluster.folder.path());
    let mut command = common::test_in(&copy, "user", &home);
    command.uid(ids[0]).gid(ids[1]).current_dir("/");
    let mut child = command.spawn().unwrap();
    let said = wait_for_user(&mut child);
    assert!(said.contains("started here: true"), "{said}");
    let mode = fs::metadata(home.join("pg")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
    // Root leaves a person's folder alone.
    let config = common::config(&home);
    let Status::Absent { folder } = status(&ClusterConfig {
        fallback_folder: cluster.folder.path().join("fallback"),
        ..config
    })
    .unwrap() else {
        panic!("root took {}", home.display())
    };
    assert!(folder.ends_with("fallback"));
    assert!(end(child).contains("Stopped"));
}
