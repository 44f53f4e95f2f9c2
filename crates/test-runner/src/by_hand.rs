//! Readings that a person takes: asked, understood, recorded like those of any instrument.

use std::collections::{BTreeMap, BTreeSet};

use bench_catalog::{Bench, Class, ManualInstrument};
use bench_instruments::Answer;
use bench_model::{InstrumentIdentity, Measured, RoleBinding, RunEvent};
use test_plan::{AnswerKind, CalibrationRule, Entry, Plan, ReadingSpec, Schedule};

use crate::calibration::{calibration_fault, state_of, today};
use crate::emit::{Emitter, JournalLost};
use crate::execute::{Execution, Leaf};
use crate::halt::Halt;
use crate::operator::Question;

/// Answers to one question that may be wrong before it is given up.
const MAX_WRONG_ANSWERS: u32 = 20;

/// What stands for the address and the dialect of what a person reads.
const MANUAL: &str = "manual";

/// What is read by hand, by role: the names of the instruments.
pub(crate) type ByHand = BTreeMap<String, String>;

/// Who is read by hand, and what stands in the way of it.
pub(crate) fn by_hand(
    plan: &Plan,
    schedule: &Schedule,
    bench: &Bench,
    simulated: bool,
) -> Result<ByHand, Vec<String>> {
    let (mut found, mut faults) = (ByHand::new(), Vec::new());
    for role in &schedule.read_by_hand {
        match bench.read_by_hand(role) {
            Some((name, own)) => {
                found.insert(role.clone(), name.to_owned());
                faults.extend(fault_of(plan, role, name, own));
            }
            None if simulated => {
                found.insert(role.clone(), role.clone());
            }
            None => faults.push(format!(
                "the role '{role}' is read by hand, and the bench '{}' does not say what that is: \
                 [manual.{role}] with maker, model, serial and calibration is wanted",
                bench.name
            )),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn fault_of(plan: &Plan, role: &str, name: &str, own: &ManualInstrument) -> Option<String> {
    let is_required = plan.roles.get(role)?.calibration == Some(CalibrationRule::Required);
    let fault = calibration_fault(own.calibration.as_ref()).filter(|_| is_required)?;
    Some(format!("the role '{role}': {name} {fault}"))
}

/// Says what is read by hand, once for each instrument.
pub(crate) async fn tell_by_hand(
    found: &ByHand,
    bench: &Bench,
    simulated: bool,
    emitter: &mut Emitter,
) -> Result<(), JournalLost> {
    let names: BTreeSet<&String> = found.values().collect();
    for name in names {
        let roles = found.iter().filter(|(_, own)| *own == name);
        let roles = roles.map(|(role, _)| RoleBinding { role: role.clone(), channel: 1 });
        let own = bench.manual.get(name).cloned().unwrap_or_default();
        let identity = identity(name, &own, roles.collect(), simulated);
        emitter.emit(RunEvent::InstrumentIdentified(Box::new(identity))).await?;
    }
    Ok(())
}

fn identity(
    name: &str,
    own: &ManualInstrument,
    roles: Vec<RoleBinding>,
    simulated: bool,
) -> InstrumentIdentity {
    let ManualInstrument { maker, model, serial, calibration } = own.clone();
    let idn = format!("{maker},{model},{},", serial.as_deref().unwrap_or_default());
    InstrumentIdentity {
        instrument: name.to_owned(),
        address: MANUAL.to_owned(),
        class: Class::Manual.word().to_owned(),
        dialect: MANUAL.to_owned(),
        idn,
        maker,
        model,
        serial,
        firmware: None,
        simulated,
        channels: 1,
        capabilities: Vec::new(),
        max_voltage: None,
        max_current: None,
        max_power: None,
        roles,
        dialect_sha256: None,
        calibration: calibration.map(|own| state_of(&own, today())),
    }
}

impl Execution<'_> {
    /// One reading by a person. The inner error says why there is none.
    pub(crate) async fn read_by_hand(
        &mut self,
        leaf: &Leaf,
        entry: &Entry,
    ) -> Result<Result<Answer, String>, Halt> {
        if let (true, Some(sim)) = (self.attended.simulated, &entry.sim) {
            let measured =
                Measured::number(bench_model::Value::Finite(sim.value.clone()), sim.unit.clone());
            return Ok(answer(&sim.to_string(), measured));
        }
        let operator = self.attended.operator;
        if !operator.is_there() {
            return Ok(Err("nobody is there to read it".to_owned()));
        }
        let kind = AnswerKind::Number(entry.unit.clone());
        let mut question = Question {
            place: leaf.place.to_string(),
            text: entry.question.clone(),
            picture: None,
            wanted: kind.wanted(),
            complaint: None,
        };
        for _ in 0..MAX_WRONG_ANSWERS {
            let text = match self.stop.guard(operator.ask(&question)).await? {
                Ok(text) => text,
                Err(fault) => return Ok(Err(fault)),
            };
            match kind.read(&text) {
                Ok(measured) => return Ok(answer(&text, measured)),
                Err(fault) => question.complaint = Some(fault),
            }
        }
        Ok(Err(format!("{MAX_WRONG_ANSWERS} answers were no reading")))
    }

    /// The instrument that a person reads in a role.
    pub(crate) fn hand_of(&self, spec: &ReadingSpec) -> String {
        self.by_hand.get(&spec.role).cloned().unwrap_or_else(|| spec.role.clone())
    }
}

fn answer(raw: &str, measured: Measured) -> Result<Answer, String> {
    match measured {
        Measured::Number { value, unit } => Ok(Answer { raw: raw.trim().to_owned(), value, unit }),
        other => Err(format!("{other} is no number")),
    }
}
