//! Roles to channels: who must answer, what they must be, and whether they may be used.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bench_catalog::{Bench, Class};
use bench_instruments::{BenchedInstrument, Channel, OpenOptions, Opened, open};
use bench_model::{InstrumentIdentity, InstrumentStatus, Presence, RoleBinding, RunEvent};
use test_plan::{CalibrationRule, Plan};

use crate::calibration::{calibration_fault, state_of, today};
use crate::emit::{Emitter, JournalLost};
use crate::session::Session;

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
    opened: &Opened,
    emitter: &mut Emitter,
) -> Result<Bound, JournalLost> {
    let plan = who.plan;
    let (targets, mut faults) = targets(who.roles, bench);
    let own = |name: &String| targets.values().any(|(instrument, _)| instrument == name);
    for (instrument, error) in opened.failed.iter().filter(|(name, _)| own(name)) {
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
    let instruments: BTreeMap<_, _> = opened
        .instruments
        .iter()
        .filter(|(name, _)| own(name))
        .map(|(name, instrument)| (name.clone(), Arc::clone(instrument)))
        .collect();
    tell(&instruments, &targets, emitter).await?;
    warn(plan, &instruments, &targets, emitter).await?;
    let (any, _) = identities(plan, &targets);
    for (name, instrument) in &instruments {
        let other = who.before.and_then(|before| other_than(before, name, instrument));
        match other {
            Some(other) if any.contains(name) => emitter.warn(other).await?,
            Some(other) => faults.push(other),
            None => {}
        }
    }
    Ok(Bound { channels, instruments, faults })
}

/// Opens what the sessions of all sites need, each instrument once.
pub(crate) async fn open_all(sessions: &[&Session<'_>]) -> Opened {
    let Some(first) = sessions.first() else { return Opened::default() };
    let (mut any_identity, mut checked) = (BTreeSet::new(), BTreeSet::new());
    let mut wanted = BTreeSet::new();
    for session in sessions {
        let (targets, _) = targets(&session.roles, session.bench);
        wanted.extend(targets.values().map(|(instrument, _)| instrument.clone()));
        let (any, others) = identities(session.plan, &targets);
        any_identity.extend(any);
        checked.extend(others);
    }
    any_identity.retain(|name| !checked.contains(name));
    let options = OpenOptions { any_identity, ..first.options.clone() };
    open(first.bench, &wanted, &options).await
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

/// Instruments that may be others than the bench file says, as all of their roles allow it, and those that may not.
fn identities(plan: &Plan, targets: &Targets) -> (BTreeSet<String>, BTreeSet<String>) {
    let allows = |role: &str| plan.roles.get(role).is_some_and(|role| role.any_identity);
    let checked: BTreeSet<_> = targets
        .iter()
        .filter(|(role, _)| !allows(role))
        .map(|(_, (name, _))| name.clone())
        .collect();
    let names = targets.values().map(|(name, _)| name);
    (names.filter(|name| !checked.contains(*name)).cloned().collect(), checked)
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
