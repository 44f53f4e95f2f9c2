//! What `testing.test_sessions.metadata` holds of a session: its events, as far as no table has a place for them.

use bench_model::{
    Dut, InstrumentIdentity, InstrumentStatus, SafeState, SessionEnd, SessionStart, Timestamp,
    VerdictCounts,
};
use uuid::Uuid;

/// Warnings that are kept in the row; the journal has all of them.
const MAX_WARNINGS: usize = 1000;

/// A session as its row has it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Document {
    /// The first event, with the plan's whole text.
    pub(crate) start: SessionStart,
    pub(crate) started_at: Timestamp,
    /// From the start, where queries look for it.
    pub(crate) dut: Dut,
    pub(crate) simulated: bool,
    pub(crate) partial: bool,
    pub(crate) instruments: Vec<KnownInstrument>,
    /// What was said of instruments that had not yet said who they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unidentified: Vec<StatusAt>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) safe_state: Option<SafeState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) finished: Option<Finished>,
}

/// An instrument of the session and its row.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct KnownInstrument {
    pub(crate) equipment_id: Uuid,
    pub(crate) identity: InstrumentIdentity,
}

/// A status and when it was so.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct StatusAt {
    pub(crate) at: Timestamp,
    pub(crate) status: InstrumentStatus,
}

/// The last event, and what the columns cannot hold exactly.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Finished {
    pub(crate) at: Timestamp,
    pub(crate) end: SessionEnd,
    /// How many came out how, the ERROR and INCONCLUSIVE ones too.
    pub(crate) counts: VerdictCounts,
    pub(crate) readings: u64,
    pub(crate) waveforms: u64,
    /// The column has whole seconds alone.
    pub(crate) duration_s: f64,
}

impl Document {
    pub(crate) fn new(start: SessionStart, started_at: Timestamp) -> Self {
        Self {
            dut: start.dut.clone(),
            simulated: start.simulated,
            partial: start.partial,
            start,
            started_at,
            instruments: Vec::new(),
            unidentified: Vec::new(),
            warnings: Vec::new(),
            safe_state: None,
            finished: None,
        }
    }

    /// Keeps a warning, as far as there is room.
    pub(crate) fn warn(&mut self, message: String) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(message);
        }
    }

    /// The row of an instrument, by its name in the bench file; of several the last that answered.
    pub(crate) fn equipment(&self, instrument: &str) -> Option<Uuid> {
        self.equipment_of(instrument, self.instruments.len())
    }

    /// The same as it was when so many had answered.
    pub(crate) fn equipment_of(&self, instrument: &str, answered: usize) -> Option<Uuid> {
        let mut known = self.instruments.iter().take(answered).rev();
        let found = known.find(|known| known.identity.instrument == instrument);
        found.map(|known| known.equipment_id)
    }
}
