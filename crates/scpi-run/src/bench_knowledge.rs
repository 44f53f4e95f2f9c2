//! What a bench file alone says of a plan: who plays its roles, what they can do, whether they are calibrated. No
//! instrument is asked.

use std::collections::BTreeMap;
use std::path::Path;

use bench_catalog::{Bench, Calibration, Class, Dialect, Function, Setting};
use bench_model::Decimal;
use scpi_protocol::identity::Identity;
use test_plan::{CalibrationRule, Inputs, KnownAccuracy, Plan, Schedule};
use test_runner::{calibration_fault, days_since, years_since};

use crate::bench::{self, ChosenBench};
use crate::dialects::dialects;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::plan::{LoadedPlan, expand};
use crate::sharing;

/// A bench file, and the dialects that it names or that its identities ask for.
pub(crate) struct BenchKnowledge {
    bench: Bench,
    /// By the instruments' names.
    dialects: BTreeMap<String, Dialect>,
}

impl BenchKnowledge {
    /// Reads a bench file.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        Self::of(bench::real(file)?)
    }

    /// What a bench says that was read.
    pub(crate) fn of(bench: Bench) -> Result<Self> {
        let all = dialects()?;
        let known = bench.instruments.iter().filter_map(|(name, entry)| {
            let named = entry.dialect.as_deref().and_then(|dialect| all.named(dialect)).cloned();
            let identity = entry.identity.as_deref().and_then(whole_identity);
            let asked_for = || {
                let identity = identity?;
                Some(all.for_identity(&identity)?.of_model(&identity))
            };
            Some((name.clone(), named.or_else(asked_for)?))
        });
        let dialects = known.collect();
        Ok(Self { bench, dialects })
    }

    /// Expands a plan with all that is known; every fault of plan and bench together. On a bench with sites, for each of
    /// them, and with what they cannot share; the first site's is given.
    pub(crate) fn expand(&self, loaded: &LoadedPlan, inputs: &Inputs<'_>) -> Result<Schedule> {
        let own = self.bench.sites.iter();
        let sites: Vec<Bench> = own.map(|(name, site)| self.bench.at_site(name, site)).collect();
        let mut schedules = Vec::new();
        for bench in &sites {
            schedules.push(Self::of(bench.clone())?.expand_here(loaded, inputs)?);
        }
        let pairs = sites.into_iter().map(ChosenBench::Real).zip(&schedules);
        sharing::check(loaded, &pairs.collect::<Vec<_>>())?;
        match schedules.into_iter().next() {
            Some(first) => Ok(first),
            None => self.expand_here(loaded, inputs),
        }
    }

    fn expand_here(&self, loaded: &LoadedPlan, inputs: &Inputs<'_>) -> Result<Schedule> {
        let dialect_of = |role: &str| self.dialect(role);
        let channel_of = |role: &str| Some(self.bench.target(role)?.channel);
        let most_of = |role: &str, setting: Setting| self.bench.most(role, setting);
        let years_of = |role: &str| -> Option<Decimal> { years_since(self.calibration(role)) };
        let accuracy_of = |role: &str, function: Function| self.accuracy(role, function);
        let known = Inputs {
            set: inputs.set,
            selection: inputs.selection.clone(),
            dialect_of: &dialect_of,
            channel_of: &channel_of,
            most_of: &most_of,
            years_of: Some(&years_of),
            accuracy_of: &accuracy_of,
            simulated: inputs.simulated,
        };
        let schedule = expand(loaded, &known)?;
        let faults = self.faults(&loaded.plan, &schedule);
        match faults.is_empty() {
            true => Ok(schedule),
            false => Err(Failure::new(
                Exit::PlanInvalid,
                format!("{}: not on this bench: {}", loaded.text.file, faults.join("; ")),
            )),
        }
    }

    /// How often a second the line's voltage comes back.
    pub(crate) fn line_frequency_hz(&self) -> u32 {
        self.bench.line_frequency_hz
    }

    fn dialect(&self, role: &str) -> Option<&Dialect> {
        self.dialects.get(&self.bench.target(role)?.instrument)
    }

    /// Nothing is known of an instrument that may be any: it will say at the run what it is.
    fn accuracy(&self, role: &str, function: Function) -> Option<KnownAccuracy<'_>> {
        let name = &self.bench.target(role)?.instrument;
        let dialect = self.dialects.get(name);
        let tables = self.bench.instruments.get(name)?.accuracy(function, dialect);
        let is_known = dialect.is_some() || !tables.is_empty();
        is_known.then(|| KnownAccuracy { tables, days: days_since(self.calibration(role)) })
    }

    fn calibration(&self, role: &str) -> Option<&Calibration> {
        let instrument = self.bench.instruments.get(&self.bench.target(role)?.instrument)?;
        instrument.calibration.as_ref()
    }

    fn faults(&self, plan: &Plan, schedule: &Schedule) -> Vec<String> {
        let roles = schedule.roles_used.iter().filter_map(|role| plan.roles.get(role));
        let fault = |role: &std::sync::Arc<test_plan::Role>| {
            let name = &role.name;
            let Some(target) = self.bench.target(name) else {
                let bench = &self.bench.name;
                return Some(format!("the bench '{bench}' has nobody for the role '{name}'"));
            };
            let instrument = &target.instrument;
            let class = self.dialect(name).map(|dialect| dialect.class);
            if let Some(class) = class.filter(|own| *own != role.class)
                && role.class != Class::Instrument
            {
                let wanted = role.class;
                return Some(format!("'{name}' is a {wanted}, and '{instrument}' is a {class}"));
            }
            let needed = role.calibration == Some(CalibrationRule::Required);
            let fault = needed.then(|| calibration_fault(self.calibration(name))).flatten();
            fault.map(|fault| format!("the role '{name}': {instrument} {fault}"))
        };
        roles.filter_map(fault).collect()
    }
}

/// The identity that a bench file wants, where it leaves nothing open.
fn whole_identity(wanted: &str) -> Option<Identity> {
    let is_whole = !wanted.contains('*') && wanted.contains(',');
    is_whole.then(|| format!("{wanted},0,0").parse().ok()).flatten()
}
