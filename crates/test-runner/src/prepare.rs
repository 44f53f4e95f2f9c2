//! The state in which a session begins: everything off, every instrument in a known state.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bench_instruments::safe_state::{Stage, make_safe};
use bench_instruments::{BenchedInstrument, InstrumentError};
use bench_model::{OutputSafety, Prepared, PreparedInstrument, RunEvent};
use futures_util::future::join_all;
use tokio::time::timeout;

use crate::execute::Execution;
use crate::gate::Ticket;
use crate::halt::Halt;
use crate::sites::Gates;

/// How long an instrument may take to get its front panel back: one that is gone holds up nothing.
const FREE_PANEL_WAIT: Duration = Duration::from_secs(1);

/// The instruments of a session, by their names.
pub(crate) type Instruments = BTreeMap<String, Arc<BenchedInstrument>>;

impl Execution<'_> {
    /// Switches everything off that the plan uses, and brings its instruments into a known state. Where an output
    /// cannot be confirmed off, or an instrument does not follow, nothing is set.
    pub(crate) async fn prepare(
        &mut self,
        instruments: &Instruments,
        stages: &[Stage],
        lockout: bool,
        gates: Gates,
    ) -> Result<(), Halt> {
        self.tell_errors_before(instruments).await?;
        let outputs = self.stop.guard(make_safe(stages)).await?;
        // A preset changes all of an instrument: no site's output may be on any more, and none on again.
        self.pass(gates.off).await?;
        let mut faults: Vec<_> = outputs.iter().filter_map(not_off).collect();
        let mut prepared = Vec::new();
        if faults.is_empty() {
            let all = join_all(instruments.values().map(|it| prepare_one(it, lockout)));
            for one in self.stop.guard(all).await? {
                match one {
                    Ok((instrument, refused)) => {
                        prepared.push(instrument);
                        faults.extend(refused);
                    }
                    Err(error) => faults.push(error.to_string()),
                }
            }
        }
        let event = Prepared { outputs, instruments: prepared };
        self.emitter.emit(RunEvent::Prepared(Box::new(event))).await?;
        self.pass(gates.preset).await?;
        if faults.is_empty() { Ok(()) } else { Err(Halt::NotReady(faults)) }
    }

    async fn pass(&mut self, gate: Option<Ticket>) -> Result<(), Halt> {
        let Some(gate) = gate else { return Ok(()) };
        Ok(self.stop.wait(gate.pass()).await?)
    }

    async fn tell_errors_before(&mut self, instruments: &Instruments) -> Result<(), Halt> {
        for (name, instrument) in instruments {
            let entries = listed(instrument.old_errors());
            if !entries.is_empty() {
                let entries = entries.join(", ");
                let told = format!("{name}: its error queue held, from before the run: {entries}");
                self.emitter.warn(told).await?;
            }
        }
        Ok(())
    }
}

/// Gives the front panels back.
pub(crate) async fn free_panels(instruments: impl Iterator<Item = &Arc<BenchedInstrument>>) {
    let free = |it: &Arc<BenchedInstrument>| {
        let it = Arc::clone(it);
        // A panel that stays locked changes no result; its key for local control still works.
        async move { timeout(FREE_PANEL_WAIT, it.free_panel()).await.is_ok() }
    };
    join_all(instruments.map(free)).await;
}

fn not_off(output: &OutputSafety) -> Option<String> {
    let OutputSafety { role, instrument, channel, .. } = output;
    output.detail.as_ref().map(|detail| {
        format!(
            "{role} ({instrument} channel {channel}) is not confirmed off before the run: {detail}"
        )
    })
}

/// What was done to one instrument, and what it refused of it.
async fn prepare_one(
    instrument: &BenchedInstrument,
    lockout: bool,
) -> Result<(PreparedInstrument, Option<String>), InstrumentError> {
    let refused = listed(&instrument.preset().await?);
    let locked = lockout && instrument.lock_panel().await?;
    let name = instrument.name();
    let refused = (!refused.is_empty())
        .then(|| format!("{name}: it refuses its preset: {}", refused.join(", ")));
    let prepared = PreparedInstrument {
        instrument: name.to_owned(),
        errors_before: listed(instrument.old_errors()),
        preset: instrument.dialect().preset.clone(),
        locked,
    };
    Ok((prepared, refused))
}

fn listed(entries: &[impl ToString]) -> Vec<String> {
    entries.iter().map(|entry| entry.to_string().escape_debug().to_string()).collect()
}
