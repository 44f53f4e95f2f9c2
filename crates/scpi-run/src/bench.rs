//! Which instruments: those of a bench file, or simulated ones in this process.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bench_catalog::{Bench, BenchInstrument, RoleTarget, Site};
use bench_model::BenchOrigin;
use scpi_sim::{BenchSpec, Controls, SimBench, serve};
use test_runner::{Stop, Waits, dated};

use crate::args::{BenchArguments, DatabaseArguments};
use crate::failure::{Failure, Result};
use crate::inventory;
use crate::logins::{self, Logins};
use crate::plan::sha256_of;

/// The folder of simulated benches, beside the plans or above them.
const SIM_FOLDER: &str = "sim";

/// The largest bench file, in bytes.
const MAX_BENCH_BYTES: u64 = 1 << 20;

/// A bench that was asked for and read.
#[derive(Clone)]
pub(crate) enum ChosenBench {
    /// Simulated in this process.
    Simulated(BenchSpec),
    /// Instruments at addresses.
    Real(Bench),
}

/// A bench that was asked for, and where it came from.
pub(crate) struct Choice {
    pub(crate) bench: ChosenBench,
    pub(crate) origin: BenchOrigin,
}

impl Choice {
    /// For a plan that has no roles.
    pub(crate) fn none() -> Self {
        Self { bench: ChosenBench::none(), origin: BenchOrigin::default() }
    }
}

/// A bench that can be used, with the simulator behind it, if there is one.
pub(crate) struct ReadyBench {
    pub(crate) bench: Bench,
    simulator: Option<SimBench>,
}

/// Reads the bench that the command line asks for.
pub(crate) fn choose(
    arguments: &BenchArguments,
    plans_own: Option<&str>,
    plan_file: &Path,
) -> Result<Choice> {
    let asked = match (arguments.sim.as_deref(), &arguments.bench) {
        // Both are there where a setting names a bench and the command line asks for a simulation.
        (Some(asked), _) => asked,
        (None, Some(file)) => {
            let text = read(file)?;
            let bench = ChosenBench::Real(parse(file, &text)?);
            return Ok(Choice { bench, origin: origin(file, text, false) });
        }
        (None, None) => {
            return Err(Failure::usage(
                "on which instruments? --bench FILE names a bench file, --sim takes simulated ones",
            ));
        }
    };
    let name = Some(asked).filter(|name| !name.is_empty()).or(plans_own).ok_or_else(|| {
        Failure::usage(format!(
            "{}: the plan names no simulated bench; --sim=BENCH does, or a line such as sim = \"quickstart\"",
            plan_file.display()
        ))
    })?;
    let file = find(name, plan_file.parent().unwrap_or(Path::new("")))?;
    let text = read(&file)?;
    let bench = ChosenBench::Simulated(parse_simulated(&file, &text)?);
    Ok(Choice { bench, origin: origin(&file, text, true) })
}

fn origin(file: &Path, text: String, simulated: bool) -> BenchOrigin {
    let sha256 = sha256_of(text.as_bytes());
    BenchOrigin { simulated, file: file.display().to_string(), sha256, text }
}

/// Reads a bench file.
pub(crate) fn real(file: &Path) -> Result<Bench> {
    parse(file, &read(file)?)
}

fn parse(file: &Path, text: &str) -> Result<Bench> {
    let mut bench = Bench::parse(&file.display().to_string(), text).map_err(Failure::usage)?;
    inventory::add_maxima(&mut bench, file)?;
    Ok(bench)
}

/// Reads a simulated bench by its name or file.
pub(crate) fn simulated(name: &str, near: &Path) -> Result<BenchSpec> {
    let file = find(name, near)?;
    parse_simulated(&file, &read(&file)?)
}

fn parse_simulated(file: &Path, text: &str) -> Result<BenchSpec> {
    BenchSpec::parse(&file.display().to_string(), text).map_err(Failure::usage)
}

/// A name means `sim/NAME.toml` in the plan's folder, one above it, or here.
fn find(name: &str, near: &Path) -> Result<PathBuf> {
    let given = Path::new(name);
    if given.extension().is_some_and(|ending| ending == "toml") {
        return Ok(given.to_owned());
    }
    if !name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') || name.is_empty() {
        return Err(Failure::usage(format!(
            "'{name}' is no name of a simulated bench: letters, digits, - and _ are wanted, or a path to a \
             .toml file"
        )));
    }
    let near = near.canonicalize().unwrap_or_else(|_| near.to_owned());
    let file = |folder: &Path| folder.join(SIM_FOLDER).join(format!("{name}.toml"));
    let here = std::env::current_dir().unwrap_or_default();
    let places = near.ancestors().chain(std::iter::once(here.as_path())).map(file);
    places.clone().find(|place| place.is_file()).ok_or_else(|| {
        let first = places.clone().next().unwrap_or_default();
        Failure::usage(format!(
            "there is no simulated bench '{name}': neither {} nor the same in a folder above it",
            first.display()
        ))
    })
}

fn read(file: &Path) -> Result<String> {
    let fault = |error: std::io::Error| Failure::usage(format!("{}: {error}", file.display()));
    let size = fs::metadata(file).map_err(fault)?.len();
    if size > MAX_BENCH_BYTES {
        return Err(Failure::usage(format!(
            "{}: {size} bytes are no bench file; it may have {MAX_BENCH_BYTES}",
            file.display()
        )));
    }
    fs::read_to_string(file).map_err(fault)
}

impl ChosenBench {
    /// That of a plan without roles.
    pub(crate) fn none() -> Self {
        Self::Real(Bench {
            name: "none".to_owned(),
            line_frequency_hz: bench_catalog::DEFAULT_LINE_FREQUENCY_HZ,
            inventory: None,
            instruments: BTreeMap::new(),
            manual: BTreeMap::new(),
            roles: BTreeMap::new(),
            sites: BTreeMap::new(),
        })
    }

    /// Its places for several DUTs.
    pub(crate) fn sites(&self) -> &BTreeMap<String, Site> {
        match self {
            Self::Simulated(spec) => spec.sites(),
            Self::Real(bench) => &bench.sites,
        }
    }

    /// As one of its sites has it.
    pub(crate) fn at_site(&self, name: &str) -> Result<Self> {
        let site = self.sites().get(name).ok_or_else(|| {
            let known = self.sites().keys().cloned().collect::<Vec<_>>().join(", ");
            Failure::usage(format!("the bench '{}' has no site '{name}': {known}", self.name()))
        })?;
        Ok(match self {
            Self::Simulated(spec) => Self::Simulated(spec.at_site(name, site)),
            Self::Real(bench) => Self::Real(bench.at_site(name, site)),
        })
    }

    /// The channel that plays a role.
    pub(crate) fn target(&self, role: &str) -> Option<RoleTarget> {
        match self {
            Self::Real(bench) => bench.target(role),
            Self::Simulated(spec) => spec.roles().get(role).cloned().or_else(|| {
                let is_named = spec.instrument_names().contains(&role);
                is_named.then(|| RoleTarget { instrument: role.to_owned(), channel: 1 })
            }),
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Simulated(spec) => spec.name(),
            Self::Real(bench) => &bench.name,
        }
    }

    /// The frequency of its power line.
    pub(crate) fn line_frequency_hz(&self) -> u32 {
        match self {
            Self::Simulated(_) => bench_catalog::DEFAULT_LINE_FREQUENCY_HZ,
            Self::Real(bench) => bench.line_frequency_hz,
        }
    }

    /// Whether its instruments are still there when this process is not.
    pub(crate) fn outlives_us(&self) -> bool {
        matches!(self, Self::Real(bench) if !bench.instruments.is_empty())
    }

    /// The logins that its instruments want.
    pub(crate) fn logins(&self, database: &DatabaseArguments) -> Result<Logins> {
        match self {
            Self::Simulated(_) => Ok(Logins::new()),
            Self::Real(bench) => logins::of_bench(bench, database),
        }
    }

    /// Whether any of its instruments is simulated.
    pub(crate) fn is_simulated(&self) -> bool {
        match self {
            Self::Simulated(_) => true,
            Self::Real(bench) => bench.is_simulated(),
        }
    }

    /// That every role is played by somebody.
    pub(crate) fn check_roles(&self, roles: &BTreeSet<String>) -> Result<()> {
        let is_played = |role: &String| self.target(role).is_some();
        let lost: Vec<_> = roles.iter().filter(|role| !is_played(role)).cloned().collect();
        match lost.first() {
            None => Ok(()),
            Some(first) => Err(Failure::usage(format!(
                "the bench '{}' has nobody for {}; lines such as {first} = {{ instrument = \"...\", \
                 channel = 1 }} under its [roles] are wanted",
                self.name(),
                lost.join(", ")
            ))),
        }
    }

    /// Starts the simulator, where there is one.
    pub(crate) async fn ready(self) -> Result<ReadyBench> {
        match self {
            Self::Real(bench) => Ok(ReadyBench { bench, simulator: None }),
            Self::Simulated(spec) => {
                let (name, roles) = (spec.name().to_owned(), spec.roles().clone());
                let simulator = serve(spec).await.map_err(Failure::usage)?;
                let instruments = simulator.instruments().into_iter();
                let instruments = instruments
                    .map(|instrument| {
                        let address = instrument.reached_at();
                        let benched = BenchInstrument {
                            calibration: instrument.calibration.map(dated),
                            simulated: true,
                            ..BenchInstrument::at(address)
                        };
                        (instrument.name, benched)
                    })
                    .collect();
                let line_frequency_hz = bench_catalog::DEFAULT_LINE_FREQUENCY_HZ;
                let (manual, sites) = (BTreeMap::new(), BTreeMap::new());
                let inventory = None;
                let bench =
                    Bench { name, line_frequency_hz, inventory, instruments, manual, roles, sites };
                Ok(ReadyBench { bench, simulator: Some(simulator) })
            }
        }
    }
}

/// The waits of a plan, in the time of a simulated bench.
#[derive(Debug)]
struct SimulatedWaits(Controls);

impl Waits for SimulatedWaits {
    fn pass(&self, time: Duration) -> Duration {
        self.0.wait(time)
    }
}

impl ReadyBench {
    /// The same request to stop, with waits as its time passes.
    pub(crate) fn timed(&self, stop: Stop) -> Stop {
        match &self.simulator {
            Some(bench) => stop.with_waits(Arc::new(SimulatedWaits(bench.controls().clone()))),
            None => stop,
        }
    }

    /// The same instruments in the roles that a site gives them.
    pub(crate) fn with_roles_of(&self, chosen: &ChosenBench) -> Bench {
        let (name, roles) = match chosen {
            ChosenBench::Real(bench) => (bench.name.clone(), bench.roles.clone()),
            ChosenBench::Simulated(spec) => (spec.name().to_owned(), spec.roles().clone()),
        };
        Bench { name, roles, ..self.bench.clone() }
    }

    /// Ends the simulator, where there is one.
    pub(crate) async fn close(self) {
        if let Some(simulator) = self.simulator {
            simulator.stop().await;
        }
    }
}
