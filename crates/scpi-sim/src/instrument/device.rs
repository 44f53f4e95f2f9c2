//! One instrument: messages in, answers out, as IEEE 488.2 clause 6 has it.
//!
//! A message is executed unit by unit. A unit that is not understood (-1xx) ends the message, one that cannot
//! be done (-2xx) only itself; answers that were given before still go out. What is not understood is not
//! answered (quirk Q23). On a raw socket nobody knows when an answer is read: answers queue, and -410 and -420
//! never arise.

use std::sync::Arc;
use std::time::Duration;

use scpi_protocol::error_queue::{ErrorClass, ErrorEntry};
use scpi_protocol::program::{
    CommandTree, Header, HeaderPath, LookupError, Parameter, ProgramUnit, units,
};
use tokio::time::{Instant, sleep, sleep_until};

use super::common::{COMMON, Common};
use super::status::Status;
use super::{Answer, Call, Model, Outcome, Refusal, Reply};
use crate::faults::{FaultAction, Faults};
use crate::settings::{Bounds, count, none, one};

/// -440, "Query UNTERMINATED after indefinite response".
const UNTERMINATED_AFTER_INDEFINITE: i32 = -440;

/// What a fault answers that garbles.
const GARBAGE: &[u8] = b"\x7f~@\x12\xfe%^&\x00\x81]";

/// `*ESE` and `*SRE`.
const MASK: Bounds = Bounds::new("", 0.0, 255.0, 0.0);

/// How one make of instrument speaks.
#[derive(Clone, Debug)]
pub(crate) struct Character {
    /// What it answers to `*IDN?`.
    pub(crate) identity: String,
    /// Whether numbers of registers have a plus sign.
    pub(crate) has_plus: bool,
    /// `SYST:VERS?`.
    pub(crate) version: &'static str,
    /// Its number for an overload.
    pub(crate) overload: &'static str,
    /// Whether a header goes on from where the one before it was (SCPI-99 volume 1 clause 6.2.4).
    pub(crate) walks: bool,
}

/// A command by its place among all that an instrument has, and whether it asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    of_model: bool,
    command: usize,
    query: bool,
}

impl Place {
    /// The place of a header among the common commands, else among a model's; and its numeric suffixes.
    pub(crate) fn find(
        model: &CommandTree<usize>,
        header: &Header,
        path: &mut HeaderPath,
    ) -> Result<(Self, Vec<u32>), LookupError> {
        let query = header.query;
        let before = path.clone();
        if let Ok(found) = COMMON.tree().find(header, path) {
            let place = Self { of_model: false, command: *found.command, query };
            return Ok((place, found.suffixes));
        }
        *path = before;
        let found = model.find(header, path)?;
        Ok((Self { of_model: true, command: *found.command, query }, found.suffixes))
    }

    #[cfg(test)]
    pub(crate) fn of_model(command: usize, query: bool) -> Self {
        Self { of_model: true, command, query }
    }
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Next {
    /// It goes on.
    #[default]
    GoOn,
    /// It ends at once.
    Close,
}

/// The answers to a message, as they go out in one write.
#[derive(Debug, Default)]
struct Output {
    bytes: Vec<u8>,
    answers: usize,
    /// Nothing can follow.
    is_over: bool,
    is_cut: bool,
}

/// One instrument.
pub(crate) struct Device {
    character: Character,
    status: Status,
    model: Box<dyn Model>,
    faults: Arc<Faults>,
    /// `*OPC` waits for its bit.
    completion_wanted: bool,
}

impl Device {
    pub(crate) fn new(character: Character, model: Box<dyn Model>, faults: Arc<Faults>) -> Self {
        Self { character, status: Status::default(), model, faults, completion_wanted: false }
    }

    /// Executes a message; what goes out, and what becomes of the connection.
    pub(crate) async fn message(&mut self, message: &[u8]) -> (Vec<u8>, Next) {
        let mut output = Output::default();
        let mut path = HeaderPath::default();
        for unit in units(message) {
            let done = match unit {
                Ok(unit) => self.unit(&unit, &mut path, &mut output).await,
                Err(fault) => Err(fault.code().into()),
            };
            match done {
                Ok(Next::Close) => return (Vec::new(), Next::Close),
                Ok(Next::GoOn) => {}
                Err(Refusal(entry)) => {
                    let is_over = entry.class() == ErrorClass::Command;
                    self.status.report(entry);
                    if is_over {
                        break;
                    }
                }
            }
        }
        (output.finish(), Next::GoOn)
    }

    /// Notes an error that is none of a message.
    pub(crate) fn report(&mut self, code: i32) {
        self.status.report(ErrorEntry::standard(code));
    }

    /// The status byte; `answer_waits` is MAV.
    pub(crate) fn status_byte(&self, answer_waits: bool) -> u8 {
        self.status.byte(answer_waits)
    }

    /// Does what is due without being asked, and says when there will be more.
    pub(crate) fn work(&mut self) -> Option<Instant> {
        let due = self.model.work();
        self.note_completion();
        due
    }

    async fn unit(
        &mut self,
        unit: &ProgramUnit,
        path: &mut HeaderPath,
        output: &mut Output,
    ) -> Result<Next, Refusal> {
        if !self.character.walks {
            *path = HeaderPath::default();
        }
        let found = Place::find(self.model.tree(), &unit.header, path);
        let (place, suffixes) = found.map_err(LookupError::code)?;
        let fault = self.faults.strike(place);
        match fault {
            Some(FaultAction::Close | FaultAction::Refuse) => return Ok(Next::Close),
            Some(FaultAction::Error(code)) => return Err(code.into()),
            _ => {}
        }
        if output.is_over && place.query {
            return Err(UNTERMINATED_AFTER_INDEFINITE.into());
        }
        self.work();
        let answer = self.execute(place, &suffixes, &unit.parameters, output.answers > 0).await?;
        if let Some(FaultAction::Late(delay)) = fault {
            sleep(delay).await;
        }
        if let Some(answer) = answer {
            output.push(answer, fault, self.character.overload);
        }
        Ok(Next::GoOn)
    }

    async fn execute(
        &mut self,
        place: Place,
        suffixes: &[u32],
        parameters: &[Parameter],
        answer_waits: bool,
    ) -> Result<Option<Answer>, Refusal> {
        let Place { of_model, command, query } = place;
        let mut reply = if of_model {
            self.model.execute(&Call { command, query, suffixes, parameters })?
        } else {
            self.common(command, query, parameters, answer_waits).await?
        };
        loop {
            match reply {
                Reply::Done => return Ok(None),
                Reply::Answer(answer) => return Ok(Some(answer)),
                Reply::After(time) => {
                    if time > Duration::ZERO {
                        sleep(time).await;
                    }
                    reply = self.model.resume()?;
                }
            }
        }
    }

    async fn common(
        &mut self,
        command: usize,
        query: bool,
        parameters: &[Parameter],
        answer_waits: bool,
    ) -> Outcome {
        match (COMMON.get(command), query) {
            (Some(Common::OperationComplete), true) => {
                none(parameters)?;
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
            Common::ClearStatus => self.status.clear(),
            Common::Reset => {
                self.model.reset();
                self.completion_wanted = false;
            }
            Common::OperationComplete => {
                self.completion_wanted = true;
                self.note_completion();
            }
            Common::Trigger => return self.model.trigger(),
            Common::Wait | Common::Ignored => {}
            Common::Events => return self.register(self.status.clone().take_events(), true),
            Common::EventMask => return self.register(self.status.event_mask, false),
            Common::ServiceMask => return self.register(self.status.service_mask, false),
            Common::StatusByte => return self.register(self.status.byte(answer_waits), false),
            Common::SelfTest => return self.register(0, false),
            Common::Options => return Reply::text("0"),
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
        }
        Ok(Reply::Done)
    }

    /// The answer of a register, which may be cleared by reading it.
    fn register(&mut self, value: u8, clears_events: bool) -> Outcome {
        if clears_events {
            self.status.take_events();
        }
        Reply::text(format!("{}{value}", self.plus()))
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

    fn note_completion(&mut self) {
        if self.completion_wanted && !self.model.is_busy() {
            self.completion_wanted = false;
            self.status.complete_operation();
        }
    }
}

fn mask(parameter: &Parameter) -> Result<u8, Refusal> {
    Ok(u8::try_from(count(parameter, &MASK)?).unwrap_or(u8::MAX))
}

impl Output {
    fn push(&mut self, answer: Answer, fault: Option<FaultAction>, overload: &str) {
        self.is_over |= matches!(answer, Answer::Last(_));
        let bytes = match (answer, fault) {
            (_, Some(FaultAction::Silent)) => return,
            (_, Some(FaultAction::Garbage)) => GARBAGE.to_vec(),
            (_, Some(FaultAction::Overload)) => overload.as_bytes().to_vec(),
            (Answer::Text(text) | Answer::Last(text), _) => text.into_bytes(),
            (Answer::Bytes(bytes), _) => bytes,
        };
        if self.is_cut {
            return;
        }
        if self.answers > 0 {
            self.bytes.push(b';');
        }
        self.answers += 1;
        self.is_cut = fault == Some(FaultAction::Cut);
        let kept = if self.is_cut { bytes.len() / 2 } else { bytes.len() };
        self.bytes.extend(bytes.iter().take(kept));
    }

    fn finish(mut self) -> Vec<u8> {
        if self.answers > 0 && !self.is_cut {
            self.bytes.push(b'\n');
        }
        self.bytes
    }
}
