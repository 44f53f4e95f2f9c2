//! A bench on real ports.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bench_catalog::Calibration;
use tokio::net::TcpSocket;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use crate::assembly::{Assembled, assemble};
use crate::controls::Controls;
use crate::error::SimError;
use crate::served::{self, Door, Served};
use crate::spec::{BenchSpec, InstrumentSpec};

/// A bench that is being served. Dropped, it stops.
#[derive(Debug)]
pub struct SimBench {
    instruments: Vec<SimInstrument>,
    controls: Controls,
    tasks: JoinSet<()>,
}

/// One instrument of a served bench.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimInstrument {
    /// Its name in the bench.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// When it was calibrated, where the bench says it.
    pub calibration: Option<Calibration>,
    /// Its serial number, as the bench says it.
    pub serial: String,
}

/// Serves every instrument of a bench on a port of 127.0.0.1. Connections are taken as soon as this returns.
///
/// # Errors
/// A port cannot be had, or a fault that the bench describes makes no sense.
pub async fn serve(spec: BenchSpec) -> Result<SimBench, SimError> {
    let (circuit, assembled) = assemble(&spec);
    let (mut instruments, mut all, mut sockets) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (instrument, assembled) in spec.instruments.iter().zip(assembled) {
        let (socket, address) = bind(instrument)?;
        let served = Arc::new(served(instrument, assembled, address));
        instruments.push(SimInstrument {
            name: instrument.name.clone(),
            address,
            calibration: instrument.calibration.clone(),
            serial: instrument.serial.clone(),
        });
        sockets.push((Arc::clone(&served), socket));
        all.insert(instrument.name.clone(), served);
    }
    let controls = Controls { circuit, served: Arc::new(all) };
    for (instrument, fault) in &spec.faults {
        controls.inject(instrument, fault)?;
    }
    let mut tasks = JoinSet::new();
    for ((served, socket), instrument) in sockets.into_iter().zip(&spec.instruments) {
        let door = Door::new(socket, *served.refused.borrow());
        let door = door.map_err(|source| no_port(instrument, source))?;
        tasks.spawn(served::serve(served, door));
    }
    Ok(SimBench { instruments, controls, tasks })
}

fn bind(instrument: &InstrumentSpec) -> Result<(TcpSocket, SocketAddr), SimError> {
    let bound = served::bind(instrument.port)
        .and_then(|socket| socket.local_addr().map(|address| (socket, address)));
    bound.map_err(|source| no_port(instrument, source))
}

fn no_port(instrument: &InstrumentSpec, source: io::Error) -> SimError {
    SimError::Bind { instrument: instrument.name.clone(), port: instrument.port, source }
}

fn served(instrument: &InstrumentSpec, assembled: Assembled, address: SocketAddr) -> Served {
    Served {
        model: instrument.model,
        address,
        device: Mutex::new(assembled.device),
        faults: assembled.faults,
        outputs: assembled.outputs,
        messages: watch::Sender::new(0),
        refused: watch::Sender::new(false),
        has_worker: AtomicBool::new(false),
    }
}

impl SimBench {
    /// Its instruments, in the order of the alphabet.
    #[must_use]
    pub fn instruments(&self) -> Vec<SimInstrument> {
        self.instruments.clone()
    }

    /// Hands on the bench while it runs.
    #[must_use]
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Ends every connection and gives the ports back.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
