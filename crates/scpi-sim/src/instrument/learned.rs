//! What an instrument has been set to since its last reset, as the commands that set it: behind `*LRN?`, `*SAV` and
//! `*RCL` (IEEE 488.2 clauses 10.17, 10.33 and 10.29).

use scpi_protocol::program::{Parameter, ProgramMessage, ProgramUnit};

use super::device::Place;

/// Settings that are remembered; with more the oldest is forgotten.
const MAX_SETTINGS: usize = 256;

/// Places for `*SAV` and `*RCL`.
pub(super) const PLACES: usize = 10;

/// Settings, each by its last command.
#[derive(Clone, Debug, Default)]
pub(super) struct Learned {
    settings: Vec<(Key, ProgramUnit)>,
}

/// What a later command takes the place of: the same header with the same first word, such as a channel.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    place: Place,
    suffixes: Vec<u32>,
    first: Option<Parameter>,
}

impl Learned {
    /// Notes a command that was executed.
    pub(super) fn note(
        &mut self,
        place: Place,
        suffixes: &[u32],
        path: &[String],
        unit: &ProgramUnit,
    ) {
        let is_word = |parameter: &&Parameter| matches!(parameter, Parameter::Word(_));
        let has_more = unit.parameters.len() > 1;
        let first = unit.parameters.first().filter(is_word).filter(|_| has_more).cloned();
        let key = Key { place, suffixes: suffixes.to_vec(), first };
        self.settings.retain(|(own, _)| *own != key);
        if self.settings.len() >= MAX_SETTINGS {
            self.settings.remove(0);
        }
        let mut unit = unit.clone();
        unit.header.absolute = true;
        unit.header.mnemonics = path.to_vec();
        self.settings.push((key, unit));
    }

    pub(super) fn clear(&mut self) {
        self.settings.clear();
    }

    /// As one message that brings all of it back.
    pub(super) fn message(&self) -> Vec<u8> {
        let units = self.settings.iter().map(|(_, unit)| unit.clone()).collect();
        ProgramMessage { units }.to_bytes()
    }
}
