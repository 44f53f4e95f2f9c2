//! `cargo xtask interop`: clients that are not ours talk to our simulated instruments.
//!
//! They come from PyPI, at the versions that `xtask/interop/requirements.txt` names, into a folder below `target`.
//! Everything else stays on the loopback interface, and every wait has an end.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::Checked;

/// How long the simulator may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How long one script may take.
const SCRIPT_WITHIN: Duration = Duration::from_secs(90);

/// How long PyPI may be silent, in seconds.
const PYPI_TIMEOUT: &str = "15";

/// The script that the others import.
const SHARED: &str = "bench.py";

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Runs every script against one simulated bench.
pub(crate) fn run(root: &Path) -> Checked {
    let scripts = root.join("xtask/interop");
    let python = python(&scripts, &root.join("target/interop"))?;
    let simulator = Simulator::start(root, &scripts.join("bench.toml"))?;
    let mut all_is_well = true;
    for script in scripts_in(&scripts)? {
        let is_well = run_script(&python, &script, &simulator.lines)?;
        if !is_well {
            eprintln!("{}: failed", script.display());
        }
        all_is_well &= is_well;
    }
    Ok(all_is_well)
}

/// The Python that has the clients: made and filled once for each list of them.
fn python(scripts: &Path, folder: &Path) -> Result<PathBuf> {
    let (wanted, made) = (scripts.join("requirements.txt"), folder.join("requirements.txt"));
    let python = folder.join("venv/bin/python");
    let list = fs::read(&wanted)?;
    if fs::read(&made).is_ok_and(|made| made == list) {
        return Ok(python);
    }
    fs::create_dir_all(folder)?;
    let venv = [OsStr::new("-m"), OsStr::new("venv"), folder.join("venv").as_os_str()]
        .map(OsStr::to_owned);
    let status = Command::new("python3").args(venv).status();
    if !status.map_err(|error| format!("python3 is wanted: {error}"))?.success() {
        return Err("python3 -m venv failed; Debian has it in python3-venv".into());
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--retries", "1", "--timeout", PYPI_TIMEOUT, "--requirement"]).arg(&wanted);
    if !pip.status()?.success() {
        return Err(
            "the clients could not be installed: PyPI is not reachable, or has them no more".into(),
        );
    }
    fs::write(&made, list)?;
    Ok(python)
}

fn scripts_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_script = path.extension() == Some(OsStr::new("py"));
        if is_script && path.file_name() != Some(OsStr::new(SHARED)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A simulated bench, and the lines with which it told its addresses. Dropped, it ends.
struct Simulator {
    child: Child,
    lines: String,
}

impl Simulator {
    fn start(root: &Path, bench: &Path) -> Result<Self> {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "scpi-run"])
            .current_dir(root)
            .status()?;
        if !built.success() {
            return Err("scpi-run does not build".into());
        }
        let mut child = Command::new(root.join("target/debug/scpi-run"))
            .arg("sim")
            .arg(bench)
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("the simulator has no output")?;
        let mut simulator = Self { child, lines: String::new() };
        let (told, hear) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(output).lines().map_while(std::io::Result::ok);
            let text: Vec<_> = lines.by_ref().take_while(|line| line != "ready").collect();
            // Who waits no more is not told.
            let _ = told.send(text.join("\n"));
            lines.for_each(drop);
        });
        let waited = hear.recv_timeout(READY_WITHIN);
        simulator.lines = waited.map_err(|_| "the simulator was not ready in time")?;
        Ok(simulator)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // One that has ended by itself needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a script ends well, and in time; its output is shown.
fn run_script(python: &Path, script: &Path, lines: &str) -> Result<bool> {
    let mut child = Command::new(python)
        .arg(script)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(lines.as_bytes())?;
    }
    let mut output = child.stdout.take().ok_or("the script has no output")?;
    let (told, hear) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = output.read_to_string(&mut text);
        // Who waits no more is not told.
        let _ = told.send(read.map(|_| text));
    });
    match hear.recv_timeout(SCRIPT_WITHIN) {
        Ok(text) => {
            print!("{}", text?);
            Ok(child.wait()?.success())
        }
        Err(_) => {
            child.kill()?;
            child.wait()?;
            Ok(false)
        }
    }
}
