//! What a journal says that the rows must be.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use bench_model::{ResultId, RunEvent, Verdict, VerdictCounts};
use run_journal::{ChainHash, JournalReader, Position};
use uuid::Uuid;

use super::difference::Difference;
use crate::document::Document;
use crate::recorder::{Columns, Kind, Measurement, Part, ResultRow, Stored, WaveformRow, digest};

/// A journal, as far as the database has it, and what the database calls its instruments.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) document: &'a Document,
    /// The numbers of records that were put aside.
    pub(super) rejected: &'a HashSet<u64>,
    /// The last record that counts.
    pub(super) until: u64,
}

/// A row that must be there.
pub(super) struct Fact {
    pub(super) kind: Kind,
    pub(super) id: Uuid,
    /// The number of its record.
    pub(super) record: u64,
    pub(super) columns: Columns,
}

/// The end of what was read.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) seq: u64,
    pub(super) chain: ChainHash,
    pub(super) counts: VerdictCounts,
}

impl Source<'_> {
    /// Gives every row away that an event asks for.
    pub(super) fn for_each(&self, mut take: impl FnMut(&Fact)) -> Part<End> {
        let superseded = self.superseded()?;
        let mut reader = JournalReader::open(self.path, Position::START)?;
        let mut end = End { seq: 0, chain: ChainHash::START, counts: VerdictCounts::default() };
        let mut identified = 0;
        while end.seq < self.until {
            let Some(entry) = reader.next()? else { break };
            (end.seq, end.chain) = (entry.record.seq, entry.chain);
            if self.rejected.contains(&end.seq) {
                continue;
            }
            match &entry.record.event {
                RunEvent::InstrumentIdentified(_) => identified += 1,
                RunEvent::Judged(result) => end.counts.add(result.verdict),
                RunEvent::Resumed(resumed) => end.counts = resumed.counts,
                _ => {}
            }
            if let Some(fact) = self.fact(&entry.record.event, end.seq, identified, &superseded)? {
                take(&fact);
            }
        }
        Ok(end)
    }

    /// Results that were judged anew after a cut: their rows say so.
    fn superseded(&self) -> Part<HashSet<ResultId>> {
        let mut reader = JournalReader::open(self.path, Position::START)?;
        let mut superseded = HashSet::new();
        while let Some(entry) = reader.next()? {
            if entry.record.seq > self.until {
                break;
            }
            if let RunEvent::Resumed(resumed) = entry.record.event {
                superseded.extend(resumed.superseded);
            }
        }
        Ok(superseded)
    }

    fn fact(
        &self,
        event: &RunEvent,
        record: u64,
        identified: usize,
        superseded: &HashSet<ResultId>,
    ) -> Part<Option<Fact>> {
        let equipment = |name: &str| self.document.equipment_of(name, identified);
        match event {
            RunEvent::Reading(reading) => {
                let row = Measurement::of(reading, equipment(&reading.instrument))?;
                Ok(Some(fact(reading.id.0, record, &row)))
            }
            RunEvent::Waveform(waveform) => {
                let row = WaveformRow::of(waveform, equipment(&waveform.instrument));
                Ok(Some(fact(waveform.id.0, record, &row)))
            }
            RunEvent::Judged(result) if result.verdict != Verdict::Recorded => {
                let device = result.instrument.as_deref().and_then(equipment);
                let mut row = ResultRow::of(result, device, record)?;
                if superseded.contains(&result.id) {
                    row = row.superseded(result, record)?;
                }
                Ok(Some(fact(result.id.0, record, &row)))
            }
            _ => Ok(None),
        }
    }
}

fn fact<T: Stored>(id: Uuid, record: u64, row: &T) -> Fact {
    Fact { kind: T::KIND, id, record, columns: row.columns() }
}

/// All rows that must be there, each by its id and the hash of its columns.
pub(super) struct Expected {
    pub(super) readings: Facts,
    pub(super) results: Facts,
    pub(super) waveforms: Facts,
    pub(super) last_seq: u64,
    pub(super) chain: ChainHash,
    pub(super) counts: VerdictCounts,
}

impl Expected {
    pub(super) fn read(source: &Source<'_>) -> Part<Self> {
        let (mut readings, mut results, mut waveforms) =
            (Facts::default(), Facts::default(), Facts::default());
        let end = source.for_each(|fact| {
            let facts = match fact.kind {
                Kind::Reading => &mut readings,
                Kind::Result => &mut results,
                Kind::Waveform => &mut waveforms,
            };
            let known = Known { record: fact.record, digest: digest(&fact.columns), met: false };
            facts.0.insert(fact.id, known);
        })?;
        let End { seq: last_seq, chain, counts } = end;
        Ok(Self { readings, results, waveforms, last_seq, chain, counts })
    }
}

/// Rows of one table by their ids.
#[derive(Default)]
pub(super) struct Facts(HashMap<Uuid, Known>);

struct Known {
    record: u64,
    digest: [u8; 32],
    met: bool,
}

/// A row that no event asks for.
pub(super) enum Strange {
    Foreign(Option<Uuid>),
    Twice(Uuid),
}

impl Strange {
    pub(super) fn difference(self, kind: Kind) -> Difference {
        match self {
            Self::Foreign(id) => Difference::Foreign { kind, id },
            Self::Twice(id) => Difference::Twice { kind, id },
        }
    }
}

impl Facts {
    /// Takes note of a row; its id where it is another one than it must be.
    pub(super) fn meet(
        &mut self,
        id: Option<Uuid>,
        digest: &[u8; 32],
    ) -> Result<Option<Uuid>, Strange> {
        let known = id.and_then(|id| self.0.get_mut(&id).map(|known| (id, known)));
        let (id, known) = known.ok_or(Strange::Foreign(id))?;
        if std::mem::replace(&mut known.met, true) {
            return Err(Strange::Twice(id));
        }
        Ok((known.digest != *digest).then_some(id))
    }

    /// Rows that are not there, with the numbers of their records and by them.
    pub(super) fn not_met(&self) -> Vec<(Uuid, u64)> {
        let missing = self.0.iter().filter(|(_, known)| !known.met);
        let mut missing: Vec<_> = missing.map(|(id, known)| (*id, known.record)).collect();
        missing.sort_by_key(|(_, record)| *record);
        missing
    }
}
