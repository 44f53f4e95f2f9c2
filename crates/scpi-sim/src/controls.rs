//! Hands on the bench while it runs: for tests, and for whoever teaches.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use scpi_protocol::program::HeaderPath;
use tokio::sync::watch;

use crate::assembly::header_of;
use crate::circuit::Circuit;
use crate::faults::{Fault, FaultAction, MAX_FAULTS};
use crate::instrument::Place;
use crate::served::Served;
use crate::spec::ModelName;

/// Looks at a running bench and breaks it, everything by its name in the bench file.
#[derive(Clone, Debug)]
pub struct Controls {
    pub(crate) circuit: Arc<Circuit>,
    pub(crate) served: Arc<BTreeMap<String, Arc<Served>>>,
}

/// Something that a bench has not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// No such instrument.
    #[error("there is no instrument '{name}'; there are {known}")]
    NoInstrument {
        /// As asked for.
        name: String,
        /// Those that are there.
        known: String,
    },
    /// No such node.
    #[error("there is no node '{0}' in the circuit")]
    NoNode(String),
    /// No such channel, or none that can be switched.
    #[error("channel {channel} of '{instrument}' is no output or input that can be switched")]
    NoOutput {
        /// The instrument.
        instrument: String,
        /// The channel.
        channel: u32,
    },
    /// No such command.
    #[error("'{instrument}' has no command '{header}'")]
    NoCommand {
        /// The instrument.
        instrument: String,
        /// The header.
        header: String,
    },
    /// No such switch.
    #[error("there is no switch '{0}' in the circuit")]
    NoSwitch(String),
    /// Too many faults at a time.
    #[error("'{0}' holds {MAX_FAULTS} faults already")]
    TooManyFaults(String),
}

impl Controls {
    /// The voltage of a node now, in volts.
    ///
    /// # Errors
    /// There is no such node.
    pub fn voltage(&self, node: &str) -> Result<f64, ControlError> {
        let found = self.circuit.voltage(node).filter(|_| !node.is_empty());
        found.ok_or_else(|| ControlError::NoNode(node.to_owned()))
    }

    /// Lets so much time pass on the bench, without waiting for it.
    pub fn advance(&self, time: Duration) {
        self.circuit.spend(time);
    }

    /// Lets so much time pass as the bench file says that it passes, and says how much of it is to be waited for: all
    /// of it with `time = "real"`, nothing with `time = "fast"`.
    #[must_use]
    pub fn wait(&self, time: Duration) -> Duration {
        self.circuit.spend_where_fast(time);
        self.circuit.pace().cost(time)
    }

    /// Closes or opens a switch of the circuit.
    ///
    /// # Errors
    /// There is no such switch.
    pub fn switch(&self, name: &str, closed: bool) -> Result<(), ControlError> {
        let is_one = self.circuit.switch(name, closed);
        is_one.then_some(()).ok_or_else(|| ControlError::NoSwitch(name.to_owned()))
    }

    /// Whether a supply's output or a load's input is on.
    ///
    /// # Errors
    /// There is no such instrument, or its channel is neither.
    pub fn output_on(&self, instrument: &str, channel: u32) -> Result<bool, ControlError> {
        let port = self.served(instrument)?.outputs.get(&channel);
        port.and_then(|port| self.circuit.is_on(*port))
            .ok_or_else(|| ControlError::NoOutput { instrument: instrument.to_owned(), channel })
    }

    /// How many messages an instrument has executed; changes when one more is.
    ///
    /// # Errors
    /// There is no such instrument.
    pub fn messages(&self, instrument: &str) -> Result<watch::Receiver<u64>, ControlError> {
        Ok(self.served(instrument)?.messages.subscribe())
    }

    /// Lets something go wrong from now on; headers are counted from now.
    ///
    /// # Errors
    /// There is no such instrument or command, or there are too many faults.
    pub fn inject(&self, instrument: &str, fault: &Fault) -> Result<(), ControlError> {
        let served = self.served(instrument)?;
        if fault.action == FaultAction::Refuse {
            served.refuse(true);
            return Ok(());
        }
        let place = match &fault.on {
            None => None,
            Some(header) => Some(place(served.model, header).ok_or_else(|| {
                let (instrument, header) = (instrument.to_owned(), header.clone());
                ControlError::NoCommand { instrument, header }
            })?),
        };
        let is_armed = served.faults.arm(place, fault.nth, fault.action);
        is_armed.then_some(()).ok_or_else(|| ControlError::TooManyFaults(instrument.to_owned()))
    }

    /// Switches a quirk of an instrument on or off, by its number from 1 to 39.
    ///
    /// # Errors
    /// There is no such instrument.
    pub fn quirk(&self, instrument: &str, number: u8, on: bool) -> Result<(), ControlError> {
        self.served(instrument)?.quirks.switch(number, on);
        Ok(())
    }

    /// Ends all faults of an instrument; a closed port opens again.
    ///
    /// # Errors
    /// There is no such instrument.
    pub fn clear_faults(&self, instrument: &str) -> Result<(), ControlError> {
        let served = self.served(instrument)?;
        served.faults.clear();
        served.refuse(false);
        Ok(())
    }

    fn served(&self, name: &str) -> Result<&Arc<Served>, ControlError> {
        self.served.get(name).ok_or_else(|| ControlError::NoInstrument {
            name: name.to_owned(),
            known: self.served.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }
}

fn place(model: ModelName, header: &str) -> Option<Place> {
    let header = header_of(header)?;
    Place::find(model.tree(), &header, &mut HeaderPath::default()).ok().map(|(place, _)| place)
}
