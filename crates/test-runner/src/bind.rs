//! Roles to channels: who must answer, what they must be, and whether they may be used.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bench_catalog::{Bench, Class};
use bench_instruments::{BenchedInstrument, Channel, OpenOptions, open};
use bench_model::{InstrumentIdentity, InstrumentStatus, Presence, RoleBinding, RunEvent};
use test_plan::{CalibrationRule, Plan};

use crate::calibration::{calibration_fault, state_of, today};
use crate::emit::{Emitter, JournalLost};

/// The channels that play the roles, by role.
pub(crate) type Channels = BTreeMap<String, Channel>;

/// Opened instruments and the roles that they play.
pub(crate) struct Bound {
    pub(crate) channels: Channels,
    pub(crate) instruments: BTreeMap<String, Arc<BenchedInstrument>>,
    /// Why the session cannot run, one for each fault.
    pub(crate) faults: Vec<String>,
}

/// Who must answer.
pub(crate) struct Wanted<'w> {
    pub(crate) plan: &'w Plan,
    pub(crate) roles: &'w BTreeSet<String>,
    /// Who had answered before the session was cut.
    pub(crate) before: Option<&'w [InstrumentIdentity]>,
}

/// Opens what the roles need and tells who answered.
pub(crate) async fn bind(
    who: &Wanted<'_>,
    bench: &Bench,
    options: &OpenOptions,
    emitter: &mut Emitter,
) -> Result<Bound, JournalLost> {
    let plan = who.plan;
    let (targets, mut faults) = targets(who.roles, bench);
    let wanted = targets.values().map(|(instrument, _)| instrument.clone()).collect();
    let any_identity = any_identity(plan, &targets);
    let options = OpenOptions { any_identity, ..options.clone() };
    let opened = open(bench, &wanted, &options).await;
    for (instrument, error) in &opened.failed {
        faults.push(error.to_string());
        let message = Some(error.to_string());
        let presence = Presence::Error;
        let status = InstrumentStatus { instrument: instrument.clone(), presence, message };
        emitter.emit(RunEvent::InstrumentStatus(status)).await?;
    }
    let mut channels = Channels::new();
    for (role, (instrument, channel)) in &targets {
        let Some(instrument) = opened.instruments.get(instrument) else { continue };
        match play(plan, role, instrument, *channel) {
            Ok(channel) => {
                channels.insert(role.clone(), channel);
            }
            Err(fault) => faults.push(fault),
        }
    }
    tell(&opened.instruments, &targets, emitter).await?;
    warn(plan, &opened.instruments, &targets, emitter).await?;
    for (name, instrument) in &opened.instruments {
        let other = who.before.and_then(|before| other_than(before, name, instrument));
        match other {
            Some(other) if options.any_identity.contains(name) => emitter.warn(other).await?,
            Some(other) => faults.push(other),
            None => {}
        }
    }
    Ok(Bound { channels, instruments: opened.instruments, faults })
}

type Targets = BTreeMap<String, (String, u32)>;

fn targets(roles: &BTreeSet<String>, bench: &Bench) -> (Targets, Vec<String>) {
    let mut found = Targets::new();
    let mut faults = Vec::new();
    for role in roles {
        match bench.target(role) {
            Some(target) => {
                found.insert(role.clone(), (target.instrument, target.channel));
            }
            None => faults.push(format!(
                "the bench '{}' has nobody for the role '{role}'; a line such as \
                 {role} = {{ instrument = \"...\", channel = 1 }} under its [roles] is wanted",
                bench.name
            )),
        }
    }
    (found, faults)
}

/// In words, where it is another instrument than before the session was cut.
fn other_than(
    before: &[InstrumentIdentity],
    name: &str,
    instrument: &BenchedInstrument,
) -> Option<String> {
    let now = instrument.identity();
    // The first that answered: a later try to go on may have met others.
    let was = before.iter().find(|identity| identity.instrument == name)?;
    let is_same = was.maker == now.maker && was.model == now.model && was.serial == now.serial;
    (!is_same).then(|| {
        let (was, now) = (was.idn.escape_debug(), now.raw.escape_debug());
        format!("{name} is '{now}' now, and the run was begun with '{was}'")
    })
}

/// Instruments that may be others than the bench file says: all of their roles allow it.
fn any_identity(plan: &Plan, targets: &Targets) -> BTreeSet<String> {
    let allows = |role: &str| plan.roles.get(role).is_some_and(|role| role.any_identity);
    let checked: BTreeSet<_> =
        targets.iter().filter(|(role, _)| !allows(role)).map(|(_, (name, _))| name).collect();
    let names = targets.values().map(|(name, _)| name);
    names.filter(|name| !checked.contains(name)).cloned().collect()
}

/// The channel for a role, if its instrument is of the role's class and calibrated as the plan demands.
fn play(
    plan: &Plan,
    role: &str,
    instrument: &Arc<BenchedInstrument>,
    channel: u32,
) -> Result<Channel, String> {
    let channel = instrument.channel(role, channel).map_err(|error| error.to_string())?;
    let Some(wanted) = plan.roles.get(role) else { return Ok(channel) };
    let class = instrument.dialect().class;
    if wanted.class != Class::Instrument && wanted.class != class {
        return Err(format!(
            "the role '{role}' wants a {}, and {} at {} is a {class} ({})",
            wanted.class,
            instrument.name(),
            instrument.address(),
            instrument.identity(),
        ));
    }
    if wanted.calibration == Some(CalibrationRule::Required) {
        calibration_fault(instrument.calibration()).map_or(Ok(()), |fault| {
            Err(format!("the role '{role}': {} {fault}", instrument.name()))
        })?;
    }
    Ok(channel)
}

/// Says who answered, and as what.
async fn tell(
    instruments: &BTreeMap<String, Arc<BenchedInstrument>>,
    targets: &Targets,
    emitter: &mut Emitter,
) -> Result<(), JournalLost> {
    let today = today();
    for (name, instrument) in instruments {
        let roles = targets.iter().filter(|(_, (instrument, _))| instrument == name);
        let roles = roles
            .map(|(role, (_, channel))| RoleBinding { role: role.clone(), channel: *channel })
            .collect();
        let mut identity = instrument.describe(roles);
        identity.calibration = instrument.calibration().map(|it| state_of(it, today));
        emitter.emit(RunEvent::InstrumentIdentified(Box::new(identity))).await?;
        emitter.emit(presence(name, Presence::Online, None)).await?;
    }
    Ok(())
}

/// Says what of those who answered is not as it should be, and stops nothing.
async fn warn(
    plan: &Plan,
    instruments: &BTreeMap<String, Arc<BenchedInstrument>>,
    targets: &Targets,
    emitter: &mut Emitter,
) -> Result<(), JournalLost> {
    for (name, instrument) in instruments {
        if let Some(unexpected) = instrument.unexpected() {
            emitter.warn(unexpected).await?;
        }
        let roles = targets.iter().filter(|(_, (own, _))| own == name);
        let mut rules = roles.map(|(role, _)| plan.roles.get(role)?.calibration);
        let state = instrument.calibration().map(|it| state_of(it, today())).unwrap_or_default();
        if state.overdue == Some(true) && rules.any(|rule| rule != Some(CalibrationRule::Waived)) {
            let due = state.due.unwrap_or_default();
            emitter.warn(format!("{name} was due for calibration on {due}")).await?;
        }
    }
    Ok(())
}

/// An instrument came, went or failed.
pub(crate) fn presence(name: &str, presence: Presence, message: Option<String>) -> RunEvent {
    RunEvent::InstrumentStatus(InstrumentStatus { instrument: name.to_owned(), presence, message })
}
