//! A bench on real ports.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8};

use bench_catalog::Calibration;
use scpi_protocol::address::{Address, DEFAULT_BAUD, VXI11_DEVICE};
use tokio::net::TcpSocket;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

use crate::assembly::{Assembled, assemble};
use crate::controls::Controls;
use crate::error::SimError;
use crate::pace::Pace;
use crate::served::serial::{self, Pty};
use crate::served::{self, Door, Locks, MAX_CLIENTS, Served, ServedPort};
use crate::spec::{BenchSpec, InstrumentSpec, Transport};

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
    /// Where it listens, by the first of its transports that has a port; port 0 where none has.
    pub address: SocketAddr,
    /// Where it is, by each of its transports.
    pub addresses: Vec<Address>,
    /// When it was calibrated, where the bench says it.
    pub calibration: Option<Calibration>,
    /// Its serial number, as the bench says it.
    pub serial: String,
}

/// Serves every instrument of a bench on ports of 127.0.0.1, one for each of its transports. Connections are taken as soon as this returns.
///
/// # Errors
/// A port cannot be had, or a fault that the bench describes makes no sense.
pub async fn serve(spec: BenchSpec) -> Result<SimBench, SimError> {
    let (circuit, assembled) = assemble(&spec);
    let (mut instruments, mut all, mut sockets) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (instrument, assembled) in spec.instruments.iter().zip(assembled) {
        let mut served = served(instrument, assembled, spec.pace);
        let ends = ends(&spec, instrument)?;
        let control = ends.iter().find_map(End::control_port);
        served.device.get_mut().control_port = control;
        let served = Arc::new(served);
        instruments.push(described(instrument, &ends));
        sockets.extend(ends.into_iter().map(|end| (Arc::clone(&served), end, instrument)));
        all.insert(instrument.name.clone(), served);
    }
    let controls = Controls { circuit, served: Arc::new(all) };
    for (instrument, fault) in &spec.faults {
        controls.inject(instrument, fault)?;
    }
    let mut tasks = JoinSet::new();
    for (served, end, instrument) in sockets {
        match end {
            End::Serial(pty) => drop(tasks.spawn(serial::serve(served, pty))),
            End::Port(port, socket) => {
                let door = Door::new(socket, *served.refused.borrow());
                let door =
                    door.map_err(|source| no_port(&spec, instrument, port.address.port(), source))?;
                tasks.spawn(served::serve(served, port, door));
            }
        }
    }
    Ok(SimBench { instruments, controls, tasks })
}

/// Where an instrument can be reached.
enum End {
    Port(ServedPort, TcpSocket),
    Serial(Pty),
}

impl End {
    /// Where a client finds it.
    fn address(&self) -> Address {
        match self {
            Self::Port(port, _) => address(*port),
            Self::Serial(pty) => Address::Serial { port: pty.path.clone(), baud: DEFAULT_BAUD },
        }
    }

    fn control_port(&self) -> Option<u16> {
        match self {
            Self::Port(port, _) if port.transport == Transport::Control => {
                Some(port.address.port())
            }
            _ => None,
        }
    }

    fn socket_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Port(port, _) => Some(port.address),
            Self::Serial(_) => None,
        }
    }
}

/// Everything that an instrument is reached at, in the order of the bench file.
fn ends(spec: &BenchSpec, instrument: &InstrumentSpec) -> Result<Vec<End>, SimError> {
    let end = |(transport, wanted): &(Transport, u16)| match transport {
        Transport::Serial => Pty::open()
            .map(End::Serial)
            .map_err(|source| SimError::Serial { instrument: instrument.name.clone(), source }),
        transport => {
            let (socket, port) = bind(spec, instrument, *transport, *wanted)?;
            Ok(End::Port(port, socket))
        }
    };
    instrument.transports.iter().map(end).collect()
}

fn described(instrument: &InstrumentSpec, ends: &[End]) -> SimInstrument {
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let is_told = |end: &&End| end.control_port().is_none();
    SimInstrument {
        name: instrument.name.clone(),
        address: ends.iter().find_map(End::socket_address).unwrap_or(nowhere),
        addresses: ends.iter().filter(is_told).map(End::address).collect(),
        calibration: instrument.calibration.clone(),
        serial: instrument.serial.clone(),
    }
}

/// Where a client finds a port.
fn address(port: ServedPort) -> Address {
    let (host, number) = (port.address.ip().to_string(), port.address.port());
    match port.transport {
        Transport::Tcp | Transport::Telnet | Transport::Control | Transport::Serial => {
            Address::Tcp { host, port: number }
        }
        Transport::Hislip => Address::Hislip { host, port: number, device: "hislip0".to_owned() },
        Transport::Vxi11 => {
            Address::Vxi11 { host, port: Some(number), device: VXI11_DEVICE.to_owned() }
        }
    }
}

fn bind(
    spec: &BenchSpec,
    instrument: &InstrumentSpec,
    transport: Transport,
    wanted: u16,
) -> Result<(TcpSocket, ServedPort), SimError> {
    let bound = served::bind(wanted)
        .and_then(|socket| socket.local_addr().map(|address| (socket, address)));
    let (socket, address) = bound.map_err(|source| no_port(spec, instrument, wanted, source))?;
    Ok((socket, ServedPort { transport, address }))
}

fn no_port(
    spec: &BenchSpec,
    instrument: &InstrumentSpec,
    port: u16,
    source: io::Error,
) -> SimError {
    let (place, instrument) = (spec.place_of(port), instrument.name.clone());
    SimError::Bind { place, instrument, port, source }
}

fn served(instrument: &InstrumentSpec, assembled: Assembled, pace: Pace) -> Served {
    Served {
        model: instrument.model,
        device: Mutex::new(assembled.device),
        faults: assembled.faults,
        quirks: assembled.quirks,
        pace,
        most_clients: instrument.clients.map_or(MAX_CLIENTS, usize::from),
        clears: watch::Sender::new(0),
        undelivered: std::sync::Mutex::default(),
        outputs: assembled.outputs,
        messages: watch::Sender::new(0),
        refused: watch::Sender::new(false),
        has_worker: AtomicBool::new(false),
        last_status: AtomicU8::new(0),
        service_requests: watch::Sender::new(0),
        locks: Locks::default(),
        login: instrument.login.clone(),
    }
}

impl SimInstrument {
    /// Where it is, by the first of its transports.
    #[must_use]
    pub fn reached_at(&self) -> Address {
        let (host, port) = (self.address.ip().to_string(), self.address.port());
        self.addresses.first().cloned().unwrap_or(Address::Tcp { host, port })
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
