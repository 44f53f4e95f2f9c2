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
use tokio::time::{Instant, sleep};

use super::common::COMMON;
use super::learned::{Learned, PLACES};
use super::output::{Answered, Next, Output, Sent};
use super::status::{ERROR_QUEUE_ENTRIES, Status};
use super::{Answer, Call, Model, Refusal, Reply};
use crate::faults::{FaultAction, Faults};
use crate::pace::Pace;
use crate::quirks::{Asked, Quirks};

/// -440, "Query UNTERMINATED after indefinite response".
const UNTERMINATED_AFTER_INDEFINITE: i32 = -440;

/// -300, "Device-specific error": what a storm of errors is of.
const DEVICE_ERROR: i32 = -300;

/// -222 and -224: what quirk Q26 takes without a word.
const COERCED: [i32; 2] = [-222, -224];

/// How long the first answer takes with quirk Q15.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// How long an unknown query keeps it busy with quirk Q23.
const UNKNOWN_QUERY: Duration = Duration::from_secs(2);

/// Two messages closer than this are one too many with quirk Q16.
const TOO_FAST: Duration = Duration::from_millis(10);

/// The longest node of a header that is still answered with quirk Q24.
const SHORT_NODE: usize = 4;

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
    /// How fast its time goes.
    pub(crate) pace: Pace,
}

/// A command by its place among all that an instrument has, and whether it asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    of_model: bool,
    pub(super) command: usize,
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

/// One instrument.
pub(crate) struct Device {
    pub(super) character: Character,
    pub(super) status: Status,
    pub(super) model: Box<dyn Model>,
    faults: Arc<Faults>,
    pub(super) quirks: Arc<Quirks>,
    /// `*OPC` waits for its bit.
    pub(super) completion_wanted: bool,
    /// `*PSC`.
    pub(super) clears_on_power: bool,
    pub(super) learned: Learned,
    pub(super) saved: [Learned; PLACES],
    answered: Answered,
    last_message: Option<Instant>,
    /// Of its raw sockets.
    pub(crate) control_port: Option<u16>,
}

impl Device {
    pub(crate) fn new(
        character: Character,
        model: Box<dyn Model>,
        faults: Arc<Faults>,
        quirks: Arc<Quirks>,
    ) -> Self {
        Self {
            character,
            status: Status::default(),
            model,
            faults,
            quirks,
            completion_wanted: false,
            clears_on_power: true,
            learned: Learned::default(),
            saved: Default::default(),
            answered: Answered::default(),
            last_message: None,
            control_port: None,
        }
    }

    /// Executes a message; what goes out, and what becomes of the connection.
    pub(crate) async fn message(&mut self, message: &[u8]) -> Sent {
        let mut output = Output::default();
        let mut path = HeaderPath::default();
        if self.comes_too_fast(message) {
            return Sent::default();
        }
        for unit in units(message) {
            let done = match unit {
                Ok(unit) => self.unit(&unit, &mut path, &mut output, message).await,
                Err(fault) => Err(fault.code().into()),
            };
            match done {
                Ok(Next::GoOn) => {}
                Ok(next) => return self.cut_off(next),
                Err(Refusal(entry)) => {
                    if self.refused(entry) {
                        break;
                    }
                }
            }
        }
        self.delay_first(&output).await;
        self.unasked(message, &mut output);
        output.finish(&self.quirks)
    }

    /// Notes an error; whether it ends the message.
    fn refused(&mut self, entry: ErrorEntry) -> bool {
        let is_over = entry.class() == ErrorClass::Command;
        if !(self.quirks.has(26) && COERCED.contains(&entry.code)) {
            self.status.report(entry);
        }
        is_over
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
        let (operation, questionable) = self.model.conditions();
        self.status.operation.note(operation);
        self.status.questionable.note(questionable);
        due
    }

    async fn unit(
        &mut self,
        unit: &ProgramUnit,
        path: &mut HeaderPath,
        output: &mut Output,
        message: &[u8],
    ) -> Result<Next, Refusal> {
        if !self.character.walks {
            *path = HeaderPath::default();
        }
        let whole = path.clone().resolve(&unit.header);
        let found = Place::find(self.model.tree(), &unit.header, path);
        let (place, suffixes) = match found {
            Ok(found) => found,
            Err(error) => return self.unknown(unit, error).await,
        };
        let fault = self.faults.strike(place);
        if let Some(next) = fault.and_then(next_of) {
            return Ok(next);
        }
        match fault {
            Some(FaultAction::Error(code)) => return Err(code.into()),
            Some(FaultAction::ErrorStorm) => {
                (0..=ERROR_QUEUE_ENTRIES).for_each(|_| self.report(DEVICE_ERROR));
            }
            Some(fault) => output.struck(fault, message),
            None => {}
        }
        if output.is_over && place.query {
            return Err(UNTERMINATED_AFTER_INDEFINITE.into());
        }
        if let Some(next) = self.quirk_of_command(unit, place, &whole) {
            return next;
        }
        self.work();
        let answer = self.execute(place, &suffixes, &unit.parameters, output.answers > 0).await?;
        if place.of_model && !place.query && !unit.parameters.is_empty() {
            self.learned.note(place, &suffixes, &whole, unit);
        }
        if let Some(FaultAction::Late(delay)) = fault {
            sleep(delay).await;
        }
        if let Some(answer) = answer {
            let asked = Asked::new(&unit.header, &whole, &self.quirks, self.answered.count);
            let overload = self.character.overload;
            output.push(answer, fault, overload, &asked, &mut self.answered, &self.quirks);
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

    /// Quirk Q23: what it does not know keeps it busy.
    async fn unknown(&mut self, unit: &ProgramUnit, error: LookupError) -> Result<Next, Refusal> {
        if self.quirks.has(23) && unit.header.query {
            sleep(self.character.pace.cost(UNKNOWN_QUERY)).await;
        }
        Err(error.code().into())
    }

    /// What quirks do in the place of a command.
    fn quirk_of_command(
        &mut self,
        unit: &ProgramUnit,
        place: Place,
        path: &[String],
    ) -> Option<Result<Next, Refusal>> {
        if self.quirks.is_empty() {
            return None;
        }
        let is_reset =
            unit.header.common && path.first().is_some_and(|name| name.eq_ignore_ascii_case("RST"));
        if self.quirks.has(20) && is_reset {
            // Q20: it resets its network too.
            self.model.reset();
            return Some(Ok(Next::Close));
        }
        // Q24: long forms are not answered.
        let letters = |node: &String| node.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let is_long = path.iter().any(|node| letters(node) > SHORT_NODE);
        (self.quirks.has(24) && place.query && is_long).then_some(Ok(Next::GoOn))
    }

    /// Quirk Q16: what comes too soon after the message before it is taken and forgotten.
    fn comes_too_fast(&mut self, message: &[u8]) -> bool {
        if !self.quirks.has(16) {
            return false;
        }
        let now = Instant::now();
        let before = self.last_message.replace(now);
        let is_query = message.contains(&b'?');
        !is_query && before.is_some_and(|before| now.duration_since(before) < TOO_FAST)
    }

    /// Quirk Q15: the first answer of all takes its time.
    async fn delay_first(&mut self, output: &Output) {
        if self.quirks.has(15) && output.answers > 0 && self.answered.count <= 1 {
            sleep(self.character.pace.cost(FIRST_ANSWER)).await;
        }
    }

    /// Quirk Q39: something is said that nobody asked for.
    fn unasked(&mut self, message: &[u8], output: &mut Output) {
        if self.quirks.has(39) && output.answers == 0 && !message.contains(&b'?') {
            let header =
                Header { common: false, absolute: true, query: false, mnemonics: Vec::new() };
            let asked = Asked::new(&header, &[], &self.quirks, 0);
            let answer = Answer::Text("0".to_owned());
            output.push(answer, None, "", &asked, &mut self.answered, &self.quirks);
        }
    }

    /// The end of a connection; who crashes forgets everything.
    fn cut_off(&mut self, next: Next) -> Sent {
        if matches!(next, Next::Crash(_)) {
            self.model.reset();
            self.status = Status::default();
            self.learned.clear();
            self.completion_wanted = false;
        }
        Sent::nothing(next)
    }
}

/// What a fault does to a connection, in the place of anything else.
fn next_of(fault: FaultAction) -> Option<Next> {
    Some(match fault {
        FaultAction::Close | FaultAction::Refuse => Next::Close,
        FaultAction::Reset => Next::Reset,
        FaultAction::HalfOpen => Next::HalfOpen,
        FaultAction::Deaf => Next::Deaf,
        FaultAction::Crash(time) => Next::Crash(time),
        _ => return None,
    })
}
