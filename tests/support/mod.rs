//! What the tests of the whole program share: the fresh binary, a home of its own for each test, simulated
//! benches in other processes, rows.

#![allow(dead_code, reason = "every test target uses its part of it")]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The top of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A data folder that nobody else uses.
pub(crate) struct Home {
    folder: TempDir,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        // The server's user must be able to enter it.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let home = Self { folder };
        let data = home.path().join("data/scpi-run");
        std::fs::create_dir_all(&data).unwrap();
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    /// The program, in the project's folder, with nothing of the machine's own settings.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scpi-run"));
        command
            .args(arguments)
            .current_dir(root())
            .env("HOME", self.path())
            .env("XDG_DATA_HOME", self.path().join("data"))
            .env("COLUMNS", "120")
            .env_remove("DATABASE_URL")
            .env_remove("PGSERVICE")
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Done {
        done(self.command(arguments).output().unwrap())
    }

    /// Journals in the data folder.
    pub(crate) fn journals(&self) -> Vec<PathBuf> {
        let folder = self.path().join("data/scpi-run/journals");
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

pub(crate) fn done(output: Output) -> Done {
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Done {
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(
            self.out.contains(text) || self.err.contains(text),
            "{text:?} is missing: {self:#?}"
        );
        self
    }
}

/// `scpi-run sim` in a process of its own, ended when dropped.
pub(crate) struct SimProcess {
    child: Child,
    pub(crate) addresses: Vec<(String, String)>,
}

impl SimProcess {
    pub(crate) fn start(home: &Home, bench: &str) -> Self {
        let mut command = home.command(&["sim", bench]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut addresses = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            match line.split_once(' ') {
                Some((name, address)) => addresses.push((name.to_owned(), address.to_owned())),
                None => {
                    assert_eq!(line, "ready");
                    break;
                }
            }
        }
        Self { child, addresses }
    }

    pub(crate) fn address(&self, name: &str) -> &str {
        &self.addresses.iter().find(|(other, _)| other == name).unwrap().1
    }

    /// A bench file for its instruments, with more lines behind.
    pub(crate) fn bench_file(&self, more: &str) -> String {
        let mut text = "name = \"served\"\n".to_owned();
        for (name, address) in &self.addresses {
            text.push_str(&format!("[instruments.{name}]\naddress = \"{address}\"\n"));
        }
        text + more
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for SimProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that a test has started.
pub(crate) fn signal(child: &Child, signal: Signal) {
    let id = Pid::from_child(child);
    kill_process(id, signal).unwrap();
}

/// xorshift64*: the same series on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % bound
    }
}

/// A number that the environment gives a test; anything else there is a mistake that the test does not hide.
pub(crate) fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}
