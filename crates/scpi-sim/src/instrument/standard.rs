//! What the common commands do (IEEE 488.2 clause 10, SCPI-99 volume 2 clauses 20 and 21).

use scpi_protocol::program::{HeaderPath, LookupError, Parameter, units};
use tokio::time::sleep_until;

use super::common::{COMMON, Common, Item, Which};
use super::device::{Device, Place};
use super::learned::PLACES;
use super::registers::Register;
use super::{Answer, Call, Outcome, Refusal, Reply};
use crate::settings::{Bounds, count, none, one};

/// `*ESE` and `*SRE`.
const MASK: Bounds = Bounds::new("", 0.0, 255.0, 0.0);

/// The masks of the registers of SCPI, of which the highest bit is not used.
const WIDE_MASK: Bounds = Bounds::new("", 0.0, 65_535.0, 0.0);

/// `*SAV` and `*RCL`.
const PLACE: Bounds = Bounds::new("", 0.0, 9.0, 0.0);

impl Device {
    pub(super) async fn common(
        &mut self,
        command: usize,
        query: bool,
        parameters: &[Parameter],
        answer_waits: bool,
    ) -> Outcome {
        match (COMMON.get(command), query) {
            (Some(Common::OperationComplete), true) => {
                none(parameters)?;
                // Quirk Q17: it says whether it is busy instead of waiting.
                if self.quirks.has(17) && self.model.is_busy() {
                    return Reply::text("0");
                }
                self.idle().await;
                Reply::text("1")
            }
            (Some(Common::Wait), _) => {
                none(parameters)?;
                self.idle().await;
                Ok(Reply::Done)
            }
            (Some(Common::EventMask), false) => {
                self.status.event_mask = mask(one(parameters)?)?;
                Ok(Reply::Done)
            }
            (Some(Common::ServiceMask), false) => {
                // Bit 6 is the summary itself (clause 11.3.2.3).
                self.status.service_mask = mask(one(parameters)?)? & !64;
                Ok(Reply::Done)
            }
            (Some(Common::PowerOnClear), false) => {
                self.clears_on_power = one(parameters)?.boolean()?;
                Ok(Reply::Done)
            }
            (Some(Common::Save), _) => self.save(place(parameters)?),
            (Some(Common::Recall), _) => self.recall(place(parameters)?),
            (Some(Common::Status(which, item)), _) => {
                self.register_of_scpi(*which, *item, query, parameters)
            }
            (Some(common), _) => {
                none(parameters)?;
                self.at_once(*common, answer_waits)
            }
            (None, _) => Err(LookupError::Undefined.code().into()),
        }
    }

    /// What takes no parameter and no time.
    fn at_once(&mut self, command: Common, answer_waits: bool) -> Outcome {
        match command {
            Common::ClearStatus => {
                self.status.clear();
                // Clause 10.3: what *OPC waits for is forgotten too.
                self.completion_wanted = false;
            }
            Common::Reset => self.reset(),
            Common::OperationComplete => {
                self.completion_wanted = true;
                self.note_completion();
            }
            Common::Trigger => return self.model.trigger(),
            Common::StatusPreset => {
                self.status.operation.preset();
                self.status.questionable.preset();
            }
            Common::Learn => {
                let settings = self.learned.message();
                let end = if settings.is_empty() { String::new() } else { ";".to_owned() };
                return Reply::text(format!("*RST{end}{}", String::from_utf8_lossy(&settings)));
            }
            other => return self.asked(other, answer_waits),
        }
        Ok(Reply::Done)
    }

    fn asked(&mut self, command: Common, answer_waits: bool) -> Outcome {
        let value = match command {
            Common::Events => self.status.take_events(),
            Common::EventMask => self.status.event_mask,
            Common::ServiceMask => self.status.service_mask,
            Common::StatusByte => self.status.byte(answer_waits),
            Common::PowerOnClear => self.clears_on_power.into(),
            Common::SelfTest => 0,
            Common::Options => return Reply::text("0"),
            Common::ControlPort => {
                return Reply::text(format!("{}{}", self.plus(), self.control_port.unwrap_or(0)));
            }
            Common::Identity => {
                return Ok(Reply::Answer(Answer::Last(self.character.identity.clone())));
            }
            Common::NextError => {
                let entry = self.status.next_error();
                let plus = if self.character.has_plus && entry.code >= 0 { "+" } else { "" };
                return Reply::text(format!("{plus}{entry}"));
            }
            Common::ErrorCount => {
                return Reply::text(format!("{}{}", self.plus(), self.status.errors()));
            }
            Common::Version => return Reply::text(self.character.version),
            _ => return Ok(Reply::Done),
        };
        Reply::text(format!("{}{value}", self.plus()))
    }

    fn register_of_scpi(
        &mut self,
        which: Which,
        item: Item,
        query: bool,
        parameters: &[Parameter],
    ) -> Outcome {
        let plus = self.plus();
        let register: &mut Register = match which {
            Which::Operation => &mut self.status.operation,
            Which::Questionable => &mut self.status.questionable,
        };
        let setting = match item {
            Item::Events => return number(plus, register.take_events(), parameters),
            Item::Condition => return number(plus, register.condition(), parameters),
            Item::Enable => &mut register.enable,
            Item::Rising => &mut register.rising,
            Item::Falling => &mut register.falling,
        };
        if query {
            return number(plus, *setting, parameters);
        }
        let wanted = count(one(parameters)?, &WIDE_MASK)?;
        *setting = u16::try_from(wanted & 0x7FFF).unwrap_or(0x7FFF);
        Ok(Reply::Done)
    }

    /// `*SAV`: what it has been set to since its last reset.
    fn save(&mut self, place: usize) -> Outcome {
        if let Some(saved) = self.saved.get_mut(place) {
            saved.clone_from(&self.learned);
        }
        Ok(Reply::Done)
    }

    /// `*RCL`: a reset, and then everything that was saved, in its order.
    fn recall(&mut self, place: usize) -> Outcome {
        let saved = self.saved.get(place).cloned().unwrap_or_default();
        self.reset();
        let message = saved.message();
        for unit in units(&message).flatten() {
            let mut path = HeaderPath::default();
            let found = Place::find(self.model.tree(), &unit.header, &mut path);
            let (place, suffixes) = found.map_err(LookupError::code)?;
            let call = Call {
                command: place.command,
                query: false,
                suffixes: &suffixes,
                parameters: &unit.parameters,
            };
            self.model.execute(&call)?;
        }
        self.learned = saved;
        Ok(Reply::Done)
    }

    /// `*RST`: neither the status registers nor the masks nor what was saved (clause 10.32).
    fn reset(&mut self) {
        self.model.reset();
        self.learned.clear();
        self.completion_wanted = false;
    }

    fn plus(&self) -> &'static str {
        if self.character.has_plus { "+" } else { "" }
    }

    /// Waits until no operation is going on that `*OPC` waits for.
    async fn idle(&mut self) {
        while self.model.is_busy() {
            let Some(due) = self.model.work() else { break };
            sleep_until(due).await;
        }
        self.note_completion();
    }

    pub(super) fn note_completion(&mut self) {
        if self.completion_wanted && !self.model.is_busy() {
            self.completion_wanted = false;
            self.status.complete_operation();
        }
    }
}

fn number(plus: &str, value: u16, parameters: &[Parameter]) -> Outcome {
    none(parameters)?;
    Reply::text(format!("{plus}{value}"))
}

fn mask(parameter: &Parameter) -> Result<u8, Refusal> {
    Ok(u8::try_from(count(parameter, &MASK)?).unwrap_or(u8::MAX))
}

fn place(parameters: &[Parameter]) -> Result<usize, Refusal> {
    let place = count(one(parameters)?, &PLACE)?;
    Ok(usize::try_from(place).unwrap_or(PLACES))
}
